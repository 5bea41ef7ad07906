package mysql

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/sources"
)

// killTime bounds the side connection's work when a statement is cancelled.
const killTime = 2 * time.Second

var errRowsClosed = errors.New("the rows were closed")

// Query implements sources.Source. A statement is one consistent read of the server by itself. Split is not used: several sessions
// can't share one snapshot here.
func (s *Source) Query(ctx context.Context, q sources.Query) (sources.Batches, error) {
	r, err := s.query(ctx, q)
	for try := 0; try < maxTries && err != nil && ctx.Err() == nil; try++ {
		switch {
		case try == 0 && errors.Is(err, errStale):
			// The session had ended while it was idle, and nothing has been read of it. The others may have ended with it.
			s.pool.drain()
		case !errors.Is(err, errUnlearnt):
			return nil, s.fail(ctx, "running a statement", err)
		}
		r, err = s.query(ctx, q)
	}
	if err != nil {
		return nil, s.fail(ctx, "running a statement", err)
	}
	return r, nil
}

// maxTries bounds how often a statement is sent again because a definition that was not seen before has to be learnt.
const maxTries = 5

// errStale is joined to the error of a session that was lost before it answered its first statement since it was idle.
var errStale = errors.New("the idle connection was lost")

func (s *Source) query(ctx context.Context, q sources.Query) (_ *rows, err error) {
	c, err := s.acquire(ctx)
	if err != nil {
		return nil, err
	}
	pooled := !c.used.IsZero()
	r := &rows{source: s, ctx: ctx, conn: c}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		s.drop(c)
		return nil, errSourceClosed
	}
	s.active[r] = true
	s.mu.Unlock()
	r.unwatch = context.AfterFunc(ctx, func() { r.interrupt(context.Cause(ctx)) })
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() {
		if err != nil {
			r.unwatch()
		}
	}()
	cols, err := r.open(q)
	if err != nil {
		if pooled && lost(err) {
			err = errors.Join(errStale, err)
		}
		if errors.Is(err, sources.ErrChanged) { // the statement runs already
			r.interrupt(err)
			return nil, err
		}
		return nil, r.end(err)
	}
	if r.decoder, err = newDecoder(q.Columns, cols); err != nil {
		r.interrupt(err)
		return nil, err
	}
	r.over = q.Over // from here on the statement is not sent again
	if r.first, err = r.read(firstBatchRows); err != nil && err != io.EOF {
		return nil, err
	}
	return r, nil
}

// open sends the statement and reads up to its first row.
func (r *rows) open(q sources.Query) ([]wireColumn, error) {
	tables := versioned(q.Reads)
	if len(tables) == 0 {
		return r.conn.start(q.SQL)
	}
	r.transaction = true
	if err := r.source.learn(r.ctx, r.conn, tables); err != nil {
		return nil, err
	}
	return r.source.openChecked(r.conn, tables, q.SQL)
}

// rows is the stream of one statement.
type rows struct {
	source  *Source
	ctx     context.Context
	conn    *conn
	unwatch func() bool
	over    func() // of the query; may be nil
	// transaction says that one was begun for the statement, and a COMMIT sent with it.
	transaction bool

	mu      sync.Mutex // held by Next and by the start of the statement
	decoder *decoder
	first   arrow.RecordBatch
	err     error // once set, what Next returns

	once sync.Once // ends the use of conn, one way or another
	why  error     // set by interrupt before the socket fails
	gone sync.Mutex
}

var _ sources.Batches = (*rows)(nil)

// Next implements sources.Batches.
func (r *rows) Next() (arrow.RecordBatch, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b := r.first; b != nil {
		r.first = nil
		return b, nil
	}
	b, err := r.read(batchRows)
	if err != nil && err != io.EOF && err != errRowsClosed {
		err = r.source.fail(r.ctx, "reading rows", err)
	}
	return b, err
}

// read decodes up to n rows. It is called with mu held.
func (r *rows) read(n int) (arrow.RecordBatch, error) {
	if r.err != nil {
		return nil, r.err
	}
	for !r.decoder.full(n) {
		p, err := r.conn.next()
		if err != nil {
			return nil, r.end(err)
		}
		if len(p) == 0 || p[0] >= 0xfe {
			end, err := endOfRows(p)
			if err != nil {
				return nil, r.end(err)
			}
			if end {
				err := r.end(nil)
				if err == io.EOF && r.decoder.rows > 0 {
					return r.decoder.batch(), nil
				}
				return nil, err
			}
		}
		if err := r.decoder.row(p); err != nil {
			r.interrupt(err)
			r.err = err
			return nil, err
		}
	}
	return r.decoder.batch(), nil
}

// end settles the stream: err is nil after the last row, an answer of the server, or a failure of the connection. It returns what Next
// returns from now on. It is called with mu held.
func (r *rows) end(err error) error {
	var answer *serverErr
	clean := err == nil || errors.As(err, &answer)
	if clean && r.transaction {
		clean = r.endTransaction(err == nil) == nil
	}
	if !r.unwatch() {
		clean = false // the context has ended: interrupt is under way
		r.interrupt(context.Cause(r.ctx))
	}
	r.once.Do(func() {
		r.forget()
		if clean {
			r.source.release(r.conn)
		} else {
			r.source.drop(r.conn)
		}
		if r.over != nil {
			r.over()
		}
	})
	r.gone.Lock()
	why := r.why
	r.gone.Unlock()
	switch {
	case err == nil: // every row was read, whatever happened after that
		r.err = io.EOF
	case why != nil:
		r.err = why
	default:
		r.err = err
	}
	return r.err
}

// endTransaction reads the answer to COMMIT after the last row. After an error the server has not come to it.
func (r *rows) endTransaction(whole bool) error {
	if !whole {
		_, err := r.conn.one("ROLLBACK")
		return err
	}
	cols, err := r.conn.header()
	if err == nil && cols != nil {
		return errProtocol
	}
	return err
}

// interrupt ends a statement that is under way: it makes reads fail at once, then kills the session on a side connection and
// drops it. The order matters: a server that is writing rows notices a closed socket, one that is computing only KILL; and
// the session is closed last, so that its number can't be another session's when KILL names it.
func (r *rows) interrupt(why error) {
	r.once.Do(func() {
		r.gone.Lock()
		r.why = why
		r.gone.Unlock()
		r.forget()
		r.conn.net.SetDeadline(time.Unix(1, 0))
		s := r.source
		over := r.over
		s.ending.Add(1)
		go func() {
			defer s.ending.Done()
			if over != nil {
				defer over()
			}
			defer s.drop(r.conn)
			ctx, cancel := context.WithTimeout(context.Background(), killTime)
			defer cancel()
			if err := s.kill(ctx, r.conn); err != nil {
				s.set.log.Warn("ending a remote statement failed; its connection is closed", "source", s.set.name, "error", s.fail(ctx, "KILL", err))
			}
		}()
	})
}

// forget takes the stream out of the source's list.
func (r *rows) forget() {
	r.source.mu.Lock()
	delete(r.source.active, r)
	r.source.mu.Unlock()
}

// Close implements sources.Batches.
func (r *rows) Close() error {
	r.unwatch()
	r.interrupt(errRowsClosed)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.first != nil {
		r.first.Release()
		r.first = nil
	}
	if r.err == nil || r.err == io.EOF {
		r.err = errRowsClosed
	}
	return nil
}
