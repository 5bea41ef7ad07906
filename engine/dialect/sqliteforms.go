package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"weir/engine/rel"
)

// sqliteForms are the scalar operators and functions. What SQLite does in another way is a function of package sources/sqlite: integer
// arithmetic that overflows becomes REAL in SQLite, LIKE folds case, length() stops at a NUL character.
func sqliteForms() map[rel.Op]Form {
	f := map[rel.Op]Form{
		rel.OpAnd:    {Print: sqliteChain("AND")},
		rel.OpOr:     {Print: sqliteChain("OR")},
		rel.OpNot:    {Print: Template("(NOT $1)")},
		rel.OpXor:    {Print: Template("($1 <> $2)")}, // both are 0, 1 or NULL
		rel.OpIsNull: {Print: sqliteIsNull},
		rel.OpIsTrue: {Print: Template("($1 IS TRUE)")},
		rel.OpIn:     {Judge: sqliteComparable, Print: sqliteIn, Filter: sqliteFilterIn},
		rel.OpLike:   {Judge: sqliteLikeJudge, Print: Template("weir_like($1, $2, $3)"), Filter: sqliteFilterLike},

		rel.OpAdd:    {Judge: sqliteSum, Print: sqliteArithmetic("+", "weir_add")},
		rel.OpSub:    {Judge: sqliteSum, Print: sqliteArithmetic("-", "weir_sub")},
		rel.OpMul:    {Judge: sqliteProduct, Print: sqliteArithmetic("*", "weir_mul")},
		rel.OpNeg:    {Judge: sqliteNeg, Print: sqliteNegPrint},
		rel.OpMod:    {Judge: sqliteWhole, Print: Template("($1 % $2)")},
		rel.OpIntDiv: {Judge: sqliteIntDiv, Print: Template("($1 / $2)")},

		rel.OpCase:     {Judge: sqliteResults, Print: sqliteCase},
		rel.OpCoalesce: {Judge: sqliteResults, Print: sqliteCoalesce},
		rel.OpCast:     {Judge: sqliteCastJudge, Print: sqliteCast},
		rel.OpExtract:  {Judge: sqliteExtractJudge, Print: sqliteExtract},

		"concat":      {Judge: sqliteTexts, Print: Infix("||")},
		"char_length": {Judge: sqliteTexts, Print: Func("weir_char_length")},
		"length":      {Judge: sqliteTexts, Print: Template("length(CAST($1 AS BLOB))")},
	}
	for _, op := range []rel.Op{rel.OpEq, rel.OpNe, rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe, rel.OpNullEq} {
		f[op] = Form{Judge: sqliteComparable, Print: sqliteCompare, Filter: sqliteFilterCompare}
	}
	return f
}

// sqliteChain writes a chain of ANDs or ORs as a balanced tree: SQLite bounds the depth of an expression, not its size.
func sqliteChain(word string) func(*Writer, *rel.Call) {
	var write func(w *Writer, es []rel.Expr)
	write = func(w *Writer, es []rel.Expr) {
		if len(es) == 1 {
			w.Expr(es[0])
			return
		}
		half := len(es) / 2
		w.Raw("(")
		write(w, es[:half])
		w.Raw(" ", word, " ")
		write(w, es[half:])
		w.Raw(")")
	}
	return func(w *Writer, c *rel.Call) { write(w, c.Args) }
}

// Arithmetic.

func sqliteWhole(c *rel.Call) Verdict {
	for _, a := range append([]rel.Expr{c}, c.Args...) {
		if t := a.Type(); t.Class() != rel.ClassInt || t.Unsigned {
			return No("proved for signed integers only")
		}
	}
	return Yes
}

// sqliteNumbers judges arithmetic on integers, or on decimals whose result has at most 18 digits and the given scale.
func sqliteNumbers(c *rel.Call, scale int) Verdict {
	if c.T.Class() != rel.ClassDecimal {
		return sqliteWhole(c)
	}
	if v := sqliteComparable(c); v.Grade != Exact {
		return v
	}
	if sqliteWide(c.T) {
		return No("more than 18 digits don't fit into SQLite's numbers")
	}
	for _, a := range c.Args {
		if a.Type().Class() != rel.ClassDecimal || sqliteWide(a.Type()) {
			return No("proved for decimals of up to 18 digits only")
		}
	}
	if c.T.FracDigits() != scale {
		return No("the result would have to be rounded")
	}
	return Yes
}

