package wire

import (
	"fmt"
	"math"
	"math/big"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/bind"
	"weir/engine/rel"
	"weir/sources"
)

// TypeCase is a column of demo.types: a type, the values of its rows as they lie in a batch, and as MySQL writes them (nil is NULL).
type TypeCase struct {
	T      rel.Type
	Values []any
	Text   []any
}

const typeRows = 4

// TypeCases are the columns of demo.types.
var TypeCases = []TypeCase{
	{rel.Type{Kind: rel.TinyInt}, []any{int8(-128), int8(127), nil, int8(0)}, []any{"-128", "127", nil, "0"}},
	{rel.Type{Kind: rel.TinyInt, Unsigned: true}, []any{uint8(0), uint8(255), nil, uint8(1)}, []any{"0", "255", nil, "1"}},
	{rel.Type{Kind: rel.SmallInt}, []any{int16(math.MinInt16), int16(math.MaxInt16), nil, int16(0)}, []any{"-32768", "32767", nil, "0"}},
	{rel.Type{Kind: rel.MediumInt}, []any{int32(-8388608), int32(8388607), nil, int32(0)}, []any{"-8388608", "8388607", nil, "0"}},
	{rel.Type{Kind: rel.Int}, []any{int32(math.MinInt32), int32(math.MaxInt32), nil, int32(0)}, []any{"-2147483648", "2147483647", nil, "0"}},
	{rel.Type{Kind: rel.Int, Unsigned: true}, []any{uint32(0), uint32(math.MaxUint32), nil, uint32(7)}, []any{"0", "4294967295", nil, "7"}},
	{rel.Type{Kind: rel.BigInt}, []any{int64(math.MinInt64), int64(math.MaxInt64), nil, int64(0)}, []any{"-9223372036854775808", "9223372036854775807", nil, "0"}},
	{rel.UBigIntType, []any{uint64(0), uint64(math.MaxUint64), nil, uint64(1)}, []any{"0", "18446744073709551615", nil, "1"}},
	{rel.BoolType, []any{true, false, nil, true}, []any{"1", "0", nil, "1"}},
	{rel.Type{Kind: rel.Year}, []any{int16(1901), int16(2155), nil, int16(0)}, []any{"1901", "2155", nil, "0000"}},
	{rel.Type{Kind: rel.Bit, Length: 12}, []any{uint64(0), uint64(0xabc), nil, uint64(1)}, []any{"\x00\x00", "\x0a\xbc", nil, "\x00\x01"}},
	{rel.Type{Kind: rel.Float, Scale: -1}, []any{float32(3.1415927), float32(16777216), nil, float32(-0.5)}, []any{"3.14159", "16777200", nil, "-0.5"}},
	{rel.DoubleType, []any{1e15, -1e-16, nil, 0.1}, []any{"1e15", "-1e-16", nil, "0.1"}},
	{rel.Type{Kind: rel.Double, Scale: 2}, []any{1.005, -2.5, nil, 0.0}, []any{"1.00", "-2.50", nil, "0.00"}},
	{rel.DecimalType(15, 2), []any{dec(-1), dec(123456), nil, dec(0)}, []any{"-0.01", "1234.56", nil, "0.00"}},
	{rel.DecimalType(38, 0), []any{decText("99999999999999999999999999999999999999"), decText("-99999999999999999999999999999999999999"), nil, dec(0)},
		[]any{"99999999999999999999999999999999999999", "-99999999999999999999999999999999999999", nil, "0"}},
	{rel.DecimalType(30, 30), []any{decText("1"), decText("-123456789012345678901234567890"), nil, dec(0)},
		[]any{"0.000000000000000000000000000001", "-0.123456789012345678901234567890", nil, "0.000000000000000000000000000000"}},
	{rel.DateType, []any{date(0), date(-719162), nil, date(2932896)}, []any{"1970-01-01", "0001-01-01", nil, "9999-12-31"}},
	{rel.Type{Kind: rel.Time}, []any{int64(0), int64(-(838*3600 + 59*60 + 59) * 1e6), nil, int64(3661 * 1e6)}, []any{"00:00:00", "-838:59:59", nil, "01:01:01"}},
	{rel.Type{Kind: rel.Time, Scale: 6}, []any{int64(0), int64(-500), nil, int64(100*3600*1e6 + 1)}, []any{"00:00:00.000000", "-00:00:00.000500", nil, "100:00:00.000001"}},
	{rel.DateTimeType, []any{stamp(0), stamp(-1e6), nil, stamp(253402300799e6)}, []any{"1970-01-01 00:00:00", "1969-12-31 23:59:59", nil, "9999-12-31 23:59:59"}},
	{rel.Type{Kind: rel.DateTime, Scale: 6}, []any{stamp(1), stamp(-1), nil, stamp(1e9)}, []any{"1970-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999", nil, "1970-01-01 00:16:40.000000"}},
	{rel.Type{Kind: rel.Timestamp, Scale: 3}, []any{stamp(1500), stamp(0), nil, stamp(1e6)}, []any{"1970-01-01 00:00:00.001", "1970-01-01 00:00:00.000", nil, "1970-01-01 00:00:01.000"}},
	{rel.Type{Kind: rel.Char, Length: 3}, []any{"", "ab ", nil, "é€😀"}, []any{"", "ab ", nil, "é€😀"}},
	{rel.VarCharType(50), []any{"plain", "it's", nil, "a\x00b"}, []any{"plain", "it's", nil, "a\x00b"}},
	{rel.TextType, []any{"", long(300), nil, long(70000)}, []any{"", long(300), nil, long(70000)}},
	{rel.Type{Kind: rel.VarBinary, Length: 10}, []any{[]byte{0, 255}, []byte{}, nil, []byte("x")}, []any{"\x00\xff", "", nil, "x"}},
	{rel.Type{Kind: rel.Blob}, []any{[]byte{0xfe}, []byte{0xfb}, nil, []byte{0xff}}, []any{"\xfe", "\xfb", nil, "\xff"}},
	{rel.JSONType, []any{`{"a": 1}`, `[]`, nil, `"x"`}, []any{`{"a": 1}`, `[]`, nil, `"x"`}},
	{rel.Type{Kind: rel.Enum}, []any{"a", "", nil, "b"}, []any{"a", "", nil, "b"}},
	{rel.Type{Kind: rel.Set}, []any{"a,b", "", nil, "b"}, []any{"a,b", "", nil, "b"}},
	{rel.NullType, []any{nil, nil, nil, nil}, []any{nil, nil, nil, nil}},
}

