package mysql

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy/audit"
)

// statement is one statement that runs on a connection.
type statement struct {
	c        *conn
	text     string
	began    time.Time
	ctx      context.Context
	cancel   context.CancelCauseFunc
	class    class
	again    bool // a prepared statement, whose parsed form is kept
	last     bool // the last of a text command
	firstRow time.Duration
	rows     int64
	bytes    int64

	// For the audit:
	id        uint64
	prepares  bool // nothing runs, it is only prepared
	accounted bool // it is about accounts
	parsed    bool
	ansi      bool // double quotes enclose names
	ended     bool // so has its End
	begun     bool // its Begin has been recorded
	who       *audit.Record
	shown     *recorded
	args      []string
	seen      accessed
}

// begin starts a statement's life. end must be called.
func (c *conn) begin(ctx context.Context, text string) (*statement, error) {
	st := &statement{c: c, text: text, began: time.Now(), class: toSession, id: c.s.statements.Add(1)}
	if c.s.cfg.Audit != nil {
		ctx = context.WithValue(ctx, observerKey{}, st.seen.add)
	}
	st.ctx, st.cancel = context.WithCancelCause(ctx)
	c.mu.Lock()
	c.running[st] = struct{}{}
	c.mu.Unlock()
	// Looked at after the statement is known, so that a shutdown either sees it or refuses it.
	if c.s.isDraining() {
		return nil, st.finish(convert(errShutdown.err))
	}
	if err := c.expired(); err != nil {
		return nil, st.finish(convert(err))
	}
	return st, nil
}

// finish ends a statement's life, records and counts it. answer is what the client is to be told, as long as the end can be recorded.
func (st *statement) finish(answer error) error {
	c := st.c
	err := st.recordEnd(answer)
	st.cancel(nil)
	c.mu.Lock()
	delete(c.running, st)
	c.since = time.Now()
	c.mu.Unlock()
	outcome := "ok"
	if err != nil {
		outcome = "error"
		var code *mysql.SQLError
		if errors.As(err, &code) {
			outcome = strconv.Itoa(code.Num)
		}
	}
	c.s.metrics.StatementDone(st.class.String(), outcome, time.Since(st.began), st.firstRow, st.rows, st.bytes)
	if c.s.isDraining() {
		c.s.mu.Lock()
		c.s.checkIdle()
		c.s.mu.Unlock()
	}
	return err
}

// state is what SHOW PROCESSLIST says the statement does. Call with the connection's mutex held.
func (st *statement) state() string {
	if st.ctx.Err() != nil {
		return "Killed"
	}
	return "executing"
}

// catalogTime bounds statements over SHOW and information_schema, whose row engine knows no bound of memory.
const catalogTime = time.Minute

// limit starts the statement's time limit: its hint's, or the session's, but not more than the server's.
func (st *statement) limit(stmt sqlparser.Statement) (stop func()) {
	d, ok := timeHint(stmt)
	if !ok {
		v, _ := st.c.SystemVariable("session", "max_execution_time")
		ms, _ := v.Value.(int64)
		d = time.Duration(ms) * time.Millisecond
	}
	if most := st.c.s.cfg.MaxExecutionTime; most > 0 && (d <= 0 || d > most) {
		d = most
	}
	if st.class == toCatalog && (d <= 0 || d > catalogTime) {
		d = catalogTime
	}
	if d <= 0 {
		return func() {}
	}
	t := time.AfterFunc(d, func() { st.cancel(errTimeout) })
	return func() { t.Stop() }
}

// sink takes a result: first one that has its columns, then any number with rows only. One without columns is an OK.
type sink func(*sqltypes.Result) error

// sendError is an error of the sink: the client can't be told.
type sendError struct{ error }

func (e sendError) Unwrap() error { return e.error }

