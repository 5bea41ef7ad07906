package duck

import (
	"math/big"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// args gives a function its operands of one row and takes its result. It reads and writes DuckDB's vectors in place. Text and binary
// operands are borrowed: they are valid until the function returns.
type args struct {
	in   []operand
	out  operand
	row  int
	rows int
	set  bool // the row's result was set
	// memo is the function's own, kept from row to row of one chunk, such as a compiled pattern.
	memo any
	keys *keyring
}

// operand is a vector. DuckDB flattens vectors before it calls a function, so that row i is at position i.
type operand struct {
	vector duckdb.Vector
	data   unsafe.Pointer
	valid  unsafe.Pointer // bits, nil if all rows are valid
	// typ and the scale of a decimal are read when they are first asked for.
	typ   duckdb.Type
	scale int
	typed bool
}

func newArgs(chunk duckdb.DataChunk, out duckdb.Vector) *args {
	n := int(duckdb.DataChunkGetColumnCount(chunk))
	a := &args{in: make([]operand, n), rows: int(duckdb.DataChunkGetSize(chunk))}
	for i := range n {
		v := duckdb.DataChunkGetVector(chunk, duckdb.IdxT(i))
		a.in[i] = operand{vector: v, data: duckdb.VectorGetData(v), valid: duckdb.VectorGetValidity(v)}
	}
	duckdb.VectorEnsureValidityWritable(out)
	a.out = operand{vector: out, data: duckdb.VectorGetData(out), valid: duckdb.VectorGetValidity(out)}
	return a
}

// at is element row of an array of T.
func at[T any](p unsafe.Pointer, row int) *T {
	var zero T
	return (*T)(unsafe.Add(p, uintptr(row)*unsafe.Sizeof(zero)))
}

func (o *operand) null(row int) bool {
	return o.valid != nil && *at[uint64](o.valid, row/64)&(1<<(row%64)) == 0
}

func (a *args) n() int          { return len(a.in) }
func (a *args) null(i int) bool { return a.in[i].null(a.row) }

func (a *args) anyNull() bool {
	for i := range a.in {
		if a.in[i].null(a.row) {
			return true
		}
	}
	return false
}

func (a *args) int(i int) int64      { return *at[int64](a.in[i].data, a.row) }
func (a *args) uint(i int) uint64    { return *at[uint64](a.in[i].data, a.row) }
func (a *args) double(i int) float64 { return *at[float64](a.in[i].data, a.row) }
func (a *args) float(i int) float32  { return *at[float32](a.in[i].data, a.row) }
func (a *args) date(i int) int64     { return int64(*at[int32](a.in[i].data, a.row)) } // days
func (a *args) micros(i int) int64   { return *at[int64](a.in[i].data, a.row) }        // of a datetime

// inlineText is the greatest length of a text that DuckDB keeps inside its 16 bytes.
const inlineText = 12

// text is a text or binary operand, borrowed.
func (a *args) text(i int) string {
	p := unsafe.Add(a.in[i].data, uintptr(a.row)*16)
	n := *(*uint32)(p)
	if n <= inlineText {
		return unsafe.String((*byte)(unsafe.Add(p, 4)), int(n))
	}
	return unsafe.String(*(**byte)(unsafe.Add(p, 8)), int(n))
}

// isBinary reports whether a string operand is binary.
func (a *args) isBinary(i int) bool { return a.in[i].readType() == duckdb.TypeBlob }

// huge is a 128-bit integer.
type huge struct {
	low  uint64
	high int64
}

// readType is the vector's type; for a decimal, that of its unscaled values.
func (o *operand) readType() duckdb.Type {
	if !o.typed {
		t := duckdb.VectorGetColumnType(o.vector)
		o.typ = duckdb.GetTypeId(t)
		if o.typ == duckdb.TypeDecimal {
			o.scale = int(duckdb.DecimalScale(t))
			o.typ = duckdb.DecimalInternalType(t)
		}
		o.typed = true
		duckdb.DestroyLogicalType(&t)
	}
	return o.typ
}

// decimal is the unscaled value and the scale of a decimal or integer operand of kindAny.
func (a *args) decimal(i int) (v huge, scale int) {
	o := &a.in[i]
	switch o.readType() {
	case duckdb.TypeTinyInt:
		return wide(int64(*at[int8](o.data, a.row))), o.scale
	case duckdb.TypeSmallInt:
		return wide(int64(*at[int16](o.data, a.row))), o.scale
	case duckdb.TypeInteger:
		return wide(int64(*at[int32](o.data, a.row))), o.scale
	case duckdb.TypeBigInt:
		return wide(*at[int64](o.data, a.row)), o.scale
	case duckdb.TypeUTinyInt:
		return huge{low: uint64(*at[uint8](o.data, a.row))}, 0
	case duckdb.TypeUSmallInt:
		return huge{low: uint64(*at[uint16](o.data, a.row))}, 0
	case duckdb.TypeUInteger:
		return huge{low: uint64(*at[uint32](o.data, a.row))}, 0
	case duckdb.TypeUBigInt:
		return huge{low: *at[uint64](o.data, a.row)}, 0
	default: // HUGEINT
		return *at[huge](o.data, a.row), o.scale
	}
}

func wide(v int64) huge { return huge{low: uint64(v), high: v >> 63} }

// small reports whether v is an int64.
func (v huge) small() (int64, bool) {
	return int64(v.low), v.high == int64(v.low)>>63
}

func (v huge) big() *big.Int {
	b := new(big.Int).SetInt64(v.high)
	b.Lsh(b, 64)
	return b.Add(b, new(big.Int).SetUint64(v.low))
}

// maxDecimal is 10^38: a decimal of DuckDB is smaller.
var maxDecimal = new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)

// hugeOf is b as a 128-bit integer; ok is false if it has more than 38 digits.
func hugeOf(b *big.Int) (v huge, ok bool) {
	if b.CmpAbs(maxDecimal) >= 0 {
		return v, false
	}
	var words [2]uint64
	var mask big.Int
	abs := mask.Abs(b)
	words[0] = new(big.Int).And(abs, new(big.Int).SetUint64(1<<64-1)).Uint64()
	words[1] = new(big.Int).Rsh(abs, 64).Uint64()
	v = huge{low: words[0], high: int64(words[1])}
	if b.Sign() < 0 {
		v.low = -v.low
		v.high = ^v.high
		if v.low == 0 {
			v.high++
		}
	}
	return v, true
}

// setNull makes the result NULL.
func (a *args) setNull() {
	*at[uint64](a.out.valid, a.row/64) &^= 1 << (a.row % 64)
	a.set = true
}

func setValue[T any](a *args, v T) {
	*at[T](a.out.data, a.row) = v
	a.set = true
}

func (a *args) setBool(v bool)      { setValue(a, v) }
func (a *args) setInt(v int64)      { setValue(a, v) } // also a datetime's microseconds
func (a *args) setUint(v uint64)    { setValue(a, v) }
func (a *args) setDouble(v float64) { setValue(a, v) }
func (a *args) setHuge(v huge)      { setValue(a, v) } // also a decimal's unscaled value
func (a *args) setDate(days int64)  { setValue(a, int32(days)) }

// setText sets a text or binary result; DuckDB copies it. The text must be valid UTF-8.
func (a *args) setText(s string) {
	a.setBytes(unsafe.Slice(unsafe.StringData(s), len(s)))
}

func (a *args) setBytes(b []byte) {
	duckdb.UnsafeVectorAssignStringElementLen(a.out.vector, duckdb.IdxT(a.row), b)
	a.set = true
}
