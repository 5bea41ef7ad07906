package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/catalog"
	"weir/catalog/config"
	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

// scripted is a source whose answers a test sets. Sources of one name share one system, as two connections to a database would.
type scripted struct {
	sources.Source // what isn't scripted panics
	*system
	closed atomic.Bool
}

type system struct {
	mu     sync.Mutex
	tables []sources.Table
	err    error
	hold   chan struct{} // if set, Tables waits for it
	reads  atomic.Int32
	opened []*scripted
}

var (
	systemsMu sync.Mutex
	systems   = map[string]*system{}
)

func init() {
	sources.Register(sources.Kind{Name: "scripted", Options: []sources.Option{{Name: "system", Help: "its name", Required: true}, {Name: "bad", Help: "fails"}},
		Open: func(_ context.Context, cfg sources.Config) (sources.Source, error) {
			if cfg.Options["bad"] != nil {
				return nil, errors.New("the option bad is bad")
			}
			s := systemOf(cfg.Options["system"].(string))
			src := &scripted{system: s}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.opened = append(s.opened, src)
			return src, nil
		}})
}

func systemOf(name string) *system {
	systemsMu.Lock()
	defer systemsMu.Unlock()
	if systems[name] == nil {
		systems[name] = &system{}
	}
	return systems[name]
}

func (s *system) set(err error, tables ...sources.Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err, s.tables = err, tables
}

func (s *scripted) Tables(ctx context.Context) ([]sources.Table, error) {
	s.reads.Add(1)
	s.mu.Lock()
	hold, tables, err := s.hold, s.tables, s.err
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return tables, err
}

func (s *scripted) Ping(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *scripted) Dialect(context.Context) (*dialect.Dialect, error) {
	return nil, errors.ErrUnsupported
}

func (s *scripted) Close() error {
	if s.closed.Swap(true) {
		panic("closed twice")
	}
	return nil
}

func table(schema, name string) sources.Table {
	return sources.Table{Schema: schema, Name: name, Kind: sources.BaseTable, RowCount: 1,
		Columns: []sources.Column{{Name: "id", Type: rel.BigIntType}}}
}

func configure(t *testing.T, body string) *config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(file, []byte("users: [{name: a, password: pass}]\nsources:\n"+body), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func open(t *testing.T, body string) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Open(t.Context(), configure(t, body), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

func section(name string) string {
	return fmt.Sprintf("  %q: {kind: scripted, system: %q}\n", name, name)
}

var down = &sources.Error{Source: "x", Doing: "connecting", Class: sources.ErrUnavailable, Code: "08001", Detail: "secret detail"}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("%s did not come about", what)
}
