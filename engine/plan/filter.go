package plan

import "weir/engine/rel"

// pushFilters moves the predicates of a plan as far down as they mean the same, in the plans of subqueries too.
func pushFilters(n rel.Node) rel.Node {
	return pushInto(n, nil)
}

// pushInto applies predicates to a node, inside it where it can, and does the same for the filters inside.
func pushInto(n rel.Node, preds []rel.Expr) rel.Node {
	n = mapSubqueryPlans(n, pushFilters)
	switch n := n.(type) {
	case *rel.Filter:
		for _, p := range rel.Conjuncts(n.Pred) {
			if !isTrue(p) {
				preds = append(preds, p)
				preds = append(preds, impliedByZone(p)...)
			}
		}
		return pushInto(n.Input, preds)
	case *rel.Project:
		by := map[rel.ColumnID]rel.Expr{}
		for _, c := range n.Cols {
			by[c.ID] = c.Expr
		}
		down, keep := splitPreds(preds, func(p rel.Expr) bool { return !growsTooMuch(p, by) })
		for i, p := range down {
			down[i] = substitute(p, by)
		}
		return filter(&rel.Project{Input: pushInto(n.Input, down), Cols: n.Cols}, keep)
	case *rel.Join:
		return pushJoin(n, preds)
	case *rel.Aggregate:
		by, groups := map[rel.ColumnID]rel.Expr{}, idSet{}
		for _, g := range n.Groups {
			by[g.ID], groups[g.ID] = g.Expr, true
		}
		aggs := idSet{}
		for _, a := range n.Aggs {
			aggs[a.ID] = true
		}
		var down, keep []rel.Expr
		for _, p := range preds {
			if len(groups) > 0 && !outerReads(p).meets(aggs) && !growsTooMuch(p, by) {
				down = append(down, substitute(p, by))
			} else {
				keep = append(keep, p)
			}
		}
		return filter(&rel.Aggregate{Input: pushInto(n.Input, down), Groups: n.Groups, Aggs: n.Aggs, Parts: n.Parts}, keep)
	case *rel.Window:
		down, keep := splitPreds(preds, func(p rel.Expr) bool { return partitionOnly(n, p) })
		return filter(&rel.Window{Input: pushInto(n.Input, down), Fns: n.Fns}, keep)
	case *rel.Sort:
		return &rel.Sort{Input: pushInto(n.Input, preds), Keys: n.Keys}
	case *rel.Distinct:
		return &rel.Distinct{Input: pushInto(n.Input, preds)}
	case *rel.SetOp:
		return pushSetOp(n, preds)
	default: // Limit, Recursive and leaves stop a filter
		in := rel.Inputs(n)
		for i := range in {
			in[i] = pushInto(in[i], nil)
		}
		if l, ok := n.(*rel.Limit); ok && l.Offset > 0 {
			in[0] = oneOfEqual(in[0])
		} else if ok && l.Barrier {
			// A predicate that reads the enclosing query could not be moved out from below the barrier again.
			own := columnSet(l.Input)
			down, keep := splitPreds(preds, func(p rel.Expr) bool { return total(p) && outerReads(p).within(own) })
			return filter(&rel.Limit{Input: pushInto(l.Input, down), Count: l.Count, Barrier: true}, keep)
		}
		return filter(rel.WithInputs(n, in), preds)
	}
}

func splitPreds(preds []rel.Expr, test func(rel.Expr) bool) (yes, no []rel.Expr) {
	for _, p := range preds {
		if test(p) {
			yes = append(yes, p)
		} else {
			no = append(no, p)
		}
	}
	return yes, no
}

// partitionOnly reports whether a predicate removes only whole partitions of every window function.
func partitionOnly(n *rel.Window, p rel.Expr) bool {
	used := outerReads(p)
	for _, f := range n.Fns {
		part := idSet{}
		for _, e := range f.Fn.Partition {
			if c, ok := e.(*rel.Col); ok {
				part[c.ID] = true
			}
		}
		if used[f.ID] || !used.within(part) {
			return false
		}
	}
	return true
}

func pushSetOp(n *rel.SetOp, preds []rel.Expr) rel.Node {
	side := func(in rel.Node) rel.Node {
		by := map[rel.ColumnID]rel.Expr{}
		for i, c := range in.Columns() {
			var e rel.Expr = col(c)
			if t := n.Cols[i].T; c.T.Kind != t.Kind || c.T.Unsigned != t.Unsigned || c.T.Scale != t.Scale || c.T.Precision != t.Precision {
				e = &rel.Call{Op: rel.OpCast, Args: []rel.Expr{e}, T: t}
			}
			by[n.Cols[i].ID] = e
		}
		down := make([]rel.Expr, len(preds))
		for i, p := range preds {
			down[i] = substitute(p, by)
		}
		return pushInto(in, down)
	}
	return &rel.SetOp{Kind: n.Kind, All: n.All, Left: side(n.Left), Right: side(n.Right), Cols: n.Cols}
}

