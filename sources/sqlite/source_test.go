package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

func countRows(t *testing.T, s sources.Source, table string) (string, error) {
	t.Helper()
	rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: "SELECT count(*) FROM " + table, Columns: []rel.Column{{ID: 1, Name: "n", T: rel.BigIntType}}})
	if err != nil {
		return "", err
	}
	return rows[0][0], nil
}

func source(t *testing.T, options map[string]any) sources.Source {
	t.Helper()
	s, err := sources.Open(t.Context(), "sqlite", sources.Config{Name: "src", Options: options})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOptions(t *testing.T) {
	for _, o := range []map[string]any{{}, {"path": ""}, {"path": 5}, {"path": "x.db", "busy_timeout": "soon"}, {"path": "x.db", "busy_timeout": "-1s"},
		{"path": "x.db", "integer_times": "fortnights"}, {"path": "x.db", "mode": "rw"}} {
		if _, err := sources.Open(t.Context(), "sqlite", sources.Config{Name: "src", Options: o}); err == nil || !strings.Contains(err.Error(), "src") {
			t.Errorf("%v gives %v", o, err)
		}
	}
}

func TestMissingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later.db")
	s := source(t, map[string]any{"path": path})
	if err := s.Ping(t.Context()); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("Ping gives %v, want one of class ErrUnavailable", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Error("a missing file was made")
	}
	run(t, path, "CREATE TABLE x (id INTEGER PRIMARY KEY)", "INSERT INTO x VALUES (1)")
	if n, err := countRows(t, s, "x"); err != nil || n != "1" {
		t.Errorf("%s, %v once the file is there", n, err)
	}
	other := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(other, []byte(strings.Repeat("this is no database ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := source(t, map[string]any{"path": other}).Ping(t.Context()); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("a file that is no database gives %v", err)
	}
}

// Nothing that a statement says can write, whoever prints it.
func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	run(t, path, "CREATE TABLE x (id INTEGER PRIMARY KEY)")
	s := source(t, map[string]any{"path": path})
	column := []rel.Column{{ID: 1, Name: "n", T: rel.BigIntType}}
	for _, text := range []string{"INSERT INTO x VALUES (1) RETURNING id", "DELETE FROM x RETURNING id", "SELECT load_extension('x')", "PRAGMA query_only = 0", "SELECT 1; DELETE FROM x"} {
		rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: text, Columns: column})
		if err == nil && text != "PRAGMA query_only = 0" {
			t.Errorf("%s gives %v", text, rows)
		}
	}
	if n, err := countRows(t, s, "x"); err != nil || n != "0" {
		t.Errorf("%s rows, %v", n, err)
	}
}

func TestReplacedFile(t *testing.T) {
	dir := t.TempDir()
	path, next := filepath.Join(dir, "x.db"), filepath.Join(dir, "next.db")
	run(t, path, "CREATE TABLE x (id INTEGER PRIMARY KEY)", "INSERT INTO x VALUES (1)")
	s := source(t, map[string]any{"path": path})
	if _, err := s.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := countRows(t, s, "x"); n != "1" {
		t.Fatal(n, err)
	}
	run(t, next, "CREATE TABLE x (id INTEGER PRIMARY KEY)", "INSERT INTO x VALUES (1), (2)")
	if err := os.Rename(next, path); err != nil {
		t.Fatal(err)
	}
	if n, err := countRows(t, s, "x"); n != "2" {
		t.Errorf("%s rows, %v after the file was replaced", n, err)
	}
}

// A writer that holds the lock is waited for, but not for ever, and not after the statement was cancelled.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	run(t, path, "CREATE TABLE x (id INTEGER PRIMARY KEY)")
	writer, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	do := func(text string) {
		t.Helper()
		if err := sqlitex.ExecuteTransient(writer, text, nil); err != nil {
			t.Fatal(err)
		}
	}
	short := source(t, map[string]any{"path": path, "busy_timeout": "50ms"})
	long := source(t, map[string]any{"path": path, "busy_timeout": "1m"})
	do("BEGIN EXCLUSIVE")
	if _, err := countRows(t, short, "x"); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("%v, want one of class ErrUnavailable", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if err := long.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
		t.Errorf("%v after %v, want the deadline's error", err, time.Since(start))
	}
	done := make(chan error, 1)
	go func() { _, err := countRows(t, long, "x"); done <- err }()
	time.Sleep(100 * time.Millisecond)
	do("COMMIT")
	if err := <-done; err != nil {
		t.Errorf("%v once the writer was done", err)
	}
}

