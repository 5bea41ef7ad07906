package policy

import (
	"slices"

	"weir/engine/rel"
	"weir/sources"
)

// Principal is who asks.
type Principal struct {
	User  string
	Host  string   // where the client connects from
	Roles []string // those that are active
	// Granted are roles that the user could make active; those in Roles needn't be among them.
	Granted []string
	// Attributes are what is known of the user beyond that, such as a region; policies compare with them.
	Attributes map[string]string
	// Rights are what has been granted; nil is every table and column. Policies narrow what they leave.
	Rights Rights
}

// Rights say what a principal has been granted. Names are as users see them. Safe for concurrent use.
type Rights interface {
	// Table reports whether anything of a table may be read.
	Table(database, table string) bool
	// Column reports whether a column may be read.
	Column(database, table, column string) bool
}

// Scan returns the node that reads a table, with new column ids: the columns in the table's order. source is the configured name of the table's source. Nothing
// but what Decide leaves of it may be shown to anybody: whoever calls this puts the decision on top.
func Scan(source string, t *sources.Table, ids *rel.IDs) rel.Node {
	scan := &rel.Scan{
		Table: &rel.Table{Source: source, Schema: t.Schema, Name: t.Name, RowCount: t.RowCount, Version: t.Version},
		Cols:  make([]rel.ScanColumn, len(t.Columns)),
	}
	byName := make(map[string]rel.ColumnID, len(t.Columns))
	for i, c := range t.Columns {
		id := ids.Next()
		byName[c.Name] = id
		scan.Cols[i] = rel.ScanColumn{Column: rel.Column{ID: id, Name: c.Name, T: c.Type}, Distinct: c.Distinct}
	}
	for _, x := range t.Indexes {
		if len(x.Columns) > 0 {
			if id, ok := byName[x.Columns[0]]; ok && !slices.Contains(scan.Indexed, id) {
				scan.Indexed = append(scan.Indexed, id)
			}
		}
	}
	keys := t.Uniques
	if len(t.PrimaryKey) > 0 {
		keys = append([][]string{t.PrimaryKey}, keys...)
	}
	for _, key := range keys {
		if set, ok := columnIDs(byName, key); ok && !slices.ContainsFunc(scan.Unique, func(have []rel.ColumnID) bool { return slices.Equal(have, set) }) {
			scan.Unique = append(scan.Unique, set)
		}
	}
	return scan
}

// columnIDs are the ids of a key's columns. A key over a column that the source didn't list proves nothing.
func columnIDs(byName map[string]rel.ColumnID, key []string) ([]rel.ColumnID, bool) {
	set := make([]rel.ColumnID, len(key))
	for i, name := range key {
		id, ok := byName[name]
		if !ok {
			return nil, false
		}
		set[i] = id
	}
	return set, len(set) > 0
}
