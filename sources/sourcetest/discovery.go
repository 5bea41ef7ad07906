package sourcetest

import (
	"reflect"
	"slices"
	"testing"

	"weir/sources"
)

// discovery compares what Tables finds with what the Harness says. A collation is compared only if one is given: the default is the server's.
func (h *Harness) discovery(t *testing.T) {
	s := h.open(t, h.Address)
	for _, want := range h.Tables {
		t.Run(want.Name, func(t *testing.T) {
			got := find(t, s, want.Name)
			if want.RowCount >= 0 && got.RowCount != want.RowCount {
				t.Errorf("row count %v, want %v", got.RowCount, want.RowCount)
			}
			if got.Version == "" && got.Broken == "" {
				t.Error("it has no version")
			}
			got.RowCount, got.Version = want.RowCount, ""
			got.Columns = slices.Clone(got.Columns)
			for i := range got.Columns {
				got.Columns[i].Distinct = 0
				if i < len(want.Columns) && want.Columns[i].Type.Collation == "" {
					got.Columns[i].Type.Collation = ""
				}
			}
			for i := range max(len(got.Columns), len(want.Columns)) {
				var g, w sources.Column
				if i < len(got.Columns) {
					g = got.Columns[i]
				}
				if i < len(want.Columns) {
					w = want.Columns[i]
				}
				if g != w {
					t.Errorf("column %d\n got %+v\nwant %+v", i+1, g, w)
				}
			}
			got.Columns, want.Columns = nil, nil
			if !reflect.DeepEqual(got, want) {
				t.Errorf("\n got %+v\nwant %+v", got, want)
			}
		})
	}
}

func sortRows(rows [][]string) {
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
}
