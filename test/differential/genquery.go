package differential

import (
	"fmt"
	"slices"
	"strings"
)

// top makes the outermost query.
func (m *maker) top() *query {
	q := &query{limit: -1}
	if m.chance(0.15) {
		m.withClause(q)
	}
	made, _ := m.query(2, nil, nil, true)
	made.with, made.recursive = q.with, q.recursive
	return made
}

// query makes a query and gives its columns. want are the classes of its columns, if they are given.
func (m *maker) query(depth int, outer *scope, want []class, top bool) (*query, []column) {
	if depth > 0 && m.room > 20 && m.chance(0.12) {
		return m.setOperation(depth, outer, want, top)
	}
	switch m.weighted(50, 30, 8, 12) {
	case 1:
		return m.grouped(depth, outer, want, top)
	case 2:
		return m.aggregated(depth, outer, want, top)
	case 3:
		return m.windowed(depth, outer, want, top)
	}
	return m.plain(depth, outer, want, top)
}

func (m *maker) classes(want []class, least, most int) []class {
	if want != nil {
		return want
	}
	out := make([]class, least+m.IntN(most-least+1))
	for i := range out {
		out[i] = m.anyClass()
	}
	return out
}

// plain makes SELECT … FROM … WHERE.
func (m *maker) plain(depth int, outer *scope, want []class, top bool) (*query, []column) {
	q := &query{limit: -1}
	if m.chance(0.03) { // no FROM
		s := &scope{outer: outer, nodeep: true}
		return q, m.selectList(q, s, want, 3, false)
	}
	var s *scope
	var rels []*relation
	q.from, s, rels = m.fromClause(depth, outer)
	q.where = m.whereClause(s, depth)
	if top && want == nil && m.chance(0.06) && q.from.join == "" {
		for _, c := range rels[0].columns {
			if c.t.approx || c.t.loose {
				return q, m.selectList(q, s, want, 2, false)
			}
		}
		q.items = []*item{{star: pick(m, []string{"*", rels[0].alias + ".*"}), width: len(rels[0].columns)}}
		m.orderAndLimit(q, s, top)
		return q, rels[0].columns
	}
	q.distinct = m.chance(0.15)
	cols := m.selectList(q, s, want, 2, top && !q.distinct)
	q.distinct = q.distinct && (m.free || q.variable()) // the reference skips the wrong rows of a DISTINCT of constants
	if q.distinct {
		m.orderByPositions(q, top)
	} else {
		m.orderAndLimit(q, s, top)
	}
	return q, cols
}

// selectList fills the items of a query and gives its columns.
func (m *maker) selectList(q *query, s *scope, want []class, depth int, approx bool) []column {
	var cols []column
	for _, c := range m.classes(want, 1, 4) {
		e := m.expr(s, c, depth)
		if approx && want == nil && m.chance(0.06) {
			e = m.approximate(s)
		} else if approx && want == nil && m.chance(0.04) {
			e = m.outputOnly(s)
		}
		cols = append(cols, m.item(q, e))
	}
	return cols
}

// item adds an expression to a select list. Its name is one of a kind, so that an alias in GROUP BY is never taken for a column.
func (m *maker) item(q *query, e *expr) column {
	m.names++
	alias := fmt.Sprintf("c%d", m.names)
	q.items = append(q.items, &item{e: e, alias: alias})
	return column{name: alias, t: e.t}
}

func (m *maker) approximate(s *scope) *expr {
	t := &template{out: cDouble, text: pick(m, approximate)}
	t.parse()
	e := m.build(s, t, 1)
	if e == nil || e.hasQuotient() && !m.free { // the reference rounds some to their scale first
		return m.literal(cDouble)
	}
	e.t.approx = true
	return e
}

func (m *maker) outputOnly(s *scope) *expr {
	t := &template{out: cText, text: pick(m, outputOnly)}
	t.parse()
	if e := m.build(s, t, 1); e != nil {
		return e
	}
	return m.literal(cText)
}

// whereClause makes a condition, or none.
func (m *maker) whereClause(s *scope, depth int) *expr {
	var e *expr
	switch m.weighted(30, 30, 15, 25) {
	case 1:
		e = m.simplePredicate(s)
	case 2:
		e = &expr{t: typ{class: cBool}, parts: []any{"(", m.expr(s, cBool, 1), " or ", m.simplePredicate(s), ")"}, feature: "where or"}
	case 3:
		e = m.expr(s, cBool, 2)
	}
	if s.outer != nil { // correlate
		if in, out := m.keyPair(&scope{leaves: s.leaves}, &scope{leaves: s.outer.leaves}); in != nil {
			c := &expr{t: typ{class: cBool}, parts: []any{in, " = ", out}, feature: "correlated"}
			if e == nil {
				return c
			}
			return &expr{t: c.t, parts: []any{"(", c, " and ", e, ")"}}
		}
	}
	return e
}

