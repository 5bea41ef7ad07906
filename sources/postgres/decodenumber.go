package postgres

import (
	"math"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"weir/engine/rel"
)

var errRange = &valueError{"a number out of the type's range"}

// intDecoder returns the decoder of an integer type, nil if there is none.
func intDecoder(oid uint32, t rel.Type) func(b []byte) (int64, error) {
	switch oid {
	case oidInt2:
		return func(b []byte) (int64, error) {
			if len(b) != 2 {
				return 0, errSize
			}
			return int64(int16(be16(b))), nil
		}
	case oidInt4:
		return func(b []byte) (int64, error) {
			if len(b) != 4 {
				return 0, errSize
			}
			return int64(int32(be32(b))), nil
		}
	case oidInt8:
		return func(b []byte) (int64, error) {
			if len(b) != 8 {
				return 0, errSize
			}
			return int64(be64(b)), nil
		}
	case oidOid:
		return func(b []byte) (int64, error) {
			if len(b) != 4 {
				return 0, errSize
			}
			return int64(be32(b)), nil
		}
	case oidBool:
		return func(b []byte) (int64, error) {
			if len(b) != 1 {
				return 0, errSize
			}
			return int64(b[0]), nil
		}
	case oidNumeric:
		return func(b []byte) (int64, error) {
			v, err := decodeNumeric(b, 0)
			switch {
			case err != nil:
				return 0, err
			case v.HighBits() == int64(v.LowBits())>>63:
				return int64(v.LowBits()), nil
			case t.Unsigned && v.HighBits() == 0:
				return int64(v.LowBits()), nil
			}
			return 0, errRange
		}
	case oidBit:
		if t.Kind == rel.Bit {
			return decodeBit
		}
	}
	return nil
}

// newIntColumn narrows integers to the width of their type, with a check.
func newIntColumn(t rel.Type, decode func([]byte) (int64, error)) column {
	if t.Unsigned || t.Kind == rel.Bit {
		switch t.Kind {
		case rel.TinyInt:
			return narrowed[uint8](t, decode)
		case rel.SmallInt:
			return narrowed[uint16](t, decode)
		case rel.MediumInt, rel.Int:
			return narrowed[uint32](t, decode)
		default: // a decoder that can give more than an int64 holds has checked the range
			return &fixed[int64]{t: t, decode: decode}
		}
	}
	switch t.Kind {
	case rel.TinyInt:
		return narrowed[int8](t, decode)
	case rel.SmallInt, rel.Year:
		return narrowed[int16](t, decode)
	case rel.MediumInt, rel.Int:
		return narrowed[int32](t, decode)
	default:
		return &fixed[int64]{t: t, decode: decode}
	}
}

func narrowed[T int8 | int16 | int32 | uint8 | uint16 | uint32](t rel.Type, decode func([]byte) (int64, error)) column {
	return &fixed[T]{t: t, decode: func(b []byte) (T, error) {
		v, err := decode(b)
		if err == nil && int64(T(v)) != v {
			err = errRange
		}
		return T(v), err
	}}
}

// decodeBit reads BIT(n) with n up to 64: the count of bits, then the bits from the left, filled up with zeros to whole bytes.
func decodeBit(b []byte) (int64, error) {
	if len(b) < 4 {
		return 0, errSize
	}
	n := int(be32(b))
	b = b[4:]
	if n > 64 || len(b) != (n+7)/8 {
		return 0, errSize
	}
	var v uint64
	for _, x := range b {
		v = v<<8 | uint64(x)
	}
	return int64(v >> (len(b)*8 - n)), nil
}

var errNotFinite = &valueError{"NaN or infinity, which MySQL's types can't hold"}

func newFloatColumn(oid uint32, t rel.Type) column {
	var decode func(b []byte) (float64, error)
	switch oid {
	case oidFloat8:
		decode = func(b []byte) (float64, error) {
			if len(b) != 8 {
				return 0, errSize
			}
			v := math.Float64frombits(be64(b))
			if v-v != 0 {
				return 0, errNotFinite
			}
			return v, nil
		}
	case oidFloat4:
		decode = func(b []byte) (float64, error) {
			if len(b) != 4 {
				return 0, errSize
			}
			v := float64(math.Float32frombits(be32(b)))
			if v-v != 0 {
				return 0, errNotFinite
			}
			return v, nil
		}
	default:
		return nil
	}
	if t.Kind != rel.Float {
		return &fixed[float64]{t: t, decode: decode}
	}
	return &fixed[float32]{t: t, decode: func(b []byte) (float32, error) {
		v, err := decode(b)
		return float32(v), err
	}}
}

