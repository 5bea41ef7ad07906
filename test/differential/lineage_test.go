package differential

import (
	"context"
	"slices"
	"testing"

	"weir/engine/dialect"
	"weir/engine/lineage"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/test/reference"
)

// A plan makes use of a column only if the result depends on it. So what a plan of a random statement reads, which is worked out another way, must
// be in its lineage. The converse doesn't hold: a plan can do without what it has proved to be constant. And some plans read a little too much: for a column of a
// derived table that nobody looks at, where it is one of a UNION, an aggregate without groups, or a subquery that may fail. That is 4 of 1000 columns; a kind of
// expression or node that the lineage forgot would be far more.
func TestLineageCoversPlans(t *testing.T) {
	ctx := context.Background()
	set := reference.Dataset(1)
	g := NewGenerator(set)
	sites := map[string]*dialect.Dialect{}
	for _, x := range set.Tables {
		sites[x.Database] = dialect.SQLite(3045000)
	}
	planned, read, missing := 0, 0, 0
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
		ids := &rel.IDs{}
		for range 100_000 { // those of the statement are below
			ids.Next()
		}
		p, err := plan.Build(ctx, q.Root, out, plan.Config{Sites: sites, Local: dialect.DuckDB(), IDs: ids})
		if err != nil {
			continue
		}
		planned++
		for _, r := range p.Reads() {
			for _, c := range r.Columns {
				read++
				if !slices.Contains(known, lineage.Column{Database: r.Table.Source, Schema: r.Table.Schema, Table: r.Table.Name, Name: c}) {
					if missing++; missing <= 3 {
						t.Logf("seed %d: the plan reads %s.%s.%s, which isn't in the lineage: %s", s.Seed, r.Table.Source, r.Table.Name, c, s.SQL)
					}
				}
			}
		}
	}
	t.Logf("%d plans read %d columns, %d of them not in the lineage", planned, read, missing)
	if missing*1000 > read*6 {
		t.Errorf("%d of %d columns that plans read are not in the lineage", missing, read)
	}
	if planned < *countFlag/2 {
		t.Errorf("only %d of %d statements could be planned", planned, *countFlag)
	}
}
