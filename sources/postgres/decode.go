package postgres

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/rel"
	"weir/sources"
)

// column collects the values of one column of a batch. Nothing is allocated per value.
type column interface {
	// add appends a value in the server's binary form.
	add(b []byte) error
	null()
	// finish returns what was collected and starts anew, expecting as many rows.
	finish(rows int) arrow.ArrayData
}

// Object ids of the types that a result can have; they never change.
const (
	oidBool        = 16
	oidBytea       = 17
	oidName        = 19
	oidInt8        = 20
	oidInt2        = 21
	oidInt4        = 23
	oidText        = 25
	oidOid         = 26
	oidJSON        = 114
	oidFloat4      = 700
	oidFloat8      = 701
	oidUnknown     = 705
	oidBpchar      = 1042
	oidVarchar     = 1043
	oidDate        = 1082
	oidTime        = 1083
	oidTimestamp   = 1114
	oidTimestamptz = 1184
	oidBit         = 1560
	oidNumeric     = 1700
	oidUUID        = 2950
	oidJSONB       = 3802
)

// newColumn returns the column for a type of the server that is to arrive as t.
func newColumn(oid uint32, t rel.Type, ascii bool) (column, error) {
	switch t.Class() {
	case rel.ClassBool:
		if oid == oidBool {
			return &boolColumn{}, nil
		}
	case rel.ClassInt:
		if d := intDecoder(oid, t); d != nil {
			return newIntColumn(t, d), nil
		}
	case rel.ClassDecimal:
		if c := newDecimalColumn(oid, t); c != nil {
			return c, nil
		}
	case rel.ClassDouble:
		if c := newFloatColumn(oid, t); c != nil {
			return c, nil
		}
	case rel.ClassDate:
		if oid == oidDate {
			return &fixed[int32]{t: t, decode: decodeDate}, nil
		}
	case rel.ClassTime:
		if oid == oidTime {
			return &fixed[int64]{t: t, decode: decodeTime}, nil
		}
	case rel.ClassDateTime:
		switch oid {
		case oidTimestamp, oidTimestamptz:
			return &fixed[int64]{t: t, decode: decodeTimestamp}, nil
		case oidDate:
			return &fixed[int64]{t: t, decode: decodeDateAsTimestamp}, nil
		}
	case rel.ClassText, rel.ClassJSON:
		if c := newTextColumn(oid, t, ascii); c != nil {
			return c, nil
		}
	case rel.ClassBinary:
		if oid == oidBytea {
			return &bytesColumn{t: t}, nil
		}
	case rel.ClassNull:
		return &nullColumn{}, nil
	}
	return nil, fmt.Errorf("%w: type %d of the server for a column of type %s", errProtocol, oid, t)
}

// validity is the bitmap of a column; it exists only once there is a NULL.
type validity struct {
	bits  []byte
	nulls int
}

// clear marks row n, the next one, as NULL.
func (v *validity) clear(n int) {
	if v.bits == nil {
		v.bits = make([]byte, 0, 8<<10)
	}
	for len(v.bits)*8 <= n {
		v.bits = append(v.bits, 0xff)
	}
	v.bits[n/8] &^= 1 << (n % 8)
	v.nulls++
}

// take returns the bitmap for n rows, nil if none is NULL.
func (v *validity) take(n int) *memory.Buffer {
	if v.bits == nil {
		return nil
	}
	for len(v.bits)*8 < n {
		v.bits = append(v.bits, 0xff)
	}
	b := memory.NewBufferBytes(v.bits)
	v.bits = nil
	return b
}

// fixed is a column of values of fixed size.
type fixed[T any] struct {
	t      rel.Type
	values []T
	validity
	decode func(b []byte) (T, error)
}

func (c *fixed[T]) add(b []byte) error {
	v, err := c.decode(b)
	c.values = append(c.values, v)
	return err
}

func (c *fixed[T]) null() {
	var zero T
	c.clear(len(c.values))
	c.values = append(c.values, zero)
}

func (c *fixed[T]) finish(rows int) arrow.ArrayData {
	n, nulls := len(c.values), c.nulls
	buffers := []*memory.Buffer{c.take(n), memory.NewBufferBytes(asBytes(c.values))}
	c.values, c.nulls = make([]T, 0, rows), 0
	return array.NewData(sources.ArrowType(c.t), n, buffers, nil, nulls, 0)
}

// asBytes is the memory of a slice of fixed-size values.
func asBytes[T any](v []T) []byte {
	var zero T
	if len(v) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(zero)))
}

// boolColumn is a column of predicates.
type boolColumn struct {
	bits []byte
	n    int
	validity
}

func (c *boolColumn) add(b []byte) error {
	if len(b) != 1 {
		return errSize
	}
	c.put(b[0] != 0)
	return nil
}

func (c *boolColumn) put(v bool) {
	if c.n%8 == 0 {
		c.bits = append(c.bits, 0)
	}
	if v {
		c.bits[c.n/8] |= 1 << (c.n % 8)
	}
	c.n++
}

func (c *boolColumn) null() {
	c.clear(c.n)
	c.put(false)
}

func (c *boolColumn) finish(rows int) arrow.ArrayData {
	n, nulls := c.n, c.nulls
	buffers := []*memory.Buffer{c.take(n), memory.NewBufferBytes(c.bits)}
	c.bits, c.n, c.nulls = make([]byte, 0, rows/8+1), 0, 0
	return array.NewData(arrow.FixedWidthTypes.Boolean, n, buffers, nil, nulls, 0)
}

// bytesColumn is a column of text or binary.
type bytesColumn struct {
	t       rel.Type
	offsets []int32
	data    []byte
	validity
	// put appends a value in the server's binary form to data; nil: as it is.
	put func(data, b []byte) ([]byte, error)
}

func (c *bytesColumn) start() {
	if len(c.offsets) == 0 {
		c.offsets = append(c.offsets, 0)
	}
}

func (c *bytesColumn) add(b []byte) (err error) {
	c.start()
	if c.put == nil {
		c.data = append(c.data, b...)
	} else {
		c.data, err = c.put(c.data, b)
	}
	c.offsets = append(c.offsets, int32(len(c.data)))
	return err
}

func (c *bytesColumn) null() {
	c.start()
	c.clear(len(c.offsets) - 1)
	c.offsets = append(c.offsets, int32(len(c.data)))
}

func (c *bytesColumn) finish(rows int) arrow.ArrayData {
	c.start()
	n, nulls, size := len(c.offsets)-1, c.nulls, len(c.data)
	buffers := []*memory.Buffer{c.take(n), memory.NewBufferBytes(asBytes(c.offsets)), memory.NewBufferBytes(c.data)}
	c.offsets, c.data, c.nulls = make([]int32, 0, rows+1), make([]byte, 0, size+size/8), 0
	return array.NewData(sources.ArrowType(c.t), n, buffers, nil, nulls, 0)
}

// nullColumn is a column that is NULL throughout.
type nullColumn struct{ n int }

func (c *nullColumn) add(b []byte) error { return &valueError{"a value where only NULL can be"} }
func (c *nullColumn) null()              { c.n++ }
func (c *nullColumn) finish(int) arrow.ArrayData {
	n := c.n
	c.n = 0
	return array.NewData(arrow.Null, n, []*memory.Buffer{nil}, nil, n, 0)
}

var errSize = fmt.Errorf("%w: a value of the wrong size", errProtocol)

func be16(b []byte) uint16 { return binary.BigEndian.Uint16(b) }
func be32(b []byte) uint32 { return binary.BigEndian.Uint32(b) }
func be64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
