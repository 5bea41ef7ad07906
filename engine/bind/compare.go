package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// comparison binds = < > <= >= != <=> IN LIKE REGEXP.
func (x *binding) comparison(e *sqlparser.ComparisonExpr) rel.Expr {
	switch e.Operator {
	case sqlparser.InStr, sqlparser.NotInStr:
		in := x.in(e.Left, e.Right)
		if e.Operator == sqlparser.NotInStr {
			return not(in)
		}
		return in
	case sqlparser.LikeStr, sqlparser.NotLikeStr:
		like := x.like(x.value(e.Left), x.value(e.Right), e.Escape)
		if e.Operator == sqlparser.NotLikeStr {
			return not(like)
		}
		return like
	case sqlparser.RegexpStr, sqlparser.NotRegexpStr:
		re := predicate(rel.OpRegexp, x.asText(x.value(e.Left)), x.asText(x.value(e.Right)))
		if e.Operator == sqlparser.NotRegexpStr {
			return not(re)
		}
		return re
	case sqlparser.JSONExtractOp:
		return x.apply("json_extract", x.values(e.Left, e.Right)...)
	case sqlparser.JSONUnquoteExtractOp:
		return x.apply("json_unquote", x.apply("json_extract", x.values(e.Left, e.Right)...))
	}
	op := rel.Op(e.Operator)
	if op == "!=" {
		op = rel.OpNe
	}
	if f, ok := e.Right.(*sqlparser.FuncExpr); ok {
		switch f.Name.Lowered() {
		case anyFunction, allFunction:
			kind := rel.AnySubquery
			if f.Name.Lowered() == allFunction {
				kind = rel.AllSubquery
			}
			return x.anyOrAll(kind, op, e.Left, f)
		case memberFunction:
			return predicate(rel.OpNe, x.apply("json_member_of", x.value(e.Left), x.exactly(f, 1)[0]), intLit(0))
		}
	}
	return x.compareRows(op, e.Left, e.Right)
}

// row is the operands of a row constructor, or nil.
func row(e sqlparser.Expr) sqlparser.ValTuple {
	t, ok := unparen(e).(sqlparser.ValTuple)
	if !ok || len(t) < 2 {
		return nil
	}
	return t
}

// compareRows compares values, rows of values, or either with a subquery that gives one row.
func (x *binding) compareRows(op rel.Op, left, right sqlparser.Expr) rel.Expr {
	l, r := row(left), row(right)
	switch {
	case l == nil && r == nil:
		return x.compare(op, x.expr(left), x.expr(right))
	case l != nil && r != nil:
		if len(l) != len(r) {
			fail(operandColumns(len(l)))
		}
		return x.rowOperation(op, x.values(l...), x.values(r...))
	case l != nil:
		if sub, ok := unparen(right).(*sqlparser.Subquery); ok {
			return x.compareRowSubquery(op, x.values(l...), sub)
		}
		fail(operandColumns(len(l)))
	default:
		if sub, ok := unparen(left).(*sqlparser.Subquery); ok {
			return x.compareRowSubquery(rel.Comparisons[op], x.values(r...), sub)
		}
		fail(operandColumns(1))
	}
	return nil
}

// rowOperation writes a comparison of rows as comparisons of their values.
func (x *binding) rowOperation(op rel.Op, l, r []rel.Expr) rel.Expr {
	switch op {
	case rel.OpEq, rel.OpNullEq:
		var conds []rel.Expr
		for i := range l {
			conds = append(conds, x.compare(op, l[i], r[i]))
		}
		return and(conds)
	case rel.OpNe:
		return not(x.rowOperation(rel.OpEq, l, r))
	}
	// (a, b) < (c, d) is a < c OR (a = c AND b < d); only the last may be equal.
	for _, e := range append(l[:len(l):len(l)], r...) {
		if len(rel.Subqueries(e)) > 0 {
			unsupported("%s between rows with a subquery", op)
		}
	}
	strict := map[rel.Op]rel.Op{rel.OpLt: rel.OpLt, rel.OpLe: rel.OpLt, rel.OpGt: rel.OpGt, rel.OpGe: rel.OpGt}[op]
	if len(l) == 1 {
		return x.compare(op, l[0], r[0])
	}
	return or([]rel.Expr{
		x.compare(strict, l[0], r[0]),
		and([]rel.Expr{x.compare(rel.OpEq, l[0], r[0]), x.rowOperation(op, l[1:], r[1:])}),
	})
}

