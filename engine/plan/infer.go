package plan

import (
	"sync"

	"weir/engine/rel"
)

// infer adds the predicates that follow from equalities between columns: from a = b and a < 5 follows b < 5, so that both sides of a join
// between sources can be filtered at once. Only comparisons with constants are carried over, and only between columns of one class.
func infer(preds []rel.Expr) []rel.Expr {
	equal := map[rel.ColumnID][]*rel.Col{}
	for _, p := range preds {
		if c, ok := p.(*rel.Call); ok && c.Op == rel.OpEq {
			a, ok1 := c.Args[0].(*rel.Col)
			b, ok2 := c.Args[1].(*rel.Col)
			if ok1 && ok2 && sameValues(a.T, b.T) {
				equal[a.ID] = append(equal[a.ID], b)
				equal[b.ID] = append(equal[b.ID], a)
			}
		}
	}
	if len(equal) == 0 {
		return preds
	}
	out := preds[:len(preds):len(preds)]
	// The texts of the predicates are made only once there is one to carry over: there may be many, and this is done at every join.
	seen := sync.OnceValue(func() map[string]bool {
		texts := map[string]bool{}
		for _, p := range preds {
			texts[rel.FormatExpr(p)] = true
		}
		return texts
	})
	for i := 0; i < len(out) && i < 200; i++ { // what is added is looked at too, for chains of equalities
		x, ok := constantTest(out[i])
		if !ok {
			continue
		}
		for _, other := range equal[x.ID] {
			q := substitute(out[i], map[rel.ColumnID]rel.Expr{x.ID: other})
			if key := rel.FormatExpr(q); !seen()[key] {
				seen()[key] = true
				out = append(out, q)
			}
		}
	}
	return out
}

// sameValues reports whether equal values of the two types compare alike with any third one.
func sameValues(a, b rel.Type) bool {
	switch a.Class() {
	case rel.ClassInt, rel.ClassText, rel.ClassDate, rel.ClassDateTime, rel.ClassDecimal:
		return a.Class() == b.Class()
	}
	return false
}

// constantTest recognises a comparison of one column with constants.
func constantTest(e rel.Expr) (*rel.Col, bool) {
	c, ok := e.(*rel.Call)
	if !ok {
		return nil, false
	}
	switch c.Op {
	case rel.OpEq, rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe, rel.OpIn:
	default:
		return nil, false
	}
	var x *rel.Col
	for _, a := range c.Args {
		switch a := a.(type) {
		case *rel.Col:
			if x != nil {
				return nil, false
			}
			x = a
		case *rel.Lit:
		default:
			return nil, false
		}
	}
	return x, x != nil
}
