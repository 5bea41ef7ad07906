package bind

import (
	"strings"
	"testing"
)

func TestRedact(t *testing.T) {
	for text, want := range map[string]string{
		"select 1": "select ?",
		"select  a.b,'x' from t where n=1.50 and m>-2":               "select a.b,? from t where n=? and m>-?",
		"select `it's` from t where a = 'O''Neil' or a = \"b\\\"c\"": "select `it's` from t where a = ? or a = ?",
		"select /* anna@example.com */ a -- bob\nfrom t":             "select a from t",
		"select x'4142', 0xff, 1e5, .5":                              "select x?, ?, ?, .?",
		"select a from t where d = date '2024-01-01' and b in (1,2)": "select a from t where d = date ? and b in (?,?)",
		"select @v, @@sql_mode, t1.c2 from t1":                       "select @v, @@sql_mode, t1.c2 from t1",
		"select a from t where b = 'unfinished secret":               "select a from t where b = ?",
		"select a /* unfinished secret":                              "select a",
		"":                                                           "",
	} {
		if got := Redact(text, false); got != want {
			t.Errorf("%s\nbecomes %s\nnot     %s", text, got, want)
		}
	}
	if got := Redact(`select "a" from "t" where "b" = 'x'`, true); got != `select "a" from "t" where "b" = ?` {
		t.Errorf("with quoted names: %s", got)
	}
}

// Whatever stands in quotes or is a number must be gone.
func FuzzRedact(f *testing.F) {
	for _, s := range []string{"a", "'", `\`, `"`, "`", "/*", "*/", "-- ", "\n", "#", "''", `\'`} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, before, secret string) {
		if strings.ContainsAny(before, "'\"`\\#-/*") || strings.ContainsAny(secret, `'\`) {
			return
		}
		got := Redact("select "+before+" 'canary7351"+secret+"' , 7351 from t", false)
		if strings.Contains(got, "7351") {
			t.Errorf("%s", got)
		}
	})
}

func TestRedactNames(t *testing.T) {
	for _, c := range []struct{ text, name, want string }{
		{"select 'secret'", "secret", "?"},
		{"select 'O''Neil'", "O'Neil", "?"},
		{`select 'O\'Neil'`, "O'Neil", "?"},
		{"select * from (select 'secret') d", "secret", "?"},
		{"select concat(name, 'secret') from t", "concat(name, 'secret')", "concat(name, ?)"},
		{"select price * 1.19 from t", "price * 1.19", "price * ?"},
		{"select 7", "7", "?"},
		{"select name as 'Name of it', 'x' from t", "Name of it", "Name of it"},
		{"select c1, count(*) from t where a = 'ann'", "c1", "c1"},
		{"select c1, count(*) from t where a = 'ann'", "count(*)", "count(*)"},
		{"select a from t where b = ''", "a", "a"},
	} {
		if got := RedactNames(c.text, false)(c.name); got != c.want {
			t.Errorf("%s: %s becomes %s, want %s", c.text, c.name, got, c.want)
		}
	}
}
