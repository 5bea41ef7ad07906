package bind

import (
	"strings"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

var utc = time.UTC

// specials are the functions that are written as others, or whose operands need more than a cast.
var specials map[string]func(*binding, *sqlparser.FuncExpr) rel.Expr

func init() {
	part := func(unit string) func(*binding, *sqlparser.FuncExpr) rel.Expr {
		return func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.datePart(unit, x.exactly(e, 1)[0]) }
	}
	specials = map[string]func(*binding, *sqlparser.FuncExpr) rel.Expr{
		"if": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 3)
			return x.choose([]rel.Expr{x.conditionArgument(e, 0)}, a[1:])
		},
		"ifnull": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.coalesce(x.exactly(e, 2))
		},
		"coalesce": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			if len(e.Exprs) == 0 {
				wrongCount("coalesce")
			}
			return x.coalesce(x.arguments(e))
		},
		"nullif": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 2)
			t := plain(a[0].Type())
			v := x.again(e.Exprs[0].(*sqlparser.AliasedExpr).Expr, a[0])
			return call(rel.OpCase, t, x.compare(rel.OpEq, a[0], a[1]), null(t), x.cast(v, t))
		},
		"isnull":    func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return isNull(x.exactly(e, 1)[0]) },
		"charset":   func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return textLit(charset(x.exactly(e, 1)[0].Type())) },
		"collation": func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return textLit(collation(x.exactly(e, 1)[0].Type())) },
		"coercibility": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return intLit(x.coercibility(e.Exprs[0].(*sqlparser.AliasedExpr).Expr, x.exactly(e, 1)[0].Type()))
		},
		"mod": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 2)
			return x.arithmetic(rel.OpMod, a[0], a[1])
		},
		"ltrim": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.apply("ltrim", x.exactly(e, 1)[0], textLit(" "))
		},
		"rtrim": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.apply("rtrim", x.exactly(e, 1)[0], textLit(" "))
		},
		"trim": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.apply("trim", x.exactly(e, 1)[0], textLit(" "))
		},
		"instr": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 2)
			return x.apply("locate", a[1], a[0])
		},
		"bin": func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.base(e, 2) },
		"oct": func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.base(e, 8) },
		"hex": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 1)[0]
			if a.Type().IsNumeric() {
				a = x.operand(rel.IntOperand, a, false)
			} else if c := a.Type().Class(); c != rel.ClassBinary {
				a = x.asText(a)
			}
			return x.apply("hex", a)
		},
		"atan": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			if len(e.Exprs) == 2 {
				return x.apply("atan2", x.arguments(e)...)
			}
			return x.apply("atan", x.exactly(e, 1)...)
		},
		"log": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			if len(e.Exprs) == 1 {
				return x.apply("ln", x.arguments(e)...)
			}
			return x.apply("log", x.exactly(e, 2)...)
		},
		"round": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.arity(e, 1, 2)
			if len(a) == 1 {
				a = append(a, intLit(0))
			}
			return x.apply("round", a...)
		},
		"format": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.arity(e, 2, 3)
			if len(a) == 3 {
				l, ok := a[2].(*rel.Lit)
				if s, isText := "", false; !ok {
					unsupported("FORMAT() with a locale that isn't constant")
				} else if s, isText = l.Value.(string); isText && !strings.EqualFold(s, "en_US") {
					unsupported("FORMAT() with the locale %s", s)
				}
			}
			return x.apply("format", a[:2]...)
		},
		"regexp_like": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.arity(e, 2, 3)
			if len(a) == 2 {
				return predicate(rel.OpRegexp, x.asText(a[0]), x.asText(a[1]))
			}
			return x.apply("regexp_like", a...)
		},

		"date": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.explicitCast(x.exactly(e, 1)[0], rel.DateType)
		},
		"time":        func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.asTime(x.exactly(e, 1)[0]) },
		"timestamp":   (*binding).timestamp,
		"year":        part("YEAR"),
		"quarter":     part("QUARTER"),
		"month":       part("MONTH"),
		"day":         part("DAY"),
		"dayofmonth":  part("DAY"),
		"hour":        part("HOUR"),
		"minute":      part("MINUTE"),
		"second":      part("SECOND"),
		"microsecond": part("MICROSECOND"),
		"week": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.arity(e, 1, 2)
			if len(a) == 1 {
				a = append(a, x.b.defaultWeekFormat())
			}
			return x.apply("week", a...)
		},
		"weekofyear": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			return x.apply("week", x.exactly(e, 1)[0], intLit(3))
		},
		"yearweek": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.arity(e, 1, 2)
			if len(a) == 1 {
				a = append(a, intLit(0))
			}
			return x.apply("yearweek", a...)
		},
		"date_add":       func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.dateAdd(e, false) },
		"adddate":        func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.dateAdd(e, false) },
		"date_sub":       func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.dateAdd(e, true) },
		"subdate":        func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.dateAdd(e, true) },
		"addtime":        func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.addTime("addtime", e) },
		"subtime":        func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.addTime("subtime", e) },
		"timediff":       (*binding).timeDiff,
		"str_to_date":    (*binding).strToDate,
		"from_unixtime":  (*binding).fromUnixTime,
		"unix_timestamp": (*binding).unixTimestamp,
		"get_format": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			unsupported("GET_FORMAT()")
			return nil
		},

		"weir_date":      func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.temporalLiteral(e, rel.Date) },
		"weir_time":      func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.temporalLiteral(e, rel.Time) },
		"weir_timestamp": func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.temporalLiteral(e, rel.DateTime) },
		intervalFunction: func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			args := x.arguments(e)
			for i, a := range args {
				args[i] = x.asNumber(a)
			}
			return x.apply("interval", args...)
		},

		"json_valid": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 1)[0]
			switch a.Type().Class() {
			case rel.ClassText, rel.ClassJSON, rel.ClassNull:
				return x.apply("json_valid", a)
			}
			return call(rel.OpCase, rel.BigIntType, isNull(a), null(rel.BigIntType), intLit(0))
		},
		"json_unquote": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			a := x.exactly(e, 1)[0]
			if a.Type().Class() != rel.ClassJSON {
				a = x.asText(a)
			}
			return x.apply("json_unquote", a)
		},
		"json_object": func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
			if len(e.Exprs)%2 == 1 {
				wrongCount("json_object")
			}
			return x.apply("json_object", x.operandsOf(e)...)
		},
	}
	addKeyed(specials)
}

