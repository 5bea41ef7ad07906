package postgres

import (
	"context"
	"errors"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

// encoded opens a source on a database of another encoding with a table t of one text column.
func encoded(t *testing.T, encoding string, rows ...string) (*Source, *dialect.Dialect, *rel.Scan) {
	t.Helper()
	dsn := realservers.Postgres(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Path[1:] + "_encoded"
	run := func(dsn string, statements ...string) {
		t.Helper()
		c, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		for _, q := range statements {
			if _, err := c.Exec(t.Context(), q); err != nil {
				t.Fatalf("%s: %v", q, err)
			}
		}
	}
	run(dsn, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING '"+encoding+"' LC_COLLATE 'C' LC_CTYPE 'C'")
	u.Path = "/" + name
	run(u.String(), append([]string{"CREATE TABLE t (v text)"}, rows...)...)
	s, err := open(sources.Config{Name: "src", Options: map[string]any{"dsn": u.String()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		c, err := pgx.Connect(context.Background(), dsn)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close(context.Background())
		if _, err := c.Exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, d, sourcetest.Scan(tables[0], &rel.IDs{})
}

// TestOtherEncoding: text arrives as UTF-8; what depends on codes and bytes is not pushed, nor is a constant that the encoding may not have.
func TestOtherEncoding(t *testing.T) {
	s, d, scan := encoded(t, "LATIN1", "INSERT INTO t VALUES (chr(233))")
	p, err := dialect.Print(d, scan, scan.Columns(), dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: scan.Columns()})
	if err != nil || len(rows) != 1 || rows[0][0] != `"é"` {
		t.Errorf("%v, %v", rows, err)
	}
	col := &rel.Col{ID: 1, Name: "v", T: rel.TextType}
	if d.SortType(rel.TextType).Grade != dialect.None || d.KeyType(rel.TextType).Grade != dialect.Exact {
		t.Error("text is ordered there, or not equal")
	}
	for _, op := range []rel.Op{rel.OpLt, "length", "md5"} {
		if d.Forms[op].Judge(&rel.Call{Op: op, Args: []rel.Expr{col, col}}).Grade != dialect.None {
			t.Errorf("%s is pushed", op)
		}
	}
	if _, err := dialect.PrintExpr(d, &rel.Lit{Value: "😀", T: rel.TextType}); err == nil {
		t.Error("a constant that LATIN1 has not is sent")
	}
}

// TestUncheckedEncoding: a database of encoding SQL_ASCII may hold anything; what is no UTF-8 is an error, never another text.
func TestUncheckedEncoding(t *testing.T) {
	s, d, scan := encoded(t, "SQL_ASCII", `INSERT INTO t VALUES (E'\xe9')`)
	p, err := dialect.Print(d, scan, scan.Columns(), dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: scan.Columns()}); !errors.Is(err, sources.ErrValue) {
		t.Errorf("%v", err)
	}
}