type (
	date  int32
	stamp int64
)

func dec(n int64) decimal128.Num { return decimal128.FromI64(n) }

func decText(s string) decimal128.Num {
	n, ok := new(big.Int).SetString(s, 10)
	if !ok {
		panic(s)
	}
	return decimal128.FromBigInt(n)
}

func long(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + i%26)
	}
	return string(b)
}

// TypeColumns are the outputs of demo.types.
var TypeColumns = typeColumns()

func typeColumns() []bind.Output {
	out := make([]bind.Output, len(TypeCases))
	for i, c := range TypeCases {
		name := fmt.Sprintf("c%d", i)
		out[i] = bind.Output{Column: rel.Column{Name: name, T: c.T}, Database: "demo", Table: "t", OrgTable: "types", OrgName: name}
	}
	return out
}

func typesBatch() arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(relColumns(TypeColumns)))
	defer b.Release()
	for r := range typeRows {
		for i, c := range TypeCases {
			if err := appendValue(b.Field(i), c.Values[r], c.T); err != nil {
				panic(err)
			}
		}
	}
	return b.NewRecordBatch()
}

// appendValue appends a value of the natural Go type of a batch's column, or of a constant.
func appendValue(f array.Builder, v any, t rel.Type) error {
	if v == nil {
		f.AppendNull()
		return nil
	}
	switch f := f.(type) {
	case *array.Int8Builder:
		f.Append(v.(int8))
	case *array.Int16Builder:
		f.Append(v.(int16))
	case *array.Int32Builder:
		f.Append(v.(int32))
	case *array.Int64Builder:
		switch v := v.(type) {
		case rel.TimeValue:
			f.Append(int64(v))
		default:
			f.Append(v.(int64))
		}
	case *array.Uint8Builder:
		f.Append(v.(uint8))
	case *array.Uint32Builder:
		f.Append(v.(uint32))
	case *array.Uint64Builder:
		f.Append(v.(uint64))
	case *array.BooleanBuilder:
		f.Append(v.(bool))
	case *array.Float32Builder:
		f.Append(v.(float32))
	case *array.Float64Builder:
		f.Append(v.(float64))
	case *array.Decimal128Builder:
		switch v := v.(type) {
		case rel.DecimalText:
			n, err := decimal128.FromString(string(v), int32(t.Precision), int32(t.Scale))
			if err != nil {
				return err
			}
			f.Append(n)
		default:
			f.Append(v.(decimal128.Num))
		}
	case *array.Date32Builder:
		switch v := v.(type) {
		case rel.DateValue:
			f.Append(arrow.Date32(v))
		default:
			f.Append(arrow.Date32(v.(date)))
		}
	case *array.TimestampBuilder:
		switch v := v.(type) {
		case rel.DateTimeValue:
			f.Append(arrow.Timestamp(v))
		default:
			f.Append(arrow.Timestamp(v.(stamp)))
		}
	case *array.StringBuilder:
		f.Append(v.(string))
	case *array.BinaryBuilder:
		f.Append(v.([]byte))
	default:
		return fmt.Errorf("no way to append %T to %T", v, f)
	}
	return nil
}