// run answers one parsed statement.
func (st *statement) run(stmt sqlparser.Statement, args []*rel.Lit, binary bool, out sink) (err error) {
	defer func() {
		if p := recover(); p != nil {
			st.c.s.log.Error("panic in a statement", "connection", st.c.id, "panic", p, "stack", string(debug.Stack()))
			err = sqlerr.Internal.New("internal error; the server's log has more under connection %d", st.c.id)
		}
	}()
	c := st.c
	send := func(r *sqltypes.Result) error {
		if len(r.Fields) == 0 { // an OK tells the client that the statement has ended
			if err := st.recordEnd(nil); err != nil {
				return err
			}
		}
		if err := out(r); err != nil {
			return sendError{err}
		}
		return nil
	}
	st.class = classify(stmt, c.Database())
	_, st.accounted = stmt.(*accountStatement)
	if show, ok := stmt.(*sqlparser.Show); !ok || !strings.EqualFold(show.Type, "warnings") && !strings.EqualFold(show.Type, "errors") {
		c.warn()
	}
	switch st.class {
	case refusedWrite:
		return errReadOnly
	case refusedMixed:
		return errMixed
	case toNothing:
		return send(&sqltypes.Result{})
	}
	if st.c.s.cfg.KeepLiterals {
		st.args = argumentTexts(args)
	}
	if _, later := stmt.(*sqlparser.Execute); !later { // what it executes comes here again
		if err := st.recordBegin(); err != nil {
			return err
		}
	}
	switch st.class {
	case toSession:
		return st.session(stmt, send)
	case toCatalog:
		if x, ok := stmt.(*sqlparser.Explain); ok && strings.HasPrefix(x.ExplainFormat, "lineage") {
			return sqlerr.Unsupported.New("This version of Weir doesn't yet support 'EXPLAIN LINEAGE' of system tables, which are no source's")
		}
		defer st.limit(stmt)()
		if st.again { // the row engine uses the parsed statement up
			if stmt, err = parse(st.ctx, st.text, c.parserOptions()); err != nil {
				return err
			}
		}
		st.seen.add(systemTables(stmt, c.Database()))
		return c.s.gms.Query(st.ctx, c.catalogSession(), gms.Statement{AST: stmt, Text: st.text, Args: args}, st.counted(st.weighed(send)))
	}
	defer st.limit(stmt)()
	if sel, ok := stmt.(sqlparser.SelectStatement); ok {
		if into := sel.GetInto(); into != nil && len(into.Variables) > 0 {
			return st.selectInto(sel, into.Variables, args, send)
		}
	}
	return st.query(stmt, args, binary, send)
}

// counted counts the rows and bytes that go to the client.
func (st *statement) counted(out sink) sink {
	return func(r *sqltypes.Result) error {
		st.count(int64(len(r.Rows)))
		return out(r)
	}
}

// weighed counts the bytes of a result that no encoder of ours has made.
func (st *statement) weighed(out sink) sink {
	return func(r *sqltypes.Result) error {
		for _, row := range r.Rows {
			for _, v := range row {
				st.bytes += int64(v.Len())
			}
		}
		return out(r)
	}
}

func (st *statement) count(rows int64) {
	if rows > 0 && st.firstRow == 0 {
		st.firstRow = time.Since(st.began)
	}
	st.rows += rows
}

// query runs a statement in the engine and streams its result.
func (st *statement) query(stmt sqlparser.Statement, args []*rel.Lit, binary bool, send sink) (err error) {
	c := st.c
	res, err := c.s.cfg.Engine.Query(st.ctx, c, Statement{Text: st.text, AST: stmt, Args: args, Principal: c.Principal(), Observe: observerOf(st.ctx)})
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := res.Close(); err == nil && closeErr != nil && st.ctx.Err() != nil {
			err = closeErr
		}
	}()
	put, err := st.rowWriter(res.Columns(), binary, send)
	if err != nil {
		return err
	}
	for {
		batch, err := res.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		err = put(batch)
		batch.Release()
		if err != nil {
			return err
		}
	}
}

// rowWriter sends a result's columns and returns what sends its rows: those of a text command's last result go past the library.
func (st *statement) rowWriter(columns []bind.Output, binary bool, send sink) (func(arrow.RecordBatch) error, error) {
	if binary || !st.last {
		enc, out := newEncoder(columns, binary), st.counted(send)
		return func(b arrow.RecordBatch) error { return enc.send(st, b, out) }, send(&sqltypes.Result{Fields: enc.fields})
	}
	if err := send(&sqltypes.Result{Fields: fields(columns)}); err != nil {
		return nil, err
	}
	first, err := st.c.wire.beginRows(st.c.wc.FlushBuffer)
	if err != nil {
		return nil, sendError{err}
	}
	rows := &textRows{columns: columns, wire: st.c.wire, next: first}
	return func(b arrow.RecordBatch) error {
		st.count(b.NumRows())
		return rows.send(st, b)
	}, nil
}