// A statement sees one snapshot, whatever is written meanwhile.
func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	run(t, path, "PRAGMA journal_mode = WAL", "CREATE TABLE x (id INTEGER PRIMARY KEY, v TEXT)",
		"INSERT INTO x WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 50000) SELECT i, 'v' FROM g")
	s := source(t, map[string]any{"path": path})
	b, err := s.Query(t.Context(), sources.Query{SQL: "SELECT id FROM x", Columns: []rel.Column{{ID: 1, Name: "id", T: rel.BigIntType}}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	run(t, path, "DELETE FROM x WHERE id > 10")
	rows := int64(0)
	for {
		batch, err := b.Next()
		if err != nil {
			break
		}
		rows += batch.NumRows()
		batch.Release()
	}
	if rows != 50000 {
		t.Errorf("%d rows, want the 50000 that there were", rows)
	}
	if n, err := countRows(t, s, "x"); n != "10" {
		t.Errorf("%s rows, %v afterwards", n, err)
	}
}

func TestIntegerTimes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	run(t, path, "CREATE TABLE x (m DATETIME)", "INSERT INTO x VALUES (1709164800), ('2024-02-29')")
	s := source(t, map[string]any{"path": path, "integer_times": "seconds"})
	column := []rel.Column{{ID: 1, Name: "m", T: dateTime(6)}}
	rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: "SELECT m FROM x", Columns: column})
	if want := "[[2024-02-29 00:00:00.000000] [2024-02-29 00:00:00.000000]]"; err != nil || fmt.Sprint(rows) != want {
		t.Errorf("%v, %v; want %s", rows, err, want)
	}
}

// Tables of a file with statistics, odd names, virtual tables and a broken view.
func TestDiscovery(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	run(t, path, `CREATE TABLE "a ""b"" c" ("x ""y""" INT, b INT)`, `INSERT INTO "a ""b"" c" WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 1000) SELECT i % 10, i FROM g`,
		`CREATE INDEX i ON "a ""b"" c" ("x ""y""")`, "CREATE VIRTUAL TABLE words USING fts5(body)", "CREATE TABLE gone (x)", "CREATE VIEW broken AS SELECT x FROM gone",
		"CREATE TABLE nokey (a TEXT PRIMARY KEY, b TEXT UNIQUE NOT NULL, c INT NOT NULL, d DATE NOT NULL UNIQUE)", "CREATE UNIQUE INDEX part ON nokey (c) WHERE c > 0",
		"CREATE UNIQUE INDEX expr ON nokey (c + 1)", "ANALYZE", "DROP TABLE gone")
	s := source(t, map[string]any{"path": path})
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]sources.Table{}
	for _, x := range tables {
		found[x.Name] = x
	}
	if odd := found[`a "b" c`]; odd.RowCount != 1000 || len(odd.Columns) != 2 || odd.Columns[0].Name != `x "y"` || odd.Columns[0].Distinct != 10 {
		t.Errorf("%+v", odd)
	}
	if found["broken"].Broken == "" || found["broken"].Kind != sources.View {
		t.Errorf("%+v", found["broken"])
	}
	if w := found["words"]; len(w.Columns) != 1 || w.Broken != "" {
		t.Errorf("%+v", w)
	}
	if n := found["nokey"]; n.PrimaryKey != nil || fmt.Sprint(n.Uniques) != "[[b]]" {
		t.Errorf("keys %v, %v; want the one that is NOT NULL, whole and has one form for each value", n.PrimaryKey, n.Uniques)
	}
	if len(found) != 4 {
		t.Errorf("%d tables found: %v", len(found), found)
	}
}
