package sources

import (
	"github.com/apache/arrow-go/v18/arrow"

	"weir/engine/rel"
)

// Schema is the Arrow schema of batches with these columns. Fields are named by position and are all nullable.
func Schema(cols []rel.Column) *arrow.Schema {
	fields := make([]arrow.Field, len(cols))
	for i, c := range cols {
		fields[i] = arrow.Field{Name: c.Name, Type: ArrowType(c.T), Nullable: true}
	}
	return arrow.NewSchema(fields, nil)
}

// ArrowType is the Arrow type that carries values of t. Decimals wider than 38 digits are carried in 38 digits: a value that does
// not fit is an error of the reader (ErrValue).
func ArrowType(t rel.Type) arrow.DataType {
	switch t.Kind {
	case rel.Null:
		return arrow.Null
	case rel.Bool:
		return arrow.FixedWidthTypes.Boolean
	case rel.TinyInt:
		return pick(t.Unsigned, arrow.PrimitiveTypes.Uint8, arrow.PrimitiveTypes.Int8)
	case rel.SmallInt:
		return pick(t.Unsigned, arrow.PrimitiveTypes.Uint16, arrow.PrimitiveTypes.Int16)
	case rel.MediumInt, rel.Int:
		return pick(t.Unsigned, arrow.PrimitiveTypes.Uint32, arrow.PrimitiveTypes.Int32)
	case rel.BigInt:
		return pick(t.Unsigned, arrow.PrimitiveTypes.Uint64, arrow.PrimitiveTypes.Int64)
	case rel.Year:
		return arrow.PrimitiveTypes.Int16
	case rel.Bit:
		return arrow.PrimitiveTypes.Uint64
	case rel.Float:
		return arrow.PrimitiveTypes.Float32
	case rel.Double:
		return arrow.PrimitiveTypes.Float64
	case rel.Decimal:
		frac := t.FracDigits()
		return &arrow.Decimal128Type{Precision: int32(min(rel.MaxDecimalDigits, t.Precision-t.Scale+frac)), Scale: int32(frac)}
	case rel.Date:
		return arrow.FixedWidthTypes.Date32
	case rel.Time:
		return arrow.PrimitiveTypes.Int64
	case rel.DateTime, rel.Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case rel.Binary, rel.VarBinary, rel.Blob:
		return arrow.BinaryTypes.Binary
	default: // text, JSON, ENUM and SET
		return arrow.BinaryTypes.String
	}
}

func pick(unsigned bool, u, s arrow.DataType) arrow.DataType {
	if unsigned {
		return u
	}
	return s
}
