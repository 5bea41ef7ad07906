package sourcetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

// TypeCase is a column type of a system with values at its edges. NULL is tested by the suite.
type TypeCase struct {
	Column string // the type as the system spells it
	Before []string
	Want   rel.Type // Native and Collation are compared only if they are set, NotNull never
	Note   string   // a part of the column's comment, for types that arrive as text
	Values []ValueCase
}

// ValueCase is one value: how it is written in an INSERT of the system, and what arrives in the notation of Text. Want "error" is an
// error of class ErrValue which names the column.
type ValueCase struct{ SQL, Want string }

// types makes a table for each type and reads it.
func (h *Harness) types(t *testing.T) {
	create := h.CreateTable
	if create == nil {
		create = func(name, columnType string) string {
			return fmt.Sprintf("CREATE TABLE %s (id INTEGER PRIMARY KEY, v %s)", name, columnType)
		}
	}
	name := func(i int) string { return fmt.Sprintf("type_%d", i) }
	for i, c := range h.Types {
		h.Exec(t, c.Before...)
		h.Exec(t, create(name(i), c.Column), fmt.Sprintf("INSERT INTO %s (id, v) VALUES (0, NULL)", name(i)))
		for j, v := range c.Values {
			h.Exec(t, fmt.Sprintf("INSERT INTO %s (id, v) VALUES (%d, %s)", name(i), j+1, v.SQL))
		}
	}
	s := h.open(t, h.Address)
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	byName := map[string]sources.Table{}
	for _, x := range tables {
		byName[x.Name] = x
	}
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range h.Types {
		t.Run(c.Column, func(t *testing.T) {
			tab, ok := byName[name(i)]
			if !ok || tab.Broken != "" || len(tab.Columns) != 2 {
				t.Fatalf("discovered as %+v", tab)
			}
			col := tab.Columns[1]
			if got := comparable(col.Type, c.Want); got != comparable(c.Want, c.Want) {
				t.Errorf("type %+v, want %+v", got, c.Want)
			}
			if !strings.Contains(col.Comment, c.Note) {
				t.Errorf("comment %q, want %q in it", col.Comment, c.Note)
			}
			h.values(t, s, d, tab, c)
		})
	}
}

// comparable clears what a case doesn't speak of.
func comparable(t, want rel.Type) rel.Type {
	t.NotNull = false
	if want.Native == "" {
		t.Native = ""
	}
	if want.Collation == "" {
		t.Collation = ""
	}
	return t
}

// values reads the values one by one as stored columns and as computed ones, then all that can be read together.
func (h *Harness) values(t *testing.T, s sources.Source, d *dialect.Dialect, tab sources.Table, c TypeCase) {
	wants := append([]ValueCase{{"NULL", "NULL"}}, c.Values...)
	var together [][]string
	for i, v := range wants {
		ids := &rel.IDs{}
		scan := Scan(tab, ids)
		id := &rel.Col{ID: scan.Cols[0].ID, Name: "id", T: scan.Cols[0].T}
		one := &rel.Filter{Input: scan, Pred: &rel.Call{Op: rel.OpEq, Args: []rel.Expr{id, &rel.Lit{Value: int64(i), T: rel.BigIntType}}, T: rel.BoolType}}
		rows, err := h.run(t, s, d, one, scan.Columns())
		if v.Want == "error" {
			if !errors.Is(err, sources.ErrValue) || !strings.Contains(err.Error(), "column v") {
				t.Errorf("%s gives %v, %v; want an error of class ErrValue that names the column", v.SQL, rows, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", v.SQL, err)
			continue
		}
		if len(rows) != 1 || rows[0][1] != v.Want {
			t.Errorf("%s gives %v, want %s", v.SQL, rows, v.Want)
		}
		together = append(together, []string{fmt.Sprint(i), v.Want})
		h.computed(t, s, d, one, scan, v)
	}
	if len(together) < len(wants) {
		return // a value that can't be read makes the whole table fail, as it must
	}
	ids := &rel.IDs{}
	scan := Scan(tab, ids)
	rows, err := h.run(t, s, d, scan, scan.Columns())
	sortRows(rows)
	sortRows(together)
	if err != nil || fmt.Sprint(rows) != fmt.Sprint(together) {
		t.Errorf("together: %v, %v; want %v", rows, err, together)
	}
}

// computed puts the value through COALESCE, where the dialect allows it: as an operand it must be the same value.
func (h *Harness) computed(t *testing.T, s sources.Source, d *dialect.Dialect, in rel.Node, scan *rel.Scan, v ValueCase) {
	col := scan.Cols[1].Column
	if d.ReadType != nil && d.ReadType(col.T).Grade != dialect.Exact {
		return
	}
	form, ok := d.Forms[rel.OpCoalesce]
	out := rel.Column{ID: 1000, Name: "v", T: col.T.Nullable()}
	out.T.Native, out.T.Collation = "", ""
	arg := &rel.Col{ID: col.ID, Name: col.Name, T: col.T}
	call := &rel.Call{Op: rel.OpCoalesce, Args: []rel.Expr{arg, arg}, T: out.T}
	if !ok || form.Judge != nil && form.Judge(call).Grade != dialect.Exact {
		return
	}
	rows, err := h.run(t, s, d, &rel.Project{Input: in, Cols: []rel.Computed{{Column: out, Expr: call}}}, []rel.Column{out})
	if err != nil || len(rows) != 1 || rows[0][0] != v.Want {
		t.Errorf("%s as an operand gives %v, %v; want %s", v.SQL, rows, err, v.Want)
	}
}

// run prints a plan and reads its rows.
func (h *Harness) run(t *testing.T, s sources.Source, d *dialect.Dialect, n rel.Node, out []rel.Column) ([][]string, error) {
	t.Helper()
	p, err := dialect.Print(d, n, out, dialect.Options{})
	if err != nil {
		t.Fatalf("printing: %v", err)
	}
	return Read(t.Context(), s, query(p, out))
}

// query is the query of a printed plan.
func query(p dialect.Printed, out []rel.Column) sources.Query {
	q := sources.Query{SQL: p.SQL, Columns: out}
	if p.Split != nil {
		q.Split = &sources.Split{Table: p.Split.Table, With: p.Split.With, Alias: p.Split.Alias, Groups: p.Split.Groups}
	}
	return q
}
