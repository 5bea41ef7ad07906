package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

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

// Comparison.

// sqliteComparable judges operands that are compared with each other: one class, with one form inside a statement.
func sqliteComparable(c *rel.Call) Verdict {
	digits, scale := 0, 0
	for _, a := range c.Args {
		t := a.Type()
		if lit, ok := a.(*rel.Lit); ok {
			if _, ok := sqliteConstant(lit); !ok {
				return No("the constant has no exact spelling")
			}
			if t.Class() == rel.ClassInt {
				continue // an unsigned constant with a spelling is a signed one too
			}
		}
		if v := sqliteCarried(t); v.Grade != Exact {
			return v
		}
		if t.Class() == rel.ClassDecimal {
			digits, scale = max(digits, t.Precision-t.Scale), max(scale, t.FracDigits())
		}
	}
	if digits+scale > rel.MaxDecimalDigits {
		return No("more than 38 digits")
	}
	return Yes
}

var sqliteOperators = map[rel.Op]string{rel.OpNullEq: "IS"}

func sqliteOperator(op rel.Op) string {
	if s, ok := sqliteOperators[op]; ok {
		return s
	}
	return string(op)
}

func sqliteCompare(w *Writer, c *rel.Call) {
	t := commonType(c.Args)
	w.Raw("(")
	sqliteAt(w, c.Args[0], t)
	w.Raw(" ", sqliteOperator(c.Op), " ")
	sqliteAt(w, c.Args[1], t)
	w.Raw(")")
}

func sqliteIn(w *Writer, c *rel.Call) {
	t := commonType(c.Args)
	w.Raw("(")
	sqliteAt(w, c.Args[0], t)
	w.Raw(" IN (")
	for i, a := range c.Args[1:] {
		if i > 0 {
			w.Raw(", ")
		}
		sqliteAt(w, a, t)
	}
	w.Raw("))")
}

// commonType is the type in which decimals are compared with each other: the widest of both parts. For other classes it says nothing.
func commonType(es []rel.Expr) rel.Type {
	digits, scale := 0, 0
	for _, e := range es {
		if t := e.Type(); t.Class() == rel.ClassDecimal {
			digits, scale = max(digits, t.Precision-t.Scale), max(scale, t.FracDigits())
		}
	}
	return rel.DecimalType(digits+scale, scale)
}

// sqliteAt writes an operand; a decimal as one of a type with at least as many digits before and after the point, an integer likewise where
// a decimal is wanted.
func sqliteAt(w *Writer, e rel.Expr, to rel.Type) {
	t := e.Type()
	if to.Class() != rel.ClassDecimal || t.Class() != rel.ClassDecimal && t.Class() != rel.ClassInt {
		w.Expr(e)
		return
	}
	up := to.FracDigits() - t.FracDigits()
	if t.Class() == rel.ClassInt {
		up = to.FracDigits()
	}
	switch {
	case up < 0:
		w.Fail(fmt.Errorf("%s is wanted as %s", t, to))
	case up == 0 && sqliteWide(t) == sqliteWide(to):
		w.Expr(e)
	case sqliteWide(to):
		w.Raw("weir_wide(")
		w.Expr(e)
		w.Raw(", ", strconv.Itoa(up), ")")
	default:
		w.Raw("(")
		w.Expr(e)
		w.Raw(" * 1", strings.Repeat("0", up), ")")
	}
}

// stored is an operand of a comparison as SQLite keeps it, where comparing what it keeps finds every row that is to be found.
type stored struct {
	text string
	t    rel.Type
	// sure: the stored value is what Column would give.
	sure bool
}

