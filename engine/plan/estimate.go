package plan

import (
	"math"

	"weir/engine/rel"
)

// Selectivities of predicates of which nothing better is known. They are the customary guesses of System R and its heirs
// (Selinger et al., "Access Path Selection in a Relational Database Management System", 1979).
const (
	rangeSelectivity = 0.3
	likeSelectivity  = 0.1
	// Columns without statistics that are compared with a constant are mostly categories.
	categoryDistinct = 50
	otherSelectivity = 0.5
	unknownRows      = 1000
)

// estimator estimates row counts of nodes and distinct values of columns. It remembers what it has computed.
type estimator struct {
	rows     map[rel.Node]float64
	distinct map[rel.ColumnID]float64
}

func newEstimator(root rel.Node) *estimator {
	e := &estimator{rows: map[rel.Node]float64{}, distinct: map[rel.ColumnID]float64{}}
	rel.WalkNodes(root, func(n rel.Node) {
		if s, ok := n.(*rel.Scan); ok {
			e.scan(s)
		}
	})
	return e
}

func (e *estimator) scan(s *rel.Scan) {
	rows := s.Table.RowCount
	if rows < 0 {
		rows = unknownRows
	}
	for _, c := range s.Cols {
		if c.Distinct > 0 {
			e.distinct[c.ID] = c.Distinct
		}
	}
	for _, key := range s.Unique {
		if len(key) == 1 {
			e.distinct[key[0]] = rows
		}
	}
}

// distinctOf is the number of distinct values of a column of a node with that many rows.
func (e *estimator) distinctOf(id rel.ColumnID, rows float64) float64 {
	d, ok := e.distinct[id]
	if !ok {
		d = math.Max(10, rows/10)
	}
	return math.Max(1, math.Min(d, rows))
}

// known reports whether the number of distinct values of a column is known.
func (e *estimator) known(id rel.ColumnID) bool { _, ok := e.distinct[id]; return ok }

// domain is the number of values that a column has in its table, whatever is left of them.
func (e *estimator) domain(id rel.ColumnID, rows float64) float64 {
	if e.known(id) {
		return math.Max(1, e.distinct[id])
	}
	return e.distinctOf(id, rows)
}

// of estimates the rows that a node puts out, at least 1 unless it is known to be empty.
func (e *estimator) of(n rel.Node) float64 {
	if r, ok := e.rows[n]; ok {
		return r
	}
	r := math.Max(1, e.compute(n))
	e.rows[n] = r
	return r
}

func (e *estimator) compute(n rel.Node) float64 {
	switch n := n.(type) {
	case *rel.Scan:
		if n.Table.RowCount < 0 {
			return unknownRows
		}
		return n.Table.RowCount
	case *rel.View:
		return n.Rows
	case *rel.Values:
		return float64(len(n.Rows))
	case *rel.Filter:
		in := e.of(n.Input)
		return in * e.selectivity(n.Pred, in)
	case *rel.Project:
		for _, c := range n.Cols {
			if x, ok := c.Expr.(*rel.Col); ok {
				if d, ok := e.distinct[x.ID]; ok {
					e.distinct[c.ID] = d
				}
			}
		}
		return e.of(n.Input)
	case *rel.Join:
		return e.join(n)
	case *rel.Aggregate:
		in := e.of(n.Input)
		if len(n.Groups) == 0 {
			return 1
		}
		groups := 1.0
		for _, g := range n.Groups {
			d := math.Max(10, in/10)
			if x, ok := g.Expr.(*rel.Col); ok {
				d = e.distinctOf(x.ID, in)
			}
			e.distinct[g.ID] = d
			groups *= d
		}
		return math.Min(groups, in)
	case *rel.Limit:
		in := math.Max(0, e.of(n.Input)-float64(n.Offset))
		if n.Count == rel.NoLimit {
			return in
		}
		return math.Min(in, float64(n.Count))
	case *rel.SetOp:
		l, r := e.of(n.Left), e.of(n.Right)
		switch n.Kind {
		case rel.Union:
			return l + r
		case rel.Intersect:
			return math.Min(l, r)
		}
		return l
	case *rel.Recursive:
		return 10 * e.of(n.Anchor)
	case *rel.RecursiveRef, *rel.JSONTable:
		return 100
	}
	if in := rel.Inputs(n); len(in) == 1 {
		return e.of(in[0])
	}
	return unknownRows
}

