package login

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"weir/server/login/logintest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func methods(t *testing.T, cfg Config) *Methods {
	t.Helper()
	m, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range m.oidc {
		p.keys.pause = 0
	}
	return m
}

func trusting(p *logintest.Provider) OIDC {
	return OIDC{Issuer: logintest.Issuer, Audience: logintest.Audience, JWKS: p.URL, CA: p.Authority.File, DefaultRoles: []string{"everybody"}}
}

// Every way to forge, borrow or keep a token, each beside one that differs from a good token in nothing else.
func TestTokens(t *testing.T) {
	p := logintest.NewProvider(t)
	ec := p.NewKey("ec")
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p.Show("rsa", "RS256", "sig", rsaKey.Public())
	p.Show("free", "", "", rsaKey.Public())
	p.Show("ed", "EdDSA", "sig", edPublic)
	p.Show("p384", "", "sig", wide.Public())
	p.Show("secret", "HS256", "sig", []byte("a shared secret of 32 bytes......"))
	p.Show("enc", "RSA-OAEP", "enc", rsaKey.Public())
	spki, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})

	kid := func(id string) map[string]any { return map[string]any{"kid": id} }
	good := func(differ map[string]any) string { return logintest.Token(t, ec, "ec", "ana", differ) }
	sign := func(alg string, key any, header map[string]any) string {
		return logintest.Sign(t, alg, key, header, logintest.Claims("ana", nil))
	}
	at := func(d time.Duration) int64 { return time.Now().Add(d).Unix() }
	whole := good(nil)
	parts := strings.Split(whole, ".")
	elsewhere := strings.Split(good(map[string]any{"sub": "eve"}), ".")

	for _, c := range []struct{ name, token, why string }{
		{"good", whole, ""},
		{"good, RS256", sign("RS256", rsaKey, kid("rsa")), ""},
		{"good, PS256 with a key for any RSA algorithm", sign("PS256", rsaKey, kid("free")), ""},
		{"good, EdDSA", sign("EdDSA", edKey, kid("ed")), ""},
		{"good, one of two audiences", good(map[string]any{"aud": []string{"other", "weir"}}), ""},
		{"good, clocks differ a little", good(map[string]any{"exp": at(-20 * time.Second)}), ""},
		{"good, without nbf and iat", good(map[string]any{"nbf": nil, "iat": nil}), ""},

		{"expired", good(map[string]any{"exp": at(-time.Minute)}), "has expired"},
		{"without an end", good(map[string]any{"exp": nil}), "claims are missing"},
		{"an end that is a text", good(map[string]any{"exp": "tomorrow"}), "claims are missing"},
		{"not yet", good(map[string]any{"nbf": at(time.Minute)}), "not valid yet"},
		{"another audience", good(map[string]any{"aud": "payroll"}), "another audience"},
		{"without an audience", good(map[string]any{"aud": nil}), "claims are missing"},
		{"another issuer", good(map[string]any{"iss": "https://evil.test"}), "another issuer"},
		{"without an issuer", good(map[string]any{"iss": nil}), "another issuer"},
		{"another user", good(map[string]any{"sub": "eve"}), "not the login name"},
		{"the user in another case", good(map[string]any{"sub": "ANA"}), "not the login name"},
		{"without a user", good(map[string]any{"sub": nil}), "not the login name"},
		{"a user that is a number", good(map[string]any{"sub": 1}), "not the login name"},

		{"no signature", sign("none", jwt.UnsafeAllowNoneSignatureType, kid("ec")), "signature"},
		{"no signature, algorithm in capitals", "eyJhbGciOiJOT05FIiwia2lkIjoiZWMifQ." + parts[1] + ".", "signature"},
		{"no signature, algorithm kept", parts[0] + "." + parts[1] + ".", "signature"},
		{"HMAC with the public key", sign("HS256", public, kid("rsa")), "signature"},
		{"HMAC with the public key's bytes", sign("HS256", spki, kid("free")), "signature"},
		{"HMAC with a secret that stands among the keys", sign("HS256", []byte("a shared secret of 32 bytes......"), kid("secret")), "signature"},
		{"a key of somebody else under a good name", sign("ES256", other, kid("ec")), "signature"},
		{"a key of the wrong kind", sign("ES256", ec, kid("free")), "signature"},
		{"another algorithm than the key's", sign("RS512", rsaKey, kid("rsa")), "algorithm is not its key's"},
		{"a curve that isn't the algorithm's", sign("ES256", ec, kid("p384")), "algorithm is not its key's"},
		{"a key that is for encryption", sign("RS256", rsaKey, kid("enc")), "unknown key"},
		{"an unknown key", sign("ES256", other, kid("new")), "unknown key"},
		{"no key's name among several", sign("ES256", ec, nil), "unknown key"},
		{"a key's name that is a number", sign("ES256", ec, map[string]any{"kid": 1}), "no text"},
		{"a key of its own", sign("ES256", other, map[string]any{"kid": "own", "jku": "https://evil.test/keys", "jwk": map[string]any{"kty": "EC"}}), "unknown key"},
		{"extensions that must be understood", sign("ES256", ec, map[string]any{"kid": "ec", "crit": []string{"exp"}}), "extensions"},
		{"claims of another token", parts[0] + "." + elsewhere[1] + "." + parts[2], "signature"},
		{"a signature that is spelled in two ways", whole + "=", "malformed"},
		{"cut", parts[0] + "." + parts[1] + "." + parts[2][:12], "signature"},
		{"a part too many", whole + ".x", "no token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := methods(t, Config{OIDC: []OIDC{trusting(p)}})
			id, err := m.Login(t.Context(), "ana", c.token)
			if c.why == "" {
				if err != nil || id.Name != "ana" || id.Expires.Before(time.Now()) {
					t.Fatalf("%+v, %v", id, err)
				}
				return
			}
			if !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), c.why) {
				t.Fatalf("%+v, %v; want a refusal for %q", id, err, c.why)
			}
			for _, secret := range append(strings.Split(c.token, "."), "evil", "payroll", "eve") {
				if len(secret) > 2 && strings.Contains(err.Error(), secret) {
					t.Errorf("the reason quotes the token: %v", err)
				}
			}
		})
	}
}

