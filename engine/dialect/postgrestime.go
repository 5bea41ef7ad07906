package dialect

import (
	"strings"

	"weir/engine/rel"
)

func (p *postgres) times() map[rel.Op]Form {
	dates := func(c *rel.Call) Verdict {
		for _, a := range c.Args {
			if cl := a.Type().Class(); cl != rel.ClassDate && cl != rel.ClassDateTime {
				return No("only dates are proved")
			}
		}
		return Yes
	}
	form := func(template string) Form { return Form{Judge: dates, Print: Template(template)} }
	iso := func(template string) Form {
		return Form{Print: func(w *Writer, c *rel.Call) { w.Format(template, c.Args[0]) }, Judge: func(c *rel.Call) Verdict {
			if mode, ok := pgConstantInt(c.Args[1]); !ok || mode != 3 {
				return No("only ISO weeks (mode 3) are proved")
			}
			return dates(&rel.Call{Args: c.Args[:1]})
		}}
	}
	return map[rel.Op]Form{
		rel.OpExtract:   {Judge: p.judgeExtract, Print: p.extract},
		rel.OpDateAdd:   {Judge: p.judgeDateAdd, Print: p.dateAdd},
		"dayofweek":     form("(extract(dow FROM $1)::bigint + 1)"),
		"weekday":       form("(extract(isodow FROM $1)::bigint - 1)"),
		"dayofyear":     form("extract(doy FROM $1)::bigint"),
		"week":          iso("extract(week FROM $1)::bigint"),
		"yearweek":      iso("(extract(isoyear FROM $1)::bigint * 100 + extract(week FROM $1)::bigint)"),
		"last_day":      form("(date_trunc('month', $1::timestamp) + interval '1 month -1 day')::date"),
		"datediff":      form("($1::date - $2::date)::bigint"),
		"to_days":       form("(($1::date - date '0001-01-01')::bigint + 366)"),
		"monthname":     form("to_char($1, 'FMMonth')"),
		"dayname":       form("to_char($1, 'FMDay')"),
		"timestampdiff": {Judge: p.judgeTimestampDiff, Print: p.timestampDiff},
		"date_format":   {Judge: p.judgeDateFormat, Print: p.dateFormat},
	}
}

var pgFields = map[string]string{
	"YEAR": "extract(year FROM $1)::bigint", "QUARTER": "extract(quarter FROM $1)::bigint", "MONTH": "extract(month FROM $1)::bigint",
	"DAY": "extract(day FROM $1)::bigint", "HOUR": "extract(hour FROM $1)::bigint", "MINUTE": "extract(minute FROM $1)::bigint",
	"SECOND":      "floor(extract(second FROM $1))::bigint",
	"MICROSECOND": "(extract(microseconds FROM $1)::bigint % 1000000)",
}

func (p *postgres) judgeExtract(c *rel.Call) Verdict {
	unit, _ := pgConstant[string](c.Args[0])
	clock := unit == "HOUR" || unit == "MINUTE" || unit == "SECOND" || unit == "MICROSECOND"
	switch {
	case pgFields[unit] == "":
		return No("extract " + unit + " is not proved in postgres")
	case c.Args[1].Type().Class() == rel.ClassDate && clock:
		return No("a date has no time of day")
	case c.Args[1].Type().Class() == rel.ClassTime && !clock:
		return No("a time has no date")
	}
	return Yes
}

func (p *postgres) extract(w *Writer, c *rel.Call) {
	unit, _ := pgConstant[string](c.Args[0])
	w.Format(pgFields[unit], c.Args[1])
}

func (p *postgres) judgeDateAdd(c *rel.Call) Verdict {
	n, ok := pgConstantInt(c.Args[1])
	unit, _ := pgConstant[string](c.Args[2])
	if _, known := pgInterval(n, unit); !ok || !known || n > 100_000 || n < -100_000 {
		return No("only a constant number of one unit is proved")
	}
	from, to := c.Args[0].Type().Class(), c.T.Class()
	if from != rel.ClassDate && from != rel.ClassDateTime || to != rel.ClassDate && to != rel.ClassDateTime {
		return No("only dates are proved")
	}
	return Yes
}