// sqliteStored returns the stored form of an operand. Integers and text are kept as they are compared; for a constant and a computed
// value that is so anyway, and a column that is kept otherwise is converted first. ok is false for other classes.
func sqliteStored(w *Writer, e rel.Expr) (stored, bool) {
	text, t, isColumn := w.Stored(e)
	switch {
	case !isColumn:
		return stored{t: e.Type(), sure: true}, true
	case strings.HasSuffix(t.Native, SQLiteSure) && t.Class() != rel.ClassDateTime:
		return stored{text, t, true}, true
	case t.Class() != rel.ClassInt && t.Class() != rel.ClassText:
		return stored{}, false
	case strings.HasSuffix(t.Native, SQLiteOpaque):
		return stored{t: t, sure: true}, true
	}
	return stored{text: text, t: t}, true
}

func (s stored) write(w *Writer, e rel.Expr, binary bool) {
	if s.text == "" {
		w.Expr(e)
		return
	}
	if binary {
		w.Raw(sqliteBinary(s.text, s.t))
		return
	}
	w.Raw(s.text)
}

// looseCollation reports whether a column's own collation equates all that BINARY equates, so that its index can be used.
func (s stored) looseCollation() bool {
	return s.t.Collation == "NOCASE" || s.t.Collation == "RTRIM"
}

// sqliteFilterCompare compares the stored values, so that indexes serve, and then, where the stored values may be of another type than
// the column's, the values proper. A value that is no number equals no number, so equality with one that is sure needs no second look.
func sqliteFilterCompare(w *Writer, c *rel.Call) {
	if _, ok := c.Args[0].(*rel.Lit); ok {
		c = &rel.Call{Op: rel.Comparisons[c.Op], Args: []rel.Expr{c.Args[1], c.Args[0]}, T: c.T}
	}
	if sqliteFilterMoment(w, c) {
		return
	}
	a, okA := sqliteStored(w, c.Args[0])
	b, okB := sqliteStored(w, c.Args[1])
	equality := c.Op == rel.OpEq
	loose := equality && (a.looseCollation() || b.looseCollation())
	class := c.Args[0].Type().Class()
	switch {
	case class == rel.ClassDecimal && sqliteFilterDecimal(w, c):
	case c.Op == rel.OpNe || c.Op == rel.OpNullEq || !okA || !okB || a.text == "" && b.text == "",
		class != rel.ClassInt && class != rel.ClassText && !(class == rel.ClassDate && a.sure && b.sure):
		sqliteCompare(w, c)
		return
	default:
		a.write(w, c.Args[0], !loose)
		w.Raw(" ", string(c.Op), " ")
		b.write(w, c.Args[1], !loose)
		if !loose && (a.sure && b.sure || equality && (a.sure || b.sure)) {
			return
		}
	}
	w.Raw(" AND ")
	sqliteCompare(w, c)
}

