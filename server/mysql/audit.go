package mysql

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/rel"
	"weir/policy/audit"
)

// What goes into the audit: each statement's Begin before it runs and its End before the client learns that it has ended, logins before they are
// answered. What can't be recorded doesn't happen, or, where it has happened, isn't reported as a success.

// Audit takes the records. Safe for concurrent use.
type Audit interface {
	// Write returns when a record is safe. Where that fails for a Begin or a Login, the statement or the login is refused.
	Write(r *audit.Record) error
}

type noAudit struct{}

func (noAudit) Write(*audit.Record) error { return nil }

// Access is what a statement has read. A statement may tell of several.
type Access struct {
	Tables  map[string][]string // columns by database.table
	Applied []audit.Applied
	Remote  []audit.Remote
	Reveals bool // the text of a pseudonym was asked for
	Lineage json.RawMessage
}

// errUnrecorded is what a client is told whose statement or login can't be recorded; why not, the log says.
var errUnrecorded = mysql.NewSQLError(3164, mysql.SSUnknownSQLState, "Aborted by the audit: it can't be written, and what isn't recorded isn't done; the server's log says why")

// recordOf is a record about a connection, as far as it concerns who does something from where.
func (c *conn) recordOf(e audit.Event) *audit.Record {
	r := &audit.Record{Event: e, Client: c.host, TLS: c.tls != nil, Connection: c.id}
	if c.session != nil {
		r.User, r.Roles = c.name(), c.session.ActiveRoles()
		for name := range c.session.Account().Attributes {
			r.Attributes = append(r.Attributes, name)
		}
		slices.Sort(r.Attributes)
	}
	return r
}

// loggedIn records a login. An error is what the client is to be told.
func (c *conn) recordLogin(how string) error {
	r := c.recordOf(audit.Login)
	if how != "" {
		r.Detail = map[string]string{"by": how}
	}
	if c.s.audit.Write(r) != nil {
		return errUnrecorded
	}
	c.recorded = true
	return nil
}

// recordLogout records the end of a login that was recorded.
func (c *conn) recordLogout() {
	if c.recorded {
		c.recorded = false
		_ = c.s.audit.Write(c.recordOf(audit.Logout)) // the log has said so
	}
}

// recordRefusal records a failed login.
func (s *Server) recordRefusal(user, host string, code int) {
	_ = s.audit.Write(&audit.Record{Event: audit.LoginFailed, User: clip(user, 64), Client: host, Result: "refused", Code: code})
}

// recordUnsafe records that a client was refused for its connection, before it said who it is. code is MySQL's, 0 if TLS itself ended it.
func (s *Server) recordUnsafe(host, why string, code int) {
	s.metrics.LoginFailed()
	s.log.Warn("login failed", "client", host, "reason", why)
	_ = s.audit.Write(&audit.Record{Event: audit.LoginFailed, Client: host, Result: "refused", Code: code, Detail: map[string]string{"why": why}})
}

// recordUse records a change of the default database that is no statement.
func (c *conn) recordUse(name string, err error) error {
	r := c.recordOf(audit.End)
	r.Statement, r.Class, r.Text, r.Result = c.s.statements.Add(1), toSession.String(), "USE "+quoteName(clip(name, 64)), "ok"
	if err != nil {
		r.Result, r.Code = "error", mysql.ERUnknownError
		var known *mysql.SQLError
		if errors.As(err, &known) {
			r.Code = known.Num
		}
	}
	if c.s.audit.Write(r) != nil && err == nil {
		return errUnrecorded
	}
	return err
}

// record makes the part of a statement's record that is known before it runs.
func (st *statement) record(e audit.Event) *audit.Record {
	if st.who == nil {
		st.who = st.c.recordOf(e)
		st.who.Statement, st.who.Database = st.id, st.c.Database()
	}
	r := *st.who
	r.Event, r.Class = e, st.class.String()
	switch {
	case st.prepares:
		r.Class = "prepare"
	case st.accounted:
		r.Class = "account"
	}
	r.Text, r.Cut = st.shownText()
	if st.c.s.cfg.KeepLiterals && !secretive(st.text) {
		r.Args = st.args
	}
	return &r
}

// shownText is the statement's text as it may be recorded.
func (st *statement) shownText() (string, int) {
	if st.shown == nil {
		st.shown = &recorded{}
		st.shown.text, st.shown.cut = recordedText(st.text, st.parsed, st.ansi, st.c.s.cfg.KeepLiterals)
	}
	return st.shown.text, st.shown.cut
}