func sqliteSum(c *rel.Call) Verdict { return sqliteNumbers(c, commonType(c.Args).Scale) }

func sqliteProduct(c *rel.Call) Verdict {
	return sqliteNumbers(c, c.Args[0].Type().FracDigits()+c.Args[1].Type().FracDigits())
}

func sqliteNeg(c *rel.Call) Verdict { return sqliteNumbers(c, c.Args[0].Type().FracDigits()) }

func sqliteArithmetic(op, function string) func(*Writer, *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		if c.T.Class() == rel.ClassInt {
			w.Format(function+"($1, $2)", c.Args...)
			return
		}
		t := commonType(c.Args)
		w.Raw("(")
		for i, a := range c.Args {
			if i > 0 {
				w.Raw(" ", op, " ")
			}
			if op == "*" {
				w.Expr(a)
			} else {
				sqliteAt(w, a, rel.DecimalType(sqliteDigits, t.Scale))
			}
		}
		w.Raw(")")
	}
}

func sqliteNegPrint(w *Writer, c *rel.Call) {
	if c.T.Class() == rel.ClassInt {
		w.Format("weir_sub(0, $1)", c.Args...)
		return
	}
	w.Format("(- $1)", c.Args...)
}

// sqliteIntDiv judges DIV: the quotient that overflows is REAL in SQLite, and only the divisor -1 gives it.
func sqliteIntDiv(c *rel.Call) Verdict {
	if lit, ok := c.Args[1].(*rel.Lit); ok {
		if n, ok := lit.Value.(int64); ok && n > 0 {
			return sqliteWhole(c)
		}
	}
	return No("proved for a positive constant divisor only")
}

// Conditions.

// sqliteResults judges values that become one result: decimals take the result's scale.
func sqliteResults(c *rel.Call) Verdict {
	if v := sqliteCarried(c.T); v.Grade != Exact {
		return v
	}
	for i, a := range c.Args {
		if c.Op == rel.OpCase && i%2 == 0 && i < len(c.Args)-1 {
			continue
		}
		lit, isLit := a.(*rel.Lit)
		if isLit && lit.Value == nil {
			continue
		}
		t := a.Type()
		if t.Class() != c.T.Class() || t.Unsigned != c.T.Unsigned {
			return No("a branch has another type than the result")
		}
		if t.Class() == rel.ClassDecimal && (t.FracDigits() > c.T.FracDigits() || t.Precision-t.Scale > c.T.Precision-c.T.Scale) {
			return No("a branch has more digits than the result")
		}
		if isLit {
			if _, ok := sqliteConstant(lit); !ok {
				return No("the constant has no exact spelling")
			}
		}
	}
	return Yes
}

func sqliteCase(w *Writer, c *rel.Call) {
	w.Raw("CASE")
	last := len(c.Args) - 1
	for i := 0; i < last; i += 2 {
		w.Raw(" WHEN ")
		w.Expr(c.Args[i])
		w.Raw(" THEN ")
		sqliteAt(w, c.Args[i+1], c.T)
	}
	w.Raw(" ELSE ")
	sqliteAt(w, c.Args[last], c.T)
	w.Raw(" END")
}

func sqliteCoalesce(w *Writer, c *rel.Call) {
	if len(c.Args) == 1 {
		sqliteAt(w, c.Args[0], c.T)
		return
	}
	w.Raw("coalesce(")
	for i, a := range c.Args {
		if i > 0 {
			w.Raw(", ")
		}
		sqliteAt(w, a, c.T)
	}
	w.Raw(")")
}

// Text.

func sqliteTexts(c *rel.Call) Verdict {
	for _, a := range c.Args {
		if t := a.Type(); t.Class() != rel.ClassText {
			return No("proved for text only")
		}
		if lit, ok := a.(*rel.Lit); ok {
			if _, ok := sqliteConstant(lit); !ok {
				return No("the constant has no exact spelling")
			}
		}
	}
	return Yes
}

// Casts and parts of dates.

