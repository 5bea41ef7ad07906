package plan

import (
	"slices"

	"weir/engine/rel"
)

// unnest turns subqueries in filters into joins where that gives the same rows: EXISTS and IN into semi joins, NOT EXISTS into
// an anti join, and a correlated aggregate into a left join with a grouped table. What doesn't fit stays a subquery, which the embedded
// engine can run as well; a join can be ordered, pushed and fed with keys.
func unnest(n rel.Node, ids *rel.IDs) rel.Node {
	in := rel.Inputs(n)
	for i := range in {
		in[i] = unnest(in[i], ids)
	}
	n = rel.WithInputs(n, in)
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return unnest(p, ids) })
	switch x := n.(type) {
	case *rel.Join: // a filter with a subquery may have moved into the condition of an inner join
		with, without := splitPreds(rel.Conjuncts(x.On), func(p rel.Expr) bool { return len(rel.Subqueries(p)) > 0 })
		if x.Kind != rel.InnerJoin || len(with) == 0 {
			return n
		}
		c := *x
		c.On = rel.And(without...)
		return unnestFilter(&rel.Filter{Input: &c, Pred: rel.And(with...)}, ids)
	case *rel.Project:
		return unnestProject(x, ids)
	case *rel.Filter:
		return unnestFilter(x, ids)
	}
	return n
}

// unnestProject turns the correlated aggregates of a select list into left joins.
func unnestProject(n *rel.Project, ids *rel.IDs) rel.Node {
	out := &rel.Project{Input: n.Input, Cols: slices.Clone(n.Cols)}
	for i, c := range n.Cols {
		for _, q := range rel.Subqueries(c.Expr) {
			if joined, value, ok := joinAggregate(out.Input, q, ids); ok {
				out.Input = joined
				out.Cols[i].Expr = replaceSubquery(out.Cols[i].Expr, q, value)
			}
		}
	}
	return out
}

// replaceSubquery puts a value in the place of a scalar subquery.
func replaceSubquery(e rel.Expr, q *rel.Subquery, value rel.Expr) rel.Expr {
	return rel.MapExpr(e, func(e rel.Expr) rel.Expr {
		if s, ok := e.(*rel.Subquery); ok && s.Kind == rel.ScalarSubquery && len(s.Out) == 1 && s.Out[0] == q.Out[0] {
			return value
		}
		return e
	})
}

func unnestFilter(f *rel.Filter, ids *rel.IDs) rel.Node {
	input := f.Input
	var keep []rel.Expr
	for _, p := range rel.Conjuncts(f.Pred) {
		if joined, ok := semiJoin(input, p); ok {
			input = joined
			continue
		}
		for _, q := range rel.Subqueries(p) {
			if joined, value, ok := joinAggregate(input, q, ids); ok {
				input = joined
				p = replaceSubquery(p, q, value)
			}
		}
		keep = append(keep, p)
	}
	out := filter(input, keep)
	if input != f.Input { // joins added columns that the filter's users don't know
		cols := make([]rel.Computed, 0)
		for _, c := range f.Columns() {
			cols = append(cols, rel.Computed{Column: c, Expr: col(c)})
		}
		if len(out.Columns()) != len(cols) {
			out = &rel.Project{Input: out, Cols: cols}
		}
	}
	return out
}

