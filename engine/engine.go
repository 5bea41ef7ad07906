package engine

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/rel"
)

// Engine answers statements. Safe for concurrent use.
type Engine struct{}

// Statement is one SELECT or EXPLAIN of a client.
type Statement struct {
	Text string
	AST  sqlparser.Statement
	Args []*rel.Lit // the values of ? in a prepared statement
}

// Result is the answer to a statement: columns, then batches until io.EOF.
type Result struct {
	Columns []bind.Output
	next    func() (arrow.RecordBatch, error)
	close   func() error
}

// Next returns the next batch, whose columns are those of the result by position with the Arrow types of sources.ArrowType; the caller
// releases it. io.EOF follows the last.
func (r *Result) Next() (arrow.RecordBatch, error) { return r.next() }

// Close ends the statement wherever it is, the remote ones included.
func (r *Result) Close() error { return r.close() }

// Query plans and starts a statement. Cancelling ctx ends it and its remote statements.
func (e *Engine) Query(ctx context.Context, s bind.Session, stmt Statement) (*Result, error) {
	panic("being written")
}

// Describe plans a statement without running it and returns its columns (for COM_STMT_PREPARE). Arguments are taken to be NULL.
func (e *Engine) Describe(ctx context.Context, s bind.Session, stmt Statement) ([]bind.Output, error) {
	panic("being written")
}
