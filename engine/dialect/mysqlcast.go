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

// castAsIs is the template of a value that is what is asked for already.
const castAsIs = "$1"

// cast returns the template of a conversion, or why there is none.
func (m *mysql) cast(from, to rel.Type) (template, why string) {
	f := from.Class()
	if f == rel.ClassNull {
		return castAsIs, ""
	}
	switch to.Class() {
	case rel.ClassBool:
		switch f {
		case rel.ClassBool:
			return castAsIs, ""
		case rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
			return "($1 <> 0)", ""
		}
	case rel.ClassInt:
		return m.castToInt(from, to)
	case rel.ClassDecimal:
		return m.castToDecimal(from, to)
	case rel.ClassDouble:
		return m.castToDouble(from, to)
	case rel.ClassText:
		return m.castToText(from, to)
	case rel.ClassBinary:
		switch f {
		case rel.ClassBinary:
			return castAsIs, ""
		case rel.ClassText:
			return "CAST($1 AS BINARY)", ""
		}
	case rel.ClassDate:
		switch f {
		case rel.ClassDate:
			return castAsIs, ""
		case rel.ClassDateTime:
			return "CAST($1 AS DATE)", ""
		}
	case rel.ClassDateTime:
		switch f {
		case rel.ClassDate, rel.ClassDateTime:
			return castWithFraction("DATETIME", to.Scale), ""
		}
	case rel.ClassTime:
		switch f {
		case rel.ClassDate, rel.ClassDateTime, rel.ClassTime:
			return castWithFraction("TIME", to.Scale), ""
		}
	case rel.ClassJSON:
		switch {
		case f == rel.ClassJSON:
			return castAsIs, ""
		case m.mariadb():
			return "", "MariaDB has no JSON values, only their text"
		case f == rel.ClassText:
			return "CAST($1 AS JSON)", ""
		}
	}
	return unprovedCast(from, to)
}

func unprovedCast(from, to rel.Type) (template, why string) {
	return "", fmt.Sprintf("the conversion from %s to %s is unproved there", from.Kind, to.Kind)
}

func castWithFraction(kind string, scale int) string {
	if scale > 0 {
		return fmt.Sprintf("CAST($1 AS %s(%d))", kind, scale)
	}
	return "CAST($1 AS " + kind + ")"
}

func (m *mysql) castToDecimal(from, to rel.Type) (template, why string) {
	scale := to.FracDigits()
	precision := to.Precision - to.Scale + scale
	if precision > 65 || scale > m.maxScale() {
		return "", fmt.Sprintf("a decimal of %d digits is too wide there", precision)
	}
	switch from.Class() {
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassText, rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
		if from.Kind == rel.Float {
			return "", "a FLOAT is converted by its text of six digits"
		}
		return fmt.Sprintf("CAST($1 AS DECIMAL(%d,%d))", precision, scale), ""
	}
	return unprovedCast(from, to)
}

func (m *mysql) castToDouble(from, to rel.Type) (template, why string) {
	if to.Kind == rel.Float {
		if from.Kind == rel.Float {
			return castAsIs, ""
		}
		return "", "there is no exact conversion to FLOAT there"
	}
	switch from.Class() {
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassText, rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
		return "CAST($1 AS DOUBLE)", ""
	}
	return unprovedCast(from, to)
}

func (m *mysql) castToText(from, to rel.Type) (template, why string) {
	switch from.Class() {
	case rel.ClassText:
		return castAsIs, ""
	case rel.ClassBool, rel.ClassInt, rel.ClassDecimal, rel.ClassDouble, rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
		if from.Kind == rel.Float || from.Kind == rel.Bit {
			return "", fmt.Sprintf("the text of a %s depends on how it is printed", from.Kind)
		}
		if from.Kind == rel.Decimal && from.Inner > from.Scale { // the text has the digits that are shown
			return fmt.Sprintf("CAST(CAST($1 AS DECIMAL(65,%d)) AS CHAR)", from.Scale), ""
		}
		return "CAST($1 AS CHAR)", ""
	case rel.ClassBinary:
		return "", "bytes that are no valid text differ between systems"
	case rel.ClassJSON:
		if m.mariadb() {
			return "", "MariaDB keeps the text of a JSON document as it was written"
		}
		return "CAST($1 AS CHAR)", ""
	}
	return unprovedCast(from, to)
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
