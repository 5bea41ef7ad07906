package chaos

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// heavy are statements that take long before anything of them runs: to read, to bind, to plan, to print, or for the embedded engine to prepare.
func heavy() map[string]string {
	list := func(n int, sep string, item func(int) string) string {
		items := make([]string, n)
		for i := range items {
			items[i] = item(i)
		}
		return strings.Join(items, sep)
	}
	doubled := func(levels int, first, each string) string {
		return "WITH c0 AS (" + first + ")," + list(levels, ",", func(i int) string { return fmt.Sprintf(each, i+1, i, i) }) + fmt.Sprintf(" SELECT count(*) FROM c%d", levels)
	}
	nested := func(levels int, columns, inner, where string) string {
		return "SELECT * FROM " + strings.Repeat("(SELECT "+columns+" FROM ", levels) + inner + strings.Repeat(") x", levels) + where
	}
	return map[string]string{
		"in of 400,000":          "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE a.id+b.id IN (" + list(400_000, ",", func(i int) string { return fmt.Sprint(i) }) + ")",
		"in of 400,000 at one":   "SELECT count(*) FROM pg.small a WHERE a.id IN (" + list(400_000, ",", func(i int) string { return fmt.Sprint(i) }) + ")",
		"or of 80,000 across":    "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE " + list(80_000, " OR ", func(i int) string { return fmt.Sprintf("a.id+b.id=%d", i) }),
		"and of 100,000 across":  "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE " + list(100_000, " AND ", func(i int) string { return fmt.Sprintf("a.id+b.id<>%d", i) }),
		"and of 100,000 columns": "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE " + list(100_000, " AND ", func(i int) string { return fmt.Sprintf("a.id<>%d", i) }),
		"union of 4,900 joins": list(4900, " UNION ALL ", func(i int) string {
			return fmt.Sprintf("SELECT a.id FROM pg.small a JOIN my.small b ON a.id=b.id+%d", i)
		}),
		"values of 150,000":                "SELECT * FROM (VALUES " + list(150_000, ",", func(i int) string { return fmt.Sprintf("ROW(%d)", i) }) + ") v",
		"values of 150,000 joined":         "SELECT count(*) FROM (VALUES " + list(150_000, ",", func(i int) string { return fmt.Sprintf("ROW(%d)", i) }) + ") v JOIN pg.small s ON s.id = v.column_0",
		"with that doubles":                doubled(11, "SELECT a.id AS n FROM pg.small a JOIN my.small b ON a.id=b.id", "c%d AS (SELECT a.n FROM c%d a JOIN c%d b ON a.n=b.n)"),
		"with that doubles by union":       doubled(11, "SELECT a.id AS n FROM pg.small a JOIN my.small b ON a.id=b.id", "c%d AS (SELECT n FROM c%d UNION SELECT n+1 FROM c%d)"),
		"case of 100,000":                  "SELECT CASE a.id+b.id " + list(100_000, " ", func(i int) string { return fmt.Sprintf("WHEN %d THEN %d", i, i+1) }) + " END FROM pg.small a JOIN my.small b ON a.id=b.id",
		"expressions that double":          nested(40, "c+c AS c", "(SELECT a.id AS c FROM pg.small a JOIN my.small b ON a.id=b.id) x", " WHERE c = 7"),
		"expressions that double, grouped": "SELECT c, count(*) FROM " + strings.Repeat("(SELECT c+c AS c FROM ", 40) + "(SELECT a.id AS c FROM pg.small a JOIN my.small b ON a.id=b.id) x" + strings.Repeat(") x", 40) + " GROUP BY c HAVING c > 8",
		"expressions that double at one":   nested(40, "c+c AS c", "(SELECT id AS c FROM pg.small) x", " WHERE c = 7"),
		"columns that double":              nested(40, "x.c * x.c + x.d AS c, x.c - x.d AS d", "(SELECT id AS c, grp AS d FROM my.small) x", " ORDER BY c LIMIT 3"),
		"joins with many filters": "SELECT count(*) FROM pg.small t0 " + list(60, " ", func(i int) string {
			return fmt.Sprintf("JOIN %s.small t%d ON t%d.id = t%d.id", []string{"pg", "my"}[i%2], i+1, i+1, i)
		}) + " WHERE " + list(20000, " AND ", func(i int) string { return fmt.Sprintf("t%d.grp + t%d.grp <> %d", i%60, (i*7+1)%60, i) }),
		"columns of 4,000":    "SELECT " + list(4000, ",", func(i int) string { return fmt.Sprintf("a.id%s + b.id AS c%d", strings.Repeat("+1", 100), i) }) + " FROM pg.small a JOIN my.small b ON a.id=b.id",
		"and of 4,900 across": "SELECT count(*) FROM pg.small a JOIN my.small b ON a.id=b.id WHERE " + list(4_900, " AND ", func(i int) string { return fmt.Sprintf("a.id+b.id<>%d", i) }),
		"words beyond count":  "SELECT 1 IN (" + list(600_000, ",", func(i int) string { return fmt.Sprint(i) }) + ")",
		"joins of 127":        doubled(6, "SELECT a.id AS n FROM pg.small a JOIN my.small b ON a.id=b.id", "c%d AS (SELECT a.n FROM c%d a JOIN c%d b ON a.n=b.n)"),
		"windows of 3,000": "SELECT " + list(3000, ",", func(i int) string {
			return fmt.Sprintf("sum(a.id) OVER (PARTITION BY b.id+%d ORDER BY a.id) AS c%d", i, i)
		}) + " FROM pg.small a JOIN my.small b ON a.id=b.id",
		"subqueries of 2,000": "SELECT " + list(2000, ",", func(i int) string {
			return fmt.Sprintf("(SELECT max(b.id) FROM my.small b WHERE b.id < a.id + %d) AS c%d", i, i)
		}) + " FROM pg.small a",
		"text of 60 MB": "SELECT LENGTH(CONCAT(a.id, '" + strings.Repeat("x", 60<<20) + "')) FROM pg.small a JOIN my.small b ON a.id=b.id",
	}
}

