package differential

import (
	"fmt"
	"slices"
	"strings"

	"weir/test/reference"
)

// maxRows bounds the estimated rows of a FROM clause.
const maxRows = 30000

// fromClause makes a FROM clause and the scope that it opens.
func (m *maker) fromClause(depth int, outer *scope) (*from, *scope, []*relation) {
	n := 1 + m.weighted(45, 38, 13, 4)
	if m.room < 25 {
		n = min(n, 2)
	}
	f, r := m.fromItem(depth)
	rels := []*relation{r}
	rows := r.rows
	for len(rels) < n {
		right, rr := m.fromItem(depth)
		j := &from{left: f, right: right}
		if f.join == "," { // it would bind less tightly than what follows
			f.join = "cross join"
		}
		if m.joinWithNames(j, rels, rr) {
			rows = max(rows, rr.rows) * 3
		} else {
			join, onRows := m.joinOn(j, rels, rr, rows)
			if !join {
				break
			}
			rows = onRows
		}
		f, rels = j, append(rels, rr)
	}
	return f, m.open(rels, outer), rels
}

// open makes the scope of relations.
func (m *maker) open(rels []*relation, outer *scope) *scope {
	s := &scope{outer: outer}
	for _, r := range rels {
		for _, c := range r.columns {
			e := r.column(c)
			// Digits beyond a column's scale count in MySQL, which merges derived tables, and not in the reference, which doesn't.
			switch {
			case !c.t.hidden:
				s.leaves = append(s.leaves, e)
			case len(s.leaves) == 0: // it may be all that there is
				s.leaves = append(s.leaves, e.rounded())
			}
			if r.key == nil || slices.Contains(r.key, c.name) {
				s.total = append(s.total, e)
			}
		}
	}
	return s
}

func (r *relation) column(c column) *expr {
	return &expr{t: c.t, parts: []any{r.alias + "." + c.name}, leaf: true, base: c.base, samples: c.samples}
}

// rounding is what comes before the name of a column that is a quotient.
const rounding = "round("

// rounded is a column with the fewest digits that a quotient shows.
func (e *expr) rounded() *expr {
	t := e.t
	t.hidden, t.scale = false, 4
	return &expr{t: t, parts: []any{rounding + e.parts[0].(string) + ", 4)"}, leaf: true}
}

// fromItem is a table, a CTE, or a derived table.
func (m *maker) fromItem(depth int) (*from, *relation) {
	alias := m.alias()
	if len(m.ctes) > 0 && m.chance(0.5) {
		c := *pick(m, m.ctes)
		c.alias = alias
		return &from{table: c.name, alias: alias}, &c
	}
	if depth > 0 && m.room > 15 && m.chance(0.2) {
		q, cols := m.query(depth-1, nil, nil, false)
		r := &relation{alias: alias, rows: 200, columns: cols}
		return &from{q: q, alias: alias}, r
	}
	t := pick(m, m.set.Tables)
	if len(t.Rows) == 0 && m.chance(0.6) {
		t = pick(m, m.set.Tables)
	}
	return &from{table: t.Database + "." + t.Name, alias: alias}, tableRelation(t, alias)
}

func tableRelation(t *reference.Table, alias string) *relation {
	r := &relation{alias: alias, key: t.Key, rows: float64(len(t.Rows))}
	for i, c := range t.Columns {
		col := column{name: c.Name, t: columnType(c), base: c.Declared == ""}
		for n := 0; n < len(t.Rows); n += 1 + len(t.Rows)/20 {
			if v := t.Rows[n][i]; v != nil {
				col.samples = append(col.samples, v)
			}
		}
		r.columns = append(r.columns, col)
	}
	return r
}

// joinWithNames makes a join by USING or NATURAL, if the names allow one.
func (m *maker) joinWithNames(j *from, rels []*relation, right *relation) bool {
	if !m.chance(0.25) {
		return false
	}
	var common []string
	for _, c := range right.columns {
		n, same := 0, true
		for _, l := range rels {
			for _, lc := range l.columns {
				if lc.name == c.name {
					n++
					same = same && lc.t.class == c.t.class && lc.t.class != cDouble
				}
			}
		}
		if n > 1 || n == 1 && !same {
			return false // ambiguous, or not comparable
		}
		if n == 1 {
			common = append(common, c.name)
		}
	}
	var keys []string
	for _, c := range common {
		if strings.HasSuffix(c, "id") || c == "region" {
			keys = append(keys, c)
		}
	}
	if len(keys) == 0 {
		return false
	}
	if len(common) <= 2 && m.chance(0.4) {
		j.join = pick(m, []string{"natural join", "natural left join"})
		return true
	}
	j.join = pick(m, []string{"join", "left join", "right join", "inner join"})
	j.using = keys[:1]
	if len(keys) > 1 && m.chance(0.3) {
		j.using = keys[:2]
	}
	return true
}

