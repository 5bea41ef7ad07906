package plan

import "weir/engine/rel"

// narrow drops computed columns that nothing above reads, in the plans of subqueries too. needed are the columns that are read above n.
func narrow(n rel.Node, needed idSet) rel.Node {
	switch x := n.(type) {
	case *rel.Project:
		c := *x
		c.Cols = nil
		for _, col := range x.Cols {
			if needed[col.ID] {
				c.Cols = append(c.Cols, col)
			}
		}
		n = &c
	case *rel.Aggregate:
		c := *x
		c.Aggs = nil
		for _, a := range x.Aggs {
			if needed[a.ID] {
				c.Aggs = append(c.Aggs, a)
			}
		}
		if len(c.Aggs) == 0 && len(c.Groups) == 0 { // one row, whoever reads it
			c.Aggs = x.Aggs[:min(1, len(x.Aggs))]
		}
		n = &c
	case *rel.Window:
		c := *x
		c.Fns = nil
		for _, f := range x.Fns {
			if needed[f.ID] {
				c.Fns = append(c.Fns, f)
			}
		}
		if len(c.Fns) == 0 {
			return narrow(x.Input, needed)
		}
		n = &c
	}
	n = mapNodeExprs(n, narrowSubqueries)
	below := idSet{}
	switch n.(type) {
	case *rel.Project, *rel.Aggregate: // nothing else passes
	case *rel.Distinct, *rel.SetOp, *rel.Recursive: // all columns count, by value or by position
		for _, in := range rel.Inputs(n) {
			below.add(columnSet(in))
		}
	default:
		below.add(needed)
	}
	for _, e := range rel.Exprs(n) {
		rel.WalkCols(e, func(c *rel.Col) { below[c.ID] = true })
	}
	if j, ok := n.(*rel.Join); ok && j.Lateral {
		below.add(free(j.Right))
	}
	in := rel.Inputs(n)
	for i := range in {
		in[i] = narrow(in[i], below)
	}
	return rel.WithInputs(n, in)
}

// narrowSubqueries narrows the plans of an expression's outermost subqueries.
func narrowSubqueries(e rel.Expr) rel.Expr {
	switch x := e.(type) {
	case *rel.Call:
		c := *x
		c.Args = make([]rel.Expr, len(x.Args))
		for i, a := range x.Args {
			c.Args[i] = narrowSubqueries(a)
		}
		return &c
	case *rel.Subquery:
		c := *x
		needed := idSet{}
		for _, id := range x.Out {
			needed[id] = true
		}
		c.Plan = narrow(x.Plan, needed)
		c.Left = make([]rel.Expr, len(x.Left))
		for i, a := range x.Left {
			c.Left[i] = narrowSubqueries(a)
		}
		return &c
	}
	return e
}
