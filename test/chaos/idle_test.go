package chaos

import (
	"context"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Clients that read one row and then do nothing held everything at the source for as long as they liked: its connections, so that nobody else had
// one, and its locks, so that an ALTER TABLE waited, and everybody behind it. A source's own time limit doesn't count that time.
func TestIdleClients(t *testing.T) {
	src := load(t)
	const most = 4 * time.Second
	w := start(t, src, "max_connections: 2, statement_timeout: "+most.String()+"\n", "")
	for _, q := range []string{
		"SELECT a.*, b.* FROM pg.big a JOIN pg.big b ON a.grp = b.grp",
		"SELECT a.*, b.* FROM my.big a JOIN my.big b ON a.grp = b.grp",
		"SELECT a.*, b.id + 1 FROM lite.big a JOIN lite.small b ON a.id > b.id", // its first row comes at once
		"SELECT a.*, b.* FROM pg.big a JOIN my.big b ON a.grp = b.grp",
	} {
		t.Run(q, func(t *testing.T) {
			began := time.Now()
			ctx, leave := context.WithCancel(t.Context())
			var idle []*sql.Rows
			for range 2 {
				rows, err := conn(t, w).QueryContext(ctx, q)
				if err != nil {
					t.Fatal(err)
				}
				defer rows.Close()
				if !rows.Next() {
					t.Fatal(rows.Err())
				}
				idle = append(idle, rows)
			}
			defer leave() // before the rows are closed, which would take all of them
			for _, other := range []string{"SELECT id FROM pg.small WHERE id = 7", "SELECT id FROM my.small WHERE id = 7", "SELECT id FROM lite.small WHERE id = 7"} {
				if n, err := count(t.Context(), conn(t, w), other); n != 1 || err != nil {
					t.Errorf("%s: %d rows, %v", other, n, err)
				}
			}
			if took := time.Since(began); took > most+2*time.Second {
				t.Errorf("others had to wait for %v", took)
			}
			eventually(t, "remote statements end", most+time.Second, func() bool { return src.remote(t) == 0 })
			alter(t, src)
			if strings.Contains(q, "pg.") && strings.Contains(q, "my.") {
				for _, rows := range idle { // what has been read here in time may be read to its end
					for range 100_000 {
						if !rows.Next() {
							t.Fatalf("the rows end: %v", rows.Err())
						}
					}
				}
				return
			}
			for _, rows := range idle {
				for rows.Next() {
				}
				if err := rows.Err(); code(err) != 3024 || !strings.Contains(err.Error(), "statement_timeout") {
					t.Errorf("the idle client: %v", err)
				}
			}
		})
	}
	w.lives()
}

// alter changes a table of PostgreSQL, which fails if anybody holds a lock on it.
func alter(t *testing.T, src *sources) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, src.pg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "SET lock_timeout = '1s'; ALTER TABLE big ALTER COLUMN pad SET STATISTICS 50"); err != nil {
		t.Errorf("ALTER TABLE: %v", err)
	}
}