// compare compares two values by the rules of MySQL's "Type Conversion in Expression Evaluation".
func (x *binding) compare(op rel.Op, l, r rel.Expr) rel.Expr {
	l, r = x.comparable(l, r)
	p := predicate(op, l, r)
	if op == rel.OpNullEq {
		p.T.NotNull = true
	}
	return p
}

// comparable converts two values to the class that they are compared in.
func (x *binding) comparable(l, r rel.Expr) (rel.Expr, rel.Expr) {
	if l.Type().Kind == rel.JSON {
		r = asMember(r)
	} else if r.Type().Kind == rel.JSON {
		l = asMember(l)
	}
	l, r = asValue(l), asValue(r)
	s, t := l.Type(), r.Type()
	sc, tc := s.Class(), t.Class()
	switch {
	case sc == rel.ClassNull && tc == rel.ClassNull:
		return null(rel.BigIntType), null(rel.BigIntType)
	case sc == rel.ClassNull:
		return x.cast(l, plain(t)), r
	case tc == rel.ClassNull:
		return l, x.cast(r, plain(s))
	case sc == tc:
		if sc == rel.ClassDecimal || sc == rel.ClassInt {
			return x.sameYear(l, r)
		}
		return l, r
	case sc == rel.ClassJSON:
		return l, x.asJSONValue(r)
	case tc == rel.ClassJSON:
		return x.asJSONValue(l), r
	case s.IsTemporal():
		return x.temporalPair(l, r)
	case t.IsTemporal():
		r, l = x.temporalPair(r, l)
		return l, r
	case sc == rel.ClassText && tc == rel.ClassBinary || sc == rel.ClassBinary && tc == rel.ClassText:
		return x.asBinary(l), x.asBinary(r)
	}
	// Numbers of different classes, or a number with text.
	if n, ok := x.integerText(l, r); ok {
		return l, n
	}
	if n, ok := x.integerText(r, l); ok {
		return n, r
	}
	l, r = x.asNumber(l), x.asNumber(r)
	sc, tc = l.Type().Class(), r.Type().Class()
	switch {
	case sc == tc:
		return l, r
	case sc == rel.ClassDouble || tc == rel.ClassDouble:
		return x.cast(l, rel.DoubleType), x.cast(r, rel.DoubleType)
	}
	return x.cast(l, asDecimalType(l)), x.cast(r, asDecimalType(r))
}

// asMember makes JSON of a predicate that is compared with JSON.
func asMember(e rel.Expr) rel.Expr {
	if e.Type().Kind == rel.Bool {
		return jsonMember(e)
	}
	return e
}

// integerText converts text that is exactly an integer for the comparison with an integer column: MySQL compares the two as integers,
// not as doubles as it does otherwise.
func (x *binding) integerText(column, constant rel.Expr) (rel.Expr, bool) {
	c, ok := column.(*rel.Col)
	l, isLit := constant.(*rel.Lit)
	if !ok || !isLit || c.T.Class() != rel.ClassInt || c.T.Kind == rel.Year || c.T.Kind == rel.Bit {
		return nil, false
	}
	s, isText := l.Value.(string)
	if !isText || l.T.Class() != rel.ClassText {
		return nil, false
	}
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || len(digits) > 18 || strings.Trim(digits, "0123456789") != "" {
		return nil, false
	}
	return integer(s), true
}

// sameYear makes years of the one and two digit numbers that a YEAR column is compared with.
func (x *binding) sameYear(l, r rel.Expr) (rel.Expr, rel.Expr) {
	fix := func(e, other rel.Expr) rel.Expr {
		n, ok := e.(*rel.Lit)
		if !ok || other.Type().Kind != rel.Year {
			return e
		}
		if v, isInt := n.Value.(int64); isInt && v > 0 && v < 100 {
			if v < 70 {
				return intLit(v + 2000)
			}
			return intLit(v + 1900)
		}
		return e
	}
	return fix(l, r), fix(r, l)
}

