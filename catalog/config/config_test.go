package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/sources"
)

var testKinds = []sources.Kind{
	{Name: "postgres", Options: []sources.Option{{Name: "dsn", Help: "address", Required: true, Secret: true}, {Name: "schema", Help: "schema"}}},
	{Name: "sqlite", Options: []sources.Option{{Name: "path", Help: "file", Required: true, Path: true}}},
}

func parse(t *testing.T, text string) (*Config, error) {
	t.Helper()
	return Parse([]byte(text), filepath.Join("dir", "weir.yaml"), testKinds)
}

const users = "users: [{name: a, password: pass1234}]\n"

func TestParseWhole(t *testing.T) {
	t.Setenv("BENCH_PASSWORD", "s3cr3t-bench")
	secret := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(secret, []byte("s3cr3t-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := parse(t, `
listen: 127.0.0.1:3307
data_dir: ./weir-data
memory: 4GiB
users:
  - {name: bench, password: "${env:BENCH_PASSWORD}", roles: [admin]}
sources:
  erp:       {kind: postgres, dsn: "postgres://erp:${file:`+secret+`}@127.0.0.1:5432/erp", schema: public, statement_timeout: 30s, max_connections: 7}
  inventory: {kind: sqlite, path: ./inventory.db}
  "odd name; DROP": {kind: sqlite, path: /abs/x.db, refresh: 1h}
limits: {max_execution_time: 1m30s}
`)
	if err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]bool{
		"listen":     cfg.Listen == "127.0.0.1:3307",
		"http":       cfg.HTTP == "127.0.0.1:8306",
		"data_dir":   cfg.DataDir == filepath.Join("dir", "weir-data"),
		"memory":     cfg.Memory == 4<<30,
		"password":   cfg.Users[0].Password == "s3cr3t-bench",
		"dsn":        cfg.Sources["erp"].Options["dsn"] == "postgres://erp:s3cr3t-file@127.0.0.1:5432/erp",
		"timeout":    cfg.Sources["erp"].StatementTimeout == Duration(30*time.Second),
		"refresh":    cfg.Sources["erp"].Refresh == DefaultRefresh && cfg.Sources["odd name; DROP"].Refresh == Duration(time.Hour),
		"path":       cfg.Sources["inventory"].Options["path"] == filepath.Join("dir", "inventory.db"),
		"abs path":   cfg.Sources["odd name; DROP"].Options["path"] == "/abs/x.db",
		"connection": cfg.Sources["erp"].MaxConnections == 7,
		"limit":      cfg.Limits.MaxExecutionTime == Duration(90*time.Second) && cfg.Limits.MaxConnections == 512,
	} {
		if !check {
			t.Errorf("%s is wrong in %+v", name, cfg)
		}
	}

	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "cfg", cfg, "user", cfg.Users[0], "source", cfg.Sources["erp"])
	js, err := json.Marshal(cfg.Users)
	if err != nil {
		t.Fatal(err)
	}
	for how, out := range map[string]string{
		"String": cfg.String(), "%v": fmt.Sprintf("%v %v", cfg.Users, cfg.Sources["erp"]), "%+v": fmt.Sprintf("%+v", cfg.Users[0]),
		"%#v": fmt.Sprintf("%#v %#v", cfg.Users[0], cfg.Sources["erp"]), "slog": log.String(), "json": string(js),
		"Redact": cfg.Redact("dial postgres://erp:s3cr3t-file@127.0.0.1:5432/erp with s3cr3t-bench"),
		"At":     cfg.At("sources.erp", errors.New("bad s3cr3t-file")).Error(),
	} {
		if strings.Contains(out, "s3cr3t") {
			t.Errorf("%s prints a secret: %s", how, out)
		}
	}
	if !strings.Contains(cfg.String(), "${file:") {
		t.Errorf("String should show the reference: %s", cfg)
	}
	if got := cfg.At("sources.erp", errors.New("x")).Line; got != 8 {
		t.Errorf("sources.erp is told in line %d", got)
	}
}

func TestLogin(t *testing.T) {
	cfg, err := parse(t, `
tls: {client_ca: ca.pem, require_secure_transport: true}
users: [{name: a, require: x509, subject: /CN=a}]
login:
  oidc: [{issuer: i, audience: a, jwks: keys.json, ca: idp.pem, roles_claim: c, roles: {x: r1}}, {issuer: i, audience: b, jwks: "https://i/keys", default_roles: [r0]}]
  ldap:
    url: ldaps://h
    ca: ldap.pem
    search: {bind_dn: cn=weir, password: hunter22, base: dc=x, filter: "(uid={user})"}
    groups: {base: dc=x, filter: "(member={dn})"}
    roles: {data.analysts: r2, g: r1}
    timeout: 2s
`)
	if err != nil {
		t.Fatal(err)
	}
	l := cfg.Login.LDAP
	for name, check := range map[string]bool{
		"client_ca":   cfg.TLS.ClientCA == filepath.Join("dir", "ca.pem") && cfg.TLS.RequireSecureTransport,
		"user":        cfg.Users[0].Require == "x509" && cfg.Users[0].Subject == "/CN=a",
		"jwks":        cfg.Login.OIDC[0].JWKS == filepath.Join("dir", "keys.json") && cfg.Login.OIDC[1].JWKS == "https://i/keys",
		"ca":          cfg.Login.OIDC[0].CA == filepath.Join("dir", "idp.pem") && cfg.Login.OIDC[1].CA == "" && l.CA == filepath.Join("dir", "ldap.pem"),
		"defaults":    l.UserAttribute == "uid" && l.Groups.Attribute == "cn" && l.Session == Duration(12*time.Hour) && l.Timeout == Duration(2*time.Second),
		"search":      l.Search.Password == "hunter22" && l.Search.Filter == "(uid={user})",
		"role":        l.Roles["data.analysts"] == "r2",
		"all roles":   slices.Equal(cfg.Login.Roles(), []string{"r0", "r1", "r2"}),
		"not printed": !strings.Contains(cfg.String()+cfg.Redact("bind with hunter22"), "hunter22"),
	} {
		if !check {
			t.Errorf("%s is wrong in %+v", name, cfg.Login)
		}
	}
}

// The password inside a literal DSN must not be printed either.
func TestLiteralSecretOption(t *testing.T) {
	cfg, err := parse(t, users+`sources: {erp: {kind: postgres, dsn: "postgres://u:hunter22@h/d"}}`)
	if err != nil {
		t.Fatal(err)
	}
	if out := cfg.String() + cfg.Sources["erp"].String(); strings.Contains(out, "hunter22") {
		t.Errorf("printed: %s", out)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"unknown key", users + "listne: 127.0.0.1:1\n", `dir/weir.yaml:2:1: unknown key "listne"; did you mean "listen"?`},
		{"unknown key without a neighbour", users + "tls: {xxxxxxxxx: 1}\n", `dir/weir.yaml:2:7: tls: unknown key "xxxxxxxxx"; the keys here are cert, client_ca, key, require_secure_transport`},
		{"source key", users + "sources:\n  erp: {kind: postgres, dsn: x, shcema: y}\n", `dir/weir.yaml:3:33: sources.erp: kind postgres has no key "shcema"; did you mean "schema"?`},
		{"common source key", users + "sources:\n  erp: {kind: sqlite, path: x, max_conections: 3}\n", `did you mean "max_connections"?`},
		{"missing option", users + "sources:\n  erp: {kind: postgres}\n", "dir/weir.yaml:3:8: sources.erp: kind postgres needs the key dsn (address)"},
		{"unknown kind", users + "sources:\n  erp: {kind: postgers, dsn: x}\n", `dir/weir.yaml:3:15: sources.erp.kind: unknown kind "postgers"; did you mean "postgres"?; known kinds: postgres, sqlite`},
		{"no kind", users + "sources:\n  erp: {dsn: x}\n", "sources.erp: the key kind is missing"},
		{"text for truth", users + "profile: sometimes\n", "dir/weir.yaml:2:10: profile: expected true or false, found a text"},
		{"text for number", users + "limits: {max_connections: many}\n", "dir/weir.yaml:2:27: limits.max_connections: expected a whole number, found a text"},
		{"number for text", "users: [{name: a, password: 1234}]\n", "dir/weir.yaml:1:29: users[0].password: expected a text, found a number; put it in quotes"},
		{"list for section", users + "log: [text]\n", "dir/weir.yaml:2:6: log: expected a section of keys, found a list"},
		{"section for list", "users: {name: a}\n", "expected a list, found a section"},
		{"no users but a login", "login: {oidc: [{issuer: i, audience: a, jwks: j, default_roles: [r]}]}\nlisten: x\n", `dir/weir.yaml:2:9: listen: "x" is no address`},
		{"unknown key of a login", users + "login: {ldap: {url: x, session_: 1h, default_roles: [r]}}\n", `dir/weir.yaml:2:24: login.ldap: unknown key "session_"; did you mean "session"?`},
		{"provider without keys", users + "login:\n  oidc:\n    - {issuer: i, audience: a, default_roles: [r]}\n", "dir/weir.yaml:4:7: login.oidc[0]: the key jwks is missing"},
		{"provider without roles", users + "login: {oidc: [{issuer: i, audience: a, jwks: j}]}\n", "login.oidc[0]: there is no role to get"},
		{"roles of no claim", users + "login: {oidc: [{issuer: i, audience: a, jwks: j, roles: {x: y}}]}\n", "login.oidc[0].roles: the key roles_claim is missing"},
		{"empty role", users + "login: {oidc: [{issuer: i, audience: a, jwks: j, roles_claim: c, roles: {x: \"\"}}]}\n", "login.oidc[0].roles.x: the role is empty"},
		{"directory without an address", users + "login: {ldap: {default_roles: [r]}}\n", "login.ldap: the key url is missing"},
		{"roles of no groups", users + "login: {ldap: {url: u, roles: {x: y}}}\n", "login.ldap.roles: the key groups is missing"},
		{"unknown demand", "users: [{name: a, password: pass1234, require: tls}]\n", `users[0].require: "tls" is none of ssl, x509`},
		{"certificate without an authority", "users: [{name: a, require: x509}]\n", "users[0].require: no certificate can be checked without tls.client_ca"},
		{"subject without a certificate", "tls: {client_ca: x}\nusers: [{name: a, password: pass1234, subject: /CN=a}]\n", "users[0]: subject and issuer are of a certificate; set require: x509"},
		{"no password", "tls: {client_ca: x}\nusers: [{name: a, require: ssl}]\n", "users[0]: the password is missing or empty"},
		{"size", users + "memory: 4 gigs\n", `memory: "4 gigs" is no size`},
		{"small memory", users + "memory: 1MiB\n", "dir/weir.yaml:2:9: memory: 1MiB is too little"},
		{"span", users + "limits: {max_execution_time: 30}\n", `"30" is no time span; write it like 30s`},
		{"address", users + "listen: localhost\n", `dir/weir.yaml:2:9: listen: "localhost" is no address`},
		{"environment", "users: [{name: a, password: \"${env:WEIR_NOT_SET}\"}]\n", "the environment variable WEIR_NOT_SET is not set"},
		{"file", "users: [{name: a, password: \"${file:nope}\"}]\n", "reading a secret: open dir/nope"},
		{"reference", "users: [{name: a, password: \"${PASSWORD}\"}]\n", "${PASSWORD} is no reference"},
		{"reference kind", "users: [{name: a, password: \"${vault:x}\"}]\n", `unknown kind of reference "vault"`},
		{"open reference", "users: [{name: a, password: \"x${env:HOME\"}]\n", "is no reference"},
		{"duplicate key", users + "memory: 1GiB\nmemory: 2GiB\n", `"memory" stands twice; the first is in line 2`},
		{"duplicate user", "users: [{name: a, password: pass1}, {name: a, password: pass2}]\n", `user "a" stands twice`},
		{"no user", "memory: 1GiB\n", "nobody could log in"},
		{"empty password", "users: [{name: a, password: \"\"}]\n", "dir/weir.yaml:1:9: users[0]: the password is missing or empty"},
		{"reserved", users + "sources: {MySQL: {kind: sqlite, path: x}}\n", "the name is taken by a system database"},
		{"half of tls", users + "tls: {cert: a.pem}\n", "cert and key go together"},
		{"log", users + "log: {format: xml}\n", `log.format: "xml" is none of text, json`},
		{"lineage to nowhere", users + "lineage: {namespace: x}\n", "dir/weir.yaml:2:10: lineage: says nowhere to write to"},
		{"lineage to two", users + "lineage: {file: a, url: \"http://b\"}\n", "has file and url"},
		{"lineage address", users + "lineage: {url: \"ftp://b\"}\n", "lineage.url: is no address"},
		{"lineage password", users + "lineage: {url: \"http://a:hunter22@b\"}\n", "lineage.url: holds a user or password"},
		{"lineage key", users + "lineage: {file: a, api_key: hunter22}\n", "lineage.api_key: is for url"},
		{"lineage dataset", users + "lineage: {file: a, datasets: {erp: \"postgres://h/d\"}}\n", "lineage.datasets.erp: there is no such source"},
		{"lineage dataset password", users + "lineage: {file: a, datasets: {e: \"postgres://u:hunter22@h/d\"}}\nsources: {e: {kind: sqlite, path: x}}\n", "lineage.datasets.e: is no address without user"},
		{"lineage text", users + "lineage: {file: a, sql: some}\n", `lineage.sql: "some" is none of redacted, full, none`},
		{"syntax", users + "log: [\n", "dir/weir.yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(t, c.text)
			var ps Problems
			if !errors.As(err, &ps) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// A dollar sign doubled is the way to write ${ itself.
func TestEscapedReference(t *testing.T) {
	cfg, err := parse(t, "users: [{name: a, password: \"p$${env:HOME}\"}]\n")
	if err != nil {
		t.Fatal(err)
	}
	if got := string(cfg.Users[0].Password); got != "p${env:HOME}" {
		t.Errorf("got %q", got)
	}
}

func TestSizes(t *testing.T) {
	for text, want := range map[string]Size{"1GiB": 1 << 30, "1.5 MiB": 3 << 19, "10kB": 10000, "77": 77, "5B": 5} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s: %d, %v", text, s, err)
		}
	}
	for _, text := range []string{"", "x", "-1GiB", "1e40TiB", "NaN", "4gib"} {
		if err := new(Size).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q was taken for a size", text)
		}
	}
}

// An editor must accept what the decoder accepts: every key of the types is in the schema, and a kind's keys are in its branch.
func TestSchemaHoldsEveryKey(t *testing.T) {
	out, err := Schema(testKinds)
	if err != nil {
		t.Fatal(err)
	}
	var s struct{ Properties map[string]json.RawMessage }
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	for key := range fields(valueOf(&Config{})) {
		if _, ok := s.Properties[key]; !ok {
			t.Errorf("the schema has no key %s", key)
		}
	}
	var section struct {
		AdditionalProperties struct {
			OneOf []struct {
				Properties map[string]any
				Required   []string
			}
		}
	}
	if err := json.Unmarshal(s.Properties["sources"], &section); err != nil {
		t.Fatal(err)
	}
	branches := section.AdditionalProperties.OneOf
	if len(branches) != 2 || branches[0].Properties["dsn"] == nil || branches[0].Properties["refresh"] == nil ||
		branches[1].Properties["path"] == nil || branches[1].Properties["dsn"] != nil || len(branches[0].Required) != 2 {
		t.Errorf("wrong branches: %+v", branches)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(users + "sources: {a: {kind: sqlite, path: x}}"))
	f.Add([]byte("a: &x [*x]\n? {b: c}\n: d\n--- \n"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_, _ = Parse(data, "fuzz.yaml", testKinds)
	})
}
