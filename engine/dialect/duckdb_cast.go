package dialect

import (
	"fmt"

	"weir/engine/rel"
)

// duckCast converts as MySQL's CAST and implicit conversions do in a SELECT: they never fail but for what has no place in 38
// digits. Text that is no number gives its numeric prefix or 0, text that is no date NULL; a number too large gives the nearest that fits.
func duckCast(w *Writer, c *rel.Call) {
	e := c.Args[0]
	from, to := e.Type(), c.T
	if from.Class() == rel.ClassNull {
		w.Raw("CAST(NULL AS ", duckType(to), ")")
		return
	}
	switch to.Class() {
	case rel.ClassBool:
		w.Format("CAST($1 AS BOOLEAN)", e)
	case rel.ClassInt:
		duckToInt(w, e, to)
	case rel.ClassDecimal:
		duckToDecimal(w, e, to)
	case rel.ClassDouble:
		duckToDouble(w, e, to)
	case rel.ClassDate:
		duckToDate(w, e)
	case rel.ClassTime:
		duckToTime(w, e, to.Scale)
	case rel.ClassDateTime:
		duckToDateTime(w, e, to.Scale)
	case rel.ClassText:
		duckToText(w, e)
	case rel.ClassBinary:
		switch from.Class() {
		case rel.ClassBinary:
			w.Expr(e)
		default:
			w.Raw("encode(")
			duckToText(w, e)
			w.Raw(")")
		}
	case rel.ClassJSON:
		switch from.Class() {
		case rel.ClassText:
			w.Format("weir_json($1)", e)
		default:
			duckJSONValue(w, e)
		}
	default:
		w.Fail(fmt.Errorf("a cast to %s has no form", to.Kind))
	}
}

// duckToInt casts to an integer type. Between BIGINT and BIGINT UNSIGNED the bits are kept, as in MySQL.
func duckToInt(w *Writer, e rel.Expr, to rel.Type) {
	from := e.Type()
	unsigned := to.Unsigned || to.Kind == rel.Bit
	name := "weir_%s_int"
	if unsigned {
		name = "weir_%s_uint"
	}
	wide, narrow := "BIGINT", duckType(to)
	if unsigned {
		wide = "UBIGINT"
	}
	open, end := "", ""
	if narrow != wide {
		open, end = "CAST(", " AS "+narrow+")"
	}
	w.Raw(open)
	switch from.Class() {
	case rel.ClassBool:
		w.Format("CAST($1 AS "+wide+")", e)
	case rel.ClassInt:
		fromUnsigned := from.Unsigned || from.Kind == rel.Bit
		_, constant := e.(*rel.Lit)
		switch {
		case fromUnsigned == unsigned || fromUnsigned && duckType(from) != "UBIGINT":
			w.Format("CAST($1 AS "+wide+")", e)
		case constant || !duckNested(e):
			if unsigned {
				w.Format("CASE WHEN $1 < 0 THEN CAST(CAST($1 AS HUGEINT) + 18446744073709551616 AS UBIGINT) ELSE CAST($1 AS UBIGINT) END", e)
			} else {
				w.Format("CASE WHEN $1 > 9223372036854775807 THEN CAST(CAST($1 AS HUGEINT) - 18446744073709551616 AS BIGINT) ELSE CAST($1 AS BIGINT) END", e)
			}
		case unsigned:
			w.Format("weir_int_uint(CAST($1 AS BIGINT))", e)
		default:
			w.Format("weir_uint_int(CAST($1 AS UBIGINT))", e)
		}
	case rel.ClassDecimal:
		w.Format(fmt.Sprintf(name, "decimal")+"($1)", e)
	case rel.ClassDouble:
		w.Format(fmt.Sprintf(name, "double")+"(CAST($1 AS DOUBLE))", e)
	case rel.ClassText:
		w.Format(fmt.Sprintf(name, "text")+"($1)", e)
	case rel.ClassBinary:
		w.Raw(fmt.Sprintf(name, "text"), "(")
		duckToText(w, e)
		w.Raw(")")
	case rel.ClassJSON:
		w.Format(fmt.Sprintf(name, "json")+"($1)", e)
	case rel.ClassDate:
		w.Format("CAST((year($1) * 10000 + month($1) * 100 + day($1)) AS "+wide+")", e)
	case rel.ClassTime:
		w.Format("CAST(weir_time_number($1) AS "+wide+")", e)
	case rel.ClassDateTime:
		w.Format("CAST(weir_datetime_number($1) AS "+wide+")", e)
	default:
		w.Fail(fmt.Errorf("a cast of %s to %s has no form", from.Kind, to.Kind))
	}
	w.Raw(end)
}

