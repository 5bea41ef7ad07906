package dialect

import (
	"fmt"
	"maps"
	"strings"

	"weir/engine/rel"
)

// stage is how far the clauses of a SELECT block are taken. A block takes up one more operator of the plan as long as SQL
// evaluates that operator's clause after those already there; otherwise the block becomes a derived table of a new one.
type stage uint8

const (
	stageFrom stage = iota
	stageWhere
	stageGroup
	stageHaving
	stageWindow
	stageDistinct
	stageOrder
	stageLimit
)

// block is a SELECT statement under construction, without its select list.
type block struct {
	stage stage
	from  string // empty: no FROM clause
	where []string
	group []string
	// columnGroups is set if all of group are names of columns. MySQL finds no other expression of GROUP BY again in HAVING.
	columnGroups bool
	having       []string
	distinct     bool
	order        []string
	limit        string
	cols         []rel.Column // what the block may put out

	// table and alias are set while the block reads one base table and nothing else, row by row, or, with parts set, in groups that may
	// come in parts.
	table *rel.Table
	alias string
	parts bool
	// single is set if the block is an aggregate without GROUP BY: one row, as long as the select list calls an aggregate function.
	single bool
	// joined is set if from is a join, which needs parentheses as the right side of another one.
	joined bool
}

// text is the statement, with one more condition if that is not empty.
func (b *block) text(p *printer, items []string, condition string) string {
	var s strings.Builder
	s.WriteString("SELECT ")
	if b.distinct {
		s.WriteString("DISTINCT ")
	}
	s.WriteString(join(items))
	where := b.where
	if condition != "" {
		where = append(where[:len(where):len(where)], condition)
	}
	if b.from != "" {
		s.WriteString(" FROM " + b.from)
	} else if p.d.Dual != "" {
		s.WriteString(" FROM " + p.d.Dual)
	}
	if len(where) > 0 {
		s.WriteString(" WHERE " + strings.Join(where, " AND "))
	}
	if len(b.group) > 0 {
		s.WriteString(" GROUP BY " + join(b.group))
	}
	if len(b.having) > 0 {
		s.WriteString(" HAVING " + strings.Join(b.having, " AND "))
	}
	if len(b.order) > 0 {
		s.WriteString(" ORDER BY " + join(b.order))
	}
	s.WriteString(b.limit)
	return s.String()
}

// derived makes the block a derived table of a new one. Columns keep their ids and are from now on reached by their printed names.
func (p *printer) derived(b *block) *block {
	items := p.items(b, b.cols, passValue)
	switch {
	case len(items) > 0:
	case b.single: // only an aggregate function makes it one row
		items = []string{"COUNT(*) AS one"}
	default:
		items = []string{"1 AS one"}
	}
	text := b.text(p, items, "")
	for _, id := range p.outer { // aliases are unique, so the column's text tells
		if strings.Contains(text, p.env[id].text) {
			p.fail(fmt.Errorf("a derived table can't read the enclosing query"))
		}
	}
	alias := p.alias()
	p.rename(b.cols, alias, b.stage == stageDistinct)
	return &block{from: "(" + text + ") AS " + alias, cols: b.cols}
}

// rename makes columns be reached as alias.c<id>. Values that were stored base columns stay so, unless computed is set.
func (p *printer) rename(cols []rel.Column, alias string, computed bool) {
	for _, c := range cols {
		e := p.env[c.ID]
		e.text, e.simple = alias+"."+ColumnName(c.ID), true
		e.base = e.base && !computed
		e.constant, e.aggregate = false, false
		e.col.ID, e.col.T = c.ID, c.T
		p.env[c.ID] = e
	}
}

