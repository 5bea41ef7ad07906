package mysql

import (
	"fmt"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/engine/rel"
)

// textOf is how a column's values are written as text: a function that appends the value of a row, which must not be NULL, to a
// buffer. It is nil for a column that holds nothing but NULL. exact gives floats all their digits, which the binary protocol is made
// from; the text protocol shows as many as MySQL does.
func textOf(col arrow.Array, t rel.Type, exact bool) (func(b []byte, row int) []byte, error) {
	switch a := col.(type) {
	case *array.Null:
		return nil, nil
	case *array.Boolean:
		return func(b []byte, r int) []byte {
			if a.Value(r) {
				return append(b, '1')
			}
			return append(b, '0')
		}, nil
	case *array.Int8:
		return func(b []byte, r int) []byte { return strconv.AppendInt(b, int64(a.Value(r)), 10) }, nil
	case *array.Int16:
		if t.Kind == rel.Year {
			return func(b []byte, r int) []byte { return append4(b, int(a.Value(r))) }, nil
		}
		return func(b []byte, r int) []byte { return strconv.AppendInt(b, int64(a.Value(r)), 10) }, nil
	case *array.Int32:
		return func(b []byte, r int) []byte { return strconv.AppendInt(b, int64(a.Value(r)), 10) }, nil
	case *array.Int64:
		if t.Kind == rel.Time {
			return func(b []byte, r int) []byte { return appendTime(b, a.Value(r), t.Scale) }, nil
		}
		return func(b []byte, r int) []byte { return strconv.AppendInt(b, a.Value(r), 10) }, nil
	case *array.Uint8:
		return func(b []byte, r int) []byte { return strconv.AppendUint(b, uint64(a.Value(r)), 10) }, nil
	case *array.Uint16:
		return func(b []byte, r int) []byte { return strconv.AppendUint(b, uint64(a.Value(r)), 10) }, nil
	case *array.Uint32:
		return func(b []byte, r int) []byte { return strconv.AppendUint(b, uint64(a.Value(r)), 10) }, nil
	case *array.Uint64:
		if t.Kind == rel.Bit {
			return func(b []byte, r int) []byte { return appendBits(b, a.Value(r), max(t.Length, 1)) }, nil
		}
		return func(b []byte, r int) []byte { return strconv.AppendUint(b, a.Value(r), 10) }, nil
	case *array.Float32:
		switch {
		case exact:
			return func(b []byte, r int) []byte { return strconv.AppendFloat(b, float64(a.Value(r)), 'g', -1, 32) }, nil
		case t.Scale > 0:
			return func(b []byte, r int) []byte { return appendFixed(b, float64(a.Value(r)), t.Scale) }, nil
		}
		return func(b []byte, r int) []byte { return appendFloat(b, a.Value(r)) }, nil
	case *array.Float64:
		switch {
		case exact:
			return func(b []byte, r int) []byte { return strconv.AppendFloat(b, a.Value(r), 'g', -1, 64) }, nil
		case t.Scale > 0:
			return func(b []byte, r int) []byte { return appendFixed(b, a.Value(r), t.Scale) }, nil
		}
		return func(b []byte, r int) []byte { return appendDouble(b, a.Value(r)) }, nil
	case *array.Decimal128:
		have, want := int(a.DataType().(*arrow.Decimal128Type).Scale), t.Scale
		return func(b []byte, r int) []byte { return appendDecimal(b, a.Value(r), have, want) }, nil
	case *array.Date32:
		return func(b []byte, r int) []byte { return appendDate(b, int64(a.Value(r))) }, nil
	case *array.Timestamp:
		if unit := a.DataType().(*arrow.TimestampType).Unit; unit != arrow.Microsecond {
			return nil, fmt.Errorf("carries time stamps in %s, not in microseconds", unit)
		}
		return func(b []byte, r int) []byte { return appendDateTime(b, int64(a.Value(r)), t.Scale) }, nil
	case *array.String:
		return func(b []byte, r int) []byte { return append(b, a.Value(r)...) }, nil
	case *array.Binary:
		return func(b []byte, r int) []byte { return append(b, a.Value(r)...) }, nil
	}
	return nil, fmt.Errorf("%s is carried as %s, which has no text", t, col.DataType())
}
