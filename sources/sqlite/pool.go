package sqlite

import (
	"context"
	"errors"
	"sync"

	"weir/sources"
)

// pool bounds the connections and keeps idle ones.
type pool struct {
	s     *Source
	slots *sources.Slots
	stop  context.Context
	end   context.CancelFunc

	mu   sync.Mutex
	idle []*conn
}

func (p *pool) init(s *Source, n int) {
	p.s, p.slots = s, sources.NewSlots(s.name, n, s.timeout)
	p.stop, p.end = context.WithCancel(context.Background())
}

// get waits for a connection. The caller gives it back with put.
func (p *pool) get(ctx context.Context) (c *conn, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(p.stop, cancel)()
	slot, err := p.slots.Take(ctx, func() error { c, err = p.open(); return err }, func(error) bool { return false })
	var ours *sources.Error
	switch {
	case errors.As(err, &ours):
		return nil, err
	case p.stop.Err() != nil && err != nil:
		return nil, &sources.Error{Source: p.s.name, Doing: "waiting for a connection", Class: errClosed}
	case err != nil:
		return nil, &sources.Error{Source: p.s.name, Doing: "waiting for a connection", Class: err}
	}
	c.slot = slot
	return c, nil
}

// open gives a connection that is idle, or a new one.
func (p *pool) open() (*conn, error) {
	if p.stop.Err() != nil {
		return nil, &sources.Error{Source: p.s.name, Doing: "waiting for a connection", Class: errClosed}
	}
	for {
		c := p.take()
		if c == nil {
			return p.s.connect()
		}
		if !c.stale() {
			return c, nil
		}
		c.Close()
	}
}

var errClosed = errors.New("the source is closed")

func (p *pool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle) == 0 {
		return nil
	}
	c := p.idle[len(p.idle)-1]
	p.idle = p.idle[:len(p.idle)-1]
	return c
}

// put ends the connection's statement and keeps the connection, unless that fails or the source is closed.
func (p *pool) put(c *conn) {
	err := c.end()
	slot := c.slot // once it is idle, it is somebody else's
	p.mu.Lock()
	keep := err == nil && p.stop.Err() == nil
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.Close()
	}
	p.slots.Give(slot)
}

func (p *pool) close() error {
	p.mu.Lock()
	p.end()
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var errs []error
	for _, c := range idle {
		errs = append(errs, c.Close())
	}
	return errors.Join(errs...)
}
