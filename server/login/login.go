package login

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Config says where users come from that are no accounts.
type Config struct {
	OIDC []OIDC
	LDAP *LDAP
}

// OIDC is an OpenID provider whose tokens are taken for passwords.
type OIDC struct {
	Issuer   string
	Audience string
	JWKS     string // file, or https address
	CA       string // PEM file; the system's certificates if empty
	// Algorithms that a token may be signed with; empty is every one with a public key.
	Algorithms []string

	UserClaim    string // the claim that must be the login name
	RolesClaim   string // a claim, or a path of names with dots between
	Roles        map[string]string
	DefaultRoles []string          // of everybody
	Attributes   map[string]string // attribute to claim
	ReadsAll     bool              // see Identity
}

// LDAP is a directory that checks passwords.
type LDAP struct {
	URL      string // ldaps://host:port, or ldap:// with StartTLS
	StartTLS bool
	CA       string // PEM file; the system's certificates if empty

	// BindDN is a user's distinguished name with {user} in it. Empty: the entry is searched for.
	BindDN string
	Search Search
	// UserAttribute spells the name of a user, since a directory doesn't mind upper and lower case.
	UserAttribute string
	Groups        Groups
	Roles         map[string]string
	DefaultRoles  []string
	Attributes    map[string]string // attribute for policies to the entry's attribute
	ReadsAll      bool              // see Identity

	Session time.Duration // how long a login lasts; 0 is without end
	Timeout time.Duration // for all that one login asks; 0 is 5 seconds
}

// Search finds a user's entry.
type Search struct {
	BindDN, Password string // who searches; empty is anonymous
	Base, Filter     string // filter with {user} in it
}

// Groups finds the groups of a user.
type Groups struct {
	Base, Filter string // filter with {dn} or {user} in it
	Attribute    string // what names the group; empty is cn
}

// Identity is a user as another system knows them.
type Identity struct {
	Name       string
	Roles      []string
	Attributes map[string]string
	// ReadsAll says that every table may be read, as far as policies let; otherwise what has been granted to the roles.
	ReadsAll bool
	// Expires is when the login ends; zero is never.
	Expires time.Time
	// By is who vouches for the user, for the log.
	By string
}

// ErrUnavailable is that nobody could be asked: neither a yes nor a no.
var ErrUnavailable = errors.New("the login service can't be reached")

// ErrDenied is a no. The text around it says why, for the log; a client isn't told.
var ErrDenied = errors.New("denied")

// refusal is ErrDenied or ErrUnavailable with a reason.
type refusal struct {
	kind   error
	reason string
}

func (r *refusal) Error() string { return r.kind.Error() + ": " + r.reason }
func (r *refusal) Unwrap() error { return r.kind }

func denied(format string, args ...any) error {
	return &refusal{ErrDenied, fmt.Sprintf(format, args...)}
}

func unavailable(format string, args ...any) error {
	return &refusal{ErrUnavailable, fmt.Sprintf(format, args...)}
}

// Methods are the configured ways to log in. Safe for concurrent use.
type Methods struct {
	oidc []*provider
	ldap *directory
}

// ConfigError is what is wrong with one part of a configuration.
type ConfigError struct {
	Key string // such as oidc[0], or ldap
	Err error
}

func (e *ConfigError) Error() string { return e.Key + ": " + e.Err.Error() }
func (e *ConfigError) Unwrap() error { return e.Err }

// New checks a configuration. It contacts nobody: what can't be reached now may be there when somebody logs in. Its error is a ConfigError.
func New(cfg Config) (*Methods, error) {
	m := &Methods{}
	for i, c := range cfg.OIDC {
		p, err := newProvider(c)
		if err != nil {
			return nil, &ConfigError{fmt.Sprintf("oidc[%d]", i), err}
		}
		m.oidc = append(m.oidc, p)
	}
	if cfg.LDAP != nil {
		var err error
		if m.ldap, err = newDirectory(*cfg.LDAP); err != nil {
			return nil, &ConfigError{"ldap", err}
		}
	}
	return m, nil
}

// Any reports whether there is anybody to ask.
func (m *Methods) Any() bool { return m != nil && (len(m.oidc) > 0 || m.ldap != nil) }

// Login asks who a user is that sent a password. What looks like a token is shown to providers and never to the directory. The error is ErrDenied or
// ErrUnavailable, and holds nothing secret.
func (m *Methods) Login(ctx context.Context, user, password string) (Identity, error) {
	switch {
	case !plainName(user):
		return Identity{}, denied("the name is empty, too long, or has characters that no name has")
	case password == "" || strings.ContainsRune(password, 0):
		// A directory takes a bind without a password for an anonymous one and says yes.
		return Identity{}, denied("the password is empty or has a zero character")
	case len(m.oidc) > 0 && tokenShaped(password):
		return m.token(ctx, user, password)
	case m.ldap != nil:
		return m.ldap.login(ctx, user, password)
	}
	return Identity{}, denied("the password is no token")
}

// maxName is the longest name in bytes.
const maxName = 255

// plainName reports whether a name can be one: directories ignore blanks around a name, and what can't be seen would only mislead.
func plainName(s string) bool {
	if s == "" || len(s) > maxName || !utf8.ValidString(s) || strings.TrimSpace(s) != s {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