func TestAlgorithmsCanBeFewer(t *testing.T) {
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	cfg := trusting(p)
	cfg.Algorithms = []string{"RS256"}
	if _, err := methods(t, Config{OIDC: []OIDC{cfg}}).Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", nil)); !errors.Is(err, ErrDenied) {
		t.Errorf("ES256: %v", err)
	}
	for _, a := range []string{"none", "HS256", "rs256"} {
		cfg.Algorithms = []string{a}
		if _, err := New(Config{OIDC: []OIDC{cfg}}); err == nil {
			t.Errorf("%s may be allowed", a)
		}
	}
}

// A short key can be broken; whoever does so is everybody.
func TestShortKey(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	p := logintest.NewProvider(t)
	p.Show("short", "", "", short.Public())
	token := logintest.Sign(t, "RS256", short, map[string]any{"kid": "short"}, logintest.Claims("ana", nil))
	if _, err := methods(t, Config{OIDC: []OIDC{trusting(p)}}).Login(t.Context(), "ana", token); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "bits") {
		t.Errorf("%v", err)
	}
}

func TestClaims(t *testing.T) {
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	base := trusting(p)
	base.DefaultRoles = nil
	base.Roles = map[string]string{"data-analysts": "analyst", "data-leads": "lead", "7": "seven"}
	for _, c := range []struct {
		name, claim string
		claims      map[string]any
		roles       []string
	}{
		{"list", "groups", map[string]any{"groups": []string{"data-leads", "x", "data-analysts"}}, []string{"analyst", "lead"}},
		{"one text", "groups", map[string]any{"groups": "data-leads"}, []string{"lead"}},
		{"number", "groups", map[string]any{"groups": []any{7, true, map[string]any{}}}, []string{"seven"}},
		{"path", "realm_access.roles", map[string]any{"realm_access": map[string]any{"roles": []string{"data-leads"}}}, []string{"lead"}},
		{"path with a dotted name in it", "resource_access.my.app.roles", map[string]any{"resource_access": map[string]any{"my.app": map[string]any{"roles": []string{"data-leads"}}}}, []string{"lead"}},
		{"name that is an address", "https://issuer.test/roles", map[string]any{"https://issuer.test/roles": []string{"data-leads"}}, []string{"lead"}},
		{"scopes", "scope", map[string]any{"scope": "openid data-leads"}, []string{"lead"}},
		{"a text with blanks is one value", "groups", map[string]any{"groups": "all data-leads"}, nil},
		{"another case", "groups", map[string]any{"groups": []string{"DATA-LEADS"}}, nil},
		{"roles that aren't mapped", "groups", map[string]any{"groups": []string{"lead", "admin"}}, nil},
		{"object", "groups", map[string]any{"groups": map[string]any{"data-leads": true}}, nil},
		{"missing", "realm_access.roles", map[string]any{"realm_access": "data-leads"}, nil},
		{"no claim configured", "", map[string]any{"": "data-leads"}, []string{"lead"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := base
			cfg.RolesClaim = c.claim
			id, err := methods(t, Config{OIDC: []OIDC{cfg}}).Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", c.claims))
			if c.roles == nil {
				if !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "no role") {
					t.Errorf("%+v, %v", id, err)
				}
				return
			}
			if err != nil || !reflect.DeepEqual(id.Roles, c.roles) {
				t.Errorf("%+v, %v", id, err)
			}
		})
	}
}

