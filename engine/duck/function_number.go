package duck

import (
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"weir/engine/sqlerr"
)

// Numbers: arithmetic with MySQL's errors, conversions from and to text, rounding of doubles.

var doubleOutOfRange = sqlerr.OutOfRange.New("DOUBLE value is out of range")

func init() {
	register(
		function{name: "weir_finite", in: []kind{kindDouble}, out: kindDouble, eval: func(a *args) error { return setFinite(a, a.double(0)) }},
		function{name: "weir_reciprocal", in: []kind{kindDouble}, out: kindDouble, eval: func(a *args) error { return setFinite(a, 1/a.double(0)) }},
		function{name: "weir_divide_double", in: []kind{kindDouble, kindDouble}, out: kindDouble, eval: func(a *args) error {
			if a.double(1) == 0 {
				return nil // NULL
			}
			return setFinite(a, a.double(0)/a.double(1))
		}},
		function{name: "weir_int_divide_double", in: []kind{kindDouble, kindDouble}, out: kindDecimal, eval: intDivideDouble},
		function{name: "weir_round_double", in: []kind{kindDouble, kindInt}, out: kindDouble, eval: func(a *args) error {
			a.setDouble(roundDouble(a.double(0), a.int(1), math.RoundToEven))
			return nil
		}},
		function{name: "weir_truncate_double", in: []kind{kindDouble, kindInt}, out: kindDouble, eval: func(a *args) error {
			a.setDouble(roundDouble(a.double(0), a.int(1), math.Trunc))
			return nil
		}},

		function{name: "weir_shl", in: []kind{kindUint, kindUint}, out: kindUint, eval: func(a *args) error {
			a.setUint(a.uint(0) << a.uint(1)) // 0 from 64 on
			return nil
		}},
		function{name: "weir_shr", in: []kind{kindUint, kindUint}, out: kindUint, eval: func(a *args) error {
			a.setUint(a.uint(0) >> a.uint(1))
			return nil
		}},
		function{name: "weir_bit_count", in: []kind{kindUint}, out: kindInt, eval: func(a *args) error {
			a.setInt(int64(bits.OnesCount64(a.uint(0))))
			return nil
		}},
		function{name: "weir_int_uint", in: []kind{kindInt}, out: kindUint, eval: func(a *args) error { a.setUint(uint64(a.int(0))); return nil }},
		function{name: "weir_uint_int", in: []kind{kindUint}, out: kindInt, eval: func(a *args) error { a.setInt(int64(a.uint(0))); return nil }},
		function{name: "weir_saturate", in: []kind{kindUint}, out: kindInt, eval: func(a *args) error { a.setInt(int64(min(a.uint(0), math.MaxInt64))); return nil }},

		function{name: "weir_double_int", in: []kind{kindDouble}, out: kindInt, eval: func(a *args) error { a.setInt(doubleInt(a.double(0))); return nil }},
		function{name: "weir_double_uint", in: []kind{kindDouble}, out: kindUint, eval: func(a *args) error { a.setUint(doubleUint(a.double(0))); return nil }},
		function{name: "weir_text_int", in: []kind{kindText}, out: kindInt, eval: func(a *args) error { a.setInt(textInt(a.text(0))); return nil }},
		function{name: "weir_text_uint", in: []kind{kindText}, out: kindUint, eval: func(a *args) error { a.setUint(textUint(a.text(0))); return nil }},
		function{name: "weir_text_double", in: []kind{kindText}, out: kindDouble, eval: func(a *args) error { a.setDouble(textDouble(a.text(0))); return nil }},
		function{name: "weir_double_text", in: []kind{kindDouble}, out: kindText, eval: func(a *args) error { a.setText(doubleText(a.double(0))); return nil }},
		function{name: "weir_float_text", in: []kind{kindFloat}, out: kindText, eval: func(a *args) error { a.setText(floatText(a.float(0))); return nil }},

		function{name: "weir_format", in: []kind{kindText, kindInt}, out: kindText, eval: func(a *args) error {
			a.setText(formatNumber(a.text(0), places(a.int(1))))
			return nil
		}},
		function{name: "weir_format_double", in: []kind{kindDouble, kindInt}, out: kindText, eval: func(a *args) error {
			n := places(a.int(1))
			a.setText(groupThousands(strconv.FormatFloat(roundDouble(a.double(0), int64(n), math.RoundToEven), 'f', n, 64)))
			return nil
		}},
	)
}

func setFinite(a *args, v float64) error {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return doubleOutOfRange
	}
	a.setDouble(v)
	return nil
}