// semiJoin turns EXISTS, NOT EXISTS and IN into a join.
func semiJoin(input rel.Node, p rel.Expr) (rel.Node, bool) {
	kind := rel.SemiJoin
	if c, ok := p.(*rel.Call); ok && c.Op == rel.OpNot {
		kind, p = rel.AntiJoin, c.Args[0]
	}
	q, ok := p.(*rel.Subquery)
	if !ok {
		return nil, false
	}
	switch q.Kind {
	case rel.ExistsSubquery:
		plan := stripForExists(q.Plan)
		inner, on, ok := pullCorrelated(plan)
		if !ok {
			return nil, false
		}
		if len(on) == 0 {
			return nil, false // decides for all rows at once; a join would test it again for each
		}
		return &rel.Join{Kind: kind, Left: input, Right: inner, On: rel.And(on...)}, true
	case rel.InSubquery:
		inner, on, ok := pullCorrelated(q.Plan)
		if !ok {
			return nil, false
		}
		for i, l := range q.Left {
			if len(rel.Subqueries(l)) > 0 {
				return nil, false
			}
			c := columnOf(inner, q.Out[i])
			if c == nil {
				return nil, false
			}
			if kind == rel.AntiJoin && (!l.Type().NotNull || !c.T.NotNull) {
				return nil, false // NOT IN is unknown, not false, when a NULL is about
			}
			on = append(on, &rel.Call{Op: rel.OpEq, Args: []rel.Expr{l, c}, T: rel.BoolType})
		}
		return &rel.Join{Kind: kind, Left: input, Right: inner, On: rel.And(on...)}, true
	}
	return nil, false
}

func columnOf(n rel.Node, id rel.ColumnID) *rel.Col {
	for _, c := range n.Columns() {
		if c.ID == id {
			return col(c)
		}
	}
	return nil
}

// stripForExists removes operators that don't change whether there is a row.
func stripForExists(n rel.Node) rel.Node {
	for {
		switch x := n.(type) {
		case *rel.Project:
			n = x.Input
		case *rel.Distinct:
			n = x.Input
		case *rel.Sort:
			n = x.Input
		case *rel.Limit:
			if x.Offset != 0 || x.Count == 0 {
				return n
			}
			n = x.Input
		case *rel.Aggregate:
			if len(x.Groups) == 0 {
				return n
			}
			n = x.Input
		default:
			return n
		}
	}
}

// pullCorrelated takes the predicates that read columns of enclosing queries out of a plan. It fails if such columns are read
// anywhere else, or where a predicate can't be moved up unchanged.
func pullCorrelated(n rel.Node) (rel.Node, []rel.Expr, bool) {
	outer := free(n)
	if len(outer) == 0 {
		return n, nil, true
	}
	out, preds, ok := pull(n, outer)
	if !ok || len(free(out)) > 0 {
		return nil, nil, false
	}
	for _, p := range preds {
		if len(rel.Subqueries(p)) > 0 {
			return nil, nil, false
		}
	}
	return out, preds, true
}

func pull(n rel.Node, outer idSet) (rel.Node, []rel.Expr, bool) {
	if len(free(n)) == 0 {
		return n, nil, true
	}
	switch n := n.(type) {
	case *rel.Filter:
		in, up, ok := pull(n.Input, outer)
		if !ok {
			return nil, nil, false
		}
		corr, own := splitPreds(rel.Conjuncts(n.Pred), func(p rel.Expr) bool { return outerReads(p).meets(outer) })
		return filter(in, own), append(up, corr...), true
	case *rel.Project:
		in, up, ok := pull(n.Input, outer)
		if !ok {
			return nil, nil, false
		}
		return widen(&rel.Project{Input: in, Cols: n.Cols}, up), up, true
	case *rel.Distinct:
		in, up, ok := pull(n.Input, outer)
		if !ok || len(in.Columns()) != len(n.Input.Columns()) {
			return nil, nil, false
		}
		return &rel.Distinct{Input: in}, up, true
	case *rel.Join:
		if n.Lateral || n.Kind == rel.FullJoin || n.Kind != rel.InnerJoin && len(free(n.Right)) > 0 {
			return nil, nil, false
		}
		left, up, ok := pull(n.Left, outer)
		if !ok {
			return nil, nil, false
		}
		right, up2, ok := pull(n.Right, outer)
		if !ok {
			return nil, nil, false
		}
		up = append(up, up2...)
		on := n.On
		if n.Kind == rel.InnerJoin {
			corr, own := splitPreds(rel.Conjuncts(n.On), func(p rel.Expr) bool { return outerReads(p).meets(outer) })
			up, on = append(up, corr...), rel.And(own...)
		}
		return &rel.Join{Kind: n.Kind, Left: left, Right: right, On: on}, up, true
	}
	return nil, nil, false
}