func pushJoin(n *rel.Join, preds []rel.Expr) rel.Node {
	left, right := columnSet(n.Left), columnSet(n.Right)
	var toLeft, toRight, on, above []rel.Expr
	for _, p := range rel.Conjuncts(n.On) {
		if isTrue(p) {
			continue
		}
		used := outerReads(p)
		switch {
		case n.Kind == rel.InnerJoin:
			preds = append(preds, p)
		case (n.Kind == rel.LeftJoin || n.Kind == rel.SemiJoin || n.Kind == rel.AntiJoin) && !used.meets(left):
			toRight = append(toRight, p)
		case n.Kind == rel.SemiJoin && !used.meets(right):
			toLeft = append(toLeft, p)
		default:
			on = append(on, p)
		}
	}
	kind := n.Kind
	if kind == rel.LeftJoin { // a predicate that NULLs can't satisfy makes the outer join an inner one
		for _, p := range preds {
			if rejectsNulls(p).meets(right) {
				return pushJoin(&rel.Join{Kind: rel.InnerJoin, Lateral: n.Lateral, Left: n.Left, Right: n.Right, On: rel.And(append(on, toRight...)...)}, preds)
			}
		}
	}
	if kind == rel.InnerJoin {
		var factored []rel.Expr
		for _, p := range preds {
			factored = append(factored, factorOr(p, left, right)...)
		}
		preds = infer(factored)
	}
	for _, p := range preds {
		used := outerReads(p)
		switch {
		case kind == rel.FullJoin:
			above = append(above, p)
		case !used.meets(right):
			toLeft = append(toLeft, p)
		case kind == rel.InnerJoin && !used.meets(left):
			toRight = append(toRight, p)
		case kind == rel.InnerJoin:
			on = append(on, p)
		default:
			above = append(above, p)
		}
	}
	return filter(&rel.Join{Kind: kind, Lateral: n.Lateral, Left: pushInto(n.Left, toLeft), Right: pushInto(n.Right, toRight), On: rel.And(on...)}, above)
}

// strict are the operators that are NULL when an operand is.
var strict = map[rel.Op]bool{
	rel.OpEq: true, rel.OpNe: true, rel.OpLt: true, rel.OpLe: true, rel.OpGt: true, rel.OpGe: true, rel.OpLike: true,
	rel.OpAdd: true, rel.OpSub: true, rel.OpMul: true, rel.OpDiv: true, rel.OpMod: true, rel.OpIntDiv: true, rel.OpNeg: true, rel.OpCast: true,
	rel.OpNot: true, rel.OpXor: true,
}

// rejectsNulls returns columns of which each, being NULL, keeps the predicate from being true.
func rejectsNulls(e rel.Expr) idSet {
	c, ok := e.(*rel.Call)
	if !ok {
		return nullFrom(e)
	}
	switch {
	case c.Op == rel.OpNot && isCall(c.Args[0], rel.OpIsNull):
		return nullFrom(c.Args[0].(*rel.Call).Args[0])
	case c.Op == rel.OpIsTrue:
		return rejectsNulls(c.Args[0])
	case c.Op == rel.OpAnd:
		return union(c.Args, rejectsNulls)
	case c.Op == rel.OpOr:
		out := rejectsNulls(c.Args[0])
		for _, a := range c.Args[1:] {
			r := rejectsNulls(a)
			for id := range out {
				if !r[id] {
					delete(out, id)
				}
			}
		}
		return out
	}
	return nullFrom(e)
}

// nullFrom returns columns of which each, being NULL, makes the expression NULL.
func nullFrom(e rel.Expr) idSet {
	switch e := e.(type) {
	case *rel.Col:
		return idSet{e.ID: true}
	case *rel.Call:
		if e.Op == rel.OpIn {
			return nullFrom(e.Args[0])
		}
		if strict[e.Op] {
			return union(e.Args, nullFrom)
		}
	}
	return idSet{}
}

func union(es []rel.Expr, f func(rel.Expr) idSet) idSet {
	out := idSet{}
	for _, e := range es {
		for id := range f(e) {
			out[id] = true
		}
	}
	return out
}

func isCall(e rel.Expr, op rel.Op) bool {
	c, ok := e.(*rel.Call)
	return ok && c.Op == op
}

// mapSubqueryPlans rebuilds the plans of the subqueries in a node's own expressions.
func mapSubqueryPlans(n rel.Node, f func(rel.Node) rel.Node) rel.Node {
	found := false
	for _, e := range rel.Exprs(n) {
		found = found || len(rel.Subqueries(e)) > 0
	}
	if !found {
		return n
	}
	return mapTop(n, f)
}

func mapTop(n rel.Node, f func(rel.Node) rel.Node) rel.Node {
	return mapNodeExprs(n, func(e rel.Expr) rel.Expr { return rel.MapPlans(e, f) })
}

// mapNodeExprs rebuilds the expressions of one node, each as a whole.
func mapNodeExprs(n rel.Node, f func(rel.Expr) rel.Expr) rel.Node {
	whole := map[rel.Expr]rel.Expr{}
	for _, e := range rel.Exprs(n) {
		if len(rel.Subqueries(e)) > 0 {
			whole[e] = f(e)
		}
	}
	return rel.ReplaceExprs(n, func(e rel.Expr) rel.Expr {
		if r, ok := whole[e]; ok {
			return r
		}
		return e
	})
}
