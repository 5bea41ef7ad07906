package mysql

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/policy/account"
)

// conn is the state of one connection. The protocol library runs a connection's commands one after the other, but a statement behind
// an open cursor runs beside them, and KILL and SHOW PROCESSLIST reach in from other connections: hence the mutex.
type conn struct {
	s       *Server
	id      uint32
	session *account.Session // whose connection it is; nil before the login
	host    string
	socket  *socket
	wire    *wire
	wc      *mysql.Conn
	tls     *tls.ConnectionState // nil without TLS
	next    *verified            // verified by COM_CHANGE_USER; used by the connection's goroutine only
	// recorded says that the login is in the audit, and its end is to be; used by the connection's goroutine only.
	recorded bool

	mu        sync.Mutex
	database  string
	variables map[string]*rel.Lit // session values that differ from the default
	zone      *time.Location
	user      map[string]*rel.Lit // @name, in lower case
	warnings  []gms.Warning
	prepared  map[string]*prepared // by PREPARE, in lower case
	stmts     map[uint32]*prepared // by COM_STMT_PREPARE
	running   map[*statement]struct{}
	// lastFailed says that the last statement ended with an error, so that those sent together with it don't run.
	lastFailed bool
	// vouch is what another system has said of the login, nil of an account of the book; expiry ends the login then.
	vouch  *vouch
	expiry *time.Timer
	since  time.Time // when the last command began or ended
}

var _ bind.Session = (*conn)(nil)

func newConn(s *Server, wc *mysql.Conn) *conn {
	c := &conn{s: s, id: wc.ConnectionID, wc: wc, host: hostOf(wc.RemoteAddr()), since: time.Now(), running: map[*statement]struct{}{}}
	c.socket = wc.Conn.(*socket) // the listener gives nothing else
	c.reset()
	return c
}

// reset brings the session's state back to that of a new connection, apart from the default database.
func (c *conn) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.variables = map[string]*rel.Lit{}
	c.zone = time.UTC
	c.user = map[string]*rel.Lit{}
	c.warnings = nil
	c.prepared = map[string]*prepared{}
	c.stmts = map[uint32]*prepared{}
	c.socket.idle.Store(int64(defaultIdle))
	c.socket.write.Store(int64(defaultWrite))
	c.wc.StatusFlags |= mysql.ServerStatusAutocommit
}

// Principal is who asks, for the policy.
func (c *conn) Principal() policy.Principal { return c.session.Principal() }

// name is the account's.
func (c *conn) name() string { return c.session.Account().Name }

// ConnectionID is the connection's number.
func (c *conn) ConnectionID() uint32 { return c.id }

// User is the login name and the client's address.
func (c *conn) User() string { return c.name() + "@" + c.host }

// CurrentUser is the account: accounts are not bound to addresses.
func (c *conn) CurrentUser() string { return c.name() + "@%" }

// CurrentRole are the active roles as CURRENT_ROLE() writes them.
func (c *conn) CurrentRole() string {
	roles := slices.Clone(c.session.ActiveRoles())
	if len(roles) == 0 {
		return "NONE"
	}
	for i, r := range roles {
		roles[i] = quoteName(r) + "@`%`"
	}
	return strings.Join(roles, ",")
}

// Database is the default database.
func (c *conn) Database() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.database
}

// UserVariable is the value of @name.
func (c *conn) UserVariable(name string) *rel.Lit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v, ok := c.user[strings.ToLower(name)]; ok {
		return v
	}
	return &rel.Lit{T: rel.NullType}
}

func (c *conn) setUserVariable(name string, v *rel.Lit) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.user[strings.ToLower(name)] = permitted(v)
}

// permitted is a value as a user variable can hold it: integers, decimals, doubles and strings. Others become text.
func permitted(v *rel.Lit) *rel.Lit {
	var text []byte
	switch x := v.Value.(type) {
	case rel.DateValue:
		text = appendDate(nil, int64(x))
	case rel.TimeValue:
		text = appendTime(nil, int64(x), v.T.Scale)
	case rel.DateTimeValue:
		text = appendDateTime(nil, int64(x), v.T.Scale)
	case string:
		if v.T.Class() != rel.ClassJSON {
			return v
		}
		text = []byte(x)
	default:
		return v
	}
	t := rel.StringType(false, len(text))
	t.NotNull = v.T.NotNull
	return &rel.Lit{Value: string(text), T: t}
}

// TimeZone is the session's time zone.
func (c *conn) TimeZone() *time.Location {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.zone
}

// use makes a database the default one.
func (c *conn) use(ctx context.Context, name string) error {
	found, ok := c.s.gms.DatabaseName(ctx, name)
	if !ok {
		return sqlerr.UnknownDatabase.New("Unknown database '%s'", clip(name, 64))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.database = found
	return nil
}

// warn replaces the session's warnings.
func (c *conn) warn(w ...gms.Warning) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.warnings = w
}

// catalogSession makes a session of the row engine for one statement; behind a cursor, two may run at once.
func (c *conn) catalogSession() *gms.Session {
	return c.s.gms.NewSession(c, c.s.cfg.Catalog.For(c.Principal()), c.name(), c.host)
}

// busy reports whether a statement runs.
func (c *conn) busy() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.running) > 0
}

// cancelAll ends what runs, for a reason.
func (c *conn) cancelAll(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for st := range c.running {
		st.cancel(reason)
	}
}

// close ends the connection from outside.
func (c *conn) close() {
	_ = c.socket.Conn.Close()
}

func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
