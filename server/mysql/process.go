package mysql

import (
	"cmp"
	"context"
	"crypto/tls"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/gms"
	"weir/server/mysql/accountsql"
)

// infoLength is how much of a statement SHOW PROCESSLIST shows without FULL.
const infoLength = 100

// processes lists the connections that a user may see: all for an administrator, else the user's own.
func (s *Server) processes(user string, admin bool) []gms.Process {
	s.mu.Lock()
	conns := make([]*conn, 0, len(s.conns))
	for _, c := range s.conns {
		if admin || c.name() == user {
			conns = append(conns, c)
		}
	}
	s.mu.Unlock()
	out := make([]gms.Process, 0, len(conns))
	for _, c := range conns {
		out = append(out, c.process())
	}
	slices.SortFunc(out, func(a, b gms.Process) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func (c *conn) process() gms.Process {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := gms.Process{ID: c.id, User: c.name(), Host: c.host, Database: c.database, Command: "Sleep", Since: c.since}
	for st := range c.running {
		p.Command, p.State, p.Info, p.Since = "Query", st.state(), accountsql.Redact(st.text), st.began
	}
	return p
}

// IsAdmin reports whether the user may see and end the statements of all.
func (c *conn) IsAdmin() bool { return c.session.IsAdmin() }

// showProcesslist answers SHOW [FULL] PROCESSLIST.
func (c *conn) showProcesslist(full bool) *sqltypes.Result {
	r := table("Id", sqltypes.Uint64, "User", sqltypes.VarChar, "Host", sqltypes.VarChar, "db", sqltypes.VarChar, "Command", sqltypes.VarChar,
		"Time", sqltypes.Int32, "State", sqltypes.VarChar, "Info", sqltypes.VarChar)
	for _, p := range c.s.processes(c.name(), c.IsAdmin()) {
		info := p.Info
		if !full && len(info) > infoLength {
			info = strings.ToValidUTF8(info[:infoLength], "")
		}
		r.Rows = append(r.Rows, []sqltypes.Value{sqltypes.NewUint64(uint64(p.ID)), text(p.User), text(p.Host), textOrNull(p.Database), text(p.Command),
			sqltypes.NewInt32(int32(time.Since(p.Since) / time.Second)), text(p.State), textOrNull(info)})
	}
	return r
}

// kill answers KILL [QUERY | CONNECTION] id.
func (c *conn) kill(ctx context.Context, stmt *sqlparser.Kill) error {
	id, err := c.integer(ctx, stmt.ConnID)
	if err != nil {
		return err
	}
	c.s.mu.Lock()
	target := c.s.conns[uint32(id)]
	var owner string
	if target != nil {
		owner = target.name() // COM_CHANGE_USER may change it
	}
	c.s.mu.Unlock()
	if target == nil || id != int64(uint32(id)) {
		return mysql.NewSQLError(mysql.ERNoSuchThread, mysql.SSUnknownSQLState, "Unknown thread id: %d", id)
	}
	if owner != c.name() && !c.IsAdmin() {
		return mysql.NewSQLError(1095, mysql.SSUnknownSQLState, "You are not owner of thread %d", id)
	}
	c.s.log.Info("kill", "by", c.name(), "connection", target.id, "whole", stmt.Connection)
	target.cancelAll(errKilled)
	if stmt.Connection {
		if target == c {
			return errKilled
		}
		target.close()
	}
	return nil
}

// Status are the status variables of MySQL that Weir knows.
func (c *conn) Status() map[string]string {
	out := map[string]string{"Ssl_cipher": "", "Ssl_version": "", "Uptime": strconv.FormatInt(int64(time.Since(c.s.started)/time.Second), 10)}
	if c.tls != nil {
		out["Ssl_cipher"], out["Ssl_version"] = tls.CipherSuiteName(c.tls.CipherSuite), strings.ReplaceAll(tls.VersionName(c.tls.Version), "TLS ", "TLSv")
	}
	connected, running := 0, 0
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	for _, other := range c.s.conns {
		connected++
		if other.busy() {
			running++
		}
	}
	out["Threads_connected"], out["Threads_running"] = strconv.Itoa(connected), strconv.Itoa(running)
	return out
}
