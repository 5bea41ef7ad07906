package plan

import (
	"context"
	"math"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// placer cuts a plan into fragments.
type placer struct {
	ctx     context.Context
	sites   map[string]*dialect.Dialect // by source
	est     *estimator
	only    bool // scans only: pushdown is switched off
	refused map[rel.Node]refusal
	paired  map[string]bool // see pairedGroups
	// partOfMore is set if no single source can run the statement whole.
	partOfMore bool
	grown      map[rel.ColumnID]int // see grows
	memo       map[rel.Node]placement
	frags      []*Fragment
	kept       []Kept
}

// refusal is that a node turned out not to be printable by its source. A filter may be tried again with fewer of its predicates.
type refusal struct {
	why   string
	times int
}

// placement is where a whole subtree can run.
type placement struct {
	site string // a source; empty if no single source can run it
	why  string // why not, if it is about one source
}

// at says which source can run a whole subtree exactly.
func (p *placer) at(n rel.Node) placement {
	checkDone(p.ctx)
	if r, ok := p.memo[n]; ok {
		return r
	}
	r := p.judge(n)
	p.memo[n] = r
	return r
}

// judge is at without its memory: the site of all inputs, unless its dialect can't run the node, or shouldn't.
func (p *placer) judge(n rel.Node) placement {
	if r, ok := p.refused[n]; ok {
		return placement{why: r.why}
	}
	if s, ok := n.(*rel.Scan); ok {
		return placement{site: s.Table.Source}
	}
	if p.only {
		return placement{why: "pushdown is switched off"}
	}
	site, why := p.siteOfInputs(n)
	if site == "" {
		return placement{why: why}
	}
	if why := judgeNode(p.sites[site], n, p.subplanAt(site)); why != "" {
		return placement{why: why}
	}
	if why := p.unprofitable(n, site); why != "" {
		return placement{why: why}
	}
	return placement{site: site}
}

// siteOfInputs is the one site at which all inputs of a node can run; empty if there is none, with the reason if they are at several.
func (p *placer) siteOfInputs(n rel.Node) (site, why string) {
	for _, in := range rel.Inputs(n) {
		if a, ok := in.(*rel.Aggregate); ok && a.Parts {
			return "", "" // they are added up here
		}
		r := p.at(in)
		switch {
		case r.site == "":
			return "", ""
		case site != "" && site != r.site:
			return "", "its inputs are at " + site + " and " + r.site
		}
		site = r.site
	}
	return site, ""
}

// unprofitable says why a node that a site could run is better run here; empty if it isn't.
func (p *placer) unprofitable(n rel.Node, site string) string {
	if p.grows(n) {
		return "its expressions would be too large once the system has merged them"
	}
	if p.abovePaired(n) {
		return "a subquery reads the same groups again: they are fetched once"
	}
	for _, e := range rel.Exprs(n) {
		if in := rel.Inputs(n); len(in) == 1 && p.sites[site].LoopJoins && p.slowSubquery(e, in[0]) {
			return slowSubquery
		}
	}
	if !p.partOfMore {
		return ""
	}
	switch n := n.(type) {
	case *rel.Aggregate:
		if p.manyGroups(n) {
			return "it would give too many groups to be worth grouping there"
		}
	case *rel.Join:
		if p.sites[site].LoopJoins && p.slowLoop(n) {
			return "it would look up too many rows one by one to be worth joining there"
		}
	}
	return ""
}

// grows reports whether the expressions of a projection become far larger where a system puts those of the projections below in their place, as most
// do with derived tables: each that computes c + c doubles them, and PostgreSQL, given forty of them, takes all the memory there is. The inputs
// have been judged before.
func (p *placer) grows(n rel.Node) bool {
	project, ok := n.(*rel.Project)
	if !ok {
		return false
	}
	if p.grown == nil {
		p.grown = map[rel.ColumnID]int{}
	}
	total := 0
	for _, c := range project.Cols {
		growth := 0
		rel.WalkCols(c.Expr, func(x *rel.Col) { growth = min(growth+p.grown[x.ID], math.MaxInt32) })
		total = min(total+growth, math.MaxInt32)
		p.grown[c.ID] = growth + size(c.Expr, maxMerged) - 1
	}
	return total > maxMerged
}

// maxMerged is the number of nodes by which the expressions of a projection may grow.
const maxMerged = 10_000

// Grouping at a source pays by what it doesn't send. With this many groups, and more than this share of the rows, it sends nearly as much, and row
// stores are slow at it: the embedded engine groups faster than they do.
const (
	manyGroups      = 150_000
	manyGroupsShare = 0.02
)

func (p *placer) manyGroups(a *rel.Aggregate) bool {
	groups := p.est.of(a)
	return groups > manyGroups && groups > manyGroupsShare*p.est.of(a.Input)
}

// manyLookups is the number of rows that a system that joins by lookups may look up one by one before the embedded engine is faster, the rows' way here
// included: a lookup costs a microsecond or two, a row's way a fraction of one.
const manyLookups = 50_000

// slowLoop reports whether a join by lookups takes many of them. The system looks up from the smaller side if an index of the larger one serves the
// join, else from the larger side.
func (p *placer) slowLoop(j *rel.Join) bool {
	l, r := p.est.of(j.Left), p.est.of(j.Right)
	larger, other := j.Left, j.Right
	if r > l {
		larger, other = j.Right, j.Left
	}
	indexed := indexedColumns(larger)
	for _, e := range rel.Conjuncts(j.On) {
		if a, _, ok := equiColumns(e, columnSet(larger), columnSet(other)); ok && indexed[a.ID] {
			return p.est.of(j) > manyLookups
		}
	}
	return math.Max(l, r) > manyLookups
}

// A correlated subquery that is no join is run again for each row by a system that loops. The embedded engine joins, so that reading both tables is
// faster from this many rows looked at on, if they are also this many times those to be read.
const (
	slowSubquery = "its subquery would read its rows again for each row there"
	manyVisits   = 1_000_000
	visitsEach   = 20
)

func (p *placer) slowSubquery(e rel.Expr, input rel.Node) bool {
	for _, q := range rel.Subqueries(e) {
		outer := free(q.Plan)
		if len(outer) == 0 {
			continue
		}
		inner, indexed := 0.0, false
		columns := indexedColumns(q.Plan)
		rel.WalkNodes(q.Plan, func(n rel.Node) {
			switch n := n.(type) {
			case *rel.Scan:
				inner = max(inner, p.est.of(n))
			case *rel.Filter:
				for _, c := range rel.Conjuncts(n.Pred) {
					_, _, ok := equiColumns(c, columns, outer)
					indexed = indexed || ok
				}
			}
		})
		rows := p.est.of(input)
		if visits := rows * inner; !indexed && visits > manyVisits && visits > visitsEach*(rows+inner) {
			return true
		}
	}
	return false
}

// indexedColumns are the columns of the tables below a node that an index begins with.
func indexedColumns(n rel.Node) idSet {
	out := idSet{}
	rel.WalkNodes(n, func(x rel.Node) {
		if s, ok := x.(*rel.Scan); ok {
			for _, id := range s.Indexed {
				out[id] = true
			}
			for _, key := range s.Unique {
				if len(key) > 0 {
					out[key[0]] = true
				}
			}
		}
	})
	return out
}

// pairedGroups finds the aggregates that a filter above them compares with a subquery over the very same groups, as "the largest of these sums"
// does. A source would compute them twice; cut out on their own, they are fetched once.
func pairedGroups(root rel.Node) map[string]bool {
	paired := map[string]bool{}
	rel.WalkNodes(root, func(n rel.Node) {
		f, ok := n.(*rel.Filter)
		if !ok || len(rel.Subqueries(f.Pred)) == 0 {
			return
		}
		agg, ok := f.Input.(*rel.Aggregate)
		if !ok {
			return
		}
		groups := canonical(rel.Format(agg))
		for _, q := range rel.Subqueries(f.Pred) {
			rel.WalkNodes(q.Plan, func(n rel.Node) {
				if a, ok := n.(*rel.Aggregate); ok && canonical(rel.Format(a)) == groups {
					paired[groups] = true
				}
			})
		}
	})
	return paired
}

// abovePaired reports whether a node reads groups that are to be fetched once for two uses.
func (p *placer) abovePaired(n rel.Node) bool {
	if len(p.paired) == 0 {
		return false
	}
	for _, in := range rel.Inputs(n) {
		if a, ok := in.(*rel.Aggregate); ok && p.paired[canonical(rel.Format(a))] {
			return true
		}
	}
	return false
}

// subplanAt judges plans of subqueries for a site: empty if they can run there.
func (p *placer) subplanAt(site string) func(rel.Node) string {
	return func(n rel.Node) string {
		r := p.at(n)
		switch {
		case r.site == site:
			return ""
		case r.site != "":
			return "it reads " + r.site
		case r.why != "":
			return r.why
		}
		return "it can't run at " + site
	}
}

// place returns the plan with the largest subtrees that one source can run replaced by views of their fragments.
func (p *placer) place(n rel.Node) rel.Node {
	if r := p.at(n); r.site != "" && p.worthCutting(n) && len(free(n)) == 0 {
		switch x := n.(type) {
		case *rel.Sort: // order is not carried through the embedded engine: sort there
		case *rel.Limit:
			if s, ok := x.Input.(*rel.Sort); ok {
				return &rel.Sort{Input: p.cut(n, r.site), Keys: s.Keys}
			}
			return p.cut(n, r.site)
		default:
			return p.cut(n, r.site)
		}
	} else if r.why != "" {
		p.keep(n, r.why)
	}
	switch n := n.(type) {
	case *rel.Filter:
		return p.placeFilter(n)
	}
	in := rel.Inputs(n)
	for i := range in {
		in[i] = p.place(in[i])
	}
	placed := rel.WithInputs(n, in)
	if j, ok := placed.(*rel.Join); ok {
		was := n.(*rel.Join)
		// With pushdown off filters stay above joins, and the embedded engine loses columns when it moves one below a RIGHT JOIN.
		j.BuildLeft = j.Kind == rel.LeftJoin && !j.Lateral && !p.only && 2*p.est.of(was.Left) < p.est.of(was.Right)
	}
	return mapSubqueryPlans(placed, p.place)
}

// worthCutting is false for a join that would put out far more than it reads, and that nothing above it reduces at the source.
func (p *placer) worthCutting(n rel.Node) bool {
	j, ok := n.(*rel.Join)
	if !ok {
		return true
	}
	return p.est.of(n) <= 1.5*(p.est.of(j.Left)+p.est.of(j.Right))
}

// placeFilter pushes the predicates that the input's source can run, and applies the others, and again those that keep too much, here.
func (p *placer) placeFilter(n *rel.Filter) rel.Node {
	r := p.at(n.Input)
	if r.site == "" || p.only || !p.worthCutting(n.Input) || len(free(n.Input)) > 0 {
		return mapSubqueryPlans(&rel.Filter{Input: p.place(n.Input), Pred: n.Pred}, p.place)
	}
	cols := columnSet(n.Input)
	var push, keep []rel.Expr
	for _, e := range rel.Conjuncts(n.Pred) {
		v := judgeExpr(p.sites[r.site], e, p.subplanAt(r.site))
		if !outerReads(e).within(cols) {
			v = dialect.No("it reads columns of the enclosing query")
		}
		for _, q := range rel.Subqueries(e) {
			if !free(q.Plan).within(cols) {
				v = dialect.No("its subquery reads columns of the enclosing query")
			}
		}
		if p.sites[r.site].LoopJoins && p.slowSubquery(e, n.Input) {
			v = dialect.No(slowSubquery)
		}
		if refused := p.refused[n]; refused.times > 1 || refused.times == 1 && len(rel.Subqueries(e)) > 0 {
			v = dialect.No(refused.why)
		}
		if v.Grade == dialect.Exact {
			push = append(push, e)
		} else {
			keep = append(keep, e)
			p.kept = append(p.kept, Kept{Expr: e, Source: r.site, Reason: v.Reason})
		}
	}
	input := n.Input
	if len(push) > 0 {
		input = filter(input, push)
	}
	out := p.cut(input, r.site)
	if len(push) > 0 {
		p.frags[len(p.frags)-1].judged = n
	}
	if len(keep) == 0 {
		return out
	}
	return mapSubqueryPlans(filter(out, keep), p.place)
}

// keep notes why an operator is not pushed.
func (p *placer) keep(n rel.Node, why string) {
	switch n := n.(type) {
	case *rel.Filter: // its predicates are noted one by one
	case *rel.Project:
		for _, c := range n.Cols {
			if _, ok := c.Expr.(*rel.Col); !ok {
				p.kept = append(p.kept, Kept{Node: n, Reason: why})
				return
			}
		}
	default:
		p.kept = append(p.kept, Kept{Node: n, Reason: why})
	}
}

// cut makes a fragment of a subtree.
func (p *placer) cut(n rel.Node, site string) rel.Node {
	f := &Fragment{ID: len(p.frags) + 1, Source: site, Root: n, judged: n, Cols: n.Columns(), Rows: p.est.of(n), dialect: p.sites[site]}
	p.frags = append(p.frags, f)
	v := &rel.View{Fragment: f.ID, Cols: f.Cols, Rows: f.Rows}
	f.view = v
	return v
}

// prune drops columns of fragments that nothing above reads.
func prune(p *Plan, out []rel.Column) {
	needed := idSet{}
	for _, c := range out {
		needed[c.ID] = true
	}
	use := func(n rel.Node) {
		for _, e := range rel.Exprs(n) {
			for id := range reads(e) {
				needed[id] = true
			}
			for _, q := range rel.Subqueries(e) {
				for _, id := range q.Out {
					needed[id] = true
				}
			}
		}
		switch n := n.(type) {
		case *rel.SetOp, *rel.Recursive: // columns count by position
			for _, in := range rel.Inputs(n) {
				for id := range columnSet(in) {
					needed[id] = true
				}
			}
		case *rel.Distinct:
			for id := range columnSet(n.Input) {
				needed[id] = true
			}
		}
	}
	for _, n := range p.local() {
		rel.WalkNodes(n, use)
	}
	for _, f := range p.Fragments {
		var cols []rel.Column
		for _, c := range f.Cols {
			if needed[c.ID] {
				cols = append(cols, c)
			}
		}
		f.Cols = cols
		f.view.Cols = cols
	}
}
