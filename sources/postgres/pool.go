package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"weir/sources"
)

// pool holds connections that are not in use. Safe for concurrent use.
type pool struct {
	open  func(ctx context.Context) (*session, error)
	slots *sources.Slots
	mu    sync.Mutex
	idle  []*session // the one used last comes last
	done  bool
}

// idleLimit is how long a connection may stay unused before it is closed rather than used again.
const idleLimit = 5 * time.Minute

var errClosed = errors.New("the source is closed")

func newPool(slots *sources.Slots, open func(context.Context) (*session, error)) *pool {
	return &pool{open: open, slots: slots}
}

// acquire takes a connection, waiting for one if all are in use.
func (p *pool) acquire(ctx context.Context) (c *session, err error) {
	slot, err := p.slots.Take(ctx, func() error { c, err = p.take(ctx); return err }, full)
	if err != nil {
		return nil, err
	}
	c.slot = slot
	return c, nil
}

// full tells whether the server has no room for another connection: at all, or for the account or the database.
func full(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == tooManyConnections
}

// tryAcquire takes a connection unless all are in use.
func (p *pool) tryAcquire(ctx context.Context) (c *session, err error) {
	slot, ok, err := p.slots.TryTake(func() error { c, err = p.take(ctx); return err })
	if !ok {
		return nil, err
	}
	c.slot = slot
	return c, nil
}

// fresh takes a connection that has not been used before, for a caller that has given a broken one back. All idle ones are
// closed: they are as old as the one that broke.
func (p *pool) fresh(ctx context.Context) (*session, error) {
	p.closeIdle()
	return p.acquire(ctx)
}

// take takes an idle connection, or opens one. The caller has a slot.
func (p *pool) take(ctx context.Context) (*session, error) {
	p.mu.Lock()
	if p.done {
		p.mu.Unlock()
		return nil, errClosed
	}
	var old []*session
	var c *session
	if n := len(p.idle); n > 0 {
		c = p.idle[n-1]
		p.idle = p.idle[:n-1]
		if time.Since(c.idle) > idleLimit { // then all others are older still
			old, c, p.idle = append(p.idle, c), nil, nil
		}
	}
	p.mu.Unlock()
	for _, o := range old {
		o.close()
	}
	if c != nil {
		return c, nil
	}
	return p.open(ctx)
}

// release gives back a connection that is ready for the next statement.
func (p *pool) release(c *session) {
	c.reused, c.idle = true, time.Now()
	slot := c.slot // once it is idle, it is somebody else's
	p.mu.Lock()
	keep := !p.done && !c.spoilt.Load()
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.close()
	}
	p.slots.Give(slot)
}

// discard closes a connection.
func (p *pool) discard(c *session) {
	c.close()
	p.slots.Give(c.slot)
}

func (p *pool) closeIdle() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
}

// close closes all connections and waits for those in use.
func (p *pool) close() {
	p.mu.Lock()
	done := p.done
	p.done = true
	p.mu.Unlock()
	p.closeIdle()
	if done {
		return
	}
	p.slots.Idle()
}
