package duck

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"weir/engine/sqlerr"
)

// Error is an error of DuckDB. Detail is its own text, which may quote values: it is for the log only.
type Error struct {
	Kind   duckdb.ErrorType
	Detail string
}

// Error is DuckDB's own text, without what may be a row's: of an error about values only its kind is kept, and of any other what is no number and not
// between quotes, save for those about the statement's text. A client is given the *sqlerr.Error that wraps it.
func (e *Error) Error() string {
	if s, ok := raised(e.Detail); ok {
		return s.Message
	}
	kind, _, _ := strings.Cut(e.Detail, ":")
	switch e.Kind {
	case duckdb.ErrorTypeBinder, duckdb.ErrorTypeParser, duckdb.ErrorTypeSyntax, duckdb.ErrorTypeCatalog, duckdb.ErrorTypeOutOfMemory,
		duckdb.ErrorTypeInterrupt, duckdb.ErrorTypeNotImplemented:
		return e.Detail
	case duckdb.ErrorTypeInternal, duckdb.ErrorTypeFatal, duckdb.ErrorTypeInvalid, duckdb.ErrorTypePermission:
		if !strings.Contains(kind, "Conversion") && !strings.Contains(kind, "Range") && !strings.Contains(kind, "Invalid Input") {
			return valueLike.ReplaceAllString(e.Detail, "#")
		}
	}
	return clipKind(kind)
}

// valueLike is what may be a value in DuckDB's text.
var valueLike = regexp.MustCompile(`'[^']*'|"[^"]*"|[0-9]+`)

// clipKind is the kind with which DuckDB begins its texts, such as "Conversion Error".
func clipKind(kind string) string {
	if len(kind) > 40 || !strings.HasSuffix(kind, "Error") {
		return "an error about values"
	}
	return kind
}

// errorMark begins the text of an error that the printed SQL or one of our functions raised: mark, MySQL's code, colon, message.
// The message is ours and safe to show.
const errorMark = "weir:"

// raised is an error as errorMark describes it.
func raised(text string) (*sqlerr.Error, bool) {
	_, rest, ok := strings.Cut(text, errorMark)
	if !ok {
		return nil, false
	}
	code, message, ok := strings.Cut(rest, ":")
	if !ok {
		return nil, false
	}
	message, _, _ = strings.Cut(message, "\n")
	if n, err := strconv.ParseUint(code, 10, 16); err == nil {
		return raisedKind(uint16(n)).New("%s", message), true
	}
	return nil, false
}

// raisedKind is the kind of error that a function raised by its code.
func raisedKind(code uint16) sqlerr.Kind {
	for _, k := range []sqlerr.Kind{sqlerr.OutOfRange, sqlerr.Unsupported, sqlerr.SubqueryRows, sqlerr.InvalidJSON, sqlerr.InvalidValue, sqlerr.WrongArguments} {
		if k.Code == code {
			return k
		}
	}
	return sqlerr.Kind{Code: code, State: "HY000"}
}

// mapped is the error that a client is given for an error of DuckDB.
func mapped(ctx context.Context, e *Error) error {
	if ctx.Err() != nil {
		return contextError(ctx)
	}
	if s, ok := raised(e.Detail); ok {
		return s.With(e)
	}
	switch e.Kind {
	case duckdb.ErrorTypeInterrupt:
		return sqlerr.Interrupted.New("query execution was interrupted").With(e)
	case duckdb.ErrorTypeOutOfRange, duckdb.ErrorTypeConversion, duckdb.ErrorTypeDecimal:
		if strings.Contains(e.Detail, "DECIMAL(38") || strings.Contains(e.Detail, "HUGEINT addition") {
			return tooWide.With(e)
		}
		return sqlerr.OutOfRange.New("a value computed by the statement is out of its type's range").With(e)
	case duckdb.ErrorTypeOutOfMemory:
		return sqlerr.OutOfMemory.New("the statement needs more memory or spill space than Weir may use; raise memory in weir.yaml or narrow the statement").With(e)
	}
	switch {
	case strings.Contains(e.Detail, "Max expression depth"):
		return sqlerr.OutOfMemory.New("the statement's expressions are nested too deeply").With(e)
	case strings.Contains(e.Detail, "More than one row returned by a subquery"):
		return sqlerr.SubqueryRows.New("subquery returns more than 1 row").With(e)
	case strings.Contains(e.Detail, "Out of Memory"), strings.Contains(e.Detail, "out of memory"):
		return sqlerr.OutOfMemory.New("the statement needs more memory or spill space than Weir may use; raise memory in weir.yaml or narrow the statement").With(e)
	case strings.Contains(e.Detail, "Overflow"), strings.Contains(e.Detail, "out of range"):
		return sqlerr.OutOfRange.New("a value computed by the statement is out of its type's range").With(e)
	}
	return sqlerr.Internal.New("the embedded engine failed; the log has the cause").With(e)
}

// contextError is the error for a context that is done.
func contextError(ctx context.Context) error {
	cause := context.Cause(ctx)
	var own *sqlerr.Error
	switch {
	case errors.As(cause, &own):
		return own
	case errors.Is(cause, context.DeadlineExceeded):
		return sqlerr.Timeout.New("query execution was interrupted, maximum statement execution time exceeded").With(cause)
	}
	return sqlerr.Interrupted.New("query execution was interrupted").With(cause)
}