// duckToDecimal casts to a decimal; a value with too many digits before the point gives the type's largest.
func duckToDecimal(w *Writer, e rel.Expr, to rel.Type) {
	from := e.Type()
	digits, frac := duckDigits(to)
	whole := digits - frac
	clamp := func(write func()) {
		if digits == rel.MaxDecimalDigits {
			w.Raw("CAST(")
			write()
			w.Raw(" AS ", duckType(to), ")")
			return
		}
		w.Raw(fmt.Sprintf("CAST(weir_clamp_%d(", frac))
		write()
		w.Raw(fmt.Sprintf(", %d) AS %s)", digits, duckType(to)))
	}
	switch from.Class() {
	case rel.ClassBool:
		w.Format("CAST(CAST($1 AS TINYINT) AS "+duckType(to)+")", e)
	case rel.ClassInt:
		if whole >= duckIntDigits(from) {
			w.Format("CAST($1 AS "+duckType(to)+")", e)
			return
		}
		clamp(func() { w.Format("$1", e) })
	case rel.ClassDecimal:
		fd, ff := duckDigits(from)
		room := fd - ff
		if ff > frac {
			room++ // rounding may carry
		}
		if whole >= room || digits == rel.MaxDecimalDigits {
			w.Format("CAST($1 AS "+duckType(to)+")", e)
			return
		}
		clamp(func() { w.Format("$1", e) })
	case rel.ClassDouble:
		clamp(func() { w.Format(fmt.Sprintf("weir_double_decimal_%d(CAST($1 AS DOUBLE))", frac), e) })
	case rel.ClassText:
		clamp(func() { w.Format(fmt.Sprintf("weir_text_decimal_%d($1)", frac), e) })
	case rel.ClassBinary:
		clamp(func() {
			w.Raw(fmt.Sprintf("weir_text_decimal_%d(", frac))
			duckToText(w, e)
			w.Raw(")")
		})
	case rel.ClassJSON:
		clamp(func() { w.Format(fmt.Sprintf("weir_json_decimal_%d($1)", frac), e) })
	case rel.ClassDate:
		clamp(func() { w.Format("(year($1) * 10000 + month($1) * 100 + day($1))", e) })
	case rel.ClassTime:
		clamp(func() { w.Format("weir_time_decimal($1)", e) })
	case rel.ClassDateTime:
		clamp(func() { w.Format("weir_datetime_decimal($1)", e) })
	default:
		w.Fail(fmt.Errorf("a cast of %s to %s has no form", from.Kind, to.Kind))
	}
}

func duckIntDigits(t rel.Type) int {
	switch t.Kind {
	case rel.TinyInt:
		return 3
	case rel.SmallInt, rel.Year:
		return 5
	case rel.MediumInt, rel.Int:
		return 10
	}
	if t.Unsigned || t.Kind == rel.Bit {
		return 20
	}
	return 19
}

// exactInDouble is the number of digits that a double holds exactly; a decimal of no more of them divides correctly rounded.
const exactInDouble = 15

func duckToDouble(w *Writer, e rel.Expr, to rel.Type) {
	from := e.Type()
	open, end := "", ""
	if to.Kind == rel.Float {
		open, end = "CAST(", " AS FLOAT)"
	}
	w.Raw(open)
	switch from.Class() {
	case rel.ClassBool, rel.ClassInt, rel.ClassDouble:
		w.Format("CAST($1 AS DOUBLE)", e)
	case rel.ClassDecimal:
		if digits, _ := duckDigits(from); digits <= exactInDouble {
			w.Format("CAST($1 AS DOUBLE)", e)
		} else {
			w.Format("weir_decimal_double($1)", e)
		}
	case rel.ClassText:
		w.Format("weir_text_double($1)", e)
	case rel.ClassBinary:
		w.Raw("weir_text_double(")
		duckToText(w, e)
		w.Raw(")")
	case rel.ClassJSON:
		w.Format("weir_json_double($1)", e)
	case rel.ClassDate:
		w.Format("CAST((year($1) * 10000 + month($1) * 100 + day($1)) AS DOUBLE)", e)
	case rel.ClassTime:
		w.Format("weir_decimal_double(weir_time_decimal($1))", e)
	case rel.ClassDateTime:
		w.Format("weir_decimal_double(weir_datetime_decimal($1))", e)
	default:
		w.Fail(fmt.Errorf("a cast of %s to %s has no form", from.Kind, to.Kind))
	}
	w.Raw(end)
}

