package chaos

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"weir/sources/sourcetest"
	"weir/test/program"
)

// through puts a proxy before both servers.
func through(t *testing.T, s *sources) (via *sources, pg, my *sourcetest.Proxy) {
	t.Helper()
	u, err := url.Parse(s.pg)
	if err != nil {
		t.Fatal(err)
	}
	pg = sourcetest.NewProxy(t, u.Host)
	u.Host = pg.Address()
	cfg, err := mysql.ParseDSN(s.my)
	if err != nil {
		t.Fatal(err)
	}
	my = sourcetest.NewProxy(t, cfg.Addr)
	cfg.Addr = my.Address()
	return &sources{pg: u.String(), my: cfg.FormatDSN(), lite: s.lite}, pg, my
}

// exec runs a statement at the PostgreSQL behind Weir.
func (s *sources) exec(t *testing.T, statements ...string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), s.pg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	for _, q := range statements {
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// A source that goes away while its rows arrive is an error, never fewer rows, and the next statement finds it again.
func TestSourceDies(t *testing.T) {
	src := load(t)
	via, pg, my := through(t, src)
	w := start(t, via, "", "")
	db := w.open("")
	for name, cut := range map[string]func(){
		"connections cut": func() { pg.Cut(); my.Cut() },
		"sessions ended": func() {
			src.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'weir'")
			my, err := sql.Open("mysql", src.my)
			if err != nil {
				t.Error(err)
				return
			}
			defer my.Close()
			rows, err := my.Query("SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")
			if err != nil {
				t.Error(err)
				return
			}
			var ids []string
			for rows.Next() {
				var id string
				_ = rows.Scan(&id)
				ids = append(ids, id)
			}
			rows.Close()
			for _, id := range ids {
				_, _ = my.Exec("KILL " + id)
			}
		},
	} {
		for _, q := range []string{
			"SELECT a.*, b.* FROM pg.big a JOIN pg.big b ON a.grp = b.grp",
			"SELECT a.*, b.* FROM my.big a JOIN my.big b ON a.grp = b.grp",
			"SELECT a.pad, b.pad FROM pg.big a JOIN my.big b ON a.grp = b.grp",
			"SELECT count(*) FROM pg.slow a JOIN my.slow b ON a.id = b.id WHERE b.pad > 0",
		} {
			t.Run(name+"/"+q[:20], func(t *testing.T) {
				// More than once: a statement that has given no row yet is sent again.
				for i := range 8 {
					timer := time.AfterFunc(time.Duration(i+1)*400*time.Millisecond, cut)
					defer timer.Stop()
				}
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				began := time.Now()
				rows, err := db.QueryContext(ctx, q)
				n := 0
				if err == nil {
					for rows.Next() {
						if n++; n == 1000 {
							time.Sleep(600 * time.Millisecond)
						}
						if n > 500_000 && strings.Contains(q, "pad, b.pad") { // everything had been read by then
							break
						}
					}
					err = rows.Err()
					cancel() // or closing the rows takes all of them
					rows.Close()
				}
				if c := code(err); c != 1429 && c != 1317 && (n < 500_000 || err != nil) {
					t.Errorf("%d rows, then %v", n, err)
				}
				t.Logf("%d rows, %v, %v", n, time.Since(began).Round(time.Millisecond), err)
				eventually(t, "the sources are found again", 10*time.Second, func() bool {
					n, err := count(t.Context(), db, "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id")
					return err == nil && n == 50
				})
				w.t = t
				w.lives()
			})
		}
	}
	t.Run("refused, then back", func(t *testing.T) {
		my.Refuse(true)
		my.Cut()
		_, err := count(t.Context(), db, "SELECT id FROM my.small")
		if code(err) != 1429 {
			t.Errorf("%v", err)
		}
		if n, err := count(t.Context(), db, "SELECT id FROM pg.small"); n != 50 || err != nil {
			t.Errorf("the other source: %d rows, %v", n, err)
		}
		my.Refuse(false)
		eventually(t, "the source is found again", 10*time.Second, func() bool {
			n, err := count(t.Context(), db, "SELECT id FROM my.small")
			return err == nil && n == 50
		})
	})
}

// A server starts with a source down and finds it later.
func TestSourceDownAtStart(t *testing.T) {
	via, pg, _ := through(t, load(t))
	pg.Refuse(true)
	w := start(t, via, "", "")
	db := w.open("")
	if _, err := count(t.Context(), db, "SELECT id FROM pg.small"); code(err) != 1429 {
		t.Errorf("%v", err)
	}
	if n, err := count(t.Context(), db, "SELECT id FROM my.small"); n != 50 || err != nil {
		t.Errorf("the other source: %d rows, %v", n, err)
	}
	pg.Refuse(false)
	eventually(t, "the source is found", 15*time.Second, func() bool {
		n, err := count(t.Context(), db, "SELECT id FROM pg.small")
		return err == nil && n == 50
	})
}

// big are statements that need more memory than there is.
var bigStatements = []string{
	"SELECT a.pad, b.pad, c.pad FROM pg.big a JOIN my.big b ON a.id = b.id JOIN lite.big c ON c.id = b.id ORDER BY concat(c.pad, b.pad, a.pad)",
	"SELECT concat(a.pad, b.pad) AS k, count(*) FROM pg.big a JOIN my.big b ON a.id = b.id GROUP BY k ORDER BY 2, 1",
	"SELECT DISTINCT a.pad, b.pad, a.id + b.id FROM pg.big a JOIN my.big b ON a.id = b.id",
	"SELECT GROUP_CONCAT(a.pad, b.pad) FROM pg.big a JOIN my.big b ON a.id = b.id",
	"SELECT a.id, row_number() OVER (PARTITION BY a.grp ORDER BY b.pad) FROM pg.big a JOIN my.big b ON a.id = b.id",
	"SELECT JSON_ARRAYAGG(concat(a.pad, b.pad)) FROM pg.big a JOIN my.big b ON a.id = b.id",
	"SELECT REPEAT(a.pad, 5000000), b.id FROM pg.small s JOIN pg.big a ON a.id = s.id JOIN my.small b ON a.id = b.id",
}

// scarce runs what needs much memory and expects an answer or error 1038.
func scarce(t *testing.T, w *server) {
	db := w.open("")
	for _, q := range bigStatements {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		began := time.Now()
		n, err := count(ctx, db, q)
		cancel()
		w.lives()
		if c := code(err); c != 0 && c != 1038 {
			t.Errorf("%s: %v", clip(q), err)
		}
		t.Logf("%.60s: %d rows, %v, %v", q, n, time.Since(began).Round(time.Millisecond), err)
	}
	if n, err := count(t.Context(), db, "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id ORDER BY b.grp"); n != 50 || err != nil {
		t.Errorf("afterwards: %d rows, %v", n, err)
	}
	t.Logf("memory %v MB", w.metrics()["process_resident_memory_bytes"]/1e6)
	if n := len(w.spilled()); n > 0 {
		t.Errorf("%d spill files stay", n)
	}
}

func TestLittleMemory(t *testing.T) { scarce(t, start(t, load(t), "memory: 64MiB\n", "")) }

// The disk for what doesn't fit into memory is full.
func TestDiskFull(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tiny")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system can't be mounted: %s", out)
	}
	src := load(t)
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	})
	scarce(t, start(t, src, "memory: 128MiB\n", dir))
}

