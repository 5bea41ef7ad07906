package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// binding binds the expressions of one clause.
type binding struct {
	b      *binder
	block  *block
	scope  *scope
	ctes   *cteScope
	clause string // as MySQL's messages name it

	aggregates, windows bool // are allowed here
	// alias gives what a name means that FROM has not (ORDER BY, GROUP BY); with onlyAlias FROM isn't asked (HAVING).
	alias     func(name) rel.Expr
	onlyAlias bool
	// deepest is the innermost scope that a column was found in, while the arguments of an aggregate are bound.
	deepest *scope
}

// value binds an expression as a value: a predicate becomes BIGINT.
func (x *binding) value(e sqlparser.Expr) rel.Expr { return asValue(x.expr(e)) }

// condition binds an expression as a predicate.
func (x *binding) condition(e sqlparser.Expr) rel.Expr { return x.asCondition(x.expr(e)) }

func (x *binding) values(es ...sqlparser.Expr) []rel.Expr {
	out := make([]rel.Expr, len(es))
	for i, e := range es {
		out[i] = x.value(e)
	}
	return out
}

// expr binds an expression; the result may be a predicate (Bool).
func (x *binding) expr(e sqlparser.Expr) rel.Expr {
	x.b.enter()
	defer x.b.leave()
	switch e := e.(type) {
	case *sqlparser.ParenExpr:
		return x.expr(e.Expr)
	case *sqlparser.SQLVal:
		return x.b.literal(e)
	case *sqlparser.NullVal:
		return null(rel.NullType)
	case sqlparser.BoolVal:
		return boolLit(bool(e))
	case *sqlparser.ColName:
		return x.columnOrVariable(e)
	case *sqlparser.AndExpr:
		return and(x.operands(e, nil))
	case *sqlparser.OrExpr:
		return or(x.operands(e, nil))
	case *sqlparser.XorExpr:
		return call(rel.OpXor, rel.BoolType, x.condition(e.Left), x.condition(e.Right))
	case *sqlparser.NotExpr:
		return not(x.condition(e.Expr))
	case *sqlparser.ComparisonExpr:
		return x.comparison(e)
	case *sqlparser.RangeCond:
		v, lo, hi := x.value(e.Left), x.value(e.From), x.value(e.To)
		between := and([]rel.Expr{x.compare(rel.OpGe, v, lo), x.compare(rel.OpLe, x.again(e.Left, v), hi)})
		if e.Operator == sqlparser.NotBetweenStr {
			return not(between)
		}
		return between
	case *sqlparser.IsExpr:
		return x.is(e)
	case *sqlparser.ExistsExpr:
		return x.exists(e.Subquery)
	case *sqlparser.Subquery:
		return x.scalarSubquery(e)
	case *sqlparser.BinaryExpr:
		return x.binary(e)
	case *sqlparser.UnaryExpr:
		return x.unary(e)
	case *sqlparser.CollateExpr:
		return x.collate(e)
	case *sqlparser.CaseExpr:
		return x.caseExpr(e)
	case *sqlparser.FuncExpr:
		return x.function(e)
	case *sqlparser.GroupConcatExpr:
		return x.groupConcat(e)
	case *sqlparser.ConvertExpr:
		return x.convert(e)
	case *sqlparser.ConvertUsingExpr:
		return x.convertUsing(e)
	case *sqlparser.SubstrExpr:
		return x.substring(e)
	case *sqlparser.TrimExpr:
		op := map[string]rel.Op{sqlparser.Leading: "ltrim", sqlparser.Trailing: "rtrim"}[e.Dir]
		if op == "" {
			op = "trim"
		}
		return x.apply(op, x.values(e.Str, e.Pattern)...)
	case *sqlparser.CharExpr:
		return x.char(e)
	case *sqlparser.ExtractFuncExpr:
		return x.extract(strings.ToUpper(e.Unit), x.value(e.Expr))
	case *sqlparser.TimestampFuncExpr:
		return x.timestampFunction(e)
	case *sqlparser.IntervalExpr:
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: INTERVAL is only allowed in date arithmetic"))
	case sqlparser.ValTuple:
		if len(e) == 1 {
			return x.expr(e[0])
		}
		fail(operandColumns(1))
	case *sqlparser.MatchExpr:
		unsupported("MATCH … AGAINST")
	case *sqlparser.Default:
		unsupported("DEFAULT(…)")
	case *sqlparser.ValuesFuncExpr:
		unsupported("VALUES(…) as a function")
	}
	unsupported("the expression %s", sqlparser.String(e))
	return nil
}

