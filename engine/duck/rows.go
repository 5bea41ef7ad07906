package duck

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// Rows is the result of a query, made while it is read. It implements sources.Batches.
type Rows struct {
	s      *Session
	ctx    context.Context
	cancel context.CancelCauseFunc
	stop   func() // ends the watch over ctx

	mu      sync.Mutex // held while DuckDB works for this query
	stmt    duckdb.PreparedStatement
	res     duckdb.Result
	options duckdb.ArrowOptions
	schema  *arrow.Schema // what DuckDB gives
	want    *arrow.Schema // what is given out
	err     error         // what Next gives from now on
	closed  bool
	left    bool // DuckDB is still at its preparation, see attempt
}

var _ sources.Batches = (*Rows)(nil)

// errRowsClosed is the cause of a cancellation by Close.
var errRowsClosed = sqlerr.Interrupted.New("the result was closed before its end")

// Query starts a statement and returns when its first rows are ready. Batches have the schema sources.Schema(cols) by position; the
// statement's own types must be those, save that a column of the null type may have any. Cancelling ctx ends it, also while it is read.
func (s *Session) Query(ctx context.Context, sql string, cols []rel.Column) (*Rows, error) {
	if err := s.free(); err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, contextError(ctx)
	}
	r := &Rows{s: s, want: sources.Schema(cols)}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.stop = interruptOnDone(r.ctx, s.conn)
	s.mu.Lock()
	s.rows = r
	s.mu.Unlock()
	if err := r.start(sql); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Rows) start(sql string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var stmt duckdb.PreparedStatement
	var pending duckdb.PendingResult
	var refused string
	prepare := func() {
		if duckdb.Prepare(r.s.conn, sql, &stmt) == duckdb.StateError {
			refused = strings.Clone(duckdb.PrepareError(stmt))
		} else if duckdb.PendingPreparedStreaming(stmt, &pending) == duckdb.StateError {
			refused = strings.Clone(duckdb.PendingError(pending))
		}
	}
	if !r.s.attempt(r.ctx, prepare, func() { r.stop(); duckdb.DestroyPending(&pending); duckdb.DestroyPrepare(&stmt) }) {
		r.left = true
		return contextError(r.ctx)
	}
	r.stmt = stmt
	defer duckdb.DestroyPending(&pending)
	if refused != "" {
		return r.failure(&Error{Kind: kindOf(refused), Detail: refused})
	}
	if duckdb.ExecutePending(pending, &r.res) == duckdb.StateError {
		return r.failure(r.resultError())
	}
	r.options = duckdb.ResultGetArrowOptions(&r.res)
	return r.readSchema()
}

// kindOf is the kind of an error that DuckDB gives as text only.
func kindOf(text string) duckdb.ErrorType {
	for prefix, kind := range map[string]duckdb.ErrorType{
		"Out of Range Error: ":  duckdb.ErrorTypeOutOfRange,
		"Conversion Error: ":    duckdb.ErrorTypeConversion,
		"INTERRUPT Error: ":     duckdb.ErrorTypeInterrupt,
		"Out of Memory Error: ": duckdb.ErrorTypeOutOfMemory,
	} {
		if strings.HasPrefix(text, prefix) {
			return kind
		}
	}
	return duckdb.ErrorTypeInvalid
}

func (r *Rows) resultError() *Error {
	return &Error{Kind: duckdb.ResultErrorType(&r.res), Detail: strings.Clone(duckdb.ResultError(&r.res))}
}

// failure is the error for the client: that of a stream, if one failed, since DuckDB's is only its echo.
func (r *Rows) failure(e *Error) error {
	if err := r.s.streamError(); err != nil {
		return err
	}
	return mapped(r.ctx, e)
}

func (r *Rows) readSchema() error {
	n := duckdb.ColumnCount(&r.res)
	if int(n) != r.want.NumFields() {
		return sqlerr.Internal.New("the embedded engine gives %d columns where %d are expected", n, r.want.NumFields())
	}
	names, types := make([]string, n), make([]duckdb.LogicalType, n)
	for i := range n {
		names[i], types[i] = strings.Clone(duckdb.ColumnName(&r.res, i)), duckdb.ColumnLogicalType(&r.res, i)
	}
	schema, errorData := duckdb.NewArrowSchema(r.options, types, names)
	for i := range types {
		duckdb.DestroyLogicalType(&types[i])
	}
	if err := dataError(errorData); err != nil {
		return r.failure(err)
	}
	r.schema = schema
	for i, f := range schema.Fields() {
		if want := r.want.Field(i).Type; want.ID() != arrow.NULL && !arrow.TypeEqual(f.Type, want) {
			return sqlerr.Internal.New("column %d of the embedded engine's result has the type %s where %s is expected", i+1, f.Type, want)
		}
	}
	return nil
}

