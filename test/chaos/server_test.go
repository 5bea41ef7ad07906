package chaos

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/test/program"
	"weir/test/realservers"
)

const password = "pw-of-chaos-8142"

// sources are fresh databases, all with a table big (id, grp, pad) and a table small (id, grp).
type sources struct {
	pg, my, lite string
}

// rowsOf is how many rows big has at each source.
const rowsOf = 300_000

func load(t testing.TB) *sources {
	t.Helper()
	ctx := context.Background()
	s := &sources{pg: realservers.Postgres(t), my: realservers.MariaDB(t), lite: filepath.Join(t.TempDir(), "lite.db")}
	c, err := pgx.Connect(ctx, s.pg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for _, q := range []string{
		fmt.Sprintf("CREATE TABLE big AS SELECT i AS id, i %% 1000 AS grp, 'row ' || i || repeat('x', 60) AS pad FROM generate_series(1, %d) i", rowsOf),
		"ALTER TABLE big ADD PRIMARY KEY (id)", "CREATE TABLE small AS SELECT id, grp FROM big WHERE id <= 50", "ALTER TABLE small ADD PRIMARY KEY (id)", "ANALYZE",
		// A view whose statement takes hours before its first row.
		"CREATE VIEW slow AS SELECT id, pad FROM big, pg_sleep(7200)",
	} {
		if _, err := c.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	db, err := sql.Open("mysql", s.my)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		"CREATE TABLE big (id int PRIMARY KEY, grp int, pad varchar(100))",
		fmt.Sprintf("INSERT INTO big SELECT seq, seq %% 1000, concat('row ', seq, repeat('x', 60)) FROM seq_1_to_%d", rowsOf),
		"CREATE TABLE small (id int PRIMARY KEY, grp int)", "INSERT INTO small SELECT id, grp FROM big WHERE id <= 50", "ANALYZE TABLE big, small",
		"CREATE VIEW slow AS SELECT small.id, sleep(7200) AS pad FROM small",
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	l, err := sqlite.OpenConn(s.lite)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	err = sqlitex.ExecuteScript(l, fmt.Sprintf(`CREATE TABLE big (id INTEGER PRIMARY KEY, grp INTEGER, pad TEXT);
		INSERT INTO big WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) SELECT i, i %% 1000, 'row ' || i || printf('%%060d', i) FROM n;
		CREATE TABLE small (id INTEGER PRIMARY KEY, grp INTEGER); INSERT INTO small SELECT id, grp FROM big WHERE id <= 50;
		CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS id, '' AS pad FROM n;`, rowsOf), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMain(m *testing.M) { program.Main(m) }

// server is the running program.
type server struct {
	*program.Server
	t          testing.TB
	addr, http string
	yaml       string
	data       string // its directory for data
}

// start runs the program on the sources. extra are further lines of the configuration, spill a directory for its data ("" is a fresh one).
func start(t testing.TB, s *sources, extra, data string) *server {
	t.Helper()
	w := &server{t: t, addr: program.FreeAddress(t), http: program.FreeAddress(t)}
	if data == "" {
		data = filepath.Join(t.TempDir(), "data")
	}
	if !strings.Contains(extra, "memory:") {
		extra += "memory: 1GiB\n"
	}
	limit := ""
	if n, rest, ok := strings.Cut(extra, "\n"); ok && strings.HasPrefix(n, "max_connections: ") {
		limit, extra = ", "+n, rest
	}
	w.yaml = fmt.Sprintf(`listen: %s
http: %q
data_dir: %s
log: {level: debug}
%susers:
  - {name: ann, password: %s, roles: [admin]}
sources:
  pg: {kind: postgres, dsn: %q, schema: public%s}
  my: {kind: mysql, dsn: %q%s}
  lite: {kind: sqlite, path: %q%s}
`, w.addr, w.http, data, extra, password, s.pg, limit, s.my, limit, s.lite, limit)
	w.Server, w.data = program.Start(t, w.yaml), data
	w.Answers(w.open("").Ping)
	return w
}

// lives fails the test if the program has ended.
func (w *server) lives() {
	w.t.Helper()
	time.Sleep(20 * time.Millisecond)
	if !w.Alive() {
		text := w.Log()
		w.t.Fatalf("the server has died:\n%s", text[max(0, strings.Index(text, "\ngoroutine ")-2000):][:min(len(text), 4000)])
	}
}

// open is a pool of connections to the server.
func (w *server) open(options string) *sql.DB {
	w.t.Helper()
	db, err := sql.Open("mysql", fmt.Sprintf("ann:%s@tcp(%s)/pg?tls=false&allowCleartextPasswords=true&%s", password, w.addr, options))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { db.Close() })
	return db
}

// metrics are the program's metrics without labels.
func (w *server) metrics() map[string]float64 {
	w.t.Helper()
	r, err := http.Get("http://" + w.http + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer r.Body.Close()
	out := map[string]float64{}
	for s := bufio.NewScanner(r.Body); s.Scan(); {
		if name, value, ok := strings.Cut(s.Text(), " "); ok && name != "#" {
			out[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	io.Copy(io.Discard, r.Body)
	http.DefaultClient.CloseIdleConnections()
	return out
}

// spilled are the files in the spill directory.
func (w *server) spilled() []string {
	files, _ := filepath.Glob(filepath.Join(w.data, "spill", "*"))
	return files
}

// remote counts the statements that run at the servers of the sources' databases for Weir; idle connections don't count.
func (s *sources) remote(t testing.TB) int {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, s.pg)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	n, m := 0, 0
	if err := c.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", s.my)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id() AND command <> 'Sleep'").Scan(&m); err != nil {
		t.Fatal(err)
	}
	return n + m
}

func eventually(t testing.TB, what string, within time.Duration, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// code is the MySQL code of an error; 0 for none, -1 for one that is not the server's.
func code(err error) int {
	var e *mysql.MySQLError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return int(e.Number)
	}
	return -1
}

// count reads all rows of a statement.
func count(ctx context.Context, db interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, q string) (n int, err error) {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}
