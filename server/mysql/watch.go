package mysql

import (
	"syscall"
	"time"
)

const (
	// watchEvery is how often the clients of running statements are looked at; watchAfter spares short statements.
	watchEvery = 200 * time.Millisecond
	watchAfter = 200 * time.Millisecond
)

// watchClients cancels the statements of clients that have gone. It only looks at sockets and reads nothing, so that whatever a client
// sent ahead stays where it is.
func (s *Server) watchClients(stop <-chan struct{}) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		s.mu.Lock()
		conns := make([]*conn, 0, 8)
		for _, c := range s.conns {
			if c.runsLonger(watchAfter) {
				conns = append(conns, c)
			}
		}
		s.mu.Unlock()
		for _, c := range conns {
			if c.socket.gone() {
				s.log.Info("client gone, statement cancelled", "connection", c.id)
				c.cancelAll(errGone)
			}
		}
	}
}

func (c *conn) runsLonger(d time.Duration) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for st := range c.running {
		if time.Since(st.began) > d && st.ctx.Err() == nil {
			return true
		}
	}
	return false
}

// gone reports whether the other end has closed the connection.
func (s *socket) gone() bool {
	sc, ok := s.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return true
	}
	closed := false
	if err := raw.Control(func(fd uintptr) { closed = hungUp(fd) }); err != nil {
		return true // closed on this side
	}
	return closed
}
