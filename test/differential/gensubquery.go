package differential

import (
	"fmt"
	"strconv"
)

// simplePredicate is a predicate without operands that are expressions. Often it compares a column with a value that the column has, so
// that something is left.
func (m *maker) simplePredicate(s *scope) *expr {
	c := m.anyClass()
	bool := typ{class: cBool}
	a := m.leaf(s, c)
	if m.chance(0.2) || a.t.hidden {
		return &expr{t: bool, parts: []any{"(", a, pick(m, []string{" is null)", " is not null)", " is not null)"})}, feature: "is null"}
	}
	if len(a.samples) > 0 && m.chance(0.8) {
		op := pick(m, []string{" = ", " < ", " > ", " <= ", " >= ", " >= ", " <= ", " <> ", " <> ", " <=> "})
		return &expr{t: bool, parts: []any{"(", a, op, m.sample(a), ")"}, feature: "compare" + op}
	}
	op := pick(m, []string{" = ", " < ", " > ", " <= ", " >= ", " <> ", " <=> "})
	b := m.leaf(s, c)
	if b.t.hidden {
		b = m.literal(c)
	}
	return &expr{t: bool, parts: []any{"(", a, op, b, ")"}, feature: "compare" + op}
}

// sample is a literal with a value of a column.
func (m *maker) sample(column *expr) *expr {
	v := pick(m, column.samples)
	e := &expr{t: typ{class: column.t.class}, leaf: true}
	switch v := v.(type) {
	case string:
		switch column.t.class {
		case cDec:
			e.parts = []any{"(" + v + ")"}
		default:
			e.parts = []any{quoted(v)}
			e.t.length = len(v)
		}
	case float64:
		e.parts = []any{"(" + strconv.FormatFloat(v, 'e', -1, 64) + ")"}
	default:
		e.parts = []any{fmt.Sprintf("(%d)", v)}
	}
	if n, ok := v.(int64); ok && m.prepared {
		e.parts = []any{arg{n}}
	}
	if t, ok := v.(string); ok && m.prepared && column.t.class == cText {
		e.parts = []any{arg{t}}
	}
	return e
}

// subquery is a scalar subquery, or a predicate over a subquery; nil where none can be.
func (m *maker) subquery(s *scope, c class, depth int) *expr {
	if s.nodeep || m.room < 12 || depth < 0 || s.grouped {
		return nil
	}
	for o := s; o != nil; o = o.outer {
		if o.nodeep {
			return nil
		}
	}
	outer := s
	if m.chance(0.35) {
		outer = nil // not correlated
	}
	if c != cBool {
		return m.scalarSubquery(outer, c)
	}
	shape := m.weighted(4, 2, 5, 2, 1)
	if shape <= 1 {
		q, _ := m.existsQuery(outer)
		words := []string{"exists (", "not exists ("}
		return &expr{t: typ{class: cBool}, parts: []any{"(" + words[shape], q, "))"}, feature: words[shape] + correlation(outer)}
	}
	v := m.anyClass()
	for v == cDouble {
		v = m.anyClass()
	}
	left := m.shown(s, v)
	b := func(feature string, parts ...any) *expr {
		return &expr{t: typ{class: cBool}, parts: parts, feature: feature + correlation(outer)}
	}
	if shape == 4 { // (a, b) in (select …)
		w := m.anyClass()
		return b("row in subquery", "((", left, ", ", m.shown(s, w), ") in (", m.listQuery(outer, []class{v, w}), "))")
	}
	q := m.listQuery(outer, []class{v})
	if shape == 3 {
		return b("not in subquery", "(", left, " not in (", q, "))")
	}
	return b("in subquery", "(", left, " in (", q, "))")
}

// shown is an expression without digits beyond its scale.
func (m *maker) shown(s *scope, c class) *expr {
	for range 5 {
		if e := m.expr(s, c, 1); !e.t.hidden {
			return e
		}
	}
	return m.literal(c)
}

func correlation(outer *scope) string {
	if outer != nil {
		return " correlated"
	}
	return ""
}

// shallow is a scope of one or two tables with a WHERE clause that is correlated with an outer scope.
func (m *maker) shallow(outer *scope) (*query, *scope) {
	q := &query{limit: -1}
	var rels []*relation
	f, r := m.fromItem(0)
	q.from, rels = f, []*relation{r}
	if m.chance(0.15) {
		right, rr := m.fromItem(0)
		j := &from{left: f, right: right}
		if ok, _ := m.joinOn(j, rels, rr, r.rows); ok {
			q.from, rels = j, append(rels, rr)
		}
	}
	s := m.open(rels, outer)
	q.where = m.whereClause(s, 0)
	if outer != nil && q.where == nil {
		q.where = m.expr(s, cBool, 1)
	}
	return q, s
}

func (m *maker) existsQuery(outer *scope) (*query, *scope) {
	q, s := m.shallow(outer)
	q.items = []*item{{e: word(pick(m, []string{"1", "*"}))}}
	return q, s
}

// listQuery gives columns for IN.
func (m *maker) listQuery(outer *scope, want []class) *query {
	q, s := m.shallow(outer)
	inner := &scope{leaves: s.leaves, nodeep: true}
	grouped := len(want) == 1 && m.chance(0.15)
	for _, c := range want {
		e := m.columnOf(inner, c)
		if e == nil || m.chance(0.3) {
			e = m.shown(inner, c)
		}
		if grouped && m.chance(0.6) {
			if g := m.columnOf(inner, m.anyClass()); g != nil {
				// The reference takes a date's MIN that is NULL for one that differs.
				if a := m.aggregate(inner, c); !a.t.hidden && (m.free || c != cDate && c != cDateTime && c != cTime) {
					q.group, e = []*expr{g}, a
				}
			}
		}
		q.items = append(q.items, &item{e: e})
	}
	return q
}

// scalarSubquery gives at most one row: an aggregate, or the first by a total order.
func (m *maker) scalarSubquery(outer *scope, c class) *expr {
	q, s := m.shallow(outer)
	inner := &scope{leaves: s.leaves, nodeep: true}
	var e *expr
	feature := "scalar aggregate subquery"
	if m.chance(0.7) {
		e = m.aggregate(inner, c)
	} else {
		feature = "scalar limit subquery"
		e = m.expr(inner, c, 1)
		for _, t := range s.total {
			q.order = append(q.order, &orderTerm{e: t.clone(), desc: m.chance(0.3)})
		}
		q.limit, q.total = 1, true
	}
	if e == nil {
		return nil
	}
	q.items = []*item{{e: e}}
	return &expr{t: e.t, parts: []any{"(", q, ")"}, feature: feature + correlation(outer)}
}
