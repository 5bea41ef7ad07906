package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/engine/dialect"
	"weir/engine/duck"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// Executor runs plans. Safe for concurrent use.
type Executor struct {
	Local   *duck.DB
	Dialect *dialect.Dialect // of the embedded engine
	Gate    *Gate
	// Timeout is how long a statement may hold a connection to a source, from when it is sent until its last row has been read here. Nil: any time.
	Timeout func(source string) time.Duration
	Log     *slog.Logger
}

// Stats are what a run has done so far. Read them after the run has ended or been closed.
type Stats struct {
	Fragments []FragmentStats // in the order of the plan's fragments
	LocalSQL  string          // what the embedded engine ran, without secrets; empty if it had nothing to do
	Rows      int64           // put out
	Elapsed   time.Duration
}

// FragmentStats are what one fragment has done.
type FragmentStats struct {
	ID       int
	Source   string
	SQL      string // as sent, without the values of join keys and secrets
	Keys     int    // join keys that came with it; -1 if none
	Rows     int64
	Bytes    int64
	First    time.Duration // until the first batch or the end
	Elapsed  time.Duration // until the last row, or until it was given up
	Complete bool          // read to the end
	Skipped  bool          // not run: no key could match
	SameAs   int           // not run: the rows are those of this fragment; 0 if it ran
}

// Run is a plan under way. Next and Close may be used by one goroutine at a time.
type Run struct {
	x       *Executor
	plan    *plan.Plan
	open    func(string) (sources.Source, error)
	ctx     context.Context
	cancel  context.CancelCauseFunc
	started time.Time

	session *duck.Session
	rows    sources.Batches
	mu      sync.Mutex // guards stats.Fragments while fragments run side by side
	stats   Stats
	left    int             // fragments that a source has yet to put out to the end
	release func()          // gives the sources to others; may be called more than once
	crowded map[string]bool // sources at which the plan has more fragments than may run at once
	local   sync.Mutex      // guards session while fragments run side by side
	closers []func() error
	ended   bool
}

