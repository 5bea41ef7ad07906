package catalog

import (
	"context"
	"slices"
	"strings"
	"sync"

	"weir/engine/sqlerr"
	"weir/sources"
)

// Lease is one statement's hold on the databases: the sources that it can see stay open until Release. Safe for concurrent use.
type Lease struct {
	c        *Catalog
	g        *generation
	released sync.Once
}

// Release ends the lease. It may be called more than once.
func (l *Lease) Release() {
	l.released.Do(func() {
		if l.c != nil {
			l.c.release(l.g)
		}
	})
}

// Databases are the names of the databases in order, those whose source is down included.
func (l *Lease) Databases() []string { return slices.Clone(l.g.names) }

// Source is the open source behind a database; sqlerr.UnknownDatabase if there is none.
func (l *Lease) Source(database string) (sources.Source, error) {
	db, err := l.database(database)
	if err != nil {
		return nil, err
	}
	return db.src, nil
}

// Table finds a table. Errors: sqlerr.UnknownDatabase, UnknownTable, SourceFailed if the source can't be reached or the table can't be read,
// or the context's.
func (l *Lease) Table(ctx context.Context, database, table string) (*Table, error) {
	db, err := l.database(database)
	if err != nil {
		return nil, err
	}
	t, err := db.table(ctx, table)
	if err != nil {
		return nil, err
	}
	if t.Def.Broken != "" {
		return nil, sqlerr.SourceFailed.New("table '%s.%s' can't be read: %s", database, t.Name, t.Def.Broken)
	}
	return t, nil
}

// Tables are a database's tables in the order of their names, those that can't be read included. Errors are as Table's.
func (l *Lease) Tables(ctx context.Context, database string) ([]*Table, error) {
	db, err := l.database(database)
	if err != nil {
		return nil, err
	}
	list, err := db.listing(ctx)
	if err != nil {
		return nil, err
	}
	return list.tables, nil
}

// Known is Tables for listings that must not fail, such as information_schema: the tables as last read, none if the source
// has never answered. It reads them first if that hasn't been done, and gives up when ctx ends.
func (l *Lease) Known(ctx context.Context, database string) []*Table {
	db, err := l.database(database)
	if err != nil {
		return nil
	}
	if list, err := db.listing(ctx); err == nil {
		return list.tables
	}
	if list := db.current.Load(); list != nil {
		return list.tables
	}
	return nil
}

func (l *Lease) database(name string) (*database, error) {
	if db, ok := l.g.dbs[name]; ok {
		return db, nil
	}
	for _, other := range l.g.names {
		if strings.EqualFold(other, name) {
			return nil, sqlerr.UnknownDatabase.New("Unknown database '%s' (names are case-sensitive: there is '%s')", name, other)
		}
	}
	return nil, sqlerr.UnknownDatabase.New("Unknown database '%s'", name)
}
