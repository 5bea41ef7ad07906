package system

import (
	"context"
	"iter"

	"weir/policy"
	"weir/policy/audit"
	"weir/sources"
)

// SourceState is a line of weir.sources.
type SourceState struct {
	Name, Kind string
	// Asked says that the source has been asked for its tables; Up, that it answered the last time.
	Asked, Up      bool
	Tables, Broken int    // Broken can't be read
	Error          string // the kind of the last error; never its text
}

// sourcesTable is weir.sources: the configured sources and whether they can be read.
func (s *Source) sourcesTable() table {
	return table{name: "sources", comment: "The configured sources", rows: s.sourceRows, columns: []sources.Column{
		column("name", short(64), "of the source, and of its database"), column("kind", short(32), ""), column("up", flag, "NULL: not asked yet"),
		column("tables", number, "NULL: not read yet"), column("broken", number, "tables that can't be read"), column("error", short(64), "kind of the last error"),
	}}
}

func (s *Source) sourceRows(context.Context, policy.Principal, audit.Span) iter.Seq2[[]any, error] {
	var rows [][]any
	for _, x := range s.cfg.Sources() {
		row := []any{x.Name, x.Kind, nil, nil, nil, text(x.Error)}
		if x.Asked || x.Error != "" {
			row[2] = x.Up
		}
		if x.Asked {
			row[3], row[4] = int64(x.Tables), int64(x.Broken)
		}
		rows = append(rows, row)
	}
	return all(rows)
}