// Start runs a plan until its first rows are at hand. open gives the sources by name. The caller closes the run.
func (x *Executor) Start(ctx context.Context, p *plan.Plan, open func(string) (sources.Source, error)) (*Run, error) {
	r := &Run{x: x, plan: p, open: open, started: time.Now()}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	for _, f := range p.Fragments {
		r.stats.Fragments = append(r.stats.Fragments, FragmentStats{ID: f.ID, Source: f.Source, SQL: f.Shown, Keys: -1})
	}
	err := r.start()
	if err != nil {
		err = r.first(err)
		r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) start() error {
	release, crowded, err := r.x.Gate.Enter(r.ctx, r.plan)
	if err != nil {
		return err
	}
	r.crowded = crowded
	for _, f := range r.plan.Fragments {
		if !f.IsStep() && f.SameAs == 0 {
			r.left++
		}
	}
	// A run that is ended, but that a client who is away doesn't close, holds no source.
	r.release = sync.OnceFunc(release)
	stop := context.AfterFunc(r.ctx, r.release)
	r.closers = append(r.closers, func() error { stop(); return nil })
	if r.plan.Local == nil {
		rows, err := r.query(r.plan.Fragments[0], nil)
		if err != nil {
			return err
		}
		r.rows = rows
		if r.plan.Fragments[0].Rows > aheadRows { // the source reads on while the client is served
			r.rows = newReadahead(rows)
		}
		return nil
	}
	r.session, err = r.x.Local.Begin(r.ctx)
	if err != nil {
		return err
	}
	views, err := r.stage()
	if err != nil {
		return err
	}
	local, shown, err := r.plan.LocalSQL(r.x.Dialect, func(v *rel.View) string { return views[v.Fragment] })
	if err != nil {
		return sqlerr.Internal.New("printing the local part of the plan").With(err)
	}
	r.stats.LocalSQL = shown
	rows, err := r.session.Query(r.ctx, local, r.plan.Out)
	if err != nil {
		return err
	}
	r.rows = rows
	return nil
}

// query sends a fragment's statement.
func (r *Run) query(f *plan.Fragment, keys map[rel.ColumnID]plan.Keys) (sources.Batches, error) {
	src, err := r.open(f.Source)
	if err != nil {
		return nil, err
	}
	text := f.Text
	if len(keys) > 0 {
		// A fragment that can't take the keys runs without: they only save work.
		if filtered, shown, err := f.WithKeys(keys); err == nil && !tooLong(f.Dialect(), filtered.SQL) {
			text = filtered
			r.record(f, func(s *FragmentStats) { s.SQL = shown })
		} else {
			r.record(f, func(s *FragmentStats) { s.Keys = -1 })
		}
	}
	q := sources.Query{SQL: text.SQL, Columns: delivered(f.Cols), Reads: f.Reads()}
	if text.Split != nil {
		q.Split = &sources.Split{Table: text.Split.Table, Alias: text.Split.Alias, With: text.Split.With, Groups: text.Split.Groups}
	}
	c := &counted{run: r, f: f, started: time.Now()}
	q.Over = c.end // what has been read holds nothing there, whenever the client takes it
	if r.x.Timeout != nil {
		most := r.x.Timeout(f.Source)
		c.timer = time.AfterFunc(most, func() { r.cancel(late(f.Source, most)) })
	}
	if c.Batches, err = src.Query(r.ctx, q); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

// late ends a run one of whose fragments has taken too long. The source's own limit doesn't count the time in which it waits for its reader, and a
// reader that waits for a client would hold what a statement holds there: a connection, and locks before which everybody else waits.
func late(source string, most time.Duration) error {
	return sqlerr.Timeout.New("Query execution was interrupted: a statement at source %s has run, or waited for its rows to be taken, longer than the source's statement_timeout of %s;"+
		" read fewer rows, or take them faster", source, most)
}

// sourceDone notes that a source has put out a fragment to the end, or won't: after the last one, others may use the sources.
func (r *Run) sourceDone() {
	r.mu.Lock()
	r.left--
	last := r.left == 0
	r.mu.Unlock()
	if last {
		r.release()
	}
}

func tooLong(d *dialect.Dialect, sql string) bool { return d.MaxText > 0 && len(sql) > d.MaxText }

// delivered are the columns that a fragment's statement puts out, with the names by which the embedded engine knows them. Where only the number
// of rows counts, that is the constant 1.
func delivered(cols []rel.Column) []rel.Column {
	if len(cols) == 0 {
		return []rel.Column{{Name: "c1", T: rel.Type{Kind: rel.Int}}}
	}
	out := make([]rel.Column, len(cols))
	for i, c := range cols {
		c.Name = fmt.Sprintf("c%d", i+1)
		out[i] = c
	}
	return out
}

func (r *Run) record(f *plan.Fragment, set func(*FragmentStats)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	set(&r.stats.Fragments[f.ID-1])
}

// Next returns the next batch, which the caller releases; io.EOF after the last row.
func (r *Run) Next() (arrow.RecordBatch, error) {
	b, err := r.rows.Next()
	if err == nil {
		r.stats.Rows += b.NumRows()
		return b, nil
	}
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	return nil, r.first(err)
}

// first is the error that ended the run: that of a fragment comes before what follows from it in the embedded engine.
func (r *Run) first(err error) error {
	if cause := context.Cause(r.ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// Close ends the run wherever it is.
func (r *Run) Close() error {
	if r.ended {
		return nil
	}
	r.ended = true
	r.cancel(context.Canceled)
	var err error
	if r.rows != nil {
		err = r.rows.Close()
	}
	for _, c := range r.closers {
		err = errors.Join(err, c())
	}
	if r.session != nil {
		err = errors.Join(err, r.session.Close())
	}
	if r.release != nil {
		r.release()
	}
	r.stats.Elapsed = time.Since(r.started)
	return err
}

// Stats are what the run has done.
func (r *Run) Stats() Stats { r.mu.Lock(); defer r.mu.Unlock(); return r.stats }