// temporalPair converts the operands of a comparison whose first is a date or time.
func (x *binding) temporalPair(l, r rel.Expr) (rel.Expr, rel.Expr) {
	s, t := l.Type(), r.Type()
	if t.IsTemporal() {
		if t.Class() == s.Class() {
			return l, r
		}
		// A date compares with midnight as with that date.
		if d, ok := midnight(r); ok && s.Class() == rel.ClassDate {
			return l, d
		}
		if d, ok := midnight(l); ok && t.Class() == rel.ClassDate {
			return d, r
		}
		scale := max(s.Scale, t.Scale)
		return x.asDateTime(l, scale), x.asDateTime(r, scale)
	}
	if lit, ok := r.(*rel.Lit); ok && lit.Value != nil {
		if lt, rt, ok := x.temporalConstant(l, lit); ok {
			return lt, rt
		}
	}
	if t.IsNumeric() || t.Class() == rel.ClassBinary && !x.binaryString(r) {
		return x.comparable(x.asNumber(l), x.asNumber(r))
	}
	switch s.Class() {
	case rel.ClassTime:
		return l, x.cast(r, rel.Type{Kind: rel.Time, Scale: 6})
	case rel.ClassDate:
		return x.asDateTime(l, 6), x.cast(r, rel.Type{Kind: rel.DateTime, Scale: 6})
	}
	return l, x.cast(r, rel.Type{Kind: rel.DateTime, Scale: 6})
}

// midnight is a constant date and time at midnight as a date.
func midnight(e rel.Expr) (*rel.Lit, bool) {
	l, ok := e.(*rel.Lit)
	if !ok {
		return nil, false
	}
	v, ok := l.Value.(rel.DateTimeValue)
	if !ok || int64(v)%dayMicros != 0 {
		return nil, false
	}
	return &rel.Lit{Value: rel.DateValue(int64(v) / dayMicros), T: rel.Type{Kind: rel.Date, NotNull: true}}, true
}

// temporalConstant converts a constant for the comparison with a date or time. Text that is none is an error, as in MySQL 8.
func (x *binding) temporalConstant(l rel.Expr, c *rel.Lit) (rel.Expr, rel.Expr, bool) {
	s := l.Type()
	text, isText := c.Value.(string)
	if !isText {
		var ok bool
		if text, ok = exactText(c); !ok {
			return nil, nil, false
		}
	}
	if s.Class() == rel.ClassTime {
		if v, scale, ok := parseTime(text); ok {
			return l, &rel.Lit{Value: v, T: rel.Type{Kind: rel.Time, Scale: scale, NotNull: true}}, true
		}
		if isText {
			fail(sqlerr.InvalidValue.New("Incorrect TIME value: '%s'", text))
		}
		return nil, nil, false
	}
	v, ok := parseDateTime(text)
	if !ok {
		if isText {
			kind := strings.ToUpper(s.Kind.String())
			fail(sqlerr.InvalidValue.New("Incorrect %s value: '%s'", kind, text))
		}
		return nil, nil, false
	}
	dt := &rel.Lit{Value: v.dateTime(), T: rel.Type{Kind: rel.DateTime, Scale: v.scale, NotNull: true}}
	if s.Class() == rel.ClassDate {
		if v.midnight() {
			return l, &rel.Lit{Value: v.date(), T: rel.Type{Kind: rel.Date, NotNull: true}}, true
		}
		return x.asDateTime(l, v.scale), dt, true
	}
	return l, dt, true
}

// asDateTime converts a date or time; a TIME is that time today.
func (x *binding) asDateTime(e rel.Expr, scale int) rel.Expr {
	switch e.Type().Class() {
	case rel.ClassDateTime:
		return e
	case rel.ClassTime:
		return x.timeToday(e, rel.Type{Kind: rel.DateTime, Scale: scale})
	}
	return x.cast(e, rel.Type{Kind: rel.DateTime, Scale: scale})
}

