package postgres_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/engine/rel"
	"weir/sources"
	_ "weir/sources/postgres"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

// typesOf are the types that the server has: PostgreSQL 14 knows no scale below zero or above the precision.
func typesOf(t *testing.T, dsn string) []sourcetest.TypeCase {
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	var old bool
	if err := c.QueryRow(t.Context(), "SELECT current_setting('server_version_num')::int < 150000").Scan(&old); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(typeCases(), func(c sourcetest.TypeCase) bool {
		return old && (c.Column == "numeric(5,-2)" || c.Column == "numeric(2,4)")
	})
}

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
		Types:        typesOf(t, dsn),
		Setup:        setup,
		Tables:       tables(),
		Pushdown:     statements(t),
		EveryAbility: true,
		Reference:    realservers.MariaDB(t), ReferenceSetup: sourcetest.ReferenceTables(),
		Changes: changes,
		Alternation: sourcetest.Alternation{Table: "restless",
			Before: []string{"CREATE TABLE restless (v int NOT NULL)", "INSERT INTO restless VALUES (9), (10)"},
			ToInt:  []string{"ALTER TABLE restless ALTER v TYPE int USING v::int"},
			ToText: []string{"ALTER TABLE restless ALTER v TYPE text USING v::text"}},
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

// changes happen to tables under statements.
var changes = []sourcetest.ChangeCase{
	{Name: "type changed", Table: "c1", Before: []string{"CREATE TABLE c1 (id int PRIMARY KEY, v int)", "INSERT INTO c1 VALUES (1, 1)"},
		After: []string{"ALTER TABLE c1 ALTER v TYPE text USING v::text"}},
	{Name: "length changed", Table: "c1b", Before: []string{"CREATE TABLE c1b (v varchar(3))", "INSERT INTO c1b VALUES ('a')"},
		After: []string{"ALTER TABLE c1b ALTER v TYPE varchar(30)"}},
	{Name: "collation changed", Table: "c1c", Before: []string{"CREATE TABLE c1c (v text COLLATE \"C\")", "INSERT INTO c1c VALUES ('a')"},
		After: []string{"CREATE COLLATION IF NOT EXISTS loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)", "ALTER TABLE c1c ALTER v TYPE text COLLATE loose"}},
	{Name: "column added", Table: "c2", Before: []string{"CREATE TABLE c2 (id int)", "INSERT INTO c2 VALUES (1)"},
		After: []string{"ALTER TABLE c2 ADD v text"}},
	{Name: "column renamed", Table: "c3", Before: []string{"CREATE TABLE c3 (id int, v text)", "INSERT INTO c3 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c3 RENAME v TO w"}},
	{Name: "column dropped", Table: "c4", Before: []string{"CREATE TABLE c4 (id int, v text)", "INSERT INTO c4 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c4 DROP v"}},
	{Name: "columns swapped", Table: "c5", Before: []string{"CREATE TABLE c5 (v text, w text)", "INSERT INTO c5 VALUES ('a', 'b')"},
		After: []string{"ALTER TABLE c5 RENAME v TO x", "ALTER TABLE c5 RENAME w TO v", "ALTER TABLE c5 RENAME x TO w"}},
	{Name: "NULL allowed", Table: "c6", Before: []string{"CREATE TABLE c6 (v text NOT NULL)", "INSERT INTO c6 VALUES ('a')"},
		After: []string{"ALTER TABLE c6 ALTER v DROP NOT NULL", "INSERT INTO c6 VALUES (NULL)"}},
	{Name: "key dropped", Table: "c7", Before: []string{"CREATE TABLE c7 (v int NOT NULL UNIQUE)", "INSERT INTO c7 VALUES (1)"},
		After: []string{"ALTER TABLE c7 DROP CONSTRAINT c7_v_key", "INSERT INTO c7 VALUES (1)"}},
	{Name: "table made anew", Table: "c8", Before: []string{"CREATE TABLE c8 (id int PRIMARY KEY, v text)", "INSERT INTO c8 VALUES (1, '1')"},
		After: []string{"DROP TABLE c8", "CREATE TABLE c8 (id text PRIMARY KEY, v int)", "INSERT INTO c8 VALUES ('1', 1)"}},
	{Name: "another table of the name", Table: "c8b", Before: []string{"CREATE TABLE c8b (v int)", "INSERT INTO c8b VALUES (1)", "CREATE TABLE c8c (v text)", "INSERT INTO c8c VALUES ('1')"},
		After: []string{"ALTER TABLE c8b RENAME TO c8d", "ALTER TABLE c8c RENAME TO c8b"}},
	{Name: "view redefined", Table: "c9", Before: []string{"CREATE TABLE c9t (i int, s text)", "INSERT INTO c9t VALUES (1, '1')", "CREATE VIEW c9 AS SELECT i AS v FROM c9t"},
		After: []string{"DROP VIEW c9", "CREATE VIEW c9 AS SELECT s AS v FROM c9t"}},
	{Name: "view with one more column", Table: "c9b", Before: []string{"CREATE VIEW c9b AS SELECT 1 AS v"}, After: []string{"CREATE OR REPLACE VIEW c9b AS SELECT 1 AS v, 2 AS w"}},
	{Name: "table below a view changed", Table: "c10", Before: []string{"CREATE TABLE c10t (i int)", "INSERT INTO c10t VALUES (1)", "CREATE VIEW c10v AS SELECT i FROM c10t", "CREATE VIEW c10 AS SELECT i AS v FROM c10v"},
		After: []string{"DROP TABLE c10t CASCADE", "CREATE TABLE c10t (i text)", "INSERT INTO c10t VALUES ('1')", "CREATE VIEW c10v AS SELECT i FROM c10t", "CREATE VIEW c10 AS SELECT i AS v FROM c10v"}},
	{Name: "materialised view made anew", Table: "c10m", Before: []string{"CREATE MATERIALIZED VIEW c10m AS SELECT 1 AS v"},
		After: []string{"DROP MATERIALIZED VIEW c10m", "CREATE MATERIALIZED VIEW c10m AS SELECT 'a'::text AS v"}},
	{Name: "partitioned table changed", Table: "c10p", Before: []string{"CREATE TABLE c10p (k int, v int) PARTITION BY LIST (k)", "CREATE TABLE c10p1 PARTITION OF c10p FOR VALUES IN (1)", "INSERT INTO c10p VALUES (1, 1)"},
		After: []string{"ALTER TABLE c10p ALTER v TYPE text"}},
	{Name: "inherited from", Table: "c10i", Before: []string{"CREATE TABLE c10i (v int PRIMARY KEY)", "INSERT INTO c10i VALUES (1)"},
		After: []string{"CREATE TABLE c10j () INHERITS (c10i)", "INSERT INTO c10j VALUES (1)"}},
	{Name: "rows and comments", Harmless: true, Table: "c11", Before: []string{"CREATE TABLE c11 (id int PRIMARY KEY, v text)", "INSERT INTO c11 VALUES (1, 'a')"},
		After: []string{"INSERT INTO c11 VALUES (2, 'b')", "CREATE INDEX ON c11 (v)", "COMMENT ON COLUMN c11.v IS 'c'", "ALTER TABLE c11 ALTER v SET DEFAULT 'x'", "CREATE TABLE c11_other (x int)", "ANALYZE c11"}},
	{Name: "materialised view refreshed", Harmless: true, Table: "c12", Before: []string{"CREATE MATERIALIZED VIEW c12 AS SELECT now() AS v"}, After: []string{"REFRESH MATERIALIZED VIEW c12"}},
}
