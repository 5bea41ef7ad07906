package bind

import (
	"strings"

	"weir/engine/rel"
)

// digits is the count of decimal digits before the point that an integer expression can have: MySQL derives the precision of decimal
// results from it, and an integer constant has only its own.
func digits(e rel.Expr) int {
	switch x := e.(type) {
	case *rel.Lit:
		switch v := x.Value.(type) {
		case int64:
			return len(strings.TrimPrefix(itoa(v), "-"))
		case uint64:
			return len(utoa(v))
		case nil:
			return 1
		}
	case *rel.Call:
		switch x.Op {
		case rel.OpCast:
			if c := x.Args[0].Type().Class(); c == rel.ClassInt {
				return min(digits(x.Args[0]), kindDigits(x.T))
			} else if c == rel.ClassBool {
				return 1
			}
		case rel.OpNeg:
			return digits(x.Args[0])
		case rel.OpCase, rel.OpCoalesce:
			most := 1
			for i, a := range x.Args {
				if x.Op == rel.OpCoalesce || i%2 == 1 || i == len(x.Args)-1 {
					most = max(most, digits(a))
				}
			}
			return most
		case rel.OpExtract:
			if unit, ok := x.Args[0].(*rel.Lit); ok {
				return extractDigits[unit.Value.(string)]
			}
		}
	}
	return kindDigits(e.Type())
}

// extractDigits are the digits that EXTRACT gives at most, by unit. A TIME has up to 838 hours.
var extractDigits = map[string]int{
	"YEAR": 4, "YEAR_MONTH": 6, "QUARTER": 2, "MONTH": 2, "WEEK": 2, "DAY": 2, "DAY_HOUR": 5, "DAY_MINUTE": 7, "DAY_SECOND": 9, "HOUR": 3,
	"HOUR_MINUTE": 5, "HOUR_SECOND": 7, "MINUTE": 2, "MINUTE_SECOND": 4, "SECOND": 2, "MICROSECOND": 6, "DAY_MICROSECOND": 15,
	"HOUR_MICROSECOND": 13, "MINUTE_MICROSECOND": 10, "SECOND_MICROSECOND": 8,
}

// kindDigits is the same for a column of an integer type.
func kindDigits(t rel.Type) int {
	switch t.Kind {
	case rel.Bool:
		return 1
	case rel.TinyInt:
		return 3
	case rel.SmallInt:
		return 5
	case rel.MediumInt:
		return 8
	case rel.Int:
		return 10
	case rel.Year:
		return 4
	case rel.Decimal:
		return t.Precision - t.Scale
	}
	if t.Unsigned || t.Kind == rel.Bit {
		return 20
	}
	return 19
}

// asDecimalType is the DECIMAL that holds an integer or decimal expression exactly.
func asDecimalType(e rel.Expr) rel.Type {
	t := e.Type()
	if t.Kind == rel.Decimal {
		return rel.Type{Kind: rel.Decimal, Precision: t.Precision, Scale: t.Scale, Inner: t.Inner, NotNull: t.NotNull}
	}
	d := rel.DecimalType(digits(e), 0)
	d.NotNull = t.NotNull
	return d
}

// common is the type that the values of CASE, COALESCE, a set operation and their like have in common. NotNull is left to the caller.
func (x *binding) common(values []rel.Expr) rel.Type {
	var out rel.Expr
	for _, v := range values {
		if v.Type().Kind == rel.Null {
			continue
		}
		if out == nil {
			out = v
			continue
		}
		out = &rel.Col{T: commonType(out, v)}
	}
	if out == nil {
		return rel.NullType
	}
	t := plain(out.Type())
	if t.Kind == rel.Decimal {
		// The digits of an integer constant are its own, not those of the type that it has with others.
		whole := 1
		for _, v := range values {
			switch s := v.Type(); s.Class() {
			case rel.ClassDecimal:
				whole = max(whole, s.Precision-s.Scale)
			case rel.ClassInt:
				whole = max(whole, digits(v))
			}
		}
		t.Precision = min(65, whole+t.Scale)
	}
	return t
}

