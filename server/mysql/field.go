package mysql

import (
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"

	"weir/engine/bind"
	"weir/engine/rel"
)

// charsetText is utf8mb4_0900_ai_ci, the number that MySQL 8 gives for text of its default character set.
const charsetText = 255

// The flags of a column definition.
const (
	flagNotNull  = 1
	flagBlob     = 16
	flagUnsigned = 32
	flagBinary   = 128
	flagEnum     = 256
	flagSet      = 2048
	flagNum      = 32768
)

// notFixed is the decimals of a floating point number without a declared scale.
const notFixed = 31

// fields are the column definitions of a result.
func fields(columns []bind.Output) []*querypb.Field {
	out := make([]*querypb.Field, len(columns))
	for i, c := range columns {
		f := fieldOf(c.T)
		f.Name, f.Database, f.Table, f.OrgTable, f.OrgName = c.Name, c.Database, c.Table, c.OrgTable, c.OrgName
		out[i] = f
	}
	return out
}

// fieldOf is the column definition of a type, as MySQL 8 sends it.
func fieldOf(t rel.Type) *querypb.Field {
	f := &querypb.Field{Charset: mysql.CharacterSetBinary, Flags: flagBinary}
	number := func(signed, unsigned querypb.Type, length, unsignedLength uint32) {
		f.Type, f.ColumnLength = signed, length
		f.Flags |= flagNum
		if t.Unsigned {
			f.Type, f.ColumnLength = unsigned, unsignedLength
			f.Flags |= flagUnsigned
		}
	}
	temporal := func(typ querypb.Type, length uint32) {
		f.Type, f.ColumnLength, f.Decimals = typ, length, uint32(t.Scale)
		if t.Scale > 0 {
			f.ColumnLength += uint32(t.Scale) + 1
		}
	}
	characters := func(typ querypb.Type, length uint32) {
		f.Type, f.ColumnLength, f.Charset, f.Flags = typ, length, charsetText, 0
	}
	floating := func(typ querypb.Type, length uint32) {
		number(typ, typ, length, length)
		f.Decimals = notFixed
		if t.Scale > 0 {
			f.Decimals = uint32(t.Scale)
		}
	}
	switch t.Kind {
	case rel.Null:
		f.Type = sqltypes.Null
	case rel.Bool:
		number(sqltypes.Int64, sqltypes.Int64, 1, 1)
	case rel.TinyInt:
		number(sqltypes.Int8, sqltypes.Uint8, 4, 3)
	case rel.SmallInt:
		number(sqltypes.Int16, sqltypes.Uint16, 6, 5)
	case rel.MediumInt:
		number(sqltypes.Int24, sqltypes.Uint24, 9, 8)
	case rel.Int:
		number(sqltypes.Int32, sqltypes.Uint32, 11, 10)
	case rel.BigInt:
		number(sqltypes.Int64, sqltypes.Uint64, 20, 20)
	case rel.Float:
		floating(sqltypes.Float32, 12)
	case rel.Double:
		floating(sqltypes.Float64, 22)
	case rel.Decimal:
		number(sqltypes.Decimal, sqltypes.Decimal, decimalLength(t)+1, decimalLength(t))
		f.Decimals = uint32(t.Scale)
	case rel.Year:
		number(sqltypes.Year, sqltypes.Year, 4, 4)
		f.Flags |= flagUnsigned
	case rel.Bit:
		f.Type, f.ColumnLength = sqltypes.Bit, uint32(max(t.Length, 1))
		f.Flags |= flagUnsigned
	case rel.Date:
		temporal(sqltypes.Date, 10)
		f.Decimals, f.ColumnLength = 0, 10
	case rel.Time:
		temporal(sqltypes.Time, 10)
	case rel.DateTime:
		temporal(sqltypes.Datetime, 19)
	case rel.Timestamp:
		temporal(sqltypes.Timestamp, 19)
	case rel.Char:
		characters(sqltypes.Char, textLength(t, 255))
	case rel.VarChar:
		characters(sqltypes.VarChar, textLength(t, 65535))
	case rel.Text:
		characters(sqltypes.Text, textLength(t, 65535))
		f.Flags = flagBlob
	case rel.Enum:
		characters(sqltypes.Enum, textLength(t, 255))
		f.Flags = flagEnum
	case rel.Set:
		characters(sqltypes.Set, textLength(t, 255))
		f.Flags = flagSet
	case rel.Binary:
		f.Type, f.ColumnLength = sqltypes.Binary, byteLength(t, 255)
	case rel.VarBinary:
		f.Type, f.ColumnLength = sqltypes.VarBinary, byteLength(t, 65535)
	case rel.Blob:
		f.Type, f.ColumnLength = sqltypes.Blob, byteLength(t, 65535)
		f.Flags |= flagBlob
	case rel.JSON:
		f.Type, f.ColumnLength = sqltypes.TypeJSON, 1<<32-1
		f.Flags |= flagBlob
	}
	if t.NotNull {
		f.Flags |= flagNotNull
	}
	return f
}

// decimalLength is the count of characters of an unsigned decimal.
func decimalLength(t rel.Type) uint32 {
	n := uint32(t.Precision)
	if t.Scale > 0 {
		n++
	}
	return n
}

// textLength is a text's length in bytes; an unknown one is that of the type's widest.
func textLength(t rel.Type, widest int) uint32 {
	n := t.Length
	if n <= 0 {
		n = widest
	}
	return uint32(min(int64(n)*4, 1<<32-1))
}

func byteLength(t rel.Type, widest int) uint32 {
	if t.Length > 0 {
		return uint32(min(int64(t.Length), 1<<32-1))
	}
	return uint32(widest)
}
