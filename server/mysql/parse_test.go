package mysql

import (
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"
)

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		sql, database string
		want          class
	}{
		{"select 1", "", toEngine}, {"select * from a.b", "", toEngine}, {"select * from dual", "", toEngine}, {"values row(1)", "", toEngine},
		{"with tables as (select 1) select * from tables", "information_schema", toEngine},
		{"select * from tables", "information_schema", toCatalog}, {"select * from INFORMATION_SCHEMA.tables t join information_schema.columns c on 1=1", "x", toCatalog},
		{"select (select count(*) from information_schema.tables) from a.b", "", refusedMixed}, {"select * from a.b where x in (select 1 from mysql.user)", "", refusedMixed},
		{"select 1 from information_schema.tables union select 1 from performance_schema.session_status", "", toCatalog},
		{"select 1 from information_schema.tables union select 1 from a.b", "", refusedMixed},
		{"select 1 from a.b for update", "", toEngine}, {"select * from (select 1 from a.b for share) x", "", toEngine},
		{"select 1 from a.b lock in share mode", "", toEngine}, {"select 1 into outfile 'x'", "", refusedWrite}, {"select 1 into @a", "", toEngine},
		{"explain select * from a.b", "", toEngine}, {"explain delete from a.b", "", refusedWrite}, {"explain analyze select 1", "", toEngine},
		{"explain lineage select 1", "", toEngine}, {"explain format=json lineage (select 1)", "", toEngine}, {"explain lineage delete from a.b", "", refusedWrite}, {"desc lineage", "", toCatalog},
		{"show tables", "", toCatalog}, {"show processlist", "", toSession}, {"show warnings", "", toSession}, {"show grants", "", toSession}, {"describe a.b", "", toCatalog},
		{"set a = 1", "", toSession}, {"use a", "", toSession}, {"kill 1", "", toSession}, {"begin", "", toNothing}, {"rollback to x", "", toNothing}, {"flush tables", "", toNothing},
		{"insert into a.b values (1)", "", refusedWrite}, {"replace into a.b values (1)", "", refusedWrite}, {"create view v as select 1", "", refusedWrite}, {"alter table a.b add c int", "", refusedWrite},
		{"call p()", "", refusedWrite}, {"analyze table a.b", "", refusedWrite}, {"create temporary table x (a int)", "", refusedWrite},
	} {
		stmt, err := parse(t.Context(), c.sql, sqlparser.ParserOptions{})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if got := classify(stmt, c.database); got != c.want {
			t.Errorf("%s in %q: %v, want %v", c.sql, c.database, got, c.want)
		}
	}
}

func TestTimeHint(t *testing.T) {
	for _, c := range []struct {
		sql  string
		want time.Duration
		ok   bool
	}{
		{"select /*+ MAX_EXECUTION_TIME(1000) */ 1", time.Second, true}, {"select /*+ max_execution_time ( 5 ) */ 1", 5 * time.Millisecond, true},
		{"select /*+ NO_ICP(t) MAX_EXECUTION_TIME(7) BKA(x) */ 1", 7 * time.Millisecond, true}, {"select /* MAX_EXECUTION_TIME(7) */ 1", 0, false},
		{"select 1", 0, false}, {"select /*+ MAX_EXECUTION_TIME(x) */ 1", 0, false}, {"select /*+ MAX_EXECUTION_TIME(0) */ 1", 0, true},
		{"select /*+ MAX_EXECUTION_TIME(9) */ 1 union select 2", 9 * time.Millisecond, true}, {"explain analyze select /*+ MAX_EXECUTION_TIME(9) */ 1", 9 * time.Millisecond, true},
	} {
		stmt, err := parse(t.Context(), c.sql, sqlparser.ParserOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := timeHint(stmt); got != c.want || ok != c.ok {
			t.Errorf("%s: %v %v", c.sql, got, ok)
		}
	}
}

func FuzzTimeHint(f *testing.F) {
	f.Add("/*+ MAX_EXECUTION_TIME(1000) */")
	f.Add("/*+ A(b) max_execution_time( 5 )*/")
	f.Add("/*+*/")
	f.Add("/*+ ((( */")
	f.Fuzz(func(t *testing.T, comment string) {
		if d, ok := parseTimeHint(comment); !ok && d < 0 || d > 50*24*time.Hour {
			t.Errorf("%q: %v", comment, d)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"select 1", "(select 1)", "explain format=json select 1", "desc t c", "show fields in t from b", "/* c */ do 1", "-- x\nselect 1", "explain (",
		"select '\\", "((", "show schemas like 'x'", "explain analyze", "select /*+ MAX_EXECUTION_TIME(1) */ * from information_schema.tables, a.b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		stmt, err := parse(t.Context(), s, sqlparser.ParserOptions{})
		if err != nil {
			if known, ok := clientError(t.Context(), err); !ok || known.Num == 0 || len(known.State) != 5 {
				t.Errorf("%q: %v isn't for clients", s, err)
			}
			return
		}
		classify(stmt, "x")
		timeHint(stmt)
		countParams(stmt)
		if _, rest, err := split(s + ";" + s); err == nil && rest == s+";"+s {
			t.Errorf("%q: nothing was split off", s)
		}
	})
}

func TestTimeZone(t *testing.T) {
	for name, want := range map[string]int{"SYSTEM": 0, "+00:00": 0, "+05:30": 19800, "-12:59": -46740, "+14:00": 50400, "UTC": 0} {
		zone, err := timeZone(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, offset := time.Unix(0, 0).In(zone).Zone(); offset != want {
			t.Errorf("%s: %d, want %d", name, offset, want)
		}
	}
	for _, name := range []string{"", "+15:00", "-14:00", "+5", "+05:60", "05:00", "Local", "../etc/passwd", "Nowhere/City"} {
		if _, err := timeZone(name); err == nil {
			t.Errorf("%q is taken for a time zone", name)
		}
	}
}

func TestUnparenthesize(t *testing.T) {
	for text, want := range map[string]string{
		"(a)": "a", " ( (a) ) ": "a", "((a) (b))": "(a) (b)", "(a) (b)": "", "(a": "", "a)": "", ")a(": "", "(a))": "", "((a)": "", "(')')": "')'", "(')": "", "('\\')')": "'\\')'",
		"(`\\`)": "`\\`", "": "", "()": "", "(\")\" )": "\")\"", "((a) + 1)": "(a) + 1", "(1 + (a))": "1 + (a)",
	} {
		got, ok := unparenthesize(text)
		if ok != (want != "" || text == "()") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", text, got, ok, want)
		}
	}
}

// Each pair used to take a pass over the text: some 400 kB kept a processor busy for hours, which neither KILL nor the client's leaving ended.
func TestManyParentheses(t *testing.T) {
	const pairs = 1_000_000
	began := time.Now()
	if got, ok := unparenthesize(strings.Repeat("(", pairs) + "a" + strings.Repeat(")", pairs)); got != "a" || !ok {
		t.Errorf("%.20q, %v", got, ok)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}
