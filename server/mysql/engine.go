package mysql

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/rel"
	"weir/policy"
)

// Engine answers queries. Safe for concurrent use.
type Engine interface {
	// Query plans and starts a statement; cancelling ctx ends it, and the cause is the error that the client gets.
	Query(ctx context.Context, s bind.Session, stmt Statement) (Rows, error)
	// Describe returns the columns of a statement without running it. Arguments are taken to be NULL.
	Describe(ctx context.Context, s bind.Session, stmt Statement) ([]bind.Output, error)
}

// Catalog is what there is to list.
type Catalog interface {
	gms.Catalog
	// For is the catalog as a principal sees it.
	For(p policy.Principal) gms.Catalog
}

// Statement is a query, or an EXPLAIN of one.
type Statement struct {
	Text      string
	AST       sqlparser.Statement // a SelectStatement or an *Explain
	Args      []*rel.Lit          // the values of ?, nil for NULL
	Principal policy.Principal
	// Observe, if set, is told what the statement has read, once, when it ends: at the latest by Close.
	Observe func(Access)
}

// Rows is an answer. Used by one goroutine at a time.
type Rows interface {
	Columns() []bind.Output
	// Next returns the next batch, which the caller releases, or io.EOF. The columns are those of the result by position, carried as
	// sources.ArrowType says.
	Next() (arrow.RecordBatch, error)
	Close() error
}
