package differential

import (
	"fmt"
	"strings"
)

// aggregate is an aggregate of a class over a scope.
func (m *maker) aggregate(s *scope, c class) *expr {
	over := func(c class) *expr {
		for range 4 {
			if e := m.expr(s, c, 1); len(columnsOf(e)) > 0 && !e.t.approx {
				return e
			}
		}
		if e := m.columnOf(s, c); e != nil {
			return e
		}
		return m.literal(c)
	}
	make := func(t typ, feature string, parts ...any) *expr {
		return &expr{t: t, parts: parts, feature: feature}
	}
	count := typ{class: cInt, mag: 6}
	switch c {
	case cInt:
		switch m.weighted(5, 4, 3, 2, 2, 2, 4) {
		case 0:
			return make(count, "count(*)", "count(*)")
		case 1:
			return make(count, "count(x)", "count(", over(m.anyClass()), ")")
		case 2:
			return make(count, "count(distinct)", "count(distinct ", over(m.anyClass()), ")")
		case 3:
			return make(count, "count(distinct x, y)", "count(distinct ", over(m.anyClass()), ", ", over(m.anyClass()), ")")
		case 4:
			f := pick(m, []string{"bit_and", "bit_or", "bit_xor"})
			return make(typ{class: cInt, mag: 20, unsigned: true}, f, f+"(", over(cInt), ")")
		case 5:
			// The class says that it is an integer; SUM of integers is a DECIMAL without fraction.
			return make(count, "sum(case)", "cast(sum(case when ", over(cBool), " then 1 else 0 end) as signed)")
		}
	case cDec:
		arg := over(cDec)
		if m.chance(0.5) || arg.t.hidden || arg.t.mixed {
			arg = over(cInt)
		}
		sum := typ{class: cDec, mag: arg.t.mag + 5, scale: arg.t.scale}
		if sum.mag+float64(sum.scale)+4 > maxDecimal {
			break
		}
		switch m.weighted(5, 2, 4, 1) {
		case 0:
			return make(sum, "sum", "sum(", arg, ")")
		case 1:
			return make(sum, "sum(distinct)", "sum(distinct ", arg, ")")
		case 2:
			return make(typ{class: cDec, mag: arg.t.mag, scale: arg.t.scale + 4, hidden: !m.free}, "avg", "avg(", arg, ")")
		case 3:
			return make(typ{class: cDec, mag: arg.t.mag, scale: arg.t.scale + 4, hidden: !m.free}, "avg(distinct)", "avg(distinct ", arg, ")")
		}
	case cText:
		if m.chance(0.4) {
			arg := over(cText)
			distinct, order := pick(m, []string{"", "distinct "}), pick(m, []string{"", " desc"})
			sep := pick(m, []string{"", " separator '|'", " separator ''"})
			// Cut to a length that no system's limit reaches before: the order is total, so the prefix is determined.
			return make(typ{class: cText, length: 60}, "group_concat", "left(group_concat("+distinct, arg, " order by ", arg.clone(), order+sep+"), 60)")
		}
	}
	arg := over(c)
	if arg.t.hidden { // the reference keeps digits that aren't shown, unless it makes groups in a temporary table
		arg = m.literal(c)
	}
	f := pick(m, []string{"min", "max"})
	return make(arg.t, f, f+"(", arg, ")")
}

// approximateAggregate is one whose last digits depend on the order of the rows.
func (m *maker) approximateAggregate(s *scope) *expr {
	f := pick(m, []string{"sum", "avg", "std", "stddev_pop", "stddev_samp", "variance", "var_samp"})
	c := cDouble
	if f != "sum" && f != "avg" {
		c = pick(m, []class{cInt, cDec, cDouble})
	}
	arg := m.columnOf(s, c)
	if arg == nil {
		arg = m.literal(c)
	}
	return &expr{t: typ{class: cDouble, approx: true}, parts: []any{f + "(", arg, ")"}, feature: f + " approximate"}
}

// windowed makes a query with window functions in its select list.
func (m *maker) windowed(depth int, outer *scope, want []class, top bool) (*query, []column) {
	q := &query{limit: -1}
	var s *scope
	var rels []*relation
	q.from, s, rels = m.fromClause(depth, outer)
	q.where = m.whereClause(s, depth)
	// Rows that are equal in all columns get different numbers, so only keys order them totally.
	keyed := true
	for _, r := range rels {
		keyed = keyed && r.key != nil
	}
	inner := &scope{leaves: s.leaves, total: s.total, nodeep: true, keyed: keyed}
	var cols []column
	for _, c := range m.classes(want, 2, 4) {
		var e *expr
		if m.chance(0.6) {
			e = m.window(inner, c)
		}
		if e == nil {
			e = m.expr(inner, c, 2)
		}
		cols = append(cols, m.item(q, e))
	}
	if m.orderAndLimit(q, s, top); !keyed {
		q.total, q.limit, q.offset = false, -1, 0
	}
	return q, cols
}

// hasQuotient reports whether an expression divides or averages decimals.
func (e *expr) hasQuotient() bool {
	found := false
	e.visit(nil, func(x *expr) {
		found = found || strings.Contains(x.feature, " / ") || strings.HasPrefix(x.feature, "avg")
	})
	return found
}

// window is a window function of a class, or nil. Where its result depends on the order of peers, the order is total.
func (m *maker) window(s *scope, c class) *expr {
	// Quotients have digits that are not shown; whether they count here is open.
	operand := func(c class) *expr {
		for range 5 {
			if e := m.expr(s, c, 1); !e.t.hidden {
				return e
			}
		}
		if e := m.columnOf(s, c); e != nil && !e.t.hidden {
			return e
		}
		return m.literal(c)
	}
	key := func() *expr {
		for range 5 {
			if e := m.key(s, m.anyClass(), 1); e != nil && !e.t.hidden {
				return e
			}
		}
		for range 5 {
			if e := pick(m, s.leaves); !e.t.hidden {
				return e.clone()
			}
		}
		return m.literal(cText)
	}
	if len(s.leaves) == 0 || s.windowed && !(m.free && s.keyed) {
		return nil
	}
	s.windowed = true
	grouped := s.grouped && !m.free
	var over []any
	add := func(parts ...any) { over = append(over, parts...) }
	partition, numeric := m.chance(0.5), false
	spec := func(order, total bool) {
		order = order && !grouped // the reference takes NULL for a peer of the least value there
		add(" over (")
		if partition {
			add("partition by ", key())
		}
		if order {
			if partition {
				add(" ")
			}
			add("order by ")
			first := key()
			numeric = first.t.class == cInt && !first.t.unsigned && first.t.mag < 15
			direction := pick(m, []string{"", "", " desc"})
			if !m.free && first.t.class == cDec && !first.isColumn() { // the reference takes NULL for a peer of the least
				direction = ""
			}
			add(first, direction)
			if total {
				numeric = false
				for _, t := range s.total {
					add(", ", t.clone())
				}
			}
		}
	}
	value := func(f string, t typ, parts ...any) *expr {
		add(")")
		return &expr{t: t, parts: append(append([]any{f}, parts...), over...), feature: "window " + f}
	}
	count := typ{class: cInt, mag: 6}
	switch {
	case c == cInt && !grouped && m.chance(0.5):
		count.unsigned, count.loose = true, true
		switch f := pick(m, []string{"row_number()", "rank()", "dense_rank()", "ntile"}); f {
		case "row_number()":
			spec(true, true)
			return value(f, count)
		case "ntile":
			spec(true, true)
			return value("ntile", count, fmt.Sprintf("(%d)", 1+m.IntN(5)))
		default:
			spec(true, false)
			return value(f, count)
		}
	case c == cDouble && grouped:
		return nil
	case c == cDouble:
		spec(true, false)
		return value(pick(m, []string{"percent_rank()", "cume_dist()"}), typ{class: cDouble, mag: 1})
	case !grouped && m.chance(0.4):
		arg := operand(c)
		spec(true, true)
		switch f := pick(m, []string{"lag", "lead", "first_value", "last_value", "nth_value"}); f {
		case "lag", "lead":
			offset := pick(m, []string{"", ", 2", ", 0", ", 1"})
			return value(f, arg.t, "(", arg, offset+")")
		case "nth_value":
			m.frame(&over, false)
			return value(f, arg.t, "(", arg, ", 2)")
		default:
			m.frame(&over, false)
			return value(f, arg.t, "(", arg, ")")
		}
	}
	// An aggregate: with the default frame peers count together, with ROWS the order must be total.
	var arg *expr
	f, t := "count", count
	switch c {
	case cInt:
		arg = operand(m.anyClass())
	case cDec:
		arg = operand(pick(m, []class{cInt, cDec}))
		f = pick(m, []string{"sum", "avg"})
		if f == "avg" && !m.free && (arg.t.mixed || arg.t.class == cInt && !arg.isColumn()) { // the reference cuts averages to the digits that it expects
			f = "sum"
		}
		t = typ{class: cDec, mag: arg.t.mag + 5, scale: arg.t.scale}
		if f == "avg" {
			t.scale += 4
		}
		if t.mag+float64(t.scale) > maxDecimal {
			return nil
		}
	default:
		arg = operand(c)
		f, t = pick(m, []string{"min", "max"}), arg.t
	}
	switch m.IntN(4) {
	case 0:
		spec(false, false)
	case 1, 2:
		spec(true, false)
		if numeric && m.chance(0.5) {
			m.frame(&over, true)
		}
	default:
		if spec(true, true); !grouped {
			m.frame(&over, false)
		}
	}
	return value(f, t, "(", arg, ")")
}

// frame adds a frame clause.
func (m *maker) frame(over *[]any, ranges bool) {
	if !ranges && m.chance(0.3) {
		return
	}
	unit := "rows"
	if ranges {
		unit = "range"
	}
	n, k := m.IntN(4), 1+m.IntN(3)
	frames := []string{
		"between unbounded preceding and current row", "between current row and unbounded following", "between unbounded preceding and unbounded following",
		fmt.Sprintf("between %d preceding and current row", n), fmt.Sprintf("between %d preceding and %d following", n, k),
		fmt.Sprintf("between %d preceding and %d preceding", n+k, n), fmt.Sprintf("between %d following and %d following", n, n+k),
		fmt.Sprintf("%d preceding", k),
	}
	*over = append(*over, " "+unit+" "+pick(m, frames))
}
