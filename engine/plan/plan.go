package plan

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Plan is a statement ready to run.
type Plan struct {
	// Fragments run at their sources. IDs count from 1, in the order of this list.
	Fragments []*Fragment
	// Local is what the embedded engine runs over the fragments' views; nil if the one fragment's rows are the result.
	Local rel.Node
	// Out are the columns of the result, in order.
	Out []rel.Column
	// Kept says what was not pushed, and why.
	Kept []Kept
	// Keys are the join keys that may travel between fragments.
	Keys []KeyPass
}

// Fragment is a part of a plan that one source runs; or, as a step, a part that the embedded engine runs before the rest because its result
// makes a source's fragment smaller.
type Fragment struct {
	ID     int
	Source string // empty for a step
	Inputs []int  // of a step: the fragments whose rows it reads
	Root   rel.Node
	Cols   []rel.Column // what it puts out
	Rows   float64      // estimate
	Text   dialect.Printed
	// Shown is the text as it may be shown: without secrets. Empty for a step.
	Shown string
	// Reread is set if the embedded engine may read the rows more than once: below a subquery, a recursion or a lateral join.
	Reread bool
	// SameAs is the fragment whose rows this one takes instead of being run; 0 if it is run.
	SameAs int

	dialect *dialect.Dialect
	judged  rel.Node // what the placer found that the source can run, before columns were taken away from it
	view    *rel.View
	shared  bool // others take its rows: it can't be filtered for one of them
}

// IsStep reports whether the embedded engine runs the fragment.
func (f *Fragment) IsStep() bool { return f.Source == "" }

// Dialect is the dialect of the fragment's source; nil for a step.
func (f *Fragment) Dialect() *dialect.Dialect { return f.dialect }

// Reads are the tables that the fragment reads, each definition once.
func (f *Fragment) Reads() []*rel.Table {
	var out []*rel.Table
	rel.WalkNodes(f.Root, func(n rel.Node) {
		s, ok := n.(*rel.Scan)
		if ok && !slices.ContainsFunc(out, func(t *rel.Table) bool { return *t == *s.Table }) {
			out = append(out, s.Table)
		}
	})
	return out
}

// Kept is something that could not be pushed.
type Kept struct {
	Expr   rel.Expr // a predicate; or
	Node   rel.Node // an operator
	Source string
	Reason string
}

// Config is what planning needs to know.
type Config struct {
	// Sites are the dialects of the sources that the statement reads.
	Sites map[string]*dialect.Dialect
	// Local is the dialect of the embedded engine.
	Local *dialect.Dialect
	// PushdownOff reads whole tables and runs everything in the embedded engine. For tests and diagnosis.
	PushdownOff bool
	// Tokens reads the tokens that pseudonyms are compared with; nil: such comparisons are left to the embedded engine.
	Tokens Tokens
	IDs    *rel.IDs
	Log    *slog.Logger
}

// stopped is what ends planning from inside once its context is done.
type stopped struct{ err error }

// checkDone ends planning if its context is done. It is called where planning takes its time: wherever a node is judged.
func checkDone(ctx context.Context) {
	if ctx.Err() != nil {
		panic(stopped{context.Cause(ctx)})
	}
}