// oneRow runs a query for the first row of its result; more than one row is an error, none gives NULLs.
func (c *conn) oneRow(ctx context.Context, stmt sqlparser.SelectStatement) ([]*rel.Lit, error) {
	return c.rowOf(ctx, Statement{Text: sqlparser.String(stmt), AST: stmt, Principal: c.Principal(), Observe: observerOf(ctx)}, sqlerr.SubqueryRows.New("Subquery returns more than 1 row"))
}

func (c *conn) rowOf(ctx context.Context, stmt Statement, many error) ([]*rel.Lit, error) {
	res, err := c.s.cfg.Engine.Query(ctx, c, stmt)
	if err != nil {
		return nil, err
	}
	defer res.Close()
	columns := res.Columns()
	row := make([]*rel.Lit, len(columns))
	for i := range row {
		row[i] = &rel.Lit{T: columns[i].T.Nullable()}
	}
	seen := int64(0)
	for {
		batch, err := res.Next()
		if errors.Is(err, io.EOF) {
			return row, nil
		}
		if err != nil {
			return nil, err
		}
		if seen == 0 && batch.NumRows() > 0 {
			for i := range row {
				row[i] = literalAt(batch.Column(i), 0, columns[i].T)
			}
		}
		seen += batch.NumRows()
		batch.Release()
		if seen > 1 {
			return nil, many
		}
	}
}

// selectInto answers SELECT … INTO @a, @b.
func (st *statement) selectInto(stmt sqlparser.SelectStatement, names sqlparser.Variables, args []*rel.Lit, send sink) error {
	plain, err := withoutInto(stmt)
	if err != nil {
		return err
	}
	many := &sqlerr.Error{Code: 1172, State: "42000", Message: "Result consisted of more than one row"}
	row, err := st.c.rowOf(st.ctx, Statement{Text: st.text, AST: plain, Args: args, Principal: st.c.Principal(), Observe: observerOf(st.ctx)}, many)
	if err != nil {
		return err
	}
	if len(row) != len(names) {
		return sqlerr.SetOpColumns.New("The used SELECT statements have a different number of columns")
	}
	for i, n := range names {
		name, isUser := strings.CutPrefix(n.String(), "@")
		if !isUser {
			return mysql.NewSQLError(1327, "42000", "Undeclared variable: %s", clip(name, 64))
		}
		st.c.setUserVariable(name, row[i])
	}
	return send(&sqltypes.Result{RowsAffected: 1})
}

// withoutInto is a query without its INTO clause. The statement itself, which a prepared statement runs again, is not changed.
func withoutInto(stmt sqlparser.SelectStatement) (sqlparser.SelectStatement, error) {
	switch s := stmt.(type) {
	case *sqlparser.Select:
		c := *s
		c.Into = nil
		return &c, nil
	case *sqlparser.SetOp:
		c := *s
		c.Into = nil
		return &c, nil
	}
	return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support INTO in this place")
}

// session answers the statements about the connection itself.
func (st *statement) session(stmt sqlparser.Statement, send sink) error {
	c := st.c
	var err error
	switch stmt := stmt.(type) {
	case *sqlparser.Set:
		err = c.set(st.ctx, stmt)
	case *sqlparser.Use:
		err = c.use(st.ctx, stmt.DBName.String())
	case *sqlparser.Kill:
		err = c.kill(st.ctx, stmt)
	case *sqlparser.Prepare:
		err = c.prepareText(st.ctx, stmt)
	case *sqlparser.Deallocate:
		err = c.deallocate(stmt.Name)
	case *sqlparser.Execute:
		return st.executeText(stmt, send)
	case *sqlparser.Show:
		switch strings.ToLower(stmt.Type) {
		case "processlist":
			return send(c.showProcesslist(stmt.Full))
		default:
			return send(c.showWarnings(stmt))
		}
	case *accountStatement:
		return st.accounts(stmt.about, send)
	default:
		return errReadOnly
	}
	if err != nil {
		return err
	}
	return send(&sqltypes.Result{})
}
