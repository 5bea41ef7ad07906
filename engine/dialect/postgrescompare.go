package dialect

import (
	"strings"

	"weir/engine/rel"
)

func (p *postgres) comparisons() map[rel.Op]Form {
	forms := map[rel.Op]Form{
		rel.OpIn:   {Judge: p.judgeComparison, Print: p.in},
		rel.OpLike: {Judge: p.judgeLike, Print: p.like},
	}
	for op := range rel.Comparisons {
		forms[op] = Form{Judge: p.judgeComparison, Print: p.compare}
	}
	return forms
}

func (p *postgres) judgeComparison(c *rel.Call) Verdict {
	grade := p.sortable
	if pgEquality(c.Op) || c.Op == rel.OpIn {
		grade = p.comparable
	}
	for _, a := range c.Args {
		if v := grade(a.Type()); v.Grade != Exact {
			return v
		}
	}
	return Yes
}

func pgOperator(op rel.Op) string {
	if op == rel.OpNullEq {
		return "IS NOT DISTINCT FROM"
	}
	return string(op)
}

func pgEquality(op rel.Op) bool { return op == rel.OpEq || op == rel.OpNe || op == rel.OpNullEq }

// compare writes a comparison of stored values where it means the same, so that indexes serve it.
func (p *postgres) compare(w *Writer, c *rel.Call) {
	a, b, op := c.Args[0], c.Args[1], c.Op
	if _, _, stored := w.Stored(a); !stored {
		if _, _, stored := w.Stored(b); stored {
			a, b, op = b, a, rel.Comparisons[op]
		}
	}
	if p.compareStored(w, a, b, op) {
		return
	}
	w.Raw("(")
	p.operand(w, a, b.Type())
	if a.Type().Class() == rel.ClassText && !pgEquality(op) {
		w.Raw(` COLLATE "C"`)
	}
	w.Raw(" ", pgOperator(op), " ")
	p.operand(w, b, a.Type())
	w.Raw(")")
}

// operand writes one side of a comparison with a value of type other. PostgreSQL compares a date with a timestamp as its midnight, by index.
func (p *postgres) operand(w *Writer, e rel.Expr, other rel.Type) {
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpCast && c.T.Class() == rel.ClassDateTime && c.Args[0].Type().Class() == rel.ClassDate && other.Class() == rel.ClassDateTime {
		w.Expr(c.Args[0])
		return
	}
	w.Expr(e)
}

// compareStored compares stored columns of types whose Column hook would convert them.
func (p *postgres) compareStored(w *Writer, a, b rel.Expr, op rel.Op) bool {
	text, t, ok := w.Stored(a)
	if !ok {
		return false
	}
	base := pgStored(t)
	other, u, both := w.Stored(b)
	both = both && pgStored(u) == base
	value, isText := pgConstant[string](b)
	write := func(right string) bool {
		w.Raw("(", text, " ", pgOperator(op), " ", right, ")")
		return true
	}
	switch base {
	case "uuid": // ordered by bytes, as its text is
		if both {
			return write(other)
		}
		if isText && pgUUID(value) {
			return write(pgString(value) + "::uuid")
		}
	case "character", "bpchar":
		if pgNondeterministic(t) || !pgEquality(op) {
			return false
		}
		if both && t.Collation == u.Collation {
			return write(other)
		}
		if isText && pgTextOK(value) && !strings.HasSuffix(value, " ") {
			return write(pgString(value) + "::bpchar")
		}
	case "character varying", "text":
		if pgNondeterministic(t) || !pgEquality(op) {
			return false
		}
		if isText && pgTextOK(value) {
			return write(pgString(value) + "::text")
		}
	case "timestamp with time zone":
		if both {
			return write(other)
		}
		if v, ok := pgConstant[rel.DateTimeValue](b); ok {
			if s, ok := pgPlain(v); ok {
				return write(pgString(s+"+00") + "::timestamptz")
			}
		}
	case "boolean":
		v, ok := pgConstant[int64](b)
		if !ok || v != 0 && v != 1 || op != rel.OpEq && op != rel.OpNe {
			return false
		}
		if (v == 1) == (op == rel.OpEq) {
			w.Raw(text)
		} else {
			w.Raw("(NOT ", text, ")")
		}
		return true
	}
	return false
}

func pgNondeterministic(t rel.Type) bool { return strings.HasPrefix(t.Collation, "nondeterministic ") }

// pgUUID reports whether text is a UUID as PostgreSQL writes it.
func pgUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f') {
			return false
		}
	}
	return true
}

// longList is the number of values from which a list is written as one array constant, which is parsed faster.
const pgLongList = 8

