package mysql

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// reads is a table of a source as a plan knows it.
func reads(t *testing.T, s *Source, table string) []*rel.Table {
	t.Helper()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range tables {
		if x.Name == table && x.Version != "" {
			return []*rel.Table{{Name: table, Version: x.Version}}
		}
	}
	t.Fatalf("there is no table %s with a version", table)
	return nil
}

// What makes sure of a definition locks it until the transaction ends, for tables of every engine and for what is below a view; it reads nothing.
func TestLocks(t *testing.T) {
	s, db := databaseWith(t, sources.Config{},
		"CREATE TABLE a (i INT)", "CREATE TABLE b (i INT) ENGINE MyISAM", "CREATE TABLE c (i INT)", "CREATE VIEW v AS SELECT MAX(i) FROM c", "INSERT INTO a VALUES (1), (2)",
		"CREATE VIEW slow AS SELECT SUM(SLEEP(20)) FROM a", "CREATE VIEW slower AS SELECT DISTINCT SLEEP(20) AS i FROM a", "CREATE VIEW d AS SELECT i FROM c", "SET lock_wait_timeout = 0")
	var tables []*rel.Table
	for _, name := range []string{"a", "b", "v", "slow", "slower", "d"} {
		tables = append(tables, reads(t, s, name)...)
	}
	c, err := s.acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.drop(c)
	began := time.Now()
	if _, err := s.openChecked(c, tables, "SELECT 1"); !errors.Is(err, errUnlearnt) {
		t.Errorf("definitions that have never been seen give %v", err)
	}
	if err := s.learn(t.Context(), c, tables); err != nil {
		t.Fatal(err)
	}
	for _, l := range locks(tables) {
		if _, err := c.one(l); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("rows were read: %v", took)
	}
	change := func(table string) error {
		_, err := db.Exec("ALTER TABLE " + table + " ADD j INT")
		return err
	}
	for _, table := range []string{"a", "b", "c"} {
		if e := new(driver.MySQLError); !errors.As(change(table), &e) || e.Number != 1205 {
			t.Errorf("table %s can be changed", table)
		}
	}
	if _, err := c.one("COMMIT"); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"a", "b", "c"} {
		if err := change(table); err != nil {
			t.Errorf("table %s can't be changed afterwards: %v", table, err)
		}
	}
}

// However a statement ends, its transaction ends with it.
func TestTransactionEnds(t *testing.T) {
	s, db := databaseWith(t, sources.Config{}, "CREATE TABLE a (i INT)", "INSERT INTO a VALUES (1), (2)", "SET lock_wait_timeout = 2")
	columns := []rel.Column{{ID: 1, Name: "i", T: rel.BigIntType}}
	long := " OR i = 0"
	for _, c := range []struct {
		sql  string
		want error
		rows int64
	}{
		{"SELECT i FROM a", nil, 2},
		{"SELECT i FROM a WHERE i = 1" + strings.Repeat(long, 20000), nil, 1},
		{"SELECT i FROM a WHERE i = (SELECT i FROM a)", sources.ErrRows, 0},
		{"SELECT i FROM a WHERE i = (SELECT i FROM a)" + strings.Repeat(long, 20000), sources.ErrRows, 0},
		{"SELECT 18446744073709551615 + i FROM a", sources.ErrValue, 0},
		{"SELECT nothing FROM a", sources.ErrChanged, 0},
		{"SELECT i FROM nothing", sources.ErrChanged, 0},
	} {
		for range 2 {
			r := reads(t, s, "a")
			n, err := sourcetest.Count(t.Context(), s, sources.Query{SQL: c.sql, Columns: columns, Reads: r})
			if !errors.Is(err, c.want) && c.want != sources.ErrRows || n != c.rows {
				t.Errorf("%.40s gives %d rows, %v", c.sql, n, err)
			}
			if _, err := db.Exec("ALTER TABLE a ADD j INT"); err != nil {
				t.Errorf("after %.40s: %v", c.sql, err)
			}
			_, err = sourcetest.Count(t.Context(), s, sources.Query{SQL: c.sql, Columns: columns, Reads: r})
			if !errors.Is(err, sources.ErrChanged) {
				t.Errorf("%.40s over a changed table gives %v", c.sql, err)
			}
			if _, err := db.Exec("ALTER TABLE a DROP j"); err != nil {
				t.Errorf("after %.40s: %v", c.sql, err)
			}
		}
	}
}

