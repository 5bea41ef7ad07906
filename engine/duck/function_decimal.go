package duck

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"weir/engine/sqlerr"
)

// Decimals: what DuckDB computes as doubles or can't give a type. A function whose name ends in a number gives a decimal of
// 38 digits with that many after the point; its operands are decimals or integers of any width.

// maxScale is the greatest number of digits after the point that a decimal of DuckDB has.
const maxScale = 38

// maxDigits is the greatest number of digits of a decimal of MySQL. A value that has more is out of range; one that has more than Weir's
// 38 is refused.
const maxDigits = 65

var (
	outOfRange = sqlerr.OutOfRange.New("DECIMAL value is out of range")
	tooWide    = sqlerr.Unsupported.New("decimals of more than 38 digits are not supported; round the operands, or compute with doubles")
)

func init() {
	for s := range maxScale + 1 {
		scaled := func(name string, in []kind, eval func(a *args, scale int) error) {
			register(function{name: fmt.Sprintf("weir_%s_%d", name, s), in: in, out: kindDecimal + kind(s), eval: func(a *args) error { return eval(a, s) }})
		}
		two := []kind{kindAny, kindAny}
		scaled("divide", two, divide)
		scaled("modulo", two, modulo)
		scaled("add", two, arithmetic(func(x, y *big.Int) { x.Add(x, y) }))
		scaled("subtract", two, arithmetic(func(x, y *big.Int) { x.Sub(x, y) }))
		scaled("multiply", two, multiply)
		scaled("clamp", []kind{kindAny, kindInt}, clamp)
		scaled("round", []kind{kindAny, kindInt}, func(a *args, s int) error { return roundTo(a, s, false) })
		scaled("truncate", []kind{kindAny, kindInt}, func(a *args, s int) error { return roundTo(a, s, true) })
		scaled("double_decimal", []kind{kindDouble}, func(a *args, s int) error {
			return setDecimal(a, strconv.FormatFloat(a.double(0), 'e', -1, 64), s)
		})
		scaled("text_decimal", []kind{kindText}, func(a *args, s int) error { return setDecimal(a, numericPrefix(a.text(0)), s) })
	}
	register(
		function{name: "weir_decimal_compare", in: []kind{kindAny, kindAny}, out: kindInt, eval: func(a *args) error {
			x, xs := a.decimal(0)
			y, ys := a.decimal(1)
			s := max(xs, ys)
			a.setInt(int64(scaleUp(x.big(), s-xs).Cmp(scaleUp(y.big(), s-ys))))
			return nil
		}},
		function{name: "weir_decimal_double", in: []kind{kindAny}, out: kindDouble, eval: func(a *args) error {
			v, scale := a.decimal(0)
			a.setDouble(decimalDouble(v, scale))
			return nil
		}},
		function{name: "weir_decimal_int", in: []kind{kindAny}, out: kindInt, eval: func(a *args) error {
			a.setInt(clampInt(roundDecimal(a, 0, 0)))
			return nil
		}},
		function{name: "weir_decimal_uint", in: []kind{kindAny}, out: kindUint, eval: func(a *args) error {
			a.setUint(clampUint(roundDecimal(a, 0, 0)))
			return nil
		}},
	)
}

var pow10 = func() (p [20]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = p[i-1] * 10
	}
	return p
}()

func bigPow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// scaleUp multiplies v by 10^n in place.
func scaleUp(v *big.Int, n int) *big.Int {
	if n > 0 {
		v.Mul(v, bigPow10(n))
	}
	return v
}

// rescale gives an unscaled value another scale in place; digits that are lost are rounded half away from zero or cut.
func rescale(v *big.Int, from, to int, cut bool) *big.Int {
	if to >= from {
		return scaleUp(v, to-from)
	}
	unit := bigPow10(from - to)
	rest := new(big.Int)
	v.QuoRem(v, unit, rest)
	if !cut && rest.Lsh(rest, 1).CmpAbs(unit) >= 0 {
		v.Add(v, big.NewInt(int64(rest.Sign())))
	}
	return v
}

func setBig(a *args, v *big.Int) error {
	h, ok := hugeOf(v)
	switch {
	case !ok && v.CmpAbs(bigPow10(maxDigits)) < 0:
		return tooWide
	case !ok:
		return outOfRange
	}
	a.setHuge(h)
	return nil
}

// divide gives the quotient cut, not rounded, to the scale: MySQL carries that many digits and rounds when a value is shown.
func divide(a *args, scale int) error {
	x, xs := a.decimal(0)
	y, ys := a.decimal(1)
	if y == (huge{}) {
		return nil // NULL
	}
	shift := scale + ys - xs
	if q, ok := divideSmall(x, y, shift); ok {
		a.setHuge(wide(q))
		return nil
	}
	n, d := x.big(), y.big()
	if shift >= 0 {
		scaleUp(n, shift)
	} else {
		scaleUp(d, -shift)
	}
	return setBig(a, n.Quo(n, d))
}

// divideSmall divides x * 10^shift by y where that needs no more than a 128-bit dividend.
func divideSmall(x, y huge, shift int) (q int64, ok bool) {
	n, ok1 := x.small()
	d, ok2 := y.small()
	if !ok1 || !ok2 || shift < 0 || shift >= len(pow10) || n == math.MinInt64 || d == math.MinInt64 {
		return 0, false
	}
	negative := (n < 0) != (d < 0)
	un, ud := uint64(max(n, -n)), uint64(max(d, -d))
	hi, lo := bits.Mul64(un, pow10[shift])
	if hi >= ud {
		return 0, false
	}
	u, _ := bits.Div64(hi, lo, ud)
	if u > math.MaxInt64 {
		return 0, false
	}
	if negative {
		return -int64(u), true
	}
	return int64(u), true
}

