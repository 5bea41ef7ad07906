package wire

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/policy/audit"
	"weir/server/mysql"
)

// recorder keeps the records; refuse, if set, says of which it can't.
type recorder struct {
	mu      sync.Mutex
	records []*audit.Record
	refuse  func(*audit.Record) bool
}

func (r *recorder) Write(x *audit.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse != nil && r.refuse(x) {
		return errors.New("disk full")
	}
	r.records = append(r.records, x)
	return nil
}

func (r *recorder) refuseWhat(f func(*audit.Record) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = f
}

// take are the records since the last call, on one line each.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []string
	for _, x := range r.records {
		s := string(x.Event)
		for _, part := range []string{x.Class, x.Text, x.Result} {
			if part != "" {
				s += "|" + part
			}
		}
		if x.Code != 0 {
			s += fmt.Sprintf(" %d", x.Code)
		}
		out = append(out, s)
	}
	r.records = nil
	return out
}

func (r *recorder) last(e audit.Event) *audit.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := len(r.records) - 1; i >= 0; i-- {
		if r.records[i].Event == e {
			return r.records[i]
		}
	}
	return &audit.Record{}
}

func recorded(t *testing.T, change ...func(*mysql.Config)) (*running, *recorder) {
	t.Helper()
	rec := &recorder{}
	return start(t, append(change, func(c *mysql.Config) { c.Audit = rec })...), rec
}

// Every statement of the text protocol leaves its records, however it ends.
func TestAuditOfStatements(t *testing.T) {
	r, rec := recorded(t)
	c := r.conn(t, "")
	id := connectionID(t, c)
	rec.take()
	for _, x := range []struct {
		query string
		want  []string
	}{
		{"select 'secret', 12", []string{"begin|query|select ?, ?", "end|query|select ?, ?|ok"}},
		{"select n from demo.numbers limit 5", []string{"begin|query|select n from demo.numbers limit ?", "end|query|select n from demo.numbers limit ?|ok"}},
		{"select * from demo.breaks", []string{"begin|query|select * from demo.breaks", "end|query|select * from demo.breaks|error 1429"}},
		{"show databases", []string{"begin|catalog|show databases", "end|catalog|show databases|ok"}},
		{"select table_name from information_schema.tables where table_schema = 'secret'",
			[]string{"begin|catalog|select table_name from information_schema.tables where table_schema = ?", "end|catalog|select table_name from information_schema.tables where table_schema = ?|ok"}},
		{"set @a = 'secret'", []string{"begin|session|set @a = ?", "end|session|set @a = ?|ok"}},
		{"use demo", []string{"begin|session|use demo", "end|session|use demo|ok"}},
		{"use nowhere", []string{"begin|session|use nowhere", "end|session|use nowhere|error 1049"}},
		{"commit", []string{"end|session|commit|ok"}},
		{"kill 4711", []string{"begin|session|kill 4711", "end|session|kill 4711|error 1094"}},
		{"prepare p from 'select ''secret'''", []string{"begin|session|prepare p from ?", "end|session|prepare p from ?|ok"}},
		{"execute p", []string{"begin|query|select ?", "end|query|select ?|ok"}},
		{"execute nothing", []string{"end|session|execute nothing|error 1243"}},
		{"explain select 'secret'", []string{"begin|query|explain select ?", "end|query|explain select ?|ok"}},
		{"insert into demo.numbers values ('secret')", []string{"end|refused|insert into demo.numbers values (?)|refused 1290"}},
		{"select * from demo.numbers, information_schema.tables", []string{"end|refused|select * from demo.numbers, information_schema.tables|refused 1235"}},
		{"selec 'secret'", []string{"end|session|error 1064"}},
		{"insert blah 'secret'", []string{"end|session|INSERT …|refused 1290"}},
		{"create user eve identified by 'secret'", []string{"begin|account|create user eve identified by ?", "end|account|create user eve identified by ?|ok"}},
		{"drop user eve", []string{"begin|account|drop user eve", "end|account|drop user eve|ok"}},
		{"set role default", []string{"begin|account|set role default", "end|account|set role default|ok"}},
	} {
		_ = failure(c, x.query)
		if got := rec.take(); strings.Join(got, "\n") != strings.Join(x.want, "\n") {
			t.Errorf("%s\ngot  %q\nwant %q", x.query, got, x.want)
		}
	}

	_ = failure(c, "select n from demo.numbers limit 2000")
	end := rec.last(audit.End)
	begin := rec.last(audit.Begin)
	if end.Rows != 2000 || end.Bytes < 10_000 || end.Micros <= 0 || end.FirstMicros <= 0 || end.User != "ann" || strings.Join(end.Roles, ",") != "admin" || end.Client != "127.0.0.1" ||
		end.Connection != uint32(id) || end.Database != "demo" || end.Statement == 0 || end.Statement != begin.Statement || end.TLS {
		t.Errorf("%+v", end)
	}
}

