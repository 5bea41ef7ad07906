package differential

import "fmt"

// Statement is one random statement with what is needed to run and to judge it.
type Statement struct {
	Seed  uint64
	Setup []string // SET statements that come first
	SQL   string
	Args  []any
	// Ordered says that the order of the rows is determined, up to equal rows. OrderedBy are positions of columns whose
	// sequence of values is determined even if the order of the rows is not.
	Ordered   bool
	OrderedBy []int
	// Approx tells for each column of the result whether its last digits may differ. Base tells which ones are columns of tables.
	// Loose are integers that MySQL and MariaDB give different types.
	Approx, Base, Loose []bool
	Features            []string

	q *query
	// twist, if it is set, changes what the reference is given.
	twist func(*query)
	shown []int // digits after the point that the reference shows of a DOUBLE; -1 for all
}

// statement prints a tree.
func statement(seed uint64, q *query, setup []string) *Statement {
	var p printer
	p.query(q)
	s := &Statement{Seed: seed, Setup: setup, SQL: p.String(), Args: p.args, Ordered: q.total && len(q.order) > 0, q: q}
	for i, it := range q.leftmost().items {
		if it.star != "" {
			s.Approx = append(s.Approx, make([]bool, it.width)...)
			s.Base = append(s.Base, make([]bool, it.width)...)
			s.Loose = append(s.Loose, make([]bool, it.width)...)
			continue
		}
		s.Approx = append(s.Approx, it.e.t.approx)
		s.Base = append(s.Base, it.e.base && q.op == "")
		s.Loose = append(s.Loose, q.loose(i))
	}
	for _, o := range q.order {
		if o.e != nil {
			break
		}
		s.OrderedBy = append(s.OrderedBy, o.position-1)
	}
	seen := map[string]bool{}
	feature := func(f string) {
		if f != "" && !seen[f] {
			seen[f] = true
			s.Features = append(s.Features, f)
		}
	}
	q.visit(func(q *query) { q.features(feature) }, func(e *expr) { feature(e.feature) })
	if len(s.Args) > 0 {
		feature("prepared")
	}
	return s
}

// onReference is the statement as the reference is given it.
func (s *Statement) onReference() *Statement {
	if s.twist == nil {
		return s
	}
	q := s.q.clone()
	s.twist(q)
	return statement(s.Seed, q, s.Setup)
}

// leftmost is the SELECT that names the columns of a query.
func (q *query) leftmost() *query {
	for q.op != "" {
		q = q.left
	}
	return q
}

// loose reports whether a column, or one that it is combined with, is loose.
func (q *query) loose(column int) bool {
	if q.op != "" {
		return q.left.loose(column) || q.right.loose(column)
	}
	return column < len(q.items) && q.items[column].e != nil && q.items[column].e.t.loose
}

// features names the clauses of one query.
func (q *query) features(add func(string)) {
	if q.op != "" {
		add(q.op)
	}
	for range q.with {
		add("with")
	}
	if q.recursive {
		add("with recursive")
	}
	if q.distinct {
		add("distinct")
	}
	if q.where != nil {
		add("where")
	}
	if q.group != nil {
		add("group by")
	}
	if q.having != nil {
		add("having")
	}
	if q.order != nil {
		add("order by")
	}
	if q.limit >= 0 {
		add("limit")
	}
	for _, it := range q.items {
		if it.star != "" {
			add("star")
		}
	}
	q.from.features(add)
}

func (f *from) features(add func(string)) {
	switch {
	case f == nil:
		add("no from")
	case f.join != "":
		if f.using != nil {
			add(f.join + " using")
		} else {
			add(f.join)
		}
		f.left.features(add)
		f.right.features(add)
	case f.q != nil:
		add("derived table")
	}
}

// text is the statement with all that belongs to it.
func (s *Statement) text() string {
	out := ""
	for _, q := range s.Setup {
		out += q + "; "
	}
	out += s.SQL
	if len(s.Args) > 0 {
		out += fmt.Sprintf(" -- with %v", s.Args)
	}
	return out
}