// orderAndLimit adds an ORDER BY over a scope, total where there is a LIMIT.
func (m *maker) orderAndLimit(q *query, s *scope, top bool) {
	limit := m.chance(0.15)
	if !limit && !(top && m.chance(0.4)) {
		return
	}
	for range m.IntN(3) {
		if e := m.key(s, m.anyClass(), 1); e != nil {
			q.order = append(q.order, &orderTerm{e: e, desc: m.chance(0.4) && m.descends(s, e)})
		}
	}
	if limit || m.chance(0.6) {
		for _, t := range s.total {
			q.order = append(q.order, &orderTerm{e: t.clone(), desc: m.chance(0.3) && m.descends(s, t)})
		}
		q.total = true
	}
	if limit {
		m.limit(q)
	}
}

// descends reports whether the reference orders by an expression descending. It adds the group of NULL to that of the least computed decimal.
func (m *maker) descends(s *scope, e *expr) bool {
	return m.free || !s.grouped || e.t.class != cDec || e.isColumn()
}

// orderByPositions adds an ORDER BY over the select list.
func (m *maker) orderByPositions(q *query, top bool) {
	if !m.chance(0.5) {
		return
	}
	n := q.width()
	for _, i := range m.Perm(n) {
		q.order = append(q.order, &orderTerm{position: i + 1, desc: m.chance(0.4)})
	}
	q.total = true
	if m.chance(0.2) && top && n > 1 {
		q.order, q.total = q.order[:1], false
	} else if m.chance(0.4) {
		m.limit(q)
	}
}

// variable reports whether a select list has an item that isn't constant: one that reads a column of the query's own tables.
func (q *query) variable() bool {
	own := q.from.aliases()
	for _, it := range q.items {
		if it.e == nil || slices.ContainsFunc(columnsOf(it.e), func(c *expr) bool {
			alias, _, _ := strings.Cut(strings.TrimPrefix(c.parts[0].(string), rounding), ".")
			return slices.Contains(own, alias)
		}) {
			return true
		}
	}
	return false
}

// aliases are the names of a FROM clause's tables.
func (f *from) aliases() []string {
	switch {
	case f == nil:
		return nil
	case f.join != "":
		return append(f.left.aliases(), f.right.aliases()...)
	}
	return []string{f.alias}
}

// distinctConstants reports whether there is a DISTINCT of constants anywhere.
func (q *query) distinctConstants() bool {
	found := false
	q.visit(func(q *query) { found = found || q.distinct && !q.variable() }, nil)
	return found
}

func (q *query) width() int {
	n := 0
	for _, it := range q.leftmost().items {
		n += max(1, it.width)
	}
	return n
}

func (m *maker) limit(q *query) {
	q.limit = pick(m, []int{0, 1, 2, 3, 5, 10, 10, 20, 20, 50, 100, 100})
	if m.chance(0.3) {
		q.offset = 1 + m.IntN(10)
	}
}

// setOperation makes UNION, INTERSECT or EXCEPT.
func (m *maker) setOperation(depth int, outer *scope, want []class, top bool) (*query, []column) {
	want = m.classes(want, 1, 3)
	for i, c := range want {
		if c == cDouble {
			want[i] = cDec
		}
	}
	q := &query{limit: -1, op: pick(m, []string{"union", "union all", "union all", "intersect", "except", "union distinct"})}
	var left, right []column
	q.left, left = m.query(depth-1, outer, want, false)
	q.right, right = m.query(depth-1, outer, want, false)
	for i := range left {
		// MySQL makes DECIMAL of a BIGINT UNSIGNED and a BIGINT, MariaDB of narrower ones too.
		if left[i].t.class == cInt && left[i].t.unsigned != right[i].t.unsigned {
			return q.left, left
		}
	}
	if !m.free && (q.left.windowedQuotient() || q.right.windowedQuotient()) {
		return q.left, left
	}
	if !m.free && (q.left.constantQuotient() || q.right.constantQuotient()) { // beside an aggregate the reference rounds them to their scale first
		return q.left, left
	}
	if q.op != "union all" || m.chance(0.5) {
		m.orderByPositions(q, top)
	}
	for i := range left {
		a, b := &left[i].t, right[i].t
		a.mag, a.scale, a.length, a.unsigned = max(a.mag, b.mag), max(a.scale, b.scale), max(a.length, b.length), a.unsigned && b.unsigned
		a.loose = a.loose || b.loose
		left[i].base = false
	}
	return q, left
}

// windowedQuotient reports whether a select list has a quotient beside a window function. Which of its digits a set operation gets isn't stated.
func (q *query) windowedQuotient() bool {
	hidden, windows := false, false
	for _, i := range q.items {
		hidden = hidden || i.e.t.hidden
		i.e.visit(nil, func(x *expr) { windows = windows || strings.HasPrefix(x.feature, "window ") })
	}
	return hidden && windows
}

// constantQuotient reports whether a select list has a quotient that reads no column.
func (q *query) constantQuotient() bool {
	for _, i := range q.items {
		reads := false
		i.e.visit(nil, func(x *expr) {
			name, ok := x.parts[0].(string)
			name = strings.TrimPrefix(name, rounding)
			reads = reads || ok && x.leaf && name[0] == 't' && strings.Contains(name, ".") // t1.name; literals begin otherwise
		})
		if i.e.hasQuotient() && !reads {
			return true
		}
	}
	return false
}

