package lineage

import (
	"cmp"
	"slices"

	"weir/engine/bind"
	"weir/engine/rel"
)

// Options say what the tree alone doesn't show.
type Options struct {
	// Masked reports whether a policy's mask computes a column. Nil is none.
	Masked func(rel.ColumnID) bool
}

// Result is the lineage of one statement.
type Result struct {
	// Outputs are the statement's columns, in order.
	Outputs []Output
	// Rows is what decides which rows the result has and in which order. It holds for every output.
	Rows []Input
	// Incomplete says that the statement is too large for all to be told.
	Incomplete bool

	tables []*rel.Scan // one for each table, in the order in which the statement reads them
}

// Output is a column of the result with what it, beyond the others, depends on.
type Output struct {
	Name   string
	Type   rel.Type
	Inputs []Input
}

// Column names a column of a source's table.
type Column struct {
	Database string // the source
	Schema   string // inside the source; may be empty
	Table    string
	Name     string
}

// Input is a column of a source with the ways in which it is used.
type Input struct {
	Column
	Uses Use
	// Masked are the ways in which it is used behind a policy's mask; the same way may be among both.
	Masked Use
}

// Of is the lineage of a bound statement.
func Of(q *bind.Query, opt Options) *Result {
	a := &analysis{
		opt: opt, numbers: map[Column]int32{}, cols: make(map[rel.ColumnID]set, 64), read: map[tableKey]bool{},
		refs: map[int][]set{}, left: maxWork,
	}
	rows := gathered{}
	a.node(q.Root, rows)
	r := &Result{Outputs: make([]Output, len(q.Columns)), Rows: a.inputs(rows.set()), tables: a.tables}
	for i, c := range q.Columns {
		r.Outputs[i] = Output{Name: c.Name, Type: c.T, Inputs: a.inputs(a.cols[c.ID])}
	}
	r.Incomplete = a.left < 0
	return r
}

// Tables are the tables that the statement reads, each once.
func (r *Result) Tables() []*rel.Scan { return r.tables }

// Columns are the columns that anything in the result depends on, each once, in the order of their names.
func (r *Result) Columns() []Column {
	seen := map[Column]bool{}
	var out []Column
	add := func(in []Input) {
		for _, x := range in {
			if !seen[x.Column] {
				seen[x.Column] = true
				out = append(out, x.Column)
			}
		}
	}
	for _, o := range r.Outputs {
		add(o.Inputs)
	}
	add(r.Rows)
	slices.SortFunc(out, compareColumns)
	return out
}

// Size is how many inputs all outputs and the rows have together.
func (r *Result) Size() int {
	n := len(r.Rows)
	for _, o := range r.Outputs {
		n += len(o.Inputs)
	}
	return n
}

// AtMost is the result, or, if it is incomplete or has more inputs than that, one that says only that it is incomplete.
func (r *Result) AtMost(inputs int) *Result {
	if !r.Incomplete && r.Size() <= inputs {
		return r
	}
	return &Result{Incomplete: true, tables: r.tables}
}

// Renamed is the result with other names for its outputs.
func (r *Result) Renamed(name func(string) string) *Result {
	c := *r
	c.Outputs = slices.Clone(r.Outputs)
	for i := range c.Outputs {
		c.Outputs[i].Name = name(c.Outputs[i].Name)
	}
	return &c
}

// Only is the result without the columns that show doesn't allow to be named.
func (r *Result) Only(show func(Column) bool) *Result {
	keep := func(in []Input) []Input {
		var out []Input
		for _, x := range in {
			if show(x.Column) {
				out = append(out, x)
			}
		}
		return out
	}
	c := *r
	c.Outputs = slices.Clone(r.Outputs)
	for i := range c.Outputs {
		c.Outputs[i].Inputs = keep(c.Outputs[i].Inputs)
	}
	c.Rows = keep(r.Rows)
	return &c
}

func compareColumns(a, b Column) int {
	return cmp.Or(cmp.Compare(a.Database, b.Database), cmp.Compare(a.Schema, b.Schema), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Name, b.Name))
}

// inputs are the columns of a set in the order of their names.
func (a *analysis) inputs(s set) []Input {
	if len(s) == 0 || !a.spend(len(s)) {
		return nil
	}
	out := make([]Input, len(s))
	for i, d := range s {
		out[i] = Input{Column: a.columns[d.column], Uses: d.plain, Masked: d.masked}
	}
	slices.SortFunc(out, func(x, y Input) int { return compareColumns(x.Column, y.Column) })
	return out
}
