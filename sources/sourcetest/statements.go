package sourcetest

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed statements.sql
var statements string

// Statements are SELECT statements over the tables t and u, which between them use every operator, function, aggregate and construct that a
// source may be able to run. They are for Harness.Pushdown; a kind adds what is its own. Those that begin with ! are not compared with the reference.
func Statements() []string {
	var out []string
	for _, line := range strings.Split(statements, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return out
}

// Rows are the INSERT statements that fill the tables of Statements, in a notation that all systems take. The tables have these columns:
//
//	t: id int (primary key), i int, b bigint, n decimal(12,2), m decimal(20,6), x double, s varchar(40), c char(8), d date, ts datetime(6)
//	u: id int (primary key), tid int, k varchar(20), v decimal(10,3), note text
//
// All but the ids may be NULL. Text includes case, accents, trailing blanks, emoji and what LIKE takes for special.
func Rows() []string {
	texts := []string{"alpha", "Alpha", "ALPHA", "älpha", "alpha ", "", " ", "a%b_c", `back\slash`, "it''s", "😀 smile", "é", "E", "zebra", "Zebra", "10", "9", "beta,gamma", "tab\there", "ß"}
	chars := []string{"a", "A", "a b", "", "é", "😀", "zz", "10"}
	ints := []string{"0", "1", "-1", "2", "7", "-7", "42", "2147483647", "-2147483648", "NULL", "3", "3"}
	longs := []string{"0", "1", "-1", "9007199254740993", "-9007199254740993", "4611686018427387904", "NULL", "10", "100"}
	numbers := []string{"0.00", "0.01", "-0.01", "1.50", "2.50", "-2.50", "9999999999.99", "-9999999999.99", "NULL", "3.33", "10.00", "0.005"}
	longNumbers := []string{"0", "0.000001", "-0.000001", "123456.789012", "99999999999999.999999", "NULL", "2.5", "-1.333333", "7"}
	doubles := []string{"0", "0.1", "-0.1", "1.5", "1e100", "-1e-100", "NULL", "123456.789", "0.3"}
	dates := []string{"'2024-02-29'", "'2024-01-31'", "'1999-12-31'", "'2000-01-01'", "NULL", "'1970-01-01'", "'2023-03-01'", "'1582-10-15'", "'2024-12-30'", "'0999-06-15'"}
	times := []string{"'2024-02-29 23:59:59.999999'", "'2024-01-31 00:00:00'", "'1999-12-31 12:34:56.5'", "NULL", "'1970-01-01 00:00:00.000001'", "'2023-03-26 02:30:00'", "'1582-10-15 06:00:00'"}
	var t, u []string
	for i := range 60 {
		pick := func(from []string, step int) string { return from[(i*step+i/len(from))%len(from)] }
		text := "'" + pick(texts, 1) + "'"
		char := "'" + pick(chars, 3) + "'"
		if i%13 == 5 {
			text = "NULL"
		}
		if i%11 == 4 {
			char = "NULL"
		}
		t = append(t, fmt.Sprintf("(%d, %s, %s, %s, %s, %s, %s, %s, %s, %s)", i+1, pick(ints, 5), pick(longs, 2), pick(numbers, 7), pick(longNumbers, 4),
			pick(doubles, 5), text, char, pick(dates, 3), pick(times, 2)))
	}
	for i := range 40 {
		tid := fmt.Sprint((i*7)%70 + 1)
		if i%9 == 3 {
			tid = "NULL"
		}
		key := "'" + texts[(i*3)%len(texts)] + "'"
		if i%8 == 6 {
			key = "NULL"
		}
		u = append(u, fmt.Sprintf("(%d, %s, %s, %d.%03d, 'note %d')", i+1, tid, key, i*i%17, i*37%1000, i%5))
	}
	return []string{
		"INSERT INTO t (id, i, b, n, m, x, s, c, d, ts) VALUES " + strings.Join(t, ", "),
		"INSERT INTO u (id, tid, k, v, note) VALUES " + strings.Join(u, ", "),
	}
}

// ReferenceTables makes the tables of Statements in MariaDB and fills them.
func ReferenceTables() []string {
	return append([]string{
		"SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
		"CREATE TABLE t (id INT PRIMARY KEY, i INT, b BIGINT, n DECIMAL(12,2), m DECIMAL(20,6), x DOUBLE, s VARCHAR(40), c CHAR(8), d DATE, ts DATETIME(6))",
		"CREATE TABLE u (id INT PRIMARY KEY, tid INT, k VARCHAR(20), v DECIMAL(10,3), note TEXT)",
	}, append(Rows(), "SET SESSION sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'")...)
}
