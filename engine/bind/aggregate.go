package bind

import (
	"slices"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// aggregateNames maps MySQL's names to the ones that a plan has.
var aggregateNames = map[string]string{
	"count": "count", "sum": "sum", "avg": "avg", "min": "min", "max": "max",
	"bit_and": "bit_and", "bit_or": "bit_or", "bit_xor": "bit_xor",
	"std": "stddev_pop", "stddev": "stddev_pop", "stddev_pop": "stddev_pop", "stddev_samp": "stddev_samp",
	"variance": "var_pop", "var_pop": "var_pop", "var_samp": "var_samp",
	"json_arrayagg": "json_arrayagg", "json_objectagg": "json_objectagg", "any_value": "any_value",
}

// sumDigits is what SUM adds to its operand's precision.
const sumDigits = 22

// aggregate binds a call of an aggregate function without OVER.
func (x *binding) aggregate(e *sqlparser.FuncExpr) rel.Expr {
	name := e.Name.Lowered()
	if !x.aggregates && name == "any_value" {
		return x.value(soleArgument(e)) // outside a grouped query it is its operand
	}
	y, done := x.inside(false)
	agg := y.aggregateCall(e)
	done()
	if name == "any_value" && constantOnly(agg.Args) {
		return agg.Args[0]
	}
	return x.addAggregate(y, agg)
}

// inside is the binding of the arguments of an aggregate or window function; done ends it. While it lasts, an aggregate in a subquery
// among the arguments can't belong to this block unless aggregates are allowed there.
func (x *binding) inside(aggregates bool) (y *binding, done func()) {
	y = x.sub(aggregates, false)
	if !aggregates {
		y.onlyAlias, y.alias = false, nil
	}
	before := x.block.using
	x.block.using = y
	return y, func() { x.block.using = before }
}

func soleArgument(e *sqlparser.FuncExpr) sqlparser.Expr {
	if len(e.Exprs) != 1 {
		wrongCount(e.Name.Lowered())
	}
	a, ok := e.Exprs[0].(*sqlparser.AliasedExpr)
	if !ok {
		wrongCount(e.Name.Lowered())
	}
	return a.Expr
}

func wrongCount(name string) {
	fail(sqlerr.WrongArguments.New("Incorrect parameter count in the call to native function '%s'", name))
}

func constantOnly(es []rel.Expr) bool {
	for _, e := range es {
		if _, ok := e.(*rel.Lit); !ok {
			return false
		}
	}
	return true
}

// addAggregate gives an aggregate to the query block that it belongs to: the innermost of those whose columns its arguments
// read, or this one if they read none.
func (x *binding) addAggregate(args *binding, agg rel.Agg) rel.Expr {
	owner := x.block
	if args.deepest != nil && args.deepest.depth < x.scope.depth {
		owner = args.deepest.block
	}
	if owner != x.block && (owner.using == nil || !owner.using.aggregates) && x.aggregates {
		owner = x.block // where the outer query can't aggregate, in its WHERE say, this one does
	}
	if owner == x.block && !x.aggregates || owner.using == nil || !owner.using.aggregates && owner != x.block {
		fail(sqlerr.InvalidGroupUse.New("Invalid use of group function"))
	}
	x.reached(owner.from)
	for _, a := range owner.aggs {
		if sameAggregate(a.Agg, agg) {
			return &rel.Col{ID: a.ID, Name: a.Name, T: a.T}
		}
	}
	c := rel.Column{ID: x.b.newID(), Name: agg.Fn, T: agg.T}
	owner.aggs = append(owner.aggs, rel.AggColumn{Column: c, Agg: agg})
	return &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
}

func sameAggregate(a, b rel.Agg) bool {
	return a.Fn == b.Fn && a.Distinct == b.Distinct && a.Separator == b.Separator && slices.EqualFunc(a.Args, b.Args, equal) &&
		slices.EqualFunc(a.OrderBy, b.OrderBy, func(k, l rel.SortKey) bool { return k.Desc == l.Desc && equal(k.Expr, l.Expr) })
}

// aggregateCall binds an aggregate's arguments and gives its type.
func (x *binding) aggregateCall(e *sqlparser.FuncExpr) rel.Agg {
	name := e.Name.Lowered()
	agg := rel.Agg{Fn: aggregateNames[name], Distinct: e.Distinct}
	var args []rel.Expr
	for _, se := range e.Exprs {
		switch a := se.(type) {
		case *sqlparser.StarExpr:
			if name != "count" || len(e.Exprs) > 1 || e.Distinct {
				fail(sqlerr.Syntax.New("You have an error in your SQL syntax: * is only allowed in COUNT(*)"))
			}
		case *sqlparser.AliasedExpr:
			args = append(args, x.expr(a.Expr))
		}
	}
	want := 1
	switch {
	case name == "count" && (e.Distinct && len(args) > 0 || len(args) == 0 && len(e.Exprs) == 1):
		want = len(args)
	case name == "json_objectagg":
		want = 2
	}
	if len(args) != want {
		wrongCount(e.Name.String())
	}
	x.typeAggregate(&agg, args)
	return agg
}

// typeAggregate casts the arguments and sets the type.
func (x *binding) typeAggregate(agg *rel.Agg, args []rel.Expr) {
	for i, a := range args {
		if agg.Fn == "json_arrayagg" || agg.Fn == "json_objectagg" && i == 1 {
			args[i] = jsonMember(a)
		} else {
			args[i] = asValue(a)
		}
	}
	switch agg.Fn {
	case "count":
		agg.T = rel.Type{Kind: rel.BigInt, NotNull: true}
		if len(args) == 1 && !agg.Distinct && args[0].Type().NotNull {
			args = nil // COUNT of what is never NULL counts rows
		}
		for i, a := range args {
			args[i] = leaveBlock(a)
		}
	case "sum", "avg":
		a := x.asNumber(args[0])
		if agg.Distinct { // what differs is decided by values that are stored
			a = leaveBlock(a)
		}
		switch a.Type().Class() {
		case rel.ClassInt, rel.ClassDecimal:
			p, scale, inner := digits(a), 0, 0
			if a.Type().Kind == rel.Decimal {
				p, scale, inner = a.Type().Precision, a.Type().Scale, a.Type().FracDigits()
			} else {
				a = widen(x, a)
			}
			if agg.Fn == "sum" {
				agg.T = rel.DecimalType(min(65, p+sumDigits), scale)
			} else {
				agg.T = rel.DecimalType(min(65, p+divIncrement), min(30, scale+divIncrement))
				inner = divisionDigits(max(inner, scale), 0)
			}
			agg.T = carrying(agg.T, inner)
		default:
			a = x.cast(a, rel.DoubleType)
			agg.T = rel.DoubleType
		}
		args = []rel.Expr{a}
	case "min", "max", "any_value":
		args[0] = leaveBlock(args[0])
		agg.T = plain(args[0].Type())
		if agg.Fn != "any_value" {
			agg.Distinct = false // changes nothing
		}
	case "bit_and", "bit_or", "bit_xor":
		if x.binaryString(args[0]) {
			unsupported("%s of binary strings", strings.ToUpper(agg.Fn))
		}
		args[0] = x.asBits(args[0])
		agg.T = rel.Type{Kind: rel.BigInt, Unsigned: true, NotNull: true}
	case "stddev_pop", "stddev_samp", "var_pop", "var_samp":
		args[0] = x.cast(x.asNumber(args[0]), rel.DoubleType)
		agg.T = rel.DoubleType
	case "json_arrayagg":
		agg.T = rel.JSONType
	case "json_objectagg":
		args[0] = x.asText(args[0])
		agg.T = rel.JSONType
	}
	agg.Args = args
}

// groupConcat binds GROUP_CONCAT: several arguments are concatenated, a row in which one is NULL is left out.
func (x *binding) groupConcat(e *sqlparser.GroupConcatExpr) rel.Expr {
	y, done := x.inside(false)
	defer done()
	agg := rel.Agg{Fn: "group_concat", Distinct: strings.TrimSpace(e.Distinct) != "", Separator: ",", T: rel.TextType}
	if !e.Separator.DefaultSeparator {
		agg.Separator = e.Separator.SeparatorString
	}
	var parts, raw []rel.Expr
	for _, se := range e.Exprs {
		a, ok := se.(*sqlparser.AliasedExpr)
		if !ok {
			fail(sqlerr.Syntax.New("You have an error in your SQL syntax: * is not allowed in GROUP_CONCAT"))
		}
		v := leaveBlock(y.value(a.Expr))
		raw = append(raw, v)
		parts = append(parts, v)
	}
	binary := slices.ContainsFunc(parts, func(p rel.Expr) bool { return p.Type().Class() == rel.ClassBinary })
	for i, p := range parts {
		if binary {
			parts[i] = x.asBinary(p)
		} else {
			parts[i] = x.asText(p)
		}
	}
	if binary {
		agg.T = rel.Type{Kind: rel.Blob}
	}
	arg := parts[0]
	if len(parts) > 1 {
		arg = y.apply("concat", parts...)
	}
	agg.Args = []rel.Expr{arg}
	for _, o := range e.OrderBy {
		key := rel.SortKey{Desc: strings.EqualFold(o.Direction, sqlparser.DescScr)}
		if i, ok := position(o.Expr); ok {
			if i < 1 || i > len(raw) {
				fail(sqlerr.UnknownColumn.New("Unknown column '%d' in 'order clause'", i))
			}
			key.Expr = raw[i-1]
		} else {
			key.Expr = leaveBlock(y.value(o.Expr))
		}
		agg.OrderBy = append(agg.OrderBy, key)
	}
	return x.addAggregate(y, agg)
}
