package duck

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzText feeds the readers of text: none may panic, what is read must be within range, and a document must survive being written.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "2024-02-29 12:30:45.1234567", "20240229T123045", "-838:59:59", "1 12:30", "12:", "T", "0000-00-00", "9999-12-31",
		"1e400", "-.5e-3x", `{"a": [1, -0.5e3, "\ud83d\ude00", null]}`, `$**."a b"[last-1 to last].*`, "%Y-%m-%d %H:%i:%s.%f", "a%_\\", "%", "99999999999999999999"} {
		f.Add(s, "%a_%")
		f.Add("31 Jan 2024 PM", s)
	}
	f.Fuzz(func(t *testing.T, s, p string) {
		if !utf8.ValidString(s) || !utf8.ValidString(p) {
			t.Skip()
		}
		if d, ok := parseDateTime(s); ok && !d.valid() {
			t.Errorf("%q is %+v", s, d)
		}
		for scale := range 7 {
			if us, ok := parseTime(s, scale); ok && (us > maxTime || us < -maxTime) {
				t.Errorf("%q is %d", s, us)
			}
		}
		if v, err := parseJSON(s, true); err == nil {
			var once, twice strings.Builder
			v.write(&once)
			w, err := parseJSON(once.String(), true)
			if err != nil {
				t.Fatalf("%q is written as %q, which can't be read", s, once.String())
			}
			if w.write(&twice); once.String() != twice.String() || compareJSON(v, w) != 0 {
				t.Errorf("%q is written as %q, then as %q", s, once.String(), twice.String())
			}
			if steps, err := parsePath(p); err == nil {
				v.find(steps, func(*jsonValue) {})
			}
		}
		parsePath(s)
		if v := parseDecimal(numericPrefix(s), 10); v != nil {
			hugeOf(v)
		}
		textInt(s)
		textUint(s)
		textDouble(s)
		soundex(s)
		if c, ok := parseFormat(s, p); ok && c.valid() {
			formatMoment(c, p, false, false)
		}
		textInterval("DAY_MICROSECOND", s)
		textInterval("SECOND", s)
		if like(s, s, "") != true && !strings.ContainsAny(s, "%_") {
			t.Errorf("%q is not like itself", s)
		}
		like(s, p, "\\")
	})
}
