package plan

import "weir/engine/rel"

// A source that compares, joins or groups by a value hands out rows in an order that often follows it: by an index, a merge join, groups that were sorted.
// Somebody who sees pseudonyms would learn how the values are ordered. So where a plan asks values in the place of pseudonyms for more than whether one is
// equal to a constant, what is seen of the order is settled by what may be seen: all columns, after those that the statement orders by.

// settle orders the rows of a plan, and those that its limits pass, by their columns. The columns are those of the plan as it was bound, which hold
// pseudonyms. ok is false if something else looks at the order.
func settle(root rel.Node) (_ rel.Node, ok bool) {
	ok = true
	rel.WalkNodes(root, func(n rel.Node) {
		switch n := n.(type) {
		case *rel.Window:
			for _, f := range n.Fns {
				ok = ok && !ordered[f.Fn.Fn] && (f.Fn.Frame == nil || !f.Fn.Frame.Rows)
			}
		case *rel.Aggregate:
			for _, a := range n.Aggs {
				ok = ok && !ordered[a.Agg.Fn]
			}
		case *rel.Recursive:
			ok = false
		}
	})
	if !ok {
		return nil, false
	}
	root = settleLimits(root)
	if oneRow(root) {
		return root, true
	}
	return settleOrder(root), true
}

// ordered are the functions whose values depend on the order of rows that their ORDER BY doesn't tell apart.
var ordered = map[string]bool{"row_number": true, "ntile": true, "lag": true, "lead": true, "first_value": true, "last_value": true, "nth_value": true,
	"group_concat": true, "json_arrayagg": true, "json_objectagg": true, "any_value": true}

func settleLimits(n rel.Node) rel.Node {
	n = mapSubqueryPlans(n, settleLimits)
	in := rel.Inputs(n)
	for i := range in {
		in[i] = settleLimits(in[i])
	}
	n = rel.WithInputs(n, in)
	if l, ok := n.(*rel.Limit); ok && !l.Barrier {
		c := *l
		c.Input = settleOrder(l.Input)
		return &c
	}
	return n
}

// settleOrder orders rows by all columns, after the order that they have.
func settleOrder(n rel.Node) rel.Node {
	switch n := n.(type) {
	case *rel.Sort:
		return &rel.Sort{Input: n.Input, Keys: append(n.Keys[:len(n.Keys):len(n.Keys)], allColumns(n.Input)...)}
	case *rel.Limit:
		if !n.Barrier {
			return n // its input is in order
		}
	case *rel.Project:
		if hasOrder(n.Input) {
			return &rel.Project{Input: settleOrder(n.Input), Cols: n.Cols}
		}
	}
	return &rel.Sort{Input: n, Keys: allColumns(n)}
}

func hasOrder(n rel.Node) bool {
	switch n := n.(type) {
	case *rel.Sort:
		return true
	case *rel.Limit:
		return !n.Barrier
	case *rel.Project:
		return hasOrder(n.Input)
	}
	return false
}

func allColumns(n rel.Node) []rel.SortKey {
	var keys []rel.SortKey
	for _, c := range n.Columns() {
		keys = append(keys, rel.SortKey{Expr: col(c)})
	}
	return keys
}
