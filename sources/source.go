package sources

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// Source is one system that Weir reads. All methods are safe for concurrent use.
type Source interface {
	// Tables discovers the tables, views and materialised views that the source's account may read, with everything that is
	// known of them. It asks the system each time; caching is the catalog's business. A table that can't be described is
	// listed with Broken set, not left out and not an error.
	Tables(ctx context.Context) ([]Table, error)
	// Dialect says what may be pushed and how it is printed. It may depend on the server's version, which is found out on first
	// contact; before that it returns an error wrapping ErrUnavailable if the system is down.
	Dialect(ctx context.Context) (*dialect.Dialect, error)
	// Query runs a statement. It returns when the first batch or the end is known, or with an error. Cancelling ctx ends the remote
	// statement within a second, also after Query has returned; Batches.Next then returns the context's error.
	//
	// Before the first row is handed out the source makes sure that the tables that the statement reads (q.Reads) are still what the plan
	// was made from, and they can't change until the last row has come; else the error wraps ErrChanged.
	Query(ctx context.Context, q Query) (Batches, error)
	// Ping checks that the system answers.
	Ping(ctx context.Context) error
	// Close ends all connections. Queries under way end with an error.
	Close() error
}

// Query is one statement for a source.
type Query struct {
	// SQL is the statement's text, printed by the source's dialect; it has no parameters.
	SQL string
	// Columns are the names and types of the result's columns, in order.
	Columns []rel.Column
	// Reads are the tables that the statement reads, with the Version from which it was planned. One without a version is not checked.
	Reads []*rel.Table
	// Split, if not nil, says that the statement reads one base table without order or limit, and that its rows, or groups, may come in
	// parts, so that the source may read it in several ranges at once; the ranges must see one snapshot.
	Split *Split
	// Over, if not nil, is called once after a Query that succeeded, or before it returns: the statement has ended at the system, however, and its connections are
	// free. Rows may still be waiting in the stream: these don't need ctx any more. It must not block. After a Query that failed it may be called too.
	Over func()
}

// Split lets a source cut a scan of one table into ranges.
type Split struct {
	Table *rel.Table
	// With returns the statement with one more condition in its WHERE clause. The condition's column names are to be
	// qualified with Alias.
	With  func(condition string) string
	Alias string // the table's quoted alias
	// Groups says that the statement groups: each range puts out its own groups, so the fewer ranges the better.
	Groups bool
}

// Batches is a stream of record batches. It is used by one goroutine at a time, but Close may be called at any moment.
type Batches interface {
	// Next returns the next batch, which the caller releases, or io.EOF after the last row. Batches have the schema
	// Schema(q.Columns) and are not empty.
	Next() (arrow.RecordBatch, error)
	// Close ends the statement, whether or not it was read to the end, and frees the connection.
	Close() error
}

// Table describes a table of a source.
type Table struct {
	Schema  string // inside the source; may be empty
	Name    string
	Kind    TableKind
	Comment string
	Columns []Column
	// PrimaryKey and Uniques are column names; a unique index counts only if it covers all rows and its columns are NOT NULL.
	PrimaryKey  []string
	Uniques     [][]string
	ForeignKeys []ForeignKey
	Indexes     []Index
	RowCount    float64 // estimate; negative if unknown
	// Version stands for all of the definition that a plan may rely on: the columns, their order, types and collations, which of them may be
	// NULL, and the keys. Descriptions of a table that differ in any of these have different versions. Its form is the kind's own business.
	Version string
	Broken  string // why the table can't be read; empty if it can
}

// TableKind is the kind of a Table.
type TableKind string

// The kinds of tables.
const (
	BaseTable        TableKind = "BASE TABLE"
	View             TableKind = "VIEW"
	MaterializedView TableKind = "MATERIALIZED VIEW"
)

// Column describes a column of a table. Type.Native and Type.Collation are the source's own.
type Column struct {
	Name     string
	Type     rel.Type
	Comment  string // the source's comment; a note about a type that arrives as text is appended
	Default  string // as the source spells it; empty if none
	Distinct float64
}

// ForeignKey refers from columns of a table to columns of another table of the same source.
type ForeignKey struct {
	Name       string
	Columns    []string
	RefSchema  string
	RefTable   string
	RefColumns []string
}

// Index is an index that can serve equality and range predicates on a prefix of its columns.
type Index struct {
	Name    string
	Columns []string
	Unique  bool
}

var (
	// ErrUnavailable is wrapped by errors that say that the system can't be reached now; the statement may be tried again later.
	ErrUnavailable = errors.New("source unavailable")
	// ErrChanged is wrapped by errors that say that a table or column is not what the catalog holds; it should be read again.
	ErrChanged = errors.New("source schema changed")
	// ErrValue is wrapped by errors that say that a value can't be represented in the column's type.
	ErrValue = errors.New("value out of range")
	// ErrRows is wrapped by errors that say that a subquery used as a value gave more than one row.
	ErrRows = errors.New("subquery returns more than 1 row")
)

// Error is an error of a source. Its text is safe for clients: it never holds a value of a row. Detail is the system's own
// message, for the log only.
type Error struct {
	Source string
	Doing  string // what was being done, such as "reading table orders"
	Class  error  // ErrUnavailable, ErrChanged, ErrValue, context.Canceled, …; nil if none fits
	Code   string // the system's own code (SQLSTATE, errno)
	Detail string
}

// Error says what was being done, to which source, and the system's code.
func (e *Error) Error() string {
	s := "source " + e.Source + ": " + e.Doing
	if e.Class != nil {
		s += ": " + e.Class.Error()
	}
	if e.Code != "" {
		s += " (code " + e.Code + ")"
	}
	return s
}

// Unwrap returns the class.
func (e *Error) Unwrap() error { return e.Class }
