package mysql

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
)

func TestRecordedText(t *testing.T) {
	for _, c := range []struct {
		text             string
		unparsed, keep   bool
		ansi             bool
		want             string
		wantCutEverthing bool
	}{
		{text: "SELECT a, `b 1`, 'x''y', \"d\\\"q\", 12, 1.5e-3, .5, 0x4142, X'41', b'01', -3, c1 FROM t1 WHERE x IN (1,2)", want: "SELECT a, `b 1`, ?, ?, ?, ?-?, .?, ?, X?, b?, -?, c1 FROM t1 WHERE x IN (?,?)"},
		{text: "select\t'a' 'b'  ,  'c' as 'name'", want: "select ? ? , ? as ?"},
		{text: "SELECT 1 /* secret */ + 2 -- secret\n, 3 # secret", want: "SELECT ? + ? , ?"},
		{text: "SELECT /*!40101 'secret' */ 1", want: "SELECT ?"},
		{text: `SELECT "name" FROM t WHERE "b" = 'x'`, ansi: true, want: `SELECT "name" FROM t WHERE "b" = ?`},
		{text: "SELECT _utf8mb4'x', N'y', DATE '2020-01-02', @a, @@sql_mode, ? FROM a.b LIMIT 10", want: "SELECT _utf8mb4?, N?, DATE ?, @a, @@sql_mode, ? FROM a.b LIMIT ?"},
		{text: "SELECT @'secret'", unparsed: true, want: "SELECT …", wantCutEverthing: true},
		{text: "selec 'secret'", unparsed: true, wantCutEverthing: true},
		{text: "Insert INTO t blah 'secret", unparsed: true, want: "INSERT …", wantCutEverthing: true},
		{text: "hunter2", unparsed: true, wantCutEverthing: true},
		{text: "", unparsed: true},
		{text: "KILL QUERY 12", want: "KILL QUERY 12"},
		{text: "EXPLAIN FORMAT=JSON SELECT 'x'", want: "EXPLAIN FORMAT=JSON SELECT ?"},

		{text: "CREATE USER 'bob'@'%' IDENTIFIED BY 'secret' , eve IDENTIFIED WITH 'plugin' AS 'secret' REQUIRE SUBJECT 'secret' ATTRIBUTE '{\"secret\": 1}'",
			want: "CREATE USER 'bob'@'%' IDENTIFIED BY ? , eve IDENTIFIED WITH ? AS ? REQUIRE SUBJECT ? ATTRIBUTE ?"},
		{text: "ALTER USER 'bob' IDENTIFIED BY 'secret' REPLACE 'secret', 'eve' IDENTIFIED BY 'secret'", want: "ALTER USER 'bob' IDENTIFIED BY ? REPLACE ?, 'eve' IDENTIFIED BY ?"},
		{text: "SET PASSWORD FOR 'bob'@'%' = 'secret'", want: "SET PASSWORD FOR 'bob'@'%' = ?"},
		{text: "DROP USER bob@'10.%'", want: "DROP USER bob@'10.%'"},
		{text: "SET PASSWORD = 'secret'", keep: true, want: "SET PASSWORD = ?"},
		{text: "GRANT 'reader', SELECT (id) ON a.t TO 'bob'@'%'", want: "GRANT 'reader', SELECT (id) ON a.t TO 'bob'@'%'"},
		{text: "PREPARE s FROM 'CREATE USER x IDENTIFIED BY \"secret\"'", keep: true, want: "PREPARE s FROM ?"},
		{text: "CREATE USER x identified by 'secret", unparsed: true, keep: true, want: "CREATE …", wantCutEverthing: true},
		{text: "SELECT 'x', 12 /* c */", keep: true, want: "SELECT 'x', 12 /* c */"},
		{text: "selec 'x'", unparsed: true, keep: true, want: "selec 'x'"},
	} {
		got, cut := recordedText(c.text, !c.unparsed, c.ansi, c.keep)
		if got != c.want || (cut == len(c.text)) != (c.wantCutEverthing || c.text == "") {
			t.Errorf("%s\ngot  %q, %d cut\nwant %q", c.text, got, cut, c.want)
		}
	}
}

func TestRecordedTextIsBounded(t *testing.T) {
	for name, text := range map[string]string{
		"cut inside a constant": "SELECT 'secret" + strings.Repeat("é", maxRecordedText) + "'",
		"cut between constants": "SELECT 1" + strings.Repeat(", 'secret'", maxRecordedText/8),
	} {
		for _, keep := range []bool{false, true} {
			got, cut := recordedText(text, true, false, keep)
			if len(got) > maxRecordedText || len(got) < 6 || cut <= 0 || cut >= len(text) || !utf8.ValidString(got) || !keep && strings.Contains(got, "secret") {
				t.Errorf("%s, kept %v: %d bytes, %d cut", name, keep, len(got), cut)
			}
		}
	}
}

// Whatever parses, no constant of it is recorded.
func FuzzRecordedText(f *testing.F) {
	for _, s := range []string{"SELECT 'canary', \"canary\"", "SELECT a FROM t WHERE b = 'x\\'canary' 'canary'", "SELECT 1e5, 'canary''canary'", "SELECT `canary` FROM b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "`") {
			return
		}
		stmt, err := bind.Parse(t.Context(), text, sqlparser.ParserOptions{})
		if err != nil {
			return
		}
		got, _ := recordedText(text, true, false, false)
		_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
			v, ok := n.(*sqlparser.SQLVal)
			if ok && v.Type == sqlparser.StrVal && len(v.Val) > 0 && strings.Contains(got, "'"+string(v.Val)+"'") && !namesAccounts(text) {
				t.Errorf("%q is recorded as %q", text, got)
			}
			return true, nil
		}, stmt)
	})
}
