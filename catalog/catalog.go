package catalog

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"weir/catalog/config"
	"weir/sources"
)

// Catalog holds the open sources. Safe for concurrent use.
type Catalog struct {
	log *slog.Logger

	reload  sync.Mutex // one Reload or Close at a time
	builtin []Builtin

	mu      sync.Mutex // guards the fields below, the refs of generations and of databases
	current *generation
	cfg     *config.Config
	open    sync.WaitGroup // databases that are not closed yet
}

// generation is the set of databases of one configuration. It lives while it is the current one or a lease holds it.
type generation struct {
	dbs   map[string]*database
	names []string
	refs  int
}

// Builtin is a database that is there whatever the configuration says. The configuration must not have a source of its name.
type Builtin struct {
	Name   string
	Source sources.Source
}

// builtinRefresh is the age at which a builtin's tables are listed again: they don't change.
const builtinRefresh = 24 * time.Hour

// Open opens every source of a configuration without contacting any. Its error is config.Problems if a source's options are wrong.
func Open(ctx context.Context, cfg *config.Config, log *slog.Logger, builtin ...Builtin) (*Catalog, error) {
	c := &Catalog{log: log, current: &generation{refs: 1}, builtin: builtin}
	if err := c.Reload(ctx, cfg); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload changes to another configuration: unchanged sources stay open, the others are closed when the last statement that uses them
// ends. With an error nothing has changed.
func (c *Catalog) Reload(ctx context.Context, cfg *config.Config) error {
	c.reload.Lock()
	defer c.reload.Unlock()
	c.mu.Lock()
	old := c.current
	c.mu.Unlock()
	if old == nil {
		return fmt.Errorf("the catalog is closed")
	}

	next := &generation{dbs: map[string]*database{}, names: cfg.SourceNames(), refs: 1}
	var opened []*database
	var problems config.Problems
	for _, name := range next.names {
		section := cfg.Sources[name]
		if have, ok := old.dbs[name]; ok && have.section.Equal(section) {
			next.dbs[name] = have
			continue
		}
		src, err := sources.Open(ctx, section.Kind, sources.Config{Name: name, Options: section.Options, MaxConnections: section.MaxConnections,
			StatementTimeout: section.Timeout(), Log: c.log.With("source", name)})
		if err != nil {
			problems = append(problems, cfg.At("sources."+name, err))
			continue
		}
		db := newDatabase(name, section, src, c.log.With("source", name))
		if have, ok := old.dbs[name]; ok && have.section.SameSystem(section) {
			db.adopt(have)
		}
		next.dbs[name] = db
		opened = append(opened, db)
	}
	if len(problems) > 0 {
		for _, db := range opened {
			db.close()
		}
		return problems
	}
	for _, b := range c.builtin {
		db := old.dbs[b.Name]
		if db == nil {
			db = newDatabase(b.Name, config.Source{Refresh: config.Duration(builtinRefresh)}, b.Source, c.log.With("source", b.Name))
			db.builtin = true
		}
		next.dbs[b.Name] = db
		next.names = append(next.names, b.Name)
	}
	slices.Sort(next.names)

	c.mu.Lock()
	for _, db := range next.dbs {
		if db.refs == 0 {
			c.open.Add(1)
		}
		db.refs++
	}
	c.current, c.cfg = next, cfg
	c.mu.Unlock()
	c.release(old)
	for name := range old.dbs {
		if next.dbs[name] != old.dbs[name] {
			c.log.Info("source closes when its statements have ended", "source", name)
		}
	}
	return nil
}

// release gives up one hold on a generation and closes the databases that nothing holds any more.
func (c *Catalog) release(g *generation) {
	c.mu.Lock()
	var unused []*database
	if g.refs--; g.refs == 0 {
		for _, db := range g.dbs {
			if db.refs--; db.refs == 0 {
				unused = append(unused, db)
			}
		}
	}
	c.mu.Unlock()
	for _, db := range unused {
		db.close()
		c.open.Done()
	}
}

// Config is the configuration in force.
func (c *Catalog) Config() *config.Config {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cfg
}

// Close closes the sources once the last lease is released, or at once when ctx ends.
func (c *Catalog) Close(ctx context.Context) error {
	c.reload.Lock()
	defer c.reload.Unlock()
	c.mu.Lock()
	last := c.current
	c.current = nil
	c.mu.Unlock()
	if last == nil {
		return nil
	}
	c.release(last)
	done := make(chan struct{})
	go func() { c.open.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		for _, db := range last.dbs {
			db.close()
		}
		return fmt.Errorf("closing the sources under running statements: %w", ctx.Err())
	}
}

// Begin takes a lease on the databases as they are now. After Close it gives a lease without databases.
func (c *Catalog) Begin() *Lease {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		return &Lease{g: &generation{}}
	}
	c.current.refs++
	return &Lease{c: c, g: c.current}
}

// Status is the state of a database, for health checks and metrics.
type Status struct {
	Name, Kind string
	// Err is why the source can't be read now; nil if it could when last asked, or was never asked.
	Err    error
	Read   bool // its tables have been read
	Tables int
	Broken int // tables that can't be read
}

// Status returns the state of every configured database in the order of their names, without contacting any.
func (c *Catalog) Status() []Status {
	l := c.Begin()
	defer l.Release()
	out := make([]Status, 0, len(l.g.names))
	for _, name := range l.g.names {
		if db := l.g.dbs[name]; !db.builtin {
			out = append(out, db.status())
		}
	}
	return out
}
