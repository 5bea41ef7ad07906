package plan

import "weir/engine/rel"

// oneOfEqual takes the first row for the DISTINCT of rows that are all equal, where an OFFSET stands above it: MariaDB stops reading at the
// first such row, and then skips none.
func oneOfEqual(n rel.Node) rel.Node {
	switch n := n.(type) {
	case *rel.Sort:
		return &rel.Sort{Input: oneOfEqual(n.Input), Keys: n.Keys}
	case *rel.Project:
		return &rel.Project{Input: oneOfEqual(n.Input), Cols: n.Cols}
	case *rel.Distinct:
		if !varying(n.Input).meets(columnSet(n)) {
			return &rel.Limit{Input: n.Input, Count: 1}
		}
	}
	return n
}

// varying are the columns of a plan that may differ between its rows.
func varying(n rel.Node) idSet {
	switch n := n.(type) {
	case *rel.Filter, *rel.Sort, *rel.Limit, *rel.Distinct:
		return varying(rel.Inputs(n)[0])
	case *rel.Project:
		in, out := varying(n.Input), idSet{}
		for _, c := range n.Cols {
			if outerReads(c.Expr).meets(in) {
				out[c.ID] = true
			}
		}
		return out
	case *rel.Join:
		if n.Kind == rel.InnerJoin {
			return varying(n.Left).add(varying(n.Right))
		}
	case *rel.Values:
		if len(n.Rows) == 1 {
			return idSet{}
		}
	}
	return columnSet(n)
}
