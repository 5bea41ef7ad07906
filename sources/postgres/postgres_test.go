package postgres

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

// testSource opens a source on a database in which statements have been run.
func testSource(t *testing.T, timeout time.Duration, statements ...string) (*Source, func(string)) {
	t.Helper()
	dsn := realservers.Postgres(t)
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	exec := func(q string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	for _, q := range statements {
		exec(q)
	}
	s, err := open(sources.Config{Name: "src", Options: map[string]any{"dsn": dsn}, StatementTimeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, exec
}

var intColumn = []rel.Column{{ID: 1, Name: "v", T: rel.BigIntType}}

// drain runs a query to its end.
func drain(ctx context.Context, s *Source, sql string, cols []rel.Column) (rows int64, err error) {
	b, err := s.Query(ctx, sources.Query{SQL: sql, Columns: cols})
	if err != nil {
		return 0, err
	}
	defer b.Close()
	for {
		batch, err := b.Next()
		if err != nil {
			return rows, err
		}
		rows += batch.NumRows()
		batch.Release()
	}
}

func TestErrorClasses(t *testing.T) {
	s, exec := testSource(t, 300*time.Millisecond, "CREATE TABLE t (v bigint, w text)", "INSERT INTO t VALUES (1, 'secret')")
	for _, c := range []struct {
		name, sql string
		cols      []rel.Column
		class     error
		code      string
	}{
		{"no such table", "SELECT v FROM public.gone", intColumn, sources.ErrChanged, "42P01"},
		{"no such column", "SELECT gone FROM public.t", intColumn, sources.ErrChanged, "42703"},
		{"another type", "SELECT w FROM public.t", intColumn, sources.ErrChanged, ""},
		{"overflow", "SELECT v + 9223372036854775807 FROM public.t", intColumn, sources.ErrValue, "22003"},
		{"two rows for a value", "SELECT (SELECT i FROM generate_series(1::bigint, 2) i)", intColumn, sources.ErrRows, "21000"},
		{"timeout", "SELECT v FROM public.t, pg_sleep(10)", intColumn, context.DeadlineExceeded, "57014"},
		{"write", "WITH x AS (DELETE FROM public.t RETURNING v) SELECT v FROM x", intColumn, nil, "25006"},
	} {
		_, err := drain(t.Context(), s, c.sql, c.cols)
		var e *sources.Error
		if !errors.As(err, &e) || e.Class != c.class || e.Code != c.code {
			t.Errorf("%s: %v (class %v), want class %v, code %s", c.name, err, e.Class, c.class, c.code)
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the text holds a value: %v", c.name, err)
		}
	}
	exec("ALTER TABLE t ALTER COLUMN v TYPE text")
	if _, err := drain(t.Context(), s, "SELECT v FROM public.t", intColumn); !errors.Is(err, sources.ErrChanged) {
		t.Errorf("a changed type gives %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestServerEndsIdleSessions: sessions that the server ended while they were idle are replaced without an error.
func TestServerEndsIdleSessions(t *testing.T) {
	s, exec := testSource(t, 0)
	for range 3 {
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'weir' AND datname = current_database()")
		time.Sleep(20 * time.Millisecond)
		if _, err := drain(t.Context(), s, "SELECT 1::bigint", intColumn); err == nil || err.Error() != "EOF" {
			t.Errorf("after the server ended the session: %v", err)
		}
	}
}

func TestSettings(t *testing.T) {
	s, _ := testSource(t, 5*time.Second)
	for name, want := range map[string]string{
		"TimeZone": "UTC", "default_transaction_read_only": "on", "application_name": "weir", "search_path": "pg_catalog",
		"standard_conforming_strings": "on", "statement_timeout": "5s", "idle_in_transaction_session_timeout": "15s", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "client_encoding": "UTF8",
	} {
		rows, err := s.ask(t.Context(), "asking", "SHOW "+name)
		if err != nil || len(rows) != 1 || string(rows[0][0]) != want {
			t.Errorf("%s is %s, %v; want %s", name, rows, err, want)
		}
	}
}

// TestShorterLimitStays: what the DBA has set for statements and idle transactions isn't made longer.
func TestShorterLimitStays(t *testing.T) {
	s, exec := testSource(t, 5*time.Second)
	var name string
	if rows, err := s.ask(t.Context(), "asking", "SELECT current_database()"); err != nil {
		t.Fatal(err)
	} else {
		name = string(rows[0][0])
	}
	for setting, ours := range map[string]string{"idle_in_transaction_session_timeout": "15s", "statement_timeout": "5s"} {
		for set, want := range map[string]string{"3s": "3s", "1h": ours, "0": ours} {
			exec("ALTER DATABASE " + ident(name) + " SET " + setting + " = '" + set + "'")
			s.pool.closeIdle()
			rows, err := s.ask(t.Context(), "asking", "SHOW "+setting)
			if err != nil || string(rows[0][0]) != want {
				t.Errorf("where the database has %s = %s: %s, %v; want %s", setting, set, rows, err, want)
			}
		}
	}
}

// TestOptionsAreChecked: a wrong option is an error without the secret in it.
func TestOptionsAreChecked(t *testing.T) {
	for _, o := range []map[string]any{{"dsn": "postgres://u:hunter2@h:port/db"}, {"dsn": 5}, {"dsn": "host=h", "schema": ""}} {
		_, err := open(sources.Config{Name: "src", Options: o})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v gives %v", o, err)
		}
	}
}

// TestDatesAsText: what MySQL's dates can't hold arrives as text if the source is told so, and can be compared as such.
func TestDatesAsText(t *testing.T) {
	s, _ := testSource(t, 0, "CREATE TABLE t (d date, ts timestamp(3), tz timestamptz)",
		"INSERT INTO t VALUES ('infinity', '-infinity', '0044-03-15 12:00+00 BC'), ('2024-02-29', '2024-02-29 12:00', '2024-02-29 12:00+02')")
	s.datesAsText = true
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	scan := sourcetest.Scan(tables[0], &rel.IDs{})
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := scan.Columns()
	col := func(i int) rel.Expr { return &rel.Col{ID: c[i].ID, Name: c[i].Name, T: c[i].T} }
	text := func(v string) rel.Expr { return &rel.Lit{Value: v, T: rel.TextType} }
	and := rel.And(&rel.Call{Op: rel.OpEq, Args: []rel.Expr{col(0), text("infinity")}, T: rel.BoolType},
		&rel.Call{Op: rel.OpIn, Args: []rel.Expr{col(2), text("x"), text("0044-03-15 12:00:00+00 BC")}, T: rel.BoolType})
	for _, n := range []rel.Node{scan, &rel.Filter{Input: scan, Pred: and}} {
		p, err := dialect.Print(d, n, c, dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: c})
		if err != nil || len(rows) == 0 || strings.Join(rows[0], " ") != `"infinity" "-infinity" "0044-03-15 12:00:00+00 BC"` {
			t.Errorf("%q, %v", rows, err)
		}
	}
	if !strings.Contains(tables[0].Columns[0].Comment, "dates_as_text") {
		t.Errorf("comment %q", tables[0].Columns[0].Comment)
	}
}

// TestIndexesServe: predicates on columns whose form in expressions is a conversion still reach their index.
func TestIndexesServe(t *testing.T) {
	s, _ := testSource(t, 0,
		"CREATE TABLE t (i integer, n numeric(10,2), s varchar(20), x text, c character(5), u uuid, tz timestamptz, ts timestamp, d date, b boolean, nd text COLLATE \"de-x-icu\")",
		"CREATE INDEX ON t (i)", "CREATE INDEX ON t (n)", "CREATE INDEX ON t (s)", "CREATE INDEX ON t (x COLLATE \"C\")", "CREATE INDEX ON t (c)", "CREATE INDEX ON t (u)",
		"CREATE INDEX ON t (tz)", "CREATE INDEX ON t (ts)", "CREATE INDEX ON t (d)", "CREATE INDEX ON t (nd)",
	)
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	scan := &rel.Scan{Table: &rel.Table{Schema: "public", Name: "t"}}
	cols := map[string]rel.Expr{}
	for i, c := range tables[0].Columns {
		scan.Cols = append(scan.Cols, rel.ScanColumn{Column: rel.Column{ID: rel.ColumnID(i + 1), Name: c.Name, T: c.Type}})
		cols[c.Name] = &rel.Col{ID: rel.ColumnID(i + 1), Name: c.Name, T: c.Type}
	}
	text := func(v string) rel.Expr { return &rel.Lit{Value: v, T: rel.TextType} }
	number := func(v int64) rel.Expr { return &rel.Lit{Value: v, T: rel.BigIntType} }
	moment := &rel.Lit{Value: rel.DateTimeValue(1700000000000000), T: rel.Type{Kind: rel.DateTime, Scale: 6}}
	day := &rel.Lit{Value: rel.DateValue(19000), T: rel.DateType}
	call := func(op rel.Op, args ...rel.Expr) rel.Expr { return &rel.Call{Op: op, Args: args, T: rel.BoolType} }
	many := func(x rel.Expr, v func(i int64) rel.Expr) rel.Expr {
		args := []rel.Expr{x}
		for i := range int64(20) {
			args = append(args, v(i))
		}
		return call(rel.OpIn, args...)
	}
	const id = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
	for name, pred := range map[string]rel.Expr{
		"integer":                call(rel.OpEq, cols["i"], number(5)),
		"integer in":             many(cols["i"], number),
		"decimal":                call(rel.OpGt, cols["n"], &rel.Lit{Value: rel.DecimalText("1.5"), T: rel.DecimalType(2, 1)}),
		"varchar":                call(rel.OpEq, cols["s"], text("a")),
		"varchar in":             many(cols["s"], func(i int64) rel.Expr { return text(strings.Repeat("a", int(i))) }),
		"text range":             call(rel.OpLt, cols["x"], text("a")),
		"character":              call(rel.OpEq, cols["c"], text("a")),
		"character in":           call(rel.OpIn, cols["c"], text("a"), text("b")),
		"uuid":                   call(rel.OpEq, cols["u"], text(id)),
		"uuid in":                call(rel.OpIn, cols["u"], text(id), text(id)),
		"timestamptz":            call(rel.OpGe, cols["tz"], moment),
		"timestamp":              call(rel.OpGe, cols["ts"], moment),
		"date":                   call(rel.OpGe, cols["d"], day),
		"date against timestamp": call(rel.OpGe, &rel.Call{Op: rel.OpCast, Args: []rel.Expr{cols["d"]}, T: rel.DateTimeType}, moment),
		"another collation":      call(rel.OpEq, cols["nd"], text("a")),
	} {
		p, err := dialect.Print(d, &rel.Filter{Input: scan, Pred: pred}, scan.Columns()[:1], dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.ask(t.Context(), "explaining", "SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN "+p.SQL)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var lines []string
		for _, r := range rows {
			lines = append(lines, string(r[0]))
		}
		if plan := strings.Join(lines, "\n"); !strings.Contains(plan, "Index Cond") {
			t.Errorf("%s: %s\n%s", name, p.SQL, plan)
		}
	}
}

// TestNotANumber: NaN and infinity, which MySQL's types can't hold, fail where they would be put out and say which column; in a condition that the
// server evaluates they are what it takes them for; a row that a condition removes does no harm.
func TestNotANumber(t *testing.T) {
	s, _ := testSource(t, 0, "CREATE TABLE t (id integer, x double precision, n numeric(5,2))", "INSERT INTO t VALUES (1, 1, 1), (2, 'NaN', 1), (3, 'Infinity', 1), (4, 2, 'NaN')")
	columns := []rel.Column{{ID: 1, Name: "x", T: rel.DoubleType}, {ID: 2, Name: "n", T: rel.DecimalType(5, 2)}}
	for _, c := range []struct {
		sql    string
		rows   int64
		column string
	}{
		{"SELECT x, n FROM public.t WHERE id = 1", 1, ""},
		{"SELECT x, n FROM public.t WHERE id = 2", 0, "column x"},
		{"SELECT x, n FROM public.t WHERE id = 3", 0, "column x"},
		{"SELECT x, n FROM public.t WHERE id = 4", 0, "column n"},
		{"SELECT x, n FROM public.t WHERE x < 2 AND n < 2", 1, ""},
	} {
		rows, err := drain(t.Context(), s, c.sql, columns)
		if c.column == "" && (rows != c.rows || !errors.Is(err, io.EOF)) {
			t.Errorf("%s: %d rows, %v", c.sql, rows, err)
		}
		if c.column != "" && (!errors.Is(err, sources.ErrValue) || !strings.Contains(err.Error(), c.column)) {
			t.Errorf("%s: %v", c.sql, err)
		}
	}
	counted, err := s.ask(t.Context(), "counting", "SELECT count(*) FROM public.t WHERE x > 1.5 AND n > 0.5")
	if err != nil || string(counted[0][0]) != "3" {
		t.Errorf("%s, %v", counted, err)
	}
}

// Reading a table gives the rows of those that inherit from it too, for which neither its keys nor its NOT NULL hold. Such keys
// were listed, so that a plan could build on them.
func TestInheritedRows(t *testing.T) {
	dsn := realservers.Postgres(t)
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, q := range []string{
		"CREATE TABLE base (v int PRIMARY KEY, w int NOT NULL UNIQUE)", "CREATE TABLE derived () INHERITS (base)", "ALTER TABLE derived ALTER w DROP NOT NULL",
		"INSERT INTO base VALUES (1, 1)", "INSERT INTO derived VALUES (1, NULL), (1, 1)",
		"CREATE TABLE divided (v int PRIMARY KEY) PARTITION BY LIST (v)", "CREATE TABLE divided1 PARTITION OF divided DEFAULT",
	} {
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	s, err := open(sources.Config{Name: "src", Options: map[string]any{"dsn": dsn}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		switch x.Name {
		case "base":
			if x.PrimaryKey != nil || x.Uniques != nil || x.Indexes[0].Unique || x.Columns[0].Type.NotNull || x.Columns[1].Type.NotNull {
				t.Errorf("%+v", x)
			}
		case "divided":
			if len(x.PrimaryKey) != 1 || !x.Columns[0].Type.NotNull {
				t.Errorf("%+v", x)
			}
		}
	}
}
