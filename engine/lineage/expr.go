package lineage

import "weir/engine/rel"

// expr adds what an expression depends on, used in a way. A nil expression adds nothing.
func (a *analysis) expr(e rel.Expr, how Use, into gathered) {
	if !a.spend(0) {
		return
	}
	switch e := e.(type) {
	case *rel.Col:
		a.put(into, a.cols[e.ID], how)
	case *rel.Call:
		a.call(e, how, into)
	case *rel.Subquery:
		a.subquery(e, how, into)
	}
}

func (a *analysis) call(e *rel.Call, how Use, into gathered) {
	if unchanged(e) {
		a.expr(e.Args[0], how, into)
		return
	}
	value := compose(how, Transformation)
	for i, x := range e.Args {
		if e.Op == rel.OpCase && i%2 == 0 && i < len(e.Args)-1 {
			a.expr(x, compose(how, Conditional), into)
		} else {
			a.expr(x, value, into)
		}
	}
}

// unchanged reports whether a call gives its first operand's value as it is: a conversion to a wider type of the same class, and a moment that
// is shown in the session's time zone.
func unchanged(e *rel.Call) bool {
	if e.Op == "at_zone" {
		return true
	}
	if e.Op != rel.OpCast {
		return false
	}
	from, to := e.Args[0].Type(), e.T
	if from.Class() != to.Class() {
		return false
	}
	switch to.Class() {
	case rel.ClassInt:
		return to.Kind == rel.BigInt && to.Unsigned == from.Unsigned
	case rel.ClassDecimal:
		return to.Scale >= from.FracDigits() && to.Precision-to.Scale >= from.Precision-from.Scale
	case rel.ClassDouble:
		return to.Kind == rel.Double
	case rel.ClassText, rel.ClassBinary:
		return to.Length == 0 || from.Length > 0 && to.Length >= from.Length
	case rel.ClassTime, rel.ClassDateTime:
		return to.Scale >= from.Scale
	}
	return true
}

// subquery adds what a subquery gives, and what decides about its rows.
func (a *analysis) subquery(e *rel.Subquery, how Use, into gathered) {
	rows := gathered{}
	a.node(e.Plan, rows)
	a.merge(into, rows, how)
	value := how
	if e.Kind != rel.ScalarSubquery {
		value = compose(how, Transformation)
	}
	for _, x := range e.Left {
		a.expr(x, value, into)
	}
	for _, id := range e.Out {
		a.put(into, a.cols[id], value)
	}
}
