package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"

	"weir/engine/dialect"
	"weir/sources"
)

func init() {
	sources.Register(sources.Kind{
		Name: "postgres",
		Options: []sources.Option{
			{Name: "dsn", Help: "address: postgres://user:password@host:5432/database, or keywords and values as libpq takes them", Required: true, Secret: true},
			{Name: "schema", Help: "the schema whose tables are shown (default public)"},
			{Name: "dates_as_text", Help: "true: dates and timestamps arrive as text, for tables with infinity or years beyond 1 to 9999 in them"},
		},
		Open: func(_ context.Context, cfg sources.Config) (sources.Source, error) { return open(cfg) },
	})
}

// defaultConnections bounds the connections of a source where the configuration doesn't.
const defaultConnections = 16

// Source reads one schema of one PostgreSQL database.
type Source struct {
	name   string
	schema string
	log    *slog.Logger
	// datesAsText makes text of dates and timestamps.
	datesAsText bool
	pool        *pool
	// base ends when the source is closed, and with it every query.
	base context.Context
	end  context.CancelFunc

	// splitPages is the size, in pages of 8 KiB, from which a table is read over more than one connection; rangePages is the size of one
	// range, small enough that readers end together and that the rest of one can be held in memory.
	splitPages, rangePages int64

	mu      sync.Mutex
	dialect *dialect.Dialect
	pages   map[string]int64 // size of base tables in pages, as discovery saw them, by name
}

var _ sources.Source = (*Source)(nil)

func open(cfg sources.Config) (*Source, error) {
	dsn, _ := cfg.Options["dsn"].(string)
	if dsn == "" {
		return nil, fmt.Errorf("source %s: dsn must be text", cfg.Name)
	}
	schema := "public"
	if v, set := cfg.Options["schema"]; set {
		s, ok := v.(string)
		if !ok || s == "" {
			return nil, fmt.Errorf("source %s: schema must be a name", cfg.Name)
		}
		schema = s
	}
	datesAsText := false
	if v, set := cfg.Options["dates_as_text"]; set {
		var ok bool
		if datesAsText, ok = v.(bool); !ok {
			return nil, fmt.Errorf("source %s: dates_as_text must be true or false", cfg.Name)
		}
	}
	pc, err := pgconn.ParseConfig(dsn)
	if err != nil { // its text may quote the address
		return nil, fmt.Errorf("source %s: dsn is not an address of a PostgreSQL server, such as postgres://user@host:5432/database", cfg.Name)
	}
	s := &Source{name: cfg.Name, schema: schema, datesAsText: datesAsText, log: cfg.Log, pages: map[string]int64{}, splitPages: 8192, rangePages: 4096}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.base, s.end = context.WithCancel(context.Background())
	limit := cfg.MaxConnections
	if limit <= 0 {
		limit = defaultConnections
	}
	s.pool = newPool(sources.NewSlots(cfg.Name, limit, cfg.StatementTimeout), func(ctx context.Context) (*session, error) { return connect(ctx, pc, cfg.StatementTimeout) })
	return s, nil
}

// Dialect implements sources.Source.
func (s *Source) Dialect(ctx context.Context) (*dialect.Dialect, error) {
	s.mu.Lock()
	d := s.dialect
	s.mu.Unlock()
	if d != nil {
		return d, nil
	}
	c, err := s.acquire(ctx, "asking for the version")
	if err != nil {
		return nil, err
	}
	d = dialect.Postgres(c.version, c.utf8)
	s.pool.release(c)
	s.mu.Lock()
	s.dialect = d
	s.mu.Unlock()
	return d, nil
}

// Ping implements sources.Source.
func (s *Source) Ping(ctx context.Context) error {
	_, err := s.ask(ctx, "checking that it answers", "SELECT 1")
	return err
}

// Close implements sources.Source.
func (s *Source) Close() error {
	s.end()
	s.pool.close()
	return nil
}

// acquire takes a connection.
func (s *Source) acquire(ctx context.Context, doing string) (*session, error) {
	c, err := s.pool.acquire(ctx)
	if err != nil {
		return nil, s.fail(ctx, doing, err)
	}
	return c, nil
}
