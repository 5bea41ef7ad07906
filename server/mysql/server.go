package mysql

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/gms"
	"weir/policy/account"
	"weir/server/login"
)

// Version is the server version that clients are told: the MySQL release whose behaviour Weir follows.
const Version = "8.0.36-Weir"

// AdminRole is the role that sees and kills the statements of all users.
const AdminRole = account.Admin

// Config is what a Server needs.
type Config struct {
	Listen string // address, such as 127.0.0.1:3306
	// Accounts are who may log in. Connections of accounts that no longer hold are closed when the book changes.
	Accounts *account.Book
	// TLS is the certificate to use. Nil: one is made at first start and kept in DataDir.
	TLS     *tls.Config
	DataDir string
	// ClientCA are the authorities that sign clients' certificates; a certificate of another is refused. Nil: none is asked for.
	ClientCA *x509.CertPool
	// RequireSecureTransport refuses logins without TLS.
	RequireSecureTransport bool
	// Login asks other systems about names that are no accounts; nil asks nobody.
	Login *login.Methods

	Engine  Engine
	Catalog Catalog
	Metrics Metrics // nil counts nothing
	Audit   Audit   // nil records nothing
	// KeepLiterals says that the constants of statements go into the audit.
	KeepLiterals bool
	Log          *slog.Logger // nil logs nothing

	MaxConnections   int           // 0 is 512
	MaxExecutionTime time.Duration // the longest time that a statement may run, whatever limit it sets itself; 0 is any
	// DrainTime is how long a shutdown waits for running statements before it cancels them; 0 is 10 seconds.
	DrainTime time.Duration
	// LoginDelay is how long the first failed login of a user at an address is kept waiting, and the unit of what follows (failures.go); 0 is one second.
	LoginDelay time.Duration
}

// Metrics receives counts. Its methods are called from many goroutines.
type Metrics interface {
	ConnectionOpened()
	ConnectionClosed()
	LoginFailed()
	// StatementDone reports a statement's end. class is "query", "catalog", "session" or "refused"; outcome is "ok" or MySQL's error
	// code. firstRow is the time to the first row, 0 if there was none.
	StatementDone(class, outcome string, took, firstRow time.Duration, rows, bytes int64)
}

type noMetrics struct{}

func (noMetrics) ConnectionOpened()                                         {}
func (noMetrics) ConnectionClosed()                                         {}
func (noMetrics) LoginFailed()                                              {}
func (noMetrics) StatementDone(_, _ string, _, _ time.Duration, _, _ int64) {}

// Server is a MySQL server. Safe for concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	metrics  Metrics
	audit    Audit
	listener *mysql.Listener
	accept   *listener
	gms      *gms.Engine
	accounts *accounts
	login    atomic.Pointer[login.Methods]
	started  time.Time
	// statements counts statements, so that each has its number in the audit.
	statements atomic.Uint64
	quit       chan struct{} // closed when a shutdown begins

	mu    sync.Mutex
	conns map[uint32]*conn
	// draining is set once a shutdown has begun: new statements are refused.
	draining bool
	idle     chan struct{} // closed when draining and no statement runs
}

// New opens the server's socket. Serve must be called to answer.
func New(cfg Config) (*Server, error) {
	if cfg.MaxConnections == 0 {
		cfg.MaxConnections = 512
	}
	if cfg.DrainTime == 0 {
		cfg.DrainTime = 10 * time.Second
	}
	if cfg.LoginDelay == 0 {
		cfg.LoginDelay = time.Second
	}
	s := &Server{cfg: cfg, log: cfg.Log, metrics: cfg.Metrics, audit: cfg.Audit, conns: map[uint32]*conn{}, started: time.Now(), quit: make(chan struct{})}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.metrics == nil {
		s.metrics = noMetrics{}
	}
	if s.audit == nil {
		s.audit = noAudit{}
	}
	quietLibrary(s.log)

	tlsConfig := cfg.TLS
	if tlsConfig == nil {
		var err error
		if tlsConfig, err = selfSigned(cfg.DataDir); err != nil {
			return nil, err
		}
	}
	var err error
	if cfg.ClientCA != nil {
		tlsConfig = trustClients(tlsConfig, cfg.ClientCA)
	}
	s.accounts = newAccounts(s, cfg.Accounts)
	s.login.Store(cfg.Login)
	if s.gms, err = gms.New(gms.Config{Catalog: cfg.Catalog, Processes: s.processes, Version: Version}); err != nil {
		return nil, fmt.Errorf("starting the row engine: %w", err)
	}
	socket, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w", cfg.Listen, err)
	}
	s.accept = newListener(socket, cfg.MaxConnections, tlsConfig, s.log)
	s.accept.secureOnly, s.accept.unsafe = cfg.RequireSecureTransport, s.recordUnsafe
	s.listener, err = mysql.NewListenerWithConfig(mysql.ListenerConfig{Listener: s.accept, AuthServer: s.accounts, Handler: &handler{s},
		ConnReadBufferSize: mysql.DefaultConnBufferSize, MaxConns: 0})
	if err != nil {
		socket.Close()
		return nil, fmt.Errorf("listening on %s: %w", cfg.Listen, err)
	}
	s.listener.ServerVersion = Version
	cfg.Accounts.Watch(s.closeChanged)
	return s, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.accept.Addr() }

