package wire

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/server/mysql"
)

// connectionID is the number of a connection.
func connectionID(t testing.TB, c *sql.Conn) int {
	t.Helper()
	var id int
	if err := c.QueryRowContext(t.Context(), "select connection_id()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	return id
}

// failure runs a query to its end and returns how it failed.
func failure(c *sql.Conn, query string, args ...any) error {
	rows, err := c.QueryContext(context.Background(), query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// A killed statement ends within a second with MySQL's code, before its first row or after it, and the connection stays good.
func TestKillQuery(t *testing.T) {
	r := start(t)
	killer := r.conn(t, "")
	for _, q := range []string{"select * from demo.hangs", "select * from demo.trickle"} {
		for _, how := range []string{"kill query %d", "prepared: kill query %d"} {
			t.Run(q+" "+how, func(t *testing.T) {
				victim := r.conn(t, "")
				id := connectionID(t, victim)
				done := make(chan error, 1)
				go func() {
					if strings.HasPrefix(how, "prepared") {
						stmt, err := victim.PrepareContext(context.Background(), q)
						if err != nil {
							done <- err
							return
						}
						defer stmt.Close()
						rows, err := stmt.Query()
						if err == nil {
							for rows.Next() {
							}
							err = rows.Err()
							rows.Close()
						}
						done <- err
						return
					}
					done <- failure(victim, q)
				}()
				time.Sleep(150 * time.Millisecond)
				began := time.Now()
				if _, err := killer.ExecContext(t.Context(), fmt.Sprintf(strings.TrimPrefix(how, "prepared: "), id)); err != nil {
					t.Fatal(err)
				}
				err := <-done
				if code(err) != 1317 || !strings.Contains(err.Error(), "70100") {
					t.Errorf("%v, want 1317 (70100)", err)
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("took %v", took)
				}
				if got := flat(texts(t, victim, "select 5")); got != "5" {
					t.Errorf("the connection is no longer good: %s", got)
				}
			})
		}
	}
	if r.engine.Cancelled.Load() != 4 || r.engine.Running.Load() != 0 {
		t.Errorf("%d statements cancelled, %d running", r.engine.Cancelled.Load(), r.engine.Running.Load())
	}
}

func TestKillRights(t *testing.T) {
	r := start(t)
	bob, err := sql.Open("mysql", r.dsn("bob", "pw-of-bob", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer bob.Close()
	ann := r.conn(t, "")
	id := connectionID(t, ann)
	if _, err := bob.Exec(fmt.Sprintf("kill %d", id)); code(err) != 1095 {
		t.Errorf("bob kills ann: %v, want 1095", err)
	}
	if _, err := bob.Exec("kill 999999"); code(err) != 1094 {
		t.Errorf("nobody killed: %v, want 1094", err)
	}
	if got := texts(t, bob, "show processlist"); len(got) != 1 || got[0][1] != "bob" {
		t.Errorf("bob sees %v", got)
	}
	if got := texts(t, ann, "show full processlist"); len(got) != 2 {
		t.Errorf("ann, an administrator, sees %v", got)
	}
	if _, err := ann.ExecContext(t.Context(), fmt.Sprintf("kill %d", id)); code(err) != 1317 {
		t.Errorf("killing oneself: %v", err)
	}
}

func TestKillConnection(t *testing.T) {
	r := start(t)
	victim, killer := r.conn(t, ""), r.conn(t, "")
	id := connectionID(t, victim)
	done := make(chan error, 1)
	go func() { done <- failure(victim, "select * from demo.trickle") }()
	time.Sleep(150 * time.Millisecond)
	if _, err := killer.ExecContext(t.Context(), fmt.Sprintf("kill %d", id)); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the statement went on")
	}
	if victim.PingContext(t.Context()) == nil {
		t.Error("the connection is still good")
	}
	eventually(t, "statement ended", time.Second, func() bool { return r.engine.Running.Load() == 0 })
}

func TestTimeLimit(t *testing.T) {
	r := start(t)
	c := r.conn(t, "")
	for _, q := range []string{"select /*+ MAX_EXECUTION_TIME(200) */ * from demo.hangs", "select /*+ SET_VAR(a=1) max_execution_time( 200 ) */ * from demo.trickle"} {
		began := time.Now()
		if err := failure(c, q); code(err) != 3024 {
			t.Errorf("%s: %v, want 3024", q, err)
		}
		if took := time.Since(began); took < 200*time.Millisecond || took > time.Second {
			t.Errorf("%s took %v", q, took)
		}
	}
	texts(t, c, "set max_execution_time = 150")
	if err := failure(c, "select * from demo.hangs"); code(err) != 3024 {
		t.Errorf("session limit: %v, want 3024", err)
	}
	if n := len(texts(t, c, "select /*+ MAX_EXECUTION_TIME(0) */ * from demo.numbers limit 10")); n != 10 {
		t.Errorf("%d rows", n)
	}
	if r.engine.Running.Load() != 0 {
		t.Error("a statement is still running")
	}
}

// The server's limit is a ceiling: no session lifts it, since a statement that may run for ever holds locks at its source for ever.
func TestTimeCeiling(t *testing.T) {
	r := start(t, func(c *mysql.Config) { c.MaxExecutionTime = 300 * time.Millisecond })
	c := r.conn(t, "")
	for _, set := range []string{"set max_execution_time = 0", "set max_execution_time = 60000", "set max_execution_time = default"} {
		texts(t, c, set)
		for _, q := range []string{"select * from demo.hangs", "select /*+ MAX_EXECUTION_TIME(0) */ * from demo.trickle", "select /*+ MAX_EXECUTION_TIME(50000) */ * from demo.hangs"} {
			began := time.Now()
			if err := failure(c, q); code(err) != 3024 || time.Since(began) > 2*time.Second {
				t.Errorf("%s; %s: %v after %v", set, q, err, time.Since(began))
			}
		}
	}
}

// A client that goes away ends its statement within a second, whether or not it gives rows, and even if it had sent another command before.
func TestDisconnect(t *testing.T) {
	r := start(t)
	for _, q := range []string{"select * from demo.hangs", "select * from demo.trickle", "select * from demo.numbers"} {
		t.Run(q, func(t *testing.T) {
			raw := rawLogin(t, r.addr)
			raw.command(3, q)
			eventually(t, "statement runs", time.Second, func() bool { return r.engine.Running.Load() == 1 })
			time.Sleep(50 * time.Millisecond)
			raw.command(3, "select 1") // sent ahead
			raw.Close()
			eventually(t, "statement ends", time.Second, func() bool { return r.engine.Running.Load() == 0 })
		})
	}
}

// What a client sends ahead while a statement runs is answered after it.
func TestPipelined(t *testing.T) {
	r := start(t)
	raw := rawLogin(t, r.addr)
	raw.command(3, "select /*+ MAX_EXECUTION_TIME(700) */ * from demo.hangs")
	time.Sleep(500 * time.Millisecond) // the watch has looked by now
	raw.command(14, "")                // ping
	for range 1 + 4 + 1 {
		raw.packet() // the columns
	}
	if p := raw.packet(); p[0] != 0xff {
		t.Errorf("first answer %x, want an error", p)
	}
	if p := raw.packet(); p[0] != 0 {
		t.Errorf("second answer %x, want OK", p)
	}
}

// A client that doesn't read holds its statement back, and the server's memory stays small.
func TestSlowClient(t *testing.T) {
	r := start(t)
	raw := rawLogin(t, r.addr)
	raw.command(3, "select * from demo.numbers")
	raw.packet()
	time.Sleep(300 * time.Millisecond)
	if r.engine.Running.Load() != 1 {
		t.Fatal("a million rows went to a client that doesn't read")
	}
	n, err := io.CopyN(io.Discard, raw, 20<<20)
	if err != nil || n != 20<<20 {
		t.Fatalf("read %d: %v", n, err)
	}
}

// A source's error after the first rows reaches the client as MySQL's error, and the connection stays good.
func TestErrorAfterRows(t *testing.T) {
	r := start(t)
	c := r.conn(t, "multiStatements=true")
	for _, q := range []string{"select * from demo.breaks", "select * from demo.breaks; select 1"} {
		if err := failure(c, q); code(err) != 1429 || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want 1429", q, err)
		}
		if got := flat(texts(t, c, "select 2")); got != "2" {
			t.Errorf("the connection is no longer good: %s", got)
		}
	}
	stmt, err := c.PrepareContext(t.Context(), "select * from demo.breaks")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := stmt.Query()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if code(rows.Err()) != 1429 || n != 100 {
		t.Errorf("prepared: %d rows, %v", n, rows.Err())
	}
	stmt.Close()
	if got := flat(texts(t, c, "select 2")); got != "2" {
		t.Errorf("the connection is no longer good: %s", got)
	}
}

// What isn't made for clients stays in the log.
func TestInternalError(t *testing.T) {
	r := start(t)
	c := r.conn(t, "")
	err := failure(c, "select * from demo.secret")
	if code(err) != 1105 || strings.Contains(err.Error(), "4711") {
		t.Errorf("%v", err)
	}
	if !strings.Contains(r.log.String(), "4711") {
		t.Error("the log doesn't have the cause")
	}
}

func TestMaxConnections(t *testing.T) {
	r := start(t, func(c *mysql.Config) { c.MaxConnections = 2 })
	first := r.open(t, "")
	if err := first.Ping(); err != nil {
		t.Fatal(err)
	}
	b := r.conn(t, "")
	third := r.open(t, "")
	if err := third.Ping(); code(err) != 1040 {
		t.Errorf("third connection: %v, want 1040", err)
	}
	if got := flat(texts(t, b, "select 1")); got != "1" {
		t.Error(got)
	}
	first.Close()
	eventually(t, "a place is free again", 2*time.Second, func() bool {
		db, err := sql.Open("mysql", r.dsn("bob", "pw-of-bob", ""))
		if err != nil {
			return false
		}
		defer db.Close()
		return db.Ping() == nil
	})
}

// A shutdown lets short statements end, cancels long ones after the drain time, and refuses new ones meanwhile.
func TestShutdown(t *testing.T) {
	r := start(t, func(c *mysql.Config) { c.DrainTime = 700 * time.Millisecond })
	long, short, idle := r.conn(t, ""), r.conn(t, ""), r.conn(t, "")
	var all sync.WaitGroup
	var longErr, shortErr error
	all.Go(func() { longErr = failure(long, "select * from demo.hangs") })
	all.Go(func() { shortErr = failure(short, "select /*+ MAX_EXECUTION_TIME(400) */ * from demo.hangs") })
	time.Sleep(200 * time.Millisecond)
	stopped := make(chan struct{})
	began := time.Now()
	go func() { r.stop(); close(stopped) }()
	time.Sleep(100 * time.Millisecond)
	if err := failure(idle, "select 1"); code(err) != 1053 {
		t.Errorf("a new statement during shutdown: %v, want 1053", err)
	}
	all.Wait()
	<-stopped
	if code(shortErr) != 3024 {
		t.Errorf("the short statement: %v, want its own end, 3024", shortErr)
	}
	if code(longErr) != 1053 {
		t.Errorf("the long statement: %v, want 1053", longErr)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("shutdown took %v", took)
	}
}

func TestResetConnection(t *testing.T) {
	r := start(t)
	raw := rawLogin(t, r.addr)
	raw.mustOK(3, "set @a = 1, sql_mode = 'ANSI_QUOTES'")
	raw.mustOK(2, "demo") // init db
	raw.mustOK(31, "")
	raw.command(3, "select @a, @@sql_mode, database()")
	raw.packet() // count
	for range 3 {
		raw.packet()
	}
	raw.packet() // EOF of the columns
	if row := raw.packet(); row[0] != 0xfb || !bytes.Contains(row, []byte("ONLY_FULL")) {
		t.Errorf("after a reset: %q", row)
	}
}

func TestFieldList(t *testing.T) {
	r := start(t)
	raw := rawLogin(t, r.addr)
	raw.mustOK(2, "demo")
	raw.command(4, "numbers\x00")
	for i := range 4 {
		if p := raw.packet(); !bytes.Contains(p, []byte("numbers")) {
			t.Errorf("column %d: %q", i, p)
		}
	}
	if p := raw.packet(); p[0] != 0xfe {
		t.Errorf("end: %x", p)
	}
}
