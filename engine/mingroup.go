package engine

import (
	"slices"

	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// least is a table of which only groups of at least so many people may be shown.
type least struct {
	table  string
	size   int
	node   rel.Node       // what stands for the table in the bound plan
	scan   *rel.Scan      // below node
	person []rel.ColumnID // the columns of scan that tell people apart
}

// showGroups rewrites a bound plan so that groups that are too small aren't there. The nearest aggregation above such a table counts the people in each group, distinct
// ones, since joins in between may repeat them. Where rows would be shown, compared or put together without one, the statement is refused.
func showGroups(root rel.Node, tables []least, ids *rel.IDs) (rel.Node, error) {
	if len(tables) == 0 {
		return root, nil
	}
	g := &grouper{tables: map[rel.Node]*least{}, ids: ids}
	scans := map[rel.Node]*least{}
	for i := range tables {
		g.tables[tables[i].node], scans[tables[i].scan] = &tables[i], &tables[i]
	}
	seen := map[*least]bool{}
	out, people := g.rewrite(root)
	rel.WalkNodes(root, func(n rel.Node) {
		if t := g.tables[n]; t != nil {
			seen[t] = true
		}
	})
	rel.WalkNodes(root, func(n rel.Node) {
		if t := scans[n]; t != nil && !seen[t] { // what stood for the table was taken apart: nothing is known of the way up from here
			g.refuse(t)
		}
	})
	for _, c := range people {
		g.refuse(c.least)
	}
	return out, g.err
}

// crowd is the people of one table on their way up to an aggregation: the columns that tell them apart.
type crowd struct {
	*least
	columns []rel.Column
}

// lists are the aggregates that show values of single rows whatever the size of the group.
var lists = map[string]bool{"group_concat": true, "json_arrayagg": true, "json_objectagg": true, "any_value": true}

type grouper struct {
	tables map[rel.Node]*least
	ids    *rel.IDs
	err    error
}

func (g *grouper) refuse(t *least) {
	if g.err == nil {
		g.err = sqlerr.TableDenied.New("of the table '%s' only aggregates over at least %d people may be shown: select aggregates of it, over groups that are large enough, and no row by itself", t.table, t.size)
	}
}

// refuseFailing refuses an expression that fails for some values, since its error would tell of one person: COUNT(EXP(IF(name = 'x', 1000, 0))).
func (g *grouper) refuseFailing(t *least) {
	if g.err == nil {
		g.err = sqlerr.TableDenied.New("of the table '%s' only aggregates over at least %d people may be shown, and an expression over its single rows must not be one that could fail: compute with the aggregates instead, as in SUM(a) * 12 for SUM(a * 12)", t.table, t.size)
	}
}

// rewrite rewrites a plan. people are those of the tables below that no aggregation has put together yet.
func (g *grouper) rewrite(n rel.Node) (out rel.Node, people []crowd) {
	if t := g.tables[n]; t != nil {
		return g.table(n, t)
	}
	n = rel.ReplaceExprs(n, func(e rel.Expr) rel.Expr {
		return rel.MapPlans(e, func(sub rel.Node) rel.Node {
			sub, people := g.rewrite(sub)
			for _, c := range people { // a subquery has its own aggregation, or shows rows
				g.refuse(c.least)
			}
			return sub
		})
	})
	in := rel.Inputs(n)
	for i := range in {
		var below []crowd
		in[i], below = g.rewrite(in[i])
		if j, ok := n.(*rel.Join); ok && i == 1 && (j.Kind == rel.SemiJoin || j.Kind == rel.AntiJoin) { // tells whether there is such a row
			for _, c := range below {
				g.refuse(c.least)
			}
			continue
		}
		people = append(people, below...)
	}
	n = rel.WithInputs(n, in)
	if len(people) == 0 {
		return n, nil
	}
	for _, e := range rel.Exprs(n) {
		if !plan.Total(e) {
			g.refuseFailing(people[0].least)
		}
	}
	switch n := n.(type) {
	case *rel.Filter, *rel.Sort, *rel.Limit, *rel.Join:
		return n, people
	case *rel.Project:
		for _, c := range people {
			n = passOn(n, c.columns)
		}
		return n, people
	case *rel.Aggregate:
		return g.aggregate(n, people), nil
	}
	g.refuse(people[0].least) // windows, set operations, recursion: rows are compared or shown one by one
	return n, nil
}

// table finds the columns that tell people apart in what stands for a table.
func (g *grouper) table(n rel.Node, t *least) (rel.Node, []crowd) {
	c := crowd{least: t}
	for _, column := range t.scan.Columns() {
		if slices.Contains(t.person, column.ID) {
			c.columns = append(c.columns, column)
		}
	}
	if p, ok := n.(*rel.Project); ok {
		n = passOn(p, c.columns)
	}
	return n, []crowd{c}
}

// passOn is a projection that puts out columns of its input besides what it computes.
func passOn(p *rel.Project, columns []rel.Column) *rel.Project {
	wider := *p
	wider.Cols = slices.Clone(p.Cols)
	for _, c := range columns {
		if !slices.ContainsFunc(p.Cols, func(have rel.Computed) bool { return have.ID == c.ID }) {
			wider.Cols = append(wider.Cols, rel.Computed{Column: c, Expr: column(c)})
		}
	}
	return &wider
}

// aggregate counts the people of each group and leaves out the groups that are too small. What is above may fail for some values only, so it is kept from those.
func (g *grouper) aggregate(n *rel.Aggregate, people []crowd) rel.Node {
	for _, a := range n.Aggs {
		if lists[a.Agg.Fn] {
			g.refuse(people[0].least)
		}
	}
	counted := *n
	counted.Aggs = slices.Clone(n.Aggs)
	var enough []rel.Expr
	whole := rel.Type{Kind: rel.BigInt, NotNull: true}
	for _, c := range people {
		args := make([]rel.Expr, len(c.columns))
		for i, x := range c.columns {
			args[i] = column(x)
		}
		count := rel.Column{ID: g.ids.Next(), Name: "people", T: whole}
		counted.Aggs = append(counted.Aggs, rel.AggColumn{Column: count, Agg: rel.Agg{Fn: "count", Args: args, Distinct: true, T: whole}})
		enough = append(enough, &rel.Call{Op: rel.OpGe, T: rel.BoolType, Args: []rel.Expr{column(count), &rel.Lit{Value: int64(c.size), T: whole}}})
	}
	p := &rel.Project{Input: &rel.Filter{Input: &counted, Pred: rel.And(enough...), Guard: true}}
	for _, c := range n.Columns() {
		p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: column(c)})
	}
	return p
}

func column(c rel.Column) rel.Expr { return &rel.Col{ID: c.ID, Name: c.Name, T: c.T} }
