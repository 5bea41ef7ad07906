package differential

import (
	"context"
	"slices"
	"testing"

	"weir/engine/lineage"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/test/reference"
)

// What a random statement makes use of, which the planner works out in another way, must be in its lineage. The planner counts a little too much: a column of a
// derived table that nobody looks at, where it is one of a UNION, an aggregate without groups, or a subquery that may fail. That is some of 1000 columns; a
// kind of expression or node that the lineage forgot would be far more.
func TestLineageCoversUses(t *testing.T) {
	ctx := context.Background()
	set := reference.Dataset(1)
	g := NewGenerator(set)
	bound, read, missing := 0, 0, 0
	for i := range *countFlag {
		s := g.Statement(*seedFlag + uint64(i))
		q, err := bindStatement(ctx, set, s)
		if err != nil {
			continue
		}
		have := lineage.Of(q, lineage.Options{})
		if have.Incomplete {
			t.Errorf("seed %d: incomplete: %s", s.Seed, s.SQL)
		}
		known := have.Columns()
		var out []rel.Column
		for _, c := range q.Columns {
			out = append(out, c.Column)
		}
		bound++
		used, _ := plan.Uses(q.Root, out)
		for _, r := range used {
			for _, c := range r.Columns {
				read++
				if !slices.Contains(known, lineage.Column{Database: r.Table.Source, Schema: r.Table.Schema, Table: r.Table.Name, Name: c}) {
					if missing++; missing <= 3 {
						t.Logf("seed %d: %s.%s.%s is used, which isn't in the lineage: %s", s.Seed, r.Table.Source, r.Table.Name, c, s.SQL)
					}
				}
			}
		}
	}
	t.Logf("%d statements use %d columns, %d of them not in the lineage", bound, read, missing)
	if missing*1000 > read*6 {
		t.Errorf("%d of %d columns that are used are not in the lineage", missing, read)
	}
	if bound < *countFlag/2 {
		t.Errorf("only %d of %d statements could be bound", bound, *countFlag)
	}
}
