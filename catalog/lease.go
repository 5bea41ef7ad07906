package catalog

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"

	"weir/engine/sqlerr"
	"weir/sources"
)

// Lease is one statement's hold on the databases: the sources that it can see stay open until Release, and what it has seen of a database's
// tables stays as it is until Reread or Forget, so that no two parts of a statement are made from different definitions. Safe for concurrent use.
type Lease struct {
	c        *Catalog
	g        *generation
	released sync.Once

	mu   sync.Mutex
	seen map[*database]*listing
}

// ErrBroken is wrapped by the error of a table that is listed but couldn't be read when it was.
var ErrBroken = errors.New("the table can't be read")

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
	list, err := l.listing(ctx, database)
	if err != nil {
		return nil, err
	}
	t, err := list.find(database, table)
	if err != nil {
		return nil, err
	}
	if t.Def.Broken != "" {
		return nil, sqlerr.SourceFailed.New("table '%s.%s' can't be read: %s", database, t.Name, t.Def.Broken).With(ErrBroken)
	}
	return t, nil
}

// Tables are a database's tables in the order of their names, those that can't be read included. Errors are as Table's.
func (l *Lease) Tables(ctx context.Context, database string) ([]*Table, error) {
	list, err := l.listing(ctx, database)
	if err != nil {
		return nil, err
	}
	return list.tables, nil
}

// listing is what the lease shows of a database.
func (l *Lease) listing(ctx context.Context, database string) (*listing, error) {
	db, err := l.database(database)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	list := l.seen[db]
	l.mu.Unlock()
	if list != nil {
		return list, nil
	}
	list, err = db.listing(ctx)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if first := l.seen[db]; first != nil {
		return first, nil
	}
	l.see(db, list)
	return list, nil
}

// see notes what the lease shows of a database. Call with mu held.
func (l *Lease) see(db *database, list *listing) {
	if l.seen == nil {
		l.seen = map[*database]*listing{}
	}
	l.seen[db] = list
}

// Reread is for a statement that doesn't fit the tables that it has seen: it reads them again, each source's at most once in a while, and
// reports whether anything is newer now. The statement must then begin anew.
func (l *Lease) Reread(ctx context.Context) bool {
	l.mu.Lock()
	seen := maps.Clone(l.seen)
	l.mu.Unlock()
	newer := false
	for db, list := range seen {
		if now := db.again(ctx, list); now != list {
			l.mu.Lock()
			l.see(db, now)
			l.mu.Unlock()
			newer = true
		}
	}
	return newer
}

// Forget ends what the lease has seen: what is asked from here on is of another reading, if there was or is to be one.
func (l *Lease) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = nil
}

// Report tells the catalog of a statement's error at a source. One that wraps sources.ErrChanged makes the next lease read the source's
// tables again, unless that has been done since this one saw them; one that wraps sources.ErrUnavailable shows in Status until the
// source answers.
func (l *Lease) Report(name string, err error) {
	db := l.g.dbs[name]
	if db == nil {
		return
	}
	l.mu.Lock()
	list := l.seen[db]
	l.mu.Unlock()
	db.report(err, list)
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
