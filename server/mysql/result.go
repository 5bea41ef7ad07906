package mysql

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"weir/engine/bind"
	"weir/engine/rel"
)

const (
	// chunkRows and chunkBytes bound what is handed to the protocol at once.
	chunkRows  = 1024
	chunkBytes = 1 << 20
)

// encoder turns batches into values, of which the library makes rows. The values of a chunk lie in one slab and their bytes in one
// buffer. There are two of each, used in turn: behind a cursor the protocol still reads a chunk after it has taken it, until it takes
// the next.
type encoder struct {
	fields  []*querypb.Field
	columns []bind.Output
	// binary says that the rows go out in the binary protocol, which is made from the text; floats then need all their digits.
	binary bool
	chunks [2]chunk
	turn   int
}

type chunk struct {
	values []sqltypes.Value
	rows   [][]sqltypes.Value
	bytes  []byte
}

func newEncoder(columns []bind.Output, binary bool) *encoder {
	return &encoder{fields: fields(columns), columns: columns, binary: binary}
}

// send hands a batch to the protocol, chunk by chunk, and stops between two when the statement is cancelled.
func (e *encoder) send(st *statement, batch arrow.RecordBatch, out sink) error {
	if int(batch.NumCols()) != len(e.columns) {
		return fmt.Errorf("a batch has %d columns, the result %d", batch.NumCols(), len(e.columns))
	}
	for from, total := 0, int(batch.NumRows()); from < total; {
		if err := st.ctx.Err(); err != nil {
			return err
		}
		n := rowsWithin(batch, from, min(chunkRows, total-from))
		c := &e.chunks[e.turn]
		e.turn = 1 - e.turn
		if err := e.fill(c, batch, from, n); err != nil {
			return err
		}
		st.bytes += int64(len(c.bytes))
		if err := out(&sqltypes.Result{Fields: e.fields, Rows: c.rows}); err != nil {
			return err
		}
		from += n
	}
	return nil
}

// rowsWithin is how many of the next n rows hold at most chunkBytes of strings; at least one.
func rowsWithin(batch arrow.RecordBatch, from, n int) int {
	for n > 1 {
		size := 0
		for _, col := range batch.Columns() {
			switch a := col.(type) {
			case *array.String:
				size += spread(a.ValueOffsets(), from, n)
			case *array.Binary:
				size += spread(a.ValueOffsets(), from, n)
			}
		}
		if size <= chunkBytes {
			break
		}
		n = max(1, min(n/2, n*chunkBytes/size))
	}
	return n
}

func spread(offsets []int32, from, n int) int { return int(offsets[from+n] - offsets[from]) }

// fill writes n rows of a batch into a chunk.
func (e *encoder) fill(c *chunk, batch arrow.RecordBatch, from, n int) error {
	width := len(e.columns)
	if cap(c.values) < n*width {
		c.values = make([]sqltypes.Value, n*width)
		c.rows = make([][]sqltypes.Value, 0, n)
	}
	c.values = c.values[:n*width]
	c.rows = c.rows[:0]
	for r := range n {
		c.rows = append(c.rows, c.values[r*width:(r+1)*width:(r+1)*width])
	}
	c.bytes = c.bytes[:0]
	for i := range e.columns {
		var err error
		if c.bytes, err = e.column(c, i, batch.Column(i), from, n); err != nil {
			return err
		}
	}
	return nil
}

// column writes one column's values into a chunk. The buffer may move while it grows; values that were made before keep
// pointing into the old one.
func (e *encoder) column(c *chunk, i int, col arrow.Array, from, n int) ([]byte, error) {
	write, err := textOf(col, e.columns[i].T, e.binary)
	if err != nil {
		return c.bytes, fmt.Errorf("result column %d: %w", i+1, err)
	}
	typ, width, nullable := e.fields[i].Type, len(e.columns), col.NullN() > 0
	b := c.bytes
	for r := range n {
		if write == nil || nullable && col.IsNull(from+r) {
			c.values[r*width+i] = sqltypes.NULL
			continue
		}
		start := len(b)
		b = write(b, from+r)
		c.values[r*width+i] = sqltypes.MakeTrusted(typ, b[start:len(b):len(b)])
	}
	return b, nil
}

// literalAt is a value of a batch as a constant.
func literalAt(col arrow.Array, row int, t rel.Type) *rel.Lit {
	if t.Kind == rel.Bool {
		t = rel.BigIntType
	}
	l := &rel.Lit{T: t}
	if col.IsNull(row) {
		l.T.NotNull = false
		return l
	}
	switch a := col.(type) {
	case *array.Boolean:
		l.Value = int64(0)
		if a.Value(row) {
			l.Value = int64(1)
		}
	case *array.Int8:
		l.Value = int64(a.Value(row))
	case *array.Int16:
		l.Value = int64(a.Value(row))
	case *array.Int32:
		l.Value = int64(a.Value(row))
	case *array.Int64:
		l.Value = a.Value(row)
		if t.Kind == rel.Time {
			l.Value = rel.TimeValue(a.Value(row))
		}
	case *array.Uint8:
		l.Value = uint64(a.Value(row))
	case *array.Uint16:
		l.Value = uint64(a.Value(row))
	case *array.Uint32:
		l.Value = uint64(a.Value(row))
	case *array.Uint64:
		l.Value = a.Value(row)
	case *array.Float32:
		l.Value = float64(a.Value(row))
	case *array.Float64:
		l.Value = a.Value(row)
	case *array.Decimal128:
		scale := int(a.DataType().(*arrow.Decimal128Type).Scale)
		l.Value = rel.DecimalText(appendDecimal(nil, a.Value(row), scale, t.Scale))
		l.T.Inner = 0
	case *array.Date32:
		l.Value = rel.DateValue(a.Value(row))
	case *array.Timestamp:
		l.Value = rel.DateTimeValue(a.Value(row))
	case *array.String:
		l.Value = string([]byte(a.Value(row))) // the batch's memory goes away
	case *array.Binary:
		l.Value = append([]byte{}, a.Value(row)...)
	}
	l.T.NotNull = true
	return l
}
