package pseudonym

import (
	"crypto/subtle"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Default is the name under which the keys of all domains are configured that have none of their own. Each has its own key all the same, which
// is derived from it.
const Default = "default"

// Domain is how the keys of one domain are configured.
type Domain struct {
	// Current is the id of the key that encrypts; it may be empty if there is but one.
	Current string
	// Keys are all that decrypt, by id.
	Keys map[string]Material
}

// The longest names; they are part of each token, and columns are as wide as the longest token.
const (
	MaxDomain = 32
	MaxKeyID  = 16
)

// Keyring holds the keys of all domains. It never changes and is safe for concurrent use. It prints as the names of domains and keys.
type Keyring struct {
	number  int64
	domains map[string]*domain
	byName  map[string]configured

	mu      sync.Mutex
	derived map[string]*domain // those that live on the keys of Default
}

// configured is a Domain with its keys decoded.
type configured struct {
	current string
	keys    map[string][]byte
}

// domain is a domain with its keys made.
type domain struct {
	current *key
	keys    map[string]*key
}

// key is all that is made of one configured key in one domain.
type key struct {
	head  string // what its tokens begin with
	token *siv
	hash  []byte
	fakes map[Mask]*siv
}

var rings atomic.Int64

// NewKeyring makes a ring. The error names the domain and the key that is wrong and never holds what the key is.
func NewKeyring(domains map[string]Domain) (*Keyring, error) {
	r := &Keyring{number: rings.Add(1), domains: map[string]*domain{}, byName: map[string]configured{}, derived: map[string]*domain{}}
	for name, d := range domains {
		if !isName(name, MaxDomain) {
			return nil, fmt.Errorf("domain %q of keys: a name is up to %d of the characters a-z, 0-9 and _", name, MaxDomain)
		}
		c, err := d.decode()
		if err != nil {
			return nil, fmt.Errorf("domain %s of keys: %w", name, err)
		}
		r.byName[name] = c
		if name == Default {
			continue
		}
		if r.domains[name], err = c.make(name); err != nil {
			return nil, fmt.Errorf("domain %s of keys: %w", name, err)
		}
	}
	return r, nil
}

func isName(s string, longest int) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != "" && len(s) <= longest
}

func (d Domain) decode() (configured, error) {
	c := configured{current: d.Current, keys: map[string][]byte{}}
	for id, m := range d.Keys {
		if !isName(id, MaxKeyID) {
			return c, fmt.Errorf("key %q: an id is up to %d of the characters a-z, 0-9 and _", id, MaxKeyID)
		}
		b, err := m.bytes()
		if err != nil {
			return c, fmt.Errorf("key %s: %w", id, err)
		}
		c.keys[id] = b
		if d.Current == "" && len(d.Keys) == 1 {
			c.current = id
		}
	}
	switch {
	case len(c.keys) == 0:
		return c, fmt.Errorf("it has no key")
	case c.current == "":
		return c, fmt.Errorf("it has several keys: current must name the one that encrypts")
	case c.keys[c.current] == nil:
		return c, fmt.Errorf("current names key %s, which it doesn't have", c.current)
	}
	return c, nil
}

func (c configured) make(name string) (*domain, error) {
	d := &domain{keys: map[string]*key{}}
	for id, material := range c.keys {
		k := &key{head: name + "." + id + ".", hash: derive(material, "hash", name, 64), fakes: map[Mask]*siv{}}
		var err error
		if k.token, err = newSIV(derive(material, "pseudonym", name, 64), []byte("weir 1"), []byte(name), []byte(id)); err != nil {
			return nil, err
		}
		for _, m := range []Mask{FakeEmail, FakePhone, FakeCard, FakeIBAN} {
			if k.fakes[m], err = newSIV(derive(material, m, name, 64)); err != nil {
				return nil, err
			}
		}
		d.keys[id] = k
	}
	d.current = d.keys[c.current]
	return d, nil
}

// mostDerived bounds the domains that are remembered: whoever may reveal tokens can write any name into one.
const mostDerived = 256

// domain finds a domain; nil if it has no keys.
func (r *Keyring) domain(name string) *domain {
	if d := r.domains[name]; d != nil {
		return d
	}
	fallback, ok := r.byName[Default]
	if !ok || !isName(name, MaxDomain) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if d := r.derived[name]; d != nil {
		return d
	}
	d, err := fallback.make(name)
	if err != nil {
		return nil
	}
	if len(r.derived) < mostDerived {
		r.derived[name] = d
	}
	return d
}

// Number is the ring's own in this process. Statements name their ring by it.
func (r *Keyring) Number() int64 { return r.number }

// Check is an error if a domain has no keys.
func (r *Keyring) Check(name string) error {
	if r.domain(name) == nil {
		return fmt.Errorf("there are no keys for the domain %q; add it to the keys, or a domain %q for all that have none", name, Default)
	}
	return nil
}

// Equal reports whether two rings, or nils, hold the same keys under the same names, so that one can go on in the other's place.
func (r *Keyring) Equal(other *Keyring) bool {
	if r == nil || other == nil {
		return r == other
	}
	return maps.EqualFunc(r.byName, other.byName, func(a, b configured) bool {
		return a.current == b.current && maps.EqualFunc(a.keys, b.keys, func(x, y []byte) bool { return subtle.ConstantTimeCompare(x, y) == 1 })
	})
}

// String names the domains and their keys.
func (r *Keyring) String() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(r.byName)) {
		c := r.byName[name]
		parts = append(parts, name+": "+c.current+" of "+strings.Join(slices.Sorted(maps.Keys(c.keys)), " "))
	}
	return "keys(" + strings.Join(parts, ", ") + ")"
}

// Format is String for every verb.
func (r *Keyring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }
