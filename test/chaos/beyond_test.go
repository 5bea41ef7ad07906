package chaos

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// Statements beyond measure give an answer or an error of MySQL's; none ends the program, none takes for ever.
func TestBeyondMeasure(t *testing.T) {
	w := start(t, load(t), "", "")
	db := w.open("maxAllowedPacket=67108864")
	list := func(n int, sep string, item func(int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return strings.Join(items, sep)
	}
	rep := strings.Repeat
	for name, q := range map[string]string{
		"greatest of a date and a binary": "SELECT GREATEST(DATE '2020-01-01', x'3132')",
		"least of a time and a binary":    "SELECT LEAST(TIME '10:00:00', CAST('a' AS BINARY), NULL)",
		"greatest of columns":             "SELECT GREATEST(NOW(), CAST(pad AS BINARY)) FROM pg.big LIMIT 1",
		"field":                           "SELECT FIELD(NOW(), x'31', 1)",
		"parentheses":                     "SELECT " + rep("(", 5000) + "1" + rep(")", 5000),
		"many parentheses":                "SELECT " + rep("(", 200000) + "1" + rep(")", 200000),
		"sum of 100,000":                  "SELECT " + list(100000, "+", func(int) string { return "1" }),
		"sum of 1,500":                    "SELECT id+" + list(1500, "+", func(int) string { return "1" }) + " FROM pg.small",
		"or of 10,000":                    "SELECT count(*) FROM pg.big WHERE " + list(10000, " OR ", func(i int) string { return fmt.Sprintf("id=%d", i) }),
		"or of 10,000 across":             "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE " + list(10000, " OR ", func(i int) string { return fmt.Sprintf("a.id+b.id=%d", i) }),
		"and of 1,000":                    "SELECT count(*) FROM my.big WHERE " + list(1000, " AND ", func(i int) string { return fmt.Sprintf("id<>%d", i) }),
		"in of 100,000":                   "SELECT count(*) FROM pg.big WHERE id IN (" + list(100000, ",", func(i int) string { return fmt.Sprint(i) }) + ")",
		"in of 100,000, sqlite":           "SELECT count(*) FROM lite.big WHERE id IN (" + list(100000, ",", func(i int) string { return fmt.Sprint(i) }) + ")",
		"not":                             "SELECT " + rep("NOT ", 50000) + "1",
		"minus":                           "SELECT " + rep("- ", 50000) + "1",
		"functions":                       "SELECT " + rep("ABS(", 3000) + "id" + rep(")", 3000) + " FROM pg.small",
		"functions here":                  "SELECT " + rep("REVERSE(", 1500) + "'a'" + rep(")", 1500),
		"case":                            "SELECT " + rep("CASE WHEN 1 THEN ", 3000) + "1" + rep(" END", 3000),
		"subqueries":                      rep("SELECT * FROM (", 1000) + "SELECT 1" + rep(") x", 1000),
		"subqueries in select":            "SELECT " + rep("(SELECT ", 1000) + "1" + rep(")", 1000),
		"exists":                          "SELECT 1 FROM pg.small WHERE " + rep("EXISTS (SELECT 1 FROM pg.small WHERE ", 300) + "1" + rep(")", 300),
		"joins of 1,000":                  "SELECT count(*) FROM pg.small t0 " + list(1000, " ", func(i int) string { return fmt.Sprintf("JOIN pg.small t%d ON t%d.id = t0.id", i+1, i+1) }),
		"joins of 60 at two sources": "SELECT count(*) FROM pg.small t0 " + list(60, " ", func(i int) string {
			return fmt.Sprintf("JOIN %s.small t%d ON t%d.id = t%d.id", []string{"pg", "my"}[i%2], i+1, i+1, i)
		}),
		"union of 2,000":         list(2000, " UNION ALL ", func(i int) string { return fmt.Sprintf("SELECT %d", i) }),
		"union of 50,000":        list(50000, " UNION ALL ", func(i int) string { return fmt.Sprintf("SELECT %d", i) }),
		"columns of 5,000":       "SELECT " + list(5000, ",", func(i int) string { return fmt.Sprintf("id + %d AS c%d", i, i) }) + " FROM pg.small",
		"name of 100,000":        "SELECT 1 AS `" + rep("x", 100000) + "`",
		"table of 100,000":       "SELECT 1 FROM `" + rep("x", 100000) + "`.`" + rep("y", 100000) + "`",
		"column of 100,000":      "SELECT `" + rep("x", 100000) + "` FROM pg.small",
		"alias of 70":            "SELECT `" + rep("x", 70) + "`.id FROM pg.big `" + rep("x", 70) + "` JOIN my.small s ON s.id = `" + rep("x", 70) + "`.id LIMIT 1",
		"text of 20 MB":          "SELECT LENGTH('" + rep("x", 20<<20) + "')",
		"json":                   "SELECT JSON_EXTRACT('" + rep("[", 100000) + rep("]", 100000) + "', '$[0]')",
		"json object":            "SELECT JSON_LENGTH('" + rep(`{"a":`, 50000) + "1" + rep("}", 50000) + "')",
		"json of a column":       "SELECT JSON_VALID(CONCAT(REPEAT('[', 100000), id, REPEAT(']', 100000))) FROM pg.small",
		"json path":              "SELECT JSON_EXTRACT('{}', '$" + rep("[0]", 50000) + "')",
		"repeat":                 "SELECT LENGTH(REPEAT('x', 2000000000))",
		"repeat of columns":      "SELECT LENGTH(REPEAT(pad, 100000000)) FROM pg.big LIMIT 3",
		"space":                  "SELECT LENGTH(SPACE(4000000000))",
		"lpad":                   "SELECT LENGTH(LPAD('x', 4000000000, 'y'))",
		"lpad of a column":       "SELECT LENGTH(LPAD(pad, id + 2000000000, 'y')) FROM pg.small",
		"regexp":                 "SELECT REGEXP_LIKE(REPEAT('a', 40), '" + rep("(a*)*", 12) + "b')",
		"regexp deep":            "SELECT REGEXP_LIKE('a', '" + rep("(", 20000) + "a" + rep(")", 20000) + "')",
		"like":                   "SELECT REPEAT('a', 100000) LIKE '" + rep("%a", 500) + "b'",
		"with of 1,000":          "WITH " + list(1000, ",", func(i int) string { return fmt.Sprintf("c%d AS (SELECT %d AS n)", i, i) }) + " SELECT * FROM c1 JOIN c999",
		"with that doubles":      "WITH c0 AS (SELECT 1 AS n)," + list(40, ",", func(i int) string { return fmt.Sprintf("c%d AS (SELECT a.n FROM c%d a JOIN c%d b)", i+1, i, i) }) + " SELECT count(*) FROM c40",
		"comments":               rep("/* ", 1000) + "*/ SELECT 1",
		"rollup":                 "SELECT " + list(60, ",", func(i int) string { return fmt.Sprintf("id+%d", i) }) + ", count(*) FROM pg.small GROUP BY " + list(60, ",", func(i int) string { return fmt.Sprintf("id+%d", i) }) + " WITH ROLLUP",
		"limit":                  "SELECT id FROM pg.big LIMIT 18446744073709551615 OFFSET 18446744073709551615",
		"values":                 "SELECT * FROM (VALUES " + list(20000, ",", func(i int) string { return fmt.Sprintf("ROW(%d)", i) }) + ") v",
		"bytes that are no text": "SELECT '\xff\xfe\x00', `\xff` FROM pg.small",
		"divisions":              "SELECT " + rep("1/", 200) + "3",
		"multiplications":        "SELECT " + rep("1.1*", 200) + "3",
		"interval":               "SELECT DATE_ADD(NOW(), INTERVAL 9223372036854775807 YEAR), DATE_ADD('2020-01-01', INTERVAL -9223372036854775808 SECOND)",
		"date format":            "SELECT DATE_FORMAT(NOW(), '" + rep("%W", 100000) + "')",
		"round":                  "SELECT ROUND(1.5, 9223372036854775807), TRUNCATE(id, -9223372036854775808), ROUND(id, 400) FROM pg.small",
		"conv":                   "SELECT CONV('" + rep("9", 100000) + "', 10, 36), FORMAT(1e308, 30), INSERT('a', -9223372036854775808, 9223372036854775807, 'b')",
		"min int":                "SELECT -9223372036854775808 DIV -1, -9223372036854775808 % -1, ABS(-9223372036854775808)",
		"min int of a column":    "SELECT (id - 9223372036854775807 - 2) DIV -1, (id - 9223372036854775807 - 2) % -1, ABS(id - 9223372036854775807 - 2) FROM my.small s JOIN pg.small p USING (id)",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			began := time.Now()
			_, err := count(ctx, db, q)
			w.t = t
			w.lives()
			took := time.Since(began).Round(time.Millisecond)
			if err != nil && code(err) <= 0 {
				t.Errorf("%v: %v", took, err)
			} else if c := code(err); c == 1105 {
				t.Errorf("%v: internal error: %v", took, clip(err.Error()))
			} else if took > 20*time.Second {
				t.Errorf("took %v: %v", took, err)
			} else {
				t.Logf("%v: %v", took, clip(fmt.Sprint(err)))
			}
		})
	}
	if n, err := count(t.Context(), db, "SELECT id FROM pg.small"); n != 50 || err != nil {
		t.Errorf("afterwards: %d rows, %v", n, err)
	}
}

func clip(s string) string { return s[:min(len(s), 200)] }