// joinOn makes a join with a condition, or a cross join of small sides. It gives the estimated rows.
func (m *maker) joinOn(j *from, rels []*relation, right *relation, rows float64) (bool, float64) {
	left, r := m.open(rels, nil), m.open([]*relation{right}, nil)
	both := &scope{leaves: append(slices.Clone(left.leaves), r.leaves...), nodeep: true}
	product := rows * max(1, right.rows)
	if product <= 6000 && m.chance(0.15) {
		j.join = pick(m, []string{"cross join", ",", "join"})
		return true, product
	}
	j.join = pick(m, []string{"join", "join", "inner join", "left join", "left join", "left outer join", "right join"})
	a, b := m.keyPair(left, r)
	if a == nil {
		if product > maxRows {
			return false, 0
		}
		j.on = m.expr(both, cBool, 1)
		return true, product
	}
	op := " = "
	if m.chance(0.05) {
		op = " <=> "
	}
	j.on = &expr{t: typ{class: cBool}, parts: []any{a, op, b}, feature: "equi join"}
	if product <= maxRows && m.chance(0.06) {
		j.on.parts[1] = pick(m, []string{" < ", " >= ", " <> "})
		j.on.feature = "theta join"
		return true, product
	}
	if m.chance(0.2) {
		j.on = &expr{t: typ{class: cBool}, parts: []any{"(", j.on, " and ", m.expr(both, cBool, 1), ")"}, feature: "on with and"}
	}
	out := max(rows, right.rows) * 4
	return out <= maxRows, out
}

// keyPair is a pair of columns that are worth joining by.
func (m *maker) keyPair(left, right *scope) (a, b *expr) {
	isKey := func(e *expr) bool {
		s := e.parts[0].(string)
		return (e.t.class == cInt || e.t.class == cText) && (strings.HasSuffix(s, "id") || strings.HasSuffix(s, ".n")) || strings.HasSuffix(s, "region") || strings.HasSuffix(s, "code")
	}
	for range 12 {
		a, b = pick(m, left.leaves), pick(m, right.leaves)
		if a.t.class == b.t.class && (isKey(a) && isKey(b) || m.chance(0.06) && a.t.class != cDouble) {
			return a.clone(), b.clone()
		}
	}
	return nil, nil
}

// withClause makes common table expressions and puts them into scope.
func (m *maker) withClause(q *query) {
	for range 1 + m.IntN(2) {
		name := fmt.Sprintf("w%d", len(m.ctes)+1)
		c := &cte{name: name}
		var cols []column
		if m.chance(0.3) {
			q.recursive = true
			cols = m.recursive(c)
		} else {
			c.q, cols = m.query(1, nil, nil, false)
		}
		q.with = append(q.with, c)
		m.ctes = append(m.ctes, &relation{name: name, columns: cols, rows: 200})
	}
}

// hierarchy reports whether a table has the numbers that a walk goes by.
func (m *maker) hierarchy(table string) bool {
	found := 0
	for _, t := range m.set.Tables {
		for _, c := range t.Columns {
			if t.Database+"."+t.Name == table && (c.Name == "id" || c.Name == "parent_id") && columnType(c).class == cInt {
				found++
			}
		}
	}
	return found == 2
}

// recursive makes a counter, or walks up a hierarchy.
func (m *maker) recursive(c *cte) []column {
	num := func(mag float64) typ { return typ{class: cInt, mag: mag} }
	raw := func(sql string) *query { return &query{items: []*item{{e: word(sql)}}, limit: -1} }
	all := pick(m, []string{"union all", "union all", "union"})
	where := func(q *query, cond string) { q.where = word(cond) }
	switch m.IntN(3) {
	case 0:
		c.columns = []string{"n", "m"}
		anchor, step := raw("1, 10"), raw(fmt.Sprintf("n + 1, m + %d", m.IntN(5)))
		step.from = &from{table: c.name}
		where(step, fmt.Sprintf("n < %d", 3+m.IntN(20)))
		c.q = &query{op: all, left: anchor, right: step, limit: -1}
		return []column{{name: "n", t: num(2)}, {name: "m", t: num(4)}}
	case 1:
		c.columns = []string{"id", "up", "depth"}
		table := pick(m, []string{"pg.customers", "lite.products"})
		if !m.hierarchy(table) {
			return m.recursive(c)
		}
		anchor, step := raw("id, parent_id, 0"), raw("p.id, p.parent_id, "+c.name+".depth + 1")
		anchor.from = &from{table: table}
		where(anchor, "id % 5 = 0")
		step.from = &from{join: "join", left: &from{table: c.name}, right: &from{table: table, alias: "p"}, on: word("p.id = " + c.name + ".up")}
		c.q = &query{op: all, left: anchor, right: step, limit: -1}
		return []column{{name: "id", t: num(6)}, {name: "up", t: num(6)}, {name: "depth", t: num(2)}}
	default:
		c.columns = []string{"d", "s"}
		anchor, step := raw("cast('2024-01-30' as date), cast('x' as char(60))"), raw("d + interval 1 month, concat(s, '-', month(d))")
		step.from = &from{table: c.name}
		where(step, "d < '2024-10-01'")
		c.q = &query{op: all, left: anchor, right: step, limit: -1}
		return []column{{name: "d", t: typ{class: cDate}}, {name: "s", t: typ{class: cText, length: 60}}}
	}
}
