package postgres

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"weir/sources"
	"weir/test/realservers"
)

// A server that takes two connections of the account, where the source may have four, refused the third statement. It waits for one of the two.
func TestServerIsFull(t *testing.T) {
	dsn := realservers.Postgres(t)
	_, exec := testSource(t, 0)
	exec("DROP ROLE IF EXISTS crowded")
	exec("CREATE ROLE crowded LOGIN PASSWORD 'crowded-11' CONNECTION LIMIT 2")
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("crowded", "crowded-11")
	s, err := open(sources.Config{Name: "src", Options: map[string]any{"dsn": u.String()}, MaxConnections: 4, StatementTimeout: 3 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var held []sources.Batches
	for range 2 {
		b, err := s.Query(t.Context(), sources.Query{SQL: "SELECT generate_series(1::bigint, 10000000)", Columns: intColumn})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		held = append(held, b)
	}
	time.AfterFunc(500*time.Millisecond, func() { held[0].Close() })
	for range 2 { // with a new connection, and with one that was idle
		if n, err := drain(t.Context(), s, "SELECT 1::bigint", intColumn); n != 1 || !errors.Is(err, io.EOF) {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	b, err := s.Query(t.Context(), sources.Query{SQL: "SELECT generate_series(1::bigint, 10000000)", Columns: intColumn})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if _, err = drain(t.Context(), s, "SELECT 1::bigint", intColumn); !errors.Is(err, sources.ErrBusy) || !strings.Contains(err.Error(), "the 2 that Weir has have been in use for 2.7s") {
		t.Errorf("while nobody leaves: %v", err)
	}
}