// modulo has the sign of the dividend.
func modulo(a *args, scale int) error {
	x, xs := a.decimal(0)
	y, ys := a.decimal(1)
	if y == (huge{}) {
		return nil
	}
	s := max(xs, ys)
	n, d := scaleUp(x.big(), s-xs), scaleUp(y.big(), s-ys)
	return setBig(a, rescale(n.Rem(n, d), s, scale, true))
}

func arithmetic(op func(x, y *big.Int)) func(a *args, scale int) error {
	return func(a *args, scale int) error {
		x, xs := a.decimal(0)
		y, ys := a.decimal(1)
		s := max(xs, ys)
		v := scaleUp(x.big(), s-xs)
		op(v, scaleUp(y.big(), s-ys))
		return setBig(a, rescale(v, s, scale, true))
	}
}

func multiply(a *args, scale int) error {
	x, xs := a.decimal(0)
	y, ys := a.decimal(1)
	v := x.big()
	return setBig(a, rescale(v.Mul(v, y.big()), xs+ys, scale, true))
}

// clamp rounds to the scale; a value of more than the second operand's digits gives the largest that has as many.
func clamp(a *args, scale int) error {
	x, xs := a.decimal(0)
	v := rescale(x.big(), xs, scale, false)
	limit := bigPow10(int(a.int(1)))
	if v.CmpAbs(limit) >= 0 {
		limit.Sub(limit, big.NewInt(1))
		if v.Sign() < 0 {
			limit.Neg(limit)
		}
		v = limit
	}
	return setBig(a, v)
}

// roundTo rounds or cuts at the second operand's place, before the point if that is negative.
func roundTo(a *args, scale int, cut bool) error {
	x, xs := a.decimal(0)
	places := min(max(a.int(1), -maxScale-1), int64(scale))
	v := rescale(x.big(), xs, int(places), cut)
	return setBig(a, rescale(v, int(places), scale, true))
}

// roundDecimal is an operand rounded half away from zero.
func roundDecimal(a *args, i, scale int) *big.Int {
	x, xs := a.decimal(i)
	return rescale(x.big(), xs, scale, false)
}

func clampInt(v *big.Int) int64 {
	switch {
	case v.IsInt64():
		return v.Int64()
	case v.Sign() < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// clampUint is v as an unsigned integer; a negative one keeps its bits.
func clampUint(v *big.Int) uint64 {
	switch {
	case v.Sign() < 0:
		return uint64(clampInt(v))
	case v.IsUint64():
		return v.Uint64()
	}
	return math.MaxUint64
}

// decimalDouble is the double nearest to a decimal.
func decimalDouble(v huge, scale int) float64 {
	const exact = 1 << 53
	if n, ok := v.small(); ok && n >= -exact && n <= exact && scale <= 22 {
		return float64(n) / math.Pow10(scale)
	}
	f, _ := strconv.ParseFloat(v.big().String()+"e-"+strconv.Itoa(scale), 64)
	return f
}

// setDecimal sets the decimal that a number's text gives, rounded half away from zero; text must be as numericPrefix or strconv write it. What
// has more than 38 digits gives the largest value, which the cast around clamps further.
func setDecimal(a *args, text string, scale int) error {
	v := parseDecimal(text, scale)
	if v == nil || v.CmpAbs(maxDecimal) >= 0 {
		v = new(big.Int).Sub(maxDecimal, big.NewInt(1))
		if strings.HasPrefix(text, "-") {
			v.Neg(v)
		}
	}
	return setBig(a, v)
}

// parseDecimal is the unscaled value of a number's text at a scale; nil if it is beyond any use.
func parseDecimal(text string, scale int) *big.Int {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		exponent, _ = strconv.Atoi(text[i+1:])
		if exponent > 100 {
			if strings.Trim(mantissa, "+-0.") == "" {
				return new(big.Int)
			}
			return nil
		}
		if exponent < -400 {
			return new(big.Int)
		}
	}
	whole, frac, _ := strings.Cut(mantissa, ".")
	v, ok := new(big.Int).SetString(strings.TrimPrefix(whole+frac, "+"), 10)
	if !ok {
		return new(big.Int) // no digits
	}
	from := len(frac) - exponent
	if from < 0 {
		scaleUp(v, -from)
		from = 0
	}
	return rescale(v, from, scale, false)
}

// numericPrefix is the longest beginning of a text that is a number, after blanks: what MySQL makes of text where it needs a number.
func numericPrefix(s string) string {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	i, digits := 0, 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	for ; i < len(s) && isDigit(s[i]); i++ {
		digits++
	}
	if i < len(s) && s[i] == '.' {
		j := i + 1
		for ; j < len(s) && isDigit(s[j]); j++ {
			digits++
		}
		if digits > 0 {
			i = j
		}
	}
	if digits == 0 {
		return "0"
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		j := i + 1
		if j < len(s) && (s[j] == '-' || s[j] == '+') {
			j++
		}
		if k := j; k < len(s) && isDigit(s[k]) {
			for k < len(s) && isDigit(s[k]) {
				k++
			}
			i = k
		}
	}
	return s[:i]
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
