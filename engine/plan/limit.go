package plan

import (
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// What the embedded engine is given is bounded, since it can't be interrupted while it prepares, and none of this is in its memory limit. The joins of
// a plan, and its subqueries, which it runs as joins, take memory by the square of their number: 127 take 300 MB, 255 take 1.7 GB. An AND over a join
// is taken apart by recursion: 20 000 members overflow the stack and end the process, 5000 take it two seconds. An expression takes about a kilobyte
// for each of its nodes.
const (
	maxLocalJoins   = 150
	maxLocalMembers = 5_000
	maxLocalNodes   = 250_000
)

// checkSize refuses what the embedded engine had better not be given.
func checkSize(n rel.Node) error {
	var joins, members, nodes int
	var count func(e rel.Expr)
	count = func(e rel.Expr) {
		nodes++
		switch x := e.(type) {
		case *rel.Call:
			if x.Op == rel.OpAnd || x.Op == rel.OpOr {
				members = max(members, len(x.Args))
			}
			for _, a := range x.Args {
				count(a)
			}
		case *rel.Subquery:
			joins++
			for _, a := range x.Left { // WalkNodes goes into the subquery itself
				count(a)
			}
		}
	}
	rel.WalkNodes(n, func(x rel.Node) {
		if _, ok := x.(*rel.Join); ok {
			joins++
		}
		for _, e := range rel.Exprs(x) {
			count(e)
		}
	})
	const at = " that the sources can't be given, or not as a whole; split the statement or simplify it"
	switch {
	case joins > maxLocalJoins:
		return sqlerr.OutOfMemory.New("the statement has %d joins and subqueries, more than %d,"+at, joins, maxLocalJoins)
	case members > maxLocalMembers:
		return sqlerr.OutOfMemory.New("the statement has an AND or OR of %d conditions, more than %d,"+at, members, maxLocalMembers)
	case nodes > maxLocalNodes:
		return sqlerr.OutOfMemory.New("the statement has expressions of more than %d parts"+at, maxLocalNodes)
	}
	return nil
}