// Statements of the binary protocol: what is prepared, and each time that it is executed.
func TestAuditOfPreparedStatements(t *testing.T) {
	r, rec := recorded(t)
	c := r.conn(t, "")
	rec.take()
	stmt, err := c.PrepareContext(t.Context(), "select ?, 'secret'")
	if err != nil {
		t.Fatal(err)
	}
	defer stmt.Close()
	for range 2 {
		var a, b string
		if err := stmt.QueryRow("secret").Scan(&a, &b); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.PrepareContext(t.Context(), "selec 'secret'"); err == nil {
		t.Error("prepared")
	}
	want := []string{"end|prepare|select ?, ?|ok", "begin|query|select ?, ?", "end|query|select ?, ?|ok", "begin|query|select ?, ?", "end|query|select ?, ?|ok", "end|prepare|error 1064"}
	if got := rec.take(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Several statements in one text are recorded one by one; what doesn't come apart is too.
func TestAuditOfSeveralStatements(t *testing.T) {
	r, rec := recorded(t)
	c := r.conn(t, "multiStatements=true")
	rec.take()
	_ = failure(c, "select 1; selec 2; select 3")
	want := []string{"begin|query|select ?", "end|query|select ?|ok", "end|session|error 1064"}
	if got := rec.take(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestAuditKeepsLiterals(t *testing.T) {
	r, rec := recorded(t, func(c *mysql.Config) { c.KeepLiterals = true })
	c := r.conn(t, "")
	rec.take()
	_ = failure(c, "select 'kept'")
	_ = failure(c, "create user eve identified by 'secret'")
	_ = failure(c, "prepare p from 'alter user eve identified by ''secret'''")
	if got := strings.Join(rec.take(), "\n"); !strings.Contains(got, "select 'kept'") || strings.Contains(got, "secret") {
		t.Errorf("%s", got)
	}
	var v string
	if err := c.QueryRowContext(t.Context(), "select ?", "argument").Scan(&v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rec.last(audit.End).Args, ","); !strings.Contains(got, "argument") {
		t.Errorf("arguments %s", got)
	}
}

// How a statement was ended from outside is told apart.
func TestAuditOfEndings(t *testing.T) {
	r, rec := recorded(t)
	killer := r.conn(t, "")
	for name, x := range map[string]struct {
		query string
		end   func(id int, cancel func())
		want  string
	}{
		"killed":  {"select * from demo.trickle", func(id int, _ func()) { _ = failure(killer, fmt.Sprintf("kill query %d", id)) }, "killed 1317"},
		"gone":    {"select * from demo.trickle", func(_ int, cancel func()) { cancel() }, "gone"},
		"timeout": {"select /*+ MAX_EXECUTION_TIME(100) */ * from demo.hangs", func(int, func()) {}, "timeout 3024"},
	} {
		t.Run(name, func(t *testing.T) {
			victim := r.conn(t, "")
			id := connectionID(t, victim)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan struct{})
			go func() {
				defer close(done)
				rows, err := victim.QueryContext(ctx, x.query)
				if err == nil {
					for rows.Next() {
					}
					rows.Close()
				}
			}()
			eventually(t, "it runs", 5*time.Second, func() bool { return r.engine.Running.Load() > 0 })
			x.end(id, cancel)
			<-done
			var end *audit.Record
			eventually(t, "it is recorded", 5*time.Second, func() bool {
				rec.mu.Lock()
				defer rec.mu.Unlock()
				for _, e := range rec.records {
					if e.Event == audit.End && e.Connection == uint32(id) && strings.HasPrefix(e.Text, "select") && strings.Contains(e.Text, "demo.") {
						end = e
					}
				}
				return end != nil
			})
			if got := strings.TrimSpace(fmt.Sprintf("%s %d", end.Result, end.Code)); !strings.HasPrefix(got, x.want) {
				t.Errorf("recorded as %s, want %s", got, x.want)
			}
			eventually(t, "it ends", 5*time.Second, func() bool { return r.engine.Running.Load() == 0 })
		})
	}
}

func TestAuditOfLogins(t *testing.T) {
	r, rec := recorded(t)
	_ = r.open(t, "").Ping()
	if x := rec.last(audit.Login); x.User != "ann" || x.Client != "127.0.0.1" || x.Connection == 0 || x.TLS {
		t.Errorf("%+v", x)
	}
	db := r.open(t, "tls=skip-verify")
	_ = db.Ping()
	if x := rec.last(audit.Login); !x.TLS {
		t.Errorf("%+v", x)
	}
	db.Close()
	eventually(t, "the logout is recorded", 5*time.Second, func() bool { return rec.last(audit.Logout).User == "ann" && rec.last(audit.Logout).TLS })
	for user, password := range map[string]string{"ann": "wrong", "nobody": "pw-of-ann"} {
		bad, err := sql.Open("mysql", r.dsn(user, password, ""))
		if err != nil {
			t.Fatal(err)
		}
		_ = bad.Ping()
		bad.Close()
		if x := rec.last(audit.LoginFailed); x.User != user || x.Client != "127.0.0.1" || x.Code != 1045 || x.Result != "refused" {
			t.Errorf("%s: %+v", user, x)
		}
	}
	rec.take()
	named, err := sql.Open("mysql", strings.Replace(r.dsn("ann", url.QueryEscape("pw-of-ann"), ""), "/?", "/demo?", 1))
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close()
	_ = named.Ping()
	if got := strings.Join(rec.take(), "\n"); got != "login\nend|session|USE `demo`|ok" {
		t.Errorf("%q", got)
	}
}

// What can't be recorded isn't done, or at least not reported as done.
func TestAuditThatFails(t *testing.T) {
	r, rec := recorded(t)
	c := r.conn(t, "")
	rec.take()

	rec.refuseWhat(func(x *audit.Record) bool { return x.Event == audit.Begin })
	for _, q := range []string{"select * from demo.numbers limit 1", "show databases", "kill 1", "set @a = 1", "create user eve identified by 'x'", "execute p"} {
		if q == "execute p" {
			rec.refuseWhat(nil)
			_ = failure(c, "prepare p from 'select 1'")
			rec.refuseWhat(func(x *audit.Record) bool { return x.Event == audit.Begin })
		}
		if got := code(failure(c, q)); got != 3164 {
			t.Errorf("%s can't be recorded and ends with %d", q, got)
		}
	}
	if n := r.engine.Running.Load(); n != 0 {
		t.Errorf("%d statements run", n)
	}
	rec.refuseWhat(nil)
	if got := code(failure(c, "drop user eve")); got == 0 {
		t.Error("the user was made although that could not be recorded")
	}

	rec.refuseWhat(func(x *audit.Record) bool { return x.Event == audit.End })
	for _, q := range []string{"select * from demo.numbers limit 1", "show databases", "set @a = 1", "commit"} {
		if got := code(failure(c, q)); got != 3164 {
			t.Errorf("the end of %s can't be recorded and the client is told %d", q, got)
		}
	}
	if _, err := c.PrepareContext(t.Context(), "select 1"); code(err) != 3164 {
		t.Errorf("prepared: %v", err)
	}
	rec.refuseWhat(nil)
	if err := failure(c, "select 1"); err != nil {
		t.Errorf("afterwards: %v", err)
	}

	rec.refuseWhat(func(x *audit.Record) bool { return x.Event == audit.Login })
	if got := code(r.open(t, "").Ping()); got != 3164 {
		t.Errorf("a login that can't be recorded ends with %d", got)
	}
}
