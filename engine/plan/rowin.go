package plan

import (
	"slices"

	"weir/engine/rel"
)

// rewriteRowIn replaces tests of rows against subqueries, (a, b) IN (SELECT …), in what the embedded engine runs: it has none that are
// correlated, and compares rows as values, where a NULL is equal to a NULL. With = for each pair the test is
//
//	CASE WHEN EXISTS(a row with all pairs equal) THEN TRUE WHEN EXISTS(a row with no pair different) THEN NULL ELSE FALSE END
//
// which is what MySQL's row comparison gives.
func rewriteRowIn(plan *Plan, ids *rel.IDs) {
	w := &rowIn{plan: plan, ids: ids}
	for _, f := range plan.Fragments {
		if f.IsStep() {
			f.Root = w.node(f.Root)
		}
	}
	plan.Local = w.node(plan.Local)
}

type rowIn struct {
	plan *Plan
	ids  *rel.IDs
}

func (w *rowIn) node(n rel.Node) rel.Node {
	found := false
	rel.WalkNodes(n, func(n rel.Node) {
		for _, e := range rel.Exprs(n) {
			for _, q := range rel.Subqueries(e) {
				found = found || isRowIn(q)
			}
		}
	})
	if !found {
		return n
	}
	return rel.MapNodeExprs(n, func(e rel.Expr) rel.Expr {
		if q, ok := e.(*rel.Subquery); ok && isRowIn(q) {
			return w.exists(q)
		}
		return e
	})
}

func isRowIn(q *rel.Subquery) bool { return q.Kind == rel.InSubquery && len(q.Left) > 1 }

func (w *rowIn) exists(q *rel.Subquery) rel.Expr {
	equal, notNull := w.test(q.Plan, q, q.Out, false)
	if notNull {
		return equal
	}
	copied, id := renumber(q.Plan, w.ids)
	rel.WalkNodes(copied, func(n rel.Node) {
		if v, ok := n.(*rel.View); ok { // now read twice: it can't be filtered for one of the two
			w.plan.Fragments[v.Fragment-1].shared = true
		}
	})
	out := make([]rel.ColumnID, len(q.Out))
	for i, c := range q.Out {
		out[i] = id[c]
	}
	unknown, _ := w.test(copied, q, out, true)
	lit := func(v any) rel.Expr { return &rel.Lit{Value: v, T: rel.BoolType} }
	return &rel.Call{Op: rel.OpCase, Args: []rel.Expr{equal, lit(true), unknown, lit(nil), lit(false)}, T: rel.BoolType}
}

// test is EXISTS(a row of the plan whose columns out are all equal to the left ones), or where maybe is set, whose columns may be equal as far
// as NULL lets one know. notNull says that nothing of it can be NULL.
func (w *rowIn) test(plan rel.Node, q *rel.Subquery, out []rel.ColumnID, maybe bool) (e rel.Expr, notNull bool) {
	notNull = true
	var preds []rel.Expr
	for i, l := range q.Left {
		c := columnOf(plan, out[i])
		var p rel.Expr = &rel.Call{Op: rel.OpEq, Args: []rel.Expr{l, c}, T: rel.BoolType}
		either := []rel.Expr{p}
		for _, x := range []rel.Expr{l, c} {
			if !x.Type().NotNull {
				notNull = false
				either = append(either, &rel.Call{Op: rel.OpIsNull, Args: []rel.Expr{x}, T: rel.BoolType})
			}
		}
		if maybe && len(either) > 1 {
			p = &rel.Call{Op: rel.OpOr, Args: either, T: rel.BoolType}
		}
		preds = append(preds, p)
	}
	t := rel.BoolType
	t.NotNull = true
	return &rel.Subquery{Kind: rel.ExistsSubquery, Plan: filter(plan, preds), T: t}, notNull
}

