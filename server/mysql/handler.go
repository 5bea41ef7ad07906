package mysql

import (
	"context"
	"errors"
	"runtime"
	"strings"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// handler is the protocol library's view of the server.
type handler struct{ s *Server }

var _ mysql.Handler = (*handler)(nil)

func connOf(wc *mysql.Conn) *conn { return wc.ClientData.(*conn) }

// NewConnection is called before the greeting.
func (h *handler) NewConnection(wc *mysql.Conn) {
	c := newConn(h.s, wc)
	wc.ClientData = c
	h.s.metrics.ConnectionOpened()
}

// ConnectionClosed is called when the connection's goroutine ends.
func (h *handler) ConnectionClosed(wc *mysql.Conn) {
	c := connOf(wc)
	c.cancelAll(errGone)
	c.vouched(nil)
	h.s.mu.Lock()
	delete(h.s.conns, c.id)
	h.s.mu.Unlock()
	h.s.metrics.ConnectionClosed()
	c.recordLogout()
	if c.session != nil {
		h.s.log.Debug("client left", "connection", c.id, "user", c.name())
	}
}

// ConnectionAborted is called when a login doesn't come to an end; a refused one has been logged where it was refused.
func (h *handler) ConnectionAborted(wc *mysql.Conn, _ string) error {
	h.s.log.Debug("login not completed", "connection", wc.ConnectionID, "client", hostOf(wc.RemoteAddr()))
	return nil
}

// ConnectionAuthenticated is called after a good login.
func (h *handler) ConnectionAuthenticated(wc *mysql.Conn) error {
	c := connOf(wc)
	who, ok := wc.UserData.(entry)
	if !ok {
		return mysql.NewSQLError(mysql.ERAccessDeniedError, mysql.SSAccessDeniedError, "Access denied")
	}
	c.tls = c.socket.secure()
	c.wire = &wire{Conn: wc.Conn}
	wc.Conn = c.wire
	c.socket.loggedIn(c)
	h.s.mu.Lock()
	c.session = h.s.cfg.Accounts.Login(who.Account, c.host)
	h.s.conns[c.id] = c
	h.s.mu.Unlock()
	c.vouched(who.vouch)
	if !c.holds(who) { // the users were replaced in the meantime, and this connection was not yet known
		h.s.recordRefusal(who.Name, c.host, mysql.ERAccessDeniedError)
		return mysql.NewSQLError(mysql.ERAccessDeniedError, mysql.SSAccessDeniedError, "Access denied")
	}
	if err := c.recordLogin(who.vouch.how()); err != nil {
		return err
	}
	h.s.log.Debug("client logged in", "connection", c.id, "user", who.Name, "client", c.host, "tls", c.tls != nil)
	return nil
}

// ComInitDB changes the default database.
func (h *handler) ComInitDB(wc *mysql.Conn, name string) error {
	c := connOf(wc)
	return c.recordUse(name, c.toClient(context.Background(), c.use(context.Background(), name)))
}

// ComQuery answers one statement.
func (h *handler) ComQuery(ctx context.Context, wc *mysql.Conn, query string, callback mysql.ResultSpoolFn) error {
	return h.query(ctx, wc, query, "", callback)
}

// ComMultiQuery answers the first of several statements and returns the others.
func (h *handler) ComMultiQuery(ctx context.Context, wc *mysql.Conn, query string, callback mysql.ResultSpoolFn) (string, error) {
	first, rest := query, ""
	if strings.Contains(strings.TrimRight(query, "; \t\r\n\x00"), ";") {
		var err error
		if first, rest, err = split(query); err != nil {
			return "", connOf(wc).refuse(ctx, query, err)
		}
	}
	sent := h.query(ctx, wc, first, rest, callback)
	if sent != nil || connOf(wc).failed() {
		rest = "" // the others don't run after an error
	}
	return rest, sent
}

// query answers one statement of the text protocol. rest is what follows it.
func (h *handler) query(ctx context.Context, wc *mysql.Conn, query, rest string, callback mysql.ResultSpoolFn) error {
	c := connOf(wc)
	st, err := c.begin(ctx, query)
	if err != nil {
		return err
	}
	st.last = rest == ""
	sent := false
	options := c.parserOptions()
	stmt, err := parse(st.ctx, query, options)
	st.parsed, st.ansi = err == nil, options.AnsiQuotes
	if err == nil {
		err = st.run(stmt, nil, false, func(r *sqltypes.Result) error {
			sent = true
			return callback(r, rest != "")
		})
	}
	return c.conclude(st, err, sent, true)
}

// conclude ends a statement and brings its error to the client. sent says that the result has begun, direct that the library
// waits for this call to write the result's end (behind a cursor it doesn't).
func (c *conn) conclude(st *statement, err error, sent, direct bool) error {
	var lost sendError
	if err != nil && errors.As(err, &lost) {
		_ = st.finish(err) // nobody is there to be told
		return lost.error
	}
	answer := st.finish(c.toClient(st.ctx, err))
	c.mu.Lock()
	c.lastFailed = answer != nil
	c.mu.Unlock()
	if answer == nil || direct && !sent {
		return answer
	}
	if direct {
		if flushErr := c.wc.FlushBuffer(); flushErr != nil {
			return flushErr
		}
	}
	var end *mysql.SQLError
	if errors.As(answer, &end) { // it always is one
		if !direct && sent { // the client may be doing something else by now
			c.wire.endCursorWith(end)
		} else {
			c.wire.endWith(end)
		}
	}
	return nil
}

// refuse ends a text that is not even taken apart into statements.
func (c *conn) refuse(ctx context.Context, text string, err error) error {
	st, drained := c.begin(ctx, text)
	if drained != nil {
		return drained
	}
	return st.finish(c.toClient(st.ctx, err))
}

// toClient makes an error one that the client may see, and logs what it may not.
func (c *conn) toClient(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	out, known := clientError(ctx, err)
	if !known {
		c.s.log.Error("statement failed", "connection", c.id, "user", c.name(), "error", err)
		return mysql.NewSQLError(mysql.ERUnknownError, mysql.SSUnknownSQLState, "internal error; the server's log has more under connection %d", c.id)
	}
	if cause := errors.Unwrap(err); cause != nil {
		c.s.log.Info("statement failed", "connection", c.id, "user", c.name(), "code", out.Num)
		c.s.log.Debug("statement failed", "connection", c.id, "cause", firstLine(cause)) // may quote rows
	}
	return out
}

// firstLine is an error's text without the stack that some libraries add.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// failed reports whether the last statement ended with an error.
func (c *conn) failed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastFailed
}

