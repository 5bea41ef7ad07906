package differential

// Shrink drops parts of a statement as long as differs still holds, and returns the smallest that it found within the given number
// of tries.
func Shrink(s *Statement, tries int, differs func(*Statement) bool) *Statement {
	for progress := true; progress; {
		progress = false
		for n := 0; tries > 0; n++ {
			q := s.q.clone()
			edits := editsOf(q)
			if n >= len(edits) {
				break
			}
			edits[n]()
			c := statement(s.Seed, q, s.Setup)
			c.twist = s.twist
			if len(c.SQL) >= len(s.SQL) {
				continue
			}
			tries--
			if differs(c) {
				s, progress = c, true
				n-- // what follows has moved up
			}
		}
	}
	return s
}

// editsOf are the ways to make a query smaller, coarse ones first. Some make it invalid; then both systems refuse it.
func editsOf(q *query) []func() {
	var coarse, fine []func()
	q.visit(func(q *query) {
		if q.op != "" {
			for _, side := range []*query{q.left, q.right} {
				coarse = append(coarse, func() {
					with, recursive := q.with, q.recursive
					*q = *side
					q.with, q.recursive = append(with, q.with...), recursive || q.recursive
				})
			}
		}
		for i := range q.with {
			coarse = append(coarse, func() { q.with = append(q.with[:i:i], q.with[i+1:]...) })
		}
		coarse = append(coarse, fromEdits(&q.from)...)
		if q.limit >= 0 {
			coarse = append(coarse, func() { q.limit, q.offset = -1, 0 })
		}
		if len(q.order) > 0 {
			coarse = append(coarse, func() { q.order, q.total, q.limit = nil, false, -1 })
		}
		if q.where != nil {
			coarse = append(coarse, func() { q.where = nil })
		}
		if q.having != nil {
			coarse = append(coarse, func() { q.having = nil })
		}
		if q.distinct {
			coarse = append(coarse, func() { q.distinct = false })
		}
		if len(q.items) > 1 {
			for i := range q.items {
				coarse = append(coarse, func() { q.items = append(q.items[:i:i], q.items[i+1:]...) })
			}
		}
		for i := range q.group {
			coarse = append(coarse, func() { q.group = append(q.group[:i:i], q.group[i+1:]...) })
		}
		for i := range q.order {
			if q.limit < 0 {
				coarse = append(coarse, func() { q.order, q.total = append(q.order[:i:i], q.order[i+1:]...), false })
			}
		}
		for _, slot := range q.slots() {
			fine = append(fine, slotEdits(*slot, func(e *expr) { *slot = e })...)
		}
	}, func(e *expr) {
		for i, p := range e.parts {
			if x, ok := p.(*expr); ok {
				fine = append(fine, slotEdits(x, func(r *expr) { e.parts[i] = r })...)
			}
		}
	})
	return append(coarse, fine...)
}

// smallest are the least expressions of the classes. A mere 1 would be a position in ORDER BY.
var smallest = map[class]string{cInt: "abs(1)", cDec: "1.5", cDouble: "1e0", cText: "'a'", cDate: "cast('2024-01-01' as date)",
	cDateTime: "cast('2024-01-01' as datetime)", cTime: "cast('12:00:00' as time)", cBool: "true"}

// slotEdits replace an expression by one of its operands of the same class, or by a constant.
func slotEdits(e *expr, set func(*expr)) []func() {
	var out []func()
	for _, p := range e.parts {
		if x, ok := p.(*expr); ok && x.t.class == e.t.class && len(x.parts) > 0 {
			out = append(out, func() { set(x) })
		}
	}
	if !e.leaf && len(e.parts) > 1 {
		out = append(out, func() { set(&expr{t: e.t, parts: []any{smallest[e.t.class]}, leaf: true}) })
	}
	return out
}

func fromEdits(f **from) []func() {
	var out []func()
	if *f == nil || (*f).join == "" {
		return nil
	}
	j := *f
	out = append(out, func() { *f = j.left }, func() { *f = j.right })
	if j.on != nil {
		out = append(out, slotEdits(j.on, func(e *expr) { j.on = e })...)
	}
	out = append(out, fromEdits(&j.left)...)
	return append(out, fromEdits(&j.right)...)
}
