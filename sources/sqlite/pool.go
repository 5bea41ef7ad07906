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
	slots chan struct{}
	stop  context.Context
	end   context.CancelFunc

	mu   sync.Mutex
	idle []*conn
}

func (p *pool) init(s *Source, n int) {
	p.s, p.slots = s, make(chan struct{}, n)
	p.stop, p.end = context.WithCancel(context.Background())
}

// get waits for a connection. The caller gives it back with put.
func (p *pool) get(ctx context.Context) (*conn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, &sources.Error{Source: p.s.name, Doing: "waiting for a connection", Class: ctx.Err()}
	case <-p.stop.Done():
	}
	if p.stop.Err() != nil {
		return nil, &sources.Error{Source: p.s.name, Doing: "waiting for a connection", Class: errClosed}
	}
	for {
		c := p.take()
		if c == nil {
			break
		}
		if !c.stale() {
			return c, nil
		}
		c.Close()
	}
	c, err := p.s.connect()
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
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
	p.mu.Lock()
	keep := err == nil && p.stop.Err() == nil
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.Close()
	}
	<-p.slots
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
