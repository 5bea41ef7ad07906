package plan

import (
	"context"
	"sort"

	"weir/engine/rel"
)

// orderJoins orders every cluster of inner joins. Tables of one source that are joined by a key come together first, so that the join
// can be pushed; the largest unit then becomes the probe side, and the others are joined to it one by one, smallest result first, each as the
// build side of a hash join (the right input: see Join order in ARCHITECTURE.md).
func orderJoins(ctx context.Context, n rel.Node, est *estimator, siteOf func(rel.Node) string) rel.Node {
	n = mapSubqueryPlans(n, func(p rel.Node) rel.Node { return orderJoins(ctx, p, est, siteOf) })
	j, ok := n.(*rel.Join)
	if !ok || j.Kind != rel.InnerJoin || j.Lateral {
		in := rel.Inputs(n)
		for i := range in {
			in[i] = orderJoins(ctx, in[i], est, siteOf)
		}
		return rel.WithInputs(n, in)
	}
	g := &joinGraph{ctx: ctx, est: est, siteOf: siteOf, used: map[rel.Expr]idSet{}}
	g.collect(j)
	for i := range g.units {
		g.units[i] = orderJoins(ctx, g.units[i], est, siteOf)
	}
	tree := g.order()
	for _, s := range g.semis {
		tree = &rel.Join{Kind: s.Kind, Left: tree, Right: orderJoins(ctx, s.Right, est, siteOf), On: s.On}
	}
	return tree
}

// joinGraph is a cluster of inner joins: the units joined, and the predicates between them.
type joinGraph struct {
	ctx    context.Context
	est    *estimator
	siteOf func(rel.Node) string
	units  []rel.Node
	preds  []rel.Expr
	// semis are semi and anti joins between sources that stood on a unit. They are done above the inner joins, which gives the same rows, so that
	// the unit can be joined at its source; the keys of a semi join travel down all the same.
	semis []*rel.Join
	used  map[rel.Expr]idSet // what the predicates read, see reads
}

// reads is outerReads with a memory: the predicates are looked at for every pair of units.
func (g *joinGraph) reads(p rel.Expr) idSet {
	s, ok := g.used[p]
	if !ok {
		s = outerReads(p)
		g.used[p] = s
	}
	return s
}

func (g *joinGraph) collect(n rel.Node) {
	if f, ok := n.(*rel.Filter); ok {
		if j, ok := f.Input.(*rel.Join); ok && j.Kind == rel.InnerJoin && !j.Lateral {
			g.preds = append(g.preds, rel.Conjuncts(f.Pred)...)
			g.collect(j)
			return
		}
	}
	if j, ok := n.(*rel.Join); ok && j.Kind == rel.InnerJoin && !j.Lateral {
		g.preds = append(g.preds, rel.Conjuncts(j.On)...)
		g.collect(j.Left)
		g.collect(j.Right)
		return
	}
	if j, ok := n.(*rel.Join); ok && (j.Kind == rel.SemiJoin || j.Kind == rel.AntiJoin) && g.siteOf(j) == "" && g.siteOf(j.Left) != "" {
		g.semis = append(g.semis, j)
		g.collect(j.Left)
		return
	}
	g.units = append(g.units, n)
}

func (g *joinGraph) order() rel.Node {
	g.mergeSameSite()
	// The largest unit streams through the whole chain; every other one is held in a hash table.
	sort.SliceStable(g.units, func(a, b int) bool { return g.est.of(g.units[a]) > g.est.of(g.units[b]) })
	tree := g.units[0]
	rest := g.units[1:]
	for len(rest) > 0 {
		best, bestRows, bestConnected := 0, 0.0, false
		for i, u := range rest {
			rows, connected := g.est.of(g.joined(tree, u)), g.connected(tree, u)
			if i == 0 || connected && !bestConnected || connected == bestConnected && rows < bestRows {
				best, bestRows, bestConnected = i, rows, connected
			}
		}
		tree = g.take(tree, rest[best])
		rest = append(rest[:best:best], rest[best+1:]...)
	}
	return filter(tree, g.preds)
}

// mergeSameSite joins units of one source as long as a predicate connects them and the join doesn't put out more rows than the larger one.
func (g *joinGraph) mergeSameSite() {
	for merged := true; merged; {
		merged = false
		bestA, bestB, bestRows := -1, -1, 0.0
		for a := range g.units {
			for b := range g.units {
				site := g.siteOf(g.units[a])
				if a == b || site == "" || site != g.siteOf(g.units[b]) || !g.connected(g.units[a], g.units[b]) {
					continue
				}
				if g.est.of(g.units[a]) < g.est.of(g.units[b]) {
					continue // the larger one first
				}
				j := g.joined(g.units[a], g.units[b])
				rows := g.est.of(j)
				if g.siteOf(j) != site || rows > 1.2*g.est.of(g.units[a]) {
					continue
				}
				if bestA < 0 || rows < bestRows {
					bestA, bestB, bestRows = a, b, rows
				}
			}
		}
		if bestA >= 0 {
			j := g.take(g.units[bestA], g.units[bestB])
			var units []rel.Node
			for i, u := range g.units {
				if i != bestA && i != bestB {
					units = append(units, u)
				}
			}
			g.units, merged = append(units, j), true
		}
	}
}

// usable returns the predicates that can be applied once two units are joined.
func (g *joinGraph) usable(a, b rel.Node) (on, rest []rel.Expr) {
	checkDone(g.ctx)
	left, right := columnSet(a), columnSet(b)
	others := idSet{}
	for _, u := range g.units {
		for id := range columnSet(u) {
			if !left[id] && !right[id] {
				others[id] = true
			}
		}
	}
	return splitPreds(g.preds, func(p rel.Expr) bool {
		used := g.reads(p)
		return !used.meets(others) && (used.meets(left) || used.meets(right))
	})
}

func (g *joinGraph) connected(a, b rel.Node) bool {
	left, right := columnSet(a), columnSet(b)
	on, _ := g.usable(a, b)
	for _, p := range on {
		if used := g.reads(p); used.meets(left) && used.meets(right) {
			return true
		}
	}
	return false
}

func (g *joinGraph) joined(a, b rel.Node) rel.Node {
	on, _ := g.usable(a, b)
	return &rel.Join{Kind: rel.InnerJoin, Left: a, Right: b, On: rel.And(on...)}
}

func (g *joinGraph) take(a, b rel.Node) rel.Node {
	on, rest := g.usable(a, b)
	g.preds = rest
	return &rel.Join{Kind: rel.InnerJoin, Left: a, Right: b, On: rel.And(on...)}
}
