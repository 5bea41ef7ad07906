package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/sources"
)

// Query runs a statement in one snapshot. It is never split: SQLite can't give two connections the same snapshot of every file.
func (s *Source) Query(ctx context.Context, q sources.Query) (sources.Batches, error) {
	rows, err := newBatcher(s.decode, q.Columns)
	if err != nil {
		return nil, fmt.Errorf("source %s: %w", s.name, err)
	}
	b := &batches{s: s, q: q, rows: rows, caller: ctx}
	b.ctx, b.cancel = s.bound(ctx)
	if err := b.start(); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// batches is a statement under way. When its context ends, it ends too, even if nobody asks for the next batch: it would keep the file
// locked, or its log from being cut.
type batches struct {
	s      *Source
	q      sources.Query
	caller context.Context
	ctx    context.Context
	cancel context.CancelFunc
	// unwatch undoes what watches the contexts of the source and the statement.
	unwatch []func() bool

	mu    sync.Mutex // held by Next and by whoever ends the statement
	c     *conn      // nil before start and after the end
	rows  *batcher
	first arrow.RecordBatch
	err   error // what Next returns from now on
}

func (b *batches) start() (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.unwatch = append(b.unwatch, context.AfterFunc(b.s.pool.stop, b.cancel), context.AfterFunc(b.ctx, b.abort))
	if b.c, err = b.s.pool.get(b.ctx); err != nil {
		return err
	}
	if err := b.c.begin(b.ctx); err != nil {
		return b.failed(err)
	}
	if err := b.c.unchanged(b.q.Reads); err != nil {
		return b.failed(err)
	}
	stmt, trailing, err := b.c.PrepareTransient(b.q.SQL)
	if err != nil {
		return b.failed(err)
	}
	b.rows.stmt = stmt
	if trailing > 0 || stmt.ColumnCount() != max(1, len(b.q.Columns)) {
		return fmt.Errorf("source %s: the statement has %d columns where %d are expected", b.s.name, stmt.ColumnCount(), len(b.q.Columns))
	}
	if b.first, b.err = b.next(); b.err != nil {
		b.release()
		if !errors.Is(b.err, io.EOF) {
			return b.err
		}
	}
	return nil
}

// Next returns the next batch.
func (b *batches) Next() (arrow.RecordBatch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.first; r != nil {
		b.first = nil
		return r, nil
	}
	if b.err != nil {
		return nil, b.err
	}
	r, err := b.next()
	if b.err = err; err != nil {
		b.release()
	}
	if r != nil {
		return r, nil
	}
	return nil, err
}

// next reads a batch. With the last rows it returns io.EOF too.
func (b *batches) next() (arrow.RecordBatch, error) {
	b.rows.reserve()
	n := 0
	for n < batchRows && b.rows.bytes < batchBytes {
		more, err := b.rows.stmt.Step()
		if b.c.fault != nil && err == nil {
			err = b.c.fault
		}
		if err != nil {
			return nil, b.failed(err)
		}
		if !more {
			if n == 0 {
				return nil, io.EOF
			}
			return b.rows.batch(n), io.EOF
		}
		if err := b.rows.row(); err != nil {
			return nil, b.failed(err)
		}
		n++
	}
	return b.rows.batch(n), nil
}

// failed makes the error of a statement that broke off.
func (b *batches) failed(err error) error {
	var m misfit
	var ours *sources.Error
	switch {
	case errors.As(err, &ours):
		return err
	case errors.As(err, &m):
		return &sources.Error{Source: b.s.name, Doing: "reading " + b.column(int(m)), Class: sources.ErrValue}
	case b.c.fault != nil && b.c.fault.column != "":
		alias, name, _ := strings.Cut(b.c.fault.column, ".")
		return &sources.Error{Source: b.s.name, Doing: "reading " + columnOf(name, tableOf(b.q.SQL, alias)), Class: b.c.fault.class}
	}
	ctx := b.caller
	if b.ctx.Err() != nil && ctx.Err() == nil {
		ctx = b.ctx
		if b.s.pool.stop.Err() != nil {
			return &sources.Error{Source: b.s.name, Doing: "reading", Class: errClosed}
		}
	}
	return b.s.failed(ctx, b.c, "running a statement", err)
}

// column names column i of the result.
func (b *batches) column(i int) string {
	return columnOf(b.q.Columns[i].Name, b.rows.stmt.ColumnTableName(i))
}

func columnOf(name, table string) string {
	if table == "" {
		return "column " + name
	}
	return "column " + name + " of table " + table
}

// tableOf finds the table that an alias stands for in a printed statement.
func tableOf(sql, alias string) string {
	before, _, ok := strings.Cut(sql, `" AS `+alias+" ")
	if !ok {
		if before, ok = strings.CutSuffix(sql, `" AS `+alias); !ok {
			return ""
		}
	}
	return before[strings.LastIndexByte(before, '"')+1:]
}

// Close ends the statement, whatever Next is doing.
func (b *batches) Close() error {
	b.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end(&sources.Error{Source: b.s.name, Doing: "reading a statement that was closed", Class: context.Canceled})
	return nil
}

// abort ends the statement when its context has ended.
func (b *batches) abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.c != nil {
		b.end(b.failed(b.ctx.Err()))
	}
}

// end gives the connection back. Next returns err from now on, unless it has something better to return.
func (b *batches) end(err error) {
	if b.err == nil {
		b.err = err
	}
	if b.first != nil {
		b.first.Release()
		b.first = nil
	}
	b.release()
}

// release gives the connection back, as soon as all rows have been read.
func (b *batches) release() {
	for _, stop := range b.unwatch {
		stop()
	}
	if b.rows == nil {
		return
	}
	if b.c != nil {
		b.c.SetInterrupt(nil)
		if b.rows.stmt != nil {
			_ = b.rows.stmt.Finalize() // repeats the error of the last step
		}
		b.s.pool.put(b.c)
		if b.q.Over != nil {
			b.q.Over()
		}
	}
	b.rows.builder.Release()
	b.rows, b.c = nil, nil
	b.cancel()
}