// exactly binds n operands.
func (x *binding) exactly(e *sqlparser.FuncExpr, n int) []rel.Expr { return x.arity(e, n, n) }

// arity binds lo to hi operands.
func (x *binding) arity(e *sqlparser.FuncExpr, lo, hi int) []rel.Expr {
	if len(e.Exprs) < lo || len(e.Exprs) > hi {
		wrongCount(e.Name.String())
	}
	return x.arguments(e)
}

// conditionArgument binds operand i as a predicate.
func (x *binding) conditionArgument(e *sqlparser.FuncExpr, i int) rel.Expr {
	return x.condition(e.Exprs[i].(*sqlparser.AliasedExpr).Expr)
}

// temporalLiteral is DATE '…', TIME '…' or TIMESTAMP '…' (see normalizer).
func (x *binding) temporalLiteral(e *sqlparser.FuncExpr, kind rel.Kind) rel.Expr {
	l, ok := x.exactly(e, 1)[0].(*rel.Lit)
	text, isText := "", false
	if ok {
		text, isText = l.Value.(string)
	}
	if !isText {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax near a date or time literal"))
	}
	name := strings.ToUpper(kind.String())
	if kind == rel.Time {
		v, scale, isTime := parseTime(text)
		if !isTime {
			fail(sqlerr.InvalidValue.New("Incorrect %s value: '%s'", name, text))
		}
		return &rel.Lit{Value: v, T: rel.Type{Kind: kind, Scale: scale, NotNull: true}}
	}
	m, isMoment := parseDateTime(text)
	if !isMoment || kind == rel.DateTime && !m.hasTime || kind == rel.Date && m.hasTime {
		fail(sqlerr.InvalidValue.New("Incorrect %s value: '%s'", name, text))
	}
	if kind == rel.Date {
		return &rel.Lit{Value: m.date(), T: rel.Type{Kind: kind, NotNull: true}}
	}
	return &rel.Lit{Value: m.dateTime(), T: rel.Type{Kind: kind, Scale: m.scale, NotNull: true}}
}

// base is BIN and OCT: CONV(n, 10, base) of the operand as an integer.
func (x *binding) base(e *sqlparser.FuncExpr, base int64) rel.Expr {
	n := x.operand(rel.IntOperand, x.exactly(e, 1)[0], false)
	return x.apply("conv", n, intLit(10), intLit(base))
}

func (b *binder) defaultWeekFormat() rel.Expr {
	if l, ok := b.env.Session.SystemVariable("", "default_week_format"); ok && l != nil {
		if v, isInt := l.Value.(int64); isInt {
			return intLit(v)
		}
	}
	return intLit(0)
}

// datePart is YEAR(x) and its like. For negative TIMEs they give positive parts, where EXTRACT gives negative ones.
func (x *binding) datePart(unit string, e rel.Expr) rel.Expr {
	v := x.extract(unit, e)
	if c, ok := v.(*rel.Call); ok && c.Args[1].Type().Class() == rel.ClassTime {
		return x.apply("abs", v)
	}
	return v
}

// timestamp is TIMESTAMP(x) and TIMESTAMP(x, t).
func (x *binding) timestamp(e *sqlparser.FuncExpr) rel.Expr {
	a := x.arity(e, 1, 2)
	v := x.asMoment(a[0])
	if len(a) == 2 {
		return x.apply("addtime", v, x.asTime(a[1]))
	}
	return v
}

