package dialect

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/engine/rel"
)

// literal writes a constant of exactly the type: 5 as a decimal is not 5 as an integer.
func (m *mysql) literal(w *Writer, l *rel.Lit) bool {
	switch v := l.Value.(type) {
	case nil:
		w.Raw(mysqlNull(l.T))
	case bool:
		if v {
			w.Raw("TRUE")
		} else {
			w.Raw("FALSE")
		}
	case int64:
		if v < 0 {
			w.Raw("(", strconv.FormatInt(v, 10), ")")
		} else {
			w.Raw(strconv.FormatInt(v, 10))
		}
	case uint64:
		if v > math.MaxInt64 {
			w.Raw(strconv.FormatUint(v, 10))
		} else { // the plain number would be signed, and so would a difference from it
			w.Raw("CAST(", strconv.FormatUint(v, 10), " AS UNSIGNED)")
		}
	case rel.DecimalText:
		s := string(v)
		if strings.Count(s, "")-1 > 67 {
			return false
		}
		if !strings.Contains(s, ".") {
			s += "." // else it would be an integer
		}
		if s[0] == '-' {
			s = "(" + s + ")"
		}
		w.Raw(s)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
		s := strconv.FormatFloat(v, 'e', -1, 64)
		if s[0] == '-' {
			s = "(" + s + ")"
		}
		w.Raw(s)
	case rel.DateValue:
		t := time.Unix(int64(v)*86400, 0).UTC()
		if t.Year() < 1 || t.Year() > 9999 {
			return false
		}
		w.Raw("DATE'", t.Format("2006-01-02"), "'")
	case rel.DateTimeValue:
		t := time.UnixMicro(int64(v)).UTC()
		if t.Year() < 1 || t.Year() > 9999 {
			return false
		}
		w.Raw("TIMESTAMP'", t.Format("2006-01-02 15:04:05"), mysqlFraction(t.Nanosecond()/1000, l.T.Scale), "'")
	case rel.TimeValue:
		us, sign := int64(v), ""
		if us < 0 {
			us, sign = -us, "-"
		}
		s := us / 1_000_000
		w.Raw(fmt.Sprintf("TIME'%s%02d:%02d:%02d%s'", sign, s/3600, s/60%60, s%60, mysqlFraction(int(us%1_000_000), l.T.Scale)))
	case string:
		if !utf8.ValidString(v) {
			return false
		}
		if l.T.Class() == rel.ClassJSON && !m.mariadb() {
			w.Raw("CAST(", mysqlText(v), " AS JSON)")
		} else {
			w.Raw(mysqlText(v))
		}
	case []byte:
		w.Raw("X'", hex.EncodeToString(v), "'")
	default:
		return false
	}
	return true
}

// mysqlNull writes NULL of a type: what is computed with a bare NULL has some other type than what is computed with the type's values.
func mysqlNull(t rel.Type) string {
	switch t.Class() {
	case rel.ClassInt:
		if t.Unsigned {
			return "CAST(NULL AS UNSIGNED)"
		}
		return "CAST(NULL AS SIGNED)"
	case rel.ClassDecimal:
		return fmt.Sprintf("CAST(NULL AS DECIMAL(%d,%d))", t.Precision, t.Scale)
	case rel.ClassDouble:
		return "(NULL + 0e0)" // older servers can't cast to DOUBLE
	case rel.ClassDate:
		return "CAST(NULL AS DATE)"
	case rel.ClassDateTime:
		return fmt.Sprintf("CAST(NULL AS DATETIME(%d))", t.Scale)
	case rel.ClassTime:
		return fmt.Sprintf("CAST(NULL AS TIME(%d))", t.Scale)
	case rel.ClassText:
		return "CONVERT(NULL USING utf8mb4)"
	}
	return "NULL"
}

// mysqlFraction writes fractional seconds with as many digits as the type has, or as the value needs if that is more.
func mysqlFraction(us, scale int) string {
	digits := fmt.Sprintf("%06d", us)
	n := len(strings.TrimRight(digits, "0"))
	if n = max(n, scale); n == 0 {
		return ""
	}
	return "." + digits[:min(n, 6)]
}

var mysqlEscapes = strings.NewReplacer(`\`, `\\`, `'`, `''`, "\x00", `\0`, "\x1a", `\Z`)

// mysqlText quotes text for a session whose sql_mode has no NO_BACKSLASH_ESCAPES.
func mysqlText(s string) string { return "'" + mysqlEscapes.Replace(s) + "'" }
