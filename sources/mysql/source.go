package mysql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	mysqldriver "github.com/go-sql-driver/mysql"

	"weir/engine/dialect"
	"weir/sources"
)

// Source reads one database of a MySQL or MariaDB server. Safe for concurrent use.
type Source struct {
	set       *settings
	connector driver.Connector
	pool      *pool
	// control serves discovery, KILL and Ping; its two connections come on top of the configured bound.
	control *sql.DB
	server  atomic.Pointer[known]
	learnt  learnt

	mu     sync.Mutex
	active map[*rows]bool
	listed map[string]bool // the tables that discovery has found
	closed bool
	ending sync.WaitGroup // statements being killed
}

var _ sources.Source = (*Source)(nil)

// Open makes a source without contacting the server.
func Open(cfg sources.Config) (*Source, error) {
	set, err := configure(cfg)
	if err != nil {
		return nil, err
	}
	control, err := mysqldriver.NewConnector(set.driver)
	if err != nil {
		return nil, err
	}
	several := set.driver.Clone() // a statement comes with what makes sure of its tables
	several.MultiStatements = true
	connector, err := mysqldriver.NewConnector(several)
	if err != nil {
		return nil, err
	}
	s := &Source{set: set, connector: connector, active: map[*rows]bool{}}
	s.pool = &pool{slots: sources.NewSlots(set.name, set.connections, set.timeout)}
	s.control = sql.OpenDB(control)
	s.control.SetMaxOpenConns(2)
	s.control.SetMaxIdleConns(1)
	s.control.SetConnMaxIdleTime(time.Minute)
	return s, nil
}

// Dialect implements sources.Source.
func (s *Source) Dialect(ctx context.Context) (*dialect.Dialect, error) {
	if s.server.Load() == nil {
		c, err := s.acquire(ctx)
		if err != nil {
			return nil, s.fail(ctx, "connecting", err)
		}
		s.release(c)
	}
	return s.server.Load().dialect, nil
}

// Ping implements sources.Source.
func (s *Source) Ping(ctx context.Context) error {
	return s.fail(ctx, "connecting", s.control.PingContext(ctx))
}

// Close implements sources.Source.
func (s *Source) Close() error {
	s.mu.Lock()
	s.closed = true
	var under []*rows
	for r := range s.active {
		under = append(under, r)
	}
	s.mu.Unlock()
	for _, r := range under {
		r.interrupt(errSourceClosed)
	}
	s.ending.Wait()
	s.pool.close()
	return s.control.Close()
}

var errSourceClosed = errors.New("the source was closed")

// acquire takes a session that is ready for a statement.
func (s *Source) acquire(ctx context.Context) (*conn, error) {
	return s.pool.take(ctx, func(ctx context.Context) (*conn, error) {
		for {
			c, ok := s.pool.idleConn()
			if !ok {
				return s.connect(ctx)
			}
			if c.alive(ctx) {
				return c, nil
			}
			c.driver.Close()
		}
	})
}

// release gives back a session whose statement is over.
func (s *Source) release(c *conn) {
	c.rest()
	s.pool.put(c)
}

// drop ends a session.
func (s *Source) drop(c *conn) {
	c.driver.Close()
	s.pool.slots.Give(c.slot)
}