// grouped makes GROUP BY, with HAVING and sometimes windows over it.
func (m *maker) grouped(depth int, outer *scope, want []class, top bool) (*query, []column) {
	q := &query{limit: -1}
	var s *scope
	q.from, s, _ = m.fromClause(depth, outer)
	q.where = m.whereClause(s, depth)
	inner := &scope{leaves: s.leaves, nodeep: true}
	groups := &scope{outer: outer, grouped: true, keyed: true}
	var cols []column
	for range 1 + m.weighted(5, 3, 1) {
		if e := m.columnOf(&scope{leaves: s.leaves}, m.anyClass()); e != nil && e.isColumn() && m.chance(0.75) {
			q.group = append(q.group, e)
			groups.leaves = append(groups.leaves, e)
			groups.total = append(groups.total, e)
			continue
		}
		e := m.key(inner, m.anyClass(), 2)
		switch {
		case e == nil || e.t.hidden:
		case want == nil: // grouped by the alias of a selected expression
			c := m.item(q, e)
			cols = append(cols, c)
			e = &expr{t: e.t, parts: []any{c.name}, leaf: true, feature: "group by alias"}
			q.group = append(q.group, e)
			groups.total = append(groups.total, e)
		default:
			q.group = append(q.group, e)
			groups.total = append(groups.total, e)
		}
	}
	if len(q.group) == 0 {
		e := inner.leaves[m.IntN(len(inner.leaves))].clone()
		q.group, groups.total = []*expr{e}, []*expr{e}
		if e.isColumn() {
			groups.leaves = []*expr{e}
		}
	}
	columnsOnly, windows, means := len(groups.leaves) == len(q.group), false, false
	for range 1 + m.IntN(3) {
		groups.leaves = append(groups.leaves, m.aggregate(inner, m.anyClass()))
	}
	for _, c := range m.classes(want, 1, 4) {
		var e *expr
		switch n := m.weighted(4, 4, 2); {
		case n == 0:
			e = m.aggregate(inner, c)
		case n == 2 && columnsOnly && !means:
			e = m.window(groups, c)
			windows = windows || e != nil
		}
		if e == nil {
			e = m.expr(groups, c, 2)
			if computesWithMean(e) && !m.free { // beside a window the reference has the mean's shown digits only
				if windows {
					e = m.aggregate(inner, c)
				}
				means = !windows
			}
		}
		if top && want == nil && m.chance(0.05) {
			e = m.approximateAggregate(inner)
		}
		cols = append(cols, m.item(q, e))
	}
	if (m.free || !windows) && m.chance(0.25) { // the reference loses rows of windows with HAVING
		q.having = m.expr(groups, cBool, 2)
	}
	// The reference loses the order of groups with windows over them, and an AVG's hidden digits where groups are ordered by something else.
	if m.free || !windows && !means {
		m.orderAndLimit(q, groups, top)
	}
	return q, cols
}

// averages reports whether an expression holds AVG.
func (e *expr) averages() bool {
	found := false
	e.visit(nil, func(x *expr) { found = found || strings.HasPrefix(x.feature, "avg") })
	return found
}

// computesWithMean reports whether an expression has AVG as an operand.
func computesWithMean(e *expr) bool { return e.averages() && !strings.HasPrefix(e.feature, "avg") }

// aggregated makes aggregates over everything: one row.
func (m *maker) aggregated(depth int, outer *scope, want []class, top bool) (*query, []column) {
	q := &query{limit: -1}
	var s *scope
	q.from, s, _ = m.fromClause(depth, outer)
	q.where = m.whereClause(s, depth)
	inner := &scope{leaves: s.leaves, nodeep: true}
	aggregates := &scope{grouped: true, nodeep: true}
	for range 3 {
		aggregates.leaves = append(aggregates.leaves, m.aggregate(inner, m.anyClass()))
	}
	var cols []column
	for _, c := range m.classes(want, 1, 4) {
		e := m.aggregate(inner, c)
		if m.chance(0.3) {
			e = m.expr(aggregates, c, 2)
		}
		if top && want == nil && m.chance(0.08) {
			e = m.approximateAggregate(inner)
		}
		cols = append(cols, m.item(q, e))
	}
	return q, cols
}

// columnsOf are the columns that an expression reads.
func columnsOf(e *expr) []*expr {
	var out []*expr
	e.visit(nil, func(x *expr) {
		if x.leaf && len(x.parts) == 1 {
			if s, ok := x.parts[0].(string); ok && strings.TrimPrefix(s, rounding)[0] == 't' && s != "true" {
				out = append(out, x)
			}
		}
	})
	return out
}

// isColumn reports whether an expression is a column and nothing else.
func (e *expr) isColumn() bool {
	name, ok := e.parts[0].(string)
	return e.leaf && ok && len(e.parts) == 1 && name[0] == 't' && strings.Contains(name, ".") && !strings.Contains(name, "(")
}
