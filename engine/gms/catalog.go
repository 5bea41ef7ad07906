package gms

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"weir/engine/rel"
	"weir/sources"
)

// Catalog is what the row engine asks of the databases. Safe for concurrent use.
type Catalog interface {
	// Databases are the names of the databases in order, those whose source is down included.
	Databases() []string
	// Known are a database's tables as last read, in order; none if its source has never answered. It gives up when ctx ends.
	Known(ctx context.Context, database string) []Table
	// Table finds one table, reading the source again if need be. Its errors are sqlerr.Error.
	Table(ctx context.Context, database, table string) (Table, error)
}

// Table is a table as users see it.
type Table struct {
	Name string
	Def  *sources.Table
}

// listTime bounds the wait for one database's tables, so that a source that hangs doesn't hold up listings of the others. A statement that
// can be about one database only waits for it: no rows would be a wrong answer.
const listTime = 5 * time.Second

// listed is a database with its tables.
type listed struct {
	name   string
	tables []Table
}

// list returns databases with their tables, read side by side: all of them, or those that a statement can be about.
func list(ctx context.Context, c Catalog, n narrow) []listed {
	names := slices.DeleteFunc(slices.Clone(c.Databases()), func(name string) bool { return !n.takes(name) })
	out := make([]listed, len(names))
	if n.database == "" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, listTime)
		defer cancel()
	}
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			tables := c.Known(ctx, name)
			if n.table != "" {
				tables = slices.DeleteFunc(slices.Clone(tables), func(t Table) bool { return t.Name != n.table })
			}
			out[i] = listed{name, tables}
		})
	}
	all.Wait()
	return out
}

// index is an index as SHOW INDEX lists it.
type index struct {
	name    string
	columns []string
	unique  bool
}

// indexes are a table's indexes: the primary key, those that the source lists, and unique keys that it lists no index for.
func indexes(t *sources.Table) []index {
	var out []index
	known := func(columns []string) bool {
		return slices.ContainsFunc(out, func(i index) bool { return i.unique && slices.Equal(i.columns, columns) })
	}
	taken := map[string]bool{}
	add := func(i index) {
		if i.name == "" {
			i.name = i.columns[0]
		}
		base := i.name
		for n := 2; taken[strings.ToLower(i.name)]; n++ {
			i.name = base + "_" + strconv.Itoa(n)
		}
		taken[strings.ToLower(i.name)] = true
		out = append(out, i)
	}
	if len(t.PrimaryKey) > 0 {
		add(index{"PRIMARY", t.PrimaryKey, true})
	}
	for _, i := range t.Indexes {
		if len(i.Columns) == 0 || i.Unique && known(i.Columns) {
			continue
		}
		add(index{i.Name, i.Columns, i.Unique})
	}
	for _, u := range t.Uniques {
		if len(u) > 0 && !known(u) {
			add(index{"", u, true})
		}
	}
	return out
}

// keyOf is a column's COLUMN_KEY.
func keyOf(t *sources.Table, all []index, column string) string {
	if slices.Contains(t.PrimaryKey, column) {
		return "PRI"
	}
	key := ""
	for _, i := range all {
		switch {
		case i.columns[0] != column:
		case i.unique && len(i.columns) == 1:
			return "UNI"
		default:
			key = "MUL"
		}
	}
	for _, f := range t.ForeignKeys {
		if key == "" && len(f.Columns) > 0 && f.Columns[0] == column {
			key = "MUL"
		}
	}
	return key
}

// typeText is a column's type as SHOW writes it. The members of ENUM and SET are only in the source's own spelling.
func typeText(t rel.Type) string {
	if t.Kind == rel.Enum || t.Kind == rel.Set {
		if strings.HasPrefix(strings.ToLower(t.Native), t.Kind.String()+"(") {
			return t.Native
		}
	}
	return t.String()
}

// constraintName is a foreign key's name; a source may have none.
func constraintName(table string, f sources.ForeignKey, n int) string {
	if f.Name != "" {
		return f.Name
	}
	return table + "_fk_" + strconv.Itoa(n+1)
}
