package lineage

import (
	"weir/engine/rel"
)

// maxWork bounds the dependencies that are looked at for one statement: some hundred milliseconds of work, and 100 MB. A result of thousands of
// columns each of which is computed from thousands would take more.
const maxWork = 2_000_000

// tableKey names a table.
type tableKey struct{ source, schema, name string }

// analysis is the state of one Of.
type analysis struct {
	opt     Options
	numbers map[Column]int32
	columns []Column // by number
	tables  []*rel.Scan
	read    map[tableKey]bool
	cols    map[rel.ColumnID]set
	refs    map[int][]set // the columns of the recursive common tables whose steps are being walked
	left    int           // of maxWork; negative when it is used up
}

// spend takes work from the bound; false when it is used up.
func (a *analysis) spend(n int) bool {
	if a.left < 0 {
		return false
	}
	a.left -= n + 1
	return a.left >= 0
}

// put adds a set to what has been gathered.
func (a *analysis) put(into gathered, s set, how Use) {
	if !a.spend(len(s)) {
		return
	}
	for _, d := range s {
		into.add(d, how)
	}
}

// merge adds what has been gathered elsewhere, the rows of a subquery say.
func (a *analysis) merge(into, from gathered, how Use) {
	if !a.spend(len(from)) {
		return
	}
	for _, d := range from {
		into.add(d, how)
	}
}

// node walks a node and what is below it: its columns get their sets, and what decides about its rows is added to rows.
func (a *analysis) node(n rel.Node, rows gathered) {
	if !a.spend(0) {
		return
	}
	switch n := n.(type) {
	case *rel.Scan:
		a.scan(n)
	case *rel.Values:
		for j, c := range n.Cols {
			g := gathered{}
			for _, r := range n.Rows {
				a.expr(r[j], Identity, g)
			}
			a.cols[c.ID] = g.set()
		}
	case *rel.Filter:
		a.node(n.Input, rows)
		a.expr(n.Pred, Filter, rows)
	case *rel.Project:
		a.node(n.Input, rows)
		for _, c := range n.Cols {
			a.computed(c)
		}
	case *rel.Join:
		a.join(n, rows)
	case *rel.Aggregate:
		a.aggregate(n, rows)
	case *rel.Window:
		a.node(n.Input, rows)
		for _, w := range n.Fns {
			a.window(w)
		}
	case *rel.Sort:
		a.node(n.Input, rows)
		for _, k := range n.Keys {
			a.expr(k.Expr, Sort, rows)
		}
	case *rel.Limit:
		a.node(n.Input, rows)
	case *rel.Distinct:
		a.node(n.Input, rows)
		a.outputs(n.Input, GroupBy, rows)
	case *rel.SetOp:
		a.setOp(n, rows)
	case *rel.Recursive:
		a.recursive(n, rows)
	case *rel.RecursiveRef:
		for i, c := range n.Cols {
			a.cols[c.ID] = a.refs[n.Ref][i]
		}
	case *rel.JSONTable:
		a.jsonTable(n, rows)
	default:
		a.left = -1 // a node that only plans have, or a new one: what it depends on isn't known
	}
}

func (a *analysis) scan(n *rel.Scan) {
	t := n.Table
	if key := (tableKey{t.Source, t.Schema, t.Name}); !a.read[key] {
		a.read[key] = true
		a.tables = append(a.tables, n)
	}
	for _, c := range n.Cols {
		name := Column{t.Source, t.Schema, t.Name, c.Name}
		number, known := a.numbers[name]
		if !known {
			number = int32(len(a.columns))
			a.columns = append(a.columns, name)
			a.numbers[name] = number
		}
		a.cols[c.ID] = set{{column: number, plain: Identity}}
	}
}

// of is the set of an expression.
func (a *analysis) of(e rel.Expr) set {
	if c, ok := e.(*rel.Col); ok {
		return a.cols[c.ID]
	}
	g := gathered{}
	a.expr(e, Identity, g)
	return g.set()
}

func (a *analysis) computed(c rel.Computed) {
	s := a.of(c.Expr)
	if a.opt.Masked != nil && a.opt.Masked(c.ID) {
		s = s.behindMask()
	}
	a.cols[c.ID] = s
}

// outputs adds all columns of a node.
func (a *analysis) outputs(n rel.Node, how Use, into gathered) {
	for _, c := range n.Columns() {
		a.put(into, a.cols[c.ID], how)
	}
}