func TestUserAndAttributes(t *testing.T) {
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	cfg := trusting(p)
	cfg.UserClaim = "email"
	cfg.Attributes = map[string]string{"region": "region", "level": "profile.level", "teams": "teams", "gone": "gone"}
	m := methods(t, Config{OIDC: []OIDC{cfg}})
	claims := map[string]any{"email": "ana@x.test", "region": "EU", "profile": map[string]any{"level": 12345678901234567}, "teams": []string{"a", "b"}}
	id, err := m.Login(t.Context(), "ana@x.test", logintest.Token(t, key, "k", "1", claims))
	if err != nil {
		t.Fatal(err)
	}
	// A claim with several values is none: a filter would compare with one of them.
	if want := map[string]string{"region": "EU", "level": "12345678901234567"}; !reflect.DeepEqual(id.Attributes, want) {
		t.Errorf("%v", id.Attributes)
	}
	for _, verified := range []any{false, "false", "true", nil} {
		if _, err := m.Login(t.Context(), "ana@x.test", logintest.Token(t, key, "k", "1", map[string]any{"email": "ana@x.test", "email_verified": verified})); (err == nil) != (verified == nil) {
			t.Errorf("email_verified %v: %v", verified, err)
		}
	}
}

// Two providers may share an issuer, for two audiences.
func TestSeveralProviders(t *testing.T) {
	p, q := logintest.NewProvider(t), logintest.NewProvider(t)
	pk, qk := p.NewKey("k"), q.NewKey("k")
	a, b, c := trusting(p), trusting(p), trusting(q)
	a.DefaultRoles, b.DefaultRoles, c.DefaultRoles = []string{"a"}, []string{"b"}, []string{"c"}
	b.Audience, c.Issuer = "second", "https://other.test"
	m := methods(t, Config{OIDC: []OIDC{a, b, c}})
	try := func(key crypto.Signer, differ map[string]any) string {
		id, err := m.Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", differ))
		if err != nil {
			return "-"
		}
		return id.Roles[0]
	}
	if got := try(pk, nil) + try(pk, map[string]any{"aud": "second"}) + try(qk, map[string]any{"iss": "https://other.test"}); got != "abc" {
		t.Errorf("roles %s", got)
	}
	if got := try(qk, nil) + try(pk, map[string]any{"iss": "https://other.test"}); got != "--" {
		t.Errorf("one provider's key signed for another: %s", got)
	}
}

