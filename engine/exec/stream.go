package exec

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/engine/plan"
	"weir/engine/rel"
	"weir/sources"
)

// bufferBytes is how much of one fragment is held in memory so that its keys can travel.
const bufferBytes = 64 << 20

// prefetched is a fragment's rows: those already read, then the rest of the stream.
type prefetched struct {
	buffered []arrow.RecordBatch
	rest     sources.Batches
	complete bool   // everything is in buffered
	table    string // where the embedded engine holds the rows, if it does
}

// fill reads up to limit bytes into memory.
func (p *prefetched) fill(limit int64) error {
	var held int64
	for held < limit {
		b, err := p.rest.Next()
		if errors.Is(err, io.EOF) {
			p.complete = true
			return p.rest.Close()
		}
		if err != nil {
			return err
		}
		held += size(b)
		p.buffered = append(p.buffered, b)
	}
	return nil
}

// next hands over the next batch.
func (p *prefetched) next() (arrow.RecordBatch, error) {
	if len(p.buffered) > 0 {
		b := p.buffered[0]
		p.buffered = p.buffered[1:]
		return b, nil
	}
	if p.complete || p.rest == nil {
		return nil, io.EOF
	}
	return p.rest.Next()
}

// Close ends the stream and lets go of what is held.
func (p *prefetched) Close() error {
	for _, b := range p.buffered {
		b.Release()
	}
	p.buffered = nil
	if p.rest == nil {
		return nil
	}
	return p.rest.Close()
}

// reader hands the rows to the embedded engine.
func (p *prefetched) reader(cols []rel.Column) array.RecordReader {
	r := &recordReader{p: p, schema: sources.Schema(delivered(cols))}
	r.refs.Store(1)
	return r
}

// recordReader is an array.RecordReader over a prefetched stream. It owns the batch that it shows, not the stream.
type recordReader struct {
	p      *prefetched
	schema *arrow.Schema
	batch  arrow.RecordBatch
	err    error
	refs   atomic.Int64
}

func (r *recordReader) Retain() { r.refs.Add(1) }

func (r *recordReader) Release() {
	if r.refs.Add(-1) == 0 && r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
}

func (r *recordReader) Schema() *arrow.Schema { return r.schema }

func (r *recordReader) Next() bool {
	if r.batch != nil {
		r.batch.Release()
		r.batch = nil
	}
	b, err := r.p.next()
	if err != nil {
		if !errors.Is(err, io.EOF) {
			r.err = err
		}
		return false
	}
	r.batch = b
	return true
}

func (r *recordReader) RecordBatch() arrow.RecordBatch { return r.batch }
func (r *recordReader) Record() arrow.RecordBatch      { return r.batch }
func (r *recordReader) Err() error                     { return r.err }

// counted counts what a fragment delivers, and makes its error the cause of the run's end.
type counted struct {
	sources.Batches
	run     *Run
	f       *plan.Fragment
	started time.Time
	seen    bool
	timer   *time.Timer // ends the run; nil without a limit
	ended   sync.Once
}

// end is called when the source holds nothing more for the fragment.
func (c *counted) end() {
	c.ended.Do(func() {
		if c.timer != nil {
			c.timer.Stop()
		}
		c.run.sourceDone()
	})
}

// Close implements sources.Batches.
func (c *counted) Close() error {
	err := c.Batches.Close()
	c.end()
	return err
}

func (c *counted) Next() (arrow.RecordBatch, error) {
	b, err := c.Batches.Next()
	took := time.Since(c.started)
	c.run.record(c.f, func(s *FragmentStats) {
		if !c.seen {
			c.seen, s.First = true, took
		}
		s.Elapsed = took
		if err == nil {
			s.Rows += b.NumRows()
			s.Bytes += size(b)
		} else if errors.Is(err, io.EOF) {
			s.Complete = true
		}
	})
	if err != nil {
		if !errors.Is(err, io.EOF) {
			c.run.cancel(err)
		}
		c.end()
	}
	return b, err
}

// size is the memory that a batch holds.
func size(b arrow.RecordBatch) int64 {
	var n int64
	for _, c := range b.Columns() {
		for _, buf := range c.Data().Buffers() {
			if buf != nil {
				n += int64(buf.Len())
			}
		}
	}
	return n
}

// readahead reads a stream in a goroutine of its own, a few batches ahead, so that a source works while the embedded engine is busy elsewhere.
type readahead struct {
	sources.Batches
	ahead chan fetched
	stop  chan struct{}
	once  sync.Once
	done  chan struct{}
	end   error // what ended the stream; it stays
}

type fetched struct {
	batch arrow.RecordBatch
	err   error
}

// aheadRows is the estimate from which on reading a whole statement's rows ahead is worth a goroutine.
const aheadRows = 10_000

// aheadBatches bounds what a stream may be ahead by. Batches are a few megabytes at most.
const aheadBatches = 4

func newReadahead(in sources.Batches) *readahead {
	r := &readahead{Batches: in, ahead: make(chan fetched, aheadBatches), stop: make(chan struct{}), done: make(chan struct{})}
	go r.read()
	return r
}

func (r *readahead) read() {
	defer close(r.done)
	defer close(r.ahead)
	for {
		b, err := r.Batches.Next()
		select {
		case r.ahead <- fetched{b, err}:
		case <-r.stop:
			if b != nil {
				b.Release()
			}
			return
		}
		if err != nil {
			return
		}
	}
}

// Next returns the next batch.
func (r *readahead) Next() (arrow.RecordBatch, error) {
	if r.end != nil {
		return nil, r.end
	}
	f, ok := <-r.ahead
	if !ok {
		f.err = io.EOF
	}
	r.end = f.err
	return f.batch, f.err
}

// Close ends the stream and waits for the goroutine.
func (r *readahead) Close() error {
	r.once.Do(func() { close(r.stop) })
	err := r.Batches.Close()
	<-r.done
	for f := range r.ahead {
		if f.batch != nil {
			f.batch.Release()
		}
	}
	return err
}
