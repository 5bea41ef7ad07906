package postgres_test

import (
	"os"
	"strings"
	"testing"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// setup makes the tables of the suite's statements, the table odd of columns that are stored otherwise than they are computed with, and
// what discovery must find.
var setup = append(append([]string{
	"CREATE TABLE t (id integer PRIMARY KEY, i integer, b bigint, n numeric(12,2), m numeric(20,6), x double precision, s varchar(40), c character(8), d date, ts timestamp)",
	"CREATE TABLE u (id integer PRIMARY KEY, tid integer, k varchar(20), v numeric(10,3), note text)",
	"CREATE INDEX ON t (s)", "CREATE INDEX ON t (c)", "CREATE INDEX ON t (d)",
}, sourcetest.Rows()...),
	"CREATE EXTENSION citext",
	"CREATE TYPE state AS ENUM ('sad', 'ok', 'it''s')",
	"CREATE COLLATION lax (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
	"CREATE DOMAIN seven AS integer DEFAULT 7",
	`CREATE TABLE odd (id integer PRIMARY KEY, f real, tz timestamptz, u uuid, en state, bo boolean, re real, oi oid, na name, ip inet, mo money, un numeric,
		js json, jb jsonb, ci citext, nd text COLLATE lax, de varchar(10) COLLATE "de-x-icu", ch character(5), ar integer[], iv interval, tt timetz, ra int4range,
		bi bit(8), by bytea, ti time(0), dom seven)`,
	`INSERT INTO odd VALUES
	(1, 0.1, '2024-03-31 02:30:00+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok', true, 0.1, 5, 'pg_class', '10.0.0.1', 12.5, 1.50, '{"a":1}', '{"a":1}', 'ABC', 'ABC', 'ä', 'ab', '{1,2}', '1 day', '12:00+01', '[1,5)', B'00000101', '\x00ff', '12:00', 7),
	(2, 0.2, '2024-10-27 02:30:00 Europe/Berlin', '00000000-0000-0000-0000-000000000000', 'sad', false, 0.2, 6, 'pg_type', '10.0.0.0/8', -1, 1.5, 'null', 'null', 'abc', 'abc', 'a', 'ab ', '{}', '-1 day', '12:00+00', 'empty', B'10000000', '\x', '24:00', 7),
	(3, -1e30, '1999-12-31 23:59:59.999999+00', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 'it''s', true, -1e30, 4294967295, 'é', '::1', 0, 100, '[]', '[]', 'abd', 'ABD', 'z', 'é', '{3,NULL}', '1 mon', '23:59:59-08', '(,5)', B'11111111', '\x00', '00:00', 8),
	(4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(5, 0.1, '2024-03-31 00:30:00+00', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ok', true, 0.1, 5, 'pg_class', '10.0.0.1', 12.5, 1.50, '{"a": 1}', '{"a":1}', 'Abc', 'Abc', 'Ä', 'AB', '{1,2}', '24:00:00', '12:00+01', '[1,4]', B'00000101', '\x00ff', '12:00', 7)`,
	"CREATE TABLE part (id bigint NOT NULL, day date NOT NULL, v text, UNIQUE (id, day)) PARTITION BY RANGE (day)",
	"CREATE TABLE part_2023 PARTITION OF part FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')",
	"CREATE TABLE part_2024 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
	"INSERT INTO part SELECT i, date '2023-01-01' + i::int * 30, chr(97 + i::int % 3) FROM generate_series(1, 20) i",
	"CREATE MATERIALIZED VIEW summary AS SELECT day, count(*) AS total FROM part GROUP BY day",
	"CREATE UNIQUE INDEX summary_day ON summary (day)",
	"CREATE VIEW shown AS SELECT id, upper(v) AS v FROM part",
	`CREATE TABLE parent (a integer NOT NULL, b varchar(10) NOT NULL, c text DEFAULT 'it''s', PRIMARY KEY (a, b))`,
	"COMMENT ON TABLE parent IS 'the parent'", "COMMENT ON COLUMN parent.c IS 'a note'",
	"CREATE UNIQUE INDEX parent_b ON parent (b)", "CREATE UNIQUE INDEX parent_c ON parent (c)", "CREATE UNIQUE INDEX parent_part ON parent (a) WHERE a > 0",
	"CREATE UNIQUE INDEX parent_expr ON parent (lower(b))", "CREATE INDEX parent_cover ON parent (a) INCLUDE (c)", "CREATE INDEX parent_hash ON parent USING hash (a)",
	`CREATE TABLE "Child ""x""" (id bigint PRIMARY KEY, "A" integer, "B" varchar(10), "äö" interval, CONSTRAINT fk FOREIGN KEY ("A", "B") REFERENCES parent (a, b))`,
	`COMMENT ON COLUMN "Child ""x"""."äö" IS 'how long'`,
	"CREATE SCHEMA other", "CREATE TABLE other.hidden (a int)",
	"CREATE TABLE nothing ()",
	"INSERT INTO parent SELECT i, 'b' || i, 'c' || i FROM generate_series(1, 100) i",
	"ANALYZE parent", "ANALYZE summary",
)

// tables are what discovery must find.
func tables() []sources.Table {
	notNull := func(t rel.Type, native string) rel.Type { t.NotNull, t.Native = true, native; return t }
	native := func(t rel.Type, native string) rel.Type { t.Native = native; return t }
	return []sources.Table{
		{Schema: "public", Name: "part", Kind: sources.BaseTable, RowCount: -1,
			Columns: []sources.Column{{Name: "id", Type: notNull(rel.BigIntType, "bigint")}, {Name: "day", Type: notNull(rel.DateType, "date")}, {Name: "v", Type: native(rel.TextType, "text")}},
			Uniques: [][]string{{"id", "day"}}, Indexes: []sources.Index{{Name: "part_id_day_key", Columns: []string{"id", "day"}, Unique: true}}},
		{Schema: "public", Name: "summary", Kind: sources.MaterializedView, RowCount: 20,
			Columns: []sources.Column{{Name: "day", Type: native(rel.DateType, "date")}, {Name: "total", Type: native(rel.BigIntType, "bigint")}},
			Indexes: []sources.Index{{Name: "summary_day", Columns: []string{"day"}, Unique: true}}},
		{Schema: "public", Name: "shown", Kind: sources.View, RowCount: -1,
			Columns: []sources.Column{{Name: "id", Type: native(rel.BigIntType, "bigint")}, {Name: "v", Type: native(rel.TextType, "text")}}},
		{Schema: "public", Name: "parent", Kind: sources.BaseTable, Comment: "the parent", RowCount: 100,
			Columns: []sources.Column{{Name: "a", Type: notNull(rel.Type{Kind: rel.Int}, "integer")}, {Name: "b", Type: notNull(rel.VarCharType(10), "character varying(10)")},
				{Name: "c", Type: native(rel.TextType, "text"), Comment: "a note", Default: "'it''s'::text"}},
			PrimaryKey: []string{"a", "b"}, Uniques: [][]string{{"b"}},
			Indexes: []sources.Index{{Name: "parent_pkey", Columns: []string{"a", "b"}, Unique: true}, {Name: "parent_b", Columns: []string{"b"}, Unique: true},
				{Name: "parent_c", Columns: []string{"c"}, Unique: true}, {Name: "parent_cover", Columns: []string{"a"}}}},
		{Schema: "public", Name: `Child "x"`, Kind: sources.BaseTable, RowCount: -1,
			Columns: []sources.Column{{Name: "id", Type: notNull(rel.BigIntType, "bigint")}, {Name: "A", Type: native(rel.Type{Kind: rel.Int}, "integer")},
				{Name: "B", Type: native(rel.VarCharType(10), "character varying(10)")},
				{Name: "äö", Type: native(rel.VarCharType(64), "interval"), Comment: "how long (arrives as text: a PostgreSQL interval)"}},
			PrimaryKey: []string{"id"}, Indexes: []sources.Index{{Name: `Child "x"_pkey`, Columns: []string{"id"}, Unique: true}},
			ForeignKeys: []sources.ForeignKey{{Name: "fk", Columns: []string{"A", "B"}, RefSchema: "public", RefTable: "parent", RefColumns: []string{"a", "b"}}}},
		{Schema: "public", Name: "nothing", Kind: sources.BaseTable, RowCount: -1, Broken: "it has no columns that the account may read"},
	}
}

// statements are the suite's and those over odd, which are not compared with the reference.
func statements(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("testdata/statements.sql")
	if err != nil {
		t.Fatal(err)
	}
	out := sourcetest.Statements()
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if !strings.HasPrefix(line, "--") {
			out = append(out, "!"+line)
		}
	}
	return out
}
