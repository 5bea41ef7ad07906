package mysql

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// Values as MySQL writes them in the text protocol. All append to a buffer and allocate nothing of their own.

// appendDouble writes a double as MySQL does: the shortest digits that read back as the same number, plain between 1e-15 and 1e15 and with an
// exponent without plus sign beyond.
func appendDouble(b []byte, f float64) []byte { return appendFloating(b, f, -1) }

// appendFloat writes a FLOAT as MySQL does: six significant digits.
func appendFloat(b []byte, f float32) []byte { return appendFloating(b, float64(f), 5) }

// appendFloating writes with a precision of digits after the first one, -1 for the shortest.
func appendFloating(b []byte, f float64, precision int) []byte {
	if f == 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		if f == 0 {
			if math.Signbit(f) {
				return append(b, "-0"...)
			}
			return append(b, '0')
		}
		return strconv.AppendFloat(b, f, 'g', -1, 64) // MySQL has no such values; a source may
	}
	var tmp [32]byte
	e := strconv.AppendFloat(tmp[:0], f, 'e', precision, 64)
	if e[0] == '-' {
		b = append(b, '-')
		e = e[1:]
	}
	// e is d[.ddd]e±xx
	mark := len(e) - 1
	for e[mark] != 'e' {
		mark--
	}
	exponent := 0
	for _, c := range e[mark+2:] {
		exponent = exponent*10 + int(c-'0')
	}
	if e[mark+1] == '-' {
		exponent = -exponent
	}
	var digits [32]byte
	n := 0
	for _, c := range e[:mark] {
		if c != '.' {
			digits[n] = c
			n++
		}
	}
	for n > 1 && digits[n-1] == '0' {
		n--
	}
	d := digits[:n]
	point := exponent + 1 // digits before the decimal point
	switch {
	case point < -14 || point > 15:
		b = append(b, d[0])
		if n > 1 {
			b = append(b, '.')
			b = append(b, d[1:]...)
		}
		b = append(b, 'e')
		return strconv.AppendInt(b, int64(exponent), 10)
	case point <= 0:
		b = append(b, "0."...)
		for range -point {
			b = append(b, '0')
		}
		return append(b, d...)
	case point >= n:
		b = append(b, d...)
		for range point - n {
			b = append(b, '0')
		}
		return b
	}
	b = append(b, d[:point]...)
	b = append(b, '.')
	return append(b, d[point:]...)
}

// appendFixed writes a number with a fixed count of fractional digits.
func appendFixed(b []byte, f float64, scale int) []byte {
	return strconv.AppendFloat(b, f, 'f', scale, 64)
}

// appendDecimal writes a decimal held with scale have, rounded half away from zero to scale want if that is less.
func appendDecimal(b []byte, v decimal128.Num, have, want int) []byte {
	if have > want {
		v = roundOff(v, have-want)
		have = want
	}
	hi, lo := uint64(v.HighBits()), v.LowBits()
	negative := int64(hi) < 0
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	if hi == 0 && have == want && have < len(powers) {
		if negative {
			b = append(b, '-')
		}
		b = strconv.AppendUint(b, lo/powers[have], 10)
		if have == 0 {
			return b
		}
		return appendDigits(append(b, '.'), lo%powers[have], have)
	}
	var tmp [48]byte
	i := len(tmp)
	put := func(n uint64, atLeast int) {
		for n > 0 || atLeast > 0 {
			i--
			tmp[i] = byte('0' + n%10)
			n /= 10
			atLeast--
		}
	}
	if hi == 0 {
		put(lo, 0)
	} else {
		// Two divisions by 10^19 leave at most one digit of 39.
		const e19 = 10_000_000_000_000_000_000
		qhi, rem := bits.Div64(0, hi, e19)
		qlo, low := bits.Div64(rem, lo, e19)
		put(low, 19)
		if qhi == 0 {
			put(qlo, 0)
		} else {
			top, low := bits.Div64(qhi, qlo, e19)
			put(low, 19)
			put(top, 0)
		}
	}
	for len(tmp)-i <= have {
		i--
		tmp[i] = '0'
	}
	digits := tmp[i:]
	if negative {
		b = append(b, '-')
	}
	b = append(b, digits[:len(digits)-have]...)
	if have < want {
		// The type shows more digits than are held.
		if have == 0 {
			b = append(b, '.')
		} else {
			b = append(append(b, '.'), digits[len(digits)-have:]...)
		}
		for range want - have {
			b = append(b, '0')
		}
		return b
	}
	if have > 0 {
		b = append(b, '.')
		b = append(b, digits[len(digits)-have:]...)
	}
	return b
}