func operandColumns(n int) error {
	if n == 1 {
		return sqlerr.OperandColumns.New("Operand should contain 1 column(s)")
	}
	return sqlerr.OperandColumns.New("Operand should contain %d column(s)", n)
}

// operands flattens a chain of AND or OR.
func (x *binding) operands(e sqlparser.Expr, of sqlparser.Expr) []rel.Expr {
	var out []rel.Expr
	var walk func(sqlparser.Expr, bool)
	walk = func(e sqlparser.Expr, isAnd bool) {
		switch n := unparen(e).(type) {
		case *sqlparser.AndExpr:
			if isAnd {
				walk(n.Left, true)
				walk(n.Right, true)
				return
			}
		case *sqlparser.OrExpr:
			if !isAnd {
				walk(n.Left, false)
				walk(n.Right, false)
				return
			}
		}
		out = append(out, x.condition(e))
	}
	_, isAnd := e.(*sqlparser.AndExpr)
	walk(e, isAnd)
	return out
}

// again is an expression for a second use in the plan: one that holds a subquery is bound anew, so that no column id is given twice.
func (x *binding) again(e sqlparser.Expr, bound rel.Expr) rel.Expr {
	if len(rel.Subqueries(bound)) == 0 {
		return bound
	}
	return x.value(e)
}

// columnOrVariable binds a name: @user, @@system, or a column.
func (x *binding) columnOrVariable(e *sqlparser.ColName) rel.Expr {
	n := e.Name.String()
	if strings.HasPrefix(n, "@@") {
		return x.b.systemVariable(n[2:])
	}
	if strings.HasPrefix(n, "@") {
		l := x.b.env.Session.UserVariable(strings.Trim(n[1:], "`'\""))
		if l == nil {
			return null(rel.NullType)
		}
		return l
	}
	return x.column(nameOf(e))
}

func (b *binder) systemVariable(n string) rel.Expr {
	n = strings.ReplaceAll(n, "`", "")
	scope := ""
	if i := strings.IndexByte(n, '.'); i >= 0 {
		scope, n = strings.ToLower(n[:i]), n[i+1:]
	}
	if scope == "local" {
		scope = "session"
	}
	l, ok := b.env.Session.SystemVariable(scope, strings.ToLower(n))
	if !ok {
		fail(errSystemVariable.New("Unknown system variable '%s'", n))
	}
	if l == nil {
		return null(rel.NullType)
	}
	return l
}

// column resolves a column's name: here, then in the queries around.
func (x *binding) column(n name) rel.Expr {
	if x.onlyAlias {
		if e := x.alias(n); e != nil {
			return e
		}
	} else if c := x.scope.find(n, x.clause); c != nil {
		x.reached(x.scope)
		return c.expr()
	} else if x.alias != nil {
		if e := x.alias(n); e != nil {
			return e
		}
	}
	for s := x.scope.parent; s != nil; s = s.parent {
		if c := s.find(n, x.clause); c != nil {
			x.reached(s)
			return c.expr()
		}
	}
	fail(sqlerr.UnknownColumn.New("Unknown column '%s' in '%s'", n, x.clause))
	return nil
}

// reached notes the scope that a column was found in.
func (x *binding) reached(s *scope) {
	if x.deepest == nil || s.depth > x.deepest.depth {
		x.deepest = s
	}
}

// sub is a binding for a part of an expression with other rules for aggregates and windows.
func (x *binding) sub(aggregates, windows bool) *binding {
	y := *x
	y.aggregates, y.windows, y.deepest = aggregates, windows, nil
	return &y
}

// is binds IS [NOT] NULL, TRUE and FALSE.
func (x *binding) is(e *sqlparser.IsExpr) rel.Expr {
	switch e.Operator {
	case sqlparser.IsNullStr:
		return isNull(x.expr(e.Expr))
	case sqlparser.IsNotNullStr:
		return not(isNull(x.expr(e.Expr)))
	case sqlparser.IsTrueStr:
		return isTrueCall(x.condition(e.Expr))
	case sqlparser.IsNotTrueStr:
		return not(isTrueCall(x.condition(e.Expr)))
	case sqlparser.IsFalseStr:
		return isTrueCall(not(x.condition(e.Expr)))
	default:
		return not(isTrueCall(not(x.condition(e.Expr))))
	}
}

