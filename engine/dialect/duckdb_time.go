package dialect

import (
	"fmt"
	"strings"

	"weir/engine/rel"
)

// duckTimes are the functions of dates and times whose operands differ in class; those that read one date are calls with a TIMESTAMP.
func duckTimes() map[rel.Op]Form {
	return map[rel.Op]Form{
		rel.OpDateAdd: {Print: duckDateAdd},
		rel.OpExtract: {Print: duckExtract},
		"datediff":    {Print: Template("(CAST($1 AS DATE) - CAST($2 AS DATE))")},
		"timediff": {Print: func(w *Writer, c *rel.Call) {
			a, b := c.Args[0], c.Args[1]
			ac, bc := a.Type().Class(), b.Type().Class()
			dated := func(c rel.Class) bool { return c == rel.ClassDate || c == rel.ClassDateTime }
			switch {
			case ac == rel.ClassTime && bc == rel.ClassTime:
				w.Format("weir_clamp_time($1 - $2)", a, b)
			case dated(ac) && dated(bc):
				w.Format("weir_clamp_time(epoch_us(CAST($1 AS TIMESTAMP)) - epoch_us(CAST($2 AS TIMESTAMP)))", a, b)
			default: // operands of different kinds
				w.Raw("CAST(NULL AS BIGINT)")
			}
		}},
		"addtime": {Print: duckAddTime("+")},
		"subtime": {Print: duckAddTime("-")},
		"maketime": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_maketime(")
			duckSaturated(w, c.Args[0])
			w.Raw(", ")
			duckSaturated(w, c.Args[1])
			w.Raw(", ")
			duckNumber(w, c.Args[2])
			w.Raw(")")
		}},
		"sec_to_time": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_sec_to_time(")
			duckNumber(w, c.Args[0])
			w.Raw(")")
		}},
		"from_unixtime": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_from_unixtime(")
			duckNumber(w, c.Args[0])
			w.Raw(")")
		}},
		"unix_timestamp": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("CAST(weir_unix_timestamp(")
			duckAs(w, c.Args[0], rel.DateTimeType)
			w.Raw(") AS ", duckType(c.T), ")")
		}},
		"str_to_date": {Print: func(w *Writer, c *rel.Call) {
			switch c.T.Class() {
			case rel.ClassTime:
				w.Format("weir_str_to_time($1, $2)", c.Args...)
			case rel.ClassDate:
				w.Format("CAST(weir_str_to_date($1, $2) AS DATE)", c.Args...)
			default:
				w.Format("weir_str_to_date($1, $2)", c.Args...)
			}
		}},
	}
}

// duckAddTime adds a time to a date and time, a time, or a text that holds either (which gives text).
func duckAddTime(op string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		sign := ""
		if op == "-" {
			sign = "- "
		}
		switch a := c.Args[0]; a.Type().Class() {
		case rel.ClassTime:
			w.Format("weir_clamp_time($1 "+op+" $2)", c.Args...)
		case rel.ClassDate, rel.ClassDateTime:
			w.Format("weir_add_micros(CAST($1 AS TIMESTAMP), "+sign+"$2)", c.Args...)
		default:
			w.Raw("weir_text_addtime(")
			duckToText(w, a)
			w.Format(", "+sign+"$1)", c.Args[1])
		}
	}
}

// duckDateAdd computes in Go: dates out of range are NULL, days beyond a month's end are cut, compound units are texts.
func duckDateAdd(w *Writer, c *rel.Call) {
	x, n := c.Args[0], c.Args[1]
	unit, ok := duckConstant[string](c.Args[2])
	if !ok {
		w.Fail(fmt.Errorf("an interval without a unit"))
		return
	}
	suffix, amount := "_text", func() { duckToText(w, n) }
	switch class := n.Type().Class(); {
	case class == rel.ClassInt:
		suffix, amount = "", func() { duckSaturated(w, n) }
	case class != rel.ClassText && unit != "SECOND" && !strings.Contains(unit, "_"): // a number of days or months is rounded
		suffix, amount = "", func() { duckToInt(w, n, rel.BigIntType) }
	}
	call := func(name, operand string) {
		w.Format("weir_"+name+suffix+"("+operand+", ", x)
		amount()
		w.Raw(", ", duckString(unit), ")")
	}
	switch {
	case c.T.Class() == rel.ClassTime:
		call("time_add", "$1")
	case c.T.Class() == rel.ClassDate:
		w.Raw("CAST(")
		call("date_add", "CAST($1 AS TIMESTAMP)")
		w.Raw(" AS DATE)")
	case x.Type().Class() == rel.ClassText && c.T.Class() == rel.ClassText:
		call("text_date_add", "$1")
	default:
		call("date_add", "CAST($1 AS TIMESTAMP)")
	}
}

func duckExtract(w *Writer, c *rel.Call) {
	unit, x := duckUnit(c.Args)
	class := x.Type().Class()
	if class == rel.ClassTime {
		w.Format("weir_extract_time("+duckString(unit)+", $1)", x)
		return
	}
	if class == rel.ClassDate || class == rel.ClassDateTime {
		switch unit {
		case "YEAR", "QUARTER", "MONTH", "DAY":
			w.Format("CAST("+map[string]string{"YEAR": "year", "QUARTER": "quarter", "MONTH": "month", "DAY": "day"}[unit]+"($1) AS BIGINT)", x)
			return
		case "HOUR", "MINUTE", "SECOND":
			w.Format("CAST("+map[string]string{"HOUR": "hour", "MINUTE": "minute", "SECOND": "second"}[unit]+"(CAST($1 AS TIMESTAMP)) AS BIGINT)", x)
			return
		}
	}
	w.Raw("weir_extract(", duckString(unit), ", ")
	duckAs(w, x, rel.DateTimeType)
	w.Raw(")")
}

// duckUnit tells the unit from the operand.
func duckUnit(args []rel.Expr) (unit string, x rel.Expr) {
	unit, _ = duckConstant[string](args[0])
	return unit, args[1]
}
