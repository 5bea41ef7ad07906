package wire

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"
	"go.uber.org/goleak"

	"weir/policy/account"
	"weir/server/mysql"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running is a server under test.
type running struct {
	*mysql.Server
	engine   *Engine
	accounts *account.Book
	log      *logged
	addr     string
	dir      string // DataDir
	stop     func()
}

// logged keeps the log's text.
type logged struct {
	mu   sync.Mutex
	text []byte
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

func start(t testing.TB, change ...func(*mysql.Config)) *running {
	t.Helper()
	r := &running{engine: &Engine{}, log: &logged{}}
	var err error
	if r.accounts, err = account.NewBook([]account.Configured{{Name: "ann", Password: "pw-of-ann", Roles: []string{"admin"}}, {Name: "bob", Password: "pw-of-bob"}}); err != nil {
		t.Fatal(err)
	}
	cfg := mysql.Config{Listen: "127.0.0.1:0", DataDir: t.TempDir(), Engine: r.engine, Catalog: Catalog{}, LoginDelay: 50 * time.Millisecond,
		DrainTime: 2 * time.Second, Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Accounts: r.accounts}
	for _, c := range change {
		c(&cfg)
	}
	r.dir = cfg.DataDir
	if r.Server, err = mysql.New(cfg); err != nil {
		t.Fatal(err)
	}
	r.addr = r.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() {
		r.stop()
		if t.Failed() && os.Getenv("WEIR_TEST_LOG") != "" {
			t.Log(r.log.String())
		}
	})
	return r
}

func (r *running) dsn(user, password, options string) string {
	return fmt.Sprintf("%s:%s@tcp(%s)/?%s", user, password, r.addr, options)
}

// open connects as ann.
func (r *running) open(t testing.TB, options string) *sql.DB {
	t.Helper()
	db, err := sql.Open("mysql", r.dsn("ann", "pw-of-ann", options))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (r *running) conn(t testing.TB, options string) *sql.Conn {
	t.Helper()
	c, err := r.open(t, options).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// code is the MySQL code of an error; 0 for nil, -1 for another one.
func code(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := err.(*driver.MySQLError); ok {
		return int(e.Number)
	}
	return -1
}

// texts runs a query and reads all rows as texts.
func texts(t testing.TB, c interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, query string, args ...any) [][]any {
	t.Helper()
	rows, err := c.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return read(t, rows)
}

func read(t testing.TB, rows *sql.Rows) [][]any {
	t.Helper()
	defer rows.Close()
	columns, _ := rows.Columns()
	var out [][]any
	for rows.Next() {
		raw := make([]sql.NullString, len(columns))
		into := make([]any, len(columns))
		for i := range raw {
			into[i] = &raw[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]any, len(columns))
		for i, v := range raw {
			if v.Valid {
				row[i] = v.String
			}
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func eventually(t testing.TB, what string, within time.Duration, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(within)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, within)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func dial(t testing.TB, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
