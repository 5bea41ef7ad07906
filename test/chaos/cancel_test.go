package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"
)

// phases are statements that spend their time in one part of the way each.
var phases = []struct{ name, q string }{
	{"PostgreSQL computes", "SELECT * FROM pg.slow"},
	{"MariaDB computes", "SELECT * FROM my.slow"},
	{"SQLite computes", "SELECT * FROM lite.slow"},
	{"a source's rows arrive", "SELECT count(*) FROM pg.slow a JOIN my.small b ON a.id = b.id"},
	{"keys are awaited", "SELECT count(*) FROM my.slow a JOIN pg.big b ON a.id = b.id WHERE a.pad > 0"},
	{"a join here", "SELECT count(*) FROM pg.big a JOIN my.big b ON a.grp = b.grp JOIN lite.big c ON c.grp = b.grp WHERE length(concat(a.pad, b.pad, c.pad)) > 7"},
	{"a sort here", "SELECT a.pad, b.pad FROM pg.big a JOIN my.big b ON a.grp = b.grp ORDER BY concat(b.pad, a.pad)"},
	{"a cross join here", "SELECT count(*) FROM pg.big a, my.big b WHERE a.id + b.id < 0"},
	{"a recursion", "WITH RECURSIVE c AS (SELECT id FROM pg.big UNION ALL SELECT c.id + b.grp FROM c JOIN my.big b ON b.grp = c.id % 1000) SELECT count(*) FROM c"},
	{"a plain stream", "SELECT a.*, b.* FROM pg.big a JOIN pg.big b ON a.grp = b.grp"},
	{"a stream from here", "SELECT a.pad, b.pad FROM pg.big a JOIN my.big b ON a.grp = b.grp"},
}

// A statement ends within a second wherever it is, however its end is asked for, with MySQL's code; nothing of it is left.
func TestCancel(t *testing.T) {
	src := load(t)
	w := start(t, src, "memory: 256MiB\n", "")
	admin := w.open("")
	admin.SetMaxOpenConns(2)
	if _, err := count(t.Context(), admin, "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id JOIN lite.small c ON c.id = a.id"); err != nil {
		t.Fatal(err)
	}
	before := w.metrics()
	// settled waits until nothing of any statement is left.
	settled := func(t *testing.T, within time.Duration) {
		t.Helper()
		eventually(t, "remote statements end", within, func() bool { return src.remote(t) == 0 })
		eventually(t, "statements end", time.Second, func() bool {
			n := 0
			if err := admin.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE command = 'Query'").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n == 1
		})
		eventually(t, "spill files go", time.Second, func() bool { return len(w.spilled()) == 0 })
		w.t = t
		w.lives()
	}
	ways := []struct {
		name string
		code int
		do   func(t *testing.T, q string) error
	}{
		{"KILL QUERY", 1317, func(t *testing.T, q string) error {
			return killed(t, w, admin, q, "KILL QUERY")
		}},
		{"max_execution_time", 3024, func(t *testing.T, q string) error {
			c := conn(t, w)
			if _, err := c.ExecContext(t.Context(), "SET max_execution_time = 700"); err != nil {
				t.Fatal(err)
			}
			return stall(t.Context(), c, q)
		}},
		{"the hint", 3024, func(t *testing.T, q string) error {
			c := conn(t, w)
			hinted := "SELECT /*+ MAX_EXECUTION_TIME(700) */ " + q[len("SELECT "):]
			if q[:4] == "WITH" {
				return stall(t.Context(), c, "SELECT /*+ MAX_EXECUTION_TIME(700) */ * FROM ("+q+") x")
			}
			return stall(t.Context(), c, hinted)
		}},
		{"the client closes", -1, func(t *testing.T, q string) error {
			ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
			defer cancel()
			return stall(ctx, conn(t, w), q)
		}},
		{"the client is killed", -1, func(t *testing.T, q string) error {
			return killedClient(t, w, q)
		}},
	}
	for _, way := range ways {
		for _, p := range phases {
			t.Run(way.name+"/"+p.name, func(t *testing.T) {
				err := way.do(t, p.q)
				if code(err) != way.code && way.code > 0 {
					t.Errorf("%v, want code %d", err, way.code)
				}
				settled(t, 1500*time.Millisecond)
			})
		}
	}
	t.Run("random", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 50 {
					p := phases[rand.IntN(len(phases))]
					ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(400))*time.Millisecond)
					db, err := sql.Open("mysql", fmt.Sprintf("ann:%s@tcp(%s)/pg?tls=false", password, w.addr))
					if err == nil {
						_, _ = count(ctx, db, p.q)
						db.Close()
					}
					cancel()
				}
			})
		}
		wg.Wait()
		settled(t, 3*time.Second)
		if n, err := count(t.Context(), admin, "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id JOIN lite.small c ON c.id = a.id"); n != 50 || err != nil {
			t.Errorf("afterwards: %d rows, %v", n, err)
		}
	})
	// Idle connections to sources stay, and each may have a goroutine or two.
	var after map[string]float64
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		after = w.metrics()
		if after["go_goroutines"] <= before["go_goroutines"]+40 && after["process_open_fds"] <= before["process_open_fds"]+40 {
			break
		}
		if time.Now().After(deadline) {
			w.Cmd.Process.Signal(syscall.SIGQUIT)
			<-w.Ended
			t.Errorf("goroutines or files stay:\n%s", w.Log())
			break
		}
	}
	t.Logf("goroutines %v -> %v, open files %v -> %v, memory %v -> %v MB", before["go_goroutines"], after["go_goroutines"], before["process_open_fds"], after["process_open_fds"],
		before["process_resident_memory_bytes"]/1e6, after["process_resident_memory_bytes"]/1e6)
}

func conn(t *testing.T, w *server) *sql.Conn {
	t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("ann:%s@tcp(%s)/pg?tls=false", password, w.addr))
	if err != nil {
		t.Fatal(err)
	}
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); db.Close() })
	return c
}

// stall reads one row and then waits for a second before it reads the rest.
func stall(ctx context.Context, c *sql.Conn, q string) error {
	rows, err := c.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	rows.Next()
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
	}
	for rows.Next() {
	}
	return rows.Err()
}

// killed runs a statement that another connection ends.
func killed(t *testing.T, w *server, admin *sql.DB, q, kill string) error {
	c := conn(t, w)
	var id int
	if err := c.QueryRowContext(t.Context(), "SELECT connection_id()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- stall(t.Context(), c, q) }()
	time.Sleep(600 * time.Millisecond)
	if _, err := admin.Exec(fmt.Sprintf("%s %d", kill, id)); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		return err
	case <-time.After(5 * time.Second):
		return fmt.Errorf("the statement goes on after %s", kill)
	}
}

// killedClient runs a statement in the mysql client, which is stopped so that it doesn't read, and then killed.
func killedClient(t *testing.T, w *server, q string) error {
	name, err := exec.LookPath("mariadb")
	if err != nil {
		if name, err = exec.LookPath("mysql"); err != nil {
			t.Skip("no mariadb or mysql client on this machine")
		}
	}
	host, port, _ := net.SplitHostPort(w.addr)
	cmd := exec.Command(name, "--no-defaults", "-h", host, "-P", port, "-u", "ann", "--quick", "-e", q, "pg")
	cmd.Env = append(cmd.Environ(), "MYSQL_PWD="+password)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	cmd.Process.Signal(syscall.SIGSTOP)
	time.Sleep(200 * time.Millisecond)
	cmd.Process.Kill()
	return cmd.Wait()
}
