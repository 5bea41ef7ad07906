package engine

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/catalog"
	"weir/engine/bind"
	"weir/engine/exec"
	"weir/engine/sqlerr"
	"weir/sources"
)

// Result is the answer to a statement: columns, then batches until io.EOF. Used by one goroutine at a time.
type Result struct {
	Columns []bind.Output

	engine *Engine
	ctx    context.Context
	run    *exec.Run
	lease  *catalog.Lease
	asked  *asked
	// following is told of the end; complete once all rows have been handed out.
	following *following
	complete  bool
	err       error
	once      sync.Once
	stored    []arrow.RecordBatch // of an EXPLAIN, which has no run
	watch     *observed           // nil if nobody asks
}

// Next returns the next batch, whose columns are those of the result by position with the Arrow types of sources.ArrowType; the
// caller releases it. io.EOF follows the last. Other errors are sqlerr.Error.
func (r *Result) Next() (arrow.RecordBatch, error) {
	if r.run == nil {
		if len(r.stored) == 0 {
			return nil, io.EOF
		}
		b := r.stored[0]
		r.stored = r.stored[1:]
		return b, nil
	}
	b, err := r.run.Next()
	r.complete = errors.Is(err, io.EOF)
	if err != nil && !r.complete {
		report(r.lease, err)
		r.err = r.engine.clientError(r.ctx, err)
		return nil, r.err
	}
	return b, err
}

// Close ends the statement wherever it is, the remote ones included. It may be called more than once.
func (r *Result) Close() error {
	r.once.Do(func() {
		if r.run == nil {
			for _, b := range r.stored {
				b.Release()
			}
			r.watch.done(r.err)
			return
		}
		if err := r.run.Close(); err != nil && r.err == nil && r.ctx.Err() == nil {
			r.engine.log.Debug("a statement was closed before its end", "error", err)
		}
		r.lease.Release()
		r.following.end(r.ctx, r.run.Stats().Rows, r.complete, r.err)
		r.watch.runs(r.run.Stats())
		r.watch.done(r.err)
		if r.engine.cfg.Observe != nil {
			r.engine.cfg.Observe(Observation{Stats: r.run.Stats(), Err: r.err, Reveals: r.asked.reveals})
		}
	})
	return nil
}

// report tells the catalog that a source's answer shows what the lease has seen to be stale, or the source to be down.
func report(lease *catalog.Lease, err error) {
	var s *sources.Error
	if errors.As(err, &s) {
		lease.Report(s.Source, err)
	}
}

// clientError turns any error into one that a client may see. What only the log may hold is logged here.
func (e *Engine) clientError(ctx context.Context, err error) error {
	var known *sqlerr.Error
	if cause := context.Cause(ctx); cause != nil {
		if errors.As(cause, &known) {
			return known
		}
		if errors.Is(cause, context.DeadlineExceeded) {
			return sqlerr.Timeout.New("Query execution was interrupted, maximum statement execution time exceeded")
		}
		return sqlerr.Interrupted.New("Query execution was interrupted")
	}
	if errors.As(err, &known) {
		if cause := errors.Unwrap(known); cause != nil {
			e.log.Warn("statement failed", "code", known.Code, "error", known.Message)
			e.log.Debug("statement failed", "code", known.Code, "cause", cause, "detail", detail(cause)) // may quote rows
		}
		return known
	}
	var s *sources.Error
	if errors.As(err, &s) {
		e.log.Warn("source failed", "source", s.Source, "doing", s.Doing, "code", s.Code)
		e.log.Debug("source failed", "source", s.Source, "detail", s.Detail) // may quote rows
		switch {
		case errors.Is(s, sources.ErrChanged):
			return sqlerr.SourceChanged.New("%s; the table is being read again: retry the statement", s.Error()).With(err)
		case errors.Is(s, sources.ErrValue):
			return sqlerr.OutOfRange.New("%s; read the column as text or exclude such rows", s.Error()).With(err)
		case errors.Is(s, sources.ErrRows):
			return sqlerr.SubqueryRows.New("Subquery returns more than 1 row").With(err)
		case errors.Is(s, sources.ErrUnavailable):
			return sqlerr.SourceFailed.New("%s; it is tried again by the next statement", s.Error()).With(err)
		}
		return sqlerr.SourceFailed.New("%s", s.Error()).With(err)
	}
	e.log.Error("statement failed", "error", err)
	if errors.Is(err, sources.ErrUnavailable) {
		return sqlerr.SourceFailed.New("a source can't be reached; it is tried again by the next statement").With(err)
	}
	return sqlerr.Internal.New("internal error; the server's log tells more").With(err)
}

// detail is the system's own message behind an error; it may quote data, so it is for the log only.
func detail(err error) string {
	var s *sources.Error
	if errors.As(err, &s) {
		return s.Detail
	}
	return ""
}
