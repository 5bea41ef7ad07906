package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"weir/engine/rel"
)

func (p *postgres) casts() map[rel.Op]Form {
	return map[rel.Op]Form{rel.OpCast: {
		Judge: func(c *rel.Call) Verdict {
			if p.castOf(c) == "" {
				return No(fmt.Sprintf("the conversion from %s to %s is not proved in postgres", c.Args[0].Type(), c.T))
			}
			return Yes
		},
		Print: func(w *Writer, c *rel.Call) { w.Format(p.castOf(c), c.Args...) },
	}}
}

// castOf is the template of a cast. A quotient or an average that is rounded to the digits that its type declares needs no check of its
// range: it is further below the next power of ten than half of the last digit.
func (p *postgres) castOf(c *rel.Call) string {
	from, to := c.Args[0].Type(), c.T
	call, isCall := c.Args[0].(*rel.Call)
	_, isColumn := c.Args[0].(*rel.Col) // with more digits than declared, one that is no expression is an average
	if from.Kind == rel.Decimal && to.Kind == rel.Decimal && from.Inner > from.Scale && to.FracDigits() == from.Scale && to.Precision == from.Precision &&
		(isColumn || isCall && call.Op == rel.OpDiv) {
		return fmt.Sprintf("round($1, %d)", from.Scale)
	}
	return p.cast(from, to)
}

// cast is the template of a conversion that gives MySQL's result for every value, empty if there is none. MySQL's conversions from text
// to other classes never fail, PostgreSQL's do; so there is none of those.
func (p *postgres) cast(from, to rel.Type) string {
	switch from.Class() {
	case rel.ClassNull:
		return "$1::" + pgType(to)
	case rel.ClassBool:
		if to.Class() == rel.ClassInt && !to.Unsigned {
			return "$1::integer::bigint"
		}
	case rel.ClassInt:
		return p.castInt(from, to)
	case rel.ClassDecimal:
		return p.castDecimal(from, to)
	case rel.ClassDouble:
		if to.Kind == rel.Double {
			return "$1"
		}
	case rel.ClassDate:
		return p.castDate(to)
	case rel.ClassDateTime:
		return p.castDateTime(from, to)
	case rel.ClassTime:
		if to.Class() == rel.ClassTime && to.Scale >= from.Scale {
			return "$1"
		}
	case rel.ClassText:
		switch to.Class() {
		case rel.ClassText:
			return "$1"
		case rel.ClassBinary:
			return "convert_to($1, 'UTF8')"
		}
	case rel.ClassBinary:
		if to.Class() == rel.ClassBinary {
			return "$1"
		}
	}
	return ""
}

func (p *postgres) castInt(from, to rel.Type) string {
	if from.Kind == rel.Bit || from.Kind == rel.Year || from.Unsigned && from.Kind == rel.BigInt {
		return ""
	}
	switch to.Class() {
	case rel.ClassInt:
		if !to.Unsigned && to.Kind == rel.BigInt || to.Kind >= from.Kind && to.Unsigned == from.Unsigned && to.Kind <= rel.BigInt {
			return "$1::bigint"
		}
	case rel.ClassDecimal:
		digits := map[rel.Kind]int{rel.TinyInt: 3, rel.SmallInt: 5, rel.MediumInt: 8, rel.Int: 10, rel.BigInt: 19}[from.Kind]
		if to.Precision-to.Scale >= digits {
			return "$1::numeric"
		}
		return p.clip("$1::numeric", to)
	case rel.ClassDouble:
		if to.Kind == rel.Double {
			return "$1::double precision"
		}
	case rel.ClassText:
		return "$1::text"
	}
	return ""
}

func (p *postgres) castDecimal(from, to rel.Type) string {
	frac := from.FracDigits()
	switch to.Class() {
	case rel.ClassDecimal:
		scale := to.FracDigits()
		text, whole := "$1", from.Precision-from.Scale
		if scale < frac {
			text, whole = fmt.Sprintf("round($1, %d)", scale), whole+1
		}
		if to.Precision-to.Scale >= whole {
			return text
		}
		return p.clip(text, to)
	case rel.ClassInt:
		if to.Kind == rel.BigInt && !to.Unsigned && from.Precision-from.Scale < 18 {
			return "round($1)::bigint"
		}
	case rel.ClassDouble:
		if to.Kind == rel.Double {
			return "$1::double precision"
		}
	case rel.ClassText:
		if from.Inner <= from.Scale {
			return fmt.Sprintf("round($1, %d)::text", from.Scale)
		}
	}
	return ""
}

// clip brings a number that is too large for a decimal type to the type's largest, as MySQL does in a query.
func (p *postgres) clip(text string, to rel.Type) string {
	if to.FracDigits() != to.Scale {
		return ""
	}
	most := strings.Repeat("9", to.Precision-to.Scale)
	if to.Scale > 0 {
		most += "." + strings.Repeat("9", to.Scale)
	}
	if most == "" {
		return ""
	}
	// greatest and least pass over NULL
	return "(CASE WHEN $1 IS NULL THEN NULL ELSE least(greatest(" + text + ", (-" + most + ")), " + most + ") END)::numeric"
}

func (p *postgres) castDate(to rel.Type) string {
	switch to.Class() {
	case rel.ClassDate:
		return "$1"
	case rel.ClassDateTime:
		return "$1::timestamp"
	case rel.ClassText:
		return "to_char($1, 'YYYY-MM-DD')"
	case rel.ClassInt:
		if to.Kind == rel.BigInt && !to.Unsigned {
			return "to_char($1, 'YYYYMMDD')::bigint"
		}
	}
	return ""
}

func (p *postgres) castDateTime(from, to rel.Type) string {
	switch to.Class() {
	case rel.ClassDate:
		return "$1::date"
	case rel.ClassDateTime:
		switch {
		case to.Scale >= from.Scale:
			return "$1"
		case to.Scale == 0: // PostgreSQL's own rounding goes away from the year 2000
			return "date_trunc('second', $1 + interval '0.5 second')"
		}
	case rel.ClassText:
		if from.Scale == 0 {
			return "to_char($1, 'YYYY-MM-DD HH24:MI:SS')"
		}
		if from.Scale <= 6 {
			return "left(to_char($1, 'YYYY-MM-DD HH24:MI:SS.US'), " + strconv.Itoa(20+from.Scale) + ")"
		}
	}
	return ""
}
