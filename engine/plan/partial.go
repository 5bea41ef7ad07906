package plan

import (
	"slices"

	"weir/engine/rel"
)

// Splitting an aggregate pays only where it removes most rows of a side that has many.
const (
	partialMinRows = 5000
	partialShare   = 0.1
)

// splitAggregates puts a partial aggregate below the joins of an aggregate whose arguments all come from one source, where the groups that
// the join and the aggregate above ask for are far fewer than the rows: the source then sends sums, not rows. This is the eager
// aggregation of Yan and Larson ("Eager Aggregation and Lazy Aggregation", VLDB 1995).
func splitAggregates(n rel.Node, est *estimator, siteOf func(rel.Node) string, ids *rel.IDs) rel.Node {
	in := rel.Inputs(n)
	for i := range in {
		in[i] = splitAggregates(in[i], est, siteOf, ids)
	}
	n = mapSubqueryPlans(rel.WithInputs(n, in), func(p rel.Node) rel.Node { return splitAggregates(p, est, siteOf, ids) })
	agg, ok := n.(*rel.Aggregate)
	if !ok || len(agg.Aggs) == 0 || siteOf(agg) != "" {
		return n
	}
	if out, ok := splitAggregate(agg, est, siteOf, ids); ok {
		return out
	}
	return n
}

// splittable reports whether an aggregate is the aggregate of its parts, and which columns its arguments read.
func splittable(agg *rel.Aggregate) (args idSet, ok bool) {
	args = idSet{}
	for _, a := range agg.Aggs {
		if a.Agg.Distinct || len(a.Agg.OrderBy) > 0 {
			return nil, false
		}
		switch a.Agg.Fn {
		case "count", "sum", "avg", "min", "max":
		default:
			return nil, false
		}
		for _, e := range a.Agg.Args {
			if len(rel.Subqueries(e)) > 0 || e.Type().Class() == rel.ClassDouble {
				return nil, false // sums of doubles depend on the order of addition
			}
			for id := range reads(e) {
				args[id] = true
			}
		}
	}
	return args, true
}

func splitAggregate(agg *rel.Aggregate, est *estimator, siteOf func(rel.Node) string, ids *rel.IDs) (rel.Node, bool) {
	args, ok := splittable(agg)
	if !ok {
		return nil, false
	}
	above := idSet{} // columns that are read above the unit
	for _, g := range agg.Groups {
		for id := range reads(g.Expr) {
			above[id] = true
		}
	}
	unit, rebuild := (&unitFinder{est: est, siteOf: siteOf}).find(agg.Input, args, above)
	if unit == nil || siteOf(unit) == "" {
		return nil, false
	}
	rows := est.of(unit)
	if rows < partialMinRows {
		return nil, false
	}
	var groups []rel.Computed
	count := 1.0
	for _, c := range unit.Columns() {
		if above[c.ID] {
			groups = append(groups, rel.Computed{Column: c, Expr: col(c)})
			count *= est.distinctOf(c.ID, rows)
		}
	}
	if len(groups) == 0 || count > partialShare*rows {
		return nil, false
	}
	partial := &rel.Aggregate{Input: unit, Groups: groups}
	upper := &rel.Aggregate{Groups: agg.Groups}
	final := make([]rel.Computed, 0)
	for _, g := range agg.Groups {
		final = append(final, rel.Computed{Column: g.Column, Expr: col(g.Column)})
	}
	for _, a := range agg.Aggs {
		final = append(final, rel.Computed{Column: a.Column, Expr: splitOne(a, partial, upper, ids, len(agg.Groups) == 0)})
	}
	if siteOf(partial) == "" {
		return nil, false
	}
	upper.Input = rebuild(partial)
	return &rel.Project{Input: upper, Cols: final}, true
}

