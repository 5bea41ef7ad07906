package mysql

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/rel"
	"weir/sources"
)

const (
	firstBatchRows = 1024 // so that short results and first rows come soon
	batchRows      = 8192
	lookupRows     = 16      // room that is made before it is known whether more than a few rows come
	batchBytes     = 8 << 20 // of text and binary values, more or less
)

// decoder turns the packets of rows into record batches. Values go straight into the buffers of the next batch.
type decoder struct {
	schema *arrow.Schema
	cols   []column
	rows   int
	bytes  int // of variable-length values in the batch
	room   int // rows that the next batch makes room for; 0 if it has been made
}

// column collects the values of one result column.
type column struct {
	store
	name  string
	valid []byte // bitmap
	nulls int
}

// store collects values of one Arrow type.
type store interface {
	// begin starts a batch and makes room for n rows.
	begin(n int)
	// add stores the value of the next row from its text and returns how many bytes a value of variable length took; nothing is stored
	// if there is an error. null stores a placeholder.
	add(text []byte) (int, error)
	null()
	// buffers returns the buffers of the batch, without the bitmap, which are not touched again.
	buffers() []*memory.Buffer
}

// newDecoder makes a decoder for columns of these types, checking that what the server sends can be of them.
func newDecoder(want []rel.Column, got []wireColumn) (*decoder, error) {
	if len(want) != len(got) && !(len(want) == 0 && len(got) == 1) {
		return nil, fmt.Errorf("%w: the result has %d columns, not %d", sources.ErrChanged, len(got), len(want))
	}
	d := &decoder{schema: sources.Schema(want), cols: make([]column, len(want))}
	for i, c := range want {
		if !fits(c.T, got[i]) {
			return nil, fmt.Errorf("%w: column %d is no %s any more", sources.ErrChanged, i+1, c.T.Kind)
		}
		d.cols[i] = column{store: newStore(c.T), name: c.Name}
	}
	d.room = lookupRows
	return d, nil
}

// columnError is a value that can't be read, of a column.
type columnError struct {
	column string
	err    error
}

func (e *columnError) Error() string { return "reading column " + e.column + ": " + e.err.Error() }
func (e *columnError) Unwrap() error { return e.err }

// fits tells whether a column that the server sends can be of type t. A column that was altered since the catalog read it is noticed
// here or by a value that is no such text, before it is taken for something else.
func fits(t rel.Type, c wireColumn) bool {
	const binary = 63
	temporal := c.kind == wireTimestamp || c.kind == wireDate || c.kind == wireTime || c.kind == wireDateTime || c.kind == wireNewDate
	real := c.kind == wireFloat || c.kind == wireDouble
	decimal := c.kind == wireDecimal || c.kind == wireNewDecimal
	integer := c.kind != wireDecimal && c.kind <= 0x09 && !real && c.kind != wireNull && c.kind != wireTimestamp || c.kind == wireYear
	str := c.kind >= 0xf7 || c.kind == 0x0f
	if c.kind == wireNull || c.length == 0 { // nothing but NULL
		return true
	}
	switch t.Class() {
	case rel.ClassInt, rel.ClassBool:
		return integer || decimal && c.decimals == 0
	case rel.ClassDecimal:
		return integer || decimal
	case rel.ClassDouble:
		return integer || decimal || real
	case rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
		return temporal
	case rel.ClassText:
		return str && c.charset != binary
	case rel.ClassJSON: // MySQL's type is sent as UTF-8 that calls itself binary
		return c.kind == wireJSON || str && c.charset != binary
	case rel.ClassBinary:
		return str
	}
	return true
}

// begin makes room for a batch, once there is a row for it.
func (d *decoder) begin() {
	n := d.room
	d.room = 0
	for i := range d.cols {
		c := &d.cols[i]
		c.valid, c.nulls = make([]byte, 0, (n+7)/8), 0
		c.begin(n)
	}
}

// full tells whether a batch of at most n rows is complete.
func (d *decoder) full(n int) bool { return d.rows >= n || d.bytes >= batchBytes }

// row stores a row packet.
func (d *decoder) row(p []byte) error {
	row := d.rows
	if d.room > 0 {
		d.begin()
	}
	for i := range d.cols {
		c := &d.cols[i]
		if len(p) == 0 {
			return errProtocol
		}
		if row&7 == 0 {
			c.valid = append(c.valid, 0)
		}
		first := p[0]
		if first == 0xfb {
			c.nulls++
			c.null()
			p = p[1:]
			continue
		}
		var text []byte
		if n := int(first) + 1; first < 0xfb && n <= len(p) {
			text, p = p[1:n], p[n:]
		} else {
			var ok bool
			if text, p, ok = lenEncBytes(p); !ok {
				return errProtocol
			}
		}
		n, err := c.add(text)
		switch {
		case err == nil:
			c.valid[row>>3] |= 1 << (row & 7)
			d.bytes += n
		case err == errNoDate:
			c.nulls++
			c.null()
		default:
			return &columnError{c.name, err}
		}
	}
	d.rows++
	return nil
}

// batch returns the rows since the last one.
func (d *decoder) batch() arrow.RecordBatch {
	n := d.rows
	arrays := make([]arrow.Array, len(d.cols))
	for i := range d.cols {
		c := &d.cols[i]
		var valid *memory.Buffer
		if c.nulls > 0 {
			valid = memory.NewBufferBytes(c.valid)
		}
		data := array.NewData(d.schema.Field(i).Type, n, append([]*memory.Buffer{valid}, c.buffers()...), nil, c.nulls, 0)
		arrays[i] = array.MakeFromData(data)
		data.Release()
	}
	b := array.NewRecordBatch(d.schema, arrays, int64(n))
	for _, a := range arrays {
		a.Release()
	}
	d.rows, d.bytes, d.room = 0, 0, batchRows
	return b
}
