package mysql

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/sqlerr"
	"weir/sources"
)

// The reasons for which a statement's context ends, with what the client is told.
var (
	errKilled   = &ending{sqlerr.Interrupted.New("Query execution was interrupted")}
	errTimeout  = &ending{sqlerr.Timeout.New("Query execution was interrupted, maximum statement execution time exceeded")}
	errGone     = &ending{sqlerr.Interrupted.New("Query execution was interrupted: the client has gone")}
	errShutdown = &ending{&sqlerr.Error{Code: mysql.ERServerShutdown, State: mysql.SSServerShutdown, Message: "Server shutdown in progress"}}
)

// ending is the cause of a cancelled statement.
type ending struct{ err *sqlerr.Error }

func (e *ending) Error() string { return e.err.Message }
func (e *ending) Unwrap() error { return e.err }

var (
	errReadOnly   = sqlerr.ReadOnly.New("The MySQL server is running with the --read-only option so it cannot execute this statement")
	errEmpty      = &sqlerr.Error{Code: 1065, State: "42000", Message: "Query was empty"}
	errDenied     = &sqlerr.Error{Code: 1227, State: "42000", Message: "Access denied; you need (at least one of) the SUPER or SYSTEM_VARIABLES_ADMIN privilege(s) for this operation"}
	errMixed      = sqlerr.Unsupported.New("This version of Weir doesn't yet support statements that read information_schema, mysql, performance_schema or sys together with other tables")
	errNotHandled = &sqlerr.Error{Code: 1243, State: "HY000", Message: "Unknown prepared statement handler"}
)

// clientError is what the client is told of err: MySQL's code, state and text. known is false for an error that was not made for
// clients; its text, which may hold anything, is then kept for the log.
func clientError(ctx context.Context, err error) (out *mysql.SQLError, known bool) {
	var fixed *ending
	if cause := context.Cause(ctx); cause != nil && errors.As(cause, &fixed) {
		// Whatever a cancelled statement failed with, it failed because it was cancelled.
		return convert(fixed.err), true
	}
	var ours *sqlerr.Error
	if errors.As(err, &ours) {
		return convert(ours), true
	}
	var library *mysql.SQLError
	if errors.As(err, &library) {
		return library, true
	}
	var source *sources.Error
	if errors.As(err, &source) {
		code := sqlerr.SourceFailed
		switch {
		case errors.Is(err, sources.ErrChanged):
			code = sqlerr.SourceChanged
		case errors.Is(err, sources.ErrValue):
			code = sqlerr.OutOfRange
		}
		return convert(code.New("%s", source.Error())), true
	}
	switch {
	case errors.Is(err, context.Canceled):
		return convert(errKilled.err), true
	case errors.Is(err, context.DeadlineExceeded):
		return convert(errTimeout.err), true
	}
	return nil, false
}

func convert(e *sqlerr.Error) *mysql.SQLError {
	return &mysql.SQLError{Num: int(e.Code), State: e.State, Message: e.Message}
}

var parserPosition = regexp.MustCompile(`syntax error at position (\d+)(?: near '?(.*?)'?)?\s*$`)

// syntaxError turns the parser's message into MySQL's.
func syntaxError(message string) *mysql.SQLError {
	message = strings.TrimSpace(message)
	if message == "empty statement" {
		return convert(errEmpty)
	}
	near, at := message, ""
	if m := parserPosition.FindStringSubmatch(message); m != nil {
		near, at = m[2], " (at character "+m[1]+")"
	}
	return convert(sqlerr.Syntax.New("You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '%s'%s",
		clip(near, 80), at))
}
