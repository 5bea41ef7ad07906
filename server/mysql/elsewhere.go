package mysql

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/sqlerr"
	"weir/policy/account"
	"weir/server/login"
)

// Names that are no accounts here are asked about elsewhere: at OpenID providers and directories, through server/login. They need the password or the
// token itself, which is asked for by mysql_clear_password, over TLS only. So whoever tries a name over TLS learns whether it is an account of Weir,
// by the method that he is asked for; whether it is known elsewhere he doesn't.

// elsewhereTime bounds what one login may ask elsewhere; a client that logs in has loginTime for all of it.
const elsewhereTime = 8 * time.Second

// vouch is what another system has said of a login.
type vouch struct {
	by      *login.Methods
	who     string    // vouches, for the audit
	expires time.Time // zero is never
}

// how is how a login was verified, for the audit; empty is by an account here.
func (v *vouch) how() string {
	if v == nil {
		return ""
	}
	return v.who
}

// SetLogin replaces the ways to log in besides the passwords of accounts; nil is none. Connections that logged in by others are closed, and what
// they run is ended.
func (s *Server) SetLogin(m *login.Methods) {
	s.login.Store(m)
	s.mu.Lock()
	gone := map[*conn]string{}
	for _, c := range s.conns {
		c.mu.Lock()
		if c.vouch != nil && c.vouch.by != m {
			gone[c] = c.name()
		}
		c.mu.Unlock()
	}
	s.mu.Unlock()
	s.closeAll(gone, "connection closed: the ways to log in have changed")
}

// asksElsewhere reports whether a name's password is not known here and may be asked for.
func (a *accounts) asksElsewhere(c *conn, user string) bool {
	if !a.s.login.Load().Any() || c.socket.secure() == nil {
		return false
	}
	_, known := a.book.Find(user)
	return !known
}

// hashedMethod is a login method by which no password is sent, only what it hashes to; nobody else can verify that.
type hashedMethod struct {
	mysql.AuthMethod
	a *accounts
}

// HandleUser accepts every name whose password needn't be sent, known or not, so that an unknown one is refused where a wrong password is.
func (m hashedMethod) HandleUser(wc *mysql.Conn, user string) bool {
	return !m.a.asksElsewhere(connOf(wc), user)
}

// clearMethod is mysql_clear_password.
type clearMethod struct {
	mysql.AuthMethod
	a *accounts
}

// HandleUser accepts those who are asked about elsewhere.
func (m clearMethod) HandleUser(wc *mysql.Conn, user string) bool {
	return m.a.asksElsewhere(connOf(wc), user)
}

// AllowClearTextWithoutTLS is true although it isn't allowed: TLS is below the library, and HandleUser has looked for it.
func (clearMethod) AllowClearTextWithoutTLS() bool { return true }

// UserEntryWithPassword asks elsewhere who somebody is.
func (a *accounts) UserEntryWithPassword(wc *mysql.Conn, user, password string, remote net.Addr) (mysql.Getter, error) {
	if !a.asksElsewhere(connOf(wc), user) { // an account has been made since
		return nil, a.refused(user, remote, password != "")
	}
	if err := a.blocked(user, remote); err != nil {
		return nil, err
	}
	methods := a.s.login.Load()
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), elsewhereTime)
	defer cancel()
	id, err := methods.Login(ctx, user, password)
	if errors.Is(err, login.ErrUnavailable) {
		a.s.log.Error("login not decided", "user", clip(user, 64), "client", hostOf(remote), "error", err)
		a.s.metrics.LoginFailed()
		a.s.recordRefusal(user, hostOf(remote), mysql.ERAccessDeniedError)
		return nil, mysql.NewSQLError(mysql.ERAccessDeniedError, mysql.SSAccessDeniedError,
			"Access denied for user '%s'@'%s': the login can't be checked now, try again later", clip(user, 64), hostOf(remote))
	}
	if err == nil && a.taken(id.Name) {
		err = errors.New("the name as it is spelled elsewhere is that of an account or a role here")
	}
	if err != nil {
		a.s.log.Warn("login refused elsewhere", "user", clip(user, 64), "client", hostOf(remote), "reason", err)
		time.Sleep(a.s.cfg.LoginDelay - time.Since(began)) // so that the time doesn't tell whether the name is known there
		return nil, a.refused(user, remote, password != "")
	}
	a.failures.forget(user, hostOf(remote))
	a.s.log.Info("login vouched for", "user", id.Name, "client", hostOf(remote), "by", id.By, "roles", id.Roles, "until", id.Expires)
	acc := &account.Account{Name: id.Name, Origin: account.FromElsewhere, Attributes: id.Attributes, Roles: id.Roles, Defaults: id.Roles, ReadsAll: id.ReadsAll}
	return entry{acc, &vouch{methods, id.By, id.Expires}}, nil
}

// taken reports whether a name stands for something here, whose rights somebody else must not get.
func (a *accounts) taken(name string) bool {
	_, known := a.book.Find(name)
	return known
}

// withoutTLS adds to a refusal what may be the reason, known name or not.
func (a *accounts) withoutTLS(wc *mysql.Conn, refusal error) error {
	var e *mysql.SQLError
	if !a.s.login.Load().Any() || connOf(wc).socket.secure() != nil || !errors.As(refusal, &e) {
		return refusal
	}
	return mysql.NewSQLError(e.Num, e.State, "%s; users who are not accounts of this server must log in over TLS", e.Message)
}

// vouched takes note of when a login ends. Call it when the connection is known to the server; nil is a login to an account, which doesn't end.
func (c *conn) vouched(v *vouch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.expiry != nil {
		c.expiry.Stop()
		c.expiry = nil
	}
	c.vouch = v
	if v != nil && !v.expires.IsZero() {
		c.expiry = time.AfterFunc(time.Until(v.expires), c.expire)
	}
}

// expire closes the connection after its login has ended. A statement under way may end before that: it began with a right to.
func (c *conn) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.expiry == nil || !c.vouch.over(): // another user has it by now
	case len(c.running) > 0:
		c.expiry.Reset(time.Second)
	default:
		c.s.log.Info("connection closed: its login has ended", "connection", c.id, "user", c.name())
		c.close()
	}
}

// over reports whether the login has ended.
func (v *vouch) over() bool { return v != nil && !v.expires.IsZero() && !time.Now().Before(v.expires) }

// expired is the error for a statement that comes after the login has ended; nil before.
func (c *conn) expired() *sqlerr.Error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.vouch.over() {
		return nil
	}
	return &sqlerr.Error{Code: mysql.ERAccessDeniedError, State: mysql.SSAccessDeniedError,
		Message: "Access denied for user '" + c.name() + "'@'" + c.host + "': the login has ended; log in again"}
}
