package mysql

import (
	"context"
	"sync"
	"time"

	"weir/sources"
)

// pool bounds the sessions and keeps idle ones. Safe for concurrent use.
type pool struct {
	slots  *sources.Slots
	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// idleTime is how long an unused session is kept. It is checked when another one comes back, so a source that is not used at all
// keeps its last sessions until the server ends them.
const idleTime = 5 * time.Minute

// take takes a session, waiting for one if all are in use. get gives one that is idle or new.
func (p *pool) take(ctx context.Context, get func(context.Context) (*conn, error)) (c *conn, err error) {
	slot, err := p.slots.Take(ctx, func() error {
		p.mu.Lock()
		closed := p.closed
		p.mu.Unlock()
		if closed {
			return errSourceClosed
		}
		c, err = get(ctx)
		return err
	}, full)
	if err != nil {
		return nil, err
	}
	c.slot = slot
	return c, nil
}

// idleConn takes the session that was used last.
func (p *pool) idleConn() (*conn, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil, false
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c, true
}

// put keeps a session for the next statement.
func (p *pool) put(c *conn) {
	c.used = time.Now()
	slot := c.slot // once it is idle, it is somebody else's
	p.mu.Lock()
	var old []*conn
	for len(p.idle) > 0 && time.Since(p.idle[0].used) > idleTime {
		old, p.idle = append(old, p.idle[0]), p.idle[1:]
	}
	if p.closed {
		old = append(old, c)
	} else {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	for _, c := range old {
		c.driver.Close()
	}
	p.slots.Give(slot)
}

// close ends the idle sessions, and those that come back from now on.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.drain()
}

// drain ends the idle sessions.
func (p *pool) drain() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		c.driver.Close()
	}
}
