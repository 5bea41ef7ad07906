package sqlite

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
)

// TestDecimalsFromReals: every decimal of up to 15 digits is recovered from the double nearest to it, and from its neighbours too, which
// sums of such decimals may hit; decimals with more places than the scale never pass for another one.
func TestDecimalsFromReals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var d decoder
	for range 200_000 {
		digits, scale := 1+r.IntN(realDigits), r.IntN(realDigits+1)
		n := r.Int64N(int64(math.Pow10(digits))) - r.Int64N(int64(math.Pow10(digits)))
		f, err := strconv.ParseFloat(fmt.Sprintf("%de-%d", n, scale), 64)
		if err != nil {
			t.Fatal(err)
		}
		neighbours := []float64{f, math.Nextafter(f, math.Inf(1)), math.Nextafter(f, math.Inf(-1))}
		if n == 0 || digits == realDigits {
			neighbours = neighbours[:1]
		}
		for _, x := range neighbours {
			got, ok := d.decimal(&cell{kind: sqlite.TypeFloat, float: x}, 38, scale)
			if !ok || got.BigInt().Int64() != n {
				t.Fatalf("%de-%d, kept as %v, gives %v, %v", n, scale, x, got.BigInt(), ok)
			}
		}
		if n%10 != 0 && scale > 0 {
			if got, ok := d.decimal(&cell{kind: sqlite.TypeFloat, float: f}, 38, scale-1); ok {
				t.Fatalf("%de-%d passes for %v at scale %d", n, scale, got.BigInt(), scale-1)
			}
		}
	}
	for _, x := range []float64{1e13, 12345678901234.5, -1e15, 1e300, math.Inf(1), math.Inf(-1)} {
		if got, ok := d.decimal(&cell{kind: sqlite.TypeFloat, float: x}, 38, 2); ok {
			t.Errorf("%v gives %v at scale 2, though a REAL doesn't hold so many digits", x, got.BigInt())
		}
	}
}

// TestCivilDays compares with the calendar of package time.
func TestCivilDays(t *testing.T) {
	for day := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() < 10000; day = day.AddDate(0, 0, 1) {
		if got := civilDays(int64(day.Year()), int64(day.Month()), int64(day.Day())); got != day.Unix()/86400 {
			t.Fatalf("%v is day %d, want %d", day, got, day.Unix()/86400)
		}
	}
}

// FuzzTemporal: what is taken for a date or a datetime is one, and what is written of it is read as the same.
func FuzzTemporal(f *testing.F) {
	for _, s := range []string{"2024-02-29", "2024-02-29 23:59:59.999999", "0000-01-01T00:00Z", "9999-12-31 23:59:59-14:00", "2024-02-30", "24-02-2024", "2024-02-29 00:00:00.0", ""} {
		f.Add(s)
	}
	d := decoder{}
	f.Fuzz(func(t *testing.T, s string) {
		c := &cell{kind: sqlite.TypeText, bytes: []byte(s)}
		if days, ok := d.date(c); ok {
			again := appendDate(nil, days)
			if string(again) != s[:10] {
				t.Errorf("%q is read as %s", s, again)
			}
		}
		if micros, ok := d.datetime(c, 6); ok {
			again := appendDateTime(nil, micros)
			if got, ok := d.datetime(&cell{kind: sqlite.TypeText, bytes: again}, 6); !ok || got != micros {
				t.Errorf("%q is read as %d, written as %s, read as %d", s, micros, again, got)
			}
		}
		d.clock(c, 6)
		if n, ok := scaledText(c.bytes, 5); ok {
			if again, ok := scaledText([]byte(n.ToString(5)), 5); !ok || again != n {
				t.Errorf("%q is read as %v, then as %v", s, n.BigInt(), again.BigInt())
			}
		}
	})
}

// FuzzLike compares with a plain recursive matcher.
func FuzzLike(f *testing.F) {
	f.Add("abc", "a%c", "\\")
	f.Add("a%b", "a\\%b", "\\")
	f.Add("😀x", "_x", "")
	f.Add("aaaab", "%a%a%b", "")
	f.Fuzz(func(t *testing.T, text, pattern, escape string) {
		if len(text) > 40 || len(pattern) > 12 {
			return
		}
		e := rune(-1)
		for _, r := range escape {
			e = r
			break
		}
		if got, want := matches([]byte(text), []byte(pattern), e), plainMatch([]rune(text), []rune(pattern), e); got != want {
			t.Errorf("%q LIKE %q ESCAPE %q is %v, want %v", text, pattern, escape, got, want)
		}
	})
}

func plainMatch(text, pattern []rune, escape rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch p := pattern[0]; {
	case p == escape && len(pattern) > 1:
		return len(text) > 0 && text[0] == pattern[1] && plainMatch(text[1:], pattern[2:], escape)
	case p == '%' && p != escape:
		return plainMatch(text, pattern[1:], escape) || len(text) > 0 && plainMatch(text[1:], pattern, escape)
	case p == '_' && p != escape:
		return len(text) > 0 && plainMatch(text[1:], pattern[1:], escape)
	default:
		return len(text) > 0 && text[0] == p && plainMatch(text[1:], pattern[1:], escape)
	}
}