// closeChanged closes the connections of accounts that are no longer what they were at the login, and ends what they run.
func (s *Server) closeChanged() {
	s.mu.Lock()
	gone := map[*conn]string{}
	for _, c := range s.conns {
		if a := c.session.Account(); !s.cfg.Accounts.Holds(a) {
			gone[c] = a.Name
		}
	}
	s.mu.Unlock()
	s.closeAll(gone, "connection closed: its user has changed")
}

// closeAll closes connections of users by their names, and ends what they run.
func (s *Server) closeAll(gone map[*conn]string, why string) {
	for c, name := range gone {
		s.log.Info(why, "connection", c.id, "user", name)
		c.cancelAll(errKilled)
		c.close()
	}
}

// holds reports whether a login that has been verified is still good: accounts and ways to log in may have changed meanwhile.
func (c *conn) holds(who entry) bool {
	return c.s.cfg.Accounts.Holds(who.Account) && (who.vouch == nil || who.vouch.by == c.s.login.Load())
}

// Serve answers clients until ctx ends, then refuses new work, waits for running statements up to DrainTime, cancels the rest and
// closes all connections. It returns nil after such a shutdown.
func (s *Server) Serve(ctx context.Context) error {
	stopWatch := make(chan struct{})
	var background sync.WaitGroup
	background.Go(func() { s.watchClients(stopWatch) })
	accepting := make(chan struct{})
	go func() { s.listener.Accept(); close(accepting) }()

	var err error
	select {
	case <-ctx.Done():
	case <-accepting:
		err = errors.New("the listening socket was closed")
	}
	close(s.quit)
	s.listener.Shutdown()
	<-accepting
	s.drain()
	close(stopWatch)
	background.Wait()
	if !s.accept.wait(lastConnections) {
		return errors.Join(err, errors.New("connections are still busy although they were closed: their work can't be interrupted"))
	}
	s.gms.Close()
	return err
}

// lastConnections is how long a shutdown waits for connections that have been closed to be given up: what can't be interrupted must not keep the
// process alive.
const lastConnections = 5 * time.Second

// lastWords is the time for the answers of the last statements to leave: the protocol library writes them after the statement has ended.
const lastWords = 100 * time.Millisecond

// drain lets running statements end, then ends them, then closes the connections.
func (s *Server) drain() {
	s.mu.Lock()
	s.draining = true
	s.idle = make(chan struct{})
	s.checkIdle()
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		s.accept.closeAll()
		return
	default:
	}
	select {
	case <-idle:
	case <-time.After(s.cfg.DrainTime):
		s.mu.Lock()
		for _, c := range s.conns {
			c.cancelAll(errShutdown)
		}
		s.mu.Unlock()
		select {
		case <-idle:
		case <-time.After(2 * time.Second):
		}
	}
	time.Sleep(lastWords)
	s.accept.closeAll()
}

// checkIdle closes idle when nothing runs any more. Call with mu held.
func (s *Server) checkIdle() {
	if !s.draining {
		return
	}
	for _, c := range s.conns {
		if c.busy() {
			return
		}
	}
	select {
	case <-s.idle:
	default:
		close(s.idle)
	}
}

// isDraining reports whether a shutdown has begun.
func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}
