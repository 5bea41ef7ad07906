package dialect

import (
	"fmt"
	"strings"

	"weir/engine/rel"
)

func duckOperators() map[rel.Op]Form {
	forms := map[rel.Op]Form{
		rel.OpAnd:    {Print: Infix("AND")},
		rel.OpOr:     {Print: Infix("OR")},
		rel.OpNot:    {Print: Template("(NOT $1)")},
		rel.OpXor:    {Print: Infix("<>")},
		rel.OpIsNull: {Print: Template("($1 IS NULL)")},
		rel.OpIsTrue: {Print: Template("($1 IS TRUE)")},
		rel.OpIn:     {Print: duckIn},
		rel.OpLike:   {Print: duckLike},
		rel.OpRegexp: {Print: Func("weir_regexp")},

		rel.OpAdd:    {Print: duckArithmetic("+")},
		rel.OpSub:    {Print: duckArithmetic("-")},
		rel.OpMul:    {Print: duckArithmetic("*")},
		rel.OpDiv:    {Print: duckDivide},
		rel.OpIntDiv: {Print: duckIntDivide},
		rel.OpMod:    {Print: duckModulo},
		rel.OpNeg:    {Print: duckNegate},

		rel.OpBitAnd: {Print: Infix("&")},
		rel.OpBitOr:  {Print: Infix("|")},
		rel.OpBitXor: {Print: Template("xor($1, $2)")},
		rel.OpBitNot: {Print: Template("(~$1)")},
		// DuckDB's shifts fail where bits are lost.
		rel.OpShl: {Print: Func("weir_shl")},
		rel.OpShr: {Print: Func("weir_shr")},

		rel.OpCase:     {Print: duckCase},
		rel.OpCoalesce: {Print: duckCoalesce},
		rel.OpCast:     {Print: duckCast},
	}
	for op := range rel.Comparisons {
		forms[op] = Form{Print: duckCompare}
	}
	return forms
}

func duckCompare(w *Writer, c *rel.Call) {
	op := string(c.Op)
	if c.Op == rel.OpNullEq {
		op = "IS NOT DISTINCT FROM"
	}
	a, b := c.Args[0], c.Args[1]
	switch {
	case a.Type().Class() == rel.ClassJSON || b.Type().Class() == rel.ClassJSON:
		// Documents compare by value; the order of values of different types is MySQL's.
		if c.Op == rel.OpNullEq {
			w.Format("coalesce(weir_json_compare($1, $2) = 0, $1 IS NULL AND $2 IS NULL)", a, b)
		} else {
			w.Format("(weir_json_compare($1, $2) "+op+" 0)", a, b)
		}
	case duckTooWide(a.Type(), b.Type()) && c.Op != rel.OpNullEq:
		w.Format("(weir_decimal_compare($1, $2) "+op+" 0)", a, b)
	default:
		w.Format("($1 "+op+" $2)", a, b)
	}
}

// duckTooWide reports whether two numbers have no common decimal type in DuckDB, which then fails for large values.
func duckTooWide(a, b rel.Type) bool {
	if a.Class() != rel.ClassDecimal && b.Class() != rel.ClassDecimal {
		return false
	}
	digits := func(t rel.Type) (whole, frac int) {
		if t.Class() == rel.ClassInt {
			return 20, 0
		}
		digits, frac := duckDigits(t)
		return digits - frac, frac
	}
	aw, af := digits(a)
	bw, bf := digits(b)
	return max(aw, bw)+max(af, bf) > rel.MaxDecimalDigits
}

func duckIn(w *Writer, c *rel.Call) {
	x := c.Args[0]
	if x.Type().Class() == rel.ClassJSON {
		w.Raw("(")
		for i, v := range c.Args[1:] {
			if i > 0 {
				w.Raw(" OR ")
			}
			w.Format("weir_json_compare($1, $2) = 0", x, v)
		}
		w.Raw(")")
		return
	}
	w.Raw("(")
	w.Expr(x)
	w.Raw(" IN (")
	w.List(c.Args[1:])
	w.Raw("))")
}

