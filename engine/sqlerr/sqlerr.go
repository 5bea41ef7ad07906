package sqlerr

import (
	"errors"
	"fmt"
)

// Error is an error with MySQL's code and SQLSTATE.
type Error struct {
	Code    uint16
	State   string
	Message string
	cause   error
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

// Unwrap is the error behind it, for the log.
func (e *Error) Unwrap() error { return e.cause }

// With returns a copy with the error behind it.
func (e *Error) With(cause error) *Error { c := *e; c.cause = cause; return &c }

// The codes that Weir raises; see https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html.
var (
	UnknownDatabase = kind(1049, "42000") // database
	UnknownTable    = kind(1146, "42S02") // table
	UnknownColumn   = kind(1054, "42S22") // column, clause
	TableDenied     = kind(1142, "42000") // no right to read a table
	PolicyFailed    = kind(1356, "HY000") // a policy rule doesn't fit its table
	AmbiguousColumn = kind(1052, "23000")
	DuplicateAlias  = kind(1066, "42000")
	DuplicateColumn = kind(1060, "42S21")
	NoDatabase      = kind(1046, "3D000")
	Syntax          = kind(1064, "42000")
	UnknownFunction = kind(1305, "42000")
	WrongArguments  = kind(1582, "42000") // wrong parameter count
	InvalidGroupUse = kind(1111, "HY000")
	NotInGroupBy    = kind(1055, "42000")
	MixedGroup      = kind(1140, "42000")
	OperandColumns  = kind(1241, "21000")
	SubqueryRows    = kind(1242, "21000")
	SetOpColumns    = kind(1222, "21000")
	InvalidValue    = kind(1525, "HY000") // incorrect DATE value
	OutOfRange      = kind(1690, "22003")
	Unsupported     = kind(1235, "42000") // names the construct
	ReadOnly        = kind(1290, "HY000") // --read-only
	Interrupted     = kind(1317, "70100")
	Timeout         = kind(3024, "HY000")
	OutOfMemory     = kind(1038, "HY001")
	SourceFailed    = kind(1429, "HY000") // can't reach or read the source
	SourceChanged   = kind(1412, "HY000") // table definition has changed, retry
	InvalidJSON     = kind(3141, "22032")
	TooManyRounds   = kind(3636, "HY000") // of a recursive common table
	TooManyTables   = kind(1116, "HY000")
	Internal        = kind(1105, "HY000")
)

// Kind makes errors of one code.
type Kind struct {
	Code  uint16
	State string
}

func kind(code uint16, state string) Kind { return Kind{code, state} }

// New makes an error of the kind.
func (k Kind) New(format string, args ...any) *Error {
	return &Error{Code: k.Code, State: k.State, Message: fmt.Sprintf(format, args...)}
}

// Is reports whether err is of the kind.
func (k Kind) Is(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == k.Code
}