// node prints a plan into a block.
func (p *printer) node(n rel.Node) *block {
	switch n := n.(type) {
	case *rel.Scan:
		return p.scan(n)
	case *rel.View:
		return p.view(n)
	case *rel.Values:
		return p.values(n)
	case *rel.Filter:
		return p.filter(n)
	case *rel.Project:
		return p.project(n)
	case *rel.Join:
		return p.join(n)
	case *rel.Aggregate:
		return p.aggregate(n)
	case *rel.Window:
		return p.window(n)
	case *rel.Sort:
		return p.sort(n)
	case *rel.Limit:
		b := p.node(n.Input)
		if b.stage == stageLimit {
			b = p.derived(b)
		}
		b.stage = stageLimit
		b.limit = p.write(func(w *Writer) { p.d.Limit(w, n.Offset, n.Count) })
		return b
	case *rel.Distinct:
		b := p.node(n.Input)
		if b.stage >= stageDistinct {
			b = p.derived(b)
		}
		b.stage, b.distinct = stageDistinct, true
		for _, c := range b.cols { // compared as computed values, so put out as such
			p.env[c.ID] = entry{text: p.column(c.ID, c.Name, computeValue), col: c}
		}
		return b
	case *rel.SetOp:
		return p.setOp(n)
	case *rel.Recursive:
		return p.recursive(n)
	case *rel.JSONTable:
		return p.jsonTable(n)
	case *rel.RecursiveRef:
		alias := p.alias()
		for _, c := range n.Cols {
			p.env[c.ID] = entry{col: c}
		}
		for i, c := range n.Cols {
			p.env[c.ID] = entry{text: fmt.Sprintf("%s.c%d", alias, i+1), simple: true, col: c}
		}
		return &block{from: p.recursions[n.Ref] + " AS " + alias, cols: n.Cols}
	default:
		p.fail(fmt.Errorf("%T can't be written", n))
		return &block{}
	}
}

func (p *printer) scan(n *rel.Scan) *block {
	alias := p.alias()
	for _, c := range n.Cols {
		p.env[c.ID] = entry{text: alias + "." + p.d.Ident(c.Name), base: true, simple: true, col: c.Column}
	}
	from := p.write(func(w *Writer) { p.d.Table(w, n.Table) })
	return &block{from: from + " AS " + alias, cols: n.Columns(), table: n.Table, alias: alias}
}

func (p *printer) view(n *rel.View) *block {
	if p.opt.View == nil {
		p.fail(fmt.Errorf("a fragment's rows are not at hand"))
		return &block{}
	}
	alias := p.alias()
	for i, c := range n.Cols {
		p.env[c.ID] = entry{text: fmt.Sprintf("%s.c%d", alias, i+1), simple: true, col: c}
	}
	return &block{from: p.opt.View(n) + " AS " + alias, cols: n.Cols}
}

// values writes constant rows as a union of selects, which every system accepts.
func (p *printer) values(n *rel.Values) *block {
	if len(n.Rows) == 1 {
		for i, c := range n.Cols {
			p.env[c.ID] = entry{text: p.exprText(n.Rows[0][i]), col: c, constant: p.constant(n.Rows[0][i])}
		}
		return &block{cols: n.Cols}
	}
	rows := n.Rows
	var tail string
	if len(rows) == 0 {
		nulls := make([]rel.Expr, len(n.Cols))
		for i, c := range n.Cols {
			nulls[i] = &rel.Lit{T: c.T}
		}
		rows, tail = [][]rel.Expr{nulls}, " WHERE 1 = 0"
	}
	if len(rows) > manyRows && p.d.ValuesList && len(n.Cols) > 0 {
		return p.valuesList(n)
	}
	var parts []string
	for _, row := range rows {
		items := make([]string, 0, len(row)+1)
		for i, c := range n.Cols {
			items = append(items, p.resultText(p.exprText(row[i]), c.T)+" AS "+ColumnName(c.ID))
		}
		if len(items) == 0 {
			items = append(items, "1 AS one")
		}
		dual := ""
		if p.d.Dual != "" {
			dual = " FROM " + p.d.Dual
		}
		parts = append(parts, "SELECT "+join(items)+dual+tail)
	}
	alias := p.alias()
	for _, c := range n.Cols {
		p.env[c.ID] = entry{text: alias + "." + ColumnName(c.ID), simple: true, col: c}
	}
	return &block{from: "(" + strings.Join(parts, " UNION ALL ") + ") AS " + alias, cols: n.Cols}
}

// manyRows is from where on rows are written as a list: as many queries united would keep a planner busy for the square of their number.
const manyRows = 64

