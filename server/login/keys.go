package login

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
)

const (
	// keysFresh is the age at which a set of keys is read again.
	keysFresh = 15 * time.Minute
	// keysStale is how long keys are believed while they can't be read again: a provider that is down for a while shouldn't lock everybody out, but a
	// key that was withdrawn must end some time.
	keysStale = 12 * time.Hour
	// keysPause is the least time between two readings, whoever asks: anybody can send a token with an unknown key.
	keysPause   = 10 * time.Second
	keysTimeout = 5 * time.Second
	keysBytes   = 1 << 20
)

// keySet is a provider's public keys, read from a file or an address when they are first needed, when they have become old, and when a token names a
// key that isn't known. Safe for concurrent use.
type keySet struct {
	file   string
	url    string
	client *http.Client
	pause  time.Duration

	mu    sync.Mutex
	keys  []jwkset.JWK
	read  time.Time // of keys
	tried time.Time
	err   error // of the last try
}

// newKeySet takes a file's name or an address.
func newKeySet(from, ca string) (*keySet, error) {
	s := &keySet{pause: keysPause}
	u, err := url.Parse(from)
	isAddress := err == nil && (u.Scheme == "http" || u.Scheme == "https")
	if !isAddress {
		s.file = from
		return s, nil
	}
	if u.Scheme != "https" {
		return nil, errors.New("keys must come over https: whoever can change them can log in as anybody")
	}
	roots, err := loadCA(ca)
	if err != nil {
		return nil, err
	}
	s.url = from
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	transport.DisableKeepAlives = true // one request in a long while
	s.client = &http.Client{Transport: transport, Timeout: keysTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.Scheme != "https" || len(via) > 3 {
			return errors.New("redirected away from https, or too often")
		}
		return nil
	}}
	return s, nil
}

// find returns the key that a token names; without a name, the only key that there is.
func (s *keySet) find(ctx context.Context, id string) (jwkset.JWK, error) {
	s.mu.Lock()
	defer s.mu.Unlock() // also while reading: those who come meanwhile want the same answer
	now := time.Now()
	if now.Sub(s.read) > keysFresh {
		s.again(ctx, now)
	}
	if s.read.IsZero() || now.Sub(s.read) > keysStale {
		return jwkset.JWK{}, unavailable("no keys: %v", s.err)
	}
	key, ok := s.named(id)
	if !ok && s.again(ctx, now) {
		key, ok = s.named(id)
	}
	if !ok {
		return jwkset.JWK{}, denied("the token is signed with an unknown key")
	}
	return key, nil
}

func (s *keySet) named(id string) (jwkset.JWK, bool) {
	if id == "" && len(s.keys) == 1 {
		return s.keys[0], true
	}
	for _, k := range s.keys {
		if id != "" && k.Marshal().KID == id {
			return k, true
		}
	}
	return jwkset.JWK{}, false
}

// again reads the keys once more unless that was tried a moment ago, and reports whether there are new ones. Call it with the mutex held.
func (s *keySet) again(ctx context.Context, now time.Time) bool {
	if now.Sub(s.tried) < s.pause {
		return false
	}
	s.tried = now
	keys, err := s.load(ctx)
	s.err = err
	if err != nil {
		return false
	}
	s.keys, s.read = keys, now
	return true
}

// load reads the keys. Those that can't verify a signature are left out.
func (s *keySet) load(ctx context.Context) ([]jwkset.JWK, error) {
	data, err := s.fetch(ctx)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []jwkset.JWKMarshal `json:"keys"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, errors.New("what was read is no JSON Web Key Set")
	}
	var keys []jwkset.JWK
	for _, m := range set.Keys {
		if m.USE != "" && m.USE != jwkset.UseSig {
			continue
		}
		// Without private parts: a symmetric key is an error here, so that no token can be signed with something public.
		key, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
		if err == nil {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key that can verify a signature")
	}
	return keys, nil
}

func (s *keySet) fetch(ctx context.Context) ([]byte, error) {
	if s.file != "" {
		data, err := os.ReadFile(s.file)
		if err != nil {
			return nil, fmt.Errorf("reading the keys: %w", err)
		}
		return data, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keysTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url, nil)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("reading the keys from %s: status %d", s.url, answer.StatusCode)
	}
	data, err := io.ReadAll(io.LimitReader(answer.Body, keysBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the keys: %w", err)
	}
	if len(data) > keysBytes {
		return nil, fmt.Errorf("reading the keys from %s: more than %d bytes", s.url, keysBytes)
	}
	return data, nil
}

// loadCA reads the certificates of a PEM file; none for no file, which means those of the system.
func loadCA(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the certificates of ca: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("ca: %s holds no certificate", strings.TrimSpace(file))
	}
	return pool, nil
}
