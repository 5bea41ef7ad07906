package plan

import (
	"slices"
	"sort"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// MaxKeys is the largest number of distinct join keys that travel into another fragment's filter.
const MaxKeys = 60000

// KeyPass lets the distinct values of a column of one fragment's result filter another fragment: only rows with such a value can find a
// partner in the join above. Whether it is used is decided when the first fragment has run.
type KeyPass struct {
	From     int // fragment
	FromCol  rel.Column
	To       int // fragment, run after From
	ToCol    rel.Column
	Distinct float64 // estimate of the distinct values in the target column; the pass pays if there are far fewer keys
}

// keyPasses finds the joins of the local plan over which keys may travel, from fragments with few rows to those with many.
func keyPasses(p *Plan, est *estimator) []KeyPass {
	var passes []KeyPass
	find := func(n rel.Node) {
		j, ok := n.(*rel.Join)
		if !ok || j.Lateral {
			return
		}
		left, right := columnSet(j.Left), columnSet(j.Right)
		for _, e := range rel.Conjuncts(j.On) {
			c, ok := e.(*rel.Call)
			if !ok || c.Op != rel.OpEq {
				continue
			}
			a, ok1 := c.Args[0].(*rel.Col)
			b, ok2 := c.Args[1].(*rel.Col)
			if !ok1 || !ok2 {
				continue
			}
			if left[b.ID] && right[a.ID] {
				a, b = b, a
			}
			if !left[a.ID] || !right[b.ID] {
				continue
			}
			intoRight := j.Kind != rel.FullJoin
			intoLeft := j.Kind == rel.InnerJoin || j.Kind == rel.SemiJoin
			if intoRight {
				passes = append(passes, p.passInto(j.Left, a, j.Right, b)...)
			}
			if intoLeft {
				passes = append(passes, p.passInto(j.Right, b, j.Left, a)...)
			}
		}
	}
	for _, n := range p.local() {
		rel.WalkNodes(n, find)
	}
	return p.choosePasses(passes, est)
}

// passInto is the pass from a column of one side of a join to a column of the other, if both come straight from fragments.
func (p *Plan) passInto(from rel.Node, a *rel.Col, to rel.Node, b *rel.Col) []KeyPass {
	fv, fc := trace(from, a.ID, false)
	if fv != nil && !slices.ContainsFunc(p.Fragments[fv.Fragment-1].Cols, func(c rel.Column) bool { return c.ID == fc.ID }) {
		return nil // a second reading of the fragment under other ids, see renumber
	}
	tv, tc := trace(to, b.ID, true)
	for tv != nil && p.Fragments[tv.Fragment-1].IsStep() { // a step is filtered by what it reads
		tv, tc = trace(p.Fragments[tv.Fragment-1].Root, tc.ID, true)
	}
	if fv == nil || tv == nil || fv.Fragment == tv.Fragment || a.T.Class() != b.T.Class() {
		return nil
	}
	switch a.T.Class() {
	case rel.ClassInt, rel.ClassText, rel.ClassDate:
	case rel.ClassDecimal:
		if a.T.FracDigits() != b.T.FracDigits() {
			return nil
		}
	default:
		return nil
	}
	return []KeyPass{{From: fv.Fragment, FromCol: fc, To: tv.Fragment, ToCol: tc}}
}

// trace finds the fragment that a column comes from unchanged. With filterable set, every operator on the way also lets a filter on the
// column through.
func trace(n rel.Node, id rel.ColumnID, filterable bool) (*rel.View, rel.Column) {
	switch n := n.(type) {
	case *rel.View:
		for _, c := range n.Cols {
			if c.ID == id {
				return n, c
			}
		}
	case *rel.Filter:
		return trace(n.Input, id, filterable)
	case *rel.Sort:
		return trace(n.Input, id, filterable)
	case *rel.Distinct:
		return trace(n.Input, id, filterable)
	case *rel.Limit:
		if !filterable {
			return trace(n.Input, id, filterable)
		}
	case *rel.Window:
		if !filterable {
			return trace(n.Input, id, filterable)
		}
		for _, f := range n.Fns {
			found := false
			for _, e := range f.Fn.Partition {
				c, ok := e.(*rel.Col)
				found = found || ok && c.ID == id
			}
			if !found {
				return nil, rel.Column{}
			}
		}
		return trace(n.Input, id, filterable)
	case *rel.Project:
		for _, c := range n.Cols {
			if x, ok := c.Expr.(*rel.Col); ok && c.ID == id {
				return trace(n.Input, x.ID, filterable)
			}
		}
	case *rel.Aggregate:
		for _, g := range n.Groups {
			if x, ok := g.Expr.(*rel.Col); ok && g.ID == id {
				return trace(n.Input, x.ID, filterable)
			}
		}
	case *rel.Join:
		if n.Lateral {
			return nil, rel.Column{}
		}
		if columnSet(n.Left)[id] {
			if filterable && n.Kind == rel.FullJoin {
				return nil, rel.Column{}
			}
			return trace(n.Left, id, filterable)
		}
		if filterable && n.Kind != rel.InnerJoin {
			return nil, rel.Column{}
		}
		return trace(n.Right, id, filterable)
	}
	return nil, rel.Column{}
}

// choosePasses keeps the passes that go from fewer rows to more, and orders the fragments so that keys are there before they are needed.
func (p *Plan) choosePasses(passes []KeyPass, est *estimator) []KeyPass {
	rows := map[int]float64{}
	byID := map[int]*Fragment{}
	for _, f := range p.Fragments {
		rows[f.ID], byID[f.ID] = f.Rows, f
	}
	passes = p.fromShared(passes)
	var out []KeyPass
	done := map[int]bool{}
	for len(done) < len(p.Fragments) {
		// The fragment with the fewest rows left runs next, but not before one that is smaller of its own and has keys for it.
		next := 0
		for _, waits := range []bool{true, false} {
			for _, f := range p.Fragments {
				if done[f.ID] || next != 0 && rows[f.ID] >= rows[next] || waits && p.awaitsKeys(f, passes, done, rows, est) {
					continue
				}
				next = f.ID
			}
			if next != 0 {
				break
			}
		}
		for _, in := range byID[next].Inputs { // a step comes after what it reads
			done[in] = true
		}
		done[next] = true
		for _, e := range passes {
			from, to := byID[e.From], byID[e.To]
			if from.ID == to.ID || to.SameAs != 0 || to.shared || to.IsStep() {
				continue
			}
			if e.From != next || done[e.To] || rows[next] > 4*MaxKeys || !canFilter(byID[e.To], e.ToCol) {
				continue
			}
			var share float64
			share, e.Distinct = est.keyShare(e, rows[next], to.Rows)
			if share > maxShare {
				continue
			}
			rows[e.To] = max(1, rows[e.To]*share)
			out = append(out, e)
		}
	}
	sort.SliceStable(out, func(a, b int) bool { return rows[out[a].From] < rows[out[b].From] })
	return out
}

// awaitsKeys reports whether a fragment that is smaller of its own has not run yet and has keys for this one.
func (p *Plan) awaitsKeys(f *Fragment, passes []KeyPass, done map[int]bool, rows map[int]float64, est *estimator) bool {
	for _, e := range passes {
		from := p.Fragments[e.From-1]
		if e.To != f.ID || done[e.From] || from.Rows >= f.Rows || rows[e.From] > 4*MaxKeys {
			continue
		}
		if share, _ := est.keyShare(e, rows[e.From], f.Rows); share <= maxShare {
			return true
		}
	}
	return false
}

// maxShare is the estimated share of a column's values up to which their keys are worth waiting for.
const maxShare = 0.5

// keyShare estimates which share of the target column's values is among the keys of a fragment with that many rows, and the number of values
// of the target column. A column without statistics is taken for a foreign key: it has the values that the other one has without filters.
func (e *estimator) keyShare(k KeyPass, fromRows, toRows float64) (share, distinct float64) {
	keys := e.distinctOf(k.FromCol.ID, fromRows)
	distinct = e.distinctOf(k.ToCol.ID, toRows)
	if !e.known(k.ToCol.ID) && e.known(k.FromCol.ID) {
		distinct = e.distinct[k.FromCol.ID]
	}
	return keys / distinct, distinct
}

// fromShared makes passes from a fragment that takes another one's rows start at that other one, which has read them.
func (p *Plan) fromShared(passes []KeyPass) []KeyPass {
	for i, e := range passes {
		if from := p.Fragments[e.From-1]; from.SameAs != 0 {
			for at, c := range from.Cols {
				if c.ID == e.FromCol.ID {
					passes[i].From, passes[i].FromCol = from.SameAs, p.Fragments[from.SameAs-1].Cols[at]
				}
			}
		}
	}
	return passes
}

// canFilter reports whether the fragment's source can take an IN list and a range on the column.
func canFilter(f *Fragment, c rel.Column) bool {
	for _, op := range []rel.Op{rel.OpIn, rel.OpGe, rel.OpLe} {
		test := &rel.Call{Op: op, Args: []rel.Expr{col(c), &rel.Lit{T: c.T}}, T: rel.BoolType}
		if judgeExpr(f.dialect, test, func(rel.Node) string { return "" }).Grade == dialect.None {
			return false
		}
	}
	return true
}

// Keys are what is known of the values that a column must have: all of them, or their smallest and largest.
type Keys struct {
	Values   []*rel.Lit
	Min, Max *rel.Lit // if Values is nil
}

// WithKeys prints a fragment with only those rows whose columns have keys, and that text as it may be shown: keys are values of rows.
func (f *Fragment) WithKeys(keys map[rel.ColumnID]Keys) (text dialect.Printed, shown string, err error) {
	var preds, show []rel.Expr
	add := func(op rel.Op, c rel.Column, values ...*rel.Lit) {
		args := []rel.Expr{col(c)}
		for _, v := range values {
			args = append(args, v)
		}
		secret := *values[0]
		secret.Secret = 1
		preds = append(preds, &rel.Call{Op: op, Args: args, T: rel.BoolType})
		show = append(show, &rel.Call{Op: op, Args: []rel.Expr{args[0], &secret}, T: rel.BoolType})
	}
	for _, c := range f.Root.Columns() {
		k, ok := keys[c.ID]
		switch {
		case !ok:
		case k.Values == nil:
			add(rel.OpGe, c, k.Min)
			add(rel.OpLe, c, k.Max)
		default:
			add(rel.OpIn, c, k.Values...)
		}
	}
	if text, err = dialect.Print(f.dialect, pushInto(f.Root, preds), f.Cols, dialect.Options{}); err != nil {
		return text, "", err
	}
	shown, err = printShown(f.dialect, pushInto(f.Root, show), f.Cols, dialect.Options{}, text.SQL)
	return text, shown, err
}