// powers are those of ten that fit into 64 bits.
var powers = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// appendDigits writes a number in n digits, with leading zeros.
func appendDigits(b []byte, v uint64, n int) []byte {
	b = append(b, "0000000000000000000"[:n]...)
	for i := len(b) - 1; v > 0; i-- {
		b[i] = byte('0' + v%10)
		v /= 10
	}
	return b
}

// roundOff divides by 10^n and rounds half away from zero. It is rare: the engine rounds what it puts out.
func roundOff(v decimal128.Num, n int) decimal128.Num {
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	q, r := new(big.Int).QuoRem(v.BigInt(), unit, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(unit) >= 0 {
		q.Add(q, big.NewInt(int64(v.Sign())))
	}
	return decimal128.FromBigInt(q)
}

// append2 and append4 write a number with leading zeros.
func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func append4(b []byte, n int) []byte { return append2(append2(b, n/100), n%100) }

// appendDate writes days since 1970-01-01.
func appendDate(b []byte, days int64) []byte {
	if days >= 0 && days < tableDays {
		return append(b, dates()[days][:]...)
	}
	return appendCivil(b, days)
}

// tableDays is how many days from 1970-01-01 on (until 2059) have their text in a table: dates are most of the work of a wide scan.
const tableDays = 1 << 15

var dates = sync.OnceValue(func() *[tableDays][len("2000-01-01")]byte {
	var table [tableDays][len("2000-01-01")]byte
	for i := range table {
		copy(table[i][:], appendCivil(nil, int64(i)))
	}
	return &table
})

func appendCivil(b []byte, days int64) []byte {
	y, m, d := civil(days)
	b = append4(b, y)
	b = append(b, '-')
	b = append2(b, m)
	b = append(b, '-')
	return append2(b, d)
}

// civil is the proleptic Gregorian date of a day number; years beyond 0 … 9999, which MySQL has no text for, are cut to that range.
func civil(days int64) (y, m, d int) {
	days += 719468 // from 0000-03-01
	era := days / 146097
	if days < 0 {
		era = (days - 146096) / 146097
	}
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int(doy-(153*mp+2)/5) + 1
	m = int(mp) + 3
	year := yoe + era*400
	if m > 12 {
		m -= 12
		year++
	}
	return int(min(max(year, 0), 9999)), m, d
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = 86400 * microsPerSecond
)

// appendDateTime writes microseconds since 1970-01-01 with fsp fractional digits.
func appendDateTime(b []byte, micros int64, fsp int) []byte {
	days := micros / microsPerDay
	rest := micros % microsPerDay
	if rest < 0 {
		days--
		rest += microsPerDay
	}
	b = appendDate(b, days)
	b = append(b, ' ')
	return appendClock(b, rest, fsp)
}

// appendTime writes a TIME, which may be negative and have more than 24 hours.
func appendTime(b []byte, micros int64, fsp int) []byte {
	if micros < 0 {
		b = append(b, '-')
		micros = -micros
	}
	return appendClock(b, micros, fsp)
}

func appendClock(b []byte, micros int64, fsp int) []byte {
	seconds := micros / microsPerSecond
	if hours := seconds / 3600; hours < 100 {
		b = append2(b, int(hours))
	} else {
		b = strconv.AppendInt(b, hours, 10)
	}
	b = append(b, ':')
	b = append2(b, int(seconds/60%60))
	b = append(b, ':')
	b = append2(b, int(seconds%60))
	if fsp > 0 {
		b = append(b, '.')
		fraction := int(micros % microsPerSecond)
		unit := 100_000
		for range min(fsp, 6) {
			b = append(b, byte('0'+fraction/unit%10))
			unit /= 10
		}
	}
	return b
}

// appendBits writes a BIT(n) as its bytes, the most significant first.
func appendBits(b []byte, v uint64, n int) []byte {
	if n <= 0 || n > 64 {
		n = 64
	}
	for i := (n + 7) / 8; i > 0; i-- {
		b = append(b, byte(v>>(8*(i-1))))
	}
	return b
}
