package system

import (
	"context"
	"iter"
	"strings"

	"weir/policy"
	"weir/policy/audit"
	"weir/sources"
)

// Column is a line of weir.columns.
type Column struct {
	Database, Table, Name string
	Type, Comment         string
	Tags                  []string
	Masked                bool // what the principal sees isn't the value itself
}

// columnsTable is weir.columns: every column that its reader sees, with the tags by which policies know it.
func (s *Source) columnsTable() table {
	return table{name: "columns", comment: "The columns that you see, and their tags", rows: s.columnRows, columns: []sources.Column{
		column("database_name", short(64), ""), column("table_name", short(128), ""), column("column_name", short(64), ""), column("ordinal", number, ""),
		column("column_type", short(1024), ""), column("comment", long, ""), column("tags", short(1024), "with commas between"), column("masked", flag, "what you see isn't the value itself"),
	}}
}

func (s *Source) columnRows(ctx context.Context, p policy.Principal, _ audit.Span) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		n, last := int64(0), ""
		for _, c := range s.cfg.Columns(ctx, p) {
			if at := c.Database + "\x00" + c.Table; at != last {
				n, last = 0, at
			}
			n++
			if !yield([]any{c.Database, c.Table, c.Name, n, c.Type, text(c.Comment), text(strings.Join(c.Tags, ",")), c.Masked}, ctx.Err()) {
				return
			}
		}
	}
}
