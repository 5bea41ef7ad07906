package plan

import (
	"slices"

	"weir/engine/rel"
)

// TableRead is a table that a plan reads, with the columns that it makes use of, in the order of their names.
type TableRead struct {
	Table   *rel.Table
	Columns []string
}

// Reads are the tables that the plan reads, each once, and of them the columns of which anything in the plan makes use: the result, a predicate, a
// key, an order. What a policy computes of a column that nobody looks at is no use of it.
func (p *Plan) Reads() []TableRead {
	used := idSet{}
	for _, c := range p.Out {
		used[c.ID] = true
	}
	roots := make([]rel.Node, 0, len(p.Fragments)+1)
	for _, f := range p.Fragments {
		root := f.Root
		if p.Local == nil { // left as it was written; here too, only what is needed counts
			root = narrow(root, used)
		}
		roots = append(roots, root)
	}
	if p.Local != nil {
		roots = append(roots, p.Local)
	}
	for _, n := range roots {
		rel.WalkNodes(n, func(n rel.Node) { used.addUses(n) })
	}
	var out []TableRead
	for _, n := range roots {
		rel.WalkNodes(n, func(n rel.Node) {
			if s, ok := n.(*rel.Scan); ok {
				out = addRead(out, s, used)
			}
		})
	}
	for i := range out {
		slices.Sort(out[i].Columns)
	}
	return out
}

// addUses adds what one node makes use of.
func (s idSet) addUses(n rel.Node) {
	for _, e := range rel.Exprs(n) {
		s.add(reads(e))
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