// plain is a column's type as that of an expression.
func plain(t rel.Type) rel.Type {
	t.NotNull, t.Collation, t.Native = false, "", ""
	switch t.Kind {
	case rel.Enum, rel.Set:
		n := rel.StringLength(t)
		if n <= 0 {
			return rel.TextType
		}
		return rel.StringType(false, n)
	case rel.Char:
		t.Kind = rel.VarChar
	case rel.Binary:
		t.Kind = rel.VarBinary
	}
	return t
}

// commonType follows MySQL's field_types_merge and, for integers, its rule for mixed signs.
func commonType(a, b rel.Expr) rel.Type {
	s, t := a.Type(), b.Type()
	if s.Kind == rel.Bool {
		s = rel.BigIntType
	}
	if t.Kind == rel.Bool {
		t = rel.BigIntType
	}
	sc, tc := s.Class(), t.Class()
	switch {
	case sc == rel.ClassInt && tc == rel.ClassInt:
		return commonInt(s, t)
	case (sc == rel.ClassInt || sc == rel.ClassDecimal) && (tc == rel.ClassInt || tc == rel.ClassDecimal):
		return commonDecimal(asDecimalType(a), asDecimalType(b))
	case s.IsNumeric() && t.IsNumeric():
		if s.Kind == rel.Float && (t.Kind == rel.Float || small(t)) || t.Kind == rel.Float && small(s) {
			return rel.Type{Kind: rel.Float, Scale: -1}
		}
		return rel.DoubleType
	case s.IsTemporal() && t.IsTemporal():
		scale := max(s.Scale, t.Scale)
		if s.Kind == t.Kind {
			return rel.Type{Kind: s.Kind, Scale: scale}
		}
		return rel.Type{Kind: rel.DateTime, Scale: scale}
	case sc == rel.ClassJSON && tc == rel.ClassJSON:
		return rel.JSONType
	}
	binary := sc == rel.ClassBinary || tc == rel.ClassBinary
	m, n := rel.StringLength(s), rel.StringLength(t)
	if binary && sc == rel.ClassText {
		m *= 4
	}
	if binary && tc == rel.ClassText {
		n *= 4
	}
	if m < 0 || n < 0 {
		return rel.StringType(binary, -1)
	}
	return rel.StringType(binary, max(m, n))
}

// small reports whether a FLOAT holds every value of an integer type.
func small(t rel.Type) bool { return t.Kind == rel.TinyInt || t.Kind == rel.SmallInt }

func commonInt(s, t rel.Type) rel.Type {
	if s.Kind == rel.Bit || t.Kind == rel.Bit {
		if s.Kind == t.Kind {
			return rel.Type{Kind: rel.Bit, Length: max(s.Length, t.Length)}
		}
		s, t = rel.Type{Kind: rel.BigInt, Unsigned: s.Unsigned || s.Kind == rel.Bit}, rel.Type{Kind: rel.BigInt, Unsigned: t.Unsigned || t.Kind == rel.Bit}
	}
	if s.Kind == rel.Year || t.Kind == rel.Year {
		if s.Kind == t.Kind {
			return rel.Type{Kind: rel.Year}
		}
		if s.Kind == rel.Year {
			s = rel.Type{Kind: rel.SmallInt}
		} else {
			t = rel.Type{Kind: rel.SmallInt}
		}
	}
	wide := max(s.Kind, t.Kind)
	if s.Unsigned == t.Unsigned {
		return rel.Type{Kind: wide, Unsigned: s.Unsigned}
	}
	unsigned := s
	if t.Unsigned {
		unsigned = t
	}
	if unsigned.Kind == wide {
		if wide == rel.BigInt {
			return rel.DecimalType(20, 0)
		}
		wide++
	}
	return rel.Type{Kind: wide}
}

func commonDecimal(s, t rel.Type) rel.Type {
	scale := max(s.Scale, t.Scale)
	whole := max(s.Precision-s.Scale, t.Precision-t.Scale)
	out := rel.DecimalType(min(65, whole+scale), scale)
	if inner := max(s.FracDigits(), t.FracDigits()); inner > scale {
		out.Inner = inner
	}
	return out
}
