package duck

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/dolthub/vitess/go/vt/sqlparser"
	_ "github.com/go-sql-driver/mysql"

	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/test/realservers"
)

// Every file of testdata holds expressions, one a line, which are computed over rows of edge values by DuckDB, through the binder and
// the duckdb dialect, and by a real MariaDB, and must be equal in every row.
//
//	table NAME SELECT …    the rows: a statement that both understand; its columns are used by the expressions
//	on NAME                the table of the lines that follow; "once" is a single row
//	EXPRESSION             an expression; AGG:, GRP: (by g) or WIN: and a whole SELECT list; SQL: and a whole statement
//	EXPRESSION => VALUES   where MySQL 8 and MariaDB differ: MySQL's values, separated by |; the line before says where its manual tells
//	# …                    a note
func TestMySQL(t *testing.T) {
	files, _ := filepath.Glob("testdata/*.txt")
	if len(files) == 0 {
		t.Fatal("no testdata")
	}
	address := realservers.MariaDB(t)
	reference, err := sql.Open("mysql", address)
	if err != nil {
		t.Fatal(err)
	}
	defer reference.Close()
	reference.SetMaxOpenConns(1)
	if _, err := reference.Exec("SET SESSION sql_mode='ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,TIME_ROUND_FRACTIONAL', time_zone='+00:00', NAMES utf8mb4 COLLATE utf8mb4_nopad_bin, group_concat_max_len=1000000"); err != nil {
		t.Fatal(err)
	}
	d := open(t, Options{})
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			runCases(t, file, d, reference)
		})
	}
}

func runCases(t *testing.T, file string, d *DB, reference *sql.DB) {
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	tables := map[string]string{"once": "SELECT 1 AS k"}
	on := "once"
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		line := strings.TrimSpace(s.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "table "):
			name, text, _ := strings.Cut(line[len("table "):], " ")
			tables[name] = text
		case strings.HasPrefix(line, "on "):
			if on = line[len("on "):]; tables[on] == "" {
				t.Fatalf("%s:%d: no table %s", file, n, on)
			}
		default:
			expression, want, fixed := strings.Cut(line, " => ")
			stmt := statementFor(expression, tables[on])
			got := ourRows(d, stmt)
			reference := referenceRows(reference, stmt)
			if fixed {
				reference = strings.Split(want, "|")
			}
			if diff := compare(got, reference); diff != "" {
				t.Errorf("%s:%d: %s\n%s", filepath.Base(file), n, expression, diff)
			}
		}
	}
}

func statementFor(expression, table string) string {
	if rest, ok := strings.CutPrefix(expression, "AGG:"); ok {
		return "SELECT " + rest + " FROM (" + table + ") t"
	}
	if rest, ok := strings.CutPrefix(expression, "SQL:"); ok {
		return rest
	}
	if rest, ok := strings.CutPrefix(expression, "GRP:"); ok {
		return "SELECT " + rest + " FROM (" + table + ") t GROUP BY g ORDER BY g"
	}
	if rest, ok := strings.CutPrefix(expression, "WIN:"); ok {
		return "SELECT " + rest + " FROM (" + table + ") t ORDER BY k"
	}
	return "SELECT " + expression + " FROM (" + table + ") t ORDER BY k"
}

// compare describes where the rows differ.
func compare(got, want []string) string {
	var b strings.Builder
	if len(got) != len(want) {
		return fmt.Sprintf("  got  %v\n  want %v", got, want)
	}
	for i := range got {
		if !equalRows(got[i], want[i]) {
			fmt.Fprintf(&b, "  row %d: got %s, want %s\n", i+1, got[i], want[i])
		}
	}
	return b.String()
}

func equalRows(got, want string) bool {
	if got == want {
		return true
	}
	g, w := strings.Split(got, fieldEnd), strings.Split(want, fieldEnd)
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		if g[i] != w[i] && !closeNumbers(g[i], w[i]) {
			return false
		}
	}
	return true
}

// closeNumbers compares a double of ours with the reference's, which may differ in its last digit or show fewer digits.
func closeNumbers(a, b string) bool {
	a, double := strings.CutPrefix(a, "double:")
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if !double || err1 != nil || err2 != nil {
		return false
	}
	if _, frac, ok := strings.Cut(b, "."); ok && !strings.ContainsAny(b, "eE") && strconv.FormatFloat(x, 'f', len(frac), 64) == b {
		return true
	}
	return x == y || math.Abs(x-y) <= 1e-13*math.Max(math.Abs(x), math.Abs(y))
}

// fieldEnd parts the fields of a row.
const fieldEnd = ";"

