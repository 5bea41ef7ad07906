package mysql

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"weir/policy/account"
)

// accounts is the library's AuthServer. Of a password it knows what the two login methods verify against; the server always has
// that, so caching_sha2_password is answered by its fast path and never asks for the password itself.
type accounts struct {
	s       *Server
	book    *account.Book
	methods []mysql.AuthMethod
	// nobody is the account against which an unknown user's answer is verified, so that it takes the same time and way.
	nobody *account.Account
	// failures are counted whoever verifies.
	failures *failures
}

// entry is an account that has shown who it is, as the library hands it on.
type entry struct {
	*account.Account
	vouch *vouch // nil for an account of the book
}

// Get satisfies the library's Getter.
func (e entry) Get() *querypb.VTGateCallerID { return &querypb.VTGateCallerID{Username: e.Name} }

func newAccounts(s *Server, book *account.Book) *accounts {
	a := &accounts{s: s, book: book, nobody: &account.Account{Password: account.VerifierOf(rand.Text())}, failures: newFailures(s.cfg.LoginDelay)}
	a.methods = []mysql.AuthMethod{
		// The library's caching_sha2_password demands TLS; its fast path sends no password and is the only one taken here.
		hashedMethod{mysql.NewSha2CachingAuthMethod(a, a, a), a},
		hashedMethod{mysql.NewMysqlNativeAuthMethod(a, a), a},
		clearMethod{mysql.NewMysqlClearAuthMethod(a, a), a},
	}
	return a
}

// AuthMethods are the login methods, the preferred one first.
func (a *accounts) AuthMethods() []mysql.AuthMethod { return a.methods }

// DefaultAuthMethodDescription is the method of the greeting.
func (a *accounts) DefaultAuthMethodDescription() mysql.AuthMethodDescription {
	return mysql.CachingSha2Password
}

// HandleUser accepts every name, so that an unknown one is refused where a wrong password is.
func (a *accounts) HandleUser(string, net.Addr) bool { return true }

// UserEntryWithCacheHash verifies a caching_sha2_password scramble.
func (a *accounts) UserEntryWithCacheHash(wc *mysql.Conn, salt []byte, user string, answer []byte, remote net.Addr) (mysql.Getter, mysql.CacheState, error) {
	if err := a.blocked(user, remote); err != nil {
		return nil, mysql.AuthRejected, err
	}
	acc, known := a.find(user)
	ok := verifySHA2(answer, salt, acc.Password.SHA2[:])
	if len(answer) == 0 || len(answer) == 1 && answer[0] == 0 {
		ok = acc.Password.Empty
	}
	if !ok || !known || !meets(acc.Require, connOf(wc).socket.secure()) {
		return nil, mysql.AuthRejected, a.withoutTLS(wc, a.refused(user, remote, len(answer) > 1))
	}
	if err := a.admit(acc, remote); err != nil {
		return nil, mysql.AuthRejected, err
	}
	return entry{acc, nil}, mysql.AuthAccepted, nil
}

// UserEntryWithHash verifies a mysql_native_password scramble.
func (a *accounts) UserEntryWithHash(wc *mysql.Conn, salt []byte, user string, answer []byte, remote net.Addr) (mysql.Getter, error) {
	if err := a.blocked(user, remote); err != nil {
		return nil, err
	}
	acc, known := a.find(user)
	ok := len(answer) == len(acc.Password.Native) && mysql.VerifyHashedMysqlNativePassword(answer, salt, acc.Password.Native[:])
	if len(answer) == 0 {
		ok = acc.Password.Empty
	}
	if !ok || !known || !meets(acc.Require, connOf(wc).socket.secure()) {
		return nil, a.withoutTLS(wc, a.refused(user, remote, len(answer) > 0))
	}
	if err := a.admit(acc, remote); err != nil {
		return nil, err
	}
	return entry{acc, nil}, nil
}

// find returns the account of a name, or one that nobody can log in to.
func (a *accounts) find(user string) (*account.Account, bool) {
	if acc, ok := a.book.Find(user); ok {
		return acc, true
	}
	return a.nobody, false
}

// blocked returns what a user is told whose name has failed too often from where he comes; no password is looked at then.
func (a *accounts) blocked(user string, remote net.Addr) error {
	host := hostOf(remote)
	left, times := a.failures.blocked(user, host)
	if left <= 0 {
		return nil
	}
	a.s.metrics.LoginFailed()
	a.s.recordRefusal(user, host, 3955)
	a.s.log.Debug("login refused: blocked", "user", clip(user, 64), "client", host)
	return mysql.NewSQLError(3955, mysql.SSUnknownSQLState, "Access denied for user '%s'@'%s'. This name is blocked from there for %d more second(s) due to %d consecutive failed logins.",
		clip(user, 64), host, int64((left+time.Second-1)/time.Second), times)
}

// admit is told of everybody who has shown who he is, and returns why he can't come in nevertheless.
func (a *accounts) admit(acc *account.Account, remote net.Addr) error {
	host := hostOf(remote)
	a.failures.forget(acc.Name, host)
	if acc.Locked {
		a.s.metrics.LoginFailed()
		a.s.recordRefusal(acc.Name, host, 3118)
		a.s.log.Warn("login refused: the account is locked", "user", acc.Name, "client", host)
		return mysql.NewSQLError(3118, mysql.SSUnknownSQLState, "Access denied for user '%s'@'%s'. Account is locked.", acc.Name, host)
	}
	return nil
}

// refused delays, counts and logs a failed login, and returns what the client is told.
func (a *accounts) refused(user string, remote net.Addr, usedPassword bool) error {
	host := hostOf(remote)
	a.s.metrics.LoginFailed()
	a.s.recordRefusal(user, host, mysql.ERAccessDeniedError)
	wait, block := a.failures.add(user, host)
	if block > 0 {
		a.s.log.Warn("login failed", "user", clip(user, 64), "client", host, "blocked", block)
	} else {
		a.s.log.Warn("login failed", "user", clip(user, 64), "client", host)
	}
	select {
	case <-time.After(wait):
	case <-a.s.quit:
	}
	using := "NO"
	if usedPassword {
		using = "YES"
	}
	return mysql.NewSQLError(mysql.ERAccessDeniedError, mysql.SSAccessDeniedError, "Access denied for user '%s'@'%s' (using password: %s)", clip(user, 64), host, using)
}

// verifySHA2 checks a caching_sha2_password scramble, which is SHA256(p) XOR SHA256(SHA256(SHA256(p)) + salt), against
// SHA256(SHA256(p)). The time doesn't depend on the password.
func verifySHA2(answer, salt, stored []byte) bool {
	if len(answer) != sha256.Size {
		return false
	}
	h := sha256.New()
	h.Write(stored)
	h.Write(salt)
	mask := h.Sum(nil)
	for i := range mask {
		mask[i] ^= answer[i]
	}
	twice := sha256.Sum256(mask)
	return subtle.ConstantTimeCompare(twice[:], stored) == 1
}

// hostOf is the client's address without its port.
func hostOf(a net.Addr) string {
	if a == nil {
		return ""
	}
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return host
}

// clip bounds a text that a stranger sent.
func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