func (a *analysis) join(n *rel.Join, rows gathered) {
	a.node(n.Left, rows)
	if n.Kind != rel.SemiJoin && n.Kind != rel.AntiJoin {
		a.node(n.Right, rows)
		a.expr(n.On, Join, rows)
		return
	}
	right := gathered{}
	a.node(n.Right, right)
	a.merge(rows, right, Filter)
	a.expr(n.On, Filter, rows)
}

func (a *analysis) aggregate(n *rel.Aggregate, rows gathered) {
	a.node(n.Input, rows)
	for i, g := range n.Groups {
		a.computed(g)
		if i < len(n.Groups)-n.Implied { // a column that others determine makes no groups
			a.put(rows, a.cols[g.ID], GroupBy)
		}
	}
	for _, c := range n.Aggs {
		g := gathered{}
		for _, e := range c.Agg.Args {
			a.expr(e, Aggregation, g)
		}
		for _, k := range c.Agg.OrderBy {
			a.expr(k.Expr, Sort, g)
		}
		a.cols[c.ID] = g.set()
	}
}

// rowValues are the window functions that give the value of a row, unlike those that add rows up.
var rowValues = map[string]bool{"lag": true, "lead": true, "first_value": true, "last_value": true, "nth_value": true}

func (a *analysis) window(w rel.WindowColumn) {
	how := Aggregation
	if rowValues[w.Fn.Fn] {
		how = Transformation
	}
	g := gathered{}
	for _, e := range w.Fn.Args {
		a.expr(e, how, g)
	}
	for _, e := range w.Fn.Partition {
		a.expr(e, Window, g)
	}
	for _, k := range w.Fn.OrderBy {
		a.expr(k.Expr, Window, g)
	}
	a.cols[w.ID] = g.set()
}

// setOp gives each output the columns of its position on both sides. What INTERSECT and EXCEPT take from the right side is only whether a
// row is there: it filters, and so do the columns on the left that it is compared with.
func (a *analysis) setOp(n *rel.SetOp, rows gathered) {
	a.node(n.Left, rows)
	left := n.Left.Columns()
	if n.Kind != rel.Union {
		right := gathered{}
		a.node(n.Right, right)
		a.outputs(n.Right, Filter, right)
		a.merge(rows, right, Filter)
		for i, c := range n.Cols {
			a.cols[c.ID] = a.cols[left[i].ID]
			a.put(rows, a.cols[c.ID], Filter)
		}
		return
	}
	a.node(n.Right, rows)
	right := n.Right.Columns()
	for i, c := range n.Cols {
		a.cols[c.ID] = a.union(a.cols[left[i].ID], a.cols[right[i].ID])
		if !n.All {
			a.put(rows, a.cols[c.ID], GroupBy)
		}
	}
}

func (a *analysis) union(l, r set) set {
	if l.equal(r) {
		return l
	}
	g := gathered{}
	a.put(g, l, Identity)
	a.put(g, r, Identity)
	return g.set()
}

// recursive walks the step until it adds nothing to what its own columns depend on. That ends: sets only grow, and there are only so many columns.
func (a *analysis) recursive(n *rel.Recursive, rows gathered) {
	a.node(n.Anchor, rows)
	have := make([]set, len(n.Cols))
	for i, c := range n.Anchor.Columns() {
		have[i] = a.cols[c.ID]
	}
	step := n.Step.Columns()
	for changed := true; changed && a.left >= 0; {
		changed = false
		a.refs[n.Ref] = have
		a.node(n.Step, rows)
		next := make([]set, len(have))
		for i := range have {
			next[i] = a.union(have[i], a.cols[step[i].ID])
			changed = changed || !next[i].equal(have[i])
		}
		have = next
	}
	for i, c := range n.Cols {
		a.cols[c.ID] = have[i]
		if !n.All {
			a.put(rows, have[i], GroupBy)
		}
	}
}

// jsonTable: the document gives the values, and it decides how many rows there are, as the other side of a join does.
func (a *analysis) jsonTable(n *rel.JSONTable, rows gathered) {
	g := gathered{}
	a.expr(n.Doc, Transformation, g)
	doc := g.set()
	for _, c := range n.Cols {
		if c.Ordinality {
			a.cols[c.ID] = nil
		} else {
			a.cols[c.ID] = doc
		}
	}
	a.put(rows, doc, Join)
}
