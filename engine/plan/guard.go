package plan

import (
	"math"

	"weir/engine/rel"
)

// A policy's row filter hides rows. Whoever may not see them can still learn of them by an expression that fails for some values only, if a database computes
// it before the filter: 1/(salary-70000), or EXP(1000) where a name is a certain one. Databases order predicates as they like, and flatten subqueries
// first. None of them moves anything past a LIMIT, though, so that is what stands above a row filter wherever something in the statement could fail.

// shelter puts a barrier above the row filters of policies where one is needed.
func shelter(root rel.Node) rel.Node {
	guarded := false
	rel.WalkNodes(root, func(n rel.Node) { guarded = guarded || isGuard(n) })
	if !guarded {
		return root
	}
	preds, all := partial(root)
	return barriers(root, preds, all)
}

func isGuard(n rel.Node) bool {
	f, ok := n.(*rel.Filter)
	return ok && f.Guard
}

// partial reports whether a plan has a predicate, or anything at all, that can fail for some values. What guards are made of doesn't count. A predicate over a
// computed column is one over what computes it, since it is going to be moved below.
func partial(n rel.Node) (predicate, anything bool) {
	compared := compared(n)
	rel.WalkNodes(n, func(n rel.Node) {
		if isGuard(n) {
			return
		}
		for _, e := range rel.Exprs(n) {
			anything = anything || !total(e)
		}
		switch n := n.(type) {
		case *rel.Filter:
			predicate = predicate || !total(n.Pred)
		case *rel.Join:
			predicate = predicate || n.On != nil && !total(n.On)
		case *rel.Aggregate:
			for _, a := range n.Aggs {
				anything = anything || a.Agg.Fn != "count" && a.Agg.Fn != "min" && a.Agg.Fn != "max"
			}
		}
		for _, c := range computed(n) {
			predicate = predicate || compared[c.ID] && !total(c.Expr)
		}
	})
	return predicate, anything
}

// compared are the columns that predicates are over, and those that these are computed from.
func compared(n rel.Node) idSet {
	out := idSet{}
	add := func(e rel.Expr) { rel.WalkCols(e, func(c *rel.Col) { out[c.ID] = true }) }
	rel.WalkNodes(n, func(n rel.Node) {
		switch n := n.(type) {
		case *rel.Filter:
			add(n.Pred)
		case *rel.Join:
			if n.On != nil {
				add(n.On)
			}
		}
	})
	for before := -1; before != len(out); {
		before = len(out)
		rel.WalkNodes(n, func(n rel.Node) {
			for _, c := range computed(n) {
				if out[c.ID] {
					add(c.Expr)
				}
			}
		})
	}
	return out
}

// computed are the columns of a node that predicates are moved through.
func computed(n rel.Node) []rel.Computed {
	switch n := n.(type) {
	case *rel.Project:
		return n.Cols
	case *rel.Aggregate:
		return n.Groups
	case *rel.SetOp:
		var out []rel.Computed
		for i, c := range n.Cols {
			for _, in := range []rel.Node{n.Left, n.Right} {
				out = append(out, rel.Computed{Column: c, Expr: col(in.Columns()[i])})
			}
		}
		return out
	}
	return nil
}

// barriers puts a barrier above every guard for which preds asks, or, where the guard looks into other tables and may thus be computed after a join, all.
func barriers(n rel.Node, preds, all bool) rel.Node {
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return barriers(p, preds, all) })
	in := rel.Inputs(n)
	for i := range in {
		in[i] = barriers(in[i], preds, all)
	}
	n = rel.WithInputs(n, in)
	f, ok := n.(*rel.Filter)
	if !ok || !f.Guard || !preds && !(all && len(rel.Subqueries(f.Pred)) > 0) {
		return n
	}
	return &rel.Limit{Input: f, Count: math.MaxInt64, Barrier: true}
}

// totalOps never fail, whatever the values: neither in Weir's semantics nor in the forms of any dialect.
var totalOps = map[rel.Op]bool{
	rel.OpAnd: true, rel.OpOr: true, rel.OpNot: true, rel.OpXor: true,
	rel.OpEq: true, rel.OpNe: true, rel.OpLt: true, rel.OpLe: true, rel.OpGt: true, rel.OpGe: true, rel.OpNullEq: true,
	rel.OpIsNull: true, rel.OpIsTrue: true, rel.OpIn: true, rel.OpCase: true, rel.OpCoalesce: true, rel.OpExtract: true,
	"concat": true, "concat_ws": true, "substr": true, "substring_index": true, "locate": true,
	"lower": true, "upper": true, "left": true, "right": true, "length": true, "char_length": true, "trim": true, "ltrim": true, "rtrim": true,
}

// Total reports whether an expression has a value, or NULL, for all values of its columns: whether it never fails, at whatever site it is computed.
func Total(e rel.Expr) bool { return total(e) }

func total(e rel.Expr) bool {
	switch e := e.(type) {
	case *rel.Col, *rel.Lit:
		return true
	case *rel.Call:
		switch e.Op {
		case rel.OpLike:
			if _, fixed := e.Args[1].(*rel.Lit); !fixed { // a pattern may be malformed
				return false
			}
		case rel.OpCast:
			if !totalCast(e.Args[0].Type(), e.T) {
				return false
			}
		default:
			if !totalOps[e.Op] && rel.Keyed[e.Op] == nil {
				return false
			}
		}
		for _, a := range e.Args {
			if !total(a) {
				return false
			}
		}
		return true
	case *rel.Subquery:
		if e.Kind == rel.ScalarSubquery && !oneRow(e.Plan) { // more than one is an error
			return false
		}
		for _, l := range e.Left {
			if !total(l) {
				return false
			}
		}
		if len(free(e.Plan)) == 0 {
			return true // fails for all rows of this query or for none
		}
		_, anything := partial(e.Plan)
		return !anything
	}
	return false
}

// totalCast reports whether every value of a type can be cast to another.
func totalCast(from, to rel.Type) bool {
	switch to.Class() {
	case rel.ClassText, rel.ClassDouble:
		return from.Class() != rel.ClassJSON
	case rel.ClassInt:
		return from.Class() == rel.ClassBool || from.Class() == rel.ClassInt && from.Unsigned == to.Unsigned
	case rel.ClassDecimal:
		return from.Class() == rel.ClassInt && to.Precision-to.Scale >= 20 ||
			from.Class() == rel.ClassDecimal && to.Precision-to.Scale >= from.Precision-from.Scale && to.Scale >= from.Scale
	case rel.ClassDateTime:
		return from.Class() == rel.ClassDate
	}
	return false
}

// oneRow reports whether a plan gives one row at most.
func oneRow(n rel.Node) bool {
	switch n := n.(type) {
	case *rel.Aggregate:
		return len(n.Groups) == 0
	case *rel.Project:
		return oneRow(n.Input)
	case *rel.Filter:
		return oneRow(n.Input)
	case *rel.Sort:
		return oneRow(n.Input)
	case *rel.Limit:
		return n.Count <= 1 && n.Count != rel.NoLimit || oneRow(n.Input)
	}
	return false
}
