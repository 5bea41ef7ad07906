package plan

import (
	"slices"

	"weir/engine/rel"
)

// Masks that need a key are computed by the embedded engine alone. Where a policy puts them, right above the scan, they would keep whatever stands above
// from being pushed: joins, groups and limits over columns that aren't even masked. So they are computed as late as their values count: a column that
// is made of another one by a function of rel.Keyed gives way to that other column, and the call stands where the value is looked at. Pseudonyms are
// looked at rarely, see token.go: they are compared, grouped and joined by what they stand for.
//
// What passes then through a plan that its user may not see is never shown: literals and join keys are hidden wherever a statement's text is
// (hide.go).

// late is the state of one plan's rewriting.
type late struct {
	ids     *rel.IDs
	tokens  Tokens
	put     map[rel.ColumnID]*rel.Call // columns that are not computed yet, with what computes them from columns that stand in their place
	secrets map[string]int             // the numbers of secret constants, by text
	follows bool                       // the order of rows may follow values that are not shown, see settle.go
	never   map[rel.Expr]bool          // predicates that are made to be true of no row
}

// computeLate rewrites a plan whose result is to have the columns out.
func computeLate(root rel.Node, tokens Tokens, ids *rel.IDs) rel.Node {
	found := false
	rel.WalkNodes(root, func(n rel.Node) {
		for _, e := range rel.Exprs(n) {
			found = found || callsKeyed(e)
		}
	})
	if !found {
		return root
	}
	rewrite := func(n rel.Node) (_ rel.Node, follows bool) {
		l := &late{ids: ids, tokens: tokens, put: map[rel.ColumnID]*rel.Call{}, secrets: map[string]int{}, never: map[rel.Expr]bool{}}
		n = l.complete(n)
		return n, l.follows
	}
	late, follows := rewrite(root)
	if !follows {
		return late
	}
	settled, ok := settle(root)
	if !ok { // then pseudonyms are made right above the scans
		return root
	}
	late, _ = rewrite(settled)
	return late
}

func callsKeyed(e rel.Expr) bool {
	found := false
	rel.MapExpr(e, func(x rel.Expr) rel.Expr {
		if c, ok := x.(*rel.Call); ok {
			found = found || rel.Keyed[c.Op] != nil
		}
		return x
	})
	return found
}

// node rewrites a plan. Columns in put are missing from what it puts out; what they are made of is there, beside the others.
func (l *late) node(n rel.Node) rel.Node {
	switch n := n.(type) {
	case *rel.Project:
		return l.project(n)
	case *rel.Filter:
		c := *n
		c.Input = l.node(n.Input)
		c.Pred = l.condition(n.Pred)
		return &c
	case *rel.Join:
		return l.join(n)
	case *rel.Aggregate:
		return l.aggregate(n)
	case *rel.Distinct:
		return &rel.Distinct{Input: l.distinct(n.Input)}
	case *rel.Sort:
		c := *n
		c.Input = l.computed(l.node(n.Input), readsOf(n))
		return rel.ReplaceExprs(&c, l.expr)
	case *rel.Window:
		c := *n
		c.Input = l.node(n.Input)
		c.Fns = slices.Clone(n.Fns)
		for i, f := range c.Fns {
			f.Fn.Args, f.Fn.Partition, f.Fn.OrderBy = l.list(f.Fn.Args), l.list(f.Fn.Partition), slices.Clone(f.Fn.OrderBy)
			for p := range f.Fn.Partition {
				f.Fn.Partition[p] = l.equality(f.Fn.Partition[p])
			}
			for k := range f.Fn.OrderBy {
				f.Fn.OrderBy[k].Expr = l.expr(f.Fn.OrderBy[k].Expr)
			}
			c.Fns[i] = f
		}
		return &c
	case *rel.Limit:
		c := *n
		c.Input = l.node(n.Input)
		return &c
	}
	in := rel.Inputs(n)
	for i := range in {
		in[i] = l.complete(in[i])
	}
	return rel.ReplaceExprs(rel.WithInputs(n, in), l.expr)
}

func readsOf(n rel.Node) idSet {
	out := idSet{}
	for _, e := range rel.Exprs(n) {
		out.add(reads(e))
	}
	return out
}

func (l *late) list(es []rel.Expr) []rel.Expr {
	out := make([]rel.Expr, len(es))
	for i, e := range es {
		out[i] = l.expr(e)
	}
	return out
}

