package system

import (
	"context"
	"encoding/json"
	"iter"
	"strings"

	"weir/policy"
	"weir/policy/audit"
	"weir/sources"
)

const auditName = "audit"

// auditTable is weir.audit: the records of the audit's files, the oldest first. Lists are JSON documents.
func (s *Source) auditTable() table {
	return table{name: auditName, comment: "What was done, by whom and from where", rows: s.auditRows, columns: []sources.Column{
		column("seq", unsigned, "number of the record"), column("time", moment, ""), column("event", short(20), "begin and end of a statement, login, logout …"),
		column("user", short(64), ""), column("roles", short(1024), "active roles, with commas between"), column("attributes", short(1024), "names of the user's attributes"),
		column("client", short(64), "address"), column("tls", flag, ""), column("connection", unsigned, ""),
		column("statement", unsigned, "the same for a begin and its end, in one run of the server"), column("class", short(16), ""),
		column("default_database", short(64), ""), column("query", long, "the statement"), column("args", long, "JSON"),
		column("tables_read", long, "JSON: columns by database.table"), column("applied", long, "JSON: rules of the policy"), column("reveals", flag, "asked for what pseudonyms stand for"),
		column("remote", long, "JSON: statements for the sources"), column("rows_read", unsigned, "from the sources"), column("bytes_read", unsigned, "from the sources"),
		column("rows_sent", unsigned, "to the client"), column("bytes_sent", unsigned, "to the client"), column("cache", short(32), ""),
		column("duration_us", number, ""), column("first_row_us", number, ""), column("result", short(16), "ok, error, refused, killed, timeout, gone or shutdown"),
		column("error_code", number, "MySQL's"), column("lineage", long, "JSON"), column("detail", long, "JSON"),
	}}
}

func (s *Source) auditRows(ctx context.Context, _ policy.Principal, span audit.Span) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		if s.cfg.Audit == nil {
			return
		}
		for r, err := range s.cfg.Audit.Records(ctx, span) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(auditRow(r), nil) {
				return
			}
		}
	}
}

func auditRow(r *audit.Record) []any {
	var rows, bytes int64
	for _, x := range r.Remote {
		rows, bytes = rows+x.Rows, bytes+x.Bytes
	}
	if r.Seq == 0 { // a line that can't be read
		return append([]any{nil, nil, string(r.Event)}, append(make([]any, 25), document(len(r.Detail), r.Detail))...)
	}
	ended := r.Event == audit.End
	count := func(n int64) any {
		if !ended {
			return nil
		}
		return uint64(max(n, 0))
	}
	took := func(n int64, known bool) any {
		if !known {
			return nil
		}
		return n
	}
	code := any(nil)
	if r.Code != 0 {
		code = int64(r.Code)
	}
	id := func(n uint64) any {
		if n == 0 {
			return nil
		}
		return n
	}
	return []any{r.Seq, r.Time, string(r.Event),
		text(r.User), text(strings.Join(r.Roles, ",")), text(strings.Join(r.Attributes, ",")),
		text(r.Client), r.TLS, id(uint64(r.Connection)),
		id(r.Statement), text(r.Class),
		text(r.Database), text(r.Text), document(len(r.Args), r.Args),
		document(len(r.Tables), r.Tables), document(len(r.Applied), r.Applied), r.Reveals,
		document(len(r.Remote), r.Remote), count(rows), count(bytes),
		count(r.Rows), count(r.Bytes), text(r.Cache),
		took(r.Micros, ended), took(r.FirstMicros, ended && r.FirstMicros > 0), text(r.Result),
		code, text(string(r.Lineage)), document(len(r.Detail), r.Detail),
	}
}

// document is a value as JSON; NULL if it has no elements.
func document(n int, v any) any {
	if n == 0 {
		return nil
	}
	b, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return string(b)
}
