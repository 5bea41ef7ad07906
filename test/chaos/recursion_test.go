package chaos

import (
	"context"
	"testing"
	"time"
)

// A recursion ends at cte_max_recursion_depth, counted as MySQL counts: the rounds that read rows.
func TestRecursionEnds(t *testing.T) {
	w := start(t, load(t), "", "")
	db := w.open("")
	db.SetMaxOpenConns(1)
	for _, c := range []struct {
		name, set, q string
		rows, code   int
	}{
		{"as deep as allowed", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < 1000) SELECT n FROM c", 1000, 0},
		{"one more", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < 1001) SELECT n FROM c", 0, 3636},
		{"without end", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c) SELECT count(*) FROM c", 0, 3636},
		{"a cycle, distinct", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION SELECT n % 900 + 1 FROM c) SELECT n FROM c", 900, 0},
		{"distinct without end", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION SELECT n+1 FROM c) SELECT count(*) FROM c", 0, 3636},
		{"the same rows for ever", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n FROM c) SELECT count(*) FROM c", 0, 3636},
		{"many rows a round", "10", "WITH RECURSIVE c AS (SELECT id, 1 AS n FROM pg.big UNION ALL SELECT id, n+1 FROM c WHERE n < 10) SELECT count(*) FROM c", 1, 0},
		{"many rows a round, one more", "10", "WITH RECURSIVE c AS (SELECT id, 1 AS n FROM pg.big UNION ALL SELECT id, n+1 FROM c WHERE n < 11) SELECT count(*) FROM c", 0, 3636},
		{"over one source", "5", "WITH RECURSIVE c AS (SELECT id FROM my.small WHERE id = 1 UNION ALL SELECT s.id FROM c JOIN my.small s ON s.id = c.id + 1 WHERE s.id <= 5) SELECT id FROM c", 5, 0},
		{"over one source, one more", "5", "WITH RECURSIVE c AS (SELECT id FROM my.small WHERE id = 1 UNION ALL SELECT s.id FROM c JOIN my.small s ON s.id = c.id + 1 WHERE s.id <= 6) SELECT id FROM c", 0, 3636},
		{"over one source without end", "1000", "WITH RECURSIVE c AS (SELECT id FROM pg.small WHERE id = 1 UNION ALL SELECT c.id FROM c JOIN pg.small s ON s.id = c.id) SELECT count(*) FROM c", 0, 3636},
		{"deep", "5000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < 5000) SELECT n FROM c", 5000, 0},
		{"twice", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < 1000) SELECT a.n FROM c a JOIN c b ON a.n = b.n", 1000, 0},
		{"limited", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c LIMIT 20) SELECT n FROM c", 20, 0},
		{"no rows", "1000", "WITH RECURSIVE c AS (SELECT 1 AS n WHERE 1 = 0 UNION ALL SELECT n+1 FROM c) SELECT n FROM c", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
			defer cancel()
			for range 2 { // a second run counts anew
				if _, err := db.ExecContext(ctx, "SET cte_max_recursion_depth = "+c.set); err != nil {
					t.Fatal(err)
				}
				n, err := count(ctx, db, c.q)
				if code(err) != c.code || err == nil && n != c.rows {
					t.Errorf("%d rows, %v; want %d rows, code %d", n, err, c.rows, c.code)
				}
			}
		})
	}
}