// ComPrepare describes a statement. The text that the library has parsed is not the client's (see socket), and so its count of parameters is
// set here.
func (h *handler) ComPrepare(ctx context.Context, wc *mysql.Conn, _ string, data *mysql.PrepareData) ([]*querypb.Field, error) {
	c := connOf(wc)
	query := c.socket.prepare
	st, err := c.begin(ctx, query)
	if err != nil {
		delete(wc.PrepareData, data.StatementID)
		return nil, err
	}
	st.prepares, st.ansi = true, c.parserOptions().AnsiQuotes
	fields, err := c.prepareBinary(st, query, data)
	err = st.finish(c.toClient(st.ctx, err))
	if err != nil {
		delete(wc.PrepareData, data.StatementID)
	}
	return fields, err
}

func (c *conn) prepareBinary(st *statement, query string, data *mysql.PrepareData) ([]*querypb.Field, error) {
	c.mu.Lock()
	for id := range c.stmts { // the library doesn't tell when one is closed
		if _, open := c.wc.PrepareData[id]; !open {
			delete(c.stmts, id)
		}
	}
	full := len(c.prepared)+len(c.stmts) >= maxPrepared
	c.mu.Unlock()
	if full {
		return nil, mysql.NewSQLError(1461, "42000", "Can't create more than max_prepared_stmt_count statements (current value: %d)", maxPrepared)
	}
	p, err := c.prepare(st.ctx, query)
	if err != nil {
		return nil, err
	}
	st.parsed = true
	fields, err := c.describe(st.ctx, p)
	if err != nil {
		return nil, err
	}
	if p.params > 65535 {
		return nil, mysql.NewSQLError(1390, mysql.SSUnknownSQLState, "Prepared statement contains too many placeholders")
	}
	if n := uint16(p.params); n != data.ParamsCount {
		data.ParamsCount = n
		data.ParamsType = make([]int32, n)
		data.BindVars = make(map[string]*querypb.BindVariable, n)
	}
	c.mu.Lock()
	c.stmts[data.StatementID] = p
	c.mu.Unlock()
	return fields, nil
}

// ComStmtExecute runs a prepared statement.
func (h *handler) ComStmtExecute(ctx context.Context, wc *mysql.Conn, data *mysql.PrepareData, callback func(*sqltypes.Result) error) error {
	c := connOf(wc)
	c.mu.Lock()
	p := c.stmts[data.StatementID]
	c.mu.Unlock()
	if p == nil {
		return convert(errNotHandled)
	}
	c.wire.endCursorWith(nil) // of a cursor that has been given up
	st, err := c.begin(ctx, p.text)
	if err != nil {
		return err
	}
	st.again, st.parsed, st.ansi = true, true, p.ansi
	sent := false
	args, err := arguments(p.params, data.ParamsType, data.BindVars)
	if err == nil {
		err = st.run(p.stmt, args, true, func(r *sqltypes.Result) error {
			sent = true
			return callback(r)
		})
	}
	if err == nil {
		return c.conclude(st, nil, sent, true)
	}
	return c.conclude(st, err, sent, calledDirectly())
}

// calledDirectly reports whether the library's command loop waits for the handler. With a cursor the handler runs in a goroutine
// of its own, which the library doesn't say; the difference matters only for errors.
func calledDirectly() bool {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if strings.HasSuffix(f.Function, ".handleNextCommand") {
			return true
		}
		if !more {
			return false
		}
	}
}

// WarningCount is the count of warnings of the last statement.
func (h *handler) WarningCount(wc *mysql.Conn) uint16 { return connOf(wc).warningCount() }

// ComResetConnection brings the session back to its beginning.
func (h *handler) ComResetConnection(wc *mysql.Conn) error {
	c := connOf(wc)
	c.cancelAll(errKilled)
	c.reset()
	c.session.Reset()
	c.switchUser()
	return nil
}

// ParserOptionsForConnection are the options that follow from sql_mode.
func (h *handler) ParserOptionsForConnection(wc *mysql.Conn) (sqlparser.ParserOptions, error) {
	return connOf(wc).parserOptions(), nil
}

func (c *conn) parserOptions() sqlparser.ParserOptions {
	v, _ := c.SystemVariable("session", "sql_mode")
	mode, _ := v.Value.(string)
	ansi := hasMode(mode, "ANSI") // stands for both
	return sqlparser.ParserOptions{AnsiQuotes: ansi || hasMode(mode, "ANSI_QUOTES"), PipesAsConcat: ansi || hasMode(mode, "PIPES_AS_CONCAT")}
}

func hasMode(modes, mode string) bool {
	for m := range strings.SplitSeq(modes, ",") {
		if m == mode {
			return true
		}
	}
	return false
}