// dateAdd is NULL beyond the years that MySQL knows.
func (p *postgres) dateAdd(w *Writer, c *rel.Call) {
	n, _ := pgConstantInt(c.Args[1])
	unit, _ := pgConstant[string](c.Args[2])
	interval, _ := pgInterval(n, unit)
	sum := "($1 + " + interval + ")"
	low, high := "timestamp '0001-01-01'", "timestamp '9999-12-31 23:59:59.999999'"
	if c.T.Class() == rel.ClassDate {
		w.Format("(CASE WHEN "+sum+" BETWEEN "+low+" AND "+high+" THEN "+sum+"::date END)", c.Args[0])
		return
	}
	w.Format("(CASE WHEN "+sum+" BETWEEN "+low+" AND "+high+" THEN "+sum+" END)", c.Args[0])
}

var pgSeconds = map[string]string{"WEEK": "604800", "DAY": "86400", "HOUR": "3600", "MINUTE": "60", "SECOND": "1", "MICROSECOND": "0.000001"}

func (p *postgres) judgeTimestampDiff(c *rel.Call) Verdict {
	unit, _ := pgConstant[string](c.Args[0])
	if pgSeconds[unit] == "" {
		return No("the difference in " + unit + " is not proved in postgres")
	}
	for _, a := range c.Args[1:] {
		if cl := a.Type().Class(); cl != rel.ClassDate && cl != rel.ClassDateTime {
			return No("only dates are proved")
		}
	}
	return Yes
}

func (p *postgres) timestampDiff(w *Writer, c *rel.Call) {
	unit, _ := pgConstant[string](c.Args[0])
	w.Format("div(extract(epoch FROM ($2::timestamp - $1::timestamp)), "+pgSeconds[unit]+")::bigint", c.Args[1:]...)
}

// pgFormats are the letters of DATE_FORMAT that to_char has too. Names are English without the prefix TM.
var pgFormats = map[byte]string{
	'Y': "YYYY", 'y': "YY", 'm': "MM", 'c': "FMMM", 'd': "DD", 'e': "FMDD", 'H': "HH24", 'k': "FMHH24", 'h': "HH12", 'I': "HH12", 'l': "FMHH12",
	'i': "MI", 's': "SS", 'S': "SS", 'f': "US", 'p': "AM", 'j': "DDD", 'T': "HH24:MI:SS", 'r': "HH12:MI:SS AM", 'M': "FMMonth", 'b': "Mon",
	'W': "FMDay", 'a': "Dy", 'v': "IW", 'x': "IYYY",
}

// pgDateFormat rewrites a format for to_char; ok is false if it has a letter that is not there.
func pgDateFormat(format string) (out string, ok bool) {
	var b, plain strings.Builder
	pattern := false // b ends with a pattern
	flush := func() {
		if plain.Len() > 0 {
			b.WriteString(`"` + plain.String() + `"`)
			plain.Reset()
			pattern = false
		}
	}
	for i := 0; i < len(format); i++ {
		c := format[i]
		switch {
		case c == '%' && i+1 < len(format) && format[i+1] == '%':
			i++
			plain.WriteByte('%')
		case c == '%' && i+1 < len(format):
			i++
			f := pgFormats[format[i]]
			if f == "" {
				return "", false
			}
			flush()
			if pattern { // an empty quotation keeps two patterns from being read as one
				b.WriteString(`""`)
			}
			b.WriteString(f)
			pattern = true
		case c == '"' || c == '\\' || c == '%':
			return "", false
		default:
			plain.WriteByte(c)
		}
	}
	flush()
	return b.String(), true
}

func (p *postgres) judgeDateFormat(c *rel.Call) Verdict {
	format, isConstant := pgConstant[string](c.Args[1])
	if _, ok := pgDateFormat(format); !isConstant || !ok || format == "" || !pgTextOK(format) {
		return No("this date format is not proved in postgres")
	}
	if cl := c.Args[0].Type().Class(); cl != rel.ClassDate && cl != rel.ClassDateTime {
		return No("only dates are proved")
	}
	return Yes
}

func (p *postgres) dateFormat(w *Writer, c *rel.Call) {
	format, _ := pgConstant[string](c.Args[1])
	out, _ := pgDateFormat(format)
	w.Format("to_char($1::timestamp, "+pgString(out)+")", c.Args[0])
}