func (p *printer) valuesList(n *rel.Values) *block {
	rows, names := make([]string, len(n.Rows)), make([]string, len(n.Cols))
	for i, row := range n.Rows {
		items := make([]string, len(row))
		for j, c := range n.Cols {
			items[j] = p.resultText(p.exprText(row[j]), c.T)
		}
		rows[i] = "(" + join(items) + ")"
	}
	alias := p.alias()
	for j, c := range n.Cols {
		names[j] = ColumnName(c.ID)
		p.env[c.ID] = entry{text: alias + "." + names[j], simple: true, col: c}
	}
	return &block{from: "(VALUES " + strings.Join(rows, ", ") + ") AS " + alias + "(" + join(names) + ")", cols: n.Cols}
}

func (p *printer) resultText(text string, t rel.Type) string {
	if p.d.Result == nil {
		return text
	}
	return p.write(func(w *Writer) { p.d.Result(w, text, t) })
}

func (p *printer) filter(n *rel.Filter) *block {
	b := p.node(n.Input)
	b = p.unfold(b, []rel.Expr{n.Pred})
	switch {
	case b.stage <= stageWhere:
		b.where = append(b.where, p.conjuncts(n.Pred)...)
		b.stage = stageWhere
	case b.stage <= stageHaving && len(b.group) > 0 && b.columnGroups:
		for _, c := range rel.Conjuncts(n.Pred) {
			b.having = append(b.having, p.exprText(c))
		}
		b.stage = stageHaving
	default:
		b = p.derived(b)
		b.where, b.stage = p.conjuncts(n.Pred), stageWhere
	}
	return b
}

// unfold makes a derived table of a block whose computed columns would otherwise be written more than once, or whose aggregates, grouped
// expressions and window functions would be written inside a subquery, where they mean something else.
func (p *printer) unfold(b *block, es []rel.Expr) *block {
	if b.stage >= stageOrder { // the order of a derived table is no promise
		return b
	}
	seen := map[rel.ColumnID]int{}
	for _, e := range es {
		rel.WalkCols(e, func(c *rel.Col) { seen[c.ID]++ })
	}
	for id, n := range seen {
		if e, ok := p.env[id]; ok && n > 1 && !e.simple && len(e.text) > 24 && has(b.cols, id) {
			return p.derived(b)
		}
	}
	if b.stage >= stageGroup {
		for id := range subqueryReads(es) {
			if e, ok := p.env[id]; ok && !e.simple && has(b.cols, id) {
				return p.derived(b)
			}
		}
	}
	return b
}

// subqueryReads are the columns that the subqueries of expressions read.
func subqueryReads(es []rel.Expr) map[rel.ColumnID]bool {
	read := map[rel.ColumnID]bool{}
	for _, e := range es {
		for _, q := range rel.Subqueries(e) {
			rel.WalkExprs(q.Plan, func(e rel.Expr) { rel.WalkCols(e, func(c *rel.Col) { read[c.ID] = true }) })
		}
	}
	return read
}

func has(cols []rel.Column, id rel.ColumnID) bool {
	for _, c := range cols {
		if c.ID == id {
			return true
		}
	}
	return false
}

func (p *printer) project(n *rel.Project) *block {
	es := make([]rel.Expr, len(n.Cols))
	for i, c := range n.Cols {
		es[i] = c.Expr
		if p.apart[c.ID] {
			rel.WalkCols(c.Expr, func(c *rel.Col) { p.apart[c.ID] = true })
		}
	}
	maps.Copy(p.apart, subqueryReads(es))
	b := p.node(n.Input)
	aggregate := false
	for _, e := range es {
		aggregate = aggregate || p.callsAggregate(e)
	}
	if b.distinct || b.single && !aggregate {
		b = p.derived(b)
	}
	b = p.unfold(b, es)
	texts := make([]entry, len(n.Cols))
	for i, c := range n.Cols {
		if col, ok := c.Expr.(*rel.Col); ok {
			if e, ok := p.env[col.ID]; ok { // passed on as it is, stored or computed
				e.col.ID, e.col.Name = c.ID, c.Name
				texts[i] = e
				continue
			}
		}
		texts[i] = entry{text: p.exprText(c.Expr), col: c.Column, constant: p.constant(c.Expr), aggregate: p.callsAggregate(c.Expr)}
	}
	for i, c := range n.Cols {
		p.env[c.ID] = texts[i]
	}
	b.cols = n.Columns()
	return b
}

// callsAggregate reports whether an expression calls an aggregate function of the block.
func (p *printer) callsAggregate(e rel.Expr) bool {
	found := false
	rel.WalkCols(e, func(c *rel.Col) { found = found || p.env[c.ID].aggregate })
	return found
}

