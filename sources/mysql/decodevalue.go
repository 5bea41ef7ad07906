package mysql

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/rel"
	"weir/sources"
)

// errNotOfType says that a text is no value of the column's type: the column is not what the catalog holds.
var errNotOfType = fmt.Errorf("%w: a value is not of the column's type", sources.ErrChanged)

// errNoDate says that a value is no date of the calendar (0000-00-00 and its like); it arrives as NULL.
var errNoDate = errors.New("no date")

// newStore returns the store for the Arrow type of t; see sources.ArrowType.
func newStore(t rel.Type) store {
	switch t.Kind {
	case rel.Null:
		return nullStore{}
	case rel.Bool:
		return &boolStore{}
	case rel.TinyInt:
		if t.Unsigned {
			return &fixed[uint8]{parse: unsigned[uint8](math.MaxUint8)}
		}
		return &fixed[int8]{parse: signed[int8](math.MaxInt8)}
	case rel.SmallInt, rel.Year:
		if t.Unsigned && t.Kind != rel.Year {
			return &fixed[uint16]{parse: unsigned[uint16](math.MaxUint16)}
		}
		return &fixed[int16]{parse: signed[int16](math.MaxInt16)}
	case rel.MediumInt, rel.Int:
		if t.Unsigned {
			return &fixed[uint32]{parse: unsigned[uint32](math.MaxUint32)}
		}
		return &fixed[int32]{parse: signed[int32](math.MaxInt32)}
	case rel.BigInt:
		if t.Unsigned {
			return &fixed[uint64]{parse: unsigned[uint64](math.MaxUint64)}
		}
		return &fixed[int64]{parse: signed[int64](math.MaxInt64)}
	case rel.Bit:
		return &fixed[uint64]{parse: unsigned[uint64](math.MaxUint64)}
	case rel.Float:
		return &fixed[float32]{parse: func(b []byte) (float32, error) {
			v, err := parseFloat(b, 32)
			return float32(v), err
		}}
	case rel.Double:
		return &fixed[float64]{parse: func(b []byte) (float64, error) { return parseFloat(b, 64) }}
	case rel.Decimal:
		digits := min(rel.MaxDecimalDigits, t.Precision-t.Scale+t.FracDigits())
		return &decimalStore{scale: t.FracDigits(), digits: digits}
	case rel.Date:
		return &fixed[int32]{parse: parseDate}
	case rel.Time:
		return &fixed[int64]{parse: parseTime}
	case rel.DateTime, rel.Timestamp:
		return &fixed[int64]{parse: parseDateTime}
	default:
		return &bytesStore{}
	}
}

// fixed stores values of one width.
type fixed[T any] struct {
	values []T
	parse  func([]byte) (T, error)
}

func (s *fixed[T]) begin(n int) { s.values = make([]T, 0, n) }
func (s *fixed[T]) null()       { s.values = append(s.values, *new(T)) }
func (s *fixed[T]) add(text []byte) (int, error) {
	v, err := s.parse(text)
	if err == nil {
		s.values = append(s.values, v)
	}
	return 0, err
}
func (s *fixed[T]) buffers() []*memory.Buffer {
	return []*memory.Buffer{memory.NewBufferBytes(bytesOf(s.values))}
}

// bytesOf is the memory of values, in the machine's byte order, as Arrow wants it.
func bytesOf[T any](v []T) []byte {
	if len(v) == 0 {
		return nil
	}
	var one T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(one)))
}

// bytesStore stores text and binary values.
type bytesStore struct {
	offsets []int32
	data    []byte
	last    int // size of the last batch: a good guess for the next
}

func (s *bytesStore) begin(n int) {
	s.last = max(s.last, len(s.data))
	s.offsets, s.data = append(make([]int32, 0, n+1), 0), make([]byte, 0, s.last)
}
func (s *bytesStore) null() { s.offsets = append(s.offsets, int32(len(s.data))) }
func (s *bytesStore) add(text []byte) (int, error) {
	if len(s.data)+len(text) > math.MaxInt32 {
		return 0, fmt.Errorf("%w: longer than 2 GiB", sources.ErrValue)
	}
	s.data = append(s.data, text...)
	s.offsets = append(s.offsets, int32(len(s.data)))
	return len(text), nil
}
func (s *bytesStore) buffers() []*memory.Buffer {
	return []*memory.Buffer{memory.NewBufferBytes(bytesOf(s.offsets)), memory.NewBufferBytes(s.data)}
}

// boolStore stores truth values, which MySQL sends as numbers.
type boolStore struct {
	bitmap []byte
	rows   int
}

