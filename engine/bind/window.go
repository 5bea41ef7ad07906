package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// windowOnly are the functions that need OVER, with the least and greatest count of their arguments.
var windowOnly = map[string][2]int{
	"row_number": {0, 0}, "rank": {0, 0}, "dense_rank": {0, 0}, "percent_rank": {0, 0}, "cume_dist": {0, 0},
	"ntile": {1, 1}, "lag": {1, 3}, "lead": {1, 3}, "first_value": {1, 1}, "last_value": {1, 1}, "nth_value": {2, 2},
}

// framed are the window functions that a frame means something to; the others ignore it, as in MySQL.
func framed(fn string) bool {
	switch fn {
	case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead":
		return false
	}
	return true
}

// nameWindows collects the WINDOW clause.
func (blk *block) nameWindows(defs sqlparser.Window) {
	for _, d := range defs {
		n := d.Name.Lowered()
		if blk.named[n] != nil {
			fail(errWindowTwice.New("Window '%s' is defined twice.", d.Name.String()))
		}
		blk.named[n] = d
	}
	for _, d := range defs {
		blk.resolveWindow(d, nil)
	}
}

// resolveWindow merges a window with the ones that it builds on.
func (blk *block) resolveWindow(d *sqlparser.WindowDef, via []string) *sqlparser.WindowDef {
	if d.NameRef.IsEmpty() {
		return d
	}
	ref := d.NameRef.Lowered()
	for _, v := range via {
		if v == ref {
			fail(errWindowCircle.New("There is a circularity in the window dependency graph."))
		}
	}
	base := blk.named[ref]
	if base == nil {
		fail(errNoSuchWindow.New("Window name '%s' is not defined.", d.NameRef.String()))
	}
	base = blk.resolveWindow(base, append(via, ref))
	plainRef := len(d.PartitionBy) == 0 && len(d.OrderBy) == 0 && d.Frame == nil
	merged := *base
	if plainRef && d.Name.IsEmpty() {
		return &merged
	}
	self := "<unnamed window>"
	if !d.Name.IsEmpty() {
		self = d.Name.String()
	}
	switch {
	case len(d.PartitionBy) > 0:
		fail(errWindowPartition.New("A window which depends on another cannot define partitioning."))
	case base.Frame != nil:
		fail(errWindowFrame.New("Window '%s' has a frame definition, so cannot be referenced by another window.", d.NameRef.String()))
	case len(d.OrderBy) > 0 && len(base.OrderBy) > 0:
		fail(errWindowOrder.New("Window '%s' cannot inherit '%s' since both contain an ORDER BY clause.", self, d.NameRef.String()))
	}
	if len(d.OrderBy) > 0 {
		merged.OrderBy = d.OrderBy
	}
	merged.Frame = d.Frame
	return &merged
}

// windowFunction binds a call with OVER.
func (x *binding) windowFunction(e *sqlparser.FuncExpr) rel.Expr {
	name := e.Name.Lowered()
	if !x.windows {
		fail(errWindowContext.New("You cannot use the window function '%s' in this context.'", name))
	}
	y, done := x.inside(x.aggregates)
	defer done()
	f := rel.WindowFn{}
	if count, only := windowOnly[name]; only {
		f.Fn = name
		var args []rel.Expr
		for _, se := range e.Exprs {
			a, ok := se.(*sqlparser.AliasedExpr)
			if !ok {
				wrongCount(name)
			}
			args = append(args, leaveBlock(y.value(a.Expr)))
		}
		if len(args) < count[0] || len(args) > count[1] {
			wrongCount(name)
		}
		y.typeWindowFunction(&f, args)
	} else {
		if e.Distinct {
			unsupported("DISTINCT in a window function")
		}
		if aggregateNames[name] == "" || name == "any_value" {
			fail(sqlerr.Syntax.New("You have an error in your SQL syntax: OVER after %s, which is no window function", name))
		}
		agg := y.aggregateCall(e)
		f.Fn, f.Args, f.T = agg.Fn, agg.Args, agg.T
	}
	d := x.block.resolveWindow((*sqlparser.WindowDef)(e.Over), nil)
	for _, p := range d.PartitionBy {
		f.Partition = append(f.Partition, leaveBlock(y.value(p)))
	}
	for _, o := range d.OrderBy {
		f.OrderBy = append(f.OrderBy, rel.SortKey{Expr: leaveBlock(y.value(o.Expr)), Desc: strings.EqualFold(o.Direction, sqlparser.DescScr)})
	}
	if d.Frame != nil {
		frame := y.frame(d, f.OrderBy)
		if framed(f.Fn) {
			f.Frame = frame
		}
	}
	c := rel.Column{ID: x.b.newID(), Name: name, T: f.T}
	x.block.windows = append(x.block.windows, rel.WindowColumn{Column: c, Fn: f})
	x.reached(x.block.from)
	return &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
}

