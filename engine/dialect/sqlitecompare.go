package dialect

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"weir/engine/rel"
)

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