func (e *estimator) join(n *rel.Join) float64 {
	l, r := e.of(n.Left), e.of(n.Right)
	rows := l * r
	left, right := columnSet(n.Left), columnSet(n.Right)
	matched := 1.0 // share of left rows that find a partner
	for _, p := range rel.Conjuncts(n.On) {
		if a, b, ok := equiColumns(p, left, right); ok {
			// The values that a column has without filters: a filter leaves a share of them on its side, and that share of the other side's rows.
			da, db := e.domain(a.ID, l), e.domain(b.ID, r)
			switch { // a column without statistics beside one with them is taken for a foreign key
			case e.known(a.ID) && !e.known(b.ID):
				db = da
			case e.known(b.ID) && !e.known(a.ID):
				da = db
			}
			rows /= math.Max(da, db)
			matched *= math.Min(1, db/da)
		} else {
			rows *= e.selectivity(p, rows)
			matched *= otherSelectivity
		}
	}
	switch n.Kind {
	case rel.SemiJoin:
		return l * matched
	case rel.AntiJoin:
		return l * math.Max(0.1, 1-matched)
	case rel.LeftJoin:
		return math.Max(rows, l)
	case rel.FullJoin:
		return math.Max(rows, l+r)
	}
	return rows
}

// equiColumns recognises an equality between a column of each side and returns the left and the right one.
func equiColumns(p rel.Expr, left, right idSet) (*rel.Col, *rel.Col, bool) {
	c, ok := p.(*rel.Call)
	if !ok || c.Op != rel.OpEq {
		return nil, nil, false
	}
	a, ok1 := throughCast(c.Args[0])
	b, ok2 := throughCast(c.Args[1])
	switch {
	case !ok1 || !ok2:
	case left[a.ID] && right[b.ID]:
		return a, b, true
	case left[b.ID] && right[a.ID]:
		return b, a, true
	}
	return nil, nil, false
}

func throughCast(e rel.Expr) (*rel.Col, bool) {
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpCast {
		e = c.Args[0]
	}
	c, ok := e.(*rel.Col)
	return c, ok
}

func (e *estimator) selectivity(p rel.Expr, rows float64) float64 {
	c, ok := p.(*rel.Call)
	if !ok {
		if l, ok := p.(*rel.Lit); ok {
			if l.Value == true {
				return 1
			}
			return 0
		}
		return otherSelectivity
	}
	switch c.Op {
	case rel.OpAnd:
		s := 1.0
		for _, a := range c.Args {
			s *= e.selectivity(a, rows)
		}
		return s
	case rel.OpOr:
		s := 0.0
		for _, a := range c.Args {
			s = s + e.selectivity(a, rows) - s*e.selectivity(a, rows)
		}
		return s
	case rel.OpNot:
		return math.Max(0.05, 1-e.selectivity(c.Args[0], rows))
	case rel.OpEq, rel.OpNullEq:
		s := likeSelectivity
		for _, a := range c.Args {
			if x, ok := throughCast(a); ok {
				s = math.Min(s, e.equality(x.ID, rows))
			}
		}
		return s
	case rel.OpIn:
		s := likeSelectivity
		if x, ok := throughCast(c.Args[0]); ok {
			s = e.equality(x.ID, rows)
		}
		return math.Min(1, s*float64(len(c.Args)-1))
	case rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe:
		if a, ok := c.Args[0].(*rel.Col); ok && c.Op == rel.OpLe && isColumn(c.Args[1], a.ID) { // all rows: policies say so where a column has to be read
			return 1
		}
		return rangeSelectivity
	case rel.OpLike, rel.OpRegexp, rel.OpIsNull:
		return likeSelectivity
	}
	return otherSelectivity
}

// equality is the share of rows in which a column has one given value.
func (e *estimator) equality(id rel.ColumnID, rows float64) float64 {
	if !e.known(id) {
		return 1 / math.Max(1, math.Min(categoryDistinct, rows))
	}
	return 1 / e.distinctOf(id, rows)
}

func isColumn(e rel.Expr, id rel.ColumnID) bool {
	c, ok := e.(*rel.Col)
	return ok && c.ID == id
}
