package account

import (
	"slices"
	"sync"

	"weir/policy"
)

// Session is one login to an account. Safe for concurrent use.
type Session struct {
	book *Book
	host string

	mu      sync.Mutex
	account *Account
	active  []string // the roles that the session has made active; those that are no longer granted don't count
	// seen is the model from which who was made.
	seen *model
	who  policy.Principal
}

// Login begins a session of an account for a client at an address. The caller has verified who it is.
func (b *Book) Login(a *Account, host string) *Session {
	return &Session{book: b, host: host, account: a, active: a.Defaults}
}

// Account is whom the session was opened for, as it stood then, or when it last changed itself.
func (s *Session) Account() *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.account
}

// Principal is who asks, as of now: with the rights and roles that the account has at this moment.
func (s *Session) Principal() policy.Principal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.book.now.Load(); s.seen != m {
		s.seen, s.who = m, s.principal(m)
	}
	return s.who
}

func (s *Session) principal(m *model) policy.Principal {
	if !m.holds(s.account) { // its connection is being closed, and whoever has the name now is somebody else
		return policy.Principal{User: s.account.Name, Host: s.host, Rights: &rights{}}
	}
	p := policy.Principal{User: s.account.Name, Host: s.host, Attributes: s.account.Attributes, Roles: m.all(s.direct(m)), Granted: m.all(s.granted(m))}
	if a, ok := s.current(m); ok {
		p.Attributes = a.Attributes
	}
	if s.account.ReadsAll {
		return p
	}
	user := s.account.Name
	if s.account.Origin == FromElsewhere {
		user = "" // grants are to accounts of the book, so this one has those of its roles only
	}
	p.Rights = m.rightsOf(user, p.Roles)
	return p
}

// current is the session's account as the model has it. False if it is gone, or another has taken its name.
func (s *Session) current(m *model) (*Account, bool) {
	if s.account.Origin == FromElsewhere {
		return s.account, true
	}
	a, ok := m.find(s.account.Name)
	return a, ok && a.Origin == s.account.Origin
}

// granted are the roles that the account holds itself.
func (s *Session) granted(m *model) []string {
	a, ok := s.current(m)
	if !ok {
		return nil
	}
	return a.Roles
}

// direct are the active roles, without those that they hold themselves.
func (s *Session) direct(m *model) []string {
	return intersect(s.active, s.granted(m))
}

// ActiveRoles are the roles that are active, in order, without those that they hold themselves.
func (s *Session) ActiveRoles() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.direct(s.book.now.Load())
}

// IsAdmin reports whether the role Admin is active.
func (s *Session) IsAdmin() bool { return slices.Contains(s.Principal().Roles, Admin) }

// Roles says which roles SET ROLE and SET DEFAULT ROLE mean.
type Roles struct {
	Which Which
	Names []string // of Those and AllBut
}

// Which is a choice of roles.
type Which uint8

// The choices: the account's defaults, none, all that are granted, all but some, and some.
const (
	Defaults Which = iota
	None
	All
	AllBut
	Those
)

// SetRole makes roles active. Policies that keep something from a role go by what has been granted, not by what is active.
func (s *Session) SetRole(r Roles) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.book.now.Load()
	granted := s.granted(m)
	var want []string
	switch r.Which {
	case Defaults:
		want = granted
		if a, ok := s.current(m); ok {
			want = a.Defaults
		}
	case All:
		want = granted
	case AllBut:
		want = slices.DeleteFunc(slices.Clone(granted), func(name string) bool { return slices.Contains(r.Names, name) })
	case Those:
		for _, name := range r.Names {
			if !slices.Contains(granted, name) {
				return notGranted(name, s.account.Name)
			}
		}
		want = slices.Compact(slices.Sorted(slices.Values(r.Names)))
	}
	s.active, s.seen = want, nil
	return nil
}

// Reset makes the roles active that are so after a login.
func (s *Session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.current(s.book.now.Load()); ok {
		s.active, s.seen = a.Defaults, nil
	}
}

// keep has the session go on with its account as it is now. The session itself made the change.
func (s *Session) keep(m *model) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, ok := s.current(m); ok && !a.Locked {
		s.account, s.seen = a, nil
	}
}

// actor is who changes a draft, with the rights that he has in it.
func (s *Session) actor(m *model) *actor {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &actor{name: s.account.Name, origin: s.account.Origin, readsAll: s.account.ReadsAll, roles: m.all(s.direct(m))}
	a.admin = slices.Contains(a.roles, Admin)
	return a
}

func notGranted(role, to string) error {
	return codeRoleNotGranted.New("%s is not granted to %s", id(role), id(to))
}

// intersect are the elements of a that are in b, in a's order.
func intersect(a, b []string) []string {
	var out []string
	for _, x := range a {
		if slices.Contains(b, x) {
			out = append(out, x)
		}
	}
	return out
}
