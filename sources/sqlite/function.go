package sqlite

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"zombiezen.com/go/sqlite"

	"weir/sources"
)

// The functions that dialect SQLite prints. They are registered on every connection and can't be called from views or triggers
// of the file. A value that doesn't fit, or a result out of range, is a fault that ends the statement.

// registerFunctions makes the functions known to a connection.
func (c *conn) registerFunctions() error {
	for name, f := range c.conversions() {
		if err := c.CreateFunction(name, &sqlite.FunctionImpl{NArgs: f.args, Deterministic: true, Scalar: f.call}); err != nil {
			return err
		}
	}
	for name, op := range map[string]func(a, b int64) (int64, bool){"weir_add": add, "weir_sub": sub, "weir_mul": mul} {
		if err := c.CreateFunction(name, &sqlite.FunctionImpl{NArgs: 2, Deterministic: true, Scalar: c.arithmetic(op)}); err != nil {
			return err
		}
	}
	plain := map[string]function{"weir_char_length": {1, charLength}, "weir_like": {3, like}, "weir_wide": {2, wide}}
	for name, f := range plain {
		if err := c.CreateFunction(name, &sqlite.FunctionImpl{NArgs: f.args, Deterministic: true, Scalar: nullIfAny(f.call)}); err != nil {
			return err
		}
	}
	err := c.CreateFunction("weir_sum", &sqlite.FunctionImpl{NArgs: 1, MakeAggregate: func(sqlite.Context) (sqlite.AggregateFunction, error) {
		return &total{}, nil
	}})
	if err != nil {
		return err
	}
	return c.CreateFunction("weir_avg", &sqlite.FunctionImpl{NArgs: 3, MakeAggregate: func(sqlite.Context) (sqlite.AggregateFunction, error) {
		return &total{average: true}, nil
	}})
}

type scalar = func(ctx sqlite.Context, args []sqlite.Value) (sqlite.Value, error)

type function struct {
	args int
	call scalar
}

// conversions are the functions that give a stored value, their first operand, as its column's type promises. The last operand is the
// column's label; those between are the type's precision and scale.
func (c *conn) conversions() map[string]function {
	d := c.s.decode
	v := &cell{} // one for all calls: a connection runs one at a time
	convert := func(args int, f func(v *cell, args []sqlite.Value) (sqlite.Value, bool)) function {
		return function{args, func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
			if !v.fill(args[0]) {
				return sqlite.Value{}, nil
			}
			out, ok := f(v, args)
			if !ok {
				return c.refuse(&fault{class: sources.ErrValue, column: args[len(args)-1].Text()})
			}
			return out, nil
		}}
	}
	whole := func(low, high int64) function {
		return convert(2, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			n, ok := d.integer(v)
			return sqlite.IntegerValue(n), ok && n >= low && n <= high
		})
	}
	return map[string]function{
		"weir_int":     whole(math.MinInt64, math.MaxInt64),
		"weir_tinyint": whole(math.MinInt8, math.MaxInt8),
		"weir_double": convert(2, func(v *cell, _ []sqlite.Value) (sqlite.Value, bool) {
			f, ok := d.double(v)
			return sqlite.FloatValue(f), ok
		}),
		"weir_decimal": convert(4, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			precision := args[1].Int()
			n, ok := d.decimal(v, precision, args[2].Int())
			return decimalValue(n, precision > carriedDigits), ok
		}),
		"weir_text": convert(2, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			_, ok := d.text(v)
			return args[0], ok
		}),
		"weir_any": convert(2, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			if v.kind == sqlite.TypeText {
				return args[0], utf8.Valid(v.bytes)
			}
			b, ok := d.anything(v, nil)
			return sqlite.TextValue(string(b)), ok
		}),
		"weir_blob": convert(2, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			if v.kind == sqlite.TypeBlob {
				return args[0], true
			}
			b, ok := d.blob(v, nil)
			return sqlite.BlobValue(b), ok
		}),
		"weir_date": convert(2, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			n, ok := d.date(v)
			if len(v.bytes) == len("2006-01-02") {
				return args[0], ok
			}
			return sqlite.TextValue(string(appendDate(nil, n))), ok
		}),
		"weir_datetime": convert(3, func(v *cell, args []sqlite.Value) (sqlite.Value, bool) {
			n, ok := d.datetime(v, args[1].Int())
			return sqlite.TextValue(string(appendDateTime(nil, n))), ok
		}),
	}
}

// refuse notes a fault and returns it.
func (c *conn) refuse(f *fault) (sqlite.Value, error) {
	if c.fault == nil {
		c.fault = f
	}
	return sqlite.Value{}, f
}

// fill takes a value's class and content; it reports false for NULL.
func (v *cell) fill(x sqlite.Value) bool {
	switch v.kind = x.Type(); v.kind {
	case sqlite.TypeInteger:
		v.int = x.Int64()
	case sqlite.TypeFloat:
		v.float = x.Float()
	case sqlite.TypeText, sqlite.TypeBlob:
		v.bytes = raw(x)
	default:
		return false
	}
	return true
}

// raw is a copy of the bytes of a text or a blob. A text must not be read by Blob: SQLite marks a value that was, and the Bloom filter of a
// join takes it for another text than the same one unmarked.
func raw(x sqlite.Value) []byte {
	if x.Type() == sqlite.TypeText {
		return []byte(x.Text())
	}
	return x.Blob()
}

// carriedDigits is the widest decimal that expressions carry as an INTEGER; wider ones are a BLOB of 16 bytes whose order is that of the
// numbers.
const carriedDigits = 18