// What a statement does before it runs can be ended like the rest, and takes no memory without bound: 40 derived tables that compute c + c took all
// that there was, an AND of 20 000 conditions over a join ended the process, and the embedded engine prepared others for minutes, whatever KILL said.
func TestCancelPlanning(t *testing.T) {
	w := start(t, load(t), "", "")
	db := w.open("maxAllowedPacket=67108864")
	admin := w.open("")
	admin.SetMaxOpenConns(1)
	for name, q := range heavy() {
		t.Run(name, func(t *testing.T) {
			w.t = t
			c, err := db.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			var id int
			if err := c.QueryRowContext(t.Context(), "SELECT connection_id()").Scan(&id); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			began := time.Now()
			go func() { _, err := count(t.Context(), c, q); done <- err }()
			select {
			case err = <-done:
			case <-time.After(700 * time.Millisecond):
				if _, err := admin.Exec(fmt.Sprintf("KILL QUERY %d", id)); err != nil {
					t.Fatal(err)
				}
				killed := time.Now()
				select {
				case err = <-done:
				case <-time.After(30 * time.Second):
					t.Fatal("it goes on after KILL")
				}
				if took := time.Since(killed); took > endsWithin {
					t.Errorf("it ended %v after KILL: %v", took, clip(fmt.Sprint(err)))
				}
			}
			switch code(err) {
			case 0, 1038, 1235, 1317, 1690: // an answer, too large, not supported, killed, an overflow at the source
			default:
				t.Errorf("after %v: %v", time.Since(began), clip(err.Error()))
			}
			w.lives()
			t.Logf("%v: %v", time.Since(began).Round(time.Millisecond), clip(fmt.Sprint(err)))
		})
	}
	eventually(t, "what was left behind ends", time.Minute, func() bool {
		return w.metrics()["process_resident_memory_bytes"] < 3<<30 && w.metrics()["go_goroutines"] < 200
	})
	if peak := w.metrics()["process_resident_memory_bytes"]; peak > maxResident {
		t.Errorf("the process holds %.0f MB", peak/1e6)
	}
	if n, err := count(t.Context(), db, "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id"); n != 50 || err != nil {
		t.Errorf("afterwards: %d rows, %v", n, err)
	}
}

// A parser's or a binder's step can't be cut short; a loaded machine doubles it.
const endsWithin = 2 * time.Second

// maxResident is what the process may have taken after all of them: the memory limit that it was started with, and as much again that the limit doesn't know.
const maxResident = 2.5e9
