package account

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Book is all accounts and roles. Safe for concurrent use.
type Book struct {
	state atomic.Pointer[state]

	mu       sync.Mutex // held while the state is replaced
	watchers []func()
}

// state is the book at one moment. Immutable.
type state struct {
	accounts map[string]*Account
}

// NewBook makes a book with the accounts of weir.yaml.
func NewBook(users []Configured) (*Book, error) {
	b := &Book{}
	b.state.Store(&state{})
	return b, b.Configure(users)
}

// Configure replaces the accounts of weir.yaml, or changes nothing and says why.
func (b *Book) Configure(users []Configured) error {
	accounts := make(map[string]*Account, len(users))
	for _, u := range users {
		if _, twice := accounts[u.Name]; twice || u.Name == "" {
			return fmt.Errorf("user %q: the name is empty or used twice", u.Name)
		}
		accounts[u.Name] = u.account()
	}
	b.replace(&state{accounts: accounts})
	return nil
}

func (b *Book) replace(s *state) {
	b.mu.Lock()
	b.state.Store(s)
	watchers := slices.Clone(b.watchers)
	b.mu.Unlock()
	for _, changed := range watchers {
		changed()
	}
}

// Watch has a function called after each change, by the goroutine that made it.
func (b *Book) Watch(changed func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers = append(b.watchers, changed)
}

// Find returns the account that logs in by a name. Names are compared byte by byte.
func (b *Book) Find(name string) (*Account, bool) {
	a, ok := b.state.Load().accounts[name]
	return a, ok
}

// Holds reports whether whoever logged in to an account may go on: it is still there and not locked, and its password, its demands and, in
// weir.yaml, its roles are the same. An account from elsewhere holds as long as its session, unless one of its name has come into the book.
func (b *Book) Holds(old *Account) bool {
	now, ok := b.Find(old.Name)
	if old.Origin == FromElsewhere {
		return !ok
	}
	return ok && now.Origin == old.Origin && !now.Locked && now.Password == old.Password && now.Require == old.Require &&
		(now.Origin != FromFile || slices.Equal(now.Roles, old.Roles) && maps.Equal(now.Attributes, old.Attributes))
}