// complete rewrites a plan whose columns count as they are: all of them, in order.
func (l *late) complete(n rel.Node) rel.Node {
	cols := n.Columns()
	return l.exactly(l.node(n), cols)
}

// exactly puts out just these columns, and computes those that aren't yet.
func (l *late) exactly(n rel.Node, cols []rel.Column) rel.Node {
	if !l.differs(n, cols) {
		return n
	}
	p := &rel.Project{Input: n}
	for _, c := range cols {
		p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: l.expr(col(c))})
		delete(l.put, c.ID)
	}
	return p
}

// differs reports whether a rewritten plan puts out anything else than the columns that it had.
func (l *late) differs(n rel.Node, cols []rel.Column) bool {
	return !slices.EqualFunc(n.Columns(), cols, func(a, b rel.Column) bool { return a.ID == b.ID && l.put[b.ID] == nil })
}

// computed computes those columns of a plan, among the ones given, that aren't yet, beside the others.
func (l *late) computed(n rel.Node, ids idSet) rel.Node {
	p := &rel.Project{Input: n}
	for _, c := range n.Columns() {
		p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: col(c)})
	}
	have := columnSet(n)
	before := len(p.Cols)
	for _, id := range sortedIDs(ids) {
		if c := l.put[id]; c != nil && reads(c).within(have) {
			p.Cols = append(p.Cols, rel.Computed{Column: rel.Column{ID: id, T: c.T}, Expr: c})
			delete(l.put, id)
		}
	}
	if len(p.Cols) == before {
		return n
	}
	return p
}

func sortedIDs(s idSet) []rel.ColumnID {
	var out []rel.ColumnID
	for id := range s {
		out = append(out, id)
	}
	slices.Sort(out)
	return out
}

func (l *late) project(n *rel.Project) rel.Node {
	out := &rel.Project{Input: l.node(n.Input)}
	have := columnSet(out.Input)
	var needed []rel.Column
	cols := slices.Clone(n.Cols)
	for i, c := range cols {
		cols[i].Expr = l.expr(c.Expr)
	}
	// From here on the columns are those that are put out, which may have the ids of columns that are read.
	for _, c := range cols {
		e := c.Expr
		call, ok := postponable(e)
		if !ok || !reads(e).within(have) {
			out.Cols = append(out.Cols, rel.Computed{Column: c.Column, Expr: e})
			delete(l.put, c.ID)
			continue
		}
		l.put[c.ID] = call
		for _, x := range out.Input.Columns() {
			if reads(call)[x.ID] {
				needed = append(needed, x)
			}
		}
	}
	for _, x := range needed {
		if !slices.ContainsFunc(out.Cols, func(c rel.Computed) bool { return c.ID == x.ID }) {
			out.Cols = append(out.Cols, rel.Computed{Column: x, Expr: col(x)})
		}
	}
	return out
}

// postponable reports whether a value can be computed above whatever passes its column on: it is a call with a key over one column, and NULL where the
// column is, as above an outer join.
func postponable(e rel.Expr) (*rel.Call, bool) {
	c, ok := e.(*rel.Call)
	if !ok || rel.Keyed[c.Op] == nil || c.Op == rel.OpReveal || c.Op == rel.OpRenew {
		return nil, false
	}
	for i, a := range c.Args {
		if _, constant := a.(*rel.Lit); !constant && (i != 1 || !strictOfColumn(a)) {
			return nil, false
		}
	}
	return c, len(reads(c)) == 1
}

// plainText are functions by which masks write a value in one way. They are NULL where their operand is.
var plainText = map[rel.Op]bool{rel.OpCast: true, "hex": true, "lower": true, "upper": true, "trim": true, "ltrim": true, "rtrim": true}

func strictOfColumn(e rel.Expr) bool {
	switch e := e.(type) {
	case *rel.Col:
		return true
	case *rel.Call:
		if !plainText[e.Op] {
			return false
		}
		for _, a := range e.Args[1:] {
			if l, ok := a.(*rel.Lit); !ok || l.Value == nil {
				return false
			}
		}
		return strictOfColumn(e.Args[0])
	}
	return false
}