func dataError(d duckdb.ErrorData) *Error {
	defer duckdb.DestroyErrorData(&d)
	if !duckdb.ErrorDataHasError(d) {
		return nil
	}
	return &Error{Kind: duckdb.ErrorDataErrorType(d), Detail: strings.Clone(duckdb.ErrorDataMessage(d))}
}

// Schema is the schema of the batches.
func (r *Rows) Schema() *arrow.Schema { return r.want }

// Next returns the next batch, which the caller releases, or io.EOF after the last row.
func (r *Rows) Next() (arrow.RecordBatch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil && r.closed {
		r.err = errRowsClosed
	}
	if r.err != nil {
		return nil, r.err
	}
	batch, err := r.next()
	if err != nil {
		r.err = err
	}
	return batch, err
}

func (r *Rows) next() (arrow.RecordBatch, error) {
	for {
		if r.ctx.Err() != nil {
			return nil, contextError(r.ctx)
		}
		chunk := duckdb.FetchChunk(r.res)
		if chunk.Ptr == nil {
			return nil, r.end()
		}
		if duckdb.DataChunkGetSize(chunk) == 0 {
			duckdb.DestroyDataChunk(&chunk)
			continue
		}
		batch, errorData := duckdb.DataChunkToArrowArray(r.options, r.schema, chunk)
		duckdb.DestroyDataChunk(&chunk)
		if err := dataError(errorData); err != nil {
			return nil, r.failure(err)
		}
		defer batch.Release()
		return r.dress(batch), nil
	}
}

// end tells the end of the rows from an error: DuckDB gives no chunk for both.
func (r *Rows) end() error {
	if e := r.resultError(); e.Detail != "" {
		return r.failure(e)
	}
	if err := r.s.streamError(); err != nil {
		return err
	}
	if r.ctx.Err() != nil {
		return contextError(r.ctx)
	}
	return io.EOF
}

// dress gives a batch the schema that was asked for.
func (r *Rows) dress(b arrow.RecordBatch) arrow.RecordBatch {
	columns := make([]arrow.Array, b.NumCols())
	for i := range columns {
		columns[i] = b.Column(i)
		if r.want.Field(i).Type.ID() == arrow.NULL && columns[i].DataType().ID() != arrow.NULL {
			nulls := array.MakeArrayOfNull(memory.DefaultAllocator, arrow.Null, int(b.NumRows()))
			defer nulls.Release()
			columns[i] = nulls
		}
	}
	return array.NewRecordBatch(r.want, columns, b.NumRows())
}

// Close ends the query wherever it is. It may be called at any moment and more than once; a query that never started has nothing to end.
func (r *Rows) Close() error {
	if r == nil {
		return nil
	}
	r.cancel(errRowsClosed)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	if !r.left {
		r.stop()
	}
	duckdb.DestroyResult(&r.res)
	if r.stmt.Ptr != nil {
		duckdb.DestroyPrepare(&r.stmt)
	}
	if r.options.Ptr != nil {
		duckdb.DestroyArrowOptions(&r.options)
	}
	r.s.mu.Lock()
	r.s.rows = nil
	r.s.mu.Unlock()
	return nil
}

// interruptEvery is how often a cancelled query is interrupted until it ends: DuckDB forgets an interrupt that comes before it starts.
const interruptEvery = 50 * time.Millisecond

// interruptOnDone interrupts what the connection does once ctx is done, until the returned function is called, which waits for the
// watch to end: a late interrupt would hit the connection's next statement.
func interruptOnDone(ctx context.Context, c duckdb.Connection) (stop func()) {
	ended, quit := make(chan struct{}), make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(ended)
		for {
			duckdb.Interrupt(c)
			select {
			case <-quit:
				return
			case <-time.After(interruptEvery):
			}
		}
	})
	return func() {
		close(quit)
		if !unwatch() {
			<-ended
		}
	}
}
