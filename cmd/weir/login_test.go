package main

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/go-sql-driver/mysql"

	"weir/server/login/logintest"
)

const ldapPeople, ldapGroups = "ou=people,dc=x", "ou=groups,dc=x"

func directory(t *testing.T) *logintest.Directory {
	return logintest.NewDirectory(t, false,
		logintest.Entry{DN: "cn=weir,dc=x", Password: "pw-of-weir"},
		logintest.Entry{DN: "uid=dora," + ldapPeople, Password: "pw-of-dora", Attributes: map[string][]string{"uid": {"dora"}}},
		logintest.Entry{DN: "cn=data," + ldapGroups, Attributes: map[string][]string{"cn": {"data"}, "member": {"uid=dora," + ldapPeople}}})
}

// The whole program: what check says, logins while it serves, and the configuration read again.
func TestLoginElsewhere(t *testing.T) {
	provider := logintest.NewProvider(t)
	key := provider.NewKey("k")
	d := directory(t)
	dir := t.TempDir()
	text := fmt.Sprintf(`listen: 127.0.0.1:0
http: "off"
memory: 512MiB
data_dir: %s
tls: {require_secure_transport: true}
users: [{name: ana, password: secret-of-ana, roles: [admin]}]
login:
  oidc:
    - {issuer: %q, audience: %q, jwks: %q, ca: %q, default_roles: [admin], reads_all: true}
  ldap:
    url: ldaps://%s
    ca: %s
    search: {bind_dn: "cn=weir,dc=x", password: pw-of-weir, base: %q, filter: "(uid={user})"}
    groups: {base: %q, filter: "(member={dn})"}
    roles: {data: analyst}
`, dir, logintest.Issuer, logintest.Audience, provider.URL, provider.Authority.File, d.Host, d.Authority.File, ldapPeople, ldapGroups)
	file := write(t, text)

	expect(t, 0, []string{"login by tokens of " + logintest.Issuer + ": keys: 1", "login by directory " + d.Host + ": reached over TLS"}, "check", "--config", file)
	wrong := write(t, strings.Replace(text, "pw-of-weir", "wrong-secret", 1))
	if out := expect(t, exitUnreachable, []string{"login by directory " + d.Host + ": FAILED", wrong + ":11:5: login.ldap: ", "Invalid Credentials"}, "check", "--config", wrong); strings.Contains(out, "wrong-secret") {
		t.Errorf("a secret is printed:\n%s", out)
	}
	clear := write(t, strings.Replace(text, "ldaps://", "ldap://", 1))
	expect(t, exitUsage, []string{clear + ":11:5: login.ldap: passwords must not be sent in clear"}, "check", "--config", clear)
	expect(t, exitUsage, []string{clear + ":11:5: login.ldap: passwords must not be sent in clear"}, "serve", "--config", clear)

	noCA := write(t, strings.Replace(text, "tls: {", "tls: {client_ca: none.pem, ", 1))
	expect(t, exitUsage, []string{noCA + ":5:18: tls.client_ca: reading the authorities"}, "serve", "--config", noCA)

	address, log, stop := serveFile(t, file)
	pem, err := os.ReadFile(filepath.Join(dir, "server-cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	try := func(user, password string) error {
		cfg := mysql.NewConfig()
		cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.AllowCleartextPasswords = "tcp", address, user, password, true
		cfg.TLS = &tls.Config{RootCAs: pool, ServerName: "localhost"}
		connector, err := mysql.NewConnector(cfg)
		if err != nil {
			t.Fatal(err)
		}
		db := sql.OpenDB(connector)
		defer db.Close()
		var who string
		err = db.QueryRowContext(t.Context(), "select current_user()").Scan(&who)
		if err == nil && who != user+"@%" {
			t.Errorf("%s is %s", user, who)
		}
		return err
	}
	token := logintest.Token(t, key, "k", "cleo", nil)
	for user, password := range map[string]string{"ana": "secret-of-ana", "cleo": token, "dora": "pw-of-dora"} {
		if err := try(user, password); err != nil {
			t.Errorf("%s: %v", user, err)
		}
	}
	if err := try("dora", token); err == nil {
		t.Error("the token of another")
	}

	// Read again: without the provider, its users are no longer there.
	start, end := strings.Index(text, "  oidc:"), strings.Index(text, "  ldap:")
	if err := os.WriteFile(file, []byte(text[:start]+text[end:]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	log.wait(t, "configuration read again")
	if err := try("cleo", token); err == nil {
		t.Error("the provider is gone, its users aren't")
	}
	if err := try("dora", "pw-of-dora"); err != nil {
		t.Errorf("dora: %v", err)
	}
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, secret := range []string{"secret-of-ana", "pw-of-dora", "pw-of-weir", token, strings.Split(token, ".")[1]} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %.12s…", secret)
		}
	}
}
