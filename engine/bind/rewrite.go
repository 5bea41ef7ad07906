package bind

import "weir/engine/rel"

// rewrite rebuilds an expression from the top: f returns a replacement and true to stop there, or false to go on into the operands.
// Subqueries are entered only in their left operands.
func rewrite(e rel.Expr, f func(rel.Expr) (rel.Expr, bool)) rel.Expr {
	e, done := f(e)
	if done {
		return e
	}
	switch x := e.(type) {
	case *rel.Call:
		args, changed := rewriteAll(x.Args, f)
		if !changed {
			return x
		}
		c := *x
		c.Args = args
		return &c
	case *rel.Subquery:
		left, changed := rewriteAll(x.Left, f)
		if !changed {
			return x
		}
		s := *x
		s.Left = left
		return &s
	}
	return e
}

func rewriteAll(es []rel.Expr, f func(rel.Expr) (rel.Expr, bool)) ([]rel.Expr, bool) {
	out, changed := make([]rel.Expr, len(es)), false
	for i, e := range es {
		out[i] = rewrite(e, f)
		changed = changed || out[i] != e
	}
	return out, changed
}

// equal reports whether two expressions are the same, operand by operand.
func equal(a, b rel.Expr) bool {
	switch x := a.(type) {
	case *rel.Col:
		y, ok := b.(*rel.Col)
		return ok && x.ID == y.ID
	case *rel.Lit:
		y, ok := b.(*rel.Lit)
		if !ok || x.T != y.T {
			return false
		}
		if p, isBytes := x.Value.([]byte); isBytes {
			q, isToo := y.Value.([]byte)
			return isToo && string(p) == string(q)
		}
		if _, isBytes := y.Value.([]byte); isBytes {
			return false
		}
		return x.Value == y.Value
	case *rel.Call:
		y, ok := b.(*rel.Call)
		if !ok || x.Op != y.Op || len(x.Args) != len(y.Args) || x.T.Nullable() != y.T.Nullable() {
			return false
		}
		for i := range x.Args {
			if !equal(x.Args[i], y.Args[i]) {
				return false
			}
		}
		return true
	case *rel.Subquery:
		return a == b
	}
	return false
}
