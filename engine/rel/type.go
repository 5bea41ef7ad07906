package rel

import (
	"fmt"
	"strings"
)

// Kind is the family of a Type.
type Kind uint8

// The kinds. Bool is the type of predicates; it exists inside a plan only: a query's result shows it as BIGINT.
const (
	Null Kind = iota
	Bool
	TinyInt
	SmallInt
	MediumInt
	Int
	BigInt
	Float
	Double
	Decimal
	Year
	Bit
	Date
	Time
	DateTime
	Timestamp
	Char
	VarChar
	Text
	Binary
	VarBinary
	Blob
	JSON
	Enum
	Set
)

var kindNames = [...]string{"null", "boolean", "tinyint", "smallint", "mediumint", "int", "bigint", "float", "double",
	"decimal", "year", "bit", "date", "time", "datetime", "timestamp", "char", "varchar", "text", "binary", "varbinary",
	"blob", "json", "enum", "set"}

// String is the kind's MySQL name in lower case.
func (k Kind) String() string { return kindNames[k] }

// Class groups kinds that share one representation in a plan and in Arrow batches.
type Class uint8

// The classes, with the Arrow type that carries them (see sources.ArrowType).
const (
	ClassNull     Class = iota // null
	ClassBool                  // bool
	ClassInt                   // int8 … int64, uint8 … uint64; Year is int16, Bit is uint64
	ClassDecimal               // decimal128(min(38, precision), scale)
	ClassDouble                // float32 for Float, float64 for Double
	ClassDate                  // date32
	ClassTime                  // int64: microseconds, from -838:59:59.999999 to 838:59:59.999999
	ClassDateTime              // timestamp[us] without zone; Timestamp values are UTC until at_zone has shown them in another zone
	ClassText                  // utf8; Enum and Set are their text
	ClassBinary                // binary
	ClassJSON                  // utf8, the document's text
)

// Class returns the class of the kind.
func (k Kind) Class() Class {
	switch k {
	case Null:
		return ClassNull
	case Bool:
		return ClassBool
	case TinyInt, SmallInt, MediumInt, Int, BigInt, Year, Bit:
		return ClassInt
	case Decimal:
		return ClassDecimal
	case Float, Double:
		return ClassDouble
	case Date:
		return ClassDate
	case Time:
		return ClassTime
	case DateTime, Timestamp:
		return ClassDateTime
	case Char, VarChar, Text, Enum, Set:
		return ClassText
	case Binary, VarBinary, Blob:
		return ClassBinary
	default:
		return ClassJSON
	}
}

// MaxDecimalDigits is the widest decimal that a batch or the local engine can hold. A declared type may be wider (up to
// 65 digits as in MySQL); a value that needs more than this many digits is an error, never a rounded number.
const MaxDecimalDigits = 38

// Type is the type of a column or an expression.
type Type struct {
	Kind     Kind
	Unsigned bool // integers only
	NotNull  bool // proved never NULL

	// Length is the declared length: characters for text, bytes for binary, bits for Bit; 0 if unknown or unlimited.
	Length int
	// Precision and Scale are those of a Decimal; Scale is also the count of fractional second digits of Time, DateTime
	// and Timestamp, and the declared display scale of Float and Double where there is one (-1 where not).
	Precision, Scale int
	// Inner is the count of fractional digits that a decimal expression really carries when that is more than Scale.
	// MySQL's division keeps more digits than it shows; they take part in further arithmetic and comparison and are
	// rounded to Scale when the value leaves the query block. 0 means Scale.
	Inner int
	// Collation is the collation that the source compares this column's text by, as the source spells it. Empty means
	// Weir's own: by code point, case-sensitive, without padding. Only a dialect looks at it.
	Collation string
	// Native is the column's type as its source spells it; empty for expressions. Only a dialect and SHOW look at it.
	Native string
}

// Class returns the type's class.
func (t Type) Class() Class { return t.Kind.Class() }

// FracDigits is the number of fractional digits a decimal value of this type carries in a batch or local computation.
func (t Type) FracDigits() int { return max(t.Scale, t.Inner) }

// Nullable returns t with NotNull cleared.
func (t Type) Nullable() Type { t.NotNull = false; return t }

// IsNumeric reports whether values of t are numbers (Bool counts as one).
func (t Type) IsNumeric() bool {
	switch t.Class() {
	case ClassBool, ClassInt, ClassDecimal, ClassDouble:
		return true
	}
	return false
}

// IsTemporal reports whether values of t are dates or times.
func (t Type) IsTemporal() bool {
	switch t.Class() {
	case ClassDate, ClassTime, ClassDateTime:
		return true
	}
	return false
}

// String is the type in MySQL's spelling, as SHOW CREATE TABLE writes it.
func (t Type) String() string {
	var b strings.Builder
	b.WriteString(t.Kind.String())
	switch t.Kind {
	case Decimal:
		fmt.Fprintf(&b, "(%d,%d)", t.Precision, t.Scale)
	case Char, VarChar, Binary, VarBinary, Bit:
		if t.Length > 0 {
			fmt.Fprintf(&b, "(%d)", t.Length)
		}
	case Time, DateTime, Timestamp:
		if t.Scale > 0 {
			fmt.Fprintf(&b, "(%d)", t.Scale)
		}
	}
	if t.Unsigned {
		b.WriteString(" unsigned")
	}
	return b.String()
}

// Shorthands for types that rules need often.
var (
	NullType     = Type{Kind: Null}
	BoolType     = Type{Kind: Bool}
	BigIntType   = Type{Kind: BigInt}
	UBigIntType  = Type{Kind: BigInt, Unsigned: true}
	DoubleType   = Type{Kind: Double, Scale: -1}
	DateType     = Type{Kind: Date}
	DateTimeType = Type{Kind: DateTime}
	TextType     = Type{Kind: Text}
	JSONType     = Type{Kind: JSON}
)

// DecimalType is DECIMAL(precision, scale).
func DecimalType(precision, scale int) Type {
	return Type{Kind: Decimal, Precision: precision, Scale: scale}
}

// VarCharType is VARCHAR(n).
func VarCharType(n int) Type { return Type{Kind: VarChar, Length: n} }