// addTime is ADDTIME and SUBTIME; a DATE counts as midnight.
func (x *binding) addTime(op rel.Op, e *sqlparser.FuncExpr) rel.Expr {
	a := x.exactly(e, 2)
	switch a[0].Type().Class() {
	case rel.ClassTime, rel.ClassDateTime:
	case rel.ClassDate:
		a[0] = x.cast(a[0], rel.DateTimeType)
	case rel.ClassNull:
		a[0] = null(rel.DateTimeType)
	default:
		a[0] = x.asText(a[0])
	}
	return x.apply(op, a...)
}

// timeDiff is TIMEDIFF: both operands TIME or both DATETIME.
func (x *binding) timeDiff(e *sqlparser.FuncExpr) rel.Expr {
	a := x.exactly(e, 2)
	kind := func(e rel.Expr) rel.Class {
		c := e.Type().Class()
		if l, ok := e.(*rel.Lit); ok && c == rel.ClassText && l.Value != nil {
			if _, isMoment := parseDateTime(l.Value.(string)); isMoment {
				return rel.ClassDateTime
			}
			return rel.ClassTime
		}
		if c == rel.ClassDate {
			return rel.ClassDateTime
		}
		return c
	}
	l, r := kind(a[0]), kind(a[1])
	switch {
	case l == rel.ClassNull || r == rel.ClassNull:
		return null(rel.Type{Kind: rel.Time})
	case l == rel.ClassTime && r == rel.ClassTime:
		return x.apply("timediff", x.asTime(a[0]), x.asTime(a[1]))
	case l == rel.ClassDateTime && r == rel.ClassDateTime:
		return x.apply("timediff", x.asMoment(a[0]), x.asMoment(a[1]))
	case l == rel.ClassTime && r == rel.ClassDateTime || l == rel.ClassDateTime && r == rel.ClassTime:
		return null(rel.Type{Kind: rel.Time}) // as MySQL does
	}
	unsupported("TIMEDIFF() of text that isn't constant; cast it to TIME or DATETIME")
	return nil
}

// strToDate is STR_TO_DATE. Constants in the plain formats that tools write are computed here, so that they can be compared at a source.
func (x *binding) strToDate(e *sqlparser.FuncExpr) rel.Expr {
	a := x.exactly(e, 2)
	v := x.apply("str_to_date", a...)
	text, isText := a[0].(*rel.Lit)
	format, isFormat := a[1].(*rel.Lit)
	if !isText || !isFormat {
		return v
	}
	s, ok := text.Value.(string)
	f, fok := format.Value.(string)
	if !ok || !fok {
		return v
	}
	m, ok := parseFormatted(s, f)
	if !ok {
		return v
	}
	t := v.Type()
	t.NotNull = true
	switch t.Kind {
	case rel.Date:
		return &rel.Lit{Value: m.date(), T: t}
	case rel.DateTime:
		return &rel.Lit{Value: m.dateTime(), T: t}
	}
	return v
}

// fromUnixTime is FROM_UNIXTIME in the session's time zone.
func (x *binding) fromUnixTime(e *sqlparser.FuncExpr) rel.Expr {
	a := x.arity(e, 1, 2)
	v := x.inZone(x.apply("from_unixtime", a[0]), utcName, x.b.zoneName())
	if len(a) == 2 {
		return x.apply("date_format", v, a[1])
	}
	return v
}

// unixTimestamp is UNIX_TIMESTAMP of a time in the session's time zone.
func (x *binding) unixTimestamp(e *sqlparser.FuncExpr) rel.Expr {
	a := x.exactly(e, 1)[0]
	if c, ok := a.(*rel.Call); ok && c.Op == atZone { // a TIMESTAMP column's own value, also in the hour that the clock shows twice
		return x.apply("unix_timestamp", c.Args[0])
	}
	return x.apply("unix_timestamp", x.inZone(x.asMoment(a), x.b.zoneName(), utcName))
}

const (
	utcName = "+00:00"
	// atZone shows a TIMESTAMP column in the session's time zone.
	atZone rel.Op = "at_zone"
)

// zoneName is the session's time zone; utcName for all names of that one.
func (b *binder) zoneName() string {
	z := b.zone().String()
	if z == "UTC" || z == "" || z == "+00:00" || z == "-00:00" {
		return utcName
	}
	return z
}

func (x *binding) inZone(e rel.Expr, from, to string) rel.Expr {
	if from == to {
		return e
	}
	return x.apply("convert_tz", e, textLit(from), textLit(to))
}

// timestampFunction binds TIMESTAMPADD and TIMESTAMPDIFF.
func (x *binding) timestampFunction(e *sqlparser.TimestampFuncExpr) rel.Expr {
	unit := strings.TrimPrefix(strings.ToUpper(e.Unit), "SQL_TSI_")
	if _, ok := units[unit]; !ok || strings.Contains(unit, "_") {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: unknown unit %s", e.Unit))
	}
	if strings.EqualFold(e.Name, "timestampadd") {
		return x.dateAddValue(x.value(e.Expr2), x.value(e.Expr1), unit, false)
	}
	return x.apply("timestampdiff", textLit(unit), x.value(e.Expr1), x.value(e.Expr2))
}
