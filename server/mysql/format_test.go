package mysql

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// The expected texts are what MySQL prints for a DOUBLE or FLOAT column.
func TestFloatingPoint(t *testing.T) {
	for _, c := range []struct {
		f    float64
		want string
	}{
		{0, "0"}, {1, "1"}, {-1.5, "-1.5"}, {0.1, "0.1"}, {123456789, "123456789"}, {1e14, "100000000000000"}, {1e15, "1e15"}, {-1.25e15, "-1.25e15"},
		{123456789012345, "123456789012345"}, {1234567890123456, "1.234567890123456e15"}, {1e-15, "0.000000000000001"}, {1e-16, "1e-16"}, {1.5e-16, "1.5e-16"},
		{1e300, "1e300"}, {5e-324, "5e-324"}, {math.MaxFloat64, "1.7976931348623157e308"}, {1.0 / 3, "0.3333333333333333"}, {100, "100"}, {0.00001234, "0.00001234"},
	} {
		if got := string(appendDouble(nil, c.f)); got != c.want {
			t.Errorf("double %g: %s, want %s", c.f, got, c.want)
		}
	}
	for _, c := range []struct {
		f    float32
		want string
	}{{3.14159274, "3.14159"}, {16777216, "16777200"}, {0.1, "0.1"}, {1e10, "10000000000"}, {3.4028235e38, "3.40282e38"}, {-1e-20, "-1e-20"}, {999999.5, "1000000"}} {
		if got := string(appendFloat(nil, c.f)); got != c.want {
			t.Errorf("float %g: %s, want %s", c.f, got, c.want)
		}
	}
}

func FuzzDouble(f *testing.F) {
	for _, x := range []float64{0, 1, -1.5, 1e15, 1e-15, 5e-324, math.MaxFloat64} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		text := string(appendDouble(nil, x))
		back, err := strconv.ParseFloat(text, 64)
		if err != nil || back != x {
			t.Errorf("%g became %q, which is %g (%v)", x, text, back, err)
		}
	})
}

func TestDecimal(t *testing.T) {
	for _, c := range []struct {
		n          string
		have, want int
		text       string
	}{
		{"0", 0, 0, "0"}, {"5", 2, 2, "0.05"}, {"-5", 2, 2, "-0.05"}, {"12345", 2, 2, "123.45"}, {"12345", 4, 2, "1.23"}, {"12355", 3, 2, "12.36"}, {"-12355", 3, 2, "-12.36"},
		{"12345", 0, 3, "12345.000"}, {"125", 2, 4, "1.2500"}, {"10000000000000000000", 0, 0, "10000000000000000000"}, {"18446744073709551616", 0, 0, "18446744073709551616"},
		{"99999999999999999999999999999999999999", 38, 38, "0.99999999999999999999999999999999999999"},
		{"500000000000000000000", 21, 0, "1"}, {"499999999999999999999", 21, 0, "0"}, {"-499999999999999999999", 21, 1, "-0.5"},
	} {
		n, _ := new(big.Int).SetString(c.n, 10)
		if got := string(appendDecimal(nil, decimal128.FromBigInt(n), c.have, c.want)); got != c.text {
			t.Errorf("%s scale %d as %d: %s, want %s", c.n, c.have, c.want, got, c.text)
		}
	}
}

// Against big numbers: exact, and rounded half away from zero in one step however many digits go.
func FuzzDecimal(f *testing.F) {
	f.Add(int64(0), uint64(5), uint8(2), uint8(2))
	f.Add(int64(-1), uint64(1), uint8(38), uint8(0))
	f.Add(int64(1<<60), uint64(1), uint8(30), uint8(4))
	f.Fuzz(func(t *testing.T, hi int64, lo uint64, have, want uint8) {
		have, want = have%39, want%39
		v := decimal128.New(hi, lo)
		got := string(appendDecimal(nil, v, int(have), int(want)))
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(have)), nil)
		exact := new(big.Rat).SetFrac(v.BigInt(), unit)
		expected := exact.FloatString(int(want)) // rounds half away from zero
		if strings.Trim(expected, "-0.") == "" {
			expected = strings.TrimPrefix(expected, "-")
			got = strings.TrimPrefix(got, "-")
		}
		if got != expected {
			t.Errorf("%s scale %d as %d: %s, want %s", v.BigInt(), have, want, got, expected)
		}
	})
}

func FuzzDateTime(f *testing.F) {
	f.Add(int64(0))
	f.Add(int64(-1))
	f.Add(int64(253402300799999999))
	f.Add(int64(-62135596800000000))
	f.Fuzz(func(t *testing.T, micros int64) {
		when := time.UnixMicro(micros).UTC()
		if when.Year() < 1 || when.Year() > 9999 {
			_ = appendDateTime(nil, micros, 6) // no panic
			return
		}
		if got, want := string(appendDateTime(nil, micros, 6)), when.Format("2006-01-02 15:04:05.000000"); got != want {
			t.Errorf("%d: %s, want %s", micros, got, want)
		}
	})
}