func (l *late) join(n *rel.Join) rel.Node {
	c := *n
	c.Left = l.node(n.Left)
	c.Right = l.node(n.Right) // a lateral one may read the left side's columns, which are in put by now
	if n.On != nil {
		c.On = l.condition(n.On)
	}
	nulls := func(side rel.Node) {
		for _, x := range side.Columns() {
			if call := l.put[x.ID]; call != nil {
				l.put[x.ID] = withNulls(call).(*rel.Call)
			}
		}
	}
	if n.Kind == rel.FullJoin {
		nulls(n.Left)
	}
	if n.Kind == rel.LeftJoin || n.Kind == rel.FullJoin {
		nulls(n.Right)
	}
	return &c
}

// withNulls is an expression whose columns may be NULL, and which is then.
func withNulls(e rel.Expr) rel.Expr {
	switch e := e.(type) {
	case *rel.Col:
		return &rel.Col{ID: e.ID, Name: e.Name, T: e.T.Nullable()}
	case *rel.Call:
		c := &rel.Call{Op: e.Op, T: e.T.Nullable(), Args: slices.Clone(e.Args)}
		for i := range c.Args {
			c.Args[i] = withNulls(c.Args[i])
		}
		return c
	}
	return e
}

func (l *late) aggregate(n *rel.Aggregate) rel.Node {
	c := *n
	c.Input = l.node(n.Input)
	c.Groups, c.Aggs = slices.Clone(n.Groups), slices.Clone(n.Aggs)
	for i, a := range c.Aggs {
		a.Agg.Args, a.Agg.OrderBy = l.list(a.Agg.Args), slices.Clone(a.Agg.OrderBy)
		for k := range a.Agg.OrderBy {
			a.Agg.OrderBy[k].Expr = l.expr(a.Agg.OrderBy[k].Expr)
		}
		if a.Agg.Fn == "count" {
			for j, arg := range a.Agg.Args {
				if call, ok := postponable(arg); ok && !a.Agg.Distinct {
					arg = call.Args[1] // NULL where the call is, which is all that counts
				}
				a.Agg.Args[j] = equality(arg)
			}
		}
		c.Aggs[i] = a
	}
	for i, g := range c.Groups {
		c.Groups[i].Expr = l.expr(g.Expr)
	}
	// From here on the columns are those of groups, which may have the ids of the columns that they are grouped by.
	for i, g := range c.Groups {
		if call, ok := postponable(g.Expr); ok && call.Op == rel.OpPseudonym {
			c.Groups[i] = l.stand(g.Column, call)
		} else {
			delete(l.put, g.ID)
		}
	}
	return &c
}

// stand puts a new column in the place of a pseudonym's that is equal where that is.
func (l *late) stand(c rel.Column, call *rel.Call) rel.Computed {
	key := l.equality(call)
	x := rel.Column{ID: l.ids.Next(), Name: c.Name, T: key.Type()}
	later := *call
	later.Args = slices.Clone(call.Args)
	later.Args[1] = col(x)
	if later.Args[1].Type().Class() != call.Args[1].Type().Class() { // the number of which call computes the text
		later.Args[1] = &rel.Call{Op: rel.OpCast, Args: []rel.Expr{col(x)}, T: call.Args[1].Type()}
	}
	l.put[c.ID] = &later
	return rel.Computed{Column: x, Expr: key}
}

// distinct rewrites a plan whose rows are compared with each other in all columns.
func (l *late) distinct(n rel.Node) rel.Node {
	cols := n.Columns()
	in := l.node(n)
	if !l.differs(in, cols) {
		return in
	}
	p := &rel.Project{Input: in}
	for _, c := range cols {
		call := l.put[c.ID]
		switch {
		case call == nil:
			p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: col(c)})
		case call.Op == rel.OpPseudonym:
			p.Cols = append(p.Cols, l.stand(c, call))
		default:
			p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: call})
			delete(l.put, c.ID)
		}
	}
	return p
}

// belowMasks is what a plan reads that does nothing itself but compute masks and pass columns on.
func belowMasks(n rel.Node) rel.Node {
	p, ok := n.(*rel.Project)
	if !ok {
		return n
	}
	masks := false
	for _, c := range p.Cols {
		_, mask := postponable(c.Expr)
		if _, passed := c.Expr.(*rel.Col); !passed && !mask {
			return n
		}
		masks = masks || mask
	}
	if !masks {
		return n
	}
	return p.Input
}
