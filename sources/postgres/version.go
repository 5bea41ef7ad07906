package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"weir/engine/rel"
	"weir/sources"
)

// A version is a table's oid with a hash of what the system catalogs say of it: its name and schema, whether other tables inherit from it, its
// columns, and its keys. It is asked for in the transaction that reads the table, after the server has locked it: by then nothing of
// this can change any more. A view's columns can't change without the view being made anew, whatever happens below it.
const (
	versionColumns = `c.oid, c.relname, n.nspname, c.relkind, c.relhassubclass,
 ARRAY(SELECT (a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attcollation) FROM pg_attribute a
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)::text,
 ARRAY(SELECT (i.indexrelid, i.indkey, i.indnkeyatts) FROM pg_index i
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL ORDER BY i.indexrelid)::text
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace`

	versionOfOne = "SELECT " + versionColumns + " WHERE c.oid = $1::oid"

	versionsQuery = "SELECT " + versionColumns + " WHERE n.nspname = $schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)

// versionOfName asks for the version of the table of a name.
func versionOfName(t *rel.Table) string {
	return "SELECT " + versionColumns + " WHERE n.nspname = " + quote(t.Schema) + " AND c.relname = " + quote(t.Name)
}

// unchanged reports whether a version is that of the one table that a query reads.
func unchanged(q sources.Query, version string) bool {
	for _, t := range versioned(q.Reads) {
		if t.Version != version {
			return false
		}
	}
	return true
}

// versionOf makes the version of a row of these columns.
func versionOf(row [][]byte) string {
	h := sha256.New()
	for _, f := range row {
		h.Write(f)
		h.Write([]byte{0})
	}
	return string(row[0]) + " " + hex.EncodeToString(h.Sum(nil)[:16])
}

// oidOf is the oid in a version.
func oidOf(version string) (uint32, bool) {
	text, _, ok := strings.Cut(version, " ")
	n, err := strconv.ParseUint(text, 10, 32)
	return uint32(n), ok && err == nil
}

// versioned are the tables that have a version to check.
func versioned(tables []*rel.Table) []*rel.Table {
	out := make([]*rel.Table, 0, len(tables))
	for _, t := range tables {
		if t.Version != "" {
			out = append(out, t)
		}
	}
	return out
}

// changed is the error of a table that isn't what the plan was made from.
func (s *Source) changed(t *rel.Table) error {
	return &sources.Error{Source: s.name, Doing: "reading table " + t.Name, Class: sources.ErrChanged}
}

// check compares the version of the next table, whose row has come, or none if there is no such table.
func (r *reader) check() error {
	t, found := r.unchecked[0], r.version
	r.unchecked, r.version = r.unchecked[1:], ""
	if found != t.Version {
		return r.source.changed(t)
	}
	return nil
}

// understood is for a statement that the server refused before it came to its tables' versions: the types may be others than those it was
// printed for. It returns the refusal if the tables are unchanged.
func (r *reader) understood(refusal error) error {
	for _, t := range r.unchecked {
		oid, _ := oidOf(t.Version)
		rows, err := r.c.ask("SELECT " + versionColumns + " WHERE c.oid = " + strconv.FormatUint(uint64(oid), 10))
		if err != nil {
			return err
		}
		if len(rows) != 1 || versionOf(rows[0]) != t.Version {
			return r.source.changed(t)
		}
	}
	return refusal
}
