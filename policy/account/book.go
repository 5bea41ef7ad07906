package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"weir/catalog/state"
)

// Book is all accounts and roles. Safe for concurrent use.
type Book struct {
	store *state.Store // nil keeps nothing
	now   atomic.Pointer[model]

	mu       sync.Mutex // held while the model is replaced, from the reading of what it is made of
	version  int64      // of the store's rows
	watchers []func()
}

// NewBook makes a book with the accounts of weir.yaml that forgets its changes.
func NewBook(users []Configured) (*Book, error) {
	b := &Book{}
	b.now.Store(indexed(nil, nil, newRows()))
	return b, b.Configure(users)
}

// Open makes a book with the accounts of weir.yaml and those that the store keeps. Changes that other servers make in the store are seen as long as it is open.
func Open(ctx context.Context, store *state.Store, users []Configured, roles ...string) (*Book, error) {
	b, err := NewBook(nil)
	if err != nil {
		return nil, err
	}
	b.store = store
	// Watched before it is read, so that no change falls between.
	if err := store.Watch(ctx, topic, b.reload); err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	b.mu.Lock()
	err = b.load(ctx)
	b.mu.Unlock()
	if err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	return b, b.Configure(users, roles...)
}

// Configure replaces the accounts of weir.yaml, or changes nothing and says why. roles are those that it names elsewhere.
func (b *Book) Configure(users []Configured, roles ...string) error {
	file := make(map[string]*Account, len(users))
	known := map[string]bool{Admin: true}
	for _, r := range roles {
		known[r] = true
	}
	for _, u := range users {
		if _, twice := file[u.Name]; twice || u.Name == "" {
			return fmt.Errorf("user %q: the name is empty or used twice", u.Name)
		}
		file[u.Name] = u.account()
		for _, r := range u.Roles {
			known[r] = true
		}
	}
	b.mu.Lock()
	b.now.Store(indexed(file, known, b.now.Load().rows))
	b.mu.Unlock()
	b.tell()
	return nil
}

// Update changes the accounts that SQL makes, for a session (nil is Weir itself), or changes nothing and returns the function's error. The change is kept
// when Update returns. The session goes on although the change is about its own account, unless that is gone or locked.
func (b *Book) Update(ctx context.Context, by *Session, change func(*Draft) error) error {
	b.mu.Lock()
	err := b.update(ctx, by, change)
	b.mu.Unlock()
	if err != nil {
		return err
	}
	b.tell()
	return nil
}

func (b *Book) update(ctx context.Context, by *Session, change func(*Draft) error) error {
	var next rows
	version := b.version
	apply := func(before rows) error {
		now := b.now.Load()
		d := &Draft{model: model{file: now.file, known: now.known, rows: before.clone()}}
		if by != nil {
			if !d.holds(by.Account()) {
				return codeDenied.New("Access denied: the account '%s' has changed since the login", clip(by.Account().Name))
			}
			d.actor = by.actor(&d.model)
		}
		if err := change(d); err != nil {
			return err
		}
		next = d.rows
		return nil
	}
	if b.store == nil {
		if err := apply(b.now.Load().rows); err != nil {
			return err
		}
	} else {
		err := b.store.Update(ctx, topic, func(tx *state.Tx) (err error) {
			before, err := readRows(tx)
			if err != nil {
				return err
			}
			if err := apply(before); err != nil {
				return err
			}
			if version, err = tx.Version(topic); err != nil {
				return err
			}
			return writeRows(tx, before, next)
		})
		if errors.Is(err, state.ErrUnavailable) {
			return codeUnavailable.New("the accounts can't be changed now: the state store doesn't answer; try again later").With(err)
		}
		if err != nil {
			return err
		}
	}
	b.install(next, version)
	if by != nil {
		by.keep(b.now.Load())
	}
	return nil
}

// reload reads the store after another server has changed it.
func (b *Book) reload(ctx context.Context, version int64) error {
	b.mu.Lock()
	var err error
	changed := version != b.version
	if changed {
		err = b.load(ctx)
	}
	b.mu.Unlock()
	if err == nil && changed {
		b.tell()
	}
	return err
}

// load reads the store. Call with mu held.
func (b *Book) load(ctx context.Context) error {
	var r rows
	var version int64
	err := b.store.View(ctx, func(tx *state.Tx) (err error) {
		if version, err = tx.Version(topic); err == nil {
			r, err = readRows(tx)
		}
		return err
	})
	if err == nil {
		b.install(r, version)
	}
	return err
}

// install makes rows the current ones. Call with mu held.
func (b *Book) install(r rows, version int64) {
	now := b.now.Load()
	b.now.Store(indexed(now.file, now.known, r))
	b.version = version
}

// Watch has a function called after each change, by the goroutine that made it or that saw another server's.
func (b *Book) Watch(changed func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers = append(b.watchers, changed)
}

func (b *Book) tell() {
	b.mu.Lock()
	watchers := slices.Clone(b.watchers)
	b.mu.Unlock()
	for _, changed := range watchers {
		changed()
	}
}

// Find returns the account that logs in by a name. Names are compared byte by byte.
func (b *Book) Find(name string) (*Account, bool) { return b.now.Load().find(name) }

// Holds reports whether whoever logged in to an account may go on: it is still there and not locked, and its password, its demands and, in
// weir.yaml, its roles are the same. An account from elsewhere holds as long as its session, unless one of its name has come into the book.
func (b *Book) Holds(old *Account) bool { return b.now.Load().holds(old) }