// intDivideDouble divides the decimals that the doubles are written as, as MySQL does.
func intDivideDouble(a *args) error {
	const digits = 30
	x := parseDecimal(strconv.FormatFloat(a.double(0), 'e', -1, 64), digits)
	y := parseDecimal(strconv.FormatFloat(a.double(1), 'e', -1, 64), digits)
	if x == nil || y == nil {
		return outOfRange
	}
	if y.Sign() == 0 {
		return nil
	}
	return setBig(a, x.Quo(x, y))
}

// roundDouble rounds with the given rule at a decimal place, by the same operations as MySQL so that the last bit agrees.
func roundDouble(v float64, places int64, rule func(float64) float64) float64 {
	n := min(max(places, -400), 400)
	unit := math.Pow(10, math.Abs(float64(n)))
	switch {
	case n < 0 && math.IsInf(unit, 0):
		return 0
	case n < 0:
		return rule(v/unit) * unit
	case math.IsInf(unit, 0) || math.IsInf(v*unit, 0):
		return v
	}
	return rule(v*unit) / unit
}

func doubleInt(v float64) int64 {
	v = math.RoundToEven(v)
	switch {
	case math.IsNaN(v):
		return 0
	case v >= math.MaxInt64:
		return math.MaxInt64
	case v <= math.MinInt64:
		return math.MinInt64
	}
	return int64(v)
}

func doubleUint(v float64) uint64 {
	v = math.RoundToEven(v)
	switch {
	case v < 0:
		return uint64(doubleInt(v))
	case v >= math.MaxUint64:
		return math.MaxUint64
	}
	return uint64(v)
}

// integerPrefix is the sign and the digits at the beginning of a text.
func integerPrefix(s string) (negative bool, digits string) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return negative, s[:n]
}

// textInt is the integer that a text begins with. Beyond the signed range the bits are those of the unsigned integer, as in MySQL.
func textInt(s string) int64 {
	negative, digits := integerPrefix(s)
	if digits == "" {
		return 0
	}
	v, err := strconv.ParseUint(digits, 10, 64)
	switch {
	case negative && (err != nil || v > 1<<63):
		return math.MinInt64
	case negative:
		return -int64(v)
	}
	return int64(v) // all bits set if too large
}

func textUint(s string) uint64 {
	negative, digits := integerPrefix(s)
	if negative {
		return uint64(textInt(s))
	}
	v, _ := strconv.ParseUint(digits, 10, 64)
	return v
}

func textDouble(s string) float64 {
	v, err := strconv.ParseFloat(numericPrefix(s), 64)
	if err != nil && math.IsInf(v, 0) {
		return math.Copysign(math.MaxFloat64, v)
	}
	return v
}

// doubleText is a double as MySQL prints it: the fewest digits that mean it, with an exponent only where more than 15 places would be needed.
func doubleText(v float64) string { return numberText(strconv.FormatFloat(v, 'e', -1, 64)) }

// floatText is a FLOAT as MySQL prints it, in six digits.
func floatText(v float32) string { return numberText(strconv.FormatFloat(float64(v), 'e', 5, 32)) }

// numberText writes a number given as d.ddde±xx in MySQL's way.
func numberText(e string) string {
	mantissa, exponent, ok := strings.Cut(e, "e")
	if !ok {
		return e // not finite
	}
	sign := ""
	if mantissa[0] == '-' {
		sign, mantissa = "-", mantissa[1:]
	}
	digits := strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0")
	if digits == "" {
		return sign + "0"
	}
	x, _ := strconv.Atoi(exponent)
	point := x + 1 // digits before the point
	switch {
	case point > 15 || point < -14:
		if len(digits) > 1 {
			digits = digits[:1] + "." + digits[1:]
		}
		return sign + digits + "e" + strconv.Itoa(x)
	case point <= 0:
		return sign + "0." + strings.Repeat("0", -point) + digits
	case point >= len(digits):
		return sign + digits + strings.Repeat("0", point-len(digits))
	}
	return sign + digits[:point] + "." + digits[point:]
}

// places is a count of digits after the point within what FORMAT shows.
func places(n int64) int { return int(min(max(n, 0), 30)) }

// formatNumber writes a decimal's text with n digits after the point and commas.
func formatNumber(text string, n int) string {
	v := parseDecimal(text, n)
	digits := new(big.Int).Abs(v).String()
	if len(digits) <= n {
		digits = strings.Repeat("0", n-len(digits)+1) + digits
	}
	if n > 0 {
		digits = digits[:len(digits)-n] + "." + digits[len(digits)-n:]
	}
	if v.Sign() < 0 {
		digits = "-" + digits
	}
	return groupThousands(digits)
}

func groupThousands(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	whole, frac, point := strings.Cut(s, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, c := range []byte(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(c)
	}
	if point {
		b.WriteString("." + frac)
	}
	return b.String()
}
