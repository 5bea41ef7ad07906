package dialect

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/engine/rel"
)

// pgString quotes text; standard_conforming_strings is on, so that a backslash is itself.
func pgString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func pgTextOK(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

func pgASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// literal writes a constant with its type, so that operators and functions resolve as intended.
func (p *postgres) literal(w *Writer, l *rel.Lit) bool {
	if l.Value == nil {
		w.Raw("NULL::", pgType(l.T))
		return true
	}
	plain, ok := pgPlain(l.Value)
	if !ok || !p.utf8 && !pgASCII(plain) {
		return false
	}
	switch v := l.Value.(type) {
	case bool:
		w.Raw(plain)
	case int64:
		if v < 0 {
			plain = "(" + plain + ")"
		}
		w.Raw(plain)
	case uint64:
		w.Raw(plain)
	case rel.DecimalText:
		if !strings.Contains(plain, ".") {
			w.Raw("'", plain, "'::numeric")
		} else if v[0] == '-' {
			w.Raw("(", plain, ")")
		} else {
			w.Raw(plain)
		}
	default:
		w.Raw(pgString(plain), "::", pgType(l.T))
	}
	return true
}

// pgPlain is a constant in the notation of the type's input function.
func pgPlain(v any) (string, bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case rel.DecimalText:
		return string(v), true
	case float64:
		if v-v != 0 {
			return "", false
		}
		return strconv.FormatFloat(v, 'g', -1, 64), true
	case rel.DateValue:
		t := time.Unix(int64(v)*86400, 0).UTC()
		return t.Format("2006-01-02"), t.Year() >= 1 && t.Year() <= 9999
	case rel.DateTimeValue:
		t := time.UnixMicro(int64(v)).UTC()
		return t.Format("2006-01-02 15:04:05.999999"), t.Year() >= 1 && t.Year() <= 9999
	case rel.TimeValue: // MySQL's TIME is an interval, PostgreSQL's a time of day
		s := int64(v) / 1e6
		return fmt.Sprintf("%02d:%02d:%02d.%06d", s/3600, s/60%60, s%60, int64(v)%1e6), v >= 0 && v <= 86400*1e6
	case string:
		return v, pgTextOK(v)
	case []byte:
		return `\x` + hex.EncodeToString(v), true
	}
	return "", false
}

// interval writes the offset of a RANGE frame over a date or time.
func (p *postgres) interval(w *Writer, n rel.Expr, unit string) {
	v, ok := pgConstantInt(n)
	text, known := pgInterval(v, unit)
	if !ok || !known {
		w.Fail(fmt.Errorf("an interval of %s has no form", unit))
		return
	}
	w.Raw(text)
}

// pgInterval is n units as an interval.
func pgInterval(n int64, unit string) (string, bool) {
	per, name := int64(1), ""
	switch unit {
	case "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "MICROSECOND", "WEEK":
		name = strings.ToLower(unit)
	case "QUARTER":
		per, name = 3, "month"
	}
	const limit = 1 << 31
	if name == "" || n > limit/8 || n < -limit/8 {
		return "", false
	}
	return "interval '" + strconv.FormatInt(n*per, 10) + " " + name + "'", true
}