func (s *boolStore) begin(n int) { s.bitmap, s.rows = make([]byte, 0, (n+7)/8), 0 }
func (s *boolStore) null()       { s.put(0) }
func (s *boolStore) add(text []byte) (int, error) {
	if len(text) == 1 && text[0] == '0' {
		s.put(0)
	} else {
		s.put(1)
	}
	return 0, nil
}
func (s *boolStore) put(bit byte) {
	if s.rows&7 == 0 {
		s.bitmap = append(s.bitmap, 0)
	}
	s.bitmap[s.rows>>3] |= bit << (s.rows & 7)
	s.rows++
}
func (s *boolStore) buffers() []*memory.Buffer {
	return []*memory.Buffer{memory.NewBufferBytes(s.bitmap)}
}

// nullStore is for columns that are always NULL.
type nullStore struct{}

func (nullStore) begin(int)                 {}
func (nullStore) null()                     {}
func (nullStore) add([]byte) (int, error)   { return 0, errNotOfType }
func (nullStore) buffers() []*memory.Buffer { return nil }

// digits reads an unsigned number; ok is false for anything else, and for more than 64 bits.
func digits(b []byte) (v uint64, ok bool) {
	if len(b) == 0 || len(b) > 20 {
		return 0, false
	}
	for _, c := range b {
		d := uint64(c - '0')
		if d > 9 {
			return 0, false
		}
		if v > (math.MaxUint64-d)/10 {
			return 0, false
		}
		v = v*10 + d
	}
	return v, true
}

func unsigned[T uint8 | uint16 | uint32 | uint64](limit uint64) func([]byte) (T, error) {
	return func(b []byte) (T, error) {
		v, ok := digits(b)
		if !ok || v > limit {
			return 0, errNotOfType
		}
		return T(v), nil
	}
}

func signed[T int8 | int16 | int32 | int64](limit uint64) func([]byte) (T, error) {
	return func(b []byte) (T, error) {
		negative := len(b) > 0 && b[0] == '-'
		if negative {
			b = b[1:]
		}
		v, ok := digits(b)
		switch {
		case !ok:
			return 0, errNotOfType
		case negative && v <= limit+1:
			return T(-v), nil
		case !negative && v <= limit:
			return T(v), nil
		}
		return 0, errNotOfType
	}
}

func parseFloat(b []byte, size int) (float64, error) {
	v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(b), len(b)), size)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, errNotOfType
	}
	return v, nil
}

// decimalStore stores decimals of up to 38 digits.
type decimalStore struct {
	values []byte
	scale  int
	digits int
}

func (s *decimalStore) begin(n int) { s.values = make([]byte, 0, 16*n) }
func (s *decimalStore) null()       { s.put(0, 0) }
func (s *decimalStore) put(lo, hi uint64) {
	s.values = binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(s.values, lo), hi)
}
func (s *decimalStore) buffers() []*memory.Buffer {
	return []*memory.Buffer{memory.NewBufferBytes(s.values)}
}

func (s *decimalStore) add(text []byte) (int, error) {
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	var hi, lo uint64
	count, frac, point := 0, 0, false // significant digits, digits after the point
	put := func(d uint64) bool {
		h1, l1 := bits.Mul64(lo, 10)
		h2, hiOver := bits.Mul64(hi, 10)
		if h2 != 0 {
			return false
		}
		var carry uint64
		lo, carry = bits.Add64(l1, d, 0)
		hi, carry = bits.Add64(h1, hiOver, carry)
		return carry == 0
	}
	for _, c := range text {
		if c == '.' && !point {
			point = true
			continue
		}
		d := uint64(c - '0')
		if d > 9 {
			return 0, errNotOfType
		}
		if point {
			if frac == s.scale {
				if d != 0 { // the column has more digits than the catalog knows
					return 0, errNotOfType
				}
				continue
			}
			frac++
		}
		if count > 0 || d != 0 {
			if count++; count > rel.MaxDecimalDigits {
				return 0, sources.ErrValue
			}
		}
		if count <= 19 {
			lo = lo*10 + d
		} else if !put(d) {
			return 0, sources.ErrValue
		}
	}
	if len(text) == 0 {
		return 0, errNotOfType
	}
	for ; frac < s.scale; frac++ {
		if count > 0 {
			if count++; count > rel.MaxDecimalDigits {
				return 0, sources.ErrValue
			}
			if !put(0) {
				return 0, sources.ErrValue
			}
		}
	}
	if count > s.digits {
		return 0, sources.ErrValue
	}
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	s.put(lo, hi)
	return 0, nil
}
