package plan

import (
	"math"

	"weir/engine/rel"
)

// hoistFrameOrders computes what RANGE frames with offsets are ordered by below their windows, where it may have subqueries: the embedded engine binds the
// bounds of such a frame by copying the order's expression, and it can't copy a subquery ("Cannot copy BoundSubqueryExpression"). The limit between the
// two keeps the printer and the engine from merging them again.
func hoistFrameOrders(plan *Plan, ids *rel.IDs) {
	for _, f := range plan.Fragments {
		if f.IsStep() {
			f.Root = hoistFrames(f.Root, ids)
		}
	}
	plan.Local = hoistFrames(plan.Local, ids)
}

func hoistFrames(n rel.Node, ids *rel.IDs) rel.Node {
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return hoistFrames(p, ids) })
	in := rel.Inputs(n)
	for i := range in {
		in[i] = hoistFrames(in[i], ids)
	}
	n = rel.WithInputs(n, in)
	w, ok := n.(*rel.Window)
	if !ok {
		return n
	}
	subqueries := false // also those of columns that are only named here
	rel.WalkNodes(w, func(n rel.Node) {
		for _, e := range rel.Exprs(n) {
			subqueries = subqueries || len(rel.Subqueries(e)) > 0
		}
	})
	if !subqueries {
		return n
	}
	below := &rel.Project{Input: w.Input, Cols: passed(w.Input.Columns())}
	fns := make([]rel.WindowColumn, len(w.Fns))
	for i, f := range w.Fns {
		if frame := f.Fn.Frame; frame != nil && !frame.Rows && (frame.Start.Offset != nil || frame.End.Offset != nil) {
			order := make([]rel.SortKey, len(f.Fn.OrderBy))
			for j, k := range f.Fn.OrderBy {
				c := rel.Column{ID: ids.Next(), Name: "key", T: k.Expr.Type()}
				below.Cols = append(below.Cols, rel.Computed{Column: c, Expr: k.Expr})
				order[j] = rel.SortKey{Expr: col(c), Desc: k.Desc}
			}
			f.Fn.OrderBy = order
		}
		fns[i] = f
	}
	if len(below.Cols) == len(w.Input.Columns()) {
		return n
	}
	over := &rel.Window{Input: &rel.Limit{Input: below, Count: math.MaxInt64, Barrier: true}, Fns: fns}
	return &rel.Project{Input: over, Cols: passed(n.Columns())}
}

// passed are columns as they are.
func passed(columns []rel.Column) []rel.Computed {
	out := make([]rel.Computed, len(columns))
	for i, c := range columns {
		out[i] = rel.Computed{Column: c, Expr: col(c)}
	}
	return out
}