// sqliteCasts gives the text of a cast by the classes that it leads from and to.
var sqliteCasts = map[[2]rel.Class]string{
	{rel.ClassBool, rel.ClassInt}:          "$1",
	{rel.ClassInt, rel.ClassInt}:           "$1",
	{rel.ClassInt, rel.ClassDouble}:        "CAST($1 AS REAL)",
	{rel.ClassInt, rel.ClassText}:          "CAST($1 AS TEXT)",
	{rel.ClassText, rel.ClassText}:         "$1",
	{rel.ClassDate, rel.ClassDate}:         "$1",
	{rel.ClassDate, rel.ClassText}:         "$1",
	{rel.ClassDate, rel.ClassDateTime}:     "($1 || ' 00:00:00.000000')",
	{rel.ClassDateTime, rel.ClassDate}:     "substr($1, 1, 10)",
	{rel.ClassDateTime, rel.ClassDateTime}: "$1",
	{rel.ClassInt, rel.ClassDecimal}:       "",
	{rel.ClassDecimal, rel.ClassDecimal}:   "",
	{rel.ClassDecimal, rel.ClassDouble}:    "",
}

func sqliteCastJudge(c *rel.Call) Verdict {
	from, to := c.Args[0].Type(), c.T
	if _, ok := sqliteCasts[[2]rel.Class{from.Class(), to.Class()}]; !ok {
		return No(fmt.Sprintf("the cast from %s to %s has no proved form in sqlite", from, to))
	}
	switch {
	case from.Unsigned || to.Unsigned || from.Kind == rel.Bit || from.Kind == rel.Year,
		to.Class() == rel.ClassInt && to.Kind != rel.BigInt,
		to.Class() == rel.ClassText && (to.Kind == rel.Enum || to.Kind == rel.Set),
		to.Class() == rel.ClassDouble && to.Kind != rel.Double,
		from.Class() == rel.ClassDateTime && to.Class() == rel.ClassDateTime && to.Scale < from.Scale:
		return No(fmt.Sprintf("the cast from %s to %s has no proved form in sqlite", from, to))
	}
	if to.Class() == rel.ClassDecimal {
		whole := from.Precision - from.Scale
		if from.Class() == rel.ClassInt {
			whole = 19
		}
		if to.FracDigits() < from.FracDigits() || to.Precision-to.Scale < whole || to.Precision-to.Scale+to.FracDigits() > rel.MaxDecimalDigits {
			return No("the number would have to be rounded or cut")
		}
	}
	if from.Class() == rel.ClassDecimal && to.Class() == rel.ClassDouble && from.Precision > 15 {
		return No("more than 15 digits are not exact in a double")
	}
	return Yes
}

func sqliteCast(w *Writer, c *rel.Call) {
	from, to := c.Args[0].Type(), c.T
	switch {
	case to.Class() == rel.ClassDecimal:
		sqliteAt(w, c.Args[0], to)
	case from.Class() == rel.ClassDecimal:
		// Both numbers are exact in a double, so the quotient is the double nearest to the decimal.
		w.Format("(CAST($1 AS REAL) / 1"+strings.Repeat("0", from.FracDigits())+")", c.Args...)
	default:
		w.Format(sqliteCasts[[2]rel.Class{from.Class(), to.Class()}], c.Args...)
	}
}

// sqliteParts are the places of a date's parts in its text.
var sqliteParts = map[string][2]int{"YEAR": {1, 4}, "MONTH": {6, 2}, "DAY": {9, 2}, "HOUR": {12, 2}, "MINUTE": {15, 2},
	"SECOND": {18, 2}, "MICROSECOND": {21, 6}}

func sqliteExtractJudge(c *rel.Call) Verdict {
	unit, _ := c.Args[0].(*rel.Lit)
	if unit == nil {
		return No("the unit is no constant")
	}
	name, _ := unit.Value.(string)
	part, ok := sqliteParts[name]
	class := c.Args[1].Type().Class()
	switch {
	case name == "QUARTER":
		part, ok = sqliteParts["MONTH"], true
	}
	if !ok || class != rel.ClassDateTime && (class != rel.ClassDate || part[0] > 10) {
		return No("extract of " + name + " has no proved form in sqlite")
	}
	return Yes
}

func sqliteExtract(w *Writer, c *rel.Call) {
	name := c.Args[0].(*rel.Lit).Value.(string)
	part, before, after := sqliteParts[name], "CAST(", " AS INTEGER)"
	if name == "QUARTER" {
		part, before, after = sqliteParts["MONTH"], "((CAST(", " AS INTEGER) + 2) / 3)"
	}
	w.Raw(before)
	w.Format("substr($1, ", c.Args[1])
	w.Raw(strconv.Itoa(part[0]), ", ", strconv.Itoa(part[1]), ")", after)
}