// Build plans a bound statement. A statement that can't be run anywhere is refused with sqlerr.Unsupported.
// Once ctx is done, planning ends with its error.
func Build(ctx context.Context, root rel.Node, out []rel.Column, cfg Config) (plan *Plan, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stopped:
			plan, err = nil, r.err
		default:
			panic(r)
		}
	}()
	root = dropSorts(root, true)
	if !cfg.PushdownOff {
		root = computeLate(root, cfg.Tokens, cfg.IDs)
	}
	root = shelter(root)
	refused := map[rel.Node]refusal{}
	est := newEstimator(root)
	whole := false
	if !cfg.PushdownOff {
		root = pushLimits(pushFilters(root))
		// What one source can run whole is left as it was written: the source's own optimiser knows its indexes.
		whole = (&placer{ctx: ctx, sites: cfg.Sites, est: est, memo: map[rel.Node]placement{}}).at(belowMasks(root)).site != ""
		if !whole {
			root = optimise(ctx, root, est, cfg)
		}
		p := &placer{ctx: ctx, sites: cfg.Sites, est: est, memo: map[rel.Node]placement{}, partOfMore: !whole, paired: pairedGroups(root)}
		parts := groupInParts(root, est, cfg, func(n rel.Node) string { return p.at(n).site })
		whole = whole && parts == root
		root = parts
	} else {
		root = unnest(root, cfg.IDs) // the embedded engine doesn't take every correlated subquery that a join can stand for
	}
	if !whole {
		needed := idSet{}
		for _, c := range out {
			needed[c.ID] = true
		}
		root = narrow(root, needed)
	}
	for try := 0; ; try++ {
		p := &placer{ctx: ctx, sites: cfg.Sites, est: est, only: cfg.PushdownOff, refused: refused, memo: map[rel.Node]placement{}}
		if !whole {
			p.partOfMore, p.paired = true, pairedGroups(root)
		}
		plan, failed := p.build(root, out)
		if failed == nil {
			return finish(plan, cfg, est)
		}
		r := refusal{failed.err.Error(), refused[failed.node].times + 1}
		if _, filters := failed.node.(*rel.Filter); r.times > 1 && !filters || r.times > 3 || try > 100 {
			return nil, sqlerr.Internal.New("planning does not end").With(failed.err)
		}
		refused[failed.node] = r
		if s, ok := failed.node.(*rel.Scan); ok {
			return nil, sqlerr.Internal.New("table %s.%s can't be read", s.Table.Source, s.Table.Name).With(failed.err)
		}
	}
}

// optimise rewrites a plan that several sites have to run.
func optimise(ctx context.Context, root rel.Node, est *estimator, cfg Config) rel.Node {
	root = pushLimits(pushFilters(unnest(root, cfg.IDs)))
	p := &placer{ctx: ctx, sites: cfg.Sites, est: est, memo: map[rel.Node]placement{}, partOfMore: true, paired: pairedGroups(root)}
	siteOf := func(n rel.Node) string { return p.at(n).site }
	return splitAggregates(orderJoins(ctx, root, est, siteOf), est, siteOf, cfg.IDs)
}

// unprintable is a fragment that its source's dialect can't write.
type unprintable struct {
	node rel.Node
	err  error
}

func (p *placer) build(root rel.Node, out []rel.Column) (*Plan, *unprintable) {
	plan := &Plan{Out: out}
	if r := p.at(root); r.site != "" && len(free(root)) == 0 {
		p.cut(root, r.site)
		p.frags[0].Cols = out
	} else {
		plan.Local = p.place(root)
		if !p.only {
			plan.Local = p.cutSteps(plan.Local)
		}
		plan.Fragments = p.frags
		prune(plan, out)
		shareFragments(p.frags)
	}
	plan.Fragments, plan.Kept = p.frags, p.kept
	for _, f := range p.frags {
		if f.IsStep() {
			continue
		}
		text, err := dialect.Print(f.dialect, f.Root, f.Cols, dialect.Options{})
		if err == nil && f.dialect.MaxText > 0 && len(text.SQL) > f.dialect.MaxText {
			err = fmt.Errorf("its text of %d bytes is longer than the source allows", len(text.SQL))
		}
		if err != nil {
			return nil, &unprintable{f.judged, err}
		}
		f.Text = text
		if f.Shown, err = printShown(f.dialect, f.Root, f.Cols, dialect.Options{}, text.SQL); err != nil {
			return nil, &unprintable{f.judged, err}
		}
	}
	return plan, nil
}

