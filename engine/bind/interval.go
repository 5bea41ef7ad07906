package bind

import (
	"strings"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// unit describes an INTERVAL unit.
type unit struct {
	date     bool // a day or more: a DATE stays a DATE
	compound bool
	micro    bool // counts microseconds
	months   int  // months in one, for those that count months
	us       int64
}

var units = map[string]unit{
	"YEAR": {date: true, months: 12}, "QUARTER": {date: true, months: 3}, "MONTH": {date: true, months: 1},
	"WEEK": {date: true, us: 7 * dayMicros}, "DAY": {date: true, us: dayMicros},
	"HOUR": {us: 3600e6}, "MINUTE": {us: 60e6}, "SECOND": {us: 1e6}, "MICROSECOND": {us: 1, micro: true},
	"YEAR_MONTH": {date: true, compound: true}, "DAY_HOUR": {compound: true}, "DAY_MINUTE": {compound: true}, "DAY_SECOND": {compound: true},
	"DAY_MICROSECOND": {compound: true, micro: true}, "HOUR_MINUTE": {compound: true}, "HOUR_SECOND": {compound: true},
	"HOUR_MICROSECOND": {compound: true, micro: true}, "MINUTE_SECOND": {compound: true}, "MINUTE_MICROSECOND": {compound: true, micro: true},
	"SECOND_MICROSECOND": {compound: true, micro: true},
}

func unitNamed(name string) unit {
	u, ok := units[name]
	if !ok {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: unknown unit %s", name))
	}
	return u
}

// dateAdd binds DATE_ADD, DATE_SUB, ADDDATE and SUBDATE.
func (x *binding) dateAdd(e *sqlparser.FuncExpr, subtract bool) rel.Expr {
	if len(e.Exprs) != 2 {
		wrongCount(e.Name.String())
	}
	d, dok := e.Exprs[0].(*sqlparser.AliasedExpr)
	n, nok := e.Exprs[1].(*sqlparser.AliasedExpr)
	if !dok || !nok {
		wrongCount(e.Name.String())
	}
	if i, ok := n.Expr.(*sqlparser.IntervalExpr); ok {
		return x.addInterval(x.value(d.Expr), i, subtract)
	}
	return x.dateAddValue(x.value(d.Expr), x.value(n.Expr), "DAY", subtract)
}

// addInterval is date + INTERVAL n unit, or date - INTERVAL n unit.
func (x *binding) addInterval(date rel.Expr, i *sqlparser.IntervalExpr, subtract bool) rel.Expr {
	return x.dateAddValue(date, x.value(i.Expr), unitText(i.Unit), subtract)
}

// unitText is a unit's name in upper case, without the prefix that the normalizer gives to compound ones.
func unitText(s string) string {
	return strings.TrimPrefix(strings.ToUpper(s), strings.ToUpper(unitPrefix))
}

func (x *binding) dateAddValue(date, n rel.Expr, name string, subtract bool) rel.Expr {
	u := unitNamed(name)
	n, scale := x.intervalCount(n, name, u, subtract)
	if date.Type().Class() == rel.ClassNull {
		return null(rel.DateTimeType)
	}
	var t rel.Type
	switch date.Type().Class() {
	case rel.ClassDate:
		if t = rel.DateType; !u.date {
			t = rel.Type{Kind: rel.DateTime, Scale: scale}
			date = x.cast(date, rel.DateTimeType)
		}
	case rel.ClassDateTime:
		t = rel.Type{Kind: rel.DateTime, Scale: max(scale, date.Type().Scale)}
	case rel.ClassTime:
		if t = (rel.Type{Kind: rel.Time, Scale: max(scale, date.Type().Scale)}); u.date || strings.HasPrefix(name, "DAY_") {
			t.Kind = rel.DateTime
			date = x.timeToday(date, rel.Type{Kind: rel.DateTime, Scale: date.Type().Scale})
		}
	case rel.ClassText:
		// Text stays text: a date if that is what it holds and the unit is a day or more, else a date and time.
		if l, ok := date.(*rel.Lit); ok && l.Value != nil {
			return x.addToText(l, n, name, u, scale)
		}
		t = rel.VarCharType(29)
	default:
		date = x.asMoment(date)
		t = rel.Type{Kind: rel.DateTime, Scale: max(scale, date.Type().Scale)}
	}
	if v, ok := foldDateAdd(date, n, u, t); ok {
		return v
	}
	return call(rel.OpDateAdd, t, date, n, textLit(name))
}

// addToText adds to a text constant.
func (x *binding) addToText(l *rel.Lit, n rel.Expr, name string, u unit, scale int) rel.Expr {
	m, ok := parseDateTime(l.Value.(string))
	if !ok {
		return null(rel.VarCharType(29))
	}
	t := rel.Type{Kind: rel.DateTime, Scale: max(scale, m.scale)}
	var date rel.Expr = &rel.Lit{Value: m.dateTime(), T: rel.Type{Kind: rel.DateTime, Scale: m.scale, NotNull: true}}
	if !m.hasTime && u.date {
		t = rel.DateType
		date = &rel.Lit{Value: m.date(), T: rel.Type{Kind: rel.Date, NotNull: true}}
	}
	if v, folded := foldDateAdd(date, n, u, t); folded {
		return x.asText(v)
	}
	return x.asText(call(rel.OpDateAdd, t, date, n, textLit(name)))
}

// intervalCount is the count of an interval, negated for a subtraction, and the count of fractional second digits that it adds.
func (x *binding) intervalCount(n rel.Expr, name string, u unit, subtract bool) (rel.Expr, int) {
	scale := 0
	if u.micro {
		scale = 6
	}
	if u.compound {
		n = x.asText(n)
		if subtract {
			l, ok := n.(*rel.Lit)
			if !ok {
				unsupported("subtracting an INTERVAL in %s that isn't constant", name)
			}
			if s, isText := l.Value.(string); isText {
				n = textLit(negated(strings.TrimSpace(s)))
			}
		}
		return n, scale
	}
	if name == "SECOND" && n.Type().Class() == rel.ClassText {
		scale = 6 // text may hold a fraction
	}
	if l, ok := n.(*rel.Lit); ok && l.T.Class() == rel.ClassText && l.Value != nil {
		if s := l.Value.(string); name == "SECOND" && strings.Contains(s, ".") {
			n = number(strings.TrimSpace(s))
		} else {
			n = &rel.Lit{Value: leadingInteger(s), T: rel.Type{Kind: rel.BigInt, NotNull: true}}
		}
	}
	n = asValue(n)
	c := n.Type().Class()
	if name == "SECOND" && c != rel.ClassInt && c != rel.ClassNull {
		n = x.asNumber(n)
		if n.Type().Class() == rel.ClassDecimal {
			scale = max(scale, min(6, n.Type().Scale))
		} else {
			scale = 6
		}
		if n.Type().Class() != rel.ClassInt {
			n = x.cast(n, rel.DecimalType(20+scale, scale))
		}
	} else {
		n = x.cast(x.asInt(n), rel.BigIntType)
	}
	if subtract {
		n = x.negate(n)
	}
	return n, scale
}

// leadingInteger is the integer that text begins with.
func leadingInteger(s string) int64 {
	s = strings.TrimSpace(s)
	i := 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	for i < len(s) && isDigit(s[i]) && i < 18 {
		i++
	}
	neg := strings.HasPrefix(s, "-")
	v := int64(atoi(strings.TrimLeft(s[:i], "+-")))
	if neg {
		return -v
	}
	return v
}

// foldDateAdd adds constants.
func foldDateAdd(date, n rel.Expr, u unit, t rel.Type) (rel.Expr, bool) {
	d, dok := date.(*rel.Lit)
	c, nok := n.(*rel.Lit)
	if !dok || !nok || u.compound {
		return nil, false
	}
	if d.Value == nil || c.Value == nil {
		return null(t), true
	}
	count, isInt := c.Value.(int64)
	if !isInt || count > 1e12 || count < -1e12 {
		return nil, false
	}
	t.NotNull = true
	var us int64
	switch v := d.Value.(type) {
	case rel.DateValue:
		us = int64(v) * dayMicros
	case rel.DateTimeValue:
		us = int64(v)
	default:
		return nil, false
	}
	m := momentOf(rel.DateTimeValue(us))
	if u.months > 0 {
		months := int64(m.year)*12 + int64(m.month) - 1 + count*int64(u.months)
		m.year, m.month = int(months/12), int(months%12)+1
		if months < 12 || m.year > 9999 {
			return null(t), true
		}
		m.day = min(m.day, monthDays(m.year, m.month))
		us = int64(m.dateTime())
	} else {
		days, rest := count/(dayMicros/min(u.us, dayMicros)), count
		if days > 4e6 || days < -4e6 {
			return null(t), true
		}
		us += rest * u.us
		if y := time.UnixMicro(us).UTC().Year(); y < 1 || y > 9999 {
			return null(t), true
		}
	}
	if t.Kind == rel.Date {
		return &rel.Lit{Value: rel.DateValue(floorDiv(us, dayMicros)), T: t}, true
	}
	return &rel.Lit{Value: rel.DateTimeValue(us), T: t}, true
}

// extract binds EXTRACT(unit FROM x).
func (x *binding) extract(name string, e rel.Expr) rel.Expr {
	u := unitNamed(name)
	e = asValue(e)
	clock := !u.date && !strings.HasPrefix(name, "DAY_")
	switch c := e.Type().Class(); {
	case u.date:
		if c != rel.ClassDate {
			e = x.asMoment(e)
		}
	case clock && (c == rel.ClassText || c == rel.ClassInt || c == rel.ClassDecimal || c == rel.ClassDouble || c == rel.ClassBinary):
		e = x.asTime(e)
	case c == rel.ClassTime || c == rel.ClassDateTime:
	case c == rel.ClassText:
		e = x.asMoment(e)
	default:
		e = x.asMoment(e)
	}
	t := rel.BigIntType
	t.NotNull = e.Type().NotNull
	return call(rel.OpExtract, t, textLit(name), e)
}
