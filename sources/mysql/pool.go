package mysql

import (
	"context"
	"sync"
	"time"
)

// pool bounds the sessions and keeps idle ones. A session counts from enter to put or leave.
type pool struct {
	slots  chan struct{}
	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// idleTime is how long an unused session is kept. It is checked when another one comes back, so a source that is not used at all
// keeps its last sessions until the server ends them.
const idleTime = 5 * time.Minute

func newPool(size int) *pool { return &pool{slots: make(chan struct{}, size)} }

// enter waits until one more session may be used.
func (p *pool) enter(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
	default:
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		<-p.slots
		return errSourceClosed
	}
	return nil
}

// leave says that a session has ended.
func (p *pool) leave() { <-p.slots }

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
	<-p.slots
	for _, c := range old {
		c.driver.Close()
	}
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
