package plan

import "weir/engine/rel"

// The embedded engine can't bind some subqueries within others' operands: one on the left of IN (SELECT …) and its like, and one in a window function. They
// failed with an internal error of its own. Their values are computed by a projection below instead.

// hoistSubqueries rewrites what the embedded engine runs.
func hoistSubqueries(plan *Plan, ids *rel.IDs) {
	for _, f := range plan.Fragments {
		if f.IsStep() {
			f.Root = hoist(f.Root, ids)
		}
	}
	plan.Local = hoist(plan.Local, ids)
}

func hoist(n rel.Node, ids *rel.IDs) rel.Node {
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return hoist(p, ids) })
	in := rel.Inputs(n)
	for i := range in {
		in[i] = hoist(in[i], ids)
	}
	n = rel.WithInputs(n, in)
	var below []rel.Computed
	take := func(e rel.Expr) rel.Expr {
		c := rel.Column{ID: ids.Next(), Name: "value", T: e.Type()}
		below = append(below, rel.Computed{Column: c, Expr: e})
		return col(c)
	}
	var out rel.Node
	switch n.(type) {
	case *rel.Window:
		out = rel.ReplaceExprs(n, func(e rel.Expr) rel.Expr {
			if len(rel.Subqueries(e)) > 0 { // computed for every row in any case
				return take(e)
			}
			return e
		})
	case *rel.Filter, *rel.Project:
		out = rel.ReplaceExprs(n, func(e rel.Expr) rel.Expr { return hoistLeft(e, take) })
	default:
		return n
	}
	if len(below) == 0 {
		return n
	}
	p := &rel.Project{Input: in[0]}
	for _, c := range in[0].Columns() {
		p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: col(c)})
	}
	p.Cols = append(p.Cols, below...)
	out = rel.WithInputs(out, []rel.Node{p})
	if _, ok := out.(*rel.Project); ok {
		return out
	}
	same := &rel.Project{Input: out}
	for _, c := range n.Columns() {
		same.Cols = append(same.Cols, rel.Computed{Column: c, Expr: col(c)})
	}
	return same
}

// hoistLeft takes the left operands out of the tests against subqueries in an expression, where these hold subqueries themselves.
func hoistLeft(e rel.Expr, take func(rel.Expr) rel.Expr) rel.Expr {
	switch x := e.(type) {
	case *rel.Call:
		if len(rel.Subqueries(x)) == 0 {
			return x
		}
		c := *x
		c.Args = make([]rel.Expr, len(x.Args))
		for i, a := range x.Args {
			c.Args[i] = hoistLeft(a, take)
		}
		return &c
	case *rel.Subquery:
		c := *x
		c.Left = make([]rel.Expr, len(x.Left))
		for i, l := range x.Left {
			c.Left[i] = l
			if len(rel.Subqueries(l)) > 0 && computable(l) {
				c.Left[i] = take(l)
			}
		}
		return &c
	}
	return e
}

// computable reports whether an expression can be computed for every row, also for those for which it isn't asked: it can't fail by more rows than one.
func computable(e rel.Expr) bool {
	for _, q := range rel.Subqueries(e) {
		if q.Kind == rel.ScalarSubquery && !oneRow(q.Plan) {
			return false
		}
	}
	return true
}
