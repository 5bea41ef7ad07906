package bind

import (
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// subquery binds a query inside an expression.
func (x *binding) subquery(s *sqlparser.Subquery) *result {
	return x.b.statement(s.Select, x.scope, x.ctes, kept)
}

// exists binds EXISTS.
func (x *binding) exists(s *sqlparser.Subquery) rel.Expr {
	res := x.subquery(s)
	return &rel.Subquery{Kind: rel.ExistsSubquery, Plan: res.node, T: rel.Type{Kind: rel.Bool, NotNull: true}}
}

// scalarSubquery binds a subquery that is a value.
func (x *binding) scalarSubquery(s *sqlparser.Subquery) rel.Expr {
	res := x.subquery(s)
	if len(res.cols) != 1 {
		fail(operandColumns(1))
	}
	return &rel.Subquery{Kind: rel.ScalarSubquery, Plan: res.node, Out: []rel.ColumnID{res.cols[0].ID}, T: plain(res.cols[0].T)}
}

// compareRowSubquery compares a row with the one row of a subquery. Each value becomes a subquery of its own.
func (x *binding) compareRowSubquery(op rel.Op, l []rel.Expr, s *sqlparser.Subquery) rel.Expr {
	r := make([]rel.Expr, len(l))
	for i := range l {
		if limited(s.Select) {
			unsupported("comparing a row with a subquery that has LIMIT")
		}
		res := x.subquery(s)
		if len(res.cols) != len(l) {
			fail(operandColumns(len(l)))
		}
		c := res.cols[i]
		p := &projection{b: x.b, taken: map[rel.ColumnID]bool{}, input: idSet(res.node)}
		p.add(&rel.Col{ID: c.ID, Name: c.Name, T: c.T}, c.Name)
		r[i] = &rel.Subquery{Kind: rel.ScalarSubquery, Plan: &rel.Project{Input: res.node, Cols: p.cols}, Out: []rel.ColumnID{p.cols[0].ID}, T: plain(c.T)}
	}
	return x.rowOperation(op, l, r)
}

// limited reports whether a query has a LIMIT of its own: bound twice it could give two different rows.
func limited(s sqlparser.SelectStatement) bool {
	switch s := s.(type) {
	case *sqlparser.Select:
		return s.Limit != nil
	case *sqlparser.SetOp:
		return s.Limit != nil
	case *sqlparser.ParenSelect:
		return limited(s.Select)
	}
	return false
}

// inSubquery binds left IN (SELECT …).
func (x *binding) inSubquery(left sqlparser.Expr, s *sqlparser.Subquery) rel.Expr {
	l := x.leftOperands(left)
	return x.quantified(rel.InSubquery, "", l, s)
}

// anyOrAll binds left op ANY (SELECT …) and left op ALL (SELECT …). = ANY is IN, <> ALL is NOT IN.
func (x *binding) anyOrAll(kind rel.SubqueryKind, op rel.Op, left sqlparser.Expr, f *sqlparser.FuncExpr) rel.Expr {
	s, ok := soleArgument(f).(*sqlparser.Subquery)
	if !ok {
		fail(operandColumns(1))
	}
	l := x.leftOperands(left)
	switch {
	case kind == rel.AnySubquery && op == rel.OpEq:
		return x.quantified(rel.InSubquery, "", l, s)
	case kind == rel.AllSubquery && op == rel.OpNe:
		return not(x.quantified(rel.InSubquery, "", l, s))
	case len(l) != 1:
		fail(operandColumns(1))
	case op == rel.OpNullEq:
		unsupported("<=> with ANY or ALL")
	}
	return x.quantified(kind, op, l, s)
}

func (x *binding) leftOperands(e sqlparser.Expr) []rel.Expr {
	if t := row(e); t != nil {
		return x.values(t...)
	}
	return []rel.Expr{x.value(e)}
}

// quantified binds IN, ANY and ALL: both sides are cast to the class that they are compared in.
func (x *binding) quantified(kind rel.SubqueryKind, op rel.Op, l []rel.Expr, s *sqlparser.Subquery) rel.Expr {
	res := x.subquery(s)
	if len(res.cols) != len(l) {
		fail(operandColumns(len(l)))
	}
	t := rel.BoolType
	sub := &rel.Subquery{Kind: kind, Cmp: op, Plan: res.node, T: t}
	p := &projection{b: x.b, taken: map[rel.ColumnID]bool{}, input: idSet(res.node)}
	changed := false
	for i, c := range res.cols {
		col := &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
		a, b := x.comparable(l[i], col)
		a, b = x.sameType(a, b)
		sub.Left = append(sub.Left, a)
		changed = changed || b != rel.Expr(col)
		sub.Out = append(sub.Out, p.add(b, c.Name).ID)
	}
	if changed {
		sub.Plan = &rel.Project{Input: res.node, Cols: p.cols}
	} else {
		sub.Out = sub.Out[:0]
		for _, c := range res.cols {
			sub.Out = append(sub.Out, c.ID)
		}
	}
	return sub
}

// sameType casts two values of one class to one type.
func (x *binding) sameType(a, b rel.Expr) (rel.Expr, rel.Expr) {
	s, t := a.Type(), b.Type()
	switch s.Class() {
	case rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		u := plain(commonType(a, b))
		if s.Kind == rel.Bit || s.Kind == rel.Year {
			u = rel.Type{Kind: rel.BigInt, Unsigned: t.Unsigned || t.Kind == rel.Bit}
		}
		return x.cast(a, u), x.cast(b, u)
	case rel.ClassTime, rel.ClassDateTime:
		u := rel.Type{Kind: s.Kind, Scale: max(s.Scale, t.Scale)}
		return x.cast(a, u), x.cast(b, u)
	}
	return a, b
}
