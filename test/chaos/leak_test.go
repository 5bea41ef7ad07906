package chaos

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// No error, log line, metric or plan holds a password, neither a value of a row, at any level: what a system said of an error may quote one.
func TestNothingLeaks(t *testing.T) {
	src := load(t)
	const canary = "canary7391"
	src.exec(t, "CREATE TABLE c (id int PRIMARY KEY, s text, n bigint, d numeric(60,0), j text)",
		"INSERT INTO c VALUES (1, '"+canary+"', 9223372036854773911, 7391739173917391739173917391739173917391739173917391, '{"+canary+"')",
		"CREATE VIEW v AS SELECT id, s::int AS bad FROM c", "CREATE VIEW v2 AS SELECT id, (n * 7391)::bigint AS bad FROM c")
	w := start(t, src, "", "")
	db := w.open("")
	for _, q := range []string{
		"SELECT bad FROM v", "SELECT bad FROM v2", "SELECT d FROM c", "SELECT d + 1 FROM c JOIN my.small s USING (id)", "SELECT n * n FROM c", "SELECT n * n FROM c JOIN my.small s USING (id)",
		"SELECT n + n FROM c JOIN my.small s USING (id)", "SELECT JSON_EXTRACT(j, '$.a') FROM c", "SELECT JSON_EXTRACT(j, '$.a') FROM c JOIN my.small s USING (id)",
		"SELECT CAST(s AS JSON) FROM c", "SELECT REGEXP_LIKE('a', concat('(', s)) FROM c JOIN my.small m USING (id)", "SELECT JSON_EXTRACT('{}', s) FROM c JOIN my.small m USING (id)",
		"SELECT EXP(n) FROM c JOIN my.small m USING (id)", "SELECT -n - n - n FROM c", "SELECT (SELECT s FROM c UNION ALL SELECT s FROM c)", "SELECT CAST(n AS DECIMAL(5,2)) * n * n * n FROM c JOIN my.small m USING (id)",
	} {
		if _, err := count(t.Context(), db, q); err != nil {
			if strings.Contains(err.Error(), "7391") {
				t.Errorf("%s: %v", q, err)
			}
			if c := code(err); c == 1105 || c < 0 {
				t.Errorf("%s: %v", q, err)
			}
		}
	}
	bad, err := http.NewRequest(http.MethodGet, "http://"+w.http+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.DefaultClient.Do(bad)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text := w.Log()
	for s := bufio.NewScanner(r.Body); s.Scan(); {
		text += s.Text() + "\n"
	}
	u, _ := url.Parse(src.pg)
	cfg, _ := mysql.ParseDSN(src.my)
	pw, _ := u.User.Password()
	for _, secret := range []string{password, pw, cfg.Passwd} {
		if secret != "" && strings.Contains(text, secret) {
			t.Error("a password is in the log or the metrics")
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, canary) || strings.Contains(line, "7391739173917391") || strings.Contains(line, "9223372036854773911") {
			t.Errorf("a row's value is in the log: %s", line)
		}
	}
}