// splitOne adds an aggregate's partial and final parts and returns the expression of its value.
func splitOne(a rel.AggColumn, partial, upper *rel.Aggregate, ids *rel.IDs, scalar bool) rel.Expr {
	both := func(fn string, args []rel.Expr, t rel.Type, again string, name string) rel.Expr {
		p := addAgg(partial, rel.Agg{Fn: fn, Args: args, T: t}, name, ids)
		ut := t
		if again == "sum" && t.Class() == rel.ClassInt { // counts are added up as exact decimals, as SUM of integers is
			ut = rel.DecimalType(rel.MaxDecimalDigits, 0)
		}
		ut.NotNull = false
		return col(addAgg(upper, rel.Agg{Fn: again, Args: []rel.Expr{col(p)}, T: ut}, name, ids))
	}
	name := a.Name
	counted := func() rel.Expr {
		t := rel.Type{Kind: rel.BigInt, NotNull: true}
		return both("count", a.Agg.Args, t, "sum", name+" count")
	}
	asCount := func(e rel.Expr) rel.Expr {
		e = &rel.Call{Op: rel.OpCast, Args: []rel.Expr{e}, T: rel.Type{Kind: rel.BigInt}}
		if scalar { // no rows at all: COUNT is 0
			e = &rel.Call{Op: rel.OpCoalesce, Args: []rel.Expr{e, &rel.Lit{Value: int64(0), T: a.T}}, T: a.T}
		}
		return e
	}
	switch a.Agg.Fn {
	case "count":
		return asCount(counted())
	case "avg":
		t := sumType(a.Agg.Args[0].Type())
		sum := both("sum", a.Agg.Args, t, "sum", name+" sum")
		return &rel.Call{Op: rel.OpDiv, Args: []rel.Expr{sum, counted()}, T: a.T}
	default:
		return both(a.Agg.Fn, a.Agg.Args, a.T, a.Agg.Fn, name)
	}
}

// addAgg makes a node compute an aggregate, if it doesn't yet: AVG(x) takes the sum of SUM(x), and every count of a column without NULL is
// that of the rows.
func addAgg(n *rel.Aggregate, agg rel.Agg, name string, ids *rel.IDs) rel.Column {
	if agg.Fn == "count" && !slices.ContainsFunc(agg.Args, func(e rel.Expr) bool { return !e.Type().NotNull }) {
		agg.Args = nil
	}
	for _, a := range n.Aggs {
		if a.Agg.Fn == agg.Fn && a.T == agg.T && slices.EqualFunc(a.Agg.Args, agg.Args, func(x, y rel.Expr) bool { return rel.FormatExpr(x) == rel.FormatExpr(y) }) {
			return a.Column
		}
	}
	c := rel.Column{ID: ids.Next(), Name: name, T: agg.T}
	n.Aggs = append(n.Aggs, rel.AggColumn{Column: c, Agg: agg})
	return c
}

// sumType is the type of SUM: exact numbers get 22 more digits (see SUM in the MySQL manual).
func sumType(t rel.Type) rel.Type {
	if t.Class() == rel.ClassInt {
		return rel.DecimalType(rel.MaxDecimalDigits, 0)
	}
	s := rel.DecimalType(min(65, t.Precision+22), t.Scale)
	s.Inner = t.Inner
	return s
}

// unitFinder finds the input below inner joins that holds all arguments of an aggregate.
type unitFinder struct {
	est    *estimator
	siteOf func(rel.Node) string
}

// find descends through inner joins to the input that holds all of args, as far as it is still cut by sites. above collects the columns that are
// read on the way; rebuild puts another node in the input's place.
func (u *unitFinder) find(n rel.Node, args, above idSet) (unit rel.Node, rebuild func(rel.Node) rel.Node) {
	switch n := n.(type) {
	case *rel.Filter:
		for id := range reads(n.Pred) {
			above[id] = true
		}
		unit, rebuild := u.find(n.Input, args, above)
		return unit, func(x rel.Node) rel.Node { return &rel.Filter{Input: rebuild(x), Pred: n.Pred} }
	case *rel.Join:
		if n.Kind != rel.InnerJoin && n.Kind != rel.SemiJoin || n.Lateral {
			return nil, nil
		}
		if n.On != nil {
			for id := range reads(n.On) {
				above[id] = true
			}
		}
		// COUNT(*) reads no column: it is counted on the larger side.
		goLeft := args.within(columnSet(n.Left)) && (len(args) > 0 || n.Kind == rel.SemiJoin || u.est.of(n.Left) >= u.est.of(n.Right))
		if goLeft {
			return u.descend(n.Left, args, above, func(x rel.Node) rel.Node {
				return &rel.Join{Kind: n.Kind, Left: x, Right: n.Right, On: n.On}
			})
		}
		if n.Kind == rel.InnerJoin && args.within(columnSet(n.Right)) {
			return u.descend(n.Right, args, above, func(x rel.Node) rel.Node {
				return &rel.Join{Kind: n.Kind, Left: n.Left, Right: x, On: n.On}
			})
		}
	}
	return nil, nil
}

// descend goes on below a join that several sites have to run, or ends at its input.
func (u *unitFinder) descend(n rel.Node, args, above idSet, wrap func(rel.Node) rel.Node) (rel.Node, func(rel.Node) rel.Node) {
	if j, ok := n.(*rel.Join); ok && !j.Lateral && u.siteOf(n) == "" {
		if unit, rebuild := u.find(n, args, above); unit != nil {
			return unit, func(x rel.Node) rel.Node { return wrap(rebuild(x)) }
		}
	}
	return n, wrap
}