func referenceRows(db *sql.DB, stmt string) []string {
	rows, err := db.Query(stmt)
	if err != nil {
		return []string{"error"}
	}
	defer rows.Close()
	names, _ := rows.Columns()
	var out []string
	for rows.Next() {
		values := make([]sql.RawBytes, len(names))
		to := make([]any, len(names))
		for i := range values {
			to[i] = &values[i]
		}
		if err := rows.Scan(to...); err != nil {
			return []string{"error"}
		}
		parts := make([]string, len(values))
		for i, v := range values {
			if parts[i] = "NULL"; v != nil {
				parts[i] = string(v)
			}
		}
		out = append(out, strings.Join(parts, fieldEnd))
	}
	if rows.Err() != nil {
		return []string{"error"}
	}
	return out
}

// ourRows binds, prints and runs a statement.
func ourRows(d *DB, stmt string) []string {
	rows, err := ourResult(d, stmt)
	if err != nil {
		if os.Getenv("DUCK_TEST_VERBOSE") != "" {
			fmt.Println(stmt, "=>", err, "/", errors.Unwrap(err))
		}
		return []string{"error"}
	}
	return rows
}

func ourResult(d *DB, stmt string) (out []string, err error) {
	ast, err := sqlparser.Parse(stmt)
	if err != nil {
		return nil, err
	}
	query, err := bind.Bind(context.Background(), ast.(sqlparser.SelectStatement), &bind.Env{
		Tables: noTables{}, Session: plainSession{}, Now: time.Date(2024, 2, 29, 12, 30, 45, 123456000, time.UTC), IDs: &rel.IDs{}})
	if err != nil {
		return nil, err
	}
	cols := make([]rel.Column, len(query.Columns))
	for i, c := range query.Columns {
		cols[i] = c.Column
	}
	printed, err := dialect.Print(dialect.DuckDB(), query.Root, cols, dialect.Options{})
	if err != nil {
		return nil, err
	}
	if os.Getenv("DUCK_TEST_VERBOSE") == "sql" {
		fmt.Println(printed.SQL)
	}
	s, err := d.Begin(context.Background())
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := s.Query(context.Background(), printed.SQL, cols)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, printed.SQL)
	}
	defer r.Close()
	for {
		b, err := r.Next()
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		for row := range int(b.NumRows()) {
			parts := make([]string, len(cols))
			for i, c := range cols {
				parts[i] = mysqlText(b.Column(i), row, c.T)
			}
			out = append(out, strings.Join(parts, fieldEnd))
		}
		b.Release()
	}
}

// mysqlText is a value as MySQL's text protocol gives it.
func mysqlText(a arrow.Array, row int, t rel.Type) string {
	if t.Kind == rel.Null || a.IsNull(row) {
		return "NULL"
	}
	switch a := a.(type) {
	case *array.Boolean:
		if a.Value(row) {
			return "1"
		}
		return "0"
	case *array.Decimal128:
		v := a.Value(row).BigInt()
		return formatScaled(rescale(v, t.FracDigits(), t.Scale, false).String(), t.Scale)
	case *array.Float64:
		return "double:" + doubleText(a.Value(row))
	case *array.Date32:
		y, m, d := dateOf(int64(a.Value(row)))
		return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	case *array.Timestamp:
		return dateTimeText(int64(a.Value(row)), t.Scale)
	case *array.Int64:
		if t.Kind == rel.Time {
			return timeText(a.Value(row), t.Scale)
		}
		return strconv.FormatInt(a.Value(row), 10)
	case *array.String:
		return strings.Clone(a.Value(row)) // it lives in the batch
	case *array.Binary:
		return string(a.Value(row))
	}
	return a.ValueStr(row)
}

func formatScaled(digits string, scale int) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if scale == 0 {
		return sign + digits
	}
	for len(digits) <= scale {
		digits = "0" + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

type noTables struct{}

func (noTables) Scan(context.Context, string, string, *rel.IDs) (rel.Node, error) {
	return nil, errors.New("no tables")
}

type plainSession struct{}

func (plainSession) ConnectionID() uint32                           { return 1 }
func (plainSession) User() string                                   { return "test@localhost" }
func (plainSession) CurrentUser() string                            { return "test@%" }
func (plainSession) CurrentRole() string                            { return "NONE" }
func (plainSession) Database() string                               { return "" }
func (plainSession) UserVariable(string) *rel.Lit                   { return &rel.Lit{T: rel.NullType} }
func (plainSession) SystemVariable(string, string) (*rel.Lit, bool) { return nil, false }
func (plainSession) TimeZone() *time.Location                       { return time.UTC }
