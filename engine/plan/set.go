package plan

import "weir/engine/rel"

// idSet is a set of columns.
type idSet map[rel.ColumnID]bool

func columnSet(n rel.Node) idSet {
	s := idSet{}
	for _, c := range n.Columns() {
		s[c.ID] = true
	}
	return s
}

// reads returns the columns that an expression reads.
func reads(e rel.Expr) idSet {
	s := idSet{}
	rel.WalkCols(e, func(c *rel.Col) { s[c.ID] = true })
	return s
}

// add puts the columns of another set into this one and returns it.
func (s idSet) add(o idSet) idSet {
	for id := range o {
		s[id] = true
	}
	return s
}

// meets reports whether the sets have a column in common.
func (s idSet) meets(o idSet) bool {
	for id := range s {
		if o[id] {
			return true
		}
	}
	return false
}

// within reports whether every column is one of the other set.
func (s idSet) within(o idSet) bool {
	for id := range s {
		if !o[id] {
			return false
		}
	}
	return true
}

// produced returns every column that a plan puts out anywhere inside.
func produced(n rel.Node) idSet {
	s := idSet{}
	rel.WalkNodes(n, func(x rel.Node) {
		for _, c := range x.Columns() {
			s[c.ID] = true
		}
	})
	return s
}

// free returns the columns of enclosing queries that a plan reads.
func free(n rel.Node) idSet {
	inside, out := produced(n), idSet{}
	rel.WalkExprs(n, func(e rel.Expr) {
		for id := range reads(e) {
			if !inside[id] {
				out[id] = true
			}
		}
	})
	return out
}

// outerReads returns the columns that an expression reads, without those that its own subqueries produce.
func outerReads(e rel.Expr) idSet {
	s := reads(e)
	for _, q := range rel.Subqueries(e) {
		for id := range produced(q.Plan) {
			delete(s, id)
		}
	}
	return s
}

// substitute replaces columns by expressions.
func substitute(e rel.Expr, by map[rel.ColumnID]rel.Expr) rel.Expr {
	return rel.MapExpr(e, func(x rel.Expr) rel.Expr {
		if c, ok := x.(*rel.Col); ok {
			if r, ok := by[c.ID]; ok {
				return r
			}
		}
		return x
	})
}

// An expression that grows by more than smallGrowth nodes when its columns are replaced may not have more than maxGrown. Each derived table that
// computes c + c doubles what is above it, so that forty of them would fill any memory.
const (
	smallGrowth = 16
	maxGrown    = 4096
)

// growsTooMuch reports whether substitute would make an expression larger than is reasonable.
func growsTooMuch(e rel.Expr, by map[rel.ColumnID]rel.Expr) bool {
	growth := 0
	rel.WalkCols(e, func(c *rel.Col) {
		if r, ok := by[c.ID]; ok && growth <= maxGrown {
			growth += size(r, maxGrown) - 1
		}
	})
	return growth > smallGrowth && growth+size(e, maxGrown) > maxGrown
}

// size counts the nodes of an expression, up to a limit.
func size(e rel.Expr, limit int) int {
	n := 1
	var parts []rel.Expr
	switch x := e.(type) {
	case *rel.Call:
		parts = x.Args
	case *rel.Subquery:
		parts = x.Left
	}
	for _, a := range parts {
		if n <= limit {
			n += size(a, limit-n)
		}
	}
	return n
}

func col(c rel.Column) *rel.Col { return &rel.Col{ID: c.ID, Name: c.Name, T: c.T} }

// filter puts a filter above a node, unless there is nothing to filter by. A predicate that is there already is not added again.
func filter(n rel.Node, preds []rel.Expr) rel.Node {
	p := rel.And(preds...)
	if p == nil {
		return n
	}
	if f, ok := n.(*rel.Filter); ok {
		n, p = f.Input, rel.And(f.Pred, p)
	}
	seen := map[string]bool{}
	var once []rel.Expr
	for _, c := range rel.Conjuncts(p) {
		if key := rel.FormatExpr(c); !seen[key] {
			seen[key] = true
			once = append(once, c)
		}
	}
	return &rel.Filter{Input: n, Pred: rel.And(once...)}
}

func isTrue(e rel.Expr) bool {
	l, ok := e.(*rel.Lit)
	return ok && l.Value == true
}
