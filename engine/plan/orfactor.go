package plan

import "weir/engine/rel"

// factorOr makes a disjunction useful below a join. What every branch asks for is asked for once: (a AND b) OR (a AND c) becomes a AND (b OR c).
// For each of the given sides, the parts of the branches that read that side alone follow from the whole and are added, if every branch
// has one; they remove rows early and are implied, so they change nothing else.
func factorOr(e rel.Expr, sides ...idSet) []rel.Expr {
	or, ok := e.(*rel.Call)
	if !ok || or.Op != rel.OpOr {
		return []rel.Expr{e}
	}
	branches := make([][]rel.Expr, len(or.Args))
	for i, a := range or.Args {
		branches[i] = rel.Conjuncts(a)
	}
	out, branches := commonParts(branches)
	var rest []rel.Expr
	for _, b := range branches {
		if len(b) == 0 { // this branch asks for no more: the whole is what is common
			return out
		}
		rest = append(rest, rel.And(b...))
	}
	out = append(out, &rel.Call{Op: rel.OpOr, Args: rest, T: rel.BoolType})
	for _, side := range sides {
		if implied := sidePart(branches, side); implied != nil {
			out = append(out, implied)
		}
	}
	return out
}

// commonParts takes out the predicates that stand in every branch.
func commonParts(branches [][]rel.Expr) (common []rel.Expr, rest [][]rel.Expr) {
	count := map[string]int{}
	for _, b := range branches {
		seen := map[string]bool{}
		for _, p := range b {
			if key := rel.FormatExpr(p); !seen[key] {
				seen[key] = true
				count[key]++
			}
		}
	}
	taken := map[string]bool{}
	rest = make([][]rel.Expr, len(branches))
	for i, b := range branches {
		for _, p := range b {
			key := rel.FormatExpr(p)
			if count[key] < len(branches) {
				rest[i] = append(rest[i], p)
			} else if !taken[key] {
				taken[key] = true
				common = append(common, p)
			}
		}
	}
	return common, rest
}

// sidePart is the disjunction of what the branches ask of one side; nil if a branch asks nothing of it alone.
func sidePart(branches [][]rel.Expr, side idSet) rel.Expr {
	var parts []rel.Expr
	whole := true
	for _, b := range branches {
		var own []rel.Expr
		for _, p := range b {
			if r := outerReads(p); len(r) > 0 && r.within(side) && len(rel.Subqueries(p)) == 0 {
				own = append(own, p)
			} else {
				whole = false
			}
		}
		if len(own) == 0 {
			return nil
		}
		parts = append(parts, rel.And(own...))
	}
	if whole {
		return nil // the disjunction itself reads nothing else
	}
	return &rel.Call{Op: rel.OpOr, Args: parts, T: rel.BoolType}
}
