package plan

import (
	"slices"

	"weir/engine/rel"
)

// TableRead is a table that a statement reads, with the columns that it makes use of, in the order of their names.
type TableRead struct {
	Table   *rel.Table
	Columns []string
}

// Uses says what a bound statement makes use of, be it for its result, a predicate, a key or an order: the tables that it reads, each once, with their columns, and
// all ids of columns, those that a policy puts in the place of a table's own included. out are the columns of the result. What a policy computes of a
// column that nobody looks at is no use of it.
func Uses(root rel.Node, out []rel.Column) (tables []TableRead, used func(rel.ColumnID) bool) {
	ids := idSet{}
	for _, c := range out {
		ids[c.ID] = true
	}
	root = narrow(root, ids)
	rel.WalkNodes(root, func(n rel.Node) { ids.addUses(n) })
	rel.WalkNodes(root, func(n rel.Node) {
		if s, ok := n.(*rel.Scan); ok {
			tables = addRead(tables, s, ids)
		}
	})
	for i := range tables {
		slices.Sort(tables[i].Columns)
	}
	return tables, func(id rel.ColumnID) bool { return ids[id] }
}

// addUses adds what one node makes use of.
func (s idSet) addUses(n rel.Node) {
	for _, e := range rel.Exprs(n) {
		rel.WalkCols(e, func(c *rel.Col) { s[c.ID] = true })
		for _, q := range rel.Subqueries(e) {
			for _, id := range q.Out {
				s[id] = true
			}
		}
	}
	switch n.(type) {
	case *rel.Distinct, *rel.SetOp, *rel.Recursive: // all columns count, by value or by position
		for _, in := range rel.Inputs(n) {
			s.add(columnSet(in))
		}
	}
}

func addRead(out []TableRead, s *rel.Scan, used idSet) []TableRead {
	i := slices.IndexFunc(out, func(r TableRead) bool {
		return r.Table.Source == s.Table.Source && r.Table.Schema == s.Table.Schema && r.Table.Name == s.Table.Name
	})
	if i < 0 {
		i = len(out)
		out = append(out, TableRead{Table: s.Table})
	}
	for _, c := range s.Cols {
		if used[c.ID] && !slices.Contains(out[i].Columns, c.Name) {
			out[i].Columns = append(out[i].Columns, c.Name)
		}
	}
	return out
}