// typeWindowFunction sets the type of a function that isn't an aggregate.
func (x *binding) typeWindowFunction(f *rel.WindowFn, args []rel.Expr) {
	switch f.Fn {
	case "row_number", "rank", "dense_rank":
		f.T = rel.Type{Kind: rel.BigInt, Unsigned: true, NotNull: true}
	case "percent_rank", "cume_dist":
		f.T = rel.DoubleType
		f.T.NotNull = true
	case "ntile":
		positive("ntile", args[0], 1)
		f.T = rel.Type{Kind: rel.BigInt, Unsigned: true}
	case "lag", "lead":
		if len(args) > 1 {
			positive(f.Fn, args[1], 0)
		} else {
			args = append(args, intLit(1))
		}
		if len(args) == 3 {
			t := x.common([]rel.Expr{args[0], args[2]})
			args[0], args[2] = x.cast(args[0], t), x.cast(args[2], t)
			f.T = t
		} else {
			f.T = plain(args[0].Type())
		}
	case "nth_value":
		positive("nth_value", args[1], 1)
		f.T = plain(args[0].Type())
	default:
		f.T = plain(args[0].Type())
	}
	f.Args = args
}

// positive checks an argument that must be a constant integer of at least least.
func positive(fn string, e rel.Expr, least int64) {
	l, ok := e.(*rel.Lit)
	if ok {
		switch v := l.Value.(type) {
		case int64:
			if v >= least {
				return
			}
		case uint64:
			return
		}
	}
	fail(errWrongArgument.New("Incorrect arguments to %s", fn))
}

// frame binds a frame clause and checks it.
func (x *binding) frame(d *sqlparser.WindowDef, order []rel.SortKey) *rel.Frame {
	self := "<unnamed window>"
	if !d.Name.IsEmpty() {
		self = d.Name.String()
	}
	f := &rel.Frame{Rows: d.Frame.Unit == sqlparser.RowsUnit}
	f.Start = x.bound(d.Frame.Extent.Start, f.Rows, self, order)
	f.End = rel.FrameBound{Kind: rel.CurrentRow}
	if d.Frame.Extent.End != nil {
		f.End = x.bound(d.Frame.Extent.End, f.Rows, self, order)
	}
	switch {
	case f.Start.Kind == rel.UnboundedFollowing:
		fail(errFrameStart.New("Window '%s': frame start cannot be UNBOUNDED FOLLOWING.", self))
	case f.End.Kind == rel.UnboundedPreceding:
		fail(errFrameEnd.New("Window '%s': frame end cannot be UNBOUNDED PRECEDING.", self))
	case f.Start.Kind == rel.Following && f.End.Kind < rel.Following || f.Start.Kind == rel.CurrentRow && f.End.Kind == rel.Preceding:
		fail(errFrameBound.New("Window '%s': frame start or end is negative, NULL or of non-integral type", self))
	}
	return f
}

func (x *binding) bound(b *sqlparser.FrameBound, rows bool, self string, order []rel.SortKey) rel.FrameBound {
	switch b.Type {
	case sqlparser.CurrentRow:
		return rel.FrameBound{Kind: rel.CurrentRow}
	case sqlparser.UnboundedPreceding:
		return rel.FrameBound{Kind: rel.UnboundedPreceding}
	case sqlparser.UnboundedFollowing:
		return rel.FrameBound{Kind: rel.UnboundedFollowing}
	}
	out := rel.FrameBound{Kind: rel.Preceding}
	if b.Type == sqlparser.ExprFollowing {
		out.Kind = rel.Following
	}
	badOrder := func() {
		fail(errRangeOrder.New("Window '%s' with RANGE N PRECEDING/FOLLOWING frame requires exactly one ORDER BY expression, of numeric or temporal type", self))
	}
	if !rows && len(order) != 1 {
		badOrder()
	}
	e := b.Expr
	if i, ok := e.(*sqlparser.IntervalExpr); ok {
		if rows || !order[0].Expr.Type().IsTemporal() {
			badOrder()
		}
		out.Unit, e = unitText(i.Unit), i.Expr
	} else if !rows && !order[0].Expr.Type().IsNumeric() {
		badOrder()
	}
	l, ok := x.value(e).(*rel.Lit)
	if !ok || l.Value == nil || !l.T.IsNumeric() || rows && l.T.Class() != rel.ClassInt || isNegative(l) {
		fail(errFrameBound.New("Window '%s': frame start or end is negative, NULL or of non-integral type", self))
	}
	out.Offset = l
	return out
}

func isNegative(l *rel.Lit) bool {
	switch v := l.Value.(type) {
	case int64:
		return v < 0
	case float64:
		return v < 0
	case rel.DecimalText:
		return strings.HasPrefix(string(v), "-")
	}
	return false
}
