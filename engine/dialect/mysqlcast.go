package dialect

import (
	"fmt"

	"weir/engine/rel"
)

// casts. MySQL's own conversions are what rel means by a cast. None are those where MariaDB differs from MySQL, or where the result
// depends on how the value is printed.
func (m *mysql) casts() map[rel.Op]Form {
	return map[rel.Op]Form{rel.OpCast: {
		Judge: func(c *rel.Call) Verdict {
			if _, why := m.cast(c.Args[0].Type(), c.T); why != "" {
				return No(why)
			}
			return Yes
		},
		Print: func(w *Writer, c *rel.Call) {
			template, _ := m.cast(c.Args[0].Type(), c.T)
			w.Format(template, c.Args...)
		},
	}}
}

// cast returns the template of a conversion, or why there is none.
func (m *mysql) cast(from, to rel.Type) (template, why string) {
	const same = "$1"
	no := func(format string, args ...any) (string, string) { return "", fmt.Sprintf(format, args...) }
	f := from.Class()
	if f == rel.ClassNull {
		return same, ""
	}
	frac := func(kind string) string {
		if to.Scale > 0 {
			return fmt.Sprintf("CAST($1 AS %s(%d))", kind, to.Scale)
		}
		return "CAST($1 AS " + kind + ")"
	}
	switch to.Class() {
	case rel.ClassBool:
		switch f {
		case rel.ClassBool:
			return same, ""
		case rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
			return "($1 <> 0)", ""
		}
	case rel.ClassInt:
		return m.castToInt(from, to)
	case rel.ClassDecimal:
		scale := to.FracDigits()
		precision := to.Precision - to.Scale + scale
		if precision > 65 || scale > m.maxScale() {
			return no("a decimal of %d digits is too wide there", precision)
		}
		switch f {
		case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassText:
			if from.Kind == rel.Float {
				return no("a FLOAT is converted by its text of six digits")
			}
			return fmt.Sprintf("CAST($1 AS DECIMAL(%d,%d))", precision, scale), ""
		case rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
			return fmt.Sprintf("CAST($1 AS DECIMAL(%d,%d))", precision, scale), ""
		}
	case rel.ClassDouble:
		if to.Kind == rel.Float {
			if from.Kind == rel.Float {
				return same, ""
			}
			return no("there is no exact conversion to FLOAT there")
		}
		switch f {
		case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassText, rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
			return "CAST($1 AS DOUBLE)", ""
		}
	case rel.ClassText:
		switch f {
		case rel.ClassText:
			return same, ""
		case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
			if from.Kind == rel.Float || from.Kind == rel.Bit {
				return no("the text of a %s depends on how it is printed", from.Kind)
			}
			if from.Kind == rel.Decimal && from.Inner > from.Scale { // the text has the digits that are shown
				return fmt.Sprintf("CAST(CAST($1 AS DECIMAL(65,%d)) AS CHAR)", from.Scale), ""
			}
			return "CAST($1 AS CHAR)", ""
		case rel.ClassBinary:
			return no("bytes that are no valid text differ between systems")
		case rel.ClassJSON:
			if !m.mariadb() {
				return "CAST($1 AS CHAR)", ""
			}
			return no("MariaDB keeps the text of a JSON document as it was written")
		}
	case rel.ClassBinary:
		switch f {
		case rel.ClassBinary:
			return same, ""
		case rel.ClassText:
			return "CAST($1 AS BINARY)", ""
		}
	case rel.ClassDate:
		switch f {
		case rel.ClassDate:
			return same, ""
		case rel.ClassDateTime:
			return "CAST($1 AS DATE)", ""
		}
	case rel.ClassDateTime:
		switch f {
		case rel.ClassDate, rel.ClassDateTime:
			return frac("DATETIME"), ""
		}
	case rel.ClassTime:
		switch f {
		case rel.ClassDate, rel.ClassDateTime, rel.ClassTime:
			return frac("TIME"), ""
		}
	case rel.ClassJSON:
		switch {
		case f == rel.ClassJSON:
			return same, ""
		case m.mariadb():
			return no("MariaDB has no JSON values, only their text")
		case f == rel.ClassText:
			return "CAST($1 AS JSON)", ""
		}
	}
	return no("the conversion from %s to %s is unproved there", from.Kind, to.Kind)
}

func (m *mysql) castToInt(from, to rel.Type) (template, why string) {
	if to.Kind != rel.BigInt && from.Class() != rel.ClassBool {
		return "", "there is no conversion to " + to.Kind.String() + " there"
	}
	name := "SIGNED"
	if to.Unsigned {
		name = "UNSIGNED"
	}
	template = "CAST($1 AS " + name + ")"
	switch from.Class() {
	case rel.ClassBool, rel.ClassInt, rel.ClassText:
		return template, ""
	case rel.ClassDecimal, rel.ClassDouble:
		if to.Unsigned {
			return "", "negative numbers become unsigned in different ways"
		}
		return template, ""
	case rel.ClassDate:
		return template, ""
	case rel.ClassTime, rel.ClassDateTime:
		if from.Scale == 0 {
			return template, ""
		}
		return "", "fractional seconds are rounded by MySQL and cut by MariaDB"
	}
	return "", "the conversion from " + from.Kind.String() + " to an integer is unproved there"
}
