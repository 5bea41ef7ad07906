package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// groupKey is one grouping column: raw is the expression as it was written, before predicates became numbers and division's
// hidden digits were rounded off.
type groupKey struct {
	raw rel.Expr
	col rel.Computed
}

func (blk *block) bindGroupBy(terms sqlparser.GroupBy) {
	for _, e := range terms {
		raw, name := blk.groupTerm(e)
		blk.addGroup(raw, name)
	}
}

// groupTerm binds one term: a position, a column, an alias, or an expression.
func (blk *block) groupTerm(e sqlparser.Expr) (rel.Expr, string) {
	aggregatesBefore, windowsBefore := len(blk.aggs), len(blk.windows)
	if i, ok := position(e); ok {
		if i < 1 || i > len(blk.items) {
			fail(sqlerr.UnknownColumn.New("Unknown column '%d' in 'group statement'", i))
		}
		it := blk.items[i-1]
		blk.checkGroupable(it)
		return it.expr, it.out.Name
	}
	x := blk.clause("group statement")
	x.alias = func(n name) rel.Expr {
		if n.table != "" {
			return nil
		}
		it := blk.itemNamed(n, "group statement")
		if it == nil {
			return nil
		}
		blk.checkGroupable(it)
		return it.expr
	}
	raw := x.value(e)
	if len(blk.aggs) > aggregatesBefore || len(blk.windows) > windowsBefore {
		fail(sqlerr.InvalidGroupUse.New("Invalid use of group function"))
	}
	if c, ok := unparen(e).(*sqlparser.ColName); ok {
		return raw, c.Name.String()
	}
	return raw, sqlparser.String(e)
}

// checkGroupable refuses a select item that holds an aggregate or window function.
func (blk *block) checkGroupable(it *item) {
	rel.WalkCols(it.expr, func(c *rel.Col) {
		for _, a := range blk.aggs {
			if a.ID == c.ID {
				fail(errCantGroupOn.New("Can't group on '%s'", it.out.Name))
			}
		}
		for _, w := range blk.windows {
			if w.ID == c.ID {
				fail(errWindowAlias.New("You cannot use the alias '%s' of an expression containing a window function in this context.'", it.out.Name))
			}
		}
	})
}

func (blk *block) addGroup(raw rel.Expr, name string) *groupKey {
	for _, g := range blk.groups {
		if equal(g.raw, raw) {
			return g
		}
	}
	e := leaveBlock(raw)
	g := &groupKey{raw: raw, col: rel.Computed{Column: rel.Column{Name: name, T: e.Type()}, Expr: e}}
	if c, ok := e.(*rel.Col); ok && blk.columnByID(c.ID) != nil {
		g.col.ID = c.ID
	} else {
		g.col.ID = blk.b.newID()
	}
	blk.groups = append(blk.groups, g)
	return g
}

// havingName is what a name means in HAVING: a column of GROUP BY, a select item, or, in a query without GROUP BY, nothing else.
func (blk *block) havingName(n name) rel.Expr {
	it := blk.itemNamed(n, "having clause")
	if c := blk.from.find(n, "having clause"); c != nil {
		e := c.expr()
		for _, g := range blk.groups {
			if equal(g.raw, e) {
				return e
			}
		}
		for _, it := range blk.items {
			if equal(it.expr, e) {
				return e
			}
		}
	}
	if it == nil {
		return nil
	}
	rel.WalkCols(it.expr, func(c *rel.Col) {
		for _, w := range blk.windows {
			if w.ID == c.ID {
				fail(errWindowAlias.New("You cannot use the alias '%s' of an expression containing a window function in this context.'", it.out.Name))
			}
		}
	})
	return blk.itemAgain(it)
}