// widen passes on the columns that predicates above a projection read.
func widen(p *rel.Project, preds []rel.Expr) *rel.Project {
	have, in := columnSet(p), map[rel.ColumnID]rel.Column{}
	for _, c := range p.Input.Columns() {
		in[c.ID] = c
	}
	cols := p.Cols[:len(p.Cols):len(p.Cols)]
	for _, e := range preds {
		rel.WalkCols(e, func(c *rel.Col) {
			if src, ok := in[c.ID]; ok && !have[c.ID] {
				have[c.ID] = true
				cols = append(cols, rel.Computed{Column: src, Expr: col(src)})
			}
		})
	}
	return &rel.Project{Input: p.Input, Cols: cols}
}

// joinAggregate turns a correlated scalar subquery that aggregates without grouping into a left join with the same aggregates
// grouped by the inner sides of the correlating equalities. It returns the joined input and the expression that replaces the subquery.
func joinAggregate(input rel.Node, q *rel.Subquery, ids *rel.IDs) (rel.Node, rel.Expr, bool) {
	if q.Kind != rel.ScalarSubquery || len(free(q.Plan)) == 0 {
		return nil, nil, false
	}
	plan := q.Plan
	value := rel.Expr(columnOf(plan, q.Out[0]))
	for {
		p, ok := plan.(*rel.Project)
		if !ok {
			break
		}
		by := map[rel.ColumnID]rel.Expr{}
		for _, c := range p.Cols {
			by[c.ID] = c.Expr
		}
		if growsTooMuch(value, by) {
			return nil, nil, false
		}
		value, plan = substitute(value, by), p.Input
	}
	agg, ok := plan.(*rel.Aggregate)
	if !ok || len(agg.Groups) > 0 || len(rel.Subqueries(value)) > 0 {
		return nil, nil, false
	}
	for _, a := range agg.Aggs { // a correlated aggregate argument can't move
		for _, e := range a.Agg.Args {
			if outerReads(e).meets(free(agg)) {
				return nil, nil, false
			}
		}
	}
	inner, preds, ok := pullCorrelated(agg.Input)
	if !ok || len(preds) == 0 {
		return nil, nil, false
	}
	cols := columnSet(inner)
	groups := make([]rel.Computed, 0, len(preds))
	var on []rel.Expr
	for _, p := range preds {
		c, ok := p.(*rel.Call)
		if !ok || c.Op != rel.OpEq {
			return nil, nil, false
		}
		in, out := c.Args[0], c.Args[1]
		if !reads(in).within(cols) || len(reads(in)) == 0 {
			in, out = out, in
		}
		if len(reads(in)) == 0 || !reads(in).within(cols) || reads(out).meets(cols) {
			return nil, nil, false
		}
		key := rel.Column{ID: ids.Next(), Name: "key", T: in.Type()}
		if x, ok := in.(*rel.Col); ok {
			key.Name = x.Name
		}
		groups = append(groups, rel.Computed{Column: key, Expr: in})
		on = append(on, &rel.Call{Op: rel.OpEq, Args: []rel.Expr{out, col(key)}, T: rel.BoolType})
	}
	if !reads(rel.And(on...)).within(columnSet(input).add(groupSet(groups))) {
		return nil, nil, false // correlated with a query further out
	}
	empty := map[rel.ColumnID]rel.Expr{} // what an aggregate gives where there is no group
	for _, a := range agg.Aggs {
		switch a.Agg.Fn {
		case "count":
			empty[a.ID] = &rel.Call{Op: rel.OpCoalesce, Args: []rel.Expr{col(a.Column), &rel.Lit{Value: int64(0), T: a.T}}, T: a.T}
		case "sum", "avg", "min", "max", "group_concat", "any_value":
		default:
			return nil, nil, false
		}
	}
	grouped := &rel.Aggregate{Input: inner, Groups: groups, Aggs: agg.Aggs}
	return &rel.Join{Kind: rel.LeftJoin, Left: input, Right: grouped, On: rel.And(on...)}, substitute(value, empty), true
}

func groupSet(gs []rel.Computed) idSet {
	s := idSet{}
	for _, g := range gs {
		s[g.ID] = true
	}
	return s
}
