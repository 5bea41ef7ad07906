package wire

import (
	"bytes"
	"crypto/tls"
	"crypto/x509/pkix"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/policy/account"
	"weir/policy/audit"
	"weir/server/login/logintest"
	"weir/server/mysql"
)

func TestRequireSecureTransport(t *testing.T) {
	var seen records
	r := start(t, func(c *mysql.Config) { c.RequireSecureTransport, c.Audit = true, &seen })
	insecure := r.secure(t, "ann", "pw-of-ann")
	insecure.TLS = nil
	for _, password := range []string{"pw-of-ann", "wrong", ""} { // who it is isn't looked at
		insecure.Passwd = password
		if _, err := connect(t, insecure); code(err) != 3159 {
			t.Errorf("without TLS: %v", err)
		}
	}
	if got := seen.take(); len(got) != 3 || got[0].Event != audit.LoginFailed || got[0].Code != 3159 || got[0].Client != "127.0.0.1" {
		t.Errorf("the audit holds %+v", got)
	}
	raw := &rawConn{dial(t, r.addr), t}
	raw.packet()
	raw.send(1, handshake("ann", "", "mysql_native_password", 0))
	if p := raw.numbered(2); p[0] != 0xff || !bytes.Contains(p, []byte("#HY000")) {
		t.Errorf("%q", p)
	}
	// The flag for TLS alone, without TLS, is not enough.
	raw = &rawConn{dial(t, r.addr), t}
	raw.packet()
	raw.send(1, handshake("ann", "", "mysql_native_password", 0x800))
	if p := raw.numbered(2); p[0] != 0xff {
		t.Errorf("%q", p)
	}
	c, err := connect(t, r.secure(t, "ann", "pw-of-ann"))
	if err != nil {
		t.Fatal(err)
	}
	if rows := texts(t, c, "show variables like 'require_secure_transport'"); rows[0][1] != "ON" {
		t.Errorf("%v", rows)
	}
	old := r.secure(t, "ann", "pw-of-ann")
	old.TLS.MaxVersion = tls.VersionTLS11
	if _, err := connect(t, old); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
	if rows := texts(t, start(t).conn(t, ""), "select @@require_secure_transport"); rows[0][0] != "0" {
		t.Errorf("%v", rows)
	}
}

// records is an audit that a test looks at.
type records struct {
	mu  sync.Mutex
	all []audit.Record
}

func (r *records) Write(x *audit.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, *x)
	return nil
}

// take returns the records since the last time.
func (r *records) take() []audit.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.all
	r.all = nil
	return out
}

func TestClientCertificates(t *testing.T) {
	ours := logintest.NewAuthority(t, pkix.Name{Organization: []string{"Example"}, CommonName: "clients"})
	theirs := logintest.NewAuthority(t, pkix.Name{Organization: []string{"Example"}, CommonName: "clients"}) // of the same name
	hour := time.Now().Add(time.Hour)
	name := func(cn string) pkix.Name { return pkix.Name{Organization: []string{"Example"}, CommonName: cn} }
	r := start(t, func(c *mysql.Config) {
		c.ClientCA = ours.Pool
		book, err := account.NewBook([]account.Configured{
			{Name: "ann", Password: "pw-of-ann", Roles: []string{"admin"}},
			{Name: "tls", Password: "pw", Require: account.Require{SSL: true}},
			{Name: "any", Require: account.Require{X509: true}},
			{Name: "both", Password: "pw", Require: account.Require{X509: true}},
			{Name: "etl", Require: account.Require{X509: true, Subject: "/O=Example/CN=etl", Issuer: "/O=Example/CN=clients"}},
			{Name: "other", Require: account.Require{Issuer: "/O=Elsewhere/CN=clients"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Accounts = book
	})
	admin := r.conn(t, "")
	for _, text := range []string{"create user made require subject '/O=Example/CN=etl'", "create user made_any identified by 'pw-of-made' require x509"} {
		if _, err := admin.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	etl, eve := ours.Client(name("etl"), hour), ours.Client(name("eve"), hour)
	slashed := ours.Client(pkix.Name{CommonName: "x/O=Example/CN=etl"}, hour)
	const handshakeFails = -1
	for _, c := range []struct {
		what, user, password string
		cert                 *tls.Certificate
		code                 int
	}{
		{"no certificate where none is needed", "ann", "pw-of-ann", nil, 0},
		{"a certificate where none is needed", "ann", "pw-of-ann", &eve, 0},
		{"a certificate for the password", "ann", "", &eve, 1045},
		{"TLS is enough", "tls", "pw", nil, 0},
		{"certificate alone", "any", "", &eve, 0},
		{"no certificate", "any", "", nil, 1045},
		{"certificate, and a password that there isn't", "any", "pw", &eve, 1045},
		{"certificate and password", "both", "pw", &eve, 0},
		{"certificate, wrong password", "both", "wrong", &eve, 1045},
		{"certificate, no password", "both", "", &eve, 1045},
		{"password, no certificate", "both", "pw", nil, 1045},
		{"the subject", "etl", "", &etl, 0},
		{"another subject", "etl", "", &eve, 1045},
		{"a name that looks like the subject", "etl", "", &slashed, 1045},
		{"another issuer", "other", "", &etl, 1045},
		{"made by SQL, the subject", "made", "", &etl, 0},
		{"made by SQL, another subject", "made", "", &eve, 1045},
		{"made by SQL, no certificate", "made", "", nil, 1045},
		{"made by SQL, certificate and password", "made_any", "pw-of-made", &eve, 0},
		{"made by SQL, password only", "made_any", "pw-of-made", nil, 1045},
		{"unknown user", "nobody", "", &etl, 1045},
		{"of another authority", "ann", "pw-of-ann", ptr(theirs.Client(name("etl"), hour)), handshakeFails},
		{"of another authority, by certificate", "etl", "", ptr(theirs.Client(name("etl"), hour)), handshakeFails},
		{"has run out", "etl", "", ptr(ours.Client(name("etl"), time.Now().Add(-time.Minute))), handshakeFails},
		{"of a server", "any", "", ptr(ours.Server()), handshakeFails},
	} {
		cfg := r.secure(t, c.user, c.password)
		cfg.AllowCleartextPasswords = false
		if c.cert != nil {
			// Whatever the server asks for, this one is sent.
			cfg.TLS.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return c.cert, nil }
		}
		conn, err := connect(t, cfg)
		if code(err) != c.code {
			t.Errorf("%s: %v", c.what, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
	for _, user := range []string{"tls", "any", "both", "etl"} {
		insecure := r.secure(t, user, "pw")
		insecure.TLS = nil
		if user == "any" || user == "etl" {
			insecure.Passwd = ""
		}
		if _, err := connect(t, insecure); code(err) != 1045 {
			t.Errorf("%s without TLS: %v", user, err)
		}
	}
	if !strings.Contains(r.log.String(), "certificate is refused") {
		t.Error("refused certificates are not in the log")
	}
	cert, key := ours.Files(etl)
	out, err := exec.Command(r.client(t).Path, "--no-defaults", "-h127.0.0.1", "-P"+strings.Split(r.addr, ":")[1], "-uetl", "--ssl-ca="+filepath.Join(r.dir, "server-cert.pem"), "--ssl-cert="+cert, "--ssl-key="+key, "-N", "-e", "show processlist").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "\tetl\t") {
		t.Errorf("the client: %v: %s", err, out)
	}
}

func ptr[T any](v T) *T { return &v }
