package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/engine/rel"
	"weir/sources"
)

const (
	batchRows  = 64 << 10
	batchBytes = 4 << 20
)

var errStreamClosed = errors.New("the stream is closed")

// Query implements sources.Source. The result comes in binary form by the extended protocol: its rows have the form of a binary COPY,
// cost the server and us the same, and need no second round trip to learn the columns' types.
func (s *Source) Query(ctx context.Context, q sources.Query) (sources.Batches, error) {
	st := &stream{source: s, caller: ctx}
	st.ctx, st.cancel = context.WithCancel(ctx)
	unlink := context.AfterFunc(s.base, st.cancel)
	stop := st.cancel
	st.cancel = func() { unlink(); stop() }
	err := s.query(st, q)
	if err != nil {
		st.cancel()
		return nil, err
	}
	return st, nil
}

func (s *Source) query(st *stream, q sources.Query) error {
	if q.Split != nil {
		done, err := s.split(st, q)
		if done || err != nil {
			return err
		}
	}
	c, err := s.acquire(st.ctx, doing)
	if err != nil {
		return s.orCaller(st, err)
	}
	r := &reader{source: s, c: c, cols: q.Columns}
	unwatch := c.watch(st.ctx)
	first, done, err := r.run(q.SQL, q.Reads)
	if c.reused && brokeIdle(err) && r.rows == 0 && st.ctx.Err() == nil {
		// The connection was lost while it was idle, so that the statement never ran: once more on a new one.
		unwatch()
		s.pool.discard(c)
		if c, err = s.pool.fresh(st.ctx); err != nil {
			return s.orCaller(st, s.fail(st.ctx, doing, err))
		}
		r = &reader{source: s, c: c, cols: q.Columns}
		unwatch = c.watch(st.ctx)
		first, done, err = r.run(q.SQL, q.Reads)
	}
	finish := func(err error) error {
		unwatch()
		if broken(err) && !c.spoilt.Load() {
			c.cancel() // the statement may still be running
		}
		s.giveBack(c, err)
		over(q)
		return s.orCaller(st, s.fail(st.ctx, r.doing(), err))
	}
	if err != nil || done {
		if err := finish(err); err != nil {
			if first != nil {
				first.Release()
			}
			return err
		}
		st.ready = first
		st.cancel()
		return nil
	}
	st.ready = first
	st.start(func() error {
		for {
			b, done, err := r.fill()
			if err != nil {
				return finish(err)
			}
			if done {
				if err := finish(nil); err != nil {
					return err
				}
			}
			if b != nil && !st.deliver(b) && !done {
				return finish(r.abandon())
			}
			if done {
				return nil
			}
		}
	})
	return nil
}

// over tells whom it concerns that a statement needs its connections no more.
func over(q sources.Query) {
	if q.Over != nil {
		q.Over()
	}
}

const doing = "running a statement"

// brokeIdle reports whether an error may come from a connection that was lost before the statement was sent: by the network, or because
// the server ended the session.
func brokeIdle(err error) bool {
	var server *serverError
	if errors.As(err, &server) {
		return server.code == "57P01" || server.code == "57P02" || server.code == "57P05"
	}
	var value *valueError
	var ours *sources.Error
	return err != nil && !errors.As(err, &value) && !errors.As(err, &ours) && !errors.Is(err, errProtocol)
}

// orCaller prefers the caller's own end over that of the stream's context.
func (s *Source) orCaller(st *stream, err error) error {
	if err == nil || st.caller.Err() != nil {
		return st.caller.Err()
	}
	if s.base.Err() != nil {
		return &sources.Error{Source: s.name, Doing: doing + ": the source is closed"}
	}
	return err
}

// reader reads the result of one statement after the other over one connection.
type reader struct {
	source *Source
	c      *session
	cols   []rel.Column
	schema *arrow.Schema

	into    []column
	rows    int64 // of the statement, as far as read
	column  int   // the column being decoded, while that fails
	failed  bool  // decoding failed at column
	command []byte

	unchecked []*rel.Table // tables whose versions come before the rows
	version   string       // of the first of them
	parsed    int          // statements that the server has parsed
}

// doing says what was being done when an error came.
func (r *reader) doing() string {
	if r.failed {
		return "reading column " + r.cols[r.column].Name
	}
	return doing
}

// run sends a statement and reads its first batch, once the tables that it reads have been found to be unchanged.
func (r *reader) run(sql string, reads []*rel.Table) (arrow.RecordBatch, bool, error) {
	r.rows, r.command, r.parsed = 0, r.command[:0], 0
	r.unchecked = versioned(reads)
	if err := r.c.wire.extended(sql, r.unchecked, r.c.versions); err != nil {
		return nil, false, err
	}
	return r.fill()
}

