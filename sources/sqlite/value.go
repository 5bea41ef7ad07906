package sqlite

import (
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"zombiezen.com/go/sqlite"
)

// cell is one stored value that is not NULL. Its bytes belong to whoever filled it.
type cell struct {
	kind  sqlite.ColumnType
	int   int64
	float float64
	bytes []byte
}

// decoder turns stored values into what a column's type promises. Each method reports whether the value fits.
type decoder struct {
	tick int64 // microseconds in one unit of an integer time; 0: such values don't fit
}

// integer: an INTEGER, or a REAL without fraction that is one.
func (decoder) integer(c *cell) (int64, bool) {
	switch c.kind {
	case sqlite.TypeInteger:
		return c.int, true
	case sqlite.TypeFloat:
		// -2^63 is the one whole number that SQLite leaves as a REAL in an INTEGER column.
		return int64(c.float), c.float == math.Trunc(c.float) && c.float >= -(1<<63) && c.float < 1<<63
	}
	return 0, false
}

// double: a REAL that is a number, or an INTEGER that a double holds exactly.
func (decoder) double(c *cell) (float64, bool) {
	switch c.kind {
	case sqlite.TypeFloat:
		return c.float, !math.IsInf(c.float, 0)
	case sqlite.TypeInteger:
		f := float64(c.int)
		return f, f < 1<<63 && int64(f) == c.int
	}
	return 0, false
}

// text: TEXT in valid UTF-8.
func (decoder) text(c *cell) ([]byte, bool) {
	return c.bytes, c.kind == sqlite.TypeText && utf8.Valid(c.bytes)
}

// anything: text for a column that has no fixed form. Numbers are written out, a BLOB as SQLite's literal.
func (decoder) anything(c *cell, buf []byte) ([]byte, bool) {
	switch c.kind {
	case sqlite.TypeInteger:
		return strconv.AppendInt(buf, c.int, 10), true
	case sqlite.TypeFloat:
		return strconv.AppendFloat(buf, c.float, 'g', -1, 64), true
	case sqlite.TypeBlob:
		buf = append(buf, "X'"...)
		for _, b := range c.bytes {
			buf = append(buf, hexDigits[b>>4], hexDigits[b&15])
		}
		return append(buf, '\''), true
	}
	return c.bytes, utf8.Valid(c.bytes)
}

const hexDigits = "0123456789ABCDEF"

// blob: a BLOB, the bytes of a TEXT, or those of a number written out, as SQLite's own cast has it.
func (d decoder) blob(c *cell, buf []byte) ([]byte, bool) {
	if c.kind == sqlite.TypeBlob || c.kind == sqlite.TypeText {
		return c.bytes, true
	}
	return d.anything(c, buf)
}

// document: TEXT that is a JSON document, or a number, which is one.
func (d decoder) document(c *cell, buf []byte) ([]byte, bool) {
	switch c.kind {
	case sqlite.TypeText:
		return c.bytes, utf8.Valid(c.bytes) && json.Valid(c.bytes)
	case sqlite.TypeFloat:
		return strconv.AppendFloat(buf, c.float, 'g', -1, 64), !math.IsInf(c.float, 0)
	case sqlite.TypeInteger:
		return d.anything(c, buf)
	}
	return nil, false
}

// realDigits is how many decimal digits a REAL carries: every decimal of so many digits is recovered from the double nearest to it.
const realDigits = 15

// decimal gives the digits of a decimal without its point.
//
// A REAL stands for the decimal of 15 significant digits nearest to it, which must have no more than scale fractional digits; from
// 10^(15-scale) on its 15 digits don't reach the last place, so it does not fit. TEXT must be plain notation.
func (decoder) decimal(c *cell, precision, scale int) (decimal128.Num, bool) {
	var n decimal128.Num
	switch c.kind {
	case sqlite.TypeInteger:
		n = decimal128.FromI64(c.int)
		if !n.FitsInPrecision(int32(min(38, precision-scale))) && c.int != 0 {
			return n, false
		}
		return n.IncreaseScaleBy(int32(scale)), true
	case sqlite.TypeFloat:
		v, ok := scaledReal(c.float, scale)
		if !ok {
			return n, false
		}
		n = decimal128.FromI64(v)
	case sqlite.TypeText:
		var ok bool
		if n, ok = scaledText(c.bytes, scale); !ok {
			return n, false
		}
	default:
		return n, false
	}
	return n, n.FitsInPrecision(int32(min(38, precision)))
}

func scaledReal(f float64, scale int) (int64, bool) {
	if math.Abs(f) >= math.Pow10(realDigits-scale) {
		return 0, false
	}
	if scale <= realDigits {
		// The quotient is rounded correctly, both numbers being exact: if it is f, then f is the double nearest to that decimal.
		power := math.Pow10(scale)
		if n := math.Round(f * power); n/power == f && math.Abs(n) < 1e15 {
			return int64(n), true
		}
	}
	return scaledDigits(f, scale)
}

// scaledDigits is scaledReal by writing the digits out.
func scaledDigits(f float64, scale int) (int64, bool) {
	var space [32]byte
	b := strconv.AppendFloat(space[:0], f, 'e', realDigits-1, 64) // [-]d.dddddddddddddde±xx
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	exp, err := strconv.Atoi(string(b[realDigits+2:]))
	if err != nil || len(b) < realDigits+4 {
		return 0, false
	}
	n := int64(b[0] - '0')
	for _, d := range b[2 : realDigits+1] {
		n = n*10 + int64(d-'0')
	}
	places := realDigits - 1 - exp // fractional digits of n
	for places > 0 && n%10 == 0 && n != 0 {
		n /= 10
		places--
	}
	for ; places < scale && n != 0; places++ {
		if n > math.MaxInt64/10 {
			return 0, false
		}
		n *= 10
	}
	if negative {
		n = -n
	}
	return n, places <= scale || n == 0
}

func scaledText(b []byte, scale int) (n decimal128.Num, ok bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative = b[0] == '-'
		b = b[1:]
	}
	places, digits, significant := -1, 0, 0
	ten := decimal128.FromI64(10)
	for _, d := range b {
		switch {
		case d == '.' && places < 0:
			places = 0
			continue
		case d < '0' || d > '9':
			return n, false
		}
		digits++
		if places >= 0 {
			if places == scale {
				if d != '0' {
					return n, false
				}
				continue
			}
			places++
		}
		if significant > 0 || d != '0' {
			significant++
		}
		n = n.Mul(ten).Add(decimal128.FromI64(int64(d - '0')))
	}
	places = max(places, 0)
	if digits == 0 || significant+scale-places > 38 {
		return n, false
	}
	n = n.IncreaseScaleBy(int32(scale - places))
	if negative {
		n = n.Negate()
	}
	return n, true
}

// carriedDecimal is a decimal as expressions carry it.
func carriedDecimal(c *cell, precision int) (decimal128.Num, bool) {
	var n decimal128.Num
	switch {
	case c.kind == sqlite.TypeInteger:
		n = decimal128.FromI64(c.int)
	case c.kind == sqlite.TypeBlob && len(c.bytes) == 16:
		n = fromWide(c.bytes)
	default:
		return n, false
	}
	return n, n.FitsInPrecision(int32(min(38, precision)))
}