// sqliteFilterDecimal bounds a stored decimal by numbers half a unit in the last place away from the constant that it is compared
// with; SQLite keeps the decimal as a REAL whose error is far smaller. It reports whether it wrote something.
func sqliteFilterDecimal(w *Writer, c *rel.Call) bool {
	text, t, ok := w.Stored(c.Args[0])
	lit, isLit := c.Args[1].(*rel.Lit)
	if !ok || !isLit || strings.HasSuffix(t.Native, SQLiteOpaque) {
		return false
	}
	d, isDecimal := lit.Value.(rel.DecimalText)
	scale := max(t.Scale, lit.T.FracDigits()) + 1
	big, ok := scaled(d, scale-1)
	if !isDecimal || !ok || !big.IsInt64() || t.Precision > 15 {
		return false
	}
	n := big.Int64()
	if n > 1e14 || n < -1e14 {
		return false
	}
	point := func(n int64) string {
		sign := ""
		if n < 0 {
			sign, n = "-", -n
		}
		s := fmt.Sprintf("%0*d", scale+1, n)
		return sign + s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	low, high := point(10*n-5), point(10*n+5)
	switch c.Op {
	case rel.OpEq:
		w.Raw(text, " BETWEEN ", low, " AND ", high)
	case rel.OpGt, rel.OpGe:
		w.Raw(text, " >= ", low)
	case rel.OpLt, rel.OpLe:
		w.Raw(text, " <= ", high)
	default:
		return false
	}
	return true
}

// sqliteFilterMoment compares a datetime that is kept to the second with a constant.
func sqliteFilterMoment(w *Writer, c *rel.Call) bool {
	text, t, ok := w.Stored(c.Args[0])
	lit, isLit := c.Args[1].(*rel.Lit)
	if !ok || !isLit || t.Class() != rel.ClassDateTime || !strings.HasSuffix(t.Native, SQLiteSure) {
		return false
	}
	v, isMoment := lit.Value.(rel.DateTimeValue)
	_, fraction, _ := strings.Cut(momentText(int64(v)), ".")
	second, _, _ := strings.Cut(momentText(int64(v)), ".")
	if !isMoment {
		return false
	}
	op := c.Op
	switch whole := fraction == "000000"; {
	case whole && op != rel.OpEq && op != rel.OpLt && op != rel.OpLe && op != rel.OpGt && op != rel.OpGe:
		return false
	case whole:
	case op == rel.OpLt || op == rel.OpLe:
		op = rel.OpLe
	case op == rel.OpGt || op == rel.OpGe:
		op = rel.OpGt
	default:
		return false
	}
	w.Raw(text, " ", string(op), " '", second, "'")
	return true
}

func sqliteFilterIn(w *Writer, c *rel.Call) {
	a, ok := sqliteStored(w, c.Args[0])
	class := c.Args[0].Type().Class()
	for _, v := range c.Args[1:] {
		if _, isLit := v.(*rel.Lit); !isLit {
			ok = false
		}
	}
	if !ok || a.text == "" || class != rel.ClassInt && class != rel.ClassText && class != rel.ClassDate {
		sqliteIn(w, c)
		return
	}
	a.write(w, c.Args[0], !a.looseCollation())
	w.Raw(" IN (")
	w.List(c.Args[1:])
	w.Raw(")")
	if a.looseCollation() {
		w.Raw(" AND ")
		sqliteIn(w, c)
	}
}

func sqliteIsNull(w *Writer, c *rel.Call) {
	if text, _, ok := w.Stored(c.Args[0]); ok {
		w.Raw("(", text, " IS NULL)")
		return
	}
	w.Format("($1 IS NULL)", c.Args...)
}

func sqliteLikeJudge(c *rel.Call) Verdict { return sqliteTexts(c) }

// sqliteFilterLike adds the range of texts that begin as the pattern does.
func sqliteFilterLike(w *Writer, c *rel.Call) {
	a, ok := sqliteStored(w, c.Args[0])
	if prefix := likePrefix(c); ok && a.text != "" && prefix != "" {
		a.write(w, c.Args[0], true)
		w.Raw(" >= ", sqliteString(prefix), " AND ")
		if next := textAfter(prefix); next != "" {
			a.write(w, c.Args[0], true)
			w.Raw(" < ", sqliteString(next), " AND ")
		}
	}
	w.Format("weir_like($1, $2, $3)", c.Args...)
}

// likePrefix is what every text that matches a constant pattern begins with.
func likePrefix(c *rel.Call) string {
	lit, ok := c.Args[1].(*rel.Lit)
	esc, _ := c.Args[2].(*rel.Lit)
	if !ok || esc == nil {
		return ""
	}
	pattern, _ := lit.Value.(string)
	if e, _ := esc.Value.(string); e != "" && strings.Contains(pattern, e) {
		return ""
	}
	if i := strings.IndexAny(pattern, "%_"); i >= 0 {
		return pattern[:i]
	}
	return pattern
}

// textAfter is the first text, in the order of code points, that follows all texts with the prefix; empty if there is none.
func textAfter(prefix string) string {
	r, n := utf8.DecodeLastRuneInString(prefix)
	switch {
	case r >= utf8.MaxRune:
		return ""
	case r == 0xd7ff:
		r = 0xdfff
	}
	return prefix[:len(prefix)-n] + string(r+1)
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
