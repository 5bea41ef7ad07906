package wire

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/policy"
	"weir/policy/account"
	"weir/server/mysql"
)

func TestLogin(t *testing.T) {
	var dir string
	r := start(t, func(c *mysql.Config) { dir = c.DataDir })
	pem, err := os.ReadFile(filepath.Join(dir, "server-cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "server-key.pem")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info, err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	if err := driver.RegisterTLSConfig("ours", &tls.Config{RootCAs: pool, ServerName: "localhost"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		user, password, options string
		code                    int
	}{
		{"ann", "pw-of-ann", "", 0},
		{"ann", "pw-of-ann", "tls=ours", 0},
		{"ann", "pw-of-ann", "tls=skip-verify", 0},
		{"ann", "pw-of-bob", "", 1045},
		{"ann", "", "", 1045},
		{"ann", "pw-of-bob", "tls=ours", 1045},
		{"nobody", "pw-of-ann", "", 1045},
		{"nobody", "", "", 1045},
		{"", "", "", 1045},
	} {
		db, err := sql.Open("mysql", r.dsn(c.user, c.password, c.options))
		if err != nil {
			t.Fatal(err)
		}
		err = db.Ping()
		if code(err) != c.code {
			t.Errorf("%s/%s %s: %v, want %d", c.user, c.password, c.options, err, c.code)
		}
		if err != nil && !strings.Contains(err.Error(), "Access denied for user '"+c.user+"'@'127.0.0.1'") {
			t.Errorf("%v", err)
		}
		db.Close()
	}
	for _, secret := range []string{"pw-of-ann", "pw-of-bob"} {
		if strings.Contains(r.log.String(), secret) {
			t.Error("a password is in the log")
		}
	}
	if !strings.Contains(r.log.String(), "login failed") {
		t.Error("failed logins are not in the log")
	}
}

// A wrong password and an unknown user take the same time and get the same words.
func TestLoginTellsNothing(t *testing.T) {
	r := start(t)
	try := func(user string) (string, time.Duration) {
		db, err := sql.Open("mysql", r.dsn(user, "wrong", ""))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		began := time.Now()
		err = db.Ping()
		return strings.ReplaceAll(err.Error(), user, "X"), time.Since(began)
	}
	known, t1 := try("ann")
	unknown, t2 := try("eve")
	if known != unknown {
		t.Errorf("%q and %q", known, unknown)
	}
	if t1 < 50*time.Millisecond || t2 < 50*time.Millisecond {
		t.Errorf("not delayed: %v, %v", t1, t2)
	}
}

func TestNativePassword(t *testing.T) {
	r := start(t)
	rawLogin(t, r.addr).mustOK(14, "")
}

func TestPrincipal(t *testing.T) {
	r := start(t)
	texts(t, r.conn(t, ""), "select 1")
	if p := r.engine.Principal.Load().(policy.Principal); p.User != "ann" || p.Host != "127.0.0.1" || !slices.Contains(p.Roles, "admin") {
		t.Errorf("%+v", p)
	}
}

func TestUsersChange(t *testing.T) {
	r := start(t)
	old := r.conn(t, "")
	if err := r.accounts.Configure([]account.Configured{{Name: "ann", Password: "new"}}); err != nil {
		t.Fatal(err)
	}
	if err := r.open(t, "").Ping(); code(err) != 1045 {
		t.Errorf("old password: %v", err)
	}
	if err := old.PingContext(t.Context()); err == nil {
		t.Error("a connection of a user whose password has changed is still open")
	}
	db, err := sql.Open("mysql", r.dsn("ann", "new", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer now.Close()
	if err := r.accounts.Configure([]account.Configured{{Name: "ann", Password: "new"}, {Name: "bob"}}); err != nil {
		t.Fatal(err)
	}
	if err := now.PingContext(t.Context()); err != nil {
		t.Errorf("a connection of a user that has not changed: %v", err)
	}
	if err := r.accounts.Configure([]account.Configured{{Name: "bob"}}); err != nil {
		t.Fatal(err)
	}
	if err := now.PingContext(t.Context()); err == nil {
		t.Error("a connection of a user who is gone is still open")
	}
	if err := r.accounts.Configure([]account.Configured{{Name: "a"}, {Name: "a"}}); err == nil {
		t.Error("two users of one name")
	}
}

// A client that doesn't log in is dropped, and can't make the server keep much.
func TestLoginFlood(t *testing.T) {
	r := start(t)
	c := dial(t, r.addr)
	c.SetDeadline(time.Now().Add(5 * time.Second))
	junk := make([]byte, 1<<16)
	junk[0], junk[1], junk[2], junk[3] = 0xff, 0xff, 0xff, 1
	var err error
	for range 64 {
		if _, err = c.Write(junk); err != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err == nil {
		t.Error("the server read four megabytes from a stranger")
	}
}
