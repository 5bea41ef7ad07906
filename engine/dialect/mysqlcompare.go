package dialect

import (
	"strings"

	"weir/engine/rel"
)

// Comparisons. Where one is a whole conjunct, it is written twice if a column is wrapped: on the column as it is stored, by its own
// collation, so that an index serves, and exactly. The first must hold wherever the second does:
//
//   - what is equal by code point is equal by any collation, and matches LIKE by any;
//   - order differs between collations, so ranges are written twice only if the column has Weir's collation;
//   - stored values that are no dates compare like dates, and are taken out again by the second.
func (m *mysql) comparisons() map[rel.Op]Form {
	forms := map[rel.Op]Form{}
	for op, sign := range map[rel.Op]string{rel.OpEq: "=", rel.OpNe: "<>", rel.OpLt: "<", rel.OpLe: "<=", rel.OpGt: ">", rel.OpGe: ">=", rel.OpNullEq: "<=>"} {
		compare := func(w *Writer, c *rel.Call) {
			w.Raw("(")
			m.operand(w, c.Args[0])
			w.Raw(" ", sign, " ")
			m.operand(w, c.Args[1])
			w.Raw(")")
		}
		f := Form{Judge: mysqlComparable, Print: compare}
		if op != rel.OpNe && op != rel.OpNullEq {
			f.Filter = func(w *Writer, c *rel.Call) {
				if a, b, ok := m.stored(w, c.Args[0], c.Args[1], op != rel.OpEq); ok {
					w.Raw("(", a, " ", sign, " ", b, " AND ")
					w.Expr(c.Args[0])
					w.Raw(" ", sign, " ")
					w.Expr(c.Args[1])
					w.Raw(")")
					return
				}
				compare(w, c)
			}
		}
		forms[op] = f
	}
	forms[rel.OpIn] = Form{
		Judge: mysqlComparable,
		Print: m.in,
		Filter: func(w *Writer, c *rel.Call) {
			var a string
			for _, v := range c.Args[1:] {
				var ok bool
				if _, literal := v.(*rel.Lit); literal {
					a, _, ok = m.stored(w, c.Args[0], v, false)
				}
				if !ok {
					m.in(w, c)
					return
				}
			}
			w.Raw("(", a, " IN (")
			w.List(c.Args[1:])
			w.Raw(") AND ")
			m.in(w, c)
			w.Raw(")")
		},
	}
	forms[rel.OpLike] = Form{
		Judge: func(c *rel.Call) Verdict {
			if e, ok := c.Args[2].(*rel.Lit); !ok || e.Value == nil || len([]rune(e.Value.(string))) > 1 {
				return No("the escape character is no constant")
			}
			return mysqlComparable(c)
		},
		Print: mysqlLike,
		Filter: func(w *Writer, c *rel.Call) {
			p, literal := c.Args[1].(*rel.Lit)
			if literal && p.Value != nil && !strings.HasPrefix(p.Value.(string), "%") && !strings.HasPrefix(p.Value.(string), "_") {
				if a, b, ok := m.stored(w, c.Args[0], c.Args[1], false); ok {
					w.Raw("(", a, " LIKE ", b, " ESCAPE ")
					w.Expr(c.Args[2])
					w.Raw(" AND ")
					mysqlLike(w, c)
					w.Raw(")")
					return
				}
			}
			mysqlLike(w, c)
		},
	}
	forms[rel.OpRegexp] = Form{Judge: mysqlPlainRegexp, Print: Infix("REGEXP")}
	return forms
}

func (m *mysql) in(w *Writer, c *rel.Call) {
	w.Raw("(")
	m.operand(w, c.Args[0])
	w.Raw(" IN (")
	for i, a := range c.Args[1:] {
		if i > 0 {
			w.Raw(", ")
		}
		m.operand(w, a)
	}
	w.Raw("))")
}

// operand writes an operand of a comparison.
func (m *mysql) operand(w *Writer, e rel.Expr) {
	if !m.mariadb() {
		w.Expr(e)
		return
	}
	m.match(w, w.p.exprText(e), e.Type())
}

func mysqlLike(w *Writer, c *rel.Call) { w.Format("($1 LIKE $2 ESCAPE $3)", c.Args...) }

func mysqlComparable(c *rel.Call) Verdict {
	for _, a := range c.Args {
		if a.Type().Class() == rel.ClassJSON {
			return No("JSON is compared by the document's text or by its value, depending on the server")
		}
	}
	return Yes
}

// mysqlPlainRegexp lets patterns pass that mean the same in every library: MySQL has ICU, MariaDB PCRE.
func mysqlPlainRegexp(c *rel.Call) Verdict {
	no := No("regular expressions differ between systems in all but the plainest patterns")
	p, ok := c.Args[1].(*rel.Lit)
	if !ok || p.Value == nil {
		return no
	}
	pattern := strings.TrimPrefix(p.Value.(string), "^")
	if pattern == "" {
		return no
	}
	for _, r := range pattern {
		if !(r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == ' ' || r == '-') {
			return no
		}
	}
	return Yes
}

// stored returns two operands with columns written as they are stored, if that makes a difference and the comparison of these
// holds wherever the exact one does. ordered says that it is no test for equality.
func (m *mysql) stored(w *Writer, a, b rel.Expr, ordered bool) (at, bt string, ok bool) {
	var collations []string
	var constant string
	write := func(e rel.Expr) (text string, column, ok bool) {
		if l, literal := e.(*rel.Lit); literal {
			constant, _ = l.Value.(string)
			return w.p.exprText(e), false, true
		}
		text, t, ok := w.Stored(e)
		collations = append(collations, t.Collation)
		return text, true, ok && m.wrapped(t, ordered)
	}
	at, acol, aok := write(a)
	bt, bcol, bok := write(b)
	if !aok || !bok || !acol && !bcol {
		return "", "", false
	}
	if acol && bcol && (ordered || collations[0] != collations[1]) { // MySQL refuses to compare columns of two collations
		return "", "", false
	}
	if constant != "" && !mysqlHolds(collations[0], constant) {
		return "", "", false
	}
	return at, bt, true
}

// mysqlHolds tells whether a column of a collation can hold a text; else MariaDB refuses to compare them.
func mysqlHolds(collation, text string) bool {
	charset, _, _ := strings.Cut(collation, "_")
	limit := rune(0x80)
	switch charset {
	case "utf8mb4", "utf16", "utf16le", "utf32":
		return true
	case "utf8mb3", "utf8", "ucs2":
		limit = 0x10000
	case "swe7":
		return false
	}
	for _, r := range text {
		if r >= limit {
			return false
		}
	}
	return true
}

// wrapped tells whether a column is wrapped when it is read, and may be compared as it is stored to narrow the rows.
func (m *mysql) wrapped(t rel.Type, ordered bool) bool {
	switch t.Class() {
	case rel.ClassText:
		if t.Kind == rel.Enum || t.Kind == rel.Set || mysqlOwnKind(t) {
			return false
		}
		return !ordered || t.Collation == m.collation
	case rel.ClassDate, rel.ClassDateTime:
		return true
	}
	return false
}
