package account

import (
	"crypto/sha1"
	"crypto/sha256"
	"maps"
	"slices"
)

// Admin is the role whose holders administer: accounts, policies, other people's statements.
const Admin = "admin"

// Origin is where an account comes from.
type Origin uint8

const (
	// FromFile is weir.yaml.
	FromFile Origin = iota
	// FromSQL is a statement such as CREATE USER.
	FromSQL
	// FromElsewhere is a login that another system vouches for, such as a token or a directory; such an account lives as long as its session.
	FromElsewhere
)

// Account is somebody who may log in, as he stands at one moment. Immutable.
type Account struct {
	Name   string
	Origin Origin
	// Password is what a login verifies against. Its Empty says that the account has no password.
	Password Verifier
	Locked   bool
	// Require is what the connection must be like.
	Require Require
	// Attributes are for policies to compare with.
	Attributes map[string]string
	// Roles have been granted, in order; Defaults are those of them that are active after the login.
	Roles, Defaults []string
	// ReadsAll says that every table may be read, as far as the policies let; otherwise only what has been granted.
	ReadsAll bool
}

// Verifier is what the two login methods by password verify against: hashes of hashes of it.
type Verifier struct {
	Native [sha1.Size]byte   // SHA1(SHA1(password)), for mysql_native_password
	SHA2   [sha256.Size]byte // SHA256(SHA256(password)), for caching_sha2_password
	Empty  bool
}

// String keeps a verifier out of logs and errors.
func (Verifier) String() string { return "[redacted]" }

// GoString is String.
func (Verifier) GoString() string { return "[redacted]" }

// VerifierOf makes the verifier of a password.
func VerifierOf(password string) Verifier {
	v := Verifier{Empty: password == ""}
	one := sha1.Sum([]byte(password))
	v.Native = sha1.Sum(one[:])
	two := sha256.Sum256([]byte(password))
	v.SHA2 = sha256.Sum256(two[:])
	return v
}

// Require is what an account demands of its connections. The zero value demands nothing.
type Require struct {
	SSL  bool `json:"ssl,omitempty"`  // TLS
	X509 bool `json:"x509,omitempty"` // a client's certificate that has been verified
	// Subject and Issuer are those of the certificate, as OpenSSL writes them on one line; empty is any.
	Subject string `json:"subject,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
}

// Certificate reports whether a client's certificate is demanded.
func (r Require) Certificate() bool { return r.X509 || r.Subject != "" || r.Issuer != "" }

// Configured is an account of weir.yaml.
type Configured struct {
	Name, Password string
	Roles          []string
	Attributes     map[string]string
	Require        Require
}

func (c Configured) account() *Account {
	roles := slices.Compact(slices.Sorted(slices.Values(c.Roles)))
	return &Account{Name: c.Name, Origin: FromFile, Password: VerifierOf(c.Password), Attributes: maps.Clone(c.Attributes), Require: c.Require, Roles: roles, Defaults: roles, ReadsAll: true}
}
