package wire

import (
	"bytes"
	"context"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/policy"
	"weir/policy/account"
	"weir/policy/audit"
	"weir/server/login"
	"weir/server/login/logintest"
	"weir/server/mysql"
)

// secure makes a driver's configuration with TLS that trusts a server's self-made certificate.
func (r *running) secure(t testing.TB, user, password string) *driver.Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, "server-cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	cfg := driver.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd = "tcp", r.addr, user, password
	cfg.TLS = &tls.Config{RootCAs: pool, ServerName: "localhost"}
	cfg.AllowCleartextPasswords = true
	cfg.Logger = driver.Logger(quiet{})
	return cfg
}

type quiet struct{}

func (quiet) Print(...any) {}

// connect logs in once.
func connect(t testing.TB, cfg *driver.Config) (*sql.Conn, error) {
	t.Helper()
	connector, err := driver.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	c, err := db.Conn(t.Context())
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

func withLogin(t testing.TB, cfg login.Config) func(*mysql.Config) {
	t.Helper()
	m, err := login.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return func(c *mysql.Config) { c.Login = m }
}

// provided is a provider whose tokens the server takes, with a key.
func provided(t testing.TB) (*logintest.Provider, crypto.Signer, login.Config) {
	t.Helper()
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	return p, key, login.Config{OIDC: []login.OIDC{{Issuer: logintest.Issuer, Audience: logintest.Audience, JWKS: p.URL, CA: p.Authority.File,
		RolesClaim: "realm.roles", Roles: map[string]string{"data": "analyst"}, Attributes: map[string]string{"region": "region"}}}}
}

func token(t testing.TB, key crypto.Signer, user string, differ map[string]any) string {
	claims := map[string]any{"realm": map[string]any{"roles": []string{"data", "admin"}}, "region": "EU"}
	for k, v := range differ {
		claims[k] = v
	}
	return logintest.Token(t, key, "k", user, claims)
}

func TestTokenLogin(t *testing.T) {
	p, key, cfg := provided(t)
	var seen records
	r := start(t, withLogin(t, cfg), func(c *mysql.Config) { c.Audit, c.LoginDelay = &seen, time.Millisecond })
	good := token(t, key, "cleo@x.test", nil)
	c, err := connect(t, r.secure(t, "cleo@x.test", good))
	if err != nil {
		t.Fatal(err)
	}
	texts(t, c, "select 1")
	got := r.engine.Principal.Load().(policy.Principal)
	if got.User != "cleo@x.test" || !reflect.DeepEqual(got.Roles, []string{"analyst"}) || !reflect.DeepEqual(got.Attributes, map[string]string{"region": "EU"}) {
		t.Errorf("%+v", got)
	}
	if got.Rights == nil || got.Rights.Table("demo", "types") {
		t.Error("a user from elsewhere may read what nobody granted")
	}
	if rows := texts(t, c, "show processlist"); len(rows) != 1 || rows[0][1] != "cleo@x.test" {
		t.Errorf("%v", rows)
	}

	if rec := seen.take()[0]; rec.Event != audit.Login || rec.User != "cleo@x.test" || !reflect.DeepEqual(rec.Roles, []string{"analyst"}) || rec.Detail["by"] != "token of "+logintest.Issuer {
		t.Errorf("the audit holds %+v", rec)
	}

	long := token(t, key, "cleo@x.test", map[string]any{"groups": strings.Repeat("group ", 5000)})
	if _, err := connect(t, r.secure(t, "cleo@x.test", long)); err != nil {
		t.Errorf("a token of %d bytes: %v", len(long), err)
	}

	parts := strings.Split(good, ".")
	bad := map[string]string{
		"expired":         token(t, key, "cleo@x.test", map[string]any{"exp": time.Now().Add(-time.Minute).Unix()}),
		"other audience":  token(t, key, "cleo@x.test", map[string]any{"aud": "payroll"}),
		"other user":      token(t, key, "dora", nil),
		"of an account":   token(t, key, "ann", nil),
		"no role":         token(t, key, "cleo@x.test", map[string]any{"realm": map[string]any{"roles": []string{"admin"}}}),
		"no signature":    parts[0] + "." + parts[1] + ".",
		"no token":        "pw-of-ann",
		"account's words": "pw-of-bob",
		"empty":           "",
	}
	words := ""
	for name, password := range bad {
		_, err := connect(t, r.secure(t, "cleo@x.test", password))
		if code(err) != 1045 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if text := err.Error(); password != "" && words != "" && text != words {
			t.Errorf("%s: %q, others got %q", name, text, words)
		} else if password != "" {
			words = text
		}
	}
	failures := 0
	for _, rec := range seen.take() {
		if rec.Event == audit.LoginFailed && rec.User == "cleo@x.test" && rec.Code == 1045 {
			failures++
		}
	}
	if failures != len(bad) {
		t.Errorf("%d of %d refusals are in the audit", failures, len(bad))
	}
	for _, secret := range append(strings.Split(long, "."), bad["other audience"], parts[2], "payroll", "pw-of") {
		if strings.Contains(r.log.String(), secret) {
			t.Errorf("the log holds %.20s…", secret)
		}
	}
	if !strings.Contains(r.log.String(), "for another audience") {
		t.Error("the log doesn't say why")
	}

	p.Down.Store(true)
	next, err := login.New(cfg) // knows no keys yet
	if err != nil {
		t.Fatal(err)
	}
	r.SetLogin(next)
	if _, err := connect(t, r.secure(t, "cleo@x.test", good)); code(err) != 1045 || !strings.Contains(err.Error(), "can't be checked now") {
		t.Errorf("nobody to ask: %v", err)
	}
}

// An account is never asked for its password in clear, whatever it sends, and its name can't be had by a token.
func TestAccountsAreNotAskedElsewhere(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	plain := r.secure(t, "ann", "pw-of-ann")
	plain.AllowCleartextPasswords = false
	if _, err := connect(t, plain); err != nil {
		t.Errorf("an account: %v", err)
	}
	if _, err := connect(t, r.secure(t, "ann", token(t, key, "ann", nil))); code(err) != 1045 {
		t.Errorf("a token for an account: %v", err)
	}
}

// The password itself is never asked for without TLS, and the refusal tells so to all alike.
func TestClearPasswordNeedsTLS(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	words := map[string]string{}
	for _, user := range []string{"ann", "cleo"} {
		insecure := r.secure(t, user, token(t, key, user, nil))
		insecure.TLS = nil
		_, err := connect(t, insecure)
		if code(err) != 1045 || !strings.Contains(err.Error(), "over TLS") {
			t.Errorf("%s: %v", user, err)
			continue
		}
		words[strings.ReplaceAll(err.Error(), user, "X")] = user
	}
	if len(words) != 1 {
		t.Errorf("an account can be told from others: %v", words)
	}
	for _, user := range []string{"ann", "bob", "cleo"} {
		for _, method := range []string{"mysql_native_password", "caching_sha2_password", "mysql_clear_password", "none"} {
			raw := &rawConn{dial(t, r.addr), t}
			raw.packet()
			raw.send(1, handshake(user, "secret\x00", method, 0))
			if p := raw.packet(); bytes.Contains(p, []byte("mysql_clear_password")) {
				t.Errorf("%s by %s is asked %q", user, method, p)
			}
		}
	}
	// Nor is it taken when it is sent unasked.
	raw := &rawConn{dial(t, r.addr), t}
	raw.packet()
	raw.send(1, handshake("cleo", token(t, key, "cleo", nil)+"\x00", "mysql_clear_password", 0))
	if p := raw.packet(); p[0] == 0 {
		t.Errorf("%q", p)
	}
}

// handshake is a client's answer to the greeting.
func handshake(user, answer, method string, more uint32) []byte {
	const lengthEncoded = 0x200000
	out := binary.LittleEndian.AppendUint32(nil, capabilities|lengthEncoded|more)
	out = binary.LittleEndian.AppendUint32(out, 1<<24)
	out = append(out, 45)
	out = append(out, make([]byte, 23)...)
	out = append(append(out, user...), 0)
	out = append(out, 0xfc, byte(len(answer)), byte(len(answer)>>8))
	out = append(out, answer...)
	return append(append(out, method...), 0)
}

// secureLogin logs in over TLS by mysql_clear_password, without being asked for it.
func secureLogin(t testing.TB, addr, user, password string) *rawConn {
	t.Helper()
	const ssl = 0x800
	c := &rawConn{dial(t, addr), t}
	c.packet()
	answer := handshake(user, password+"\x00", "mysql_clear_password", ssl)
	c.send(1, answer[:32])
	c.Conn = tls.Client(c.Conn, &tls.Config{InsecureSkipVerify: true}) // what is looked at here is the protocol
	c.send(2, answer)
	if p := c.numbered(3); p[0] != 0 {
		t.Fatalf("login: %q", p)
	}
	return c
}

// Pools hand connections on over TLS too; whom the server asks elsewhere, it asks for the password itself.
func TestChangeUserElsewhere(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	change := func(raw *rawConn, user, answer, method string) []byte {
		body := append([]byte(user), 0, 0)
		body = append(append(body, "demo\x00"...), 45, 0)
		raw.send(0, append(append([]byte{0x11}, body...), "caching_sha2_password\x00"...))
		request := raw.numbered(1)
		if name, _, _ := bytes.Cut(request[1:], []byte{0}); request[0] != 0xfe || string(name) != method {
			t.Fatalf("%s is asked %q, want %s", user, request, method)
		}
		raw.send(2, []byte(answer))
		return raw.numbered(3)
	}
	raw := secureLogin(t, r.addr, "cleo", token(t, key, "cleo", nil))
	if p := change(raw, "dora", token(t, key, "dora", nil)+"\x00", "mysql_clear_password"); p[0] != 0 {
		t.Fatalf("%q", p)
	}
	raw.command(3, "show processlist")
	if row := raw.row(8); !bytes.Contains(row, []byte("demo")) || !bytes.Contains(row, []byte("dora")) {
		t.Errorf("%q", row)
	}
	for answer, method := range map[string]string{token(t, key, "cleo", nil) + "\x00": "mysql_clear_password", "\x00": "mysql_clear_password"} {
		other := secureLogin(t, r.addr, "cleo", token(t, key, "cleo", nil))
		if p := change(other, "dora", answer, method); p[0] != 0xff {
			t.Errorf("accepted: %q", p)
		}
	}
	if p := change(raw, "ann", "", "caching_sha2_password"); p[0] != 0xff {
		t.Errorf("an account without its password: %q", p)
	}
	// Without TLS the change falls back to a scramble, which nobody can have for such a name.
	plain := rawLogin(t, r.addr)
	if p := change(plain, "cleo", strings.Repeat("x", 32), "caching_sha2_password"); p[0] != 0xff {
		t.Errorf("%q", p)
	}
}

// When a token ends, an idle connection is closed; a statement under way may end, and no other begins.
func TestTokenEnds(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	soon := func() string {
		return token(t, key, "cleo", map[string]any{"exp": time.Now().Add(-28 * time.Second).Unix()}) // of 30 seconds by which clocks may differ
	}
	idle, err := connect(t, r.secure(t, "cleo", soon()))
	if err != nil {
		t.Fatal(err)
	}
	busy, err := connect(t, r.secure(t, "cleo", soon()))
	if err != nil {
		t.Fatal(err)
	}
	// One whose statement ends between two looks of the server at the connection: the next statement comes before it is closed.
	between, err := connect(t, r.secure(t, "cleo", soon()))
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan string)
	go func() {
		_, first := between.ExecContext(context.Background(), "select /*+ MAX_EXECUTION_TIME(3500) */ * from demo.hangs")
		_, second := between.ExecContext(context.Background(), "do 1")
		refused <- fmt.Sprint(code(first), second)
	}()
	raw := secureLogin(t, r.addr, "cleo", soon())
	lasting, err := connect(t, r.secure(t, "cleo", token(t, key, "cleo", nil)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := busy.QueryContext(t.Context(), "select * from demo.numbers")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if err := idle.PingContext(t.Context()); err != nil {
		t.Errorf("before the end: %v", err)
	}
	eventually(t, "the idle connection is closed", 5*time.Second, func() bool {
		_, err := idle.ExecContext(t.Context(), "do 1")
		return err != nil
	})
	_ = raw.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := raw.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("an idle connection is not closed by itself: %d, %v", n, err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if rows.Err() != nil || n != 1_000_000 {
		t.Errorf("the statement under way was cut after %d rows: %v", n, rows.Err())
	}
	if rows, err := busy.QueryContext(t.Context(), "select 1"); err == nil {
		rows.Close()
		t.Error("a statement after the login has ended")
	}
	if got := <-refused; !strings.HasPrefix(got, "3024 Error 1045") || !strings.Contains(got, "the login has ended") {
		t.Errorf("statements around the end: %s", got)
	}
	if _, err := lasting.ExecContext(t.Context(), "do 1"); err != nil {
		t.Errorf("a token that goes on: %v", err)
	}
}

// Who came by a way that is no longer configured, or by a name that has become an account, is no longer there.
func TestLoginChanges(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	cleo, err := connect(t, r.secure(t, "cleo", token(t, key, "cleo", nil)))
	if err != nil {
		t.Fatal(err)
	}
	dora, err := connect(t, r.secure(t, "dora", token(t, key, "dora", nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.accounts.Configure([]account.Configured{{Name: "ann", Password: "pw-of-ann"}, {Name: "cleo", Password: "pw"}}); err != nil {
		t.Fatal(err)
	}
	if err := cleo.PingContext(t.Context()); err == nil {
		t.Error("the name has become an account")
	}
	if err := dora.PingContext(t.Context()); err != nil {
		t.Errorf("another name: %v", err)
	}
	r.SetLogin(nil)
	if err := dora.PingContext(t.Context()); err == nil {
		t.Error("the way to log in is gone")
	}
	if _, err := connect(t, r.secure(t, "dora", token(t, key, "dora", nil))); code(err) != 1045 {
		t.Errorf("%v", err)
	}
	if err := r.open(t, "").Ping(); err != nil {
		t.Errorf("an account: %v", err)
	}
}

func TestDirectoryLogin(t *testing.T) {
	const people, groups = "ou=people,dc=x", "ou=groups,dc=x"
	d := logintest.NewDirectory(t, false,
		logintest.Entry{DN: "cn=weir,dc=x", Password: "pw-of-weir"},
		logintest.Entry{DN: "uid=cleo," + people, Password: "pw-of-cleo", Attributes: map[string][]string{"uid": {"cleo"}, "l": {"EU"}}},
		logintest.Entry{DN: "uid=ann," + people, Password: "pw-of-other-ann", Attributes: map[string][]string{"uid": {"ann"}}},
		logintest.Entry{DN: "cn=data," + groups, Attributes: map[string][]string{"cn": {"data"}, "member": {"uid=cleo," + people, "uid=ann," + people}}})
	cfg := login.Config{LDAP: &login.LDAP{URL: "ldaps://" + d.Host, CA: d.Authority.File, Roles: map[string]string{"data": "analyst"},
		Search:     login.Search{BindDN: "cn=weir,dc=x", Password: "pw-of-weir", Base: people, Filter: "(uid={user})"},
		Groups:     login.Groups{Base: groups, Filter: "(member={dn})"},
		Attributes: map[string]string{"region": "l"}, ReadsAll: true}}
	r := start(t, withLogin(t, cfg))
	c, err := connect(t, r.secure(t, "cleo", "pw-of-cleo"))
	if err != nil {
		t.Fatal(err)
	}
	texts(t, c, "select 1")
	got := r.engine.Principal.Load().(policy.Principal)
	if got.User != "cleo" || !reflect.DeepEqual(got.Roles, []string{"analyst"}) || got.Attributes["region"] != "EU" || got.Rights != nil {
		t.Errorf("%+v", got)
	}
	words := map[string]bool{}
	for _, wrong := range [][2]string{{"cleo", "wrong"}, {"nobody", "pw-of-cleo"}, {"*", "pw-of-cleo"}, {"cleo)(uid=*", "pw-of-cleo"}, {"cleo ", "pw-of-cleo"}} {
		began := time.Now()
		_, err := connect(t, r.secure(t, wrong[0], wrong[1]))
		if code(err) != 1045 {
			t.Errorf("%q: %v", wrong, err)
			continue
		}
		if took := time.Since(began); took < 100*time.Millisecond {
			t.Errorf("%q: refused after %v, not after twice the delay", wrong, took)
		}
		words[strings.ReplaceAll(err.Error(), wrong[0], "X")] = true
	}
	if len(words) != 1 {
		t.Errorf("names can be told apart: %v", words)
	}
	before := len(d.Binds())
	if _, err := connect(t, r.secure(t, "cleo", "")); code(err) != 1045 {
		t.Errorf("an empty password: %v", err)
	}
	if len(d.Binds()) != before {
		t.Error("the directory was asked about an empty password")
	}
	// A directory takes ANN for ann, who is an account with rights of its own here.
	if _, err := connect(t, r.secure(t, "ANN", "pw-of-other-ann")); code(err) != 1045 || !strings.Contains(err.Error(), "'ANN'@") {
		t.Errorf("an account's name in another case: %v", err)
	}
	if strings.Contains(r.log.String(), "pw-of") {
		t.Error("a password is in the log")
	}
}

// The client of MariaDB sends tokens and passwords in clear by itself, over TLS.
func TestClientElsewhere(t *testing.T) {
	_, key, cfg := provided(t)
	r := start(t, withLogin(t, cfg))
	for password, want := range map[string]string{token(t, key, "cleo", nil): "\tcleo\t", "wrong": "ERROR 1045"} {
		cmd := r.client(t, "-N", "--user=cleo", "--ssl-ca="+filepath.Join(r.dir, "server-cert.pem"), "-e", "show processlist")
		cmd.Env = append(cmd.Env, "MYSQL_PWD="+password)
		if version, _ := exec.Command(cmd.Path, "--version").Output(); !bytes.Contains(version, []byte("MariaDB")) {
			cmd.Args = append(cmd.Args[:len(cmd.Args):len(cmd.Args)], "--enable-cleartext-plugin")
		}
		out, err := cmd.CombinedOutput()
		if !strings.Contains(string(out), want) {
			t.Errorf("%v: %s, want %s", err, out, want)
		}
	}
}