func TestKeysAreReadAgain(t *testing.T) {
	p := logintest.NewProvider(t)
	old := p.NewKey("old")
	m := methods(t, Config{OIDC: []OIDC{trusting(p)}})
	login := func(key crypto.Signer, id string) error {
		_, err := m.Login(t.Context(), "ana", logintest.Token(t, key, id, "ana", nil))
		return err
	}
	var crowd sync.WaitGroup
	for range 20 {
		crowd.Go(func() {
			if err := login(old, "old"); err != nil {
				t.Error(err)
			}
		})
	}
	crowd.Wait()
	if n := p.Fetched.Load(); n != 1 {
		t.Errorf("the keys were read %d times for many logins at once", n)
	}
	p.Withdraw()
	next := p.NewKey("new")
	if err := login(next, "new"); err != nil {
		t.Errorf("a new key: %v", err)
	}
	if err := login(old, "old"); !errors.Is(err, ErrDenied) {
		t.Errorf("a key that was withdrawn: %v", err)
	}

	// Strangers with unknown keys don't make Weir a burden to the provider.
	keys := m.oidc[0].keys
	keys.pause = time.Hour
	before := p.Fetched.Load()
	for range 50 {
		if err := login(old, "old"); !errors.Is(err, ErrDenied) {
			t.Fatal(err)
		}
	}
	if n := p.Fetched.Load() - before; n > 0 {
		t.Errorf("read %d times", n)
	}

	// A provider that is down locks nobody out at once, but not for ever.
	keys.pause = 0
	p.Down.Store(true)
	if err := login(next, "new"); err != nil {
		t.Errorf("down: %v", err)
	}
	keys.read = time.Now().Add(-keysFresh - time.Minute)
	if err := login(next, "new"); err != nil {
		t.Errorf("down for a while: %v", err)
	}
	keys.read = time.Now().Add(-keysStale - time.Minute)
	if err := login(next, "new"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("down for long: %v", err)
	}
	p.Down.Store(false)
	if err := login(next, "new"); err != nil {
		t.Errorf("up again: %v", err)
	}
}

func TestKeysFromFile(t *testing.T) {
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	cfg := trusting(p)
	cfg.JWKS, cfg.CA = p.File(), ""
	m := methods(t, Config{OIDC: []OIDC{cfg}})
	if _, err := m.Login(t.Context(), "ana", logintest.Token(t, key, "k", "ana", nil)); err != nil {
		t.Fatal(err)
	}
	// The only key needs no name.
	if _, err := m.Login(t.Context(), "ana", logintest.Sign(t, "ES256", key, nil, logintest.Claims("ana", nil))); err != nil {
		t.Errorf("without a key's name: %v", err)
	}
	next := p.NewKey("next")
	if err := os.Rename(p.File(), cfg.JWKS); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Login(t.Context(), "ana", logintest.Token(t, next, "next", "ana", nil)); err != nil {
		t.Errorf("after the file has changed: %v", err)
	}
	if n := p.Fetched.Load(); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}

func TestKeysThatCantBeHad(t *testing.T) {
	p := logintest.NewProvider(t)
	key := p.NewKey("k")
	token := logintest.Token(t, key, "k", "ana", nil)
	junk := filepath.Join(t.TempDir(), "junk")
	if err := os.WriteFile(junk, []byte(`{"keys": [{"kty": "oct", "kid": "k", "k": "AAAA"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	redirected := httptest.NewTLSServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusFound))
	defer redirected.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: redirected.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*OIDC){
		"unknown authority": func(c *OIDC) { c.CA = "" },
		"no file":           func(c *OIDC) { c.JWKS = filepath.Join(t.TempDir(), "none.json") },
		"no usable key":     func(c *OIDC) { c.JWKS = junk },
		"redirect to http":  func(c *OIDC) { c.JWKS, c.CA = redirected.URL, ca },
		"nobody there":      func(c *OIDC) { c.JWKS = "https://127.0.0.1:1/keys" },
	} {
		cfg := trusting(p)
		change(&cfg)
		m := methods(t, Config{OIDC: []OIDC{cfg}})
		if _, err := m.Login(t.Context(), "ana", token); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
		if f := m.Check(t.Context()); len(f) != 1 || f[0].Err == nil {
			t.Errorf("%s: check finds %+v", name, f)
		}
	}
	cfg := trusting(p)
	if f := methods(t, Config{OIDC: []OIDC{cfg}}).Check(t.Context()); f[0].Err != nil || f[0].Detail != "keys: 1" {
		t.Errorf("%+v", f)
	}
	cfg.JWKS = "http://127.0.0.1:1/keys"
	if _, err := New(Config{OIDC: []OIDC{cfg}}); err == nil || !strings.Contains(err.Error(), "https") {
		t.Errorf("keys over http: %v", err)
	}
}

func TestNames(t *testing.T) {
	m := methods(t, Config{})
	for _, name := range []string{"", " ana", "ana ", "a\x00", "a\nb", "\xff", strings.Repeat("a", 256), "a\u200bb"} {
		if _, err := m.Login(t.Context(), name, "secret"); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "name") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := m.Login(t.Context(), "ana@x.test", "secret"); !errors.Is(err, ErrDenied) || !strings.Contains(err.Error(), "no token") {
		t.Errorf("%v", err)
	}
}
