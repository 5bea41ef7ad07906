package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"weir/engine/dialect"
	"weir/sources"
)

func init() {
	sources.Register(sources.Kind{
		Name: "sqlite",
		Options: []sources.Option{
			{Name: "path", Help: "the database file", Required: true, Path: true},
			{Name: "busy_timeout", Help: "how long a statement waits for a writer that has locked the file, such as 5s (the default)"},
			{Name: "integer_times", Help: "what an integer in a DATETIME or TIMESTAMP column counts since 1970: seconds, milliseconds or microseconds; without it such values are errors"},
		},
		Open: open,
	})
}

// defaultConnections is how many connections a source holds at most when the configuration doesn't say. They cost some memory each and
// no server is bothered by them.
const defaultConnections = 8

// Source is one SQLite database.
type Source struct {
	name    string
	path    string
	timeout time.Duration
	busy    time.Duration
	decode  decoder

	pool pool
}

var _ sources.Source = (*Source)(nil)

func open(_ context.Context, cfg sources.Config) (sources.Source, error) {
	s := &Source{name: cfg.Name, timeout: cfg.StatementTimeout, busy: 5 * time.Second}
	text := map[string]string{}
	for k, v := range cfg.Options {
		t, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("source %s: option %s must be a text", cfg.Name, k)
		}
		text[k] = t
	}
	// An absolute path is never taken for a URI or for one of SQLite's special names.
	path, err := filepath.Abs(text["path"])
	if err != nil || text["path"] == "" {
		return nil, fmt.Errorf("source %s: option path must name the database file", cfg.Name)
	}
	s.path = path
	if t, set := text["busy_timeout"]; set {
		if s.busy, err = time.ParseDuration(t); err != nil || s.busy < 0 {
			return nil, fmt.Errorf("source %s: option busy_timeout must be a duration such as 5s", cfg.Name)
		}
	}
	if t, set := text["integer_times"]; set {
		if s.decode.tick = ticks[t]; s.decode.tick == 0 {
			return nil, fmt.Errorf("source %s: option integer_times must be seconds, milliseconds or microseconds", cfg.Name)
		}
	}
	n := cfg.MaxConnections
	if n <= 0 {
		n = defaultConnections
	}
	s.pool.init(s, n)
	return s, nil
}

// ticks are the microseconds that one unit of an integer time has.
var ticks = map[string]int64{"seconds": 1_000_000, "milliseconds": 1000, "microseconds": 1}

var ourDialect = sync.OnceValue(func() *dialect.Dialect { return dialect.SQLite(libraryVersion()) })

// Dialect is the same for every file: SQLite is a part of this program.
func (s *Source) Dialect(context.Context) (*dialect.Dialect, error) { return ourDialect(), nil }

// Ping opens the file, if no connection is idle, and reads its header.
func (s *Source) Ping(ctx context.Context) error {
	c, err := s.pool.get(ctx)
	if err != nil {
		return err
	}
	defer s.pool.put(c)
	if err := c.begin(ctx); err != nil {
		return s.failed(ctx, c, "opening the database", err)
	}
	return c.end()
}

// Close closes the connections; statements under way are interrupted.
func (s *Source) Close() error { return s.pool.close() }
