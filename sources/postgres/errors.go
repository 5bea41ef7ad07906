package postgres

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"weir/sources"
)

// serverError is an error that the server reports.
type serverError struct {
	code, message string
}

func (e *serverError) Error() string { return e.message + " (" + e.code + ")" }

// errorResponse reads the message E.
func errorResponse(body []byte) *serverError {
	e := &serverError{}
	for len(body) > 1 {
		kind, rest := body[0], body[1:]
		end := 0
		for end < len(rest) && rest[end] != 0 {
			end++
		}
		if end == len(rest) {
			break
		}
		switch v := string(rest[:end]); kind {
		case 'C':
			e.code = v
		case 'M':
			e.message = v
		}
		body = rest[end+1:]
	}
	return e
}

// valueError says that a value can't be carried in its column's type.
type valueError struct{ why string }

func (e *valueError) Error() string { return e.why }

// fail makes an error of the source of an error. A context that has ended is the error itself.
func (s *Source) fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var done *sources.Error
	if errors.As(err, &done) {
		return err
	}
	e := &sources.Error{Source: s.name, Doing: doing, Detail: err.Error()}
	var value *valueError
	var server *serverError
	var pg *pgconn.PgError
	switch {
	case s.base.Err() != nil:
		e.Doing = doing + ": the source is closed"
	case errors.As(err, &value):
		e.Class, e.Doing = sources.ErrValue, doing+": "+value.why
	case errors.As(err, &server):
		e.Code, e.Detail = server.code, sayable(server.code, server.message)
	case errors.As(err, &pg):
		e.Code, e.Detail = pg.Code, sayable(pg.Code, pg.Message)
	case errors.Is(err, errProtocol):
	default: // a connection that can't be opened, or broke
		e.Class = sources.ErrUnavailable
	}
	if e.Code != "" {
		e.Class = class(e.Code)
		if e.Code == "57014" {
			e.Doing += ": the statement took longer than the source allows"
		}
	}
	s.log.Debug("postgres error", "source", s.name, "doing", doing, "code", e.Code, "detail", e.Detail)
	return e
}

// sayable is what may be kept of the server's own text: that of the classes of errors about connections, accounts, resources, and names and types in
// the statement. The text of others (data, functions that raise what they like) may quote rows; their code tells the kind, the server's own log the rest.
func sayable(code, message string) string {
	switch code[:min(2, len(code))] {
	case "08", "25", "28", "3D", "3F", "42", "53", "54", "55", "57", "58":
		return message
	}
	return ""
}

// class is the class of the server's error code.
func class(code string) error {
	switch code {
	case "42P01", "42703", "3F000", "42804", "42883", "42P07", "42704", "42725":
		// A table, column, schema or type that is no longer what was read: the printed text is right for what was.
		return sources.ErrChanged
	case "57014":
		return context.DeadlineExceeded
	case "22003", "22008", "22012", "22015", "22021", "22P05": // out of range, or text that can't be sent as UTF-8
		return sources.ErrValue
	case "21000":
		return sources.ErrRows
	case tooManyConnections, "40001": // the latter of a standby that had to end the statement
		return sources.ErrUnavailable
	}
	if strings.HasPrefix(code, "08") || strings.HasPrefix(code, "57P") || strings.HasPrefix(code, "28") {
		return sources.ErrUnavailable
	}
	return nil
}

const tooManyConnections = "53300"

// errProtocol is wrapped by errors that say that the server answered what is not understood.
var errProtocol = errors.New("unexpected answer")

// broken reports whether an error means that the connection can't be used any more.
func broken(err error) bool {
	var server *serverError
	return err != nil && !errors.As(err, &server)
}
