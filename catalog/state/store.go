package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Config says where the store is.
type Config struct {
	// DSN is of a PostgreSQL database; empty is the file state.db in Dir.
	DSN string
	Dir string
	// Poll is how often versions are compared; 0 is every second.
	Poll time.Duration
	Log  *slog.Logger // nil logs nothing
}

// patience bounds what the store is waited for: a server that can't reach it says so and goes on with what it knows.
const patience = 10 * time.Second

// Store is the state. Safe for concurrent use.
type Store struct {
	db       *sql.DB
	postgres bool
	log      *slog.Logger
	stop     context.CancelFunc
	done     chan struct{}

	mu     sync.Mutex
	topics map[string]*topic
}

// topic is what a Store knows of a topic that is watched.
type topic struct {
	seen     int64
	watchers []func(context.Context, int64) error
}

// Open opens the store, makes it if there is none, and brings its tables up to date.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{postgres: cfg.DSN != "", log: cfg.Log, done: make(chan struct{}), topics: map[string]*topic{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if cfg.Poll == 0 {
		cfg.Poll = time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, 3*patience) // another server may be migrating
	defer cancel()
	var err error
	if s.postgres {
		s.db, err = openPostgres(cfg.DSN)
	} else {
		s.db, err = openSQLite(cfg.Dir)
	}
	if err == nil {
		if err = s.migrate(ctx); err != nil {
			_ = s.db.Close()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("opening the state store: %w", err)
	}
	polling, stop := context.WithCancel(context.Background())
	s.stop = stop
	go s.poll(polling, cfg.Poll)
	return s, nil
}

// Close ends the watching and closes the store.
func (s *Store) Close() error {
	s.stop()
	<-s.done
	return s.db.Close()
}

// View reads the store as it stands at one moment. The function may be given up in its midst when ctx ends.
func (s *Store) View(ctx context.Context, read func(*Tx) error) error {
	options := &sql.TxOptions{}
	if s.postgres {
		options = &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}
	}
	return s.do(ctx, options, read)
}

// Update changes a topic, or changes nothing and returns the function's error. No other server changes the topic meanwhile.
func (s *Store) Update(ctx context.Context, topic string, change func(*Tx) error) error {
	return s.do(ctx, &sql.TxOptions{}, func(tx *Tx) error {
		// The row is locked until the end of the transaction, so this comes first.
		err := tx.Exec(`INSERT INTO weir_versions (topic, version) VALUES (?, 1)
			ON CONFLICT (topic) DO UPDATE SET version = weir_versions.version + 1`, topic)
		if err != nil {
			return err
		}
		return change(tx)
	})
}

func (s *Store) do(ctx context.Context, options *sql.TxOptions, use func(*Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tx, err := s.db.BeginTx(ctx, options)
	if err != nil {
		return unavailable(err)
	}
	defer func() { _ = tx.Rollback() }() // has nothing to do after a commit
	if err := use(&Tx{ctx: ctx, tx: tx, numbered: s.postgres}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return unavailable(err)
	}
	return nil
}

// ErrUnavailable says that the store didn't do what it was told: it can't be reached, or failed.
var ErrUnavailable = errors.New("the state store doesn't answer")

func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// Watch has a function called, in another goroutine, after each change of a topic, also by other servers, with the topic's new version. If it fails it is
// called again at the next look. It isn't called for the version that stands now.
func (s *Store) Watch(ctx context.Context, name string, changed func(ctx context.Context, version int64) error) error {
	var now int64
	err := s.View(ctx, func(tx *Tx) (err error) { now, err = tx.Version(name); return err })
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		t = &topic{seen: now}
		s.topics[name] = t
	}
	t.seen = min(t.seen, now)
	t.watchers = append(t.watchers, changed)
	return nil
}

func (s *Store) poll(ctx context.Context, every time.Duration) {
	defer close(s.done)
	tick := time.NewTicker(every)
	defer tick.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := s.look(ctx)
		if ctx.Err() != nil {
			return
		}
		if failed := err != nil; failed != failing {
			failing = failed
			if failed {
				s.log.Error("the state store can't be read: changes made elsewhere are not seen until it can", "error", err)
			} else {
				s.log.Info("the state store can be read again")
			}
		}
	}
}

// look compares the versions of the watched topics and calls those who watch the ones that have changed.
func (s *Store) look(ctx context.Context) error {
	s.mu.Lock()
	watched := make(map[string]topic, len(s.topics))
	for name, t := range s.topics {
		watched[name] = topic{seen: t.seen, watchers: t.watchers[:len(t.watchers):len(t.watchers)]}
	}
	s.mu.Unlock()
	if len(watched) == 0 {
		return nil
	}
	now := map[string]int64{}
	err := s.View(ctx, func(tx *Tx) error {
		return tx.Query(func(scan func(...any) error) error {
			var name string
			var version int64
			if err := scan(&name, &version); err != nil {
				return err
			}
			now[name] = version
			return nil
		}, "SELECT topic, version FROM weir_versions")
	})
	if err != nil {
		return err
	}
	var failed error
	for name, t := range watched {
		if now[name] == t.seen {
			continue
		}
		var err error
		for _, changed := range t.watchers {
			err = errors.Join(err, changed(ctx, now[name]))
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		s.mu.Lock()
		s.topics[name].seen = now[name]
		s.mu.Unlock()
	}
	return failed
}
