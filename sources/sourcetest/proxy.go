package sourcetest

import (
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// Proxy passes TCP connections on to a server and can break them. Safe for concurrent use.
type Proxy struct {
	listener net.Listener
	target   atomic.Value // string
	refuse   atomic.Bool
	// left is the number of bytes that still come through from the server; negative: no limit.
	left  atomic.Int64
	count atomic.Int64 // connections made
	held  atomic.Pointer[hold]
	mu    sync.Mutex
	conns map[net.Conn]struct{}
	wg    sync.WaitGroup
}

// NewProxy starts a proxy for a server; it ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, conns: map[net.Conn]struct{}{}}
	p.left.Store(-1)
	p.Lead(target)
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.Cut()
		p.wg.Wait()
	})
	return p
}

// Address is the host:port that the proxy listens at.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Refuse makes new connections break at once.
func (p *Proxy) Refuse(on bool) { p.refuse.Store(on) }

// Lead makes new connections go to a server; those that are open stay where they are.
func (p *Proxy) Lead(target string) { p.target.Store(target) }

// Hold keeps back what comes from the clients that are connected now, until release is called.
func (p *Proxy) Hold() (release func()) {
	h := &hold{last: p.count.Load(), until: make(chan struct{})}
	p.held.Store(h)
	return func() { close(h.until) }
}

// hold keeps back what clients send.
type hold struct {
	last  int64 // the connection that was the last one to be made before it
	until chan struct{}
}

// fromClient passes on what the client of a connection sends.
func (p *Proxy) fromClient(s, c net.Conn, number int64) {
	buf := make([]byte, 16<<10)
	for {
		n, err := c.Read(buf)
		if h := p.held.Load(); h != nil && number <= h.last {
			<-h.until
		}
		if n > 0 {
			if _, err := s.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// CutAfter breaks all connections once n more bytes have come from the server. Later connections break at their first byte.
func (p *Proxy) CutAfter(n int64) { p.left.Store(n) }

// Cut breaks all connections now.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.refuse.Load() {
			c.Close()
			continue
		}
		s, err := net.Dial("tcp", p.target.Load().(string))
		if err != nil {
			c.Close()
			continue
		}
		p.mu.Lock()
		p.conns[c], p.conns[s] = struct{}{}, struct{}{}
		p.mu.Unlock()
		number := p.count.Add(1)
		p.wg.Go(func() {
			p.fromClient(s, c, number)
			s.Close()
		})
		p.wg.Go(func() {
			p.fromServer(c, s)
			c.Close()
			s.Close()
		})
	}
}

func (p *Proxy) fromServer(c, s net.Conn) {
	buf := make([]byte, 16<<10)
	for {
		n, err := s.Read(buf)
		if left := p.left.Load(); left >= 0 {
			if p.left.CompareAndSwap(left, max(0, left-int64(n))); int64(n) >= left {
				c.Write(buf[:left])
				p.Cut()
				return
			}
		}
		if n > 0 {
			if _, err := c.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}