func newDecimalColumn(oid uint32, t rel.Type) column {
	scale := t.FracDigits()
	if oid == oidNumeric {
		return &fixed[decimal128.Num]{t: t, decode: func(b []byte) (decimal128.Num, error) { return decodeNumeric(b, scale) }}
	}
	decode := intDecoder(oid, rel.BigIntType)
	if decode == nil {
		return nil
	}
	return &fixed[decimal128.Num]{t: t, decode: func(b []byte) (decimal128.Num, error) {
		v, err := decode(b)
		if err != nil {
			return decimal128.Num{}, err
		}
		u, neg := uint64(v), v < 0
		if neg {
			u = -u
		}
		return signed(0, u, neg, scale)
	}}
}

// The sign field of a numeric.
const (
	numericNegative = 0x4000
	numericSpecial  = 0xC000 // NaN, Infinity (0xD000), -Infinity (0xF000)
)

var (
	errWide     = &valueError{"a decimal that needs more than 38 digits"}
	errFraction = &valueError{"a decimal with more fractional digits than its type has"}
)

// decodeNumeric reads a numeric as an integer of units of 10^-scale. The value has base-10000 digits, the first of which
// counts 10000^weight.
func decodeNumeric(b []byte, scale int) (decimal128.Num, error) {
	if len(b) < 8 {
		return decimal128.Num{}, errSize
	}
	n, weight, sign := int(be16(b)), int(int16(be16(b[2:]))), be16(b[4:])
	if len(b) != 8+2*n {
		return decimal128.Num{}, errSize
	}
	if sign&numericSpecial == numericSpecial {
		return decimal128.Num{}, errNotFinite
	}
	var hi, lo uint64
	over := false
	for i := range n - 1 {
		if hi, lo, over = mulAdd(hi, lo, 10000, uint64(be16(b[8+2*i:]))); over {
			return decimal128.Num{}, errWide
		}
	}
	// exp is the power of ten of the last digit, in units of the result. Below 0 the digit is filled up with zeros beyond
	// the declared scale, unless there are more fractional digits than the type has.
	exp := 4*(weight-n+1) + scale
	if n > 0 {
		d, places := uint64(be16(b[8+2*(n-1):])), 4
		for exp < 0 {
			if d%10 != 0 || places == 0 {
				return decimal128.Num{}, errFraction
			}
			d, places, exp = d/10, places-1, exp+1
		}
		if hi, lo, over = mulAdd(hi, lo, pow10[places], d); over {
			return decimal128.Num{}, errWide
		}
	}
	return signed(hi, lo, sign == numericNegative, exp)
}

var pow10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

// mulAdd is hi:lo * m + a; over says that it doesn't fit.
func mulAdd(hi, lo, m, a uint64) (uint64, uint64, bool) {
	over, h := bits.Mul64(hi, m)
	c, l := bits.Mul64(lo, m)
	h, carry := bits.Add64(h, c, 0)
	over += carry
	l, carry = bits.Add64(l, a, 0)
	h, carry = bits.Add64(h, 0, carry)
	return h, l, over+carry != 0
}

// maxDecimal is 10^38, the first number that is too wide.
var maxDecimalHi, maxDecimalLo = func() (hi, lo uint64) {
	lo = 1
	for range 38 {
		hi, lo, _ = mulAdd(hi, lo, 10, 0)
	}
	return hi, lo
}()

// signed is hi:lo * 10^exp with a sign.
func signed(hi, lo uint64, neg bool, exp int) (decimal128.Num, error) {
	if hi|lo == 0 {
		return decimal128.Num{}, nil
	}
	for exp > 0 {
		step := min(exp, 19)
		var over bool
		if hi, lo, over = mulAdd(hi, lo, pow10[step], 0); over {
			return decimal128.Num{}, errWide
		}
		exp -= step
	}
	if hi > maxDecimalHi || hi == maxDecimalHi && lo >= maxDecimalLo {
		return decimal128.Num{}, errWide
	}
	if neg {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	return decimal128.New(int64(hi), lo), nil
}