// asJSONValue makes a JSON value of a value that is compared with JSON: text becomes a JSON string.
func (x *binding) asJSONValue(e rel.Expr) rel.Expr {
	t := e.Type()
	switch t.Class() {
	case rel.ClassJSON:
		return e
	case rel.ClassText:
		return x.cast(x.apply("json_quote", e), rel.JSONType)
	case rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		return x.cast(e, rel.JSONType)
	case rel.ClassNull:
		return null(rel.JSONType)
	}
	unsupported("comparison of JSON with %s", t)
	return nil
}

// in binds IN over a list or a subquery.
func (x *binding) in(left, right sqlparser.Expr) rel.Expr {
	if sub, ok := right.(*sqlparser.Subquery); ok {
		return x.inSubquery(left, sub)
	}
	list, ok := right.(sqlparser.ValTuple)
	if !ok {
		unsupported("IN with a list argument")
	}
	if l := row(left); l != nil {
		vals := x.values(l...)
		var conds []rel.Expr
		for _, e := range list {
			if sub, ok := unparen(e).(*sqlparser.Subquery); ok {
				conds = append(conds, x.compareRowSubquery(rel.OpEq, vals, sub))
				continue
			}
			r := row(e)
			if len(r) != len(l) {
				fail(operandColumns(len(l)))
			}
			conds = append(conds, x.rowOperation(rel.OpEq, vals, x.values(r...)))
		}
		return or(conds)
	}
	members := make([]rel.Expr, len(list))
	for i, e := range list {
		members[i] = x.expr(e)
	}
	return x.inList(left, members)
}

// inList is left IN (members …): one call where all members are compared in one class, else comparisons.
func (x *binding) inList(left sqlparser.Expr, members []rel.Expr) rel.Expr {
	v := x.value(left)
	var subject rel.Expr
	args := []rel.Expr{nil}
	together := true
	var conds []rel.Expr
	for _, m := range members {
		l, r := x.comparable(v, m)
		if subject == nil {
			subject = l
		}
		together = together && equal(subject, l)
		args = append(args, r)
		conds = append(conds, predicate(rel.OpEq, l, r))
	}
	if !together || len(members) == 1 {
		for i := 1; i < len(conds) && len(rel.Subqueries(v)) > 0; i++ {
			conds[i] = x.compare(rel.OpEq, x.value(left), members[i])
		}
		return or(conds)
	}
	args[0] = subject
	return predicate(rel.OpIn, args...)
}

// like binds LIKE.
func (x *binding) like(v, pattern rel.Expr, escape sqlparser.Expr) rel.Expr {
	esc := textLit("\\")
	if escape != nil {
		l, ok := x.value(escape).(*rel.Lit)
		s, isText := "", false
		if ok {
			s, isText = l.Value.(string)
		}
		if !isText || len([]rune(s)) > 1 {
			fail(errWrongArgument.New("Incorrect arguments to ESCAPE"))
		}
		esc = textLit(s)
	}
	if v.Type().Class() == rel.ClassJSON {
		v = x.cast(v, rel.TextType)
	}
	return predicate(rel.OpLike, x.asText(v), x.asText(pattern), esc)
}

// collate binds COLLATE: Weir's own order is by code point, case-sensitive, without padding.
func (x *binding) collate(e *sqlparser.CollateExpr) rel.Expr {
	v := x.value(e.Expr)
	name := strings.ToLower(e.Collation)
	switch name {
	case "utf8mb4_0900_bin", "utf8mb4_nopad_bin":
		return withoutCollation(x, v)
	case "binary":
		return x.asBinary(v)
	case "utf8mb4_bin":
		// The same order; only trailing blanks would not count.
		return withoutCollation(x, v)
	}
	if !strings.Contains(name, "_") {
		fail(errUnknownCollation.New("Unknown collation: '%s'", e.Collation))
	}
	if !strings.HasPrefix(name, "utf8") {
		fail(errCollationCharset.New("COLLATION '%s' is not valid for CHARACTER SET 'utf8mb4'", e.Collation))
	}
	unsupported("COLLATE %s; text compares by code point (utf8mb4_0900_bin)", e.Collation)
	return nil
}

// withoutCollation is text that compares by Weir's rules.
func withoutCollation(x *binding, v rel.Expr) rel.Expr { return x.asText(v) }
