package duck

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow/array"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Session is one statement's work in a DB: a connection, the views and temporary tables made on it, and the queries that read
// them. It is used by one goroutine at a time; queries are read or closed before the next one starts.
type Session struct {
	db    *DB
	conn  duckdb.Connection
	views []*view
	temps []string
	// rows is the query under way; under mu, since Rows.Close may come from anywhere.
	mu     sync.Mutex
	rows   *Rows
	closed bool
	left   <-chan struct{} // see attempt
}

// names counts the names that were given out; they are unique in the process.
var names atomic.Int64

func uniqueName(hint string) string {
	hint = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(hint))
	if len(hint) > 32 {
		hint = hint[:32]
	}
	return "w" + strconv.FormatInt(names.Add(1), 10) + "_" + hint
}

// Begin starts a session. It waits while as many as there may be are under way.
func (d *DB) Begin(ctx context.Context) (*Session, error) {
	c, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	return &Session{db: d, conn: c}, nil
}

// View makes a stream readable and returns what to write after FROM, without an alias. The columns are named c1, c2 … by position.
// The stream can be read once, by one query. The session takes r over and releases it when the session is closed, also if View
// fails. r is read from DuckDB's threads, one at a time; when the query's context is cancelled r must end by itself.
func (s *Session) View(hint string, r array.RecordReader) (string, error) {
	v := newView(uniqueName(hint), r)
	if err := v.register(s.conn); err != nil {
		v.release()
		return "", sqlerr.Internal.New("the embedded engine can't read a stream of rows").With(err)
	}
	s.views = append(s.views, v)
	return v.relation(), nil
}

// Materialise copies a stream into a temporary table, which can be read many times, and returns its name and number of rows. The columns are
// named c1, c2 … by position. r is released before it returns, also if it fails.
func (s *Session) Materialise(ctx context.Context, hint string, cols []rel.Column, r array.RecordReader) (string, int64, error) {
	if n := r.Schema().NumFields(); n != len(cols) {
		r.Release()
		return "", 0, sqlerr.Internal.New("a stream of %d columns was expected to have %d", n, len(cols))
	}
	source, err := s.View(hint, r)
	if err != nil {
		return "", 0, err
	}
	name := uniqueName(hint)
	rows, err := s.exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE %s AS FROM %s", name, source))
	if err == nil {
		s.temps = append(s.temps, name)
	}
	if s.leftBehind() != nil { // DuckDB still holds the view
		return "", 0, err
	}
	last := len(s.views) - 1
	dropped := s.drop(s.views[last])
	s.views = s.views[:last]
	if err == nil {
		err = dropped
	}
	return name, rows, err
}

// Keep runs a query that puts out n columns and keeps its rows in a temporary table, as Materialise does.
func (s *Session) Keep(ctx context.Context, hint, sql string, n int) (string, int64, error) {
	name, cols := uniqueName(hint), make([]string, n)
	for i := range cols {
		cols[i] = fmt.Sprintf("c%d", i+1)
	}
	rows, err := s.exec(ctx, fmt.Sprintf("CREATE TEMPORARY TABLE %s AS FROM (%s) AS t(%s)", name, sql, strings.Join(cols, ", ")))
	if err == nil {
		s.temps = append(s.temps, name)
	}
	return name, rows, err
}

// exec runs a statement and returns the BIGINT that it gives, if any.
func (s *Session) exec(ctx context.Context, sql string) (int64, error) {
	if err := s.free(); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, contextError(ctx)
	}
	stop := interruptOnDone(ctx, s.conn)
	var values []int64
	var err error
	if !s.attempt(ctx, func() { values, err = run(s.conn, sql) }, stop) {
		return 0, contextError(ctx)
	}
	stop()
	if err := s.streamError(); err != nil {
		return 0, err
	}
	if err != nil {
		var e *Error
		errors.As(err, &e)
		return 0, mapped(ctx, e)
	}
	if len(values) > 0 {
		return values[0], nil
	}
	return 0, nil
}

// free fails while a query is under way.
func (s *Session) free() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return sqlerr.Internal.New("the session of the embedded engine is closed")
	case s.left != nil:
		return sqlerr.Internal.New("the session of the embedded engine was left behind")
	case s.rows != nil:
		return sqlerr.Internal.New("the session of the embedded engine has a query under way")
	}
	return nil
}

// streamError is the first error that a stream of this session gave.
func (s *Session) streamError() error {
	for _, v := range s.views {
		if err := v.Err(); err != nil {
			return err
		}
	}
	return nil
}

// drop removes a view, then releases its stream.
func (s *Session) drop(v *view) error {
	_, err := run(s.conn, "DROP VIEW "+v.name)
	if err != nil { // then the stream must outlive the name
		return sqlerr.Internal.New("the embedded engine keeps a stream").With(err)
	}
	v.release()
	return nil
}

// Close ends the query under way, drops what the session made and gives its connection back. The first error says that something could not
// be dropped; the connection is not used again then. After a call that was left behind, all that happens when it returns.
func (s *Session) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	rows, left := s.rows, s.left
	s.mu.Unlock()
	if rows != nil {
		rows.Close()
	}
	if left != nil {
		go func() { <-left; _ = s.giveUp() }()
		return nil
	}
	return s.giveUp()
}

// giveUp drops what the session made and gives its connection back.
func (s *Session) giveUp() error {
	var first error
	for _, v := range s.views {
		if err := s.drop(v); err != nil && first == nil {
			first = err
		}
	}
	for _, t := range s.temps {
		if _, err := run(s.conn, "DROP TABLE "+t); err != nil && first == nil {
			first = sqlerr.Internal.New("the embedded engine keeps a temporary table").With(err)
		}
	}
	// A call that was left behind may have made a table that has no owner.
	s.db.disconnect(s.conn, first == nil && s.leftBehind() == nil)
	return first
}