// renumber copies a plan with new column ids for all that it makes. It returns the new ids by the old ones.
func renumber(n rel.Node, ids *rel.IDs) (rel.Node, map[rel.ColumnID]rel.ColumnID) {
	var old []rel.ColumnID
	for id := range produced(n) {
		old = append(old, id)
	}
	slices.Sort(old)
	r := renumbering{to: map[rel.ColumnID]rel.ColumnID{}, refs: map[int]int{}}
	for _, id := range old {
		r.to[id] = ids.Next()
	}
	rel.WalkNodes(n, func(n rel.Node) {
		if x, ok := n.(*rel.Recursive); ok {
			r.refs[x.Ref] = int(ids.Next()) // greater than any column id, and recursions are fewer than columns
		}
	})
	return r.node(n), r.to
}

type renumbering struct {
	to   map[rel.ColumnID]rel.ColumnID
	refs map[int]int // of recursions
}

func (r renumbering) ref(ref int) int {
	if to, ok := r.refs[ref]; ok {
		return to
	}
	return ref // of a recursion around the plan
}

func (r renumbering) id(id rel.ColumnID) rel.ColumnID {
	if to, ok := r.to[id]; ok {
		return to
	}
	return id // of an enclosing query
}

func (r renumbering) columns(cols []rel.Column) []rel.Column {
	out := slices.Clone(cols)
	for i := range out {
		out[i].ID = r.id(out[i].ID)
	}
	return out
}

func (r renumbering) computed(cols []rel.Computed) []rel.Computed {
	out := slices.Clone(cols)
	for i := range out {
		out[i].ID = r.id(out[i].ID)
	}
	return out
}

func (r renumbering) expr(e rel.Expr) rel.Expr {
	switch e := e.(type) {
	case *rel.Col:
		c := *e
		c.ID = r.id(e.ID)
		return &c
	case *rel.Call:
		c := *e
		c.Args = make([]rel.Expr, len(e.Args))
		for i, a := range e.Args {
			c.Args[i] = r.expr(a)
		}
		return &c
	case *rel.Subquery:
		c := *e
		c.Left = make([]rel.Expr, len(e.Left))
		for i, a := range e.Left {
			c.Left[i] = r.expr(a)
		}
		c.Out = slices.Clone(e.Out)
		for i, id := range e.Out {
			c.Out[i] = r.id(id)
		}
		c.Plan = r.node(e.Plan)
		return &c
	}
	return e
}

func (r renumbering) node(n rel.Node) rel.Node {
	in := rel.Inputs(n)
	for i := range in {
		in[i] = r.node(in[i])
	}
	n = rel.ReplaceExprs(rel.WithInputs(n, in), r.expr)
	switch n := n.(type) {
	case *rel.Scan:
		c := *n
		c.Cols = slices.Clone(n.Cols)
		for i := range c.Cols {
			c.Cols[i].ID = r.id(c.Cols[i].ID)
		}
		c.Unique = nil
		for _, key := range n.Unique {
			k := slices.Clone(key)
			for i := range k {
				k[i] = r.id(k[i])
			}
			c.Unique = append(c.Unique, k)
		}
		return &c
	case *rel.View:
		c := *n
		c.Cols = r.columns(n.Cols)
		return &c
	case *rel.Values:
		c := *n
		c.Cols = r.columns(n.Cols)
		return &c
	case *rel.Project:
		c := *n
		c.Cols = r.computed(n.Cols)
		return &c
	case *rel.Aggregate:
		c := *n
		c.Groups, c.Aggs = r.computed(n.Groups), slices.Clone(n.Aggs)
		for i := range c.Aggs {
			c.Aggs[i].ID = r.id(c.Aggs[i].ID)
		}
		return &c
	case *rel.Window:
		c := *n
		c.Fns = slices.Clone(n.Fns)
		for i := range c.Fns {
			c.Fns[i].ID = r.id(c.Fns[i].ID)
		}
		return &c
	case *rel.SetOp:
		c := *n
		c.Cols = r.columns(n.Cols)
		return &c
	case *rel.Recursive:
		c := *n
		c.Ref, c.Cols = r.ref(n.Ref), r.columns(n.Cols)
		return &c
	case *rel.RecursiveRef:
		c := *n
		c.Ref, c.Cols = r.ref(n.Ref), r.columns(n.Cols)
		return &c
	case *rel.JSONTable:
		c := *n
		c.Cols = slices.Clone(n.Cols)
		for i := range c.Cols {
			c.Cols[i].ID = r.id(c.Cols[i].ID)
		}
		return &c
	}
	return n
}
