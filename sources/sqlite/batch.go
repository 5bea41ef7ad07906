package sqlite

import (
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"zombiezen.com/go/sqlite"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

const (
	batchRows  = 8192
	batchBytes = 4 << 20
	// firstRows is how many rows the first batch makes room for: most statements give few rows.
	firstRows = 64
)

// batcher gathers rows into record batches. Values go from SQLite's memory into the builders without an allocation for each.
type batcher struct {
	stmt    *sqlite.Stmt
	builder *array.RecordBuilder
	columns []appender
	cell    cell // the value under way; one for all, so that none is allocated
	scratch []byte
	bytes   int
	started bool
}

// appender appends the current row's value of one column, which is not NULL; it reports whether the value fits.
type appender func(v *cell) bool

func newBatcher(d decoder, cols []rel.Column) (*batcher, error) {
	b := &batcher{builder: array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(cols))}
	for i, c := range cols {
		a, err := b.appender(d, c.T, b.builder.Field(i))
		if err != nil {
			b.builder.Release()
			return nil, err
		}
		b.columns = append(b.columns, a)
	}
	return b, nil
}

// misfit is the error of a value that doesn't fit column i of the result.
type misfit int

func (m misfit) Error() string { return fmt.Sprintf("column %d: value out of range", int(m)+1) }

// row appends the statement's current row.
func (b *batcher) row() error {
	v := &b.cell
	for i, a := range b.columns {
		switch v.kind = b.stmt.ColumnType(i); v.kind {
		case sqlite.TypeNull:
			b.builder.Field(i).AppendNull()
			continue
		case sqlite.TypeInteger:
			v.int = b.stmt.ColumnInt64(i)
		case sqlite.TypeFloat:
			v.float = b.stmt.ColumnFloat(i)
		default:
			n := b.stmt.ColumnLen(i) // also turns text of any encoding into UTF-8
			if n > cap(b.scratch) {
				b.scratch = make([]byte, n+n/2)
			}
			v.bytes = b.scratch[:b.stmt.ColumnBytes(i, b.scratch[:n])]
			b.bytes += n
		}
		if !a(v) {
			return misfit(i)
		}
	}
	return nil
}

func (b *batcher) reserve() {
	n := batchRows
	if !b.started {
		n, b.started = firstRows, true
	}
	b.builder.Reserve(n)
	b.bytes = 0
}

// batch takes the gathered rows out.
func (b *batcher) batch(rows int) arrow.RecordBatch {
	if len(b.columns) == 0 {
		return array.NewRecordBatch(b.builder.Schema(), nil, int64(rows))
	}
	return b.builder.NewRecordBatch()
}

func (b *batcher) appender(d decoder, t rel.Type, field array.Builder) (appender, error) {
	switch f := field.(type) {
	case *array.NullBuilder:
		return func(*cell) bool { return false }, nil
	case *array.BooleanBuilder:
		return func(v *cell) bool {
			f.Append(v.int != 0)
			return v.kind == sqlite.TypeInteger
		}, nil
	case *array.Int8Builder:
		return whole(d, math.MinInt8, math.MaxInt8, func(n int64) { f.Append(int8(n)) }), nil
	case *array.Int16Builder:
		return whole(d, math.MinInt16, math.MaxInt16, func(n int64) { f.Append(int16(n)) }), nil
	case *array.Int32Builder:
		return whole(d, math.MinInt32, math.MaxInt32, func(n int64) { f.Append(int32(n)) }), nil
	case *array.Int64Builder:
		if t.Class() == rel.ClassTime {
			return func(v *cell) bool {
				n, ok := d.clock(v, t.Scale)
				f.Append(n)
				return ok
			}, nil
		}
		return func(v *cell) bool {
			n, ok := d.integer(v)
			f.Append(n)
			return ok
		}, nil
	case *array.Uint8Builder:
		return whole(d, 0, math.MaxUint8, func(n int64) { f.Append(uint8(n)) }), nil
	case *array.Uint16Builder:
		return whole(d, 0, math.MaxUint16, func(n int64) { f.Append(uint16(n)) }), nil
	case *array.Uint32Builder:
		return whole(d, 0, math.MaxUint32, func(n int64) { f.Append(uint32(n)) }), nil
	case *array.Uint64Builder:
		return whole(d, 0, math.MaxInt64, func(n int64) { f.Append(uint64(n)) }), nil
	case *array.Float64Builder:
		return func(v *cell) bool {
			x, ok := d.double(v)
			f.Append(x)
			return ok
		}, nil
	case *array.Decimal128Builder:
		precision := int(f.Type().(*arrow.Decimal128Type).Precision)
		return func(v *cell) bool {
			n, ok := carriedDecimal(v, precision)
			f.Append(n)
			return ok
		}, nil
	case *array.Date32Builder:
		return func(v *cell) bool {
			n, ok := d.date(v)
			f.Append(arrow.Date32(n))
			return ok
		}, nil
	case *array.TimestampBuilder:
		return func(v *cell) bool {
			n, ok := d.datetime(v, t.Scale)
			f.Append(arrow.Timestamp(n))
			return ok
		}, nil
	case *array.StringBuilder:
		return b.text(d, t, f), nil
	case *array.BinaryBuilder:
		space := make([]byte, 0, 32)
		return func(v *cell) bool {
			x, ok := d.blob(v, space)
			f.Append(x)
			return ok
		}, nil
	}
	return nil, fmt.Errorf("no reader for %s", t)
}

func whole(d decoder, low, high int64, put func(int64)) appender {
	return func(v *cell) bool {
		n, ok := d.integer(v)
		put(n)
		return ok && n >= low && n <= high
	}
}

func (b *batcher) text(d decoder, t rel.Type, f *array.StringBuilder) appender {
	space := make([]byte, 0, 64)
	decode := func(v *cell) ([]byte, bool) { return d.text(v) }
	switch {
	case t.Class() == rel.ClassJSON:
		decode = func(v *cell) ([]byte, bool) { return d.document(v, space[:0]) }
	case strings.HasSuffix(t.Native, dialect.SQLiteOpaque):
		decode = func(v *cell) ([]byte, bool) { return d.anything(v, space[:0]) }
	}
	return func(v *cell) bool {
		x, ok := decode(v)
		f.BinaryBuilder.Append(x)
		return ok
	}
}
