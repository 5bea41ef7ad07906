package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

// run runs statements on a database file as its owner.
func run(t testing.TB, path string, statements ...string) {
	t.Helper()
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, s := range statements {
		do := sqlitex.ExecuteTransient
		if strings.Contains(s, "; ") { // several, in one transaction
			do = sqlitex.ExecuteScript
		}
		if err := do(c, s, nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// locked tells whether somebody reads the file: then nobody can lock it for writing.
func locked(t testing.TB, path string) bool {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetBusyTimeout(0)
	err = sqlitex.ExecuteTransient(c, "BEGIN EXCLUSIVE", nil)
	if err != nil && sqlite.ErrCode(err).ToPrimary() != sqlite.ResultBusy {
		t.Fatal(err)
	}
	return err != nil
}

func endless(limit int, out string) string {
	return fmt.Sprintf("SELECT %s FROM (WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < %d) SELECT i FROM g)", out, limit)
}

func TestConformance(t *testing.T) {
	path := filepath.Join(t.TempDir(), "conformance.db")
	text := strings.Repeat("0123456789", 20)
	sourcetest.Run(t, sourcetest.Harness{
		Kind:     "sqlite",
		Options:  func(string) map[string]any { return map[string]any{"path": path} },
		Exec:     func(t testing.TB, statements ...string) { run(t, path, statements...) },
		Types:    typeCases,
		Setup:    append(append(setup, sharedTables...), fitting(sourcetest.Rows())...),
		Tables:   tables,
		Pushdown: append(pushdown, sourcetest.Statements()...),

		Reference:      realservers.MariaDB(t),
		ReferenceSetup: append(reference, fitting(sourcetest.ReferenceTables())...),

		Changes: changes,
		Alternation: sourcetest.Alternation{Table: "restless",
			Before: []string{"CREATE TABLE restless (v INTEGER NOT NULL)", "INSERT INTO restless VALUES (9), (10)"},
			ToInt:  []string{"DROP TABLE restless; CREATE TABLE restless (v INTEGER NOT NULL); INSERT INTO restless VALUES (9), (10)"},
			ToText: []string{"DROP TABLE restless; CREATE TABLE restless (v TEXT NOT NULL); INSERT INTO restless VALUES ('9'), ('10')"}},

		Slow:    sources.Query{SQL: endless(1_000_000_000, "count(*)") + " /* marker */", Columns: []rel.Column{{ID: 1, Name: "n", T: rel.BigIntType}}},
		Endless: sources.Query{SQL: endless(1_000_000_000, "i") + " /* marker */", Columns: []rel.Column{{ID: 1, Name: "i", T: rel.BigIntType}}},
		Marker:  "marker",
		Running: func(t testing.TB, _ string) int {
			if locked(t, path) {
				return 1
			}
			return 0
		},
		Big:     sources.Query{SQL: endless(100_000, "i, '"+text+"'"), Columns: []rel.Column{{ID: 1, Name: "i", T: rel.BigIntType}, {ID: 2, Name: "s", T: rel.TextType}}},
		BigRows: 100_000,
	})
}

// changes happen to tables under statements. SQLite changes no column's type, so that is done by a table of the same name.
var changes = []sourcetest.ChangeCase{
	{Name: "type changed", Table: "c1", Before: []string{"CREATE TABLE c1 (id INTEGER PRIMARY KEY, v INTEGER)", "INSERT INTO c1 VALUES (1, 1)"},
		After: []string{"CREATE TABLE c1_next (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO c1_next SELECT * FROM c1", "DROP TABLE c1", "ALTER TABLE c1_next RENAME TO c1"}},
	{Name: "column added", Table: "c2", Before: []string{"CREATE TABLE c2 (id INTEGER PRIMARY KEY)", "INSERT INTO c2 VALUES (1)"},
		After: []string{"ALTER TABLE c2 ADD COLUMN v TEXT"}},
	{Name: "column renamed", Table: "c3", Before: []string{"CREATE TABLE c3 (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO c3 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c3 RENAME COLUMN v TO w"}},
	{Name: "column dropped", Table: "c4", Before: []string{"CREATE TABLE c4 (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO c4 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c4 DROP COLUMN v"}},
	{Name: "columns swapped", Table: "c5", Before: []string{"CREATE TABLE c5 (v TEXT, w TEXT)", "INSERT INTO c5 VALUES ('a', 'b')"},
		After: []string{"ALTER TABLE c5 RENAME COLUMN v TO x", "ALTER TABLE c5 RENAME COLUMN w TO v", "ALTER TABLE c5 RENAME COLUMN x TO w"}},
	{Name: "NULL allowed", Table: "c6", Before: []string{"CREATE TABLE c6 (v TEXT NOT NULL)", "INSERT INTO c6 VALUES ('a')"},
		After: []string{"DROP TABLE c6", "CREATE TABLE c6 (v TEXT)", "INSERT INTO c6 VALUES ('a'), (NULL)"}},
	{Name: "key dropped", Table: "c7", Before: []string{"CREATE TABLE c7 (v INTEGER NOT NULL)", "CREATE UNIQUE INDEX c7_v ON c7 (v)", "INSERT INTO c7 VALUES (1)"},
		After: []string{"DROP INDEX c7_v", "INSERT INTO c7 VALUES (1)"}},
	{Name: "table made anew", Table: "c8", Before: []string{"CREATE TABLE c8 (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO c8 VALUES (1, '1')"},
		After: []string{"DROP TABLE c8", "CREATE TABLE c8 (id TEXT PRIMARY KEY, v INTEGER)", "INSERT INTO c8 VALUES ('1', 1)"}},
	{Name: "view redefined", Table: "c9", Before: []string{"CREATE TABLE c9t (i INTEGER, s TEXT)", "INSERT INTO c9t VALUES (1, '1')", "CREATE VIEW c9 AS SELECT i AS v FROM c9t"},
		After: []string{"DROP VIEW c9", "CREATE VIEW c9 AS SELECT s AS v FROM c9t"}},
	{Name: "table below a view changed", Table: "c10", Before: []string{"CREATE TABLE c10t (i INTEGER)", "INSERT INTO c10t VALUES (1)", "CREATE VIEW c10v AS SELECT i FROM c10t", "CREATE VIEW c10 AS SELECT i AS v FROM c10v"},
		After: []string{"DROP TABLE c10t", "CREATE TABLE c10t (i TEXT)", "INSERT INTO c10t VALUES ('1')"}},
	{Name: "rows and comments", Harmless: true, Table: "c11", Before: []string{"CREATE TABLE c11 (id INTEGER PRIMARY KEY, v TEXT)", "INSERT INTO c11 VALUES (1, 'a')"},
		After: []string{"INSERT INTO c11 VALUES (2, 'b')", "CREATE INDEX c11_v ON c11 (v)", "CREATE TABLE c11_other (x)", "ANALYZE"}},
}

func dateTime(scale int) rel.Type { return rel.Type{Kind: rel.DateTime, Scale: scale} }

var typeCases = []sourcetest.TypeCase{
	{Column: "INTEGER", Want: rel.BigIntType, Values: []sourcetest.ValueCase{
		{SQL: "0", Want: "0"}, {SQL: "-9223372036854775808", Want: "-9223372036854775808"}, {SQL: "9223372036854775807", Want: "9223372036854775807"},
		{SQL: "'12'", Want: "12"}, {SQL: "5.0", Want: "5"}, {SQL: "-9223372036854775808.0", Want: "-9223372036854775808"}}},
	{Column: "INT", Want: rel.BigIntType, Values: []sourcetest.ValueCase{
		{SQL: "'twelve'", Want: "error"}, {SQL: "1.5", Want: "error"}, {SQL: "x'31'", Want: "error"}, {SQL: "9223372036854775808", Want: "error"}, {SQL: "7", Want: "7"}}},
	{Column: "UNSIGNED BIG INT", Want: rel.BigIntType, Values: []sourcetest.ValueCase{{SQL: "1", Want: "1"}}},
	{Column: "FLOATING POINT", Want: rel.TextType, Note: "arrives as text", Values: []sourcetest.ValueCase{{SQL: "1.5", Want: `"1.5"`}, {SQL: "2.0", Want: `"2"`}}},
	{Column: "BOOLEAN", Want: rel.Type{Kind: rel.TinyInt}, Values: []sourcetest.ValueCase{{SQL: "TRUE", Want: "1"}, {SQL: "FALSE", Want: "0"}, {SQL: "'yes'", Want: "error"}, {SQL: "300", Want: "error"}}},
	{Column: "REAL", Want: rel.DoubleType, Values: []sourcetest.ValueCase{
		{SQL: "1", Want: "1"}, {SQL: "0.1", Want: "0.1"}, {SQL: "1e308", Want: "1e+308"}, {SQL: "5e-324", Want: "5e-324"}, {SQL: "'0.5'", Want: "0.5"}}},
	{Column: "DOUBLE PRECISION", Want: rel.DoubleType, Values: []sourcetest.ValueCase{{SQL: "9e999", Want: "error"}, {SQL: "'x'", Want: "error"}}},
	{Column: "NUMERIC", Want: rel.DoubleType, Values: []sourcetest.ValueCase{
		{SQL: "7", Want: "7"}, {SQL: "0.25", Want: "0.25"}, {SQL: "9007199254740993", Want: "error"}, {SQL: "9007199254740992", Want: "9.007199254740992e+15"}}},
	{Column: "DECIMAL(12,2)", Want: rel.DecimalType(12, 2), Values: []sourcetest.ValueCase{
		{SQL: "0", Want: "0.00"}, {SQL: "12.5", Want: "12.50"}, {SQL: "-0.01", Want: "-0.01"}, {SQL: "9999999999.99", Want: "9999999999.99"},
		{SQL: "'3.10'", Want: "3.10"}, {SQL: "0.1 + 0.2", Want: "0.30"}}},
	{Column: "DECIMAL(10, 2)", Want: rel.DecimalType(10, 2), Values: []sourcetest.ValueCase{
		{SQL: "1.005", Want: "error"}, {SQL: "100000000", Want: "error"}, {SQL: "99999999.99", Want: "99999999.99"}, {SQL: "'ten'", Want: "error"}, {SQL: "9e999", Want: "error"}}},
	{Column: "NUMERIC(20,6)", Want: rel.DecimalType(20, 6), Values: []sourcetest.ValueCase{
		{SQL: "123456.789012", Want: "123456.789012"}, {SQL: "12345678901234", Want: "12345678901234.000000"}, {SQL: "12345678901.5", Want: "error"}, {SQL: "0.000001", Want: "0.000001"}}},
	{Column: "DECIMAL(65,30)", Want: rel.DecimalType(65, 30), Values: []sourcetest.ValueCase{{SQL: "1", Want: "1.000000000000000000000000000000"}, {SQL: "0.5", Want: "error"}}},
	{Column: "TEXT", Want: rel.TextType, Values: []sourcetest.ValueCase{
		{SQL: "''", Want: `""`}, {SQL: "'é 😀 '", Want: `"é 😀 "`}, {SQL: "12", Want: `"12"`}, {SQL: "'a' || char(0) || 'b'", Want: `"a\x00b"`}}},
	{Column: "VARCHAR(5)", Want: rel.VarCharType(5), Values: []sourcetest.ValueCase{
		{SQL: "'longer than five'", Want: `"longer than five"`}, {SQL: "x'61'", Want: "error"}, {SQL: "CAST(x'ff' AS TEXT)", Want: "error"}}},
	{Column: "CHARACTER VARYING(20)", Want: rel.VarCharType(20)},
	{Column: "CLOB", Want: rel.TextType},
	{Column: "BLOB", Want: rel.Type{Kind: rel.Blob}, Values: []sourcetest.ValueCase{
		{SQL: "x''", Want: "x''"}, {SQL: "x'00ff'", Want: "x'00FF'"}, {SQL: "'text'", Want: "x'74657874'"}}},
	{Column: "VARBINARY(9)", Want: rel.Type{Kind: rel.Blob}, Values: []sourcetest.ValueCase{{SQL: "5", Want: "x'35'"}, {SQL: "0.5", Want: "x'302E35'"}}},
	{Column: "DATE", Want: rel.DateType, Values: []sourcetest.ValueCase{
		{SQL: "'2024-02-29'", Want: "2024-02-29"}, {SQL: "'0000-01-01'", Want: "0000-01-01"}, {SQL: "'9999-12-31'", Want: "9999-12-31"},
		{SQL: "'1969-12-31'", Want: "1969-12-31"}, {SQL: "'2024-03-01 00:00:00'", Want: "2024-03-01"}}},
	{Column: "date", Want: rel.DateType, Values: []sourcetest.ValueCase{
		{SQL: "'2023-02-29'", Want: "error"}, {SQL: "'2024-2-9'", Want: "error"}, {SQL: "'2024-03-01 10:00:00'", Want: "error"}, {SQL: "1700000000", Want: "error"},
		{SQL: "'0000-00-00'", Want: "error"}, {SQL: "2460000.5", Want: "error"}}},
	{Column: "DATETIME", Want: dateTime(6), Values: []sourcetest.ValueCase{
		{SQL: "'2024-02-29 23:59:59'", Want: "2024-02-29 23:59:59.000000"}, {SQL: "'2024-02-29T23:59:59.123456Z'", Want: "2024-02-29 23:59:59.123456"},
		{SQL: "'2024-01-01'", Want: "2024-01-01 00:00:00.000000"}, {SQL: "'2024-01-01 00:30+01:00'", Want: "2023-12-31 23:30:00.000000"}}},
	{Column: "TIMESTAMP(3)", Want: dateTime(3), Values: []sourcetest.ValueCase{
		{SQL: "'1969-12-31 23:59:59.999'", Want: "1969-12-31 23:59:59.999000"}, {SQL: "'2024-01-01 00:00:00.0001'", Want: "error"}, {SQL: "1700000000", Want: "error"},
		{SQL: "'2024-01-01 24:00:00'", Want: "error"}, {SQL: "'2024-01-01 10:00:00 CET'", Want: "error"}}},
	{Column: "TIME", Want: rel.Type{Kind: rel.Time, Scale: 6}, Values: []sourcetest.ValueCase{
		{SQL: "'23:59:59.5'", Want: "23:59:59.500000"}, {SQL: "'-838:59:59'", Want: "-838:59:59.000000"}, {SQL: "'10:00'", Want: "10:00:00.000000"}}},
	{Column: "JSON", Want: rel.JSONType, Values: []sourcetest.ValueCase{{SQL: `'{"a": 1}'`, Want: `"{\"a\": 1}"`}, {SQL: "5", Want: `"5"`}, {SQL: "'{'", Want: "error"}}},
	{Column: "JSONB", Want: rel.JSONType, Values: []sourcetest.ValueCase{{SQL: `jsonb('{"a":[1,2]}')`, Want: `"{\"a\":[1,2]}"`}, {SQL: "'[]'", Want: `"[]"`}}},
	{Column: "UUID", Want: rel.TextType, Note: "type UUID: arrives as text", Values: []sourcetest.ValueCase{
		{SQL: "'6f1c2b1e-0000-4000-8000-000000000000'", Want: `"6f1c2b1e-0000-4000-8000-000000000000"`}, {SQL: "'1e5'", Want: `"100000"`}, {SQL: "x'0aff'", Want: `"X'0AFF'"`}}},
	{Column: "", Want: rel.TextType, Note: "no declared type", Values: []sourcetest.ValueCase{
		{SQL: "1", Want: `"1"`}, {SQL: "0.1", Want: `"0.1"`}, {SQL: "'x'", Want: `"x"`}}},
}

var setup = append([]string{
	`CREATE TABLE customers (
		id INTEGER PRIMARY KEY, -- the customer's number
		name TEXT NOT NULL,     -- as in the contract
		code TEXT COLLATE NOCASE UNIQUE NOT NULL,
		born DATE,
		credit DECIMAL(12,2),
		note TEXT
	)`,
	`CREATE TABLE orders (
		customer INT REFERENCES customers,
		line INT NOT NULL,
		amount DECIMAL(12,2),
		at DATETIME(0),
		PRIMARY KEY (customer, line)
	) WITHOUT ROWID`,
	`CREATE TABLE facts (k INTEGER NOT NULL, v TEXT, g INTEGER AS (k * 2)) STRICT`,
	`CREATE INDEX facts_v ON facts (v) WHERE v IS NOT NULL`,
	`CREATE VIEW rich AS SELECT id, name, credit FROM customers WHERE credit > 100`,
}, rows...)

var tables = []sources.Table{
	{Name: "orders", Kind: sources.BaseTable, RowCount: 4,
		Columns: []sources.Column{
			{Name: "customer", Type: rel.Type{Kind: rel.BigInt, NotNull: true, Native: "INT"}},
			{Name: "line", Type: rel.Type{Kind: rel.BigInt, NotNull: true, Native: "INT"}},
			{Name: "amount", Type: rel.Type{Kind: rel.Decimal, Precision: 12, Scale: 2, Native: "DECIMAL(12,2)"}},
			{Name: "at", Type: rel.Type{Kind: rel.DateTime, Native: "DATETIME(0)"}},
		},
		PrimaryKey:  []string{"customer", "line"},
		ForeignKeys: []sources.ForeignKey{{Name: "orders_fk0", Columns: []string{"customer"}, RefTable: "customers", RefColumns: []string{"id"}}},
		Indexes:     []sources.Index{{Name: "sqlite_autoindex_orders_1", Columns: []string{"customer", "line"}, Unique: true}},
	},
	{Name: "customers", Kind: sources.BaseTable, RowCount: 4,
		Columns: []sources.Column{
			{Name: "id", Comment: "the customer's number", Type: rel.Type{Kind: rel.BigInt, NotNull: true, Native: "INTEGER /*sure*/"}},
			{Name: "name", Comment: "as in the contract", Type: rel.Type{Kind: rel.Text, NotNull: true, Native: "TEXT"}},
			{Name: "code", Type: rel.Type{Kind: rel.Text, NotNull: true, Native: "TEXT", Collation: "NOCASE"}},
			{Name: "born", Type: rel.Type{Kind: rel.Date, Native: "DATE"}},
			{Name: "credit", Type: rel.Type{Kind: rel.Decimal, Precision: 12, Scale: 2, Native: "DECIMAL(12,2)"}},
			{Name: "note", Type: rel.Type{Kind: rel.Text, Native: "TEXT"}},
		},
		PrimaryKey: []string{"id"},
		Uniques:    [][]string{{"code"}},
		Indexes: []sources.Index{{Name: "PRIMARY", Columns: []string{"id"}, Unique: true},
			{Name: "sqlite_autoindex_customers_1", Columns: []string{"code"}, Unique: true}},
	},
	{Name: "facts", Kind: sources.BaseTable, RowCount: 4,
		Columns: []sources.Column{
			{Name: "k", Type: rel.Type{Kind: rel.BigInt, NotNull: true, Native: "INTEGER /*sure*/"}},
			{Name: "v", Type: rel.Type{Kind: rel.Text, Native: "TEXT /*sure*/"}},
			{Name: "g", Type: rel.Type{Kind: rel.BigInt, Native: "INTEGER"}},
		}},
	{Name: "rich", Kind: sources.View, RowCount: -1,
		Columns: []sources.Column{
			{Name: "id", Type: rel.Type{Kind: rel.BigInt, Native: "INTEGER /*opaque*/"}},
			{Name: "name", Type: rel.Type{Kind: rel.Text, Native: "TEXT /*opaque*/"}},
			{Name: "credit", Type: rel.Type{Kind: rel.Decimal, Precision: 12, Scale: 2, Native: "DECIMAL(12,2) /*opaque*/"}},
		}},
}

// sharedTables are the tables of the suite's own statements.
var sharedTables = []string{
	`CREATE TABLE t (id INT PRIMARY KEY NOT NULL, i INT, b BIGINT, n DECIMAL(12,2), m DECIMAL(20,6), x DOUBLE, s VARCHAR(40), c CHAR(8), d DATE, ts DATETIME(6))`,
	`CREATE TABLE u (id INT PRIMARY KEY NOT NULL, tid INT, k VARCHAR(20), v DECIMAL(10,3), note TEXT)`,
}

// fitting replaces what other systems round or hold when it is inserted: SQLite would keep it as it is, or inexactly.
func fitting(statements []string) []string {
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = strings.NewReplacer("99999999999999.999999", "999999999.999999", " 0.005,", " 0.01,").Replace(s)
	}
	return out
}

// reference makes the same tables in MariaDB.
var reference = append([]string{
	`CREATE TABLE customers (id BIGINT PRIMARY KEY, name TEXT NOT NULL, code TEXT NOT NULL, born DATE, credit DECIMAL(12,2), note TEXT)`,
	`CREATE TABLE orders (customer BIGINT NOT NULL, line BIGINT NOT NULL, amount DECIMAL(12,2), at DATETIME)`,
	`CREATE TABLE facts (k BIGINT NOT NULL, v TEXT, g BIGINT)`,
	`CREATE VIEW rich AS SELECT id, name, credit FROM customers WHERE credit > 100`,
	rows[2],
	`UPDATE facts SET g = k * 2`,
}, rows[:2]...)

// rows are the same for both systems.
var rows = []string{
	`INSERT INTO customers VALUES
		(1, 'Ångström', 'AB', '1970-01-01', 10.10, NULL), (2, 'angstrom', 'cd', NULL, 250, 'x'),
		(3, 'Zoë 😀', 'Ef', '2024-02-29', NULL, 'a_b'), (4, 'zoe', 'gh ', '1999-12-31', -0.05, 'A_B')`,
	`INSERT INTO orders VALUES (1, 1, 10.00, '2024-01-01 10:00:00'), (1, 2, 0.1 + 0.2, '2024-01-02 11:30:15'), (2, 1, 99.99, NULL), (9, 1, NULL, '2024-06-30 23:59:59')`,
	`INSERT INTO facts (k, v) VALUES (1, 'one'), (2, NULL), (3, 'three'), (4611686018427387903, 'big')`,
}

var pushdown = []string{
	"SELECT id, name FROM customers WHERE id = 2",
	"SELECT count(*) FROM customers WHERE name > 'a'",
	"SELECT id FROM customers WHERE code = 'ab'",
	"SELECT id FROM customers WHERE code IN ('AB', 'gh')",
	"SELECT id FROM customers WHERE note LIKE 'a\\_%'",
	"SELECT id FROM customers WHERE name LIKE 'z%'",
	"SELECT id, credit + 1.05 FROM customers WHERE credit >= 10.10 ORDER BY credit DESC LIMIT 2",
	"SELECT id FROM customers WHERE born BETWEEN '1970-01-01' AND '1999-12-31'",
	"SELECT customer, sum(amount), count(*), min(at), max(amount) FROM orders GROUP BY customer ORDER BY customer",
	"SELECT c.name, o.amount FROM customers c LEFT JOIN orders o ON o.customer = c.id AND o.amount > 1 ORDER BY c.id, o.line",
	"SELECT c.name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer = c.id)",
	"SELECT c.name FROM customers c WHERE c.id NOT IN (SELECT o.customer FROM orders o)",
	"SELECT k + k FROM facts WHERE k < 10",
	"SELECT sum(k), avg(k) FROM facts",
	"SELECT g, row_number() OVER (ORDER BY k DESC) FROM facts WHERE k < 100",
	"SELECT name, sum(credit) OVER (ORDER BY name ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM customers",
	"SELECT id FROM rich UNION SELECT customer FROM orders",
	"SELECT year(at), month(at), count(*) FROM orders GROUP BY year(at), month(at)",
	"SELECT upper(name) FROM customers",
}
