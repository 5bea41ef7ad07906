package policy_test

import (
	"reflect"
	"testing"

	"weir/engine/rel"
	"weir/policy"
	"weir/sources"
)

func TestScan(t *testing.T) {
	table := &sources.Table{
		Schema: "public", Name: "orders", RowCount: 42,
		Columns: []sources.Column{
			{Name: "id", Type: rel.Type{Kind: rel.BigInt, NotNull: true}, Distinct: 42},
			{Name: "no", Type: rel.VarCharType(10)},
			{Name: "line", Type: rel.BigIntType},
		},
		PrimaryKey: []string{"id"},
		Uniques:    [][]string{{"id"}, {"no", "line"}, {"gone"}},
	}
	ids := &rel.IDs{}
	first := policy.Scan("erp", table, ids).(*rel.Scan)
	second := policy.Scan("erp", table, ids).(*rel.Scan)

	if want := (&rel.Table{Source: "erp", Schema: "public", Name: "orders", RowCount: 42}); !reflect.DeepEqual(first.Table, want) {
		t.Errorf("table %+v", first.Table)
	}
	if want := [][]rel.ColumnID{{1}, {2, 3}}; !reflect.DeepEqual(first.Unique, want) {
		t.Errorf("keys %v, want %v: the primary key once, none over an unknown column", first.Unique, want)
	}
	seen := map[rel.ColumnID]bool{}
	for _, c := range append(first.Columns(), second.Columns()...) {
		if seen[c.ID] {
			t.Errorf("column id %d is given twice", c.ID)
		}
		seen[c.ID] = true
	}
	if c := first.Cols[0]; c.Name != "id" || !c.T.NotNull || c.Distinct != 42 {
		t.Errorf("column %+v", c)
	}
}
