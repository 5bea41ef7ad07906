package engine

import (
	"slices"
	"strings"

	"weir/catalog"
	"weir/engine/rel"
	"weir/policy"
)

// Rows come in the order in which a source reads them wherever a statement doesn't say another: without ORDER BY, and among equals with it, in ROW_NUMBER and
// LIMIT. A source that finds all the columns that it needs in an index reads that instead of the table: SELECT id FROM people gave the people by their
// salary, where there was an index over the salary, though that was masked.

// inOwnOrder keeps a source from reading a table by way of an index over what the principal doesn't see: predicates that are always true need a column
// that isn't in the index. Where an index holds the whole table there is none, and where a row filter asks for a range of a column that isn't shown, its
// index serves all the same.
func inOwnOrder(scan rel.Node, found *catalog.Table, decision *policy.Decision) rel.Node {
	shown := map[string]bool{}
	for _, c := range decision.Columns {
		shown[strings.ToLower(c.Name)] = c.Mask.IsZero()
	}
	var indexes [][]string
	add := func(index []string) {
		if slices.ContainsFunc(index, func(c string) bool { return !shown[strings.ToLower(c)] }) {
			// Indexes hold the primary key too, at most kinds of sources.
			indexes = append(indexes, slices.Concat(index, found.Def.PrimaryKey))
		}
	}
	for _, x := range found.Def.Indexes {
		add(x.Columns)
	}
	for _, x := range found.Def.Uniques {
		add(x)
	}
	if len(indexes) == 0 {
		return scan
	}
	columns := slices.Clone(scan.Columns())
	slices.SortStableFunc(columns, func(a, b rel.Column) int { return cost(a, shown) - cost(b, shown) })
	var preds []rel.Expr
	for _, c := range columns {
		outside := func(index []string) bool {
			return !slices.ContainsFunc(index, func(name string) bool { return strings.EqualFold(name, c.Name) })
		}
		if !slices.ContainsFunc(indexes, outside) || cost(c, shown) == unfit {
			continue
		}
		indexes = slices.DeleteFunc(indexes, outside)
		// x IS NULL OR x <= x; sources drop IS NOT NULL where the column says so itself, and with it the need to read the column.
		x := column(c)
		preds = append(preds, &rel.Call{Op: rel.OpOr, T: rel.BoolType, Args: []rel.Expr{
			&rel.Call{Op: rel.OpLe, T: rel.BoolType, Args: []rel.Expr{x, x}},
			&rel.Call{Op: rel.OpIsNull, T: rel.Type{Kind: rel.Bool, NotNull: true}, Args: []rel.Expr{x}}}})
	}
	if len(preds) == 0 {
		return scan
	}
	return &rel.Filter{Input: scan, Pred: rel.And(preds...)}
}

const unfit = 100

// cost is how unfit a column is for being compared with itself: numbers are quick everywhere, and a column that isn't shown should not be named in EXPLAIN.
func cost(c rel.Column, shown map[string]bool) int {
	var n int
	switch c.T.Class() {
	case rel.ClassInt:
		n = 0
	case rel.ClassDate, rel.ClassDateTime:
		n = 2
	case rel.ClassDecimal, rel.ClassDouble:
		n = 3
	case rel.ClassText:
		n = 4
	default:
		return unfit
	}
	if !shown[strings.ToLower(c.Name)] {
		n += 10
	}
	return n
}
