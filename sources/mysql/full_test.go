package mysql

import (
	"errors"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/engine/rel"
	"weir/sources"
	"weir/test/realservers"
)

// A server that takes two sessions of the account, where the source may have four, refused the third statement. It waits for one of the two.
func TestServerIsFull(t *testing.T) {
	_, db := databaseWith(t, sources.Config{})
	for _, statement := range []string{"CREATE OR REPLACE USER crowded@'%' IDENTIFIED BY 'crowded-11' WITH MAX_USER_CONNECTIONS 2", "GRANT SELECT ON *.* TO crowded@'%'"} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(statement, err)
		}
	}
	t.Cleanup(func() { db.Exec("DROP USER crowded@'%'") })
	to, err := driver.ParseDSN(realservers.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	to.User, to.Passwd = "crowded", "crowded-11"
	s, err := Open(sources.Config{Name: "crm", Options: map[string]any{"dsn": to.FormatDSN()}, MaxConnections: 4, StatementTimeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	endless := sources.Query{SQL: "SELECT a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b", Columns: []rel.Column{{T: rel.UBigIntType}}}
	var held []sources.Batches
	for range 2 {
		b, err := s.Query(t.Context(), endless)
		if err != nil {
			t.Fatal(err, detail(err))
		}
		defer b.Close()
		held = append(held, b)
	}
	time.AfterFunc(500*time.Millisecond, func() { held[0].Close() })
	for range 2 { // with a new session, and with one that was idle
		if got, err := tryRows(s, "SELECT 1", one); len(got) != 1 || err != nil {
			t.Errorf("%v, %v %s", got, err, detail(err))
		}
	}
	b, err := s.Query(t.Context(), endless)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err = tryRows(s, "SELECT 1", one); !errors.Is(err, sources.ErrBusy) || !strings.Contains(err.Error(), "the 2 that Weir has have been in use for 2.7s") {
		t.Errorf("while nobody leaves: %v", err)
	}
}
