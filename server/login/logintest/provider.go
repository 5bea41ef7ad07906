package logintest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509/pkix"
	"encoding/json"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// Issuer and Audience are what a provider's tokens say unless they are told otherwise.
const Issuer, Audience = "https://issuer.test/realm", "weir"

// Provider signs tokens and shows the keys to verify them with, at an address.
type Provider struct {
	URL       string // of the keys
	Authority *Authority
	Fetched   atomic.Int64 // how often the keys have been asked for
	Down      atomic.Bool  // answers with an error

	t    testing.TB
	mu   sync.Mutex
	keys []jwkset.JWKMarshal
}

// NewProvider starts a provider without keys.
func NewProvider(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{t: t, Authority: NewAuthority(t, pkix.Name{CommonName: "authority of the provider"})}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.Fetched.Add(1)
		if p.Down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(p.set())
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{p.Authority.Server()}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // clients that don't trust it are part of tests
	s.StartTLS()
	t.Cleanup(s.Close)
	p.URL = s.URL + "/keys"
	return p
}

func (p *Provider) set() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	out, err := json.Marshal(map[string]any{"keys": p.keys})
	if err != nil {
		p.t.Error(err)
	}
	return out
}

// File writes the keys as they are now.
func (p *Provider) File() string {
	p.t.Helper()
	name := filepath.Join(p.t.TempDir(), "keys.json")
	if err := os.WriteFile(name, p.set(), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return name
}

// NewKey makes a key for ES256 and shows it.
func (p *Provider) NewKey(id string) crypto.Signer {
	p.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Show(id, "ES256", "sig", key.Public())
	return key
}

// Show adds a key to those that are shown.
func (p *Provider) Show(id, alg, use string, key any) {
	p.t.Helper()
	jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{Marshal: jwkset.JWKMarshalOptions{Private: true},
		Metadata: jwkset.JWKMetadataOptions{KID: id, ALG: jwkset.ALG(alg), USE: jwkset.USE(use)}})
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = append(p.keys, jwk.Marshal())
}

// Withdraw takes all keys away.
func (p *Provider) Withdraw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = nil
}

// Claims are those of a good token, with some that differ; nil takes one away.
func Claims(user string, differ map[string]any) map[string]any {
	now := time.Now()
	out := map[string]any{"iss": Issuer, "aud": Audience, "sub": user, "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(out, differ)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// Sign makes a token. header is added to the token's, which already names the algorithm.
func Sign(t testing.TB, alg string, key any, header, claims map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.GetSigningMethod(alg), jwt.MapClaims(claims))
	maps.Copy(token.Header, header)
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Token is a good token of a user, signed with a key of NewKey.
func Token(t testing.TB, key crypto.Signer, id, user string, differ map[string]any) string {
	t.Helper()
	return Sign(t, "ES256", key, map[string]any{"kid": id}, Claims(user, differ))
}
