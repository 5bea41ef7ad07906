package account

import (
	"slices"

	"weir/policy"
)

// Session is one login to an account. Safe for concurrent use.
type Session struct {
	book    *Book
	account *Account
	host    string
}

// Login begins a session of an account for a client at an address. The caller has verified who it is.
func (b *Book) Login(a *Account, host string) *Session {
	return &Session{book: b, account: a, host: host}
}

// Account is whom the session was opened for, as it stood then.
func (s *Session) Account() *Account { return s.account }

// Principal is who asks, as of now.
func (s *Session) Principal() policy.Principal {
	p := policy.Principal{User: s.account.Name, Host: s.host, Roles: s.account.Defaults, Attributes: s.account.Attributes}
	if !s.account.ReadsAll {
		p.Rights = none{}
	}
	return p
}

// none is no right at all.
type none struct{}

func (none) Table(_, _ string) bool     { return false }
func (none) Column(_, _, _ string) bool { return false }

// ActiveRoles are the roles that have been made active, in order, without those that they hold themselves.
func (s *Session) ActiveRoles() []string { return s.account.Defaults }

// IsAdmin reports whether the role Admin is active.
func (s *Session) IsAdmin() bool { return slices.Contains(s.Principal().Roles, Admin) }