// An account that may read a table's columns only one by one isn't shown how it was made.
func TestVersionsOfSomeColumns(t *testing.T) {
	all, db := databaseWith(t, sources.Config{}, "CREATE TABLE a (i INT NOT NULL UNIQUE, j JSON, k INT)", "INSERT INTO a VALUES (1, '[]', 1)", "SET lock_wait_timeout = 2")
	schema := all.set.schema
	user := "some_columns"
	for _, q := range []string{"CREATE USER " + user + " IDENTIFIED BY 'p'", "GRANT SELECT (i, j) ON " + schema + ".a TO " + user} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { db.Exec("DROP USER " + user) })
	cfg := all.set.driver.Clone()
	cfg.User, cfg.Passwd = user, "p"
	s, err := Open(sources.Config{Name: "some", Options: map[string]any{"dsn": cfg.FormatDSN()}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q := sources.Query{SQL: "SELECT i FROM a", Columns: []rel.Column{{ID: 1, Name: "i", T: rel.BigIntType}}, Reads: reads(t, s, "a")}
	for _, change := range []string{"ALTER TABLE a MODIFY j LONGTEXT", "ALTER TABLE a DROP KEY i", "ALTER TABLE a MODIFY i BIGINT NOT NULL"} {
		for range 2 {
			if _, err := sourcetest.Count(t.Context(), s, q); err != nil {
				t.Errorf("before %s: %v", change, err)
			}
		}
		if _, err := db.Exec(change); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := sourcetest.Count(t.Context(), s, q); !errors.Is(err, sources.ErrChanged) {
				t.Errorf("after %s: %v", change, err)
			}
		}
		q.Reads = reads(t, s, "a")
	}
	if asks := s.learnt.asks("a"); len(asks) != 3 {
		t.Errorf("it is asked for by %q", asks)
	}
}

// More tables than one statement locks.
func TestManyTables(t *testing.T) {
	var setup []string
	for i := range 2*lockedAtOnce + 5 {
		setup = append(setup, fmt.Sprintf("CREATE TABLE `t``%d` (i INT)", i))
	}
	s, db := databaseWith(t, sources.Config{}, setup...)
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q := sources.Query{SQL: "SELECT 1", Columns: []rel.Column{{ID: 1, Name: "i", T: rel.BigIntType}}}
	for _, x := range tables {
		q.Reads = append(q.Reads, &rel.Table{Name: x.Name, Version: x.Version})
	}
	for range 2 {
		if n, err := sourcetest.Count(t.Context(), s, q); n != 1 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	if _, err := db.Exec("ALTER TABLE `t``64` ADD j INT"); err != nil {
		t.Fatal(err)
	}
	if _, err := sourcetest.Count(t.Context(), s, q); !errors.Is(err, sources.ErrChanged) {
		t.Errorf("error %v", err)
	}
}

func TestWithoutCounter(t *testing.T) {
	row := func(text string) []byte {
		return append([]byte{1, 'a', 0xfc, byte(len(text)), byte(len(text) >> 8)}, text...)
	}
	for _, c := range []struct{ row, want string }{
		{"CREATE TABLE `a` (\n  `i` int\n) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4", "CREATE TABLE `a` (\n  `i` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"},
		{"CREATE TABLE `a` (\n  `i` int COMMENT 'x AUTO_INCREMENT=5'\n) ENGINE=InnoDB", "CREATE TABLE `a` (\n  `i` int COMMENT 'x AUTO_INCREMENT=5'\n) ENGINE=InnoDB"},
		{"x", "x"},
	} {
		if got := string(withoutCounter(row(c.row))); got != c.want {
			t.Errorf("%q becomes %q", c.row, got)
		}
	}
}