// group rewrites everything above the Aggregate to read its output, and checks ONLY_FULL_GROUP_BY.
func (blk *block) group(having rel.Expr, order []sortTerm) (rel.Expr, []sortTerm) {
	blk.close()
	for i, it := range blk.items {
		it.expr = blk.regroup(it.expr, "SELECT list", i+1)
	}
	if having != nil {
		having = blk.regroup(having, "HAVING clause", 1)
	}
	if !blk.implicit {
		for i := range order {
			if order[i].item < 0 {
				order[i].expr = blk.regroup(order[i].expr, "ORDER BY clause", i+1)
			}
		}
	}
	for i := range blk.windows {
		f := &blk.windows[i].Fn
		for j := range f.Args {
			f.Args[j] = blk.regroup(f.Args[j], "SELECT list", 1)
		}
		for j := range f.Partition {
			f.Partition[j] = blk.regroup(f.Partition[j], "SELECT list", 1)
		}
		for j := range f.OrderBy {
			f.OrderBy[j].Expr = blk.regroup(f.OrderBy[j].Expr, "SELECT list", 1)
		}
	}
	return having, order
}

// regroup replaces what the GROUP BY gives by its columns; any other column of FROM must depend on them.
func (blk *block) regroup(e rel.Expr, clause string, n int) rel.Expr {
	return rewrite(e, func(e rel.Expr) (rel.Expr, bool) {
		for _, g := range blk.groups {
			if equal(g.raw, e) {
				return &rel.Col{ID: g.col.ID, Name: g.col.Name, T: g.col.T}, true
			}
			if v := asValue(e); v != e && equal(g.raw, v) {
				return predicate(rel.OpNe, &rel.Col{ID: g.col.ID, Name: g.col.Name, T: g.col.T}, intLit(0)), true
			}
		}
		switch x := e.(type) {
		case *rel.Col:
			if sc := blk.columnByID(x.ID); sc != nil {
				return blk.ungrouped(x, sc, clause, n), true
			}
		case *rel.Subquery:
			rel.WalkExprs(x.Plan, func(e rel.Expr) {
				rel.WalkCols(e, func(c *rel.Col) {
					if sc := blk.columnByID(c.ID); sc != nil {
						if v := blk.ungrouped(c, sc, clause, n); !equal(v, c) {
							unsupported("a subquery that reads the ungrouped column %s", sc.fullName())
						}
					}
				})
			})
		}
		return e, false
	})
}

// ungrouped is a column that isn't a grouping column itself: one that depends on them becomes one too, which doesn't change the groups.
func (blk *block) ungrouped(c *rel.Col, sc *scopeColumn, clause string, n int) rel.Expr {
	for _, g := range blk.groups {
		if g.col.ID == c.ID {
			return c
		}
	}
	if blk.known[c.ID] && !blk.implicit {
		blk.addGroup(c, c.Name)
		return c
	}
	if !blk.b.fullGroup {
		id := blk.b.newID()
		t := plain(c.T)
		t.NotNull = false
		blk.aggs = append(blk.aggs, rel.AggColumn{Column: rel.Column{ID: id, Name: c.Name, T: t}, Agg: rel.Agg{Fn: "any_value", Args: []rel.Expr{c}, T: t}})
		return &rel.Col{ID: id, Name: c.Name, T: t}
	}
	if blk.implicit {
		fail(sqlerr.MixedGroup.New("In aggregated query without GROUP BY, expression #%d of %s contains nonaggregated column '%s'; this is incompatible with sql_mode=only_full_group_by", n, clause, sc.fullName()))
	}
	fail(sqlerr.NotInGroupBy.New("Expression #%d of %s is not in GROUP BY clause and contains nonaggregated column '%s' which is not functionally dependent on columns in GROUP BY clause; this is incompatible with sql_mode=only_full_group_by", n, clause, sc.fullName()))
	return nil
}

// dependency says that the columns to are determined by the columns from.
type dependency struct{ from, to []rel.ColumnID }