// in writes a list of constants as an array of the stored column's type where that means the same, so that an index serves it.
func (p *postgres) in(w *Writer, c *rel.Call) {
	x, list := c.Args[0], c.Args[1:]
	if len(list) == 1 {
		p.compare(w, &rel.Call{Op: rel.OpEq, Args: c.Args, T: c.T})
		return
	}
	left, array, elem := p.inLeft(w, x, list)
	if len(list) <= pgLongList && !array {
		w.Raw("(", left, " IN (")
		w.List(list)
		w.Raw("))")
		return
	}
	text, ok := pgArray(list)
	if !ok {
		w.Raw("(", left, " IN (")
		w.List(list)
		w.Raw("))")
		return
	}
	w.Raw("(", left, " = ANY (", text, "::", elem, "[]))")
}

// inLeft returns the left side of an IN, the type of its array, and whether it must be an array.
func (p *postgres) inLeft(w *Writer, x rel.Expr, list []rel.Expr) (left string, array bool, elem string) {
	elem = pgType(x.Type())
	for _, v := range list { // a common type that holds all
		if v.Type().Class() == rel.ClassInt && pgType(v.Type()) == "numeric" {
			elem = "numeric"
		}
	}
	text, t, stored := w.Stored(x)
	all := func(ok func(s string) bool) bool {
		for _, v := range list {
			l, isLit := v.(*rel.Lit)
			if !isLit {
				return false
			}
			if s, isText := l.Value.(string); l.Value != nil && (!isText || !ok(s)) {
				return false
			}
		}
		return true
	}
	if stored {
		switch pgStored(t) {
		case "uuid":
			if all(pgUUID) {
				return text, true, "uuid"
			}
		case "character", "bpchar":
			if !pgNondeterministic(t) && all(func(s string) bool { return !strings.HasSuffix(s, " ") }) {
				return text, true, "bpchar"
			}
		case "character varying", "text":
			if !pgNondeterministic(t) && all(pgTextOK) {
				return text, false, "text"
			}
		case "timestamp with time zone": // in UTC both
			return text, true, "timestamptz"
		}
	}
	inner := &Writer{d: w.d, p: w.p}
	inner.Expr(x)
	if inner.err != nil {
		w.Fail(inner.err)
	}
	return inner.b.String(), false, elem
}

// pgArray is a list of constants as an array constant.
func pgArray(list []rel.Expr) (string, bool) {
	var b strings.Builder
	b.WriteByte('{')
	for i, e := range list {
		if i > 0 {
			b.WriteByte(',')
		}
		l, ok := e.(*rel.Lit)
		if !ok {
			return "", false
		}
		if l.Value == nil {
			b.WriteString("NULL")
			continue
		}
		s, ok := pgPlain(l.Value)
		if !ok {
			return "", false
		}
		switch l.Value.(type) {
		case int64, uint64, rel.DecimalText, rel.DateValue, bool:
			b.WriteString(s)
		default:
			b.WriteByte('"')
			b.WriteString(pgArrayEscape.Replace(s))
			b.WriteByte('"')
		}
	}
	b.WriteByte('}')
	return pgString(b.String()), true
}

var pgArrayEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func (p *postgres) judgeLike(c *rel.Call) Verdict {
	if _, ok := pgConstant[string](c.Args[1]); !ok {
		return No("PostgreSQL fails where a pattern ends with the escape character")
	}
	if _, ok := pgConstant[string](c.Args[2]); !ok {
		return No("the escape character is no constant")
	}
	return Yes
}

// like writes a pattern with PostgreSQL's own escape character, the backslash. LIKE compares by code point under deterministic collations
// and is refused under others.
func (p *postgres) like(w *Writer, c *rel.Call) {
	pattern, _ := pgConstant[string](c.Args[1])
	escape, _ := pgConstant[string](c.Args[2])
	if !pgTextOK(pattern) {
		w.Fail(errNoText)
		return
	}
	text, wild := pgPattern(pattern, escape)
	left, t, stored := w.Stored(c.Args[0])
	base := pgStored(t)
	if !wild {
		p.compare(w, &rel.Call{Op: rel.OpEq, Args: []rel.Expr{c.Args[0], &rel.Lit{Value: text, T: rel.TextType}}, T: c.T})
		return
	}
	w.Raw("(")
	if stored && (base == "text" || base == "character varying") && !pgNondeterministic(t) {
		w.Raw(left)
	} else {
		w.Expr(c.Args[0])
	}
	w.Raw(" LIKE ", pgString(text), ")")
}

// pgPattern rewrites a pattern for the escape character backslash; without wildcards it is the text that must be equal.
func pgPattern(pattern, escape string) (text string, wild bool) {
	var pat, plain strings.Builder
	escaped := false
	literal := func(r rune) {
		if r == '%' || r == '_' || r == '\\' {
			pat.WriteByte('\\')
		}
		pat.WriteRune(r)
		plain.WriteRune(r)
	}
	for _, r := range pattern {
		switch {
		case escaped:
			escaped = false
			literal(r)
		case escape != "" && string(r) == escape:
			escaped = true
		case r == '%' || r == '_':
			wild = true
			pat.WriteRune(r)
		default:
			literal(r)
		}
	}
	if escaped { // comes last and means itself
		for _, r := range escape {
			literal(r)
		}
	}
	if wild {
		return pat.String(), true
	}
	return plain.String(), false
}