// duckLike writes a constant pattern in DuckDB's own LIKE, which has no escape character by default and is then fast for prefixes,
// suffixes and parts; other patterns are matched in Go, since DuckDB fails where the escape character comes last.
func duckLike(w *Writer, c *rel.Call) {
	pattern, ok := duckConstant[string](c.Args[1])
	escape, ok2 := duckConstant[string](c.Args[2])
	if !ok || !ok2 {
		w.Format("weir_like($1, $2, $3)", c.Args...)
		return
	}
	var b strings.Builder
	escaped, special := false, false
	for _, r := range pattern {
		switch {
		case escaped:
			escaped = false
			if r == '%' || r == '_' {
				special = true
				b.WriteByte('\\')
			}
			if r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		case escape != "" && string(r) == escape:
			escaped = true
		default:
			if r == '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
	if escaped { // the escape character comes last and means itself
		if escape == `\` {
			b.WriteByte('\\')
		}
		b.WriteString(escape)
	}
	text := b.String()
	w.Raw("(")
	w.Expr(c.Args[0])
	if special {
		w.Raw(" LIKE ", duckString(text), ` ESCAPE '\')`)
		return
	}
	w.Raw(" LIKE ", duckString(strings.ReplaceAll(text, `\\`, `\`)), ")")
}

// duckOutOfRange raises MySQL's error 1690.
func duckOutOfRange(t rel.Type) string {
	return fmt.Sprintf("error('weir:1690:%s value is out of range')", strings.ToUpper(t.Kind.String()))
}

// duckFinite writes a computation of doubles so that a result beyond their range is an error.
func duckFinite(w *Writer, template string, args ...rel.Expr) {
	w.Raw("CASE WHEN isinf(")
	w.Format(template, args...)
	w.Raw(") THEN ", duckOutOfRange(rel.DoubleType), " ELSE ")
	w.Format(template, args...)
	w.Raw(" END")
}

// duckNested reports whether an expression's text is long, so that it should not be written twice.
func duckNested(e rel.Expr) bool {
	_, call := e.(*rel.Call)
	_, query := e.(*rel.Subquery)
	return call || query
}

func duckArithmetic(op string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		a, b := c.Args[0], c.Args[1]
		switch c.T.Class() {
		case rel.ClassInt:
			if !a.Type().Unsigned && !b.Type().Unsigned && !c.T.Unsigned {
				w.Raw("(")
				duckAs(w, a, rel.BigIntType)
				w.Raw(" ", op, " ")
				duckAs(w, b, rel.BigIntType)
				w.Raw(")")
				return
			}
			// A sum of 64-bit integers of either sign fits into 128 bits; the cast fails where MySQL does.
			w.Format("CAST((CAST($1 AS HUGEINT) "+op+" CAST($2 AS HUGEINT)) AS "+duckType(c.T)+")", a, b)
		case rel.ClassDecimal:
			duckDecimalArithmetic(w, op, c)
		case rel.ClassDouble:
			if duckNested(a) || duckNested(b) { // written once: nested twice each, the text would double at every level
				w.Format("weir_finite($1 "+op+" $2)", a, b)
				return
			}
			duckFinite(w, "($1 "+op+" $2)", a, b)
		default:
			w.Fail(fmt.Errorf("%s of %s", op, c.T.Kind))
		}
	}
}

// duckDecimalArithmetic computes in DuckDB's decimals, whose results are exact with as many digits as MySQL's and fail where they need more
// than 38. Where DuckDB has no type for a result, Go computes.
func duckDecimalArithmetic(w *Writer, op string, c *rel.Call) {
	a, b := c.Args[0].Type(), c.Args[1].Type()
	_, frac := duckDigits(c.T)
	af, bf := 0, 0
	if a.Class() == rel.ClassDecimal {
		_, af = duckDigits(a)
	}
	if b.Class() == rel.ClassDecimal {
		_, bf = duckDigits(b)
	}
	natural := max(af, bf)
	if op == "*" {
		natural = af + bf
	}
	if natural > rel.MaxDecimalDigits || natural != frac || op != "*" && duckTooWide(a, b) {
		name := map[string]string{"+": "weir_add_%d", "-": "weir_subtract_%d", "*": "weir_multiply_%d"}[op]
		w.Format("CAST("+fmt.Sprintf(name, frac)+"($1, $2) AS "+duckType(c.T)+")", c.Args...)
		return
	}
	// Of two decimals of up to 18 digits DuckDB computes one of 18, and fails where that is too few.
	template := "CAST(($1 " + op + " $2) AS " + duckType(c.T) + ")"
	if digits, _ := duckDigits(c.T); digits > duckShortDecimal && duckShort(a) && duckShort(b) {
		template = fmt.Sprintf("CAST((CAST($1 AS DECIMAL(%d,%d)) %s $2) AS %s)", duckShortDecimal+1, af, op, duckType(c.T))
	}
	w.Format(template, c.Args...)
}

// duckShortDecimal is the number of digits of a decimal that DuckDB keeps in 64 bits.
const duckShortDecimal = 18

func duckShort(t rel.Type) bool {
	if t.Class() != rel.ClassDecimal {
		return true
	}
	digits, _ := duckDigits(t)
	return digits <= duckShortDecimal
}

func duckDivide(w *Writer, c *rel.Call) {
	if c.T.Class() == rel.ClassDecimal {
		_, frac := duckDigits(c.T)
		w.Format(fmt.Sprintf("CAST(weir_divide_%d($1, $2) AS %s)", frac, duckType(c.T)), c.Args...)
		return
	}
	w.Format("weir_divide_double($1, $2)", c.Args...)
}

func duckIntDivide(w *Writer, c *rel.Call) {
	a, b := c.Args[0], c.Args[1]
	switch {
	case a.Type().Class() == rel.ClassDouble || b.Type().Class() == rel.ClassDouble:
		w.Format("CAST(weir_int_divide_double($1, $2) AS "+duckType(c.T)+")", a, b)
	case a.Type().Class() == rel.ClassDecimal || b.Type().Class() == rel.ClassDecimal || c.T.Unsigned:
		w.Format("CAST(weir_divide_0($1, $2) AS "+duckType(c.T)+")", a, b)
	default:
		w.Format("CAST((CAST($1 AS BIGINT) // CAST($2 AS BIGINT)) AS "+duckType(c.T)+")", a, b)
	}
}

func duckModulo(w *Writer, c *rel.Call) {
	a, b := c.Args[0], c.Args[1]
	switch c.T.Class() {
	case rel.ClassInt:
		if n, ok := duckConstant[int64](b); ok && n > 0 && !a.Type().Unsigned {
			w.Format("CAST(($1 % $2) AS "+duckType(c.T)+")", a, b)
			return
		}
		// In 64 bits the least integer % -1 overflows.
		w.Format("CAST((CAST($1 AS HUGEINT) % CAST($2 AS HUGEINT)) AS "+duckType(c.T)+")", a, b)
	case rel.ClassDecimal:
		_, frac := duckDigits(c.T)
		w.Format(fmt.Sprintf("CAST(weir_modulo_%d($1, $2) AS %s)", frac, duckType(c.T)), a, b)
	default:
		w.Format("($1 % $2)", a, b)
	}
}

func duckNegate(w *Writer, c *rel.Call) {
	a := c.Args[0]
	if c.T.Class() == rel.ClassInt {
		if a.Type().Unsigned || a.Type().Kind == rel.Bit {
			w.Format("CAST((- CAST($1 AS HUGEINT)) AS "+duckType(c.T)+")", a)
		} else {
			w.Format("(- CAST($1 AS "+duckType(c.T)+"))", a)
		}
		return
	}
	w.Format("CAST((- $1) AS "+duckType(c.T)+")", a)
}

func duckCase(w *Writer, c *rel.Call) {
	w.Raw("CASE")
	n := len(c.Args)
	for i := 0; i+1 < n; i += 2 {
		w.Format(" WHEN $1 THEN ", c.Args[i])
		duckAs(w, c.Args[i+1], c.T)
	}
	w.Raw(" ELSE ")
	duckAs(w, c.Args[n-1], c.T)
	w.Raw(" END")
}

func duckCoalesce(w *Writer, c *rel.Call) {
	w.Raw("coalesce(")
	for i, a := range c.Args {
		if i > 0 {
			w.Raw(", ")
		}
		duckAs(w, a, c.T)
	}
	w.Raw(")")
}
