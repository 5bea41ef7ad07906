package system

import (
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/rel"
	"weir/policy"
	"weir/policy/audit"
	"weir/sources"
)

// table is a table of the database.
type table struct {
	name, comment string
	columns       []sources.Column
	// rows makes the rows for a principal, each with a value for each column, in order: a string, int64, uint64, bool, time.Time, or nil for NULL.
	// A row is used before the next is asked for. A table with a column time gives those of the span only; others are never asked for one.
	rows func(ctx context.Context, p policy.Principal, span audit.Span) iter.Seq2[[]any, error]
}

// column describes a column.
func column(name string, t rel.Type, comment string) sources.Column {
	return sources.Column{Name: name, Type: t, Comment: comment}
}

// The types of the columns.
var (
	number   = rel.Type{Kind: rel.BigInt}
	unsigned = rel.Type{Kind: rel.BigInt, Unsigned: true}
	flag     = rel.Type{Kind: rel.TinyInt, Length: 1}
	moment   = rel.Type{Kind: rel.Timestamp, Scale: 6}
	long     = rel.Type{Kind: rel.Text}
)

func short(n int) rel.Type { return rel.VarCharType(n) }

// batchRows bounds a batch.
const batchRows = 1024

// batches are a table's rows as record batches.
type batches struct {
	over func()
	stop context.CancelFunc
	cols []int // of the table, by the result's position; -1 is the constant 1
	want []rel.Column

	mu     sync.Mutex // Close may be called while Next runs
	next   func() ([]any, error, bool)
	finish func()
	end    error // what ended the rows
	first  arrow.RecordBatch
}

func newBatches(ctx context.Context, t *table, p policy.Principal, columns []string, span audit.Span, q sources.Query) (*batches, error) {
	b := &batches{want: q.Columns, over: func() {}}
	if q.Over != nil {
		b.over = sync.OnceFunc(q.Over)
	}
	if len(columns) == 0 {
		b.cols = []int{-1}
	}
	for _, name := range columns {
		i := slices.IndexFunc(t.columns, func(c sources.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("table %s.%s has no column %s", Database, t.name, name)
		}
		b.cols = append(b.cols, i)
	}
	if len(b.cols) != len(b.want) {
		return nil, fmt.Errorf("table %s.%s: %d columns are read, %d are wanted", Database, t.name, len(b.cols), len(b.want))
	}
	ctx, b.stop = context.WithCancel(ctx)
	b.next, b.finish = iter.Pull2(t.rows(ctx, p, span))
	var err error
	if b.first, err = b.Next(); err != nil && err != io.EOF {
		_ = b.Close()
		return nil, err
	}
	return b, nil
}

// Next implements sources.Batches.
func (b *batches) Next() (arrow.RecordBatch, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.first != nil {
		out := b.first
		b.first = nil
		return out, nil
	}
	if b.end != nil {
		return nil, b.end
	}
	builder := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(b.want))
	defer builder.Release()
	n := 0
	for n < batchRows {
		row, err, ok := b.next()
		if !ok {
			err = io.EOF
		}
		if err == nil {
			err = b.add(builder, row)
		}
		if err != nil {
			b.end = err
			break
		}
		n++
	}
	if b.end != nil {
		b.over()
	}
	if n == 0 || b.end != nil && b.end != io.EOF {
		return nil, b.end
	}
	return builder.NewRecordBatch(), nil
}

func (b *batches) add(builder *array.RecordBuilder, row []any) error {
	for i, from := range b.cols {
		var v any = int64(1)
		if from >= 0 {
			v = row[from]
		}
		if err := put(builder.Field(i), v); err != nil {
			return fmt.Errorf("%s.%s: %w", Database, b.want[i].Name, err)
		}
	}
	return nil
}

func put(to array.Builder, v any) error {
	if v == nil {
		to.AppendNull()
		return nil
	}
	if f, ok := v.(bool); ok {
		v = int64(0)
		if f {
			v = int64(1)
		}
	}
	switch to := to.(type) {
	case *array.StringBuilder:
		if s, ok := v.(string); ok {
			to.Append(s)
			return nil
		}
	case *array.Int64Builder:
		if n, ok := v.(int64); ok {
			to.Append(n)
			return nil
		}
	case *array.Int32Builder:
		if n, ok := v.(int64); ok {
			to.Append(int32(n))
			return nil
		}
	case *array.Int8Builder:
		if n, ok := v.(int64); ok {
			to.Append(int8(n))
			return nil
		}
	case *array.Uint64Builder:
		if n, ok := v.(uint64); ok {
			to.Append(n)
			return nil
		}
	case *array.TimestampBuilder:
		if t, ok := v.(time.Time); ok {
			to.Append(arrow.Timestamp(t.UnixMicro()))
			return nil
		}
	}
	return fmt.Errorf("a %T is no value for %s", v, to.Type())
}

// Close implements sources.Batches.
func (b *batches) Close() error {
	b.stop() // what Next waits for ends
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.end == nil {
		b.end = context.Canceled
	}
	if b.first != nil {
		b.first.Release()
		b.first = nil
	}
	b.finish()
	b.over()
	return nil
}

// all gives rows that are at hand.
func all(rows [][]any) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// text is a string, NULL for the empty one.
func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}