// fill reads until a batch is full or the statement's end is known. The batch may be nil at the end.
func (r *reader) fill() (b arrow.RecordBatch, done bool, err error) {
	n, size := 0, 0
	var failure error // the server's error; the statement is over when it is ready again
	for {
		kind, body, err := r.c.wire.next()
		if err != nil {
			if failure != nil {
				err = failure
			}
			return nil, false, err
		}
		switch kind {
		case 'D':
			if len(r.unchecked) > 0 {
				row, err := textRow(body)
				if err != nil {
					return nil, false, err
				}
				r.version = versionOf(row)
				break
			}
			if err := r.row(body); err != nil {
				return nil, false, err
			}
			n++
			if size += len(body); n >= batchRows || size >= batchBytes {
				r.rows += int64(n)
				return r.batch(n), false, nil
			}
		case 'T':
			fields, err := rowDescription(body)
			if err != nil {
				return nil, false, fmt.Errorf("%w: %w", errProtocol, err)
			}
			if err := r.describe(fields); err != nil {
				return nil, false, err
			}
		case 'C':
			if len(r.unchecked) > 0 {
				if err := r.check(); err != nil {
					return nil, false, err
				}
				break
			}
			r.command = append(r.command[:0], body...)
		case 'E':
			if failure == nil {
				e := errorResponse(body)
				failure = e
				if e.code == "57P01" || e.code == "57P02" || e.code == "57P03" || e.code == "57P05" {
					return nil, false, failure // the server closes the connection now
				}
			}
		case 'Z':
			switch {
			case failure != nil && len(r.unchecked) > 0: // the server didn't even understand the statement
				return nil, false, r.understood(failure)
			case failure != nil:
				return nil, false, failure
			case !bytes.HasPrefix(r.command, []byte("SELECT ")):
				return nil, false, fmt.Errorf("%w: the statement was not run to its end", errProtocol)
			}
			r.rows += int64(n)
			if want := fmt.Sprintf("SELECT %d\x00", r.rows); want != string(r.command) {
				return nil, false, fmt.Errorf("%w: %d rows came, the server speaks of %s", errProtocol, r.rows, r.command)
			}
			if n > 0 {
				b = r.batch(n)
			}
			return b, true, nil
		case '1': // the statement's own is the first, the question for versions may follow
			if r.parsed++; r.parsed == 2 {
				r.c.versions = true
			}
		case '2', 'N', 'S', 'A', 'n':
		default:
			return nil, false, fmt.Errorf("%w: message %q", errProtocol, kind)
		}
	}
}

// describe makes the columns for what the server is about to send.
func (r *reader) describe(fields []field) error {
	if len(r.cols) == 0 && len(fields) == 1 { // a statement without columns puts out a constant
		r.into = []column{}
		r.schema = sources.Schema(r.cols)
		return nil
	}
	if len(fields) != len(r.cols) {
		return fmt.Errorf("%w: %d columns, not %d", errProtocol, len(fields), len(r.cols))
	}
	if r.into != nil {
		return nil
	}
	r.schema = sources.Schema(r.cols)
	r.into = make([]column, len(fields))
	for i, f := range fields {
		c, err := newColumn(f.oid, r.cols[i].T, r.c.ascii)
		if err != nil {
			// The column's type is not what the catalog knew.
			return &sources.Error{Source: r.source.name, Doing: "reading column " + r.cols[i].Name, Class: sources.ErrChanged, Detail: err.Error()}
		}
		r.into[i] = c
	}
	return nil
}

// row decodes one row: a count of fields, then for each its length (-1 for NULL) and its bytes.
func (r *reader) row(body []byte) error {
	if len(r.cols) == 0 {
		return nil
	}
	if len(body) < 2 || int(be16(body)) != len(r.into) {
		return fmt.Errorf("%w: a row of another width", errProtocol)
	}
	body = body[2:]
	for i, c := range r.into {
		if len(body) < 4 {
			return errSize
		}
		n := int(int32(be32(body)))
		body = body[4:]
		if n < 0 {
			c.null()
			continue
		}
		if len(body) < n {
			return errSize
		}
		if err := c.add(body[:n]); err != nil {
			r.column, r.failed = i, true
			return err
		}
		body = body[n:]
	}
	return nil
}

// batch makes a batch of the rows that were decoded.
func (r *reader) batch(n int) arrow.RecordBatch {
	arrays := make([]arrow.Array, len(r.into))
	for i, c := range r.into {
		data := c.finish(n)
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	b := array.NewRecordBatch(r.schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	return b
}

// abandon reads to the end of a statement that has been cancelled.
func (r *reader) abandon() error {
	for {
		kind, _, err := r.c.wire.next()
		if err != nil {
			return err
		}
		if kind == 'Z' {
			return errStreamClosed
		}
	}
}
