package mysql

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"

	driver "github.com/go-sql-driver/mysql"

	"weir/sources"
)

// serverErr is an error packet. Its message may quote data, so it only becomes the detail of a sources.Error.
type serverErr struct {
	code    uint16
	message string
}

func (e *serverErr) Error() string { return fmt.Sprintf("error %d", e.code) }

// serverError reads an error packet.
func serverError(p []byte) error {
	if len(p) < 3 {
		return errProtocol
	}
	e := &serverErr{code: binary.LittleEndian.Uint16(p[1:])}
	p = p[3:]
	if len(p) >= 6 && p[0] == '#' {
		p = p[6:]
	}
	e.message = string(p)
	return e
}

// classes maps the server's codes to the classes of sources. Codes that are missing have none.
var classes = map[uint16]error{
	// Connections: too many, shutting down, refused.
	1040: sources.ErrUnavailable, 1053: sources.ErrUnavailable, 1203: sources.ErrUnavailable, 1226: sources.ErrUnavailable,
	1129: sources.ErrUnavailable, 1130: sources.ErrUnavailable, 1927: sources.ErrUnavailable, 3032: sources.ErrUnavailable,
	4031: sources.ErrUnavailable,
	// Access: no login, no such database. The configuration or the account must change; the source can't be read until then.
	1044: sources.ErrUnavailable, 1045: sources.ErrUnavailable, 1049: sources.ErrUnavailable, 1698: sources.ErrUnavailable,
	// A table or column is not there any more, or not of the type that the statement was printed for.
	1051: sources.ErrChanged, 1054: sources.ErrChanged, 1109: sources.ErrChanged, 1142: sources.ErrChanged, 1143: sources.ErrChanged,
	1146: sources.ErrChanged, 1253: sources.ErrChanged, 1267: sources.ErrChanged, 1270: sources.ErrChanged, 1271: sources.ErrChanged,
	1356: sources.ErrChanged, 1412: sources.ErrChanged, 1615: sources.ErrChanged,
	// Values.
	1264: sources.ErrValue, 1690: sources.ErrValue,
	// Ended from outside, or by the statement's time limit (3024 MySQL, 1969 MariaDB).
	1317: context.Canceled, 3024: context.DeadlineExceeded, 1969: context.DeadlineExceeded,
}

// full tells whether the server has no room for another session: at all, or for the account.
func full(err error) bool {
	var refused *driver.MySQLError
	return errors.As(err, &refused) && (refused.Number == 1040 || refused.Number == 1203 || refused.Number == 1226)
}

// sayable is what may be kept of the server's own text: that of the errors above, about connections, accounts, names and types, and of a few more
// that are about the statement or its locks. The text of others may quote rows; their code tells the kind.
func sayable(code uint16, message string) string {
	switch code {
	case 1064, 1205, 1213, 1305, 1370: // syntax, locks, functions
		return message
	}
	if class, ok := classes[code]; ok && class != sources.ErrValue {
		return message
	}
	return ""
}

// fail describes an error of the server or of the connection. ctx is the statement's: if it has ended, that is the reason.
func (s *Source) fail(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	var known *sources.Error
	if errors.As(err, &known) {
		return err
	}
	out := &sources.Error{Source: s.set.name, Doing: doing, Detail: err.Error()}
	var fromServer *serverErr
	var fromDriver *driver.MySQLError
	var ofColumn *columnError
	if errors.As(err, &ofColumn) {
		out.Doing = "reading column " + ofColumn.column
	}
	switch {
	case ctx.Err() != nil:
		out.Class = context.Cause(ctx)
		if !errors.Is(out.Class, ctx.Err()) {
			out.Class = ctx.Err()
		}
	case errors.As(err, &fromServer):
		out.Class, out.Code, out.Detail = classes[fromServer.code], strconv.Itoa(int(fromServer.code)), sayable(fromServer.code, fromServer.message)
	case errors.As(err, &fromDriver):
		out.Class, out.Code, out.Detail = classes[fromDriver.Number], strconv.Itoa(int(fromDriver.Number)), sayable(fromDriver.Number, fromDriver.Message)
	case errors.Is(err, sources.ErrValue):
		out.Class = sources.ErrValue
	case errors.Is(err, sources.ErrChanged):
		out.Class = sources.ErrChanged
	case errors.Is(err, errProtocol):
	default: // the network, or a server that is not there
		out.Class = sources.ErrUnavailable
	}
	return out
}
