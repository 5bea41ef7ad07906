package postgres_test

import (
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/engine/rel"
	"weir/sources"
	_ "weir/sources/postgres"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

func TestConformance(t *testing.T) {
	dsn := realservers.Postgres(t)
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	exec := func(t testing.TB, statements ...string) {
		t.Helper()
		c, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(t.Context())
		for _, s := range statements {
			if _, err := c.Exec(t.Context(), s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	big := []rel.Column{{ID: 1, Name: "a", T: rel.BigIntType}, {ID: 2, Name: "b", T: rel.TextType}}
	sourcetest.Run(t, sourcetest.Harness{
		Kind: "postgres",
		Options: func(address string) map[string]any {
			to := *u
			to.Host = address
			return map[string]any{"dsn": to.String()}
		},
		Address:      u.Host,
		Exec:         exec,
		Types:        typeCases(),
		Setup:        setup,
		Tables:       tables(),
		Pushdown:     statements(t),
		EveryAbility: true,
		Reference:    realservers.MariaDB(t), ReferenceSetup: sourcetest.ReferenceTables(),
		Marker:  "conformance marker",
		Slow:    sources.Query{SQL: "SELECT 1::bigint, 'conformance marker' FROM pg_sleep(60)", Columns: big},
		Endless: sources.Query{SQL: "SELECT generate_series(1::bigint, 1000000000), 'conformance marker' || repeat('x', 100)", Columns: big},
		Big:     sources.Query{SQL: "SELECT i, repeat('x', 100) FROM generate_series(1::bigint, 300000) i", Columns: big},
		BigRows: 300000,
		Running: func(t testing.TB, marker string) int {
			t.Helper()
			c, err := pgx.Connect(t.Context(), dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close(t.Context())
			var n int
			err = c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()
				AND application_name = 'weir' AND query LIKE '%' || $1 || '%'`, marker).Scan(&n)
			if err != nil {
				t.Fatal(err)
			}
			return n
		},
	})
}