func (p *printer) aggregate(n *rel.Aggregate) *block {
	b := p.node(n.Input)
	if b.stage > stageWhere {
		b = p.derived(b)
	}
	var es []rel.Expr
	constant := false
	for _, g := range n.Groups {
		es = append(es, g.Expr)
		if p.constant(g.Expr) {
			constant = true
		}
	}
	if constant { // GROUP BY 1 would mean the first column
		b = p.groupConstants(b, n.Groups)
	}
	b = p.unfold(b, es)
	groups := make([]string, len(n.Groups))
	keys := make([]entry, len(n.Groups))
	columns := true
	for i, g := range n.Groups {
		stored, ok := p.storedKey(g)
		switch {
		case constant && p.constant(g.Expr):
			groups[i] = p.env[g.ID].text
		case ok:
			groups[i] = stored.text
			keys[i] = stored
			continue
		default:
			groups[i] = p.exprText(g.Expr)
		}
		keys[i] = entry{text: groups[i], col: g.Column}
		c, ok := g.Expr.(*rel.Col)
		columns = columns && ok && p.env[c.ID].simple && p.env[c.ID].text == groups[i]
	}
	aggs := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		f, ok := p.d.Aggs[a.Agg.Fn]
		if !ok {
			p.fail(fmt.Errorf("aggregate %s has no form", a.Agg.Fn))
			continue
		}
		aggs[i] = p.write(func(w *Writer) { f.Print(w, &a.Agg) })
	}
	for i, g := range n.Groups {
		p.env[g.ID] = keys[i]
	}
	for i, a := range n.Aggs {
		p.env[a.ID] = entry{text: aggs[i], col: a.Column, aggregate: true}
	}
	b.group, b.columnGroups, b.single = groups, columns, len(groups) == 0
	b.cols, b.stage, b.parts = n.Columns(), stageGroup, n.Parts
	if !n.Parts {
		b.table = nil
	}
	return b
}

// storedKey is the entry of a grouping column that is grouped by as it is stored, and stays a stored column above.
func (p *printer) storedKey(g rel.Computed) (entry, bool) {
	c, ok := g.Expr.(*rel.Col)
	if !ok || p.d.GroupStored == nil {
		return entry{}, false
	}
	e, ok := p.env[c.ID]
	if !ok || !e.base || !p.d.GroupStored(e.col.T) {
		return entry{}, false
	}
	e.col.ID, e.col.Name = g.ID, g.Name
	return e, true
}

// constant reports whether a key reads no column of a table, so that it is written as a constant.
func (p *printer) constant(e rel.Expr) bool {
	constant := true
	rel.WalkCols(e, func(c *rel.Col) { constant = constant && p.env[c.ID].constant })
	return constant && len(rel.Subqueries(e)) == 0
}

// groupConstants moves constant grouping keys into a derived table, where they become columns.
func (p *printer) groupConstants(b *block, groups []rel.Computed) *block {
	cols := b.cols[:len(b.cols):len(b.cols)]
	for _, g := range groups {
		if p.constant(g.Expr) {
			p.env[g.ID] = entry{text: p.resultText(p.exprText(g.Expr), g.T), col: g.Column}
			if !has(cols, g.ID) { // a key may be a column of the input, passed on
				cols = append(cols, g.Column)
			}
		}
	}
	b.cols = cols
	return p.derived(b)
}

func (p *printer) sort(n *rel.Sort) *block {
	b := p.node(n.Input)
	if b.stage >= stageDistinct && (b.stage != stageOrder || b.distinct) {
		b = p.derived(b)
	}
	for _, c := range b.cols { // once the rows are ordered, it is too late
		if b.stage >= stageGroup && p.apart[c.ID] && !p.env[c.ID].simple {
			b = p.derived(b)
		}
	}
	b.order = b.order[:0:0]
	for _, k := range n.Keys {
		if p.constant(k.Expr) { // ORDER BY 1 would mean the first column
			continue
		}
		text := p.exprText(k.Expr)
		b.order = append(b.order, p.write(func(w *Writer) { p.d.SortKey(w, text, k.Expr.Type(), k.Desc) }))
	}
	b.stage = stageOrder
	return b
}
