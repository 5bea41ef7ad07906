package bind

import (
	"math"
	"strconv"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

func itoa(v int64) string  { return strconv.FormatInt(v, 10) }
func utoa(v uint64) string { return strconv.FormatUint(v, 10) }

// divIncrement is the server variable div_precision_increment.
const divIncrement = 4

// binary binds arithmetic, bit operations and the JSON arrows.
func (x *binding) binary(e *sqlparser.BinaryExpr) rel.Expr {
	switch e.Operator {
	case sqlparser.JSONExtractOp:
		return x.apply("json_extract", x.values(e.Left, e.Right)...)
	case sqlparser.JSONUnquoteExtractOp:
		return x.apply("json_unquote", x.apply("json_extract", x.values(e.Left, e.Right)...))
	case sqlparser.PlusStr:
		if i, ok := e.Right.(*sqlparser.IntervalExpr); ok {
			return x.addInterval(x.value(e.Left), i, false)
		}
		if i, ok := e.Left.(*sqlparser.IntervalExpr); ok {
			return x.addInterval(x.value(e.Right), i, false)
		}
	case sqlparser.MinusStr:
		if i, ok := e.Right.(*sqlparser.IntervalExpr); ok {
			return x.addInterval(x.value(e.Left), i, true)
		}
	case sqlparser.BitAndStr, sqlparser.BitOrStr, sqlparser.BitXorStr, sqlparser.ShiftLeftStr, sqlparser.ShiftRightStr:
		return x.bitOperation(rel.Op(e.Operator), x.value(e.Left), x.value(e.Right))
	}
	return x.arithmetic(rel.Op(e.Operator), x.value(e.Left), x.value(e.Right))
}

// arithmetic is + - * / div % over any operands.
func (x *binding) arithmetic(op rel.Op, l, r rel.Expr) rel.Expr {
	l, r = x.asNumber(l), x.asNumber(r)
	if op != rel.OpIntDiv { // NULL counts as a string among numbers, and a string as a double
		l, r = nullAs(l, rel.DoubleType), nullAs(r, rel.DoubleType)
	} else {
		l, r = nullAs(l, rel.BigIntType), nullAs(r, rel.BigIntType)
	}
	lc, rc := l.Type().Class(), r.Type().Class()
	notNull := l.Type().NotNull && r.Type().NotNull
	var t rel.Type
	switch {
	case op == rel.OpIntDiv:
		t = rel.Type{Kind: rel.BigInt, Unsigned: l.Type().Unsigned || r.Type().Unsigned}
		switch {
		case lc == rel.ClassInt && rc == rel.ClassInt:
			return call(op, t, widen(x, l), widen(x, r))
		case lc == rel.ClassDouble || rc == rel.ClassDouble:
			return call(op, t, x.cast(l, rel.DoubleType), x.cast(r, rel.DoubleType))
		}
		return call(op, t, x.cast(l, asDecimalType(l)), x.cast(r, asDecimalType(r)))
	case lc == rel.ClassDouble || rc == rel.ClassDouble:
		t = rel.DoubleType
		t.NotNull = notNull && op != rel.OpDiv && op != rel.OpMod
		return call(op, t, x.cast(l, rel.DoubleType), x.cast(r, rel.DoubleType))
	case lc == rel.ClassInt && rc == rel.ClassInt && op != rel.OpDiv:
		t = rel.Type{Kind: rel.BigInt, Unsigned: l.Type().Unsigned || r.Type().Unsigned}
		if op == rel.OpMod {
			t.Unsigned = l.Type().Unsigned
		}
		t.NotNull = notNull && op != rel.OpMod
		return call(op, t, widen(x, l), widen(x, r))
	}
	a, b := asDecimalType(l), asDecimalType(r)
	t = decimalResult(op, a, b)
	t.NotNull = notNull && op != rel.OpDiv && op != rel.OpMod
	return call(op, t, x.cast(l, a), x.cast(r, b))
}

// nullAs gives the constant NULL a type.
func nullAs(e rel.Expr, t rel.Type) rel.Expr {
	if e.Type().Kind == rel.Null {
		return null(t)
	}
	return e
}

// decimalResult is the type of a decimal operation.
func decimalResult(op rel.Op, a, b rel.Type) rel.Type {
	var t rel.Type
	inner := 0
	switch op {
	case rel.OpMul:
		t = rel.DecimalType(min(65, a.Precision+b.Precision), min(30, a.Scale+b.Scale))
		inner = min(31, a.FracDigits()+b.FracDigits())
	case rel.OpDiv:
		t = rel.DecimalType(min(65, a.Precision+b.Scale+divIncrement), min(30, a.Scale+divIncrement))
		inner = divisionDigits(a.FracDigits(), b.FracDigits())
	case rel.OpMod:
		scale := max(a.Scale, b.Scale)
		t = rel.DecimalType(min(65, max(a.Precision-a.Scale, b.Precision-b.Scale)+scale), scale)
		inner = max(a.FracDigits(), b.FracDigits())
	default:
		scale := max(a.Scale, b.Scale)
		t = rel.DecimalType(min(65, max(a.Precision-a.Scale, b.Precision-b.Scale)+1+scale), scale)
		inner = max(a.FracDigits(), b.FracDigits())
	}
	return carrying(t, inner)
}

// carrying is a decimal type that carries inner fractional digits, as far as they have room. MySQL's own room is 81 digits, Weir's is 38. Digits
// that are too many for it are cut only where far more of them stay than can show.
func carrying(t rel.Type, inner int) rel.Type {
	const unseen = 9
	inner = min(inner, max(t.Scale+unseen, rel.MaxDecimalDigits-(t.Precision-t.Scale)), rel.MaxDecimalDigits)
	if inner > t.Scale {
		t.Inner = inner
	}
	return t
}

// divisionDigits is the count of fractional digits that MySQL's decimal division (do_div_mod in decimal.c) computes: it works in groups
// of nine digits. Both operands are rounded up to whole groups; what that gains is taken off the increment; the result is cut, not
// rounded, at a whole group.
func divisionDigits(a, b int) int {
	increment := divIncrement - (groups9(a)*9 - a) - (groups9(b)*9 - b)
	return groups9(groups9(a)*9+groups9(b)*9+max(0, increment)) * 9
}

func groups9(n int) int { return (n + 8) / 9 }

// asNumber makes a number of an operand of arithmetic: BIGINT, DECIMAL or DOUBLE (NULL stays).
func (x *binding) asNumber(e rel.Expr) rel.Expr {
	e = asValue(e)
	t := e.Type()
	switch t.Class() {
	case rel.ClassNull, rel.ClassDecimal, rel.ClassDouble:
		if t.Kind == rel.Float {
			return x.cast(e, rel.DoubleType)
		}
		return e
	case rel.ClassInt:
		if t.Kind == rel.Year || t.Kind == rel.Bit {
			return widen(x, e) // both are unsigned, which decides the result's sign
		}
		return e
	case rel.ClassDate:
		return x.cast(e, rel.BigIntType)
	case rel.ClassTime, rel.ClassDateTime:
		if t.Scale > 0 {
			whole := 14
			if t.Class() == rel.ClassTime {
				whole = 7
			}
			return x.cast(e, rel.DecimalType(whole+t.Scale, t.Scale))
		}
		return x.cast(e, rel.BigIntType)
	case rel.ClassBinary:
		if l, ok := e.(*rel.Lit); ok && x.b.numeric[l] {
			return bytesAsNumber(l.Value.([]byte))
		}
	}
	if t.Kind == rel.Enum || t.Kind == rel.Set {
		unsupported("%s in a numeric context", t.Kind)
	}
	return x.cast(e, rel.DoubleType)
}

// widen makes BIGINT of an integer; an unsigned one, a YEAR and a BIT become BIGINT UNSIGNED.
func widen(x *binding, e rel.Expr) rel.Expr {
	t := e.Type()
	return x.cast(e, rel.Type{Kind: rel.BigInt, Unsigned: t.Unsigned || t.Kind == rel.Bit || t.Kind == rel.Year})
}

func (x *binding) bitOperation(op rel.Op, l, r rel.Expr) rel.Expr {
	if op != rel.OpShl && op != rel.OpShr && x.binaryString(l) && x.binaryString(r) || (op == rel.OpShl || op == rel.OpShr) && x.binaryString(l) {
		unsupported("bit operations on binary strings")
	}
	t := rel.UBigIntType
	t.NotNull = l.Type().NotNull && r.Type().NotNull
	return call(op, t, x.asBits(l), x.asBits(r))
}

// binaryString reports whether e is a binary string that isn't a hexadecimal or bit literal.
func (x *binding) binaryString(e rel.Expr) bool {
	if l, ok := e.(*rel.Lit); ok && x.b.numeric[l] {
		return false
	}
	return e.Type().Class() == rel.ClassBinary
}

// asBits makes BIGINT UNSIGNED of an operand of a bit operation, negative numbers as two's complement.
func (x *binding) asBits(e rel.Expr) rel.Expr {
	e = x.asNumber(e)
	if e.Type().Class() != rel.ClassInt {
		e = x.cast(e, rel.BigIntType)
	}
	return x.cast(e, rel.UBigIntType)
}

// unary binds the operators with one operand.
func (x *binding) unary(e *sqlparser.UnaryExpr) rel.Expr {
	switch e.Operator {
	case sqlparser.UPlusStr:
		return x.value(e.Expr)
	case sqlparser.UMinusStr:
		return x.negate(x.value(e.Expr))
	case sqlparser.BangStr:
		return not(x.condition(e.Expr))
	case sqlparser.TildaStr:
		v := x.value(e.Expr)
		if x.binaryString(v) {
			unsupported("bit operations on binary strings")
		}
		t := rel.UBigIntType
		t.NotNull = v.Type().NotNull
		return call(rel.OpBitNot, t, x.asBits(v))
	case sqlparser.BinaryStr:
		return x.asBinary(x.value(e.Expr))
	}
	if len(e.Operator) > 2 && e.Operator[0] == '_' {
		return x.introduced(e.Operator[1:len(e.Operator)-1], e.Expr)
	}
	unsupported("the operator %s", e.Operator)
	return nil
}

func (x *binding) negate(e rel.Expr) rel.Expr {
	e = x.asNumber(e)
	if l, ok := e.(*rel.Lit); ok {
		switch v := l.Value.(type) {
		case nil:
			return l
		case int64:
			if v != math.MinInt64 {
				return intLit(-v)
			}
			return decimal("9223372036854775808")
		case uint64:
			if v == 1<<63 {
				return intLit(math.MinInt64)
			}
			return decimal("-" + utoa(v))
		case float64:
			return doubleLit(0 - v) // never -0
		case rel.DecimalText:
			d := decimal(negated(string(v)))
			d.T.Precision = l.T.Precision
			return d
		}
	}
	t := e.Type()
	switch t.Class() {
	case rel.ClassNull:
		return e
	case rel.ClassInt:
		return call(rel.OpNeg, rel.Type{Kind: rel.BigInt, NotNull: t.NotNull}, widen(x, e))
	case rel.ClassDecimal:
		d := asDecimalType(e)
		return call(rel.OpNeg, d, e)
	}
	return call(rel.OpNeg, rel.Type{Kind: rel.Double, Scale: -1, NotNull: t.NotNull}, e)
}

func negated(s string) string {
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		return rest
	}
	return "-" + s
}