// addDependencies notes what the equalities of a condition that every row fulfils determine.
func (blk *block) addDependencies(pred rel.Expr) {
	for _, c := range conjuncts(pred) {
		l, r, ok := equality(c)
		if !ok {
			continue
		}
		lc, lok := l.(*rel.Col)
		rc, rok := r.(*rel.Col)
		_, lconst := l.(*rel.Lit)
		_, rconst := r.(*rel.Lit)
		switch {
		case lok && rok:
			blk.depend = append(blk.depend, dependency{[]rel.ColumnID{lc.ID}, []rel.ColumnID{rc.ID}}, dependency{[]rel.ColumnID{rc.ID}, []rel.ColumnID{lc.ID}})
		case lok && rconst:
			blk.depend = append(blk.depend, dependency{to: []rel.ColumnID{lc.ID}})
		case rok && lconst:
			blk.depend = append(blk.depend, dependency{to: []rel.ColumnID{rc.ID}})
		}
	}
}

// addOuterDependencies does so for the ON condition of an outer join: if it is nothing but equalities between the two sides, the outer
// side's columns determine the inner side's, which are NULL together where there is no match.
func (blk *block) addOuterDependencies(on rel.Expr, inner []*scopeColumn) {
	isInner := map[rel.ColumnID]bool{}
	for _, c := range inner {
		isInner[c.ID] = true
	}
	var d dependency
	for _, c := range conjuncts(on) {
		l, r, ok := equality(c)
		lc, lok := l.(*rel.Col)
		rc, rok := r.(*rel.Col)
		if !ok || !lok || !rok || isInner[lc.ID] == isInner[rc.ID] {
			return
		}
		if isInner[lc.ID] {
			lc, rc = rc, lc
		}
		d.from, d.to = append(d.from, lc.ID), append(d.to, rc.ID)
	}
	if d.to != nil {
		blk.depend = append(blk.depend, d)
	}
}

// dropConstants removes the columns that a constant determines among rules i to j: on the inner side of an outer join they
// may be NULL instead.
func (blk *block) dropConstants(i, j int) {
	for k := i; k < j; k++ {
		if len(blk.depend[k].from) == 0 {
			blk.depend[k].to = nil
		}
	}
}

func conjuncts(e rel.Expr) []rel.Expr {
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpAnd {
		return c.Args
	}
	if e == nil {
		return nil
	}
	return []rel.Expr{e}
}

func equality(e rel.Expr) (l, r rel.Expr, ok bool) {
	c, isCall := e.(*rel.Call)
	if !isCall || c.Op != rel.OpEq {
		return nil, nil, false
	}
	return c.Args[0], c.Args[1], true
}

// close computes the columns that the grouping columns determine.
func (blk *block) close() {
	blk.known = map[rel.ColumnID]bool{}
	for _, g := range blk.groups {
		if c, ok := g.raw.(*rel.Col); ok {
			blk.known[c.ID] = true
		}
	}
	for changed := true; changed; {
		changed = false
	rules:
		for _, d := range blk.depend {
			for _, id := range d.from {
				if !blk.known[id] {
					continue rules
				}
			}
			for _, id := range d.to {
				if !blk.known[id] {
					blk.known[id], changed = true, true
				}
			}
		}
	}
}

// outputKeys is the set of output columns that the GROUP BY makes unique, if all are put out.
func (blk *block) outputKeys() [][]rel.ColumnID {
	if len(blk.groups) == 0 {
		return nil
	}
	var key []rel.ColumnID
	for _, g := range blk.groups {
		found := false
		for _, it := range blk.items {
			if c, ok := it.expr.(*rel.Col); ok && c.ID == g.col.ID {
				key, found = append(key, it.out.ID), true
				break
			}
		}
		if !found {
			return nil
		}
	}
	return [][]rel.ColumnID{key}
}

// hasMode reports whether a sql_mode holds a mode.
func hasMode(modes, mode string) bool {
	for _, m := range strings.Split(modes, ",") {
		if strings.EqualFold(strings.TrimSpace(m), mode) {
			return true
		}
	}
	return false
}

// AnsiQuotes reports whether a sql_mode makes double quotes enclose names.
func AnsiQuotes(mode string) bool { return hasMode(mode, "ANSI_QUOTES") || hasMode(mode, "ANSI") }