// The disk of the audit is full: what can't be recorded is refused, until there is room again, and the chain is whole.
func TestDiskFullOfTheAudit(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tiny")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("a small file system can't be mounted: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%s", out)
		}
	})
	w := start(t, load(t), fmt.Sprintf("audit: {path: %q}\n", filepath.Join(dir, "audit")), "")
	db := w.open("")
	const q = "SELECT count(*) FROM lite.small"
	if n, err := count(t.Context(), db, q); n != 1 || err != nil {
		t.Fatalf("%d rows, %v", n, err)
	}
	ballast := filepath.Join(dir, "ballast")
	fill := exec.Command("dd", "if=/dev/zero", "of="+ballast, "bs=4k")
	_ = fill.Run() // until there is no room
	refused := 0
	for i := 0; i < 2000 && refused < 5; i++ { // the last page of the audit's file has some room
		switch _, err := count(t.Context(), db, q); code(err) {
		case 3164:
			refused++
		case 0:
			if refused > 0 {
				t.Error("a statement was answered between refused ones although the disk is full")
			}
		default:
			t.Fatalf("statement %d: %v", i, err)
		}
	}
	if refused < 5 {
		t.Fatalf("%d statements were refused", refused)
	}
	for _, other := range []string{"SET @a = 1", "SHOW DATABASES", "SELECT a.id FROM pg.small a JOIN my.small b ON a.id = b.id"} {
		if _, err := count(t.Context(), db, other); code(err) != 3164 {
			t.Errorf("%s: %v", other, err)
		}
	}
	fresh := w.open("")
	if err := fresh.Ping(); code(err) != 3164 {
		t.Errorf("a login that can't be recorded: %v", err)
	}
	if !strings.Contains(w.Log(), "the audit can't be written") {
		t.Error("the log doesn't say why")
	}
	w.lives()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if n, err := count(t.Context(), db, q); n != 1 || err != nil {
		t.Errorf("with room again: %d rows, %v", n, err)
	}
	n := 0
	if err := db.QueryRow("SELECT count(*) FROM weir.audit WHERE event = 'end' AND error_code = 3164").Scan(&n); err != nil || n < 8 {
		t.Errorf("%d refusals are recorded afterwards, %v", n, err)
	}
	if out, err := exec.Command(program.Build(t), "audit", "verify", "--config", w.File).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
