package mysql

import (
	"database/sql"
	"os"
	"strconv"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

func TestConformance(t *testing.T) {
	dsn := realservers.MariaDB(t)
	db, err := sql.Open("mysql", dsn+"?charset=utf8mb4")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	exec := func(t testing.TB, statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.Exec(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	reference := realservers.MariaDB(t)
	exec(t, "SET sql_mode = ''") // so that dates that are none can be stored
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	number := func(k rel.Kind) rel.Type { return rel.Type{Kind: k} }
	unsigned := func(k rel.Kind) rel.Type { return rel.Type{Kind: k, Unsigned: true} }
	sourcetest.Run(t, sourcetest.Harness{
		Kind: "mysql",
		Options: func(address string) map[string]any {
			c := cfg.Clone()
			c.Addr = address
			return map[string]any{"dsn": c.FormatDSN()}
		},
		Address: cfg.Addr,
		Exec:    exec,
		CreateTable: func(name, columnType string) string {
			return "CREATE TABLE " + name + " (id INTEGER PRIMARY KEY, v " + columnType + " NULL)"
		},
		Types: []sourcetest.TypeCase{
			{Column: "TINYINT", Want: number(rel.TinyInt), Values: vals("-128", "127", "0")},
			{Column: "BOOLEAN", Want: number(rel.TinyInt), Values: vals("1", "0")},
			{Column: "TINYINT UNSIGNED", Want: unsigned(rel.TinyInt), Values: vals("0", "255")},
			{Column: "SMALLINT", Want: number(rel.SmallInt), Values: vals("-32768", "32767")},
			{Column: "SMALLINT UNSIGNED", Want: unsigned(rel.SmallInt), Values: vals("65535")},
			{Column: "MEDIUMINT", Want: number(rel.MediumInt), Values: vals("-8388608", "8388607")},
			{Column: "MEDIUMINT UNSIGNED", Want: unsigned(rel.MediumInt), Values: vals("16777215")},
			{Column: "INT", Want: number(rel.Int), Values: vals("-2147483648", "2147483647")},
			{Column: "INT(5) UNSIGNED ZEROFILL", Want: unsigned(rel.Int), Values: pairs("42", "42", "4294967295", "4294967295")},
			{Column: "BIGINT", Want: number(rel.BigInt), Values: vals("-9223372036854775808", "9223372036854775807", "0")},
			{Column: "BIGINT UNSIGNED", Want: unsigned(rel.BigInt), Values: vals("0", "18446744073709551615")},
			{Column: "DECIMAL(10,2)", Want: rel.DecimalType(10, 2), Values: pairs("-99999999.99", "-99999999.99", "0.01", "0.01", "0", "0.00", "-0.05", "-0.05")},
			{Column: "DECIMAL(18,0) UNSIGNED", Want: rel.DecimalType(18, 0), Values: vals("999999999999999999")},
			{Column: "DECIMAL(38,10)", Want: rel.DecimalType(38, 10), Values: vals("9999999999999999999999999999.9999999999",
				"-9999999999999999999999999999.9999999999", "18446744073709551616.0000000000")},
			{Column: "DECIMAL(38,38)", Want: rel.DecimalType(38, 38), Values: vals("0.99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001")},
			{Column: "DECIMAL(65,0)", Want: rel.DecimalType(65, 0), Values: pairs("99999999999999999999999999999999999999", "99999999999999999999999999999999999999",
				"100000000000000000000000000000000000000", "error")},
			{Column: "DECIMAL(65,30)", Want: rel.DecimalType(65, 30), Values: pairs("12345678.123456789012345678901234567890", "12345678.123456789012345678901234567890", "123456789", "error")},
			// The text protocol prints a FLOAT with six digits.
			{Column: "FLOAT", Want: rel.Type{Kind: rel.Float, Scale: -1}, Values: pairs("16777217", "1.6777216e+07", "1.1", "1.1", "0.333333333333", "0.33333334", "-3.402823466E+38", "-3.4028235e+38", "1.4e-45", "1e-45")},
			{Column: "FLOAT(7,2)", Want: rel.Type{Kind: rel.Float, Scale: 2}, Values: pairs("12345.67", "12345.67")},
			{Column: "DOUBLE", Want: rel.DoubleType, Values: pairs("1.1", "1.1", "0.1e0+0.2e0", "0.30000000000000004", "-1.7976931348623157e308", "-1.7976931348623157e+308", "2.2250738585072014e-308", "2.2250738585072014e-308")},
			{Column: "DOUBLE(10,2)", Want: rel.Type{Kind: rel.Double, Scale: 2}, Values: pairs("12345678.91", "1.234567891e+07")},
			{Column: "BIT(1)", Want: rel.Type{Kind: rel.Bit, Unsigned: true, Length: 1}, Values: pairs("b'1'", "1", "b'0'", "0")},
			{Column: "BIT(12)", Want: rel.Type{Kind: rel.Bit, Unsigned: true, Length: 12}, Values: pairs("b'100000001111'", "2063")},
			{Column: "BIT(64)", Want: rel.Type{Kind: rel.Bit, Unsigned: true, Length: 64}, Values: pairs("0xffffffffffffffff", "18446744073709551615")},
			{Column: "YEAR", Want: number(rel.Year), Values: vals("1901", "2155", "0")},
			{Column: "DATE", Want: rel.DateType, Values: pairs("'2024-02-29'", "2024-02-29", "'0001-01-01'", "0001-01-01", "'9999-12-31'", "9999-12-31", "'1969-12-31'", "1969-12-31",
				"'0000-00-00'", "NULL", "'2024-00-10'", "NULL", "'2024-01-00'", "NULL", "'0000-05-05'", "NULL")},
			{Column: "DATETIME", Want: rel.DateTimeType, Values: pairs("'2024-02-29 23:59:59'", "2024-02-29 23:59:59.000000", "'0001-01-01 00:00:00'", "0001-01-01 00:00:00.000000", "'0000-00-00 00:00:00'", "NULL", "'2024-01-00 10:00:00'", "NULL")},
			{Column: "DATETIME(6)", Want: rel.Type{Kind: rel.DateTime, Scale: 6}, Values: pairs("'9999-12-31 23:59:59.999999'", "9999-12-31 23:59:59.999999", "'1969-12-31 23:59:59.000001'", "1969-12-31 23:59:59.000001")},
			// 2:30 on this night exists twice in Berlin, and not at all in spring: the session is in UTC.
			{Column: "TIMESTAMP(3)", Before: []string{"SET time_zone = '+00:00'"}, Want: rel.Type{Kind: rel.Timestamp, Scale: 3}, Values: pairs("'2024-10-27 00:30:00.123'", "2024-10-27 00:30:00.123000", "'1970-01-01 00:00:01'", "1970-01-01 00:00:01.000000",
				"'2038-01-19 03:14:07.999'", "2038-01-19 03:14:07.999000", "'0000-00-00 00:00:00'", "NULL")},
			{Column: "TIME", Want: rel.Type{Kind: rel.Time}, Values: pairs("'838:59:59'", "838:59:59.000000", "'-838:59:59'", "-838:59:59.000000", "'-00:00:01'", "-00:00:01.000000", "'00:00:00'", "00:00:00.000000")},
			{Column: "TIME(6)", Want: rel.Type{Kind: rel.Time, Scale: 6}, Values: pairs("'838:59:58.999999'", "838:59:58.999999", "'-00:00:00.000001'", "-00:00:00.000001")},
			{Column: "CHAR(10)", Want: rel.Type{Kind: rel.Char, Length: 10, Collation: "utf8mb4_nopad_bin"}, Values: texts("", "a", "😀é")},
			{Column: "CHAR(10) CHARACTER SET latin1", Want: rel.Type{Kind: rel.Char, Length: 10, Collation: "latin1_swedish_ci"}, Values: texts("é€")},
			{Column: "VARCHAR(20) CHARACTER SET utf8mb3", Want: rel.Type{Kind: rel.VarChar, Length: 20, Collation: "utf8mb3_general_ci"}, Values: texts("a ", "漢字")},
			{Column: "VARCHAR(20) CHARACTER SET utf16", Want: rel.Type{Kind: rel.VarChar, Length: 20}, Values: texts("a ", "😀")},
			{Column: "VARCHAR(20) CHARACTER SET sjis", Want: rel.Type{Kind: rel.VarChar, Length: 20}, Values: texts("漢字")},
			{Column: "VARCHAR(20) COLLATE utf8mb4_general_ci", Want: rel.Type{Kind: rel.VarChar, Length: 20, Collation: "utf8mb4_general_ci"}, Values: texts("a ", "A", `back\\slash`, "😀")},
			{Column: "TINYTEXT", Want: rel.TextType, Values: texts("x")},
			{Column: "LONGTEXT", Want: rel.TextType, Values: append(texts("", "NULL "), pairs("REPEAT('ab', 40000)", strconv.Quote(strings.Repeat("ab", 40000)))...)},
			{Column: "BINARY(4)", Want: rel.Type{Kind: rel.Binary, Length: 4}, Values: pairs("X'00ff'", "x'00FF0000'")},
			{Column: "VARBINARY(10)", Want: rel.Type{Kind: rel.VarBinary, Length: 10}, Values: pairs("X'80fe00'", "x'80FE00'", "''", "x''")},
			{Column: "MEDIUMBLOB", Want: rel.Type{Kind: rel.Blob}, Values: pairs("X'e29880'", "x'E29880'")},
			{Column: "ENUM('b','a','ü','')", Want: rel.Type{Kind: rel.Enum}, Values: texts("b", "ü", "")},
			{Column: "SET('x','y','z')", Want: rel.Type{Kind: rel.Set}, Values: texts("", "x", "x,z")},
			{Column: "JSON", Want: rel.Type{Kind: rel.JSON}, Values: texts(`{"a": [1, 2.50, "x"]}`, "null", `"😀"`)},
			{Column: "UUID", Want: rel.Type{Kind: rel.Char, Length: 36}, Values: texts("123e4567-e89b-12d3-a456-426614174000")},
			{Column: "INET6", Want: rel.Type{Kind: rel.VarChar, Length: 39}, Values: texts("2001:db8::1", "::ffff:1.2.3.4")},
			{Column: "INET4", Want: rel.Type{Kind: rel.VarChar, Length: 15}, Values: texts("192.0.2.1")},
			{Column: "POINT", Want: rel.TextType, Note: "well-known text", Values: pairs("ST_GeomFromText('POINT(1 2.5)')", strconv.Quote("POINT(1 2.5)"))},
			{Column: "GEOMETRY", Want: rel.TextType, Note: "well-known text", Values: pairs("ST_GeomFromText('LINESTRING(0 0,1 1)')", strconv.Quote("LINESTRING(0 0,1 1)"))},
			{Column: "INT INVISIBLE", Want: number(rel.Int), Note: "invisible", Values: vals("7")},
		},
		Setup: append(oddTable(),
			"SET sql_mode = DEFAULT",
			`CREATE TABLE accounts (
				id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
				code VARCHAR(12) CHARACTER SET latin1 NOT NULL COMMENT 'as on the invoice',
				name VARCHAR(80) COLLATE utf8mb4_general_ci DEFAULT 'x',
				opened DATE NOT NULL,
				total DECIMAL(12,2) AS (LENGTH(code) * 1.5) STORED,
				UNIQUE KEY by_code (code), KEY by_name (name(5)), KEY by_opened (opened, id), UNIQUE KEY by_both (name, opened)) COMMENT 'Kunden'`,
			`CREATE TABLE contacts (id BIGINT NOT NULL, account INT UNSIGNED, part CHAR(3) NOT NULL, PRIMARY KEY (part, id),
				CONSTRAINT belongs FOREIGN KEY (account) REFERENCES accounts (id))`,
			"CREATE VIEW names AS SELECT id, name FROM accounts",
			"CREATE TABLE gone (a INT)", "CREATE VIEW broken AS SELECT a FROM gone", "DROP TABLE gone",
			"CREATE TABLE parts (k INT NOT NULL PRIMARY KEY, v INT) PARTITION BY RANGE (k) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
			"INSERT INTO parts SELECT seq, seq FROM seq_1_to_50",
			"CREATE SEQUENCE counter",
		),
		Tables: []sources.Table{
			{Name: "accounts", Kind: sources.BaseTable, Comment: "Kunden", RowCount: -1,
				Columns: []sources.Column{
					{Name: "id", Type: rel.Type{Kind: rel.Int, Unsigned: true, NotNull: true, Native: "int(10) unsigned"}},
					{Name: "code", Type: rel.Type{Kind: rel.VarChar, Length: 12, NotNull: true, Collation: "latin1_swedish_ci", Native: "varchar(12)"}, Comment: "as on the invoice"},
					{Name: "name", Type: rel.Type{Kind: rel.VarChar, Length: 80, Collation: "utf8mb4_general_ci", Native: "varchar(80)"}, Default: "'x'"},
					{Name: "opened", Type: rel.Type{Kind: rel.Date, Native: "date"}},
					{Name: "total", Type: rel.Type{Kind: rel.Decimal, Precision: 12, Scale: 2, Native: "decimal(12,2)"}, Default: "NULL"},
				},
				PrimaryKey: []string{"id"}, Uniques: [][]string{{"code"}},
				Indexes: []sources.Index{{Name: "PRIMARY", Columns: []string{"id"}, Unique: true}, {Name: "by_both", Columns: []string{"name", "opened"}},
					{Name: "by_code", Columns: []string{"code"}, Unique: true}, {Name: "by_opened", Columns: []string{"opened", "id"}}}},
			{Name: "contacts", Kind: sources.BaseTable, RowCount: -1,
				Columns: []sources.Column{
					{Name: "id", Type: rel.Type{Kind: rel.BigInt, NotNull: true, Native: "bigint(20)"}},
					{Name: "account", Type: rel.Type{Kind: rel.Int, Unsigned: true, Native: "int(10) unsigned"}, Default: "NULL"},
					{Name: "part", Type: rel.Type{Kind: rel.Char, Length: 3, NotNull: true, Collation: "utf8mb4_nopad_bin", Native: "char(3)"}},
				},
				PrimaryKey:  []string{"part", "id"},
				ForeignKeys: []sources.ForeignKey{{Name: "belongs", Columns: []string{"account"}, RefTable: "accounts", RefColumns: []string{"id"}}},
				Indexes:     []sources.Index{{Name: "PRIMARY", Columns: []string{"part", "id"}, Unique: true}, {Name: "belongs", Columns: []string{"account"}}}},
			{Name: "names", Kind: sources.View, RowCount: -1,
				Columns: []sources.Column{
					{Name: "id", Type: rel.Type{Kind: rel.Int, Unsigned: true, NotNull: true, Native: "int(10) unsigned"}, Default: "0"},
					{Name: "name", Type: rel.Type{Kind: rel.VarChar, Length: 80, Collation: "utf8mb4_general_ci", Native: "varchar(80)"}, Default: "'x'"},
				}},
			{Name: "broken", Kind: sources.View, RowCount: -1, Broken: "the view refers to tables, columns or rights that are missing"},
			{Name: "parts", Kind: sources.BaseTable, RowCount: 50,
				Columns: []sources.Column{
					{Name: "k", Type: rel.Type{Kind: rel.Int, NotNull: true, Native: "int(11)"}},
					{Name: "v", Type: rel.Type{Kind: rel.Int, Native: "int(11)"}, Default: "NULL"},
				},
				PrimaryKey: []string{"k"}, Indexes: []sources.Index{{Name: "PRIMARY", Columns: []string{"k"}, Unique: true}}},
		},
		Pushdown:  pushdownStatements(t),
		Reference: reference, ReferenceSetup: plainTable("odd"),
		Changes: changes,
		Alternation: sourcetest.Alternation{Table: "restless",
			Before: []string{"CREATE TABLE restless (v INT NOT NULL)", "INSERT INTO restless VALUES (9), (10)"},
			ToInt:  []string{"ALTER TABLE restless MODIFY v INT NOT NULL"},
			ToText: []string{"ALTER TABLE restless MODIFY v VARCHAR(20) NOT NULL"}},
		Marker: "weir_marker",
		Running: func(t testing.TB, marker string) (n int) {
			t.Helper()
			if err := db.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE ? AND ID <> CONNECTION_ID()", "%"+marker+"%").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		},
		Slow:    sources.Query{SQL: "SELECT /* weir_marker */ SLEEP(60)", Columns: []rel.Column{{Name: "s", T: rel.BigIntType}}},
		Endless: sources.Query{SQL: "SELECT /* weir_marker */ a.seq FROM seq_1_to_1000000 a, seq_1_to_1000000 b", Columns: []rel.Column{{Name: "n", T: rel.UBigIntType}}},
		Big:     sources.Query{SQL: "SELECT seq, REPEAT('x', 100) FROM seq_1_to_200000", Columns: []rel.Column{{Name: "n", T: rel.UBigIntType}, {Name: "x", T: rel.TextType}}},
		BigRows: 200_000,
	})
}

// vals are values whose SQL is the text that arrives.
func vals(texts ...string) (out []sourcetest.ValueCase) {
	for _, s := range texts {
		out = append(out, sourcetest.ValueCase{SQL: s, Want: s})
	}
	return out
}

// pairs are values with what arrives, one after the other.
func pairs(ss ...string) (out []sourcetest.ValueCase) {
	for i := 0; i < len(ss); i += 2 {
		out = append(out, sourcetest.ValueCase{SQL: ss[i], Want: ss[i+1]})
	}
	return out
}

// texts are character strings. A backslash is written twice.
func texts(ss ...string) (out []sourcetest.ValueCase) {
	for _, s := range ss {
		out = append(out, sourcetest.ValueCase{SQL: "'" + s + "'", Want: strconv.Quote(strings.ReplaceAll(s, `\\`, `\`))})
	}
	return out
}

// pushdownStatements reads testdata/pushdown.sql: a statement a line.
func pushdownStatements(t *testing.T) (out []string) {
	b, err := os.ReadFile("testdata/pushdown.sql")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return out
}

// changes happen to tables under statements.
var changes = []sourcetest.ChangeCase{
	{Name: "type changed", Table: "c1", Before: []string{"CREATE TABLE c1 (id INT PRIMARY KEY, v INT)", "INSERT INTO c1 VALUES (1, 1)"},
		After: []string{"ALTER TABLE c1 MODIFY v VARCHAR(20)"}},
	{Name: "length changed", Table: "c1b", Before: []string{"CREATE TABLE c1b (v VARCHAR(3))", "INSERT INTO c1b VALUES ('a')"},
		After: []string{"ALTER TABLE c1b MODIFY v VARCHAR(30)"}},
	{Name: "collation changed", Table: "c1c", Before: []string{"CREATE TABLE c1c (v VARCHAR(9) COLLATE utf8mb4_bin)", "INSERT INTO c1c VALUES ('a')"},
		After: []string{"ALTER TABLE c1c MODIFY v VARCHAR(9) COLLATE utf8mb4_general_ci"}},
	{Name: "default collation changed", Table: "c1d", Before: []string{"CREATE TABLE c1d (v VARCHAR(9)) DEFAULT CHARSET utf8mb4 COLLATE utf8mb4_bin", "INSERT INTO c1d VALUES ('a')"},
		After: []string{"ALTER TABLE c1d CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"}},
	{Name: "sign changed", Table: "c1e", Before: []string{"CREATE TABLE c1e (v INT)", "INSERT INTO c1e VALUES (1)"}, After: []string{"ALTER TABLE c1e MODIFY v INT UNSIGNED"}},
	{Name: "no document any more", Table: "c1f", Before: []string{"CREATE TABLE c1f (v JSON)", "INSERT INTO c1f VALUES ('[]')"}, After: []string{"ALTER TABLE c1f MODIFY v LONGTEXT"}},
	{Name: "uuid to text", Table: "c1g", Before: []string{"CREATE TABLE c1g (v UUID)", "INSERT INTO c1g VALUES ('6f1c2b1e-0000-4000-8000-000000000000')"}, After: []string{"ALTER TABLE c1g MODIFY v CHAR(36)"}},
	{Name: "column added", Table: "c2", Before: []string{"CREATE TABLE c2 (id INT)", "INSERT INTO c2 VALUES (1)"},
		After: []string{"ALTER TABLE c2 ADD v TEXT"}},
	{Name: "column renamed", Table: "c3", Before: []string{"CREATE TABLE c3 (id INT, v TEXT)", "INSERT INTO c3 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c3 CHANGE v w TEXT"}},
	{Name: "column dropped", Table: "c4", Before: []string{"CREATE TABLE c4 (id INT, v TEXT)", "INSERT INTO c4 VALUES (1, 'a')"},
		After: []string{"ALTER TABLE c4 DROP v"}},
	{Name: "columns swapped", Table: "c5", Before: []string{"CREATE TABLE c5 (v TEXT, w TEXT)", "INSERT INTO c5 VALUES ('a', 'b')"},
		After: []string{"ALTER TABLE c5 CHANGE v w TEXT, CHANGE w v TEXT"}},
	{Name: "NULL allowed", Table: "c6", Before: []string{"CREATE TABLE c6 (v INT NOT NULL)", "INSERT INTO c6 VALUES (1)"},
		After: []string{"ALTER TABLE c6 MODIFY v INT NULL", "INSERT INTO c6 VALUES (NULL)"}},
	{Name: "key dropped", Table: "c7", Before: []string{"CREATE TABLE c7 (v INT NOT NULL, w INT NOT NULL, UNIQUE u (v, w), KEY k (v))", "INSERT INTO c7 VALUES (1, 1)"},
		After: []string{"ALTER TABLE c7 DROP KEY u", "INSERT INTO c7 VALUES (1, 1)"}},
	{Name: "table made anew", Table: "c8", Before: []string{"CREATE TABLE c8 (id INT PRIMARY KEY, v TEXT)", "INSERT INTO c8 VALUES (1, '1')"},
		After: []string{"DROP TABLE c8", "CREATE TABLE c8 (id VARCHAR(9) PRIMARY KEY, v INT)", "INSERT INTO c8 VALUES ('1', 1)"}},
	{Name: "another table of the name", Table: "c8b", Before: []string{"CREATE TABLE c8b (v INT)", "INSERT INTO c8b VALUES (1)", "CREATE TABLE c8c (v TEXT)", "INSERT INTO c8c VALUES ('1')"},
		After: []string{"RENAME TABLE c8b TO c8d, c8c TO c8b"}},
	{Name: "table not of InnoDB", Table: "c8e", Before: []string{"CREATE TABLE c8e (v INT) ENGINE MyISAM", "INSERT INTO c8e VALUES (1)"}, After: []string{"ALTER TABLE c8e MODIFY v BIGINT"}},
	{Name: "view redefined", Table: "c9", Before: []string{"CREATE TABLE c9t (i INT, s VARCHAR(9))", "INSERT INTO c9t VALUES (1, '1')", "CREATE VIEW c9 AS SELECT i AS v FROM c9t"},
		After: []string{"CREATE OR REPLACE VIEW c9 AS SELECT s AS v FROM c9t"}},
	{Name: "table below a view changed", Table: "c10", Before: []string{"CREATE TABLE c10t (i INT)", "INSERT INTO c10t VALUES (1)", "CREATE VIEW c10v AS SELECT i FROM c10t", "CREATE VIEW c10 AS SELECT i AS v FROM c10v"},
		After: []string{"ALTER TABLE c10t MODIFY i VARCHAR(20)"}},
	{Name: "table that a view groups changed", Table: "c10b", Before: []string{"CREATE TABLE c10bt (i INT)", "INSERT INTO c10bt VALUES (1)", "CREATE VIEW c10b AS SELECT max(i) AS v FROM c10bt"},
		After: []string{"ALTER TABLE c10bt MODIFY i VARCHAR(20)"}},
	{Name: "rows and comments", Harmless: true, Table: "c11", Before: []string{"CREATE TABLE c11 (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)", "INSERT INTO c11 (v) VALUES ('a')"},
		After: []string{"INSERT INTO c11 (v) VALUES ('b')", "ALTER TABLE c11 ADD KEY (v(10)), COMMENT 'AUTO_INCREMENT=7'", "CREATE TABLE c11_other (x INT)", "ANALYZE TABLE c11"}},
}