// finish checks that the embedded engine can run what is left.
func finish(plan *Plan, cfg Config, est *estimator) (*Plan, error) {
	if plan.Local == nil {
		return plan, nil
	}
	for _, n := range plan.local() {
		if err := checkSize(n); err != nil {
			return nil, err
		}
	}
	rewriteRowIn(plan, cfg.IDs)
	hoistFrameOrders(plan, cfg.IDs)
	for _, n := range plan.local() {
		if why := localVerdict(n, cfg.Local); why != "" {
			return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support '%s'", why)
		}
		markReread(plan, n, false)
	}
	if _, err := Explain(plan, cfg.Local); err != nil { // prints all that the embedded engine will run
		return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support this statement: %v", err)
	}
	if !cfg.PushdownOff {
		plan.Keys = keyPasses(plan, est)
	}
	return plan, nil
}

// markReread marks the fragments that stand where rows are computed more than once.
func markReread(p *Plan, n rel.Node, again bool) {
	if v, ok := n.(*rel.View); ok && again {
		p.Fragments[v.Fragment-1].Reread = true
	}
	for _, e := range rel.Exprs(n) {
		for _, q := range rel.Subqueries(e) {
			markReread(p, q.Plan, true)
		}
	}
	for i, in := range rel.Inputs(n) {
		_, recursive := n.(*rel.Recursive)
		j, ok := n.(*rel.Join)
		lateral := ok && i == 1 && (j.Lateral || j.Kind == rel.LeftJoin && len(rel.Subqueries(j.On)) > 0)
		markReread(p, in, again || recursive || lateral)
	}
}

// local are the trees that the embedded engine runs: the steps' and the last one.
func (p *Plan) local() []rel.Node {
	var out []rel.Node
	for _, f := range p.Fragments {
		if f.IsStep() {
			out = append(out, f.Root)
		}
	}
	return append(out, p.Local)
}

// LocalSQL prints what the embedded engine runs last, and that text as it may be shown.
func (p *Plan) LocalSQL(d *dialect.Dialect, view func(*rel.View) string) (sql, shown string, err error) {
	return printBoth(d, p.Local, p.Out, dialect.Options{View: view})
}

// StepSQL prints what the embedded engine runs for a step, and that text as it may be shown.
func (f *Fragment) StepSQL(d *dialect.Dialect, view func(*rel.View) string) (sql, shown string, err error) {
	return printBoth(d, f.Root, f.Cols, dialect.Options{View: view})
}

// localVerdict says what in a plan the embedded engine can't run exactly; empty if all is well.
func localVerdict(n rel.Node, d *dialect.Dialect) string {
	var at func(rel.Node) string
	at = func(n rel.Node) string {
		if why := judgeNode(d, n, at); why != "" {
			return why
		}
		for _, in := range rel.Inputs(n) {
			if why := at(in); why != "" {
				return why
			}
		}
		return ""
	}
	return at(n)
}

// dropSorts removes sorts whose order nothing sees: those that are neither below a limit nor at the top.
func dropSorts(n rel.Node, seen bool) rel.Node {
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return dropSorts(p, false) })
	switch x := n.(type) {
	case *rel.Sort:
		if !seen {
			return dropSorts(x.Input, false)
		}
		return &rel.Sort{Input: dropSorts(x.Input, false), Keys: x.Keys}
	case *rel.Limit:
		return &rel.Limit{Input: dropSorts(x.Input, true), Offset: x.Offset, Count: x.Count, Barrier: x.Barrier}
	case *rel.Project:
		return &rel.Project{Input: dropSorts(x.Input, seen), Cols: x.Cols}
	}
	in := rel.Inputs(n)
	for i := range in {
		in[i] = dropSorts(in[i], false)
	}
	return rel.WithInputs(n, in)
}

// pushLimits moves limits below projections, so that they can be pushed even where the projection can't.
func pushLimits(n rel.Node) rel.Node {
	in := rel.Inputs(n)
	for i := range in {
		in[i] = pushLimits(in[i])
	}
	n = rel.WithInputs(n, in)
	l, ok := n.(*rel.Limit)
	if !ok {
		return n
	}
	p, ok := l.Input.(*rel.Project)
	if !ok || l.Barrier {
		return n
	}
	return &rel.Project{Input: pushLimits(&rel.Limit{Input: p.Input, Offset: l.Offset, Count: l.Count}), Cols: p.Cols}
}