// duckNumber writes a number as one with a fixed count of digits, as the readers of dates and times take it.
func duckNumber(w *Writer, e rel.Expr) {
	switch e.Type().Class() {
	case rel.ClassDouble:
		w.Format("weir_double_decimal_6(CAST($1 AS DOUBLE))", e)
	case rel.ClassBool:
		w.Format("CAST($1 AS TINYINT)", e)
	default:
		w.Expr(e)
	}
}

func duckToDate(w *Writer, e rel.Expr) {
	switch e.Type().Class() {
	case rel.ClassDate:
		w.Expr(e)
	case rel.ClassDateTime:
		w.Format("CAST($1 AS DATE)", e)
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		w.Raw("weir_number_date(")
		duckNumber(w, e)
		w.Raw(")")
	case rel.ClassTime:
		w.Fail(fmt.Errorf("a cast of a time to a date depends on the day; write the date"))
	default:
		w.Raw("weir_text_date(")
		duckToText(w, e)
		w.Raw(")")
	}
}

func duckToDateTime(w *Writer, e rel.Expr, scale int) {
	switch e.Type().Class() {
	case rel.ClassDate:
		w.Format("CAST($1 AS TIMESTAMP)", e)
	case rel.ClassDateTime:
		if e.Type().Scale <= scale {
			w.Expr(e)
			return
		}
		w.Format(fmt.Sprintf("weir_round_datetime($1, %d)", scale), e)
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		w.Raw("weir_number_datetime(")
		duckNumber(w, e)
		w.Raw(fmt.Sprintf(", %d)", scale))
	case rel.ClassTime:
		w.Fail(fmt.Errorf("a cast of a time to a datetime depends on the day; write the date"))
	default:
		w.Raw("weir_text_datetime(")
		duckToText(w, e)
		w.Raw(fmt.Sprintf(", %d)", scale))
	}
}

func duckToTime(w *Writer, e rel.Expr, scale int) {
	switch e.Type().Class() {
	case rel.ClassDate:
		w.Format("CASE WHEN $1 IS NOT NULL THEN CAST(0 AS BIGINT) END", e)
	case rel.ClassDateTime:
		w.Format(fmt.Sprintf("weir_datetime_time($1, %d)", scale), e)
	case rel.ClassTime:
		if e.Type().Scale <= scale {
			w.Expr(e)
			return
		}
		w.Format(fmt.Sprintf("weir_round_time($1, %d)", scale), e)
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		w.Raw("weir_number_time(")
		duckNumber(w, e)
		w.Raw(fmt.Sprintf(", %d)", scale))
	default:
		w.Raw("weir_text_time(")
		duckToText(w, e)
		w.Raw(fmt.Sprintf(", %d)", scale))
	}
}

// duckToText writes any value as MySQL prints it.
func duckToText(w *Writer, e rel.Expr) {
	t := e.Type()
	switch t.Class() {
	case rel.ClassNull:
		w.Raw("CAST(NULL AS VARCHAR)")
	case rel.ClassText, rel.ClassJSON:
		w.Expr(e)
	case rel.ClassBool:
		w.Format("CAST(CAST($1 AS TINYINT) AS VARCHAR)", e)
	case rel.ClassInt:
		if t.Kind == rel.Year {
			w.Format("lpad(CAST($1 AS VARCHAR), 4, '0')", e)
			return
		}
		w.Format("CAST($1 AS VARCHAR)", e)
	case rel.ClassDecimal:
		digits, frac := duckDigits(t)
		if frac != t.Scale { // digits that take part in arithmetic only
			w.Format(fmt.Sprintf("CAST(CAST($1 AS DECIMAL(%d,%d)) AS VARCHAR)", min(rel.MaxDecimalDigits, digits-frac+t.Scale+1), t.Scale), e)
			return
		}
		w.Format("CAST($1 AS VARCHAR)", e)
	case rel.ClassDouble:
		if t.Kind == rel.Float {
			w.Format("weir_float_text($1)", e)
			return
		}
		w.Format("weir_double_text($1)", e)
	case rel.ClassDate:
		w.Format("weir_date_text($1)", e)
	case rel.ClassDateTime:
		w.Format(fmt.Sprintf("weir_datetime_text($1, %d)", t.Scale), e)
	case rel.ClassTime:
		w.Format(fmt.Sprintf("weir_time_text($1, %d)", t.Scale), e)
	case rel.ClassBinary:
		w.Format("weir_binary_text($1)", e)
	default:
		w.Fail(fmt.Errorf("%s has no text", t.Kind))
	}
}
