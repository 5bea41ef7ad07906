package plan

import (
	"weir/engine/rel"
)

// Grouping in parts pays where a large table is read and few groups come of it.
const (
	partsMinTable  = 500_000
	partsMaxGroups = 20_000
)

// groupInParts makes the groups that a source computes by reading one large table come in parts, to be added up here: the source can then
// read ranges of the table at once, which is faster than one statement is at a system that runs it in one process, or whose own
// processes wait for each other. Only groups that a source would put out alone, after whatever filters, sorts or groups them
// again, are taken apart: those that it joins with more are better left to it.
func groupInParts(n rel.Node, est *estimator, cfg Config, siteOf func(rel.Node) string) rel.Node {
	if site := siteOf(n); site != "" {
		if cfg.Sites[site].Ranges && len(free(n)) == 0 {
			return partsBelow(n, est, cfg)
		}
		return n
	}
	again := func(n rel.Node) rel.Node { return groupInParts(n, est, cfg, siteOf) }
	in := rel.Inputs(n)
	for i := range in {
		in[i] = again(in[i])
	}
	return mapSubqueryPlans(rel.WithInputs(n, in), again)
}

// partsBelow takes apart the aggregate at the bottom of a plan of one source. What is above it then runs here, over few rows.
func partsBelow(n rel.Node, est *estimator, cfg Config) rel.Node {
	if agg, ok := n.(*rel.Aggregate); ok && worthParts(agg, est) {
		return inParts(agg, cfg.IDs)
	}
	in := rel.Inputs(n)
	if len(in) != 1 || judgeNode(cfg.Local, n, func(rel.Node) string { return "it reads more" }) != "" {
		return n
	}
	below := partsBelow(in[0], est, cfg)
	if below == in[0] {
		return n
	}
	return rel.WithInputs(n, []rel.Node{below})
}

func worthParts(agg *rel.Aggregate, est *estimator) bool {
	if _, ok := splittable(agg); !ok || len(agg.Aggs) == 0 || !readsOneTable(agg.Input) {
		return false
	}
	rows, groups := est.of(agg.Input), 1.0
	for _, g := range agg.Groups {
		c, ok := g.Expr.(*rel.Col)
		if !ok || !est.known(c.ID) {
			return false
		}
		groups *= est.distinctOf(c.ID, rows)
	}
	return rows >= partialMinRows && groups <= partsMaxGroups && groups <= partialShare*rows
}

// readsOneTable reports whether a plan only filters and projects one large table.
func readsOneTable(n rel.Node) bool {
	switch x := n.(type) {
	case *rel.Scan:
		return x.Table.RowCount >= partsMinTable
	case *rel.Filter:
		return len(rel.Subqueries(x.Pred)) == 0 && readsOneTable(x.Input)
	case *rel.Project:
		for _, c := range x.Cols {
			if len(rel.Subqueries(c.Expr)) > 0 {
				return false
			}
		}
		return readsOneTable(x.Input)
	}
	return false
}

// inParts is an aggregate over the parts of itself.
func inParts(agg *rel.Aggregate, ids *rel.IDs) rel.Node {
	parts := &rel.Aggregate{Input: agg.Input, Parts: true}
	upper := &rel.Aggregate{Input: parts}
	final := make([]rel.Computed, 0, len(agg.Groups)+len(agg.Aggs))
	for _, g := range agg.Groups {
		key := rel.Column{ID: ids.Next(), Name: g.Name, T: g.T}
		parts.Groups = append(parts.Groups, rel.Computed{Column: key, Expr: g.Expr})
		again := rel.Column{ID: ids.Next(), Name: g.Name, T: g.T}
		upper.Groups = append(upper.Groups, rel.Computed{Column: again, Expr: col(key)})
		final = append(final, rel.Computed{Column: g.Column, Expr: col(again)})
	}
	for _, a := range agg.Aggs {
		final = append(final, rel.Computed{Column: a.Column, Expr: splitOne(a, parts, upper, ids, len(agg.Groups) == 0)})
	}
	return &rel.Project{Input: upper, Cols: final}
}
