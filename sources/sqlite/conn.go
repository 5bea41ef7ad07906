package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/sources"
)

// conn is a connection to the file. It is used by one statement at a time.
type conn struct {
	*sqlite.Conn
	s    *Source
	slot int // of the pool, while in use
	file os.FileInfo
	// cookie is the file's schema_version in the snapshot of begin.
	cookie   int64
	versions versions
	// fault is what a function of ours has found wrong since begin. The driver passes a function's error on as a text value, so it
	// is kept here and looked at after every step.
	fault *fault
}

// fault says why a function had to refuse.
type fault struct {
	class  error
	column string // the column's label, alias.name; empty if the fault is not a stored value's
}

func (f *fault) Error() string { return f.class.Error() }

func (s *Source) connect() (*conn, error) {
	file, err := os.Stat(s.path)
	if err != nil {
		return nil, &sources.Error{Source: s.name, Doing: "opening the database file", Class: sources.ErrUnavailable, Detail: err.Error()}
	}
	db, err := sqlite.OpenConn(s.path, sqlite.OpenReadOnly)
	if err != nil {
		return nil, &sources.Error{Source: s.name, Doing: "opening the database file", Class: sources.ErrUnavailable, Detail: err.Error()}
	}
	c := &conn{Conn: db, s: s, file: file}
	if err := c.setUp(); err != nil {
		db.Close()
		return nil, s.failed(context.Background(), c, "opening the database", err)
	}
	return c, nil
}

func (c *conn) setUp() error {
	if err := c.SetDefensive(true); err != nil {
		return err
	}
	for _, p := range []string{"PRAGMA query_only = 1", "PRAGMA trusted_schema = 0", "PRAGMA cell_size_check = 1"} {
		if err := sqlitex.ExecuteTransient(c.Conn, p, nil); err != nil {
			return err
		}
	}
	return c.registerFunctions()
}

// stale reports whether the file has been replaced since the connection was opened.
func (c *conn) stale() bool {
	now, err := os.Stat(c.s.path)
	return err != nil || !os.SameFile(now, c.file)
}

// begin starts a statement: from here on ctx interrupts, and all that is read belongs to one snapshot. Waiting for a writer is
// bounded by the busy timeout, and ends with ctx too.
func (c *conn) begin(ctx context.Context) error {
	c.fault = nil
	wait, cancel := context.WithTimeout(ctx, c.s.busy)
	defer cancel()
	c.SetInterrupt(wait.Done())
	if err := sqlitex.Execute(c.Conn, "BEGIN", nil); err != nil {
		return err
	}
	// The first read takes the snapshot.
	err := sqlitex.Execute(c.Conn, "PRAGMA schema_version", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		c.cookie = s.ColumnInt64(0)
		return nil
	}})
	if err != nil && wait.Err() != nil && ctx.Err() == nil {
		return errBusy
	}
	c.SetInterrupt(ctx.Done())
	return err
}

var errBusy = errors.New("a writer holds the file's lock")

// end closes the snapshot.
func (c *conn) end() error {
	c.SetInterrupt(nil)
	if c.AutocommitEnabled() {
		return nil
	}
	return sqlitex.Execute(c.Conn, "ROLLBACK", nil)
}

// failed makes the error that the caller sees.
func (s *Source) failed(ctx context.Context, c *conn, doing string, err error) error {
	e := &sources.Error{Source: s.name, Doing: doing, Detail: err.Error()}
	code := sqlite.ErrCode(err)
	switch {
	case c != nil && c.fault != nil:
		e.Class, e.Detail = c.fault.class, ""
		return e
	case ctx.Err() != nil:
		e.Class = ctx.Err()
		return e
	case errors.Is(err, errBusy):
		e.Class = sources.ErrUnavailable
		e.Code = sqlite.ResultBusy.String()
		return e
	}
	e.Code = code.String()
	switch code.ToPrimary() {
	case sqlite.ResultBusy, sqlite.ResultLocked, sqlite.ResultCantOpen, sqlite.ResultIOErr, sqlite.ResultNotADB, sqlite.ResultCorrupt,
		sqlite.ResultPerm, sqlite.ResultReadOnly:
		e.Class = sources.ErrUnavailable
	case sqlite.ResultSchema:
		e.Class = sources.ErrChanged
	case sqlite.ResultError:
		e.Detail = sayable(err.Error())
		if m := err.Error(); strings.Contains(m, "no such table") || strings.Contains(m, "no such column") {
			e.Class = sources.ErrChanged
		}
	case sqlite.ResultInterrupt:
		e.Class = context.Canceled
	}
	return e
}

// sayable is what may be kept of a general error of SQLite's: what is about the statement. Others, of its functions, may quote rows.
func sayable(message string) string {
	for _, about := range []string{"no such ", "near \"", "ambiguous column", "integer overflow", "malformed JSON", "too big", "too many ", "too large"} {
		if strings.Contains(message, about) {
			return message
		}
	}
	return ""
}

// libraryVersion is the number of the SQLite that is built in.
func libraryVersion() int {
	db, err := sqlite.OpenConn(":memory:", sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return 0
	}
	defer db.Close()
	var a, b, c int
	_ = sqlitex.ExecuteTransient(db, "SELECT sqlite_version()", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		_, err := fmt.Sscanf(s.ColumnText(0), "%d.%d.%d", &a, &b, &c)
		return err
	}})
	return a*1_000_000 + b*1000 + c
}

// bound is the context of one statement.
func (s *Source) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.timeout > 0 {
		return context.WithTimeout(ctx, s.timeout)
	}
	return context.WithCancel(ctx)
}