// caseExpr binds CASE; a simple one becomes comparisons.
func (x *binding) caseExpr(e *sqlparser.CaseExpr) rel.Expr {
	var conds, values []rel.Expr
	var subject rel.Expr
	if e.Expr != nil {
		subject = x.value(e.Expr)
	}
	for _, w := range e.Whens {
		if subject == nil {
			conds = append(conds, x.condition(w.Cond))
		} else {
			conds = append(conds, x.compare(rel.OpEq, x.again(e.Expr, subject), x.value(w.Cond)))
		}
		values = append(values, x.value(w.Val))
	}
	var other rel.Expr = null(rel.NullType)
	if e.Else != nil {
		other = x.value(e.Else)
	}
	return x.choose(conds, append(values, other))
}

// choose is CASE WHEN conds[0] THEN values[0] … ELSE the last value, of the type that the values have in common.
func (x *binding) choose(conds, values []rel.Expr) rel.Expr {
	t := x.common(values)
	t.NotNull = true
	var args []rel.Expr
	for i, v := range values {
		t.NotNull = t.NotNull && v.Type().NotNull
		if i < len(conds) {
			args = append(args, conds[i])
		}
		args = append(args, x.cast(v, t))
	}
	return &rel.Call{Op: rel.OpCase, Args: args, T: t}
}

// coalesce is COALESCE(values …).
func (x *binding) coalesce(values []rel.Expr) rel.Expr {
	t := x.common(values)
	if len(values) == 1 {
		return x.cast(values[0], t)
	}
	args := make([]rel.Expr, len(values))
	for i, v := range values {
		t.NotNull = t.NotNull || v.Type().NotNull
		args[i] = x.cast(v, t)
	}
	return &rel.Call{Op: rel.OpCoalesce, Args: args, T: t}
}

// Constructors.

func call(op rel.Op, t rel.Type, args ...rel.Expr) *rel.Call {
	return &rel.Call{Op: op, Args: args, T: t}
}

// predicate is a call that gives a Bool, which is NULL only if an operand is.
func predicate(op rel.Op, args ...rel.Expr) *rel.Call {
	t := rel.BoolType
	t.NotNull = true
	for _, a := range args {
		t.NotNull = t.NotNull && a.Type().NotNull
	}
	return &rel.Call{Op: op, Args: args, T: t}
}

func null(t rel.Type) *rel.Lit { return &rel.Lit{T: t.Nullable()} }

func boolLit(v bool) *rel.Lit {
	return &rel.Lit{Value: v, T: rel.Type{Kind: rel.Bool, NotNull: true}}
}

func intLit(v int64) *rel.Lit {
	return &rel.Lit{Value: v, T: rel.Type{Kind: rel.BigInt, NotNull: true}}
}

func textLit(s string) *rel.Lit {
	t := rel.StringType(false, len([]rune(s)))
	t.NotNull = true
	return &rel.Lit{Value: s, T: t}
}

func and(conds []rel.Expr) rel.Expr { return logic(rel.OpAnd, false, conds) }
func or(conds []rel.Expr) rel.Expr  { return logic(rel.OpOr, true, conds) }

// logic is AND or OR over operands, without the neutral ones; absorbing is the value that decides.
func logic(op rel.Op, absorbing bool, conds []rel.Expr) rel.Expr {
	var rest []rel.Expr
	for _, c := range conds {
		if l, ok := c.(*rel.Lit); ok && l.Value != nil {
			if l.Value == absorbing {
				return boolLit(absorbing)
			}
			continue
		}
		if n, ok := c.(*rel.Call); ok && n.Op == op {
			rest = append(rest, n.Args...)
			continue
		}
		rest = append(rest, c)
	}
	switch len(rest) {
	case 0:
		return boolLit(!absorbing)
	case 1:
		return rest[0]
	}
	return predicate(op, rest...)
}

func not(e rel.Expr) rel.Expr {
	if l, ok := e.(*rel.Lit); ok {
		if v, isBool := l.Value.(bool); isBool {
			return boolLit(!v)
		}
		return l
	}
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpNot {
		return c.Args[0]
	}
	return predicate(rel.OpNot, e)
}

func isNull(e rel.Expr) rel.Expr {
	if l, ok := e.(*rel.Lit); ok {
		return boolLit(l.Value == nil)
	}
	return call(rel.OpIsNull, rel.Type{Kind: rel.Bool, NotNull: true}, e)
}

func isTrueCall(e rel.Expr) rel.Expr {
	if l, ok := e.(*rel.Lit); ok {
		return boolLit(l.Value == true)
	}
	return call(rel.OpIsTrue, rel.Type{Kind: rel.Bool, NotNull: true}, e)
}
