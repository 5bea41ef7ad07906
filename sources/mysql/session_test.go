package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/test/realservers"
)

var one = rel.Type{Kind: rel.BigInt}

func TestSession(t *testing.T) {
	own, err := realservers.StartMariaDB(t.Context()) // its settings are changed, so it is not the shared one
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Stop)
	db, err := sql.Open("mysql", own.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// What an administrator has set must not reach Weir's sessions.
	for _, statement := range []string{
		"CREATE DATABASE crm", "CREATE TABLE crm.t (a JSON)",
		"SET GLOBAL sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,HIGH_NOT_PRECEDENCE,NO_UNSIGNED_SUBTRACTION'",
		"SET GLOBAL time_zone = '+05:30'", "SET GLOBAL div_precision_increment = 8", "SET GLOBAL group_concat_max_len = 5", "SET GLOBAL lc_time_names = 'de_DE'",
		"SET GLOBAL max_allowed_packet = 1048576",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	s, err := Open(sources.Config{Name: "crm", Options: map[string]any{"dsn": own.Address + "crm"}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct{ query, want string }{
		{"SELECT @@sql_mode", "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,TIME_ROUND_FRACTIONAL"},
		{"SELECT @@time_zone", "+00:00"},
		{"SELECT @@collation_connection", "utf8mb4_nopad_bin"},
		{"SELECT @@tx_isolation", "REPEATABLE-READ"},
		{"SELECT DAYNAME('2024-01-01')", "Monday"},
		{"SELECT CONCAT(1/3, '')", "0.3333"},
		{"SELECT CONCAT('a\\\\b', \"c\")", `a\bc`},
		{"SELECT GROUP_CONCAT(seq ORDER BY seq) FROM seq_1_to_5", "1,2,3,4,5"},
	} {
		if got := rowsOf(t, s, c.query, rel.TextType); len(got) != 1 || got[0] != c.want {
			t.Errorf("%s gives %q, want %q", c.query, got, c.want)
		}
	}
	d, err := s.Dialect(t.Context())
	if err != nil || d.MaxText > 1<<20 {
		t.Errorf("the longest statement is %d bytes, %v", d.MaxText, err)
	}
	tables, err := s.Tables(t.Context())
	if err != nil || len(tables) != 1 || len(tables[0].Columns) != 1 || tables[0].Columns[0].Type.Kind != rel.JSON {
		t.Errorf("discovery gives %+v, %v", tables, err)
	}
	if got, err := tryRows(s, "WITH RECURSIVE r (s, n) AS (SELECT 'a', 1 UNION ALL SELECT CONCAT(s, 'b'), n + 1 FROM r WHERE n < 4) SELECT s FROM r", rel.TextType); code(err) != "1406" {
		t.Errorf("text that outgrows the first rows of a recursive query gives %v, %v", got, err)
	}
	if _, err := tryRows(s, "INSERT INTO t VALUES (1)"); code(err) != "1792" {
		t.Errorf("an INSERT gives %v, want the server's error for a read-only transaction", err)
	}
}

func code(err error) string {
	var e *sources.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestStatementTimeout(t *testing.T) {
	s, _ := databaseWith(t, sources.Config{StatementTimeout: 200 * time.Millisecond})
	start := time.Now()
	_, err := tryRows(s, "SELECT COUNT(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b", one)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 5*time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

// TestLeash: the server ends what nobody reads, or goes on with, a little later than Weir does; shorter limits for statements and idle transactions stay.
func TestLeash(t *testing.T) {
	s, db := databaseWith(t, sources.Config{StatementTimeout: 200*time.Second + time.Millisecond})
	if got := rowsOf(t, s, "SELECT CONCAT(@@net_write_timeout, ' ', @@idle_transaction_timeout)", rel.TextType); got[0] != "211 211" {
		t.Errorf("got %s", got)
	}
	if _, err := db.Exec("SET GLOBAL idle_transaction_timeout = 150, GLOBAL max_statement_time = 150"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("SET GLOBAL idle_transaction_timeout = 0, GLOBAL max_statement_time = 0"); err != nil {
			t.Error(err)
		}
	})
	s.pool.drain()
	if got := rowsOf(t, s, "SELECT CONCAT(@@idle_transaction_timeout, ' ', ROUND(@@max_statement_time))", rel.TextType); got[0] != "150 150" {
		t.Errorf("the server's own 150 s became %s", got)
	}
}

// TestBound: more statements than connections wait for each other; the server never sees more sessions than allowed.
func TestBound(t *testing.T) {
	s, db := databaseWith(t, sources.Config{MaxConnections: 2})
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := tryRows(s, "SELECT /* bounded */ SLEEP(0.2)", one); err != nil {
				t.Error(err)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	most := 0
	for {
		select {
		case <-done:
			if most != 2 {
				t.Errorf("%d at once, want 2", most)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			var held []*conn
			for range 2 {
				c, err := s.acquire(ctx)
				if err != nil {
					t.Fatal(err)
				}
				held = append(held, c)
			}
			if _, err := s.Query(ctx, sources.Query{SQL: "SELECT 1", Columns: []rel.Column{{T: one}}}); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("waiting for a connection ends with %v", err)
			}
			for _, c := range held {
				s.release(c)
			}
			return
		case <-time.After(20 * time.Millisecond):
			var n int
			if err := db.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '%bounded%' AND ID <> CONNECTION_ID()").Scan(&n); err != nil {
				t.Fatal(err)
			}
			most = max(most, n)
		}
	}
}

// TestIdleKilled: a session that the server ended while it was idle is replaced without an error.
func TestIdleKilled(t *testing.T) {
	s, db := databaseWith(t, sources.Config{})
	for range 3 {
		id := rowsOf(t, s, "SELECT CONNECTION_ID()", one)
		if _, err := db.Exec("KILL " + id[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// TestStale: idle sessions whose sockets break without a word fail only when they are used; the statement is run again.
func TestStale(t *testing.T) {
	s := database(t)
	var idle []*conn
	for range 3 {
		c, err := s.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, c)
	}
	for _, c := range idle {
		c.net.SetDeadline(time.Unix(1, 0)) // writing and reading fail from now on
		s.release(c)
	}
	if got := rowsOf(t, s, "SELECT 2", one); got[0] != "2" {
		t.Errorf("got %v", got)
	}
}

// TestChanged: what was altered since the catalog read it gives ErrChanged, not a wrong value.
func TestChanged(t *testing.T) {
	s, db := databaseWith(t, sources.Config{}, "CREATE TABLE t (i INT, v VARCHAR(10), n DECIMAL(10,2), d DATE)", "INSERT INTO t VALUES (1, 'x', 1.25, '2024-01-01')")
	i, v, n, d := rel.Type{Kind: rel.Int}, rel.VarCharType(10), rel.DecimalType(10, 2), rel.DateType
	for _, c := range []struct {
		alter, query string
		want         rel.Type
	}{
		{"ALTER TABLE t MODIFY i BIGINT; UPDATE t SET i = 5000000000", "SELECT i FROM t", i},
		{"ALTER TABLE t MODIFY i VARCHAR(20)", "SELECT i FROM t", i},
		{"ALTER TABLE t MODIFY v INT; ", "SELECT v FROM t", v},
		{"ALTER TABLE t MODIFY v VARBINARY(10); ", "SELECT v FROM t", v},
		{"ALTER TABLE t MODIFY v VARCHAR(10) CHARACTER SET latin1", "SELECT (v COLLATE utf8mb4_nopad_bin) FROM t", v},
		{"ALTER TABLE t MODIFY n DECIMAL(10,3); UPDATE t SET n = 1.255", "SELECT n FROM t", n},
		{"ALTER TABLE t MODIFY d VARCHAR(20)", "SELECT d FROM t", d},
		{"ALTER TABLE t DROP COLUMN n", "SELECT n FROM t", n},
		{"DROP TABLE t", "SELECT i FROM t", i},
	} {
		if c.alter == "" || !strings.Contains(c.alter, "MODIFY v INT") {
			if _, err := db.Exec(c.alter); err != nil {
				t.Fatal(c.alter, err)
			}
		} else if _, err := db.Exec("UPDATE t SET v = '1'; " + c.alter); err != nil {
			t.Fatal(c.alter, err)
		}
		if got, err := tryRows(s, c.query, c.want); !errors.Is(err, sources.ErrChanged) {
			t.Errorf("after %s: %v, %v; want ErrChanged", c.alter, got, err)
		}
	}
}

// TestErrorText: neither an error's text nor what is kept for the log holds what the server said of values, which may quote a row.
func TestErrorText(t *testing.T) {
	s := database(t, "CREATE TABLE t (v BIGINT UNSIGNED)", "INSERT INTO t VALUES (4711)")
	_, err := tryRows(s, "SELECT v - 999999 FROM t", one)
	if !errors.Is(err, sources.ErrValue) || code(err) != "1690" || strings.Contains(err.Error(), "999999") {
		t.Errorf("got %v", err)
	}
	if strings.Contains(detail(err), "999999") {
		t.Errorf("the detail is %q", detail(err))
	}
	if _, err := tryRows(s, "SELECT v FROM gone", one); !strings.Contains(detail(err), "gone") {
		t.Errorf("the detail of an error about a name is %q", detail(err))
	}
}

// TestLongValues: values that take several packets of the protocol, and rows around the border.
func TestLongValues(t *testing.T) {
	s := database(t)
	for _, n := range []int{250, 251, 65535, 65536, 1<<24 - 10, 1<<24 - 6, 1<<24 - 5, 1<<24 - 4, 1 << 24, 1<<25 - 10, 40_000_000} {
		q := fmt.Sprintf("SELECT REPEAT('x', %d), 7", n)
		got := rowsOf(t, s, q, rel.TextType, one)
		if len(got) != 1 || len(got[0]) != n+2 || !strings.HasSuffix(got[0], "x|7") {
			t.Errorf("%d: %d rows", n, len(got))
		}
	}
	if got := rowsOf(t, s, "SELECT 1 FROM DUAL WHERE '"+strings.Repeat("y", 17<<20)+"' <> 'x'", one); len(got) != 1 {
		t.Error("a statement of several packets")
	}
}

// TestTLS: the socket that is taken from the driver is the encrypted one.
func TestTLS(t *testing.T) {
	cfg, err := driver.ParseDSN(realservers.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	cfg.TLSConfig = "skip-verify" // the server's certificate is of its own making
	s, err := Open(sources.Config{Name: "crm", Options: map[string]any{"dsn": cfg.FormatDSN()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	row, err := c.one("SHOW STATUS LIKE 'Ssl_cipher'")
	s.release(c)
	if err != nil || len(row) != 2 || row[1] == "" {
		t.Errorf("cipher %q, %v", row, err)
	}
	if got := rowsOf(t, s, "SELECT seq FROM seq_1_to_100000", rel.UBigIntType); len(got) != 100_000 {
		t.Errorf("%d rows", len(got))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := s.Query(ctx, sources.Query{SQL: "SELECT SLEEP(20)", Columns: []rel.Column{{T: one}}}); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > time.Second {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
}

func TestConfigure(t *testing.T) {
	for _, c := range []struct {
		options map[string]any
		want    string
	}{
		{map[string]any{"dsn": "u:secret@tcp(h:1)/"}, "name the database"},
		{map[string]any{"dsn": "u:secret@tcp(h:1"}, "is not of the form"},
		{map[string]any{"dsn": 5}, "must be a string"},
	} {
		_, err := Open(sources.Config{Name: "crm", Options: c.options})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v gives %v", c.options, err)
		}
	}
	s, err := Open(sources.Config{Name: "crm", Options: map[string]any{"dsn": "u:p@tcp(h:1)/", "schema": "sales"}})
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}

func TestParseServer(t *testing.T) {
	for text, want := range map[string]server{
		"8.0.36":                     {flavor: dialect.MySQL8, version: dialect.MySQLVersion{8, 0, 36}},
		"8.4.0-commercial":           {flavor: dialect.MySQL8, version: dialect.MySQLVersion{8, 4, 0}},
		"10.11.6-MariaDB-log":        {flavor: dialect.MariaDB, version: dialect.MySQLVersion{10, 11, 6}},
		"5.5.5-10.6.12-MariaDB-1:10": {flavor: dialect.MariaDB, version: dialect.MySQLVersion{10, 6, 12}},
	} {
		if got, err := parseServer(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"5.7.44-log", "8.0.16", "10.5.9-MariaDB", "what"} {
		if _, err := parseServer(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

// TestIndexes: conditions on wrapped columns still use the index.
func TestIndexes(t *testing.T) {
	s, d, scan := odd(t)
	for text, key := range map[string]string{
		"=(t1, 'abc')":         "t1",
		"in(t2, 'abc', 'ß')":   "t2",
		`like(t2, 'ab%', '\')`: "t2",
		"=(d, d'2024-02-29')":  "d",
		"<(d, d'0500-01-01')":  "d",
		"=(id, 5)":             "PRIMARY",
		"in(d, d'2024-02-29')": "d",
	} {
		in := scan()
		e, _ := in.parse(text)
		p, err := dialect.Print(d, &rel.Filter{Input: in.Scan, Pred: e}, in.Columns(), dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := lines(s, "EXPLAIN "+p.SQL)
		if err != nil {
			t.Fatal(err)
		}
		// The table is small, so what counts is that the index is thought of (possible_keys).
		if f := strings.Split(plan[0], "|"); !strings.Contains(f[4], key) {
			t.Errorf("%s is run as %s", p.SQL, plan[0])
		}
	}
}
