package dialect

import (
	"fmt"

	"weir/engine/rel"
)

// duckNumbers are the numeric functions. Functions of doubles are DuckDB's, which calls the C library as MySQL does, with NULL written
// out where an operand is outside the domain: DuckDB raises an error there.
func duckNumbers() map[rel.Op]Form {
	domain := func(condition, value string) Form {
		return Form{Print: func(w *Writer, c *rel.Call) {
			w.Format("CASE WHEN "+condition+" THEN "+value+" END", c.Args...)
		}}
	}
	return map[rel.Op]Form{
		"abs": {Print: func(w *Writer, c *rel.Call) {
			if c.T.Unsigned {
				w.Expr(c.Args[0])
				return
			}
			w.Raw("abs(")
			duckAs(w, c.Args[0], c.T)
			w.Raw(")")
		}},
		"ceil":     {Print: wholeNumber("ceil")},
		"floor":    {Print: wholeNumber("floor")},
		"round":    {Print: duckRound("round")},
		"truncate": {Print: duckRound("truncate")},
		"sign": {Print: func(w *Writer, c *rel.Call) {
			w.Format("CAST(sign($1) AS BIGINT)", c.Args...)
		}},
		"bit_count": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_bit_count(")
			duckToInt(w, c.Args[0], rel.UBigIntType)
			w.Raw(")")
		}},
		"pow":     {Print: Template("weir_finite(pow($1, $2))")},
		"exp":     {Print: Template("weir_finite(exp($1))")},
		"sqrt":    domain("$1 >= 0", "sqrt($1)"),
		"ln":      domain("$1 > 0", "ln($1)"),
		"log":     domain("$1 > 0 AND $1 <> 1 AND $2 > 0", "(ln($2) / ln($1))"),
		"log2":    domain("$1 > 0", "(ln($1) / CAST('0.693147180559945309' AS DOUBLE))"),
		"log10":   domain("$1 > 0", "log10($1)"),
		"sin":     {Print: Template("sin($1)")},
		"cos":     {Print: Template("cos($1)")},
		"tan":     {Print: Template("tan($1)")},
		"cot":     {Print: Template("weir_reciprocal(tan($1))")},
		"asin":    domain("$1 BETWEEN -1 AND 1", "asin($1)"),
		"acos":    domain("$1 BETWEEN -1 AND 1", "acos($1)"),
		"atan":    {Print: Template("atan($1)")},
		"atan2":   {Print: Template("atan2($1, $2)")},
		"degrees": {Print: Template("weir_finite($1 * CAST('57.29577951308232' AS DOUBLE))")},
		"radians": {Print: Template("($1 * CAST('0.017453292519943295' AS DOUBLE))")},

		"greatest": {Print: duckExtreme("greatest")},
		"least":    {Print: duckExtreme("least")},
		"interval": {Print: func(w *Writer, c *rel.Call) {
			w.Format("CASE WHEN $1 IS NULL THEN CAST(-1 AS BIGINT)", c.Args...)
			for i, a := range c.Args[1:] {
				w.Format(fmt.Sprintf(" WHEN $1 < $2 THEN CAST(%d AS BIGINT)", i), c.Args[0], a)
			}
			w.Raw(fmt.Sprintf(" ELSE CAST(%d AS BIGINT) END", len(c.Args)-1))
		}},
	}
}

func wholeNumber(name string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		if c.Args[0].Type().Class() == rel.ClassInt {
			w.Format("CAST($1 AS "+duckType(c.T)+")", c.Args...)
			return
		}
		w.Format("CAST("+name+"($1) AS "+duckType(c.T)+")", c.Args...)
	}
}

func duckRound(name string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		x, n := c.Args[0], c.Args[1]
		class := x.Type().Class()
		places, constant := duckConstant[int64](n)
		go_ := "weir_" + name
		switch {
		case class == rel.ClassInt && constant && places >= 0:
			w.Format("CAST($1 AS "+duckType(c.T)+")", x)
		case class == rel.ClassDecimal && constant && places >= 0 && name == "round" && int64(c.T.FracDigits()) == places:
			// A cast rounds half away from zero, as MySQL rounds exact numbers.
			w.Format("CAST($1 AS "+duckType(c.T)+")", x)
		case class == rel.ClassInt:
			w.Format("CAST("+go_+"_0($1, ", x)
			duckSaturated(w, n)
			w.Raw(") AS ", duckType(c.T), ")")
		case class == rel.ClassDecimal:
			_, frac := duckDigits(c.T)
			w.Format(fmt.Sprintf("CAST(%s_%d($1, ", go_, frac), x)
			duckSaturated(w, n)
			w.Raw(") AS ", duckType(c.T), ")")
		default:
			w.Format(go_+"_double(CAST($1 AS DOUBLE), ", x)
			duckSaturated(w, n)
			w.Raw(")")
		}
	}
}

// duckExtreme writes GREATEST or LEAST, which are NULL if any operand is; DuckDB's skip NULL.
func duckExtreme(name string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		duckNullIfAny(w, c.Args, func() {
			w.Raw(name, "(")
			for i, a := range c.Args {
				if i > 0 {
					w.Raw(", ")
				}
				duckAs(w, a, c.T)
			}
			w.Raw(")")
		})
	}
}