func decimalValue(n decimal128.Num, wide bool) sqlite.Value {
	if !wide {
		return sqlite.IntegerValue(int64(n.LowBits()))
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], uint64(n.HighBits())^1<<63)
	binary.BigEndian.PutUint64(b[8:], n.LowBits())
	return sqlite.BlobValue(b[:])
}

// carried is the number that an expression carries.
func carried(v sqlite.Value) decimal128.Num {
	if v.Type() == sqlite.TypeInteger {
		return decimal128.FromI64(v.Int64())
	}
	return fromWide(v.Blob())
}

func fromWide(b []byte) decimal128.Num {
	if len(b) != 16 {
		return decimal128.Num{}
	}
	return decimal128.New(int64(binary.BigEndian.Uint64(b)^1<<63), binary.BigEndian.Uint64(b[8:]))
}

// wide(x, k) is x with k more fractional digits, in 16 bytes.
func wide(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	return decimalValue(carried(args[0]).IncreaseScaleBy(int32(args[1].Int())), true), nil
}

// Arithmetic.

var errRange = fmt.Errorf("BIGINT %w", sources.ErrValue)

func (c *conn) arithmetic(op func(a, b int64) (int64, bool)) scalar {
	return func(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
		if args[0].Type() == sqlite.TypeNull || args[1].Type() == sqlite.TypeNull {
			return sqlite.Value{}, nil
		}
		n, ok := op(args[0].Int64(), args[1].Int64())
		if !ok {
			return c.refuse(&fault{class: errRange})
		}
		return sqlite.IntegerValue(n), nil
	}
}

func add(a, b int64) (int64, bool) { n := a + b; return n, (n > a) == (b > 0) }

func sub(a, b int64) (int64, bool) { n := a - b; return n, (n < a) == (b > 0) }

func mul(a, b int64) (int64, bool) {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	if negative := (a < 0) != (b < 0); negative {
		return int64(-low), high == 0 && low <= 1<<63
	}
	return int64(low), high == 0 && low <= math.MaxInt64
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// total adds whole numbers in 128 bits: rows of a table can't make it overflow. Its value is the sum, or the average.
type total struct {
	sum     decimal128.Num
	rows    int64
	average bool
	up      int32 // the average's additional fractional digits
	wide    bool
}

// Step adds a row.
func (s *total) Step(_ sqlite.Context, args []sqlite.Value) error {
	if s.average {
		s.up, s.wide = int32(args[1].Int()), args[2].Int() != 0
	}
	if args[0].Type() != sqlite.TypeNull {
		s.sum = s.sum.Add(carried(args[0]))
		s.rows++
	}
	return nil
}

// WindowInverse takes a row away again.
func (s *total) WindowInverse(_ sqlite.Context, args []sqlite.Value) error {
	if args[0].Type() != sqlite.TypeNull {
		s.sum = s.sum.Sub(carried(args[0]))
		s.rows--
	}
	return nil
}

// WindowValue is the value so far, NULL of no rows.
func (s *total) WindowValue(sqlite.Context) (sqlite.Value, error) {
	switch {
	case s.rows == 0:
		return sqlite.Value{}, nil
	case !s.average:
		return decimalValue(s.sum, true), nil
	}
	// Sums of fewer than 2^63 values have room for the additional digits in a big integer only.
	n := s.sum.BigInt()
	n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(s.up)), nil))
	n.Quo(n, big.NewInt(s.rows)) // cut, not rounded
	return decimalValue(decimal128.FromBigInt(n), s.wide), nil
}

// Finalize ends the aggregation.
func (s *total) Finalize(sqlite.Context) {}

// Text.

// nullIfAny gives NULL if an operand is NULL.
func nullIfAny(f scalar) scalar {
	return func(ctx sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
		for _, a := range args {
			if a.Type() == sqlite.TypeNull {
				return sqlite.Value{}, nil
			}
		}
		return f(ctx, args)
	}
}

func charLength(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	return sqlite.IntegerValue(int64(utf8.RuneCount(raw(args[0])))), nil
}

func like(_ sqlite.Context, args []sqlite.Value) (sqlite.Value, error) {
	escape := rune(-1)
	if b := raw(args[2]); len(b) > 0 {
		escape, _ = utf8.DecodeRune(b)
	}
	if matches(raw(args[0]), raw(args[1]), escape) {
		return sqlite.IntegerValue(1), nil
	}
	return sqlite.IntegerValue(0), nil
}

// matches is LIKE by code point: % stands for any text, _ for one character, and what follows the escape character for itself.
func matches(text, pattern []byte, escape rune) bool {
	// After a mismatch the search goes on behind the last %, with one more character given to it.
	var retryText, retryPattern []byte
	for {
		if len(pattern) > 0 {
			p, n := utf8.DecodeRune(pattern)
			rest := pattern[n:]
			if p == '%' && p != escape {
				retryText, retryPattern = text, rest
				pattern = rest
				continue
			}
			single := p == '_' && p != escape
			if p == escape && len(rest) > 0 {
				p, n = utf8.DecodeRune(rest)
				rest = rest[n:]
			}
			if len(text) > 0 {
				if t, n := utf8.DecodeRune(text); single || t == p {
					text, pattern = text[n:], rest
					continue
				}
			}
		} else if len(text) == 0 {
			return true
		}
		if retryPattern == nil || len(retryText) == 0 {
			return false
		}
		_, n := utf8.DecodeRune(retryText)
		retryText = retryText[n:]
		text, pattern = retryText, retryPattern
	}
}
