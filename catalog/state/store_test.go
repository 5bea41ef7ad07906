package state

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"weir/test/realservers"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("weir/test/realservers.(*room).serve.func1"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

func open(t *testing.T, cfg Config) *Store {
	t.Helper()
	cfg.Poll = 20 * time.Millisecond
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// each runs a test against both systems; again opens the same store once more.
func each(t *testing.T, test func(t *testing.T, again func() *Store)) {
	t.Run("sqlite", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a ?#%b") // characters that mean something in a URI
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		test(t, func() *Store { return open(t, Config{Dir: dir}) })
	})
	t.Run("postgres", func(t *testing.T) {
		dsn := realservers.Postgres(t)
		test(t, func() *Store { return open(t, Config{DSN: dsn}) })
	})
}

func put(tx *Tx, grantee string) error {
	return tx.Exec("INSERT INTO weir_grants (grantee, privilege, database_name, table_name, column_name) VALUES (?, ?, ?, '', '')", grantee, "SELECT", "erp")
}

func grantees(t *testing.T, s *Store) (out []string, version int64) {
	t.Helper()
	err := s.View(t.Context(), func(tx *Tx) (err error) {
		if version, err = tx.Version("x"); err != nil {
			return err
		}
		return tx.Query(func(scan func(...any) error) error {
			var g string
			err := scan(&g)
			out = append(out, g)
			return err
		}, "SELECT grantee FROM weir_grants WHERE database_name = ? AND privilege = ? ORDER BY grantee", "erp", "SELECT")
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, version
}

func TestUpdate(t *testing.T) {
	each(t, func(t *testing.T, again func() *Store) {
		s := again()
		if got, v := grantees(t, s); len(got) != 0 || v != 0 {
			t.Errorf("a new store has %v, version %d", got, v)
		}
		if err := s.Update(t.Context(), "x", func(tx *Tx) error { return put(tx, "ann") }); err != nil {
			t.Fatal(err)
		}
		refused := errors.New("no")
		err := s.Update(t.Context(), "x", func(tx *Tx) error { return errors.Join(put(tx, "bob"), refused) })
		if !errors.Is(err, refused) {
			t.Errorf("the function's error: %v", err)
		}
		err = s.Update(t.Context(), "x", func(tx *Tx) error { return put(tx, "ann") })
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("a row that is there already: %v", err)
		}
		check := func(s *Store) {
			t.Helper()
			if got, v := grantees(t, s); strings.Join(got, " ") != "ann" || v != 1 {
				t.Errorf("after one change and two that failed: %v, version %d", got, v)
			}
		}
		check(s)
		s.Close()
		check(again())
	})
}

// Whoever changes a topic reads what the last one wrote, however many do so at once.
func TestUpdatesInTurn(t *testing.T) {
	dsn := realservers.Postgres(t)
	stores := []*Store{open(t, Config{DSN: dsn}), open(t, Config{DSN: dsn})}
	var g errgroup.Group
	const many = 20
	for _, s := range stores {
		for range 2 {
			g.Go(func() error {
				for range many {
					err := s.Update(t.Context(), "x", func(tx *Tx) error {
						n := 0
						err := tx.Query(func(scan func(...any) error) error { n++; return nil }, "SELECT grantee FROM weir_grants")
						if err != nil {
							return err
						}
						return put(tx, string(rune('a'+n))) // fails where two have counted the same
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if got, v := grantees(t, stores[0]); len(got) != 4*many || v != 4*many {
		t.Errorf("%d rows, version %d", len(got), v)
	}
}

func TestWatch(t *testing.T) {
	dsn := realservers.Postgres(t)
	one, other := open(t, Config{DSN: dsn}), open(t, Config{DSN: dsn})
	if err := one.Update(t.Context(), "x", func(tx *Tx) error { return put(tx, "before") }); err != nil {
		t.Fatal(err)
	}
	seen := make(chan int64, 16)
	fail := true
	err := other.Watch(t.Context(), "x", func(_ context.Context, v int64) error {
		seen <- v
		if fail {
			fail = false
			return errors.New("not now")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := one.Update(t.Context(), "y", func(tx *Tx) error { return put(tx, "of another topic") }); err != nil {
		t.Fatal(err)
	}
	if err := one.Update(t.Context(), "x", func(tx *Tx) error { return put(tx, "after") }); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"the change", "the change again, since the watcher failed"} {
		select {
		case v := <-seen:
			if v != 2 {
				t.Errorf("%s: version %d", what, v)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s was not seen", what)
		}
	}
	select {
	case v := <-seen:
		t.Errorf("version %d was seen a third time", v)
	case <-time.After(100 * time.Millisecond):
	}
}

// Servers that start at once on a new store make its tables one after the other.
func TestOpenAtOnce(t *testing.T) {
	dsn := realservers.Postgres(t)
	var g errgroup.Group
	var mu sync.Mutex
	for range 4 {
		g.Go(func() error {
			s, err := Open(t.Context(), Config{DSN: dsn})
			if err == nil {
				mu.Lock()
				t.Cleanup(func() { s.Close() })
				mu.Unlock()
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

func TestFileMode(t *testing.T) {
	dir := t.TempDir()
	open(t, Config{Dir: dir}).Close()
	file := filepath.Join(dir, "state.db")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	s := open(t, Config{Dir: dir})
	if err := s.Update(t.Context(), "x", func(tx *Tx) error {
		entries, err := os.ReadDir(dir)
		for _, e := range entries { // with the journal of the transaction
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestNewerStoreIsRefused(t *testing.T) {
	each(t, func(t *testing.T, again func() *Store) {
		s := again()
		if _, err := s.db.Exec("INSERT INTO weir_migrations (version_id, is_applied) VALUES (99999, true)"); err != nil {
			t.Fatal(err)
		}
		cfg := Config{}
		if s.postgres {
			if err := s.migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "newer version of Weir") {
				t.Errorf("%v", err)
			}
			return
		}
		var name, file string
		var n int
		if err := s.db.QueryRow("PRAGMA database_list").Scan(&n, &name, &file); err != nil {
			t.Fatal(err)
		}
		s.Close()
		cfg.Dir = filepath.Dir(file)
		if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "newer version of Weir") {
			t.Errorf("%v", err)
		}
	})
}

func TestDSNIsNotTold(t *testing.T) {
	for _, dsn := range []string{
		"postgres://weir:hunter2@127.0.0.1:1/weir?connect_timeout=1", "postgres://weir:hunter2@127.0.0.1:x/weir", "host=127.0.0.1 port=1 password=hunter2 sslmode=disable",
		"hunter2"} {
		if _, err := Open(t.Context(), Config{DSN: dsn}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v", err)
		}
	}
}
