package mysql

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// loginTime bounds the time from a connection to its login, loginBytes what it may send in that time: whoever hasn't
	// shown a password holds neither memory nor a connection for long.
	loginTime  = 10 * time.Second
	loginBytes = 64 << 10
	// defaultIdle and defaultWrite are wait_timeout and net_write_timeout of a new session.
	defaultIdle  = 8 * time.Hour
	defaultWrite = 60 * time.Second
)

// listener accepts connections: it counts them, refuses those above the limit with MySQL's error, and survives errors that pass, such
// as running out of file descriptors (the protocol library stops at the first error).
type listener struct {
	net.Listener
	max int
	log *slog.Logger

	mu      sync.Mutex
	open    map[*socket]struct{}
	closing bool
	said    time.Time // when a refusal was last logged
	all     sync.WaitGroup
}

func newListener(l net.Listener, maxConnections int, log *slog.Logger) *listener {
	return &listener{Listener: l, max: maxConnections, log: log, open: map[*socket]struct{}{}}
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
	s := &socket{Conn: c, l: l}
	s.idle.Store(int64(defaultIdle))
	s.write.Store(int64(defaultWrite))
	s.login.Store(true)
	_ = c.SetReadDeadline(time.Now().Add(loginTime))
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

// wait returns when every connection has been given up by its goroutine.
func (l *listener) wait() { l.all.Wait() }

// socket is an accepted connection with its time limits. It is below TLS.
type socket struct {
	net.Conn
	l           *listener
	idle, write atomic.Int64 // nanoseconds: the wait for the client's next command; for it to take what is sent
	login       atomic.Bool  // still logging in
	received    int
	once        sync.Once
}

// Read waits for the client up to the idle limit.
func (s *socket) Read(p []byte) (int, error) {
	if s.login.Load() {
		n, err := s.Conn.Read(p)
		// The library makes room for as much as the first packet says it has.
		announced := s.received == 0 && n >= 3 && int(p[0])|int(p[1])<<8|int(p[2])<<16 > loginBytes
		if s.received += n; announced || s.received > loginBytes {
			return 0, fmt.Errorf("login packets above %d bytes", loginBytes)
		}
		return n, err
	}
	if err := s.SetReadDeadline(time.Now().Add(time.Duration(s.idle.Load()))); err != nil {
		return 0, err
	}
	return s.Conn.Read(p)
}

// Write waits for the client to take what is sent, up to the write limit.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.SetWriteDeadline(time.Now().Add(time.Duration(s.write.Load()))); err != nil {
		return 0, err
	}
	return s.Conn.Write(p)
}

// loggedIn lifts the limits of the login.
func (s *socket) loggedIn() { s.login.Store(false) }

// Close closes the connection; the protocol library calls it when the connection's goroutine ends.
func (s *socket) Close() error {
	err := s.Conn.Close()
	s.once.Do(func() {
		s.l.mu.Lock()
		delete(s.l.open, s)
		s.l.mu.Unlock()
		s.l.all.Done()
	})
	return err
}
