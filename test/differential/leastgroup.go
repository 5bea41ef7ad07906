package differential

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"weir/test/reference"
)

// group lets a policy show only groups of a table.
func (m *maker) group(p *Policy, v *view) {
	t := v.table
	size := 2 + m.IntN(6)
	text := fmt.Sprintf("table: %s.%s, min_group: {size: %d", t.Database, t.Name, size)
	v.people = t.Key
	if m.chance(0.5) {
		by := pick(m, t.Columns).Name
		v.people, text = []string{by}, text+", by: "+by
	}
	p.rule(m, text+"}")
	l := least{size: size}
	for _, name := range v.people {
		l.people = append(l.people, peopleColumn(name))
	}
	p.Least[t.Database+"."+t.Name] = l
}

// groupStatement makes a statement whose aggregates are right above tables of which only groups are shown.
func groupStatement(p *Policy, seed uint64) *Statement {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0x6a0b)), set: p.Seen}
	m.room = 40
	s := statement(seed, m.groups(p), nil)
	s.twist = func(q *query) { q.countPeople(p) }
	return s
}

func (m *maker) groups(p *Policy) *query {
	var grouped []*reference.Table
	for _, t := range m.set.Tables {
		if _, ok := p.Least[t.Database+"."+t.Name]; ok {
			grouped = append(grouped, t)
		}
	}
	q := &query{limit: -1}
	t := pick(m, grouped)
	alias := m.alias()
	r := tableRelation(t, alias)
	q.from = &from{table: t.Database + "." + t.Name, alias: alias}
	rels := []*relation{r}
	if m.chance(0.4) {
		right, rr := m.fromItem(0)
		j := &from{left: q.from, right: right}
		if ok, _ := m.joinOn(j, rels, rr, r.rows); ok {
			q.from, rels = j, append(rels, rr)
		}
	}
	s := m.open(rels, nil)
	s.nodeep = true
	q.where = m.whereClause(s, 1)
	groups := &scope{grouped: true, nodeep: true, keyed: true}
	for range m.weighted(3, 5, 2) {
		e := pick(m, s.leaves).clone()
		q.group = append(q.group, e)
		groups.leaves, groups.total = append(groups.leaves, e), append(groups.total, e)
		m.item(q, e.clone())
	}
	aggregate := func() *expr {
		for {
			if e := m.aggregate(s, m.anyClass()); e.feature != "group_concat" {
				return e
			}
		}
	}
	for range 1 + m.IntN(3) {
		m.item(q, aggregate())
	}
	if q.group != nil && m.chance(0.3) {
		groups.leaves = append(groups.leaves, aggregate())
		q.having = m.expr(groups, cBool, 1)
	}
	if q.group != nil && m.chance(0.3) {
		for _, e := range groups.total {
			q.order = append(q.order, &orderTerm{e: e.clone()})
		}
		if q.total = true; m.chance(0.5) {
			m.limit(q)
		}
	}
	return q
}

// countPeople writes the least groups of a policy into a query: as HAVING, over the columns that stand beside what the user sees.
func (q *query) countPeople(p *Policy) {
	var enough []string
	for _, t := range q.from.tables() {
		l, ok := p.Least[t.table]
		if !ok {
			continue
		}
		var columns []string
		for _, c := range l.people {
			columns = append(columns, t.alias+"."+c)
		}
		enough = append(enough, fmt.Sprintf("count(distinct %s) >= %d", strings.Join(columns, ", "), l.size))
	}
	if len(enough) == 0 {
		return
	}
	having := &expr{t: typ{class: cBool}, parts: []any{strings.Join(enough, " and ")}}
	if q.having != nil {
		having.parts = []any{"(", q.having, ") and " + having.parts[0].(string)}
	}
	q.having = having
}

// tables are the tables of a FROM clause.
func (f *from) tables() []*from {
	if f.join != "" {
		return slices.Concat(f.left.tables(), f.right.tables())
	}
	return []*from{f}
}
