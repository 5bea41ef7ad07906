package mysql

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// listener accepts connections: it counts them, refuses those above the limit with MySQL's error, and survives errors that pass, such
// as running out of file descriptors (the protocol library stops at the first error).
type listener struct {
	net.Listener
	max int
	tls *tls.Config // nil offers no TLS
	log *slog.Logger
	// secureOnly refuses whoever doesn't ask for TLS.
	secureOnly bool
	// unsafe is told of clients that are refused for their connection: from where, why, and MySQL's code.
	unsafe func(host, why string, code int)

	mu      sync.Mutex
	open    map[*socket]struct{}
	closing bool
	said    time.Time // when a refusal was last logged
	all     sync.WaitGroup
}

func newListener(l net.Listener, maxConnections int, secure *tls.Config, log *slog.Logger) *listener {
	return &listener{Listener: l, max: maxConnections, tls: secure, log: log, unsafe: func(string, string, int) {}, open: map[*socket]struct{}{}}
}

// Accept returns the next connection that is within the limit.
func (l *listener) Accept() (net.Conn, error) {
	wait := 5 * time.Millisecond
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil {
			l.log.Warn("accepting a connection", "error", err, "retry", wait)
			time.Sleep(wait)
			wait = min(2*wait, time.Second)
			continue
		}
		wait = 5 * time.Millisecond
		if s := l.admit(c); s != nil {
			return s, nil
		}
		l.refuse(c)
	}
}

func (l *listener) admit(c net.Conn) *socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.open) >= l.max || l.closing {
		return nil
	}
	s := newSocket(c, l)
	l.open[s] = struct{}{}
	l.all.Add(1)
	return s
}

// refuse sends error 1040 in place of the greeting.
func (l *listener) refuse(c net.Conn) {
	l.mu.Lock()
	say := time.Since(l.said) > time.Second
	if say {
		l.said = time.Now()
	}
	l.mu.Unlock()
	if say {
		l.log.Warn("connections refused: too many connections", "client", c.RemoteAddr().String(), "limit", l.max)
	}
	_ = c.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = c.Write(errorPacket(0, 1040, "08004", "Too many connections"))
	_ = c.Close()
}

// closeAll closes every open connection and admits no more.
func (l *listener) closeAll() {
	l.mu.Lock()
	l.closing = true
	open := make([]*socket, 0, len(l.open))
	for s := range l.open {
		open = append(open, s)
	}
	l.mu.Unlock()
	for _, s := range open {
		_ = s.Conn.Close()
	}
}

// wait returns when every connection has been given up by its goroutine, or false after some time.
func (l *listener) wait(most time.Duration) bool {
	done := make(chan struct{})
	go func() { l.all.Wait(); close(done) }()
	select {
	case <-done:
		return true
	case <-time.After(most):
		return false
	}
}
