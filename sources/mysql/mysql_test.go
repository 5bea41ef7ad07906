package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"go.uber.org/goleak"

	"weir/engine/rel"
	"weir/sources"
	"weir/test/realservers"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("weir/test/realservers.(*room).serve.func1"),
		goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

// database makes a fresh database, fills it with the statements, and opens it as a source.
func database(t testing.TB, statements ...string) *Source {
	t.Helper()
	s, _ := databaseWith(t, sources.Config{}, statements...)
	return s
}

func databaseWith(t testing.TB, cfg sources.Config, statements ...string) (*Source, *sql.DB) {
	t.Helper()
	dsn := realservers.MariaDB(t)
	db, err := sql.Open("mysql", dsn+"?multiStatements=true&charset=utf8mb4")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1) // so that SET reaches the statements after it
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	cfg.Name, cfg.Options = "crm", map[string]any{"dsn": dsn}
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, db
}

// rowsOf runs a statement and returns its rows as text, values separated by "|".
func rowsOf(t testing.TB, s *Source, query string, types ...rel.Type) []string {
	t.Helper()
	out, err := tryRows(s, query, types...)
	if err != nil {
		t.Fatalf("%s: %v%s", query, err, detail(err))
	}
	return out
}

func detail(err error) string {
	var e *sources.Error
	if errors.As(err, &e) {
		return " [" + e.Detail + "]"
	}
	return ""
}

func tryRows(s *Source, query string, types ...rel.Type) ([]string, error) {
	cols := make([]rel.Column, len(types))
	for i, t := range types {
		cols[i] = rel.Column{ID: rel.ColumnID(i + 1), Name: fmt.Sprintf("c%d", i+1), T: t}
	}
	b, err := s.Query(context.Background(), sources.Query{SQL: query, Columns: cols})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var out []string
	for {
		rec, err := b.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for r := range int(rec.NumRows()) {
			var vals []string
			for _, c := range rec.Columns() {
				vals = append(vals, textOf(c, r))
			}
			out = append(out, strings.Join(vals, "|"))
		}
		rec.Release()
	}
}

func textOf(c arrow.Array, row int) string {
	if c.IsNull(row) {
		return "NULL"
	}
	return c.ValueStr(row)
}

func TestFirst(t *testing.T) {
	s := database(t,
		"CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20) COMMENT 'who', price DECIMAL(10,2), d DATE, ts DATETIME(3)) COMMENT 'things'",
		"INSERT INTO t VALUES (1,'a',1.5,'2024-02-29','2024-02-29 10:11:12.345'),(2,NULL,-2,NULL,NULL)")
	tables, err := s.Tables(context.Background())
	if err != nil {
		t.Fatal(err, detail(err))
	}
	if len(tables) != 1 || tables[0].Comment != "things" || len(tables[0].Columns) != 5 {
		t.Fatalf("%+v", tables)
	}
	types := make([]rel.Type, 5)
	for i, c := range tables[0].Columns {
		types[i] = c.Type
	}
	got := strings.Join(rowsOf(t, s, "SELECT id, name, price, d, ts FROM t ORDER BY id", types...), "\n")
	const want = "1|a|1.5|2024-02-29|2024-02-29T10:11:12.345\n2|NULL|-2|NULL|NULL"
	if got != want {
		t.Errorf("got\n%s", got)
	}
}
