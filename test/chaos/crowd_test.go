package chaos

import (
	"context"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// mixed are statements with their number of rows, for many clients at once.
var mixed = []struct {
	q    string
	rows int
}{
	{"SELECT 1", 1},
	{"SELECT id FROM pg.small", 50},
	{"SELECT id, pad FROM my.big WHERE id < 1000", 999},
	{"SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id JOIN lite.small c ON c.id = b.id", 50},
	{"SELECT a.id FROM pg.small a JOIN pg.big b ON a.id = b.id JOIN my.small c ON c.id = a.id JOIN my.big d ON d.id = c.id JOIN lite.big e ON e.id = d.id", 50},
	{"SELECT a.grp, count(*) FROM pg.small a JOIN my.small b ON a.grp = b.grp GROUP BY a.grp ORDER BY 2, 1", 50},
	{"SELECT id FROM pg.small WHERE id IN (SELECT id FROM my.small WHERE id > 25) UNION ALL SELECT id FROM lite.small", 75},
	{"SELECT a.id FROM pg.small a JOIN (SELECT id FROM my.small UNION SELECT id FROM lite.small UNION SELECT id FROM pg.small WHERE id > 3) b ON a.id = b.id LEFT JOIN pg.small c ON c.id = b.id LEFT JOIN pg.big d ON d.id = c.id + 1", 50},
	{"SHOW TABLES FROM my", 3},
	{"SELECT table_name FROM information_schema.tables WHERE table_schema = 'lite'", 3},
	{"WITH RECURSIVE c AS (SELECT 1 AS n UNION ALL SELECT n+1 FROM c WHERE n < 50) SELECT c.n FROM c JOIN my.small s ON s.id = c.n", 50},
}

// 200 clients at two connections for each source: they wait for each other, but all are served.
func TestCrowd(t *testing.T) {
	clients, each := 200, 5
	w := start(t, load(t), "max_connections: 2\n", "")
	db := w.open("")
	db.SetMaxOpenConns(clients)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	var failed atomic.Int64
	began := time.Now()
	for client := range clients {
		wg.Go(func() {
			for i := range each {
				m := mixed[(client*each+i*7+client)%len(mixed)]
				if n, err := count(ctx, db, m.q); err != nil || n != m.rows {
					if failed.Add(1) < 10 {
						t.Errorf("%s: %d rows, %v", m.q, n, err)
					}
				}
			}
		})
	}
	wg.Wait()
	w.lives()
	t.Logf("%d statements of %d clients in %v, %d failed", clients*each, clients, time.Since(began).Round(time.Millisecond), failed.Load())
}

// Clients, cancellations and reloads of changed configurations at the same time.
func TestCrowdWithReloads(t *testing.T) {
	w := start(t, load(t), "", "")
	db := w.open("")
	db.SetMaxOpenConns(60)
	long := 15 * time.Second
	if os.Getenv("WEIR_CHAOS_RACE") != "" {
		long = time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var wg sync.WaitGroup
	var done, cancelled, failed atomic.Int64
	for range 40 {
		wg.Go(func() {
			for ctx.Err() == nil {
				m := mixed[rand.IntN(len(mixed))]
				n, err := count(t.Context(), db, m.q)
				done.Add(1)
				if (err != nil || n != m.rows) && failed.Add(1) < 10 {
					t.Errorf("%s: %d rows, %v", m.q, n, err)
				}
			}
		})
	}
	for range 10 {
		wg.Go(func() {
			for ctx.Err() == nil {
				short, stop := context.WithTimeout(t.Context(), time.Duration(rand.IntN(300))*time.Millisecond)
				_, _ = count(short, db, phases[rand.IntN(len(phases))].q)
				stop()
				cancelled.Add(1)
			}
		})
	}
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			yaml := w.yaml
			if i%2 == 0 { // the source my is another one, with the same tables
				yaml = strings.Replace(yaml, "my: {kind: mysql,", "my: {kind: mysql, max_connections: 5,", 1)
				yaml = strings.Replace(yaml, "level: debug", "level: info", 1)
			}
			next := w.File + ".next" // a file that is half written would be half a configuration
			if err := os.WriteFile(next, []byte(yaml), 0o600); err != nil {
				t.Error(err)
			}
			if err := os.Rename(next, w.File); err != nil {
				t.Error(err)
			}
			w.Cmd.Process.Signal(syscall.SIGHUP)
			time.Sleep(300 * time.Millisecond)
		}
	})
	wg.Wait()
	w.lives()
	if n := strings.Count(w.Log(), "configuration read again"); n < 10 {
		t.Errorf("only %d reloads", n)
	}
	if strings.Contains(w.Log(), "configuration not changed") || strings.Contains(w.Log(), "panic") {
		t.Errorf("the log has errors:\n%s", w.Log())
	}
	t.Logf("%d statements, %d cancellations, %d failed, goroutines %v", done.Load(), cancelled.Load(), failed.Load(), w.metrics()["go_goroutines"])
}