// recorded is a text as it may be recorded, and how many bytes are left out behind it.
type recorded struct {
	text string
	cut  int
}

// recordBegin records that a statement is about to run, unless that has been done. An error is what the client is to be told.
func (st *statement) recordBegin() error {
	if st.begun || st.c.s.cfg.Audit == nil {
		return nil
	}
	st.begun = true
	if st.c.s.audit.Write(st.record(audit.Begin)) != nil {
		return errUnrecorded
	}
	return nil
}

// recordEnd records how a statement ended, and returns what the client is to be told.
func (st *statement) recordEnd(answer error) error {
	if st.c.s.cfg.Audit == nil || st.ended {
		return answer
	}
	st.ended = true
	r := st.record(audit.End)
	r.Rows, r.Bytes = st.rows, st.bytes
	r.Micros, r.FirstMicros = time.Since(st.began).Microseconds(), st.firstRow.Microseconds()
	r.Result, r.Code = st.result(answer)
	st.seen.into(r)
	if st.c.s.audit.Write(r) != nil && answer == nil {
		return errUnrecorded
	}
	return answer
}

// result says how a statement ended.
func (st *statement) result(answer error) (string, int) {
	if answer == nil {
		return "ok", 0
	}
	code := mysql.ERUnknownError
	var known *mysql.SQLError
	var lost sendError
	switch {
	case errors.As(answer, &lost):
		return "gone", 0
	case errors.As(answer, &known):
		code = known.Num
	}
	switch cause := context.Cause(st.ctx); {
	case errors.Is(cause, errKilled):
		return "killed", code
	case errors.Is(cause, errTimeout), code == 3024:
		return "timeout", code
	case errors.Is(cause, errGone):
		return "gone", code
	case errors.Is(cause, errShutdown), code == mysql.ERServerShutdown:
		return "shutdown", code
	}
	if st.class == refusedWrite || st.class == refusedMixed || refusals[code] {
		return "refused", code
	}
	return "error", code
}

// refusals are the codes by which something is refused that would have been possible.
var refusals = map[int]bool{1044: true, 1045: true, 1095: true, 1142: true, 1143: true, 1227: true, 1290: true, 3164: true, 4031: true}

// accessed collects what a statement has read.
type accessed struct{ all []Access }

func (a *accessed) add(x Access) { a.all = append(a.all, x) }

// observerKey is under what a statement's context holds who is told of what it reads, for expressions that are queries of their own (SET, KILL).
type observerKey struct{}

func observerOf(ctx context.Context) func(Access) {
	f, _ := ctx.Value(observerKey{}).(func(Access))
	return f
}

func (a *accessed) into(r *audit.Record) {
	for _, x := range a.all {
		for table, columns := range x.Tables {
			if r.Tables == nil {
				r.Tables = map[string][]string{}
			}
			r.Tables[table] = slices.Compact(slices.Sorted(slices.Values(append(r.Tables[table], columns...))))
			if r.Tables[table] == nil {
				r.Tables[table] = []string{}
			}
		}
		r.Applied = append(r.Applied, x.Applied...)
		r.Remote = append(r.Remote, x.Remote...)
		r.Reveals = r.Reveals || x.Reveals
		if r.Lineage == nil {
			r.Lineage = x.Lineage
		}
	}
}

// systemTables are the tables that a catalog statement names.
func systemTables(stmt sqlparser.Statement, database string) Access {
	a := Access{Tables: map[string][]string{}}
	_ = bind.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if from, ok := n.(*sqlparser.AliasedTableExpr); ok {
			if name, ok := from.Expr.(sqlparser.TableName); ok && (isSystemDatabase(name.DbQualifier.String()) || name.DbQualifier.IsEmpty() && isSystemDatabase(database)) {
				db := name.DbQualifier.String()
				if db == "" {
					db = database
				}
				a.Tables[strings.ToLower(db)+"."+strings.ToLower(name.Name.String())] = nil
			}
		}
		return true, nil
	}, stmt)
	return a
}

// argumentTexts are the values of a prepared statement's parameters.
func argumentTexts(args []*rel.Lit) []string {
	out := make([]string, len(args))
	room := maxRecordedText
	for i, a := range args {
		out[i] = "NULL"
		if a != nil && a.Value != nil {
			out[i] = strings.ToValidUTF8(clip(rel.FormatExpr(a), min(room, maxRecordedText/16)), "")
		}
		if room -= len(out[i]); room <= 0 {
			return append(out[:i+1], "…")
		}
	}
	return out
}
