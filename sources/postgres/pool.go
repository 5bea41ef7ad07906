package postgres

import (
	"context"
	"errors"
	"sync"
	"time"
)

// pool holds connections that are not in use. Safe for concurrent use.
type pool struct {
	open  func(ctx context.Context) (*session, error)
	slots chan struct{} // one per connection that may be open
	mu    sync.Mutex
	idle  []*session // the one used last comes last
	done  bool
	// waiting counts those who wait for a slot; pressure is closed while there are any.
	waiting  int
	pressure chan struct{}
}

// idleLimit is how long a connection may stay unused before it is closed rather than used again.
const idleLimit = 5 * time.Minute

var errClosed = errors.New("the source is closed")

func newPool(limit int, open func(context.Context) (*session, error)) *pool {
	return &pool{open: open, slots: make(chan struct{}, limit), pressure: make(chan struct{})}
}

// acquire takes a connection, waiting for one if all are in use.
func (p *pool) acquire(ctx context.Context) (*session, error) {
	select {
	case p.slots <- struct{}{}:
		return p.take(ctx)
	default:
	}
	p.wait(1)
	defer p.wait(-1)
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return p.take(ctx)
}

func (p *pool) wait(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting += n
	switch {
	case n > 0 && p.waiting == 1:
		close(p.pressure)
	case p.waiting == 0:
		p.pressure = make(chan struct{})
	}
}

// wanted is closed while somebody waits for a connection: those who hold more than one are to give it back.
func (p *pool) wanted() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pressure
}

// tryAcquire takes a connection unless all are in use.
func (p *pool) tryAcquire(ctx context.Context) (*session, error) {
	select {
	case p.slots <- struct{}{}:
		return p.take(ctx)
	default:
		return nil, nil
	}
}

// fresh takes a connection that has not been used before, for a caller that has given a broken one back. All idle ones are
// closed: they are as old as the one that broke.
func (p *pool) fresh(ctx context.Context) (*session, error) {
	p.closeIdle()
	return p.acquire(ctx)
}

func (p *pool) take(ctx context.Context) (*session, error) {
	p.mu.Lock()
	if p.done {
		p.mu.Unlock()
		<-p.slots
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
	c, err := p.open(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// release gives back a connection that is ready for the next statement.
func (p *pool) release(c *session) {
	c.reused, c.idle = true, time.Now()
	p.mu.Lock()
	keep := !p.done && !c.spoilt.Load()
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.close()
	}
	<-p.slots
}

// discard closes a connection.
func (p *pool) discard(c *session) {
	c.close()
	<-p.slots
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
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	for range cap(p.slots) {
		<-p.slots
	}
}
