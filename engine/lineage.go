package engine

import (
	"context"
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// seenTables notes what a statement's tables look like to its principal: the nodes that come through the door, which a policy may have put masks
// and filters on.
type seenTables struct {
	bind.Tables
	nodes []rel.Node
	names map[rel.Table]string // the names that the statement calls them by, by source, schema and name
}

// Scan implements bind.Tables.
func (s *seenTables) Scan(ctx context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	n, err := s.Tables.Scan(ctx, database, table, ids)
	if err != nil {
		return nil, err
	}
	s.nodes = append(s.nodes, n)
	if scan := scanOf(n); scan != nil {
		if s.names == nil {
			s.names = map[rel.Table]string{}
		}
		s.names[rel.Table{Source: scan.Table.Source, Schema: scan.Table.Schema, Name: scan.Table.Name}] = table
	}
	return n, nil
}

// scanOf is the scan that a policy's filter and masks stand on.
func scanOf(n rel.Node) *rel.Scan {
	for {
		switch x := n.(type) {
		case *rel.Scan:
			return x
		default:
			in := rel.Inputs(n)
			if len(in) != 1 {
				return nil
			}
			n = in[0]
		}
	}
}

// lineage is where a statement's result comes from.
func (p *prepared) lineage() *lineage.Result {
	masked := map[rel.ColumnID]bool{}
	for _, n := range p.shown.nodes {
		view, ok := n.(*rel.Project)
		if !ok {
			continue
		}
		for _, c := range view.Cols {
			if _, plain := c.Expr.(*rel.Col); !plain {
				masked[c.ID] = true
			}
		}
	}
	return lineage.Of(p.query, lineage.Options{Masked: func(id rel.ColumnID) bool { return masked[id] }})
}

// shownLineage is what the statement's principal may know of its lineage: it names no column that the principal doesn't see, such as one that only a row
// filter reads.
func (p *prepared) shownLineage() *lineage.Result {
	shown := map[lineage.Column]bool{}
	for _, n := range p.shown.nodes {
		scan := scanOf(n)
		if scan == nil {
			continue
		}
		for _, c := range n.Columns() {
			shown[lineage.Column{Database: scan.Table.Source, Schema: scan.Table.Schema, Table: scan.Table.Name, Name: c.Name}] = true
		}
	}
	return p.lineage().Only(func(c lineage.Column) bool { return shown[c] })
}

// lineageColumns are the columns of EXPLAIN LINEAGE. Position 0 is for all outputs.
var lineageColumns = func() []bind.Output {
	text := rel.Type{Kind: rel.VarChar, Length: 256}
	var out []bind.Output
	for i, c := range []rel.Column{
		{Name: "output_column", T: text}, {Name: "position", T: rel.Type{Kind: rel.BigInt, NotNull: true}}, {Name: "database", T: text}, {Name: "table", T: text}, {Name: "column", T: text},
		{Name: "kind", T: text}, {Name: "transformation", T: text}, {Name: "masking", T: rel.BigIntType},
	} {
		c.ID = rel.ColumnID(i + 1)
		out = append(out, bind.Output{Column: c})
	}
	return out
}()

// explainLineage binds a statement and tells its lineage. It is neither planned nor run.
func (e *Engine) explainLineage(ctx context.Context, s bind.Session, stmt Statement) (*Result, error) {
	p, err := e.prepare(ctx, s, stmt, false)
	if err != nil {
		return nil, err
	}
	defer p.lease.Release()
	l := p.shownLineage()
	if l.Incomplete {
		return nil, sqlerr.OutOfMemory.New("the statement's lineage is too large: its columns depend on too many others")
	}
	columns := stmt.Explain.columns()
	out := make([]rel.Column, len(columns))
	for i, c := range columns {
		out[i] = c.Column
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(out))
	defer b.Release()
	if stmt.Explain == ExplainLineageJSON {
		text, err := json.MarshalIndent(l, "", "  ")
		if err != nil {
			return nil, sqlerr.Internal.New("writing the lineage").With(err)
		}
		b.Field(0).(*array.StringBuilder).Append(string(text))
	} else {
		p.lineageRows(b, l)
	}
	return &Result{Columns: columns, engine: e, ctx: ctx, watch: stmt.watch, stored: []arrow.RecordBatch{b.NewRecordBatch()}}, nil
}

// lineageRows writes one row for each way in which an output uses a column, and one for an output that uses none.
func (p *prepared) lineageRows(b *array.RecordBuilder, l *lineage.Result) {
	text := func(i int, s string) { b.Field(i).(*array.StringBuilder).Append(s) }
	number := func(i int, n int64) { b.Field(i).(*array.Int64Builder).Append(n) }
	begin := func(output string, position int) {
		text(0, output)
		number(1, int64(position))
	}
	row := func(output string, position int, c lineage.Column, use lineage.Use, masking int64) {
		begin(output, position)
		text(2, c.Database)
		text(3, p.shown.tableName(c))
		text(4, c.Name)
		kind := "indirect"
		if use.Direct() {
			kind = "direct"
		}
		text(5, kind)
		text(6, use.String())
		number(7, masking)
	}
	rows := func(output string, position int, inputs []lineage.Input) {
		for _, in := range inputs {
			in.Uses.Each(func(u lineage.Use) { row(output, position, in.Column, u, 0) })
			in.Masked.Each(func(u lineage.Use) { row(output, position, in.Column, u, 1) })
		}
	}
	for i, o := range l.Outputs {
		rows(o.Name, i+1, o.Inputs)
		if len(o.Inputs) == 0 {
			begin(o.Name, i+1)
			for f := 2; f < len(lineageColumns); f++ {
				b.Field(f).AppendNull()
			}
		}
	}
	rows("*", 0, l.Rows)
}

// tableName is the name that the statement calls a table by.
func (s *seenTables) tableName(c lineage.Column) string {
	if name, ok := s.names[rel.Table{Source: c.Database, Schema: c.Schema, Name: c.Table}]; ok {
		return name
	}
	return c.Table
}
