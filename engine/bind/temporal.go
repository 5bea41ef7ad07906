package bind

import (
	"fmt"
	"strings"
	"time"

	"weir/engine/rel"
)

// moment is a date with a time of day, as text spells it.
type moment struct {
	year, month, day, hour, minute, second int
	micro                                  int
	scale                                  int  // fractional digits written
	hasTime                                bool // a time was written
}

const dayMicros = int64(24 * time.Hour / time.Microsecond)

func (m moment) date() rel.DateValue {
	return rel.DateValue(daysFromDate(m.year, m.month, m.day))
}

func (m moment) dateTime() rel.DateTimeValue {
	return rel.DateTimeValue(int64(m.date())*dayMicros + m.clock())
}

func (m moment) clock() int64 {
	return (int64(m.hour)*3600+int64(m.minute)*60+int64(m.second))*1e6 + int64(m.micro)
}

func (m moment) midnight() bool { return m.clock() == 0 }

func daysFromDate(y, m, d int) int64 {
	return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Unix() / 86400
}

func momentOf(v rel.DateTimeValue) moment {
	t := time.UnixMicro(int64(v)).UTC()
	return moment{year: t.Year(), month: int(t.Month()), day: t.Day(), hour: t.Hour(), minute: t.Minute(), second: t.Second(),
		micro: t.Nanosecond() / 1000}
}

// parseDateTime reads a date or date and time as MySQL does: any punctuation between the parts, or digits only. Zero dates
// are no dates here.
func parseDateTime(s string) (m moment, ok bool) {
	s = strings.TrimLeft(s, " \t\n\r")
	s = strings.TrimRight(s, " \t\n\r")
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	var rest string
	switch {
	case n == len(s) || s[n] == '.' && (n == 14 || n == 12) || s[n] == 'T' && (n == 8 || n == 6):
		d := s[:n]
		rest = s[n:]
		switch n {
		case 5:
			d = "0" + d
		case 7:
			d = "0" + d
		case 6, 8, 12, 14:
		default:
			return m, false
		}
		if len(d) == 6 || len(d) == 12 {
			d = century(atoi(d[:2])) + d
		}
		m.year, m.month, m.day = atoi(d[:4]), atoi(d[4:6]), atoi(d[6:8])
		if len(d) == 14 {
			m.hour, m.minute, m.second, m.hasTime = atoi(d[8:10]), atoi(d[10:12]), atoi(d[12:14]), true
		} else if strings.HasPrefix(rest, "T") {
			c := rest[1:]
			if len(c) < 6 || !m.readClock(c[:2]+":"+c[2:4]+":"+c[4:]) {
				return m, false
			}
			rest = ""
		}
		if rest != "" && !m.readFraction(rest) {
			return m, false
		}
	default:
		var parts [3]int
		width := 0
		for i := range parts {
			start := 0
			for start < len(s) && isDigit(s[start]) {
				start++
			}
			if start == 0 || start > 4 || i > 0 && start > 2 {
				return m, false
			}
			if i == 0 {
				width = start
			}
			parts[i] = atoi(s[:start])
			s = s[start:]
			if i < 2 {
				if s == "" || !isPunct(s[0]) {
					return m, false
				}
				s = strings.TrimLeftFunc(s, func(r rune) bool { return r < 128 && isPunct(byte(r)) })
			}
		}
		m.year, m.month, m.day = parts[0], parts[1], parts[2]
		if width <= 2 {
			m.year += atoi(century(m.year)) * 100
		}
		if s != "" {
			if s[0] != ' ' && s[0] != 'T' && !isPunct(s[0]) {
				return m, false
			}
			s = strings.TrimLeft(s[1:], " ")
			if s != "" && !m.readClock(s) {
				return m, false
			}
		}
	}
	return m.carried()
}

// carried rounds a seventh fractional digit that carried into a second, and checks the ranges.
func (m moment) carried() (moment, bool) {
	if m.year < 1 || m.year > 9999 || m.month < 1 || m.month > 12 || m.day < 1 || m.day > monthDays(m.year, m.month) ||
		m.hour > 23 || m.minute > 59 || m.second > 59 {
		return m, false
	}
	if m.micro >= 1e6 {
		scale, hasTime := m.scale, m.hasTime
		m = momentOf(m.dateTime())
		m.scale, m.hasTime = scale, hasTime
	}
	return m, true
}

func century(year int) string {
	if year < 70 {
		return "20"
	}
	return "19"
}

func monthDays(y, m int) int { return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isPunct(c byte) bool { return c > ' ' && c < 127 && !isDigit(c) && !isLetter(c) }
func isLetter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// readClock reads hh[:mm[:ss[.ffffff]]].
func (m *moment) readClock(s string) bool {
	m.hasTime = true
	for i, part := range []*int{&m.hour, &m.minute, &m.second} {
		n := 0
		for n < len(s) && isDigit(s[n]) {
			n++
		}
		if n == 0 || n > 2 {
			return false
		}
		*part = atoi(s[:n])
		s = s[n:]
		if s == "" {
			return true
		}
		if i < 2 {
			if !isPunct(s[0]) {
				return false
			}
			s = s[1:]
		}
	}
	return m.readFraction(s)
}

// readFraction reads .ffffff; a seventh digit rounds.
func (m *moment) readFraction(s string) bool {
	if s[0] != '.' {
		return false
	}
	s = s[1:]
	if strings.Trim(s, "0123456789") != "" {
		return false
	}
	m.scale = min(6, len(s))
	m.micro = atoi((s + "000000")[:6])
	if len(s) > 6 && s[6] >= '5' {
		m.micro++
	}
	return true
}

// parseFormatted reads text by a STR_TO_DATE format of %Y, %m, %d, %H, %i, %s and %f, each with all its digits, and literal characters
// between them. Anything else is not ok and left to run time.
func parseFormatted(s, format string) (m moment, ok bool) {
	date := 0
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c != '%' {
			if c == ' ' || s == "" || s[0] != c || isDigit(c) || isLetter(c) {
				if c != ' ' || s == "" || s[0] != ' ' || len(s) > 1 && s[1] == ' ' {
					return m, false
				}
			}
			s = s[1:]
			continue
		}
		if i++; i == len(format) {
			return m, false
		}
		width := 2
		switch format[i] {
		case 'Y':
			width = 4
		case 'f':
			width = 6
		}
		if len(s) < width || strings.Trim(s[:width], "0123456789") != "" || len(s) > width && isDigit(s[width]) && i+1 < len(format) && format[i+1] != '%' {
			return m, false
		}
		n := atoi(s[:width])
		s = s[width:]
		switch format[i] {
		case 'Y':
			m.year, date = n, date|1
		case 'm':
			m.month, date = n, date|2
		case 'd':
			m.day, date = n, date|4
		case 'H':
			m.hour = n
		case 'i':
			m.minute = n
		case 's', 'S':
			m.second = n
		case 'f':
			m.micro = n
		default:
			return m, false
		}
	}
	if s != "" || date != 7 {
		return m, false
	}
	return m.carried()
}

// maxTime is 838:59:59, the largest TIME.
const maxTime = (838*3600 + 59*60 + 59) * int64(1e6)

// parseTime reads a TIME: [-][d ]h:m:s[.f], hhmmss or a full date and time.
func parseTime(s string) (v rel.TimeValue, scale int, ok bool) {
	s = strings.TrimSpace(s)
	if m, isMoment := parseDateTime(s); isMoment && m.hasTime {
		return rel.TimeValue(m.clock()), m.scale, true
	}
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	whole, frac, hasFrac := strings.Cut(s, ".")
	days := 0
	if d, rest, has := strings.Cut(whole, " "); has {
		if d == "" || strings.Trim(d, "0123456789") != "" || len(d) > 2 {
			return 0, 0, false
		}
		days, whole = atoi(d), rest
		if !strings.Contains(whole, ":") {
			whole += ":00:00"
		}
	}
	var h, m, sec int
	if strings.Contains(whole, ":") {
		parts := strings.Split(whole, ":")
		if len(parts) > 3 {
			return 0, 0, false
		}
		for i, p := range parts {
			if p == "" || strings.Trim(p, "0123456789") != "" || len(p) > 3 {
				return 0, 0, false
			}
			*[]*int{&h, &m, &sec}[i] = atoi(p)
		}
	} else {
		if whole == "" || strings.Trim(whole, "0123456789") != "" || len(whole) > 7 {
			return 0, 0, false
		}
		n := atoi(whole)
		h, m, sec = n/10000, n/100%100, n%100
	}
	if m > 59 || sec > 59 {
		return 0, 0, false
	}
	us := (int64(days)*86400+int64(h)*3600+int64(m)*60+int64(sec))*1e6 + 0
	if hasFrac {
		var f moment
		if frac != "" && !f.readFraction("."+frac) {
			return 0, 0, false
		}
		us, scale = us+int64(f.micro), f.scale
	}
	if us > maxTime {
		return 0, 0, false // MySQL cuts it at the maximum, with a warning; left to run time
	}
	if neg {
		us = -us
	}
	return rel.TimeValue(us), scale, true
}

// temporalText is a date or time constant as text with a count of fractional digits.
func temporalText(v any, scale int) string {
	switch v := v.(type) {
	case rel.DateValue:
		m := momentOf(rel.DateTimeValue(int64(v) * dayMicros))
		return fmt.Sprintf("%04d-%02d-%02d", m.year, m.month, m.day)
	case rel.DateTimeValue:
		m := momentOf(v)
		return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", m.year, m.month, m.day, m.hour, m.minute, m.second) + fractionText(m.micro, scale)
	case rel.TimeValue:
		sign, us := "", int64(v)
		if us < 0 {
			sign, us = "-", -us
		}
		s := us / 1e6
		return fmt.Sprintf("%s%02d:%02d:%02d", sign, s/3600, s/60%60, s%60) + fractionText(int(us%1e6), scale)
	}
	return ""
}

func fractionText(micro, scale int) string {
	if scale == 0 {
		return ""
	}
	return "." + fmt.Sprintf("%06d", micro)[:scale]
}

// roundMicros rounds microseconds half away from zero to a count of fractional digits.
func roundMicros(us int64, scale int) int64 {
	unit := int64(1)
	for range 6 - scale {
		unit *= 10
	}
	half := unit / 2
	if us < 0 {
		return -((-us + half) / unit * unit)
	}
	return (us + half) / unit * unit
}

// foldTemporal converts a constant to a date or time type; ok is false where that is left to run time.
func foldTemporal(l *rel.Lit, t rel.Type) (rel.Expr, bool) {
	text, isText := l.Value.(string)
	if isText && l.T.Class() != rel.ClassText {
		return nil, false
	}
	if !isText {
		text, isText = exactText(l)
	}
	notNull := t
	notNull.NotNull = true
	switch t.Class() {
	case rel.ClassTime:
		us := int64(0)
		switch v := l.Value.(type) {
		case rel.TimeValue:
			us = int64(v)
		case rel.DateTimeValue:
			us = ((int64(v) % dayMicros) + dayMicros) % dayMicros
		case rel.DateValue:
		default:
			if !isText {
				return nil, false
			}
			parsed, _, ok := parseTime(text)
			if !ok {
				return nil, false // MySQL takes what it can read; left to run time
			}
			us = int64(parsed)
		}
		return &rel.Lit{Value: rel.TimeValue(roundMicros(us, t.Scale)), T: notNull}, true
	case rel.ClassDate, rel.ClassDateTime:
		var dt rel.DateTimeValue
		switch v := l.Value.(type) {
		case rel.DateTimeValue:
			dt = v
		case rel.DateValue:
			dt = rel.DateTimeValue(int64(v) * dayMicros)
		default:
			if !isText {
				return nil, false
			}
			m, ok := parseDateTime(text)
			if !ok {
				return nil, false
			}
			dt = m.dateTime()
		}
		if t.Class() == rel.ClassDateTime {
			return &rel.Lit{Value: rel.DateTimeValue(roundMicros(int64(dt), t.Scale)), T: notNull}, true
		}
		days := int64(dt) / dayMicros
		if int64(dt)%dayMicros < 0 {
			days--
		}
		return &rel.Lit{Value: rel.DateValue(days), T: notNull}, true
	}
	return nil, false
}

// today is the statement's date in the session's time zone, at midnight.
func (b *binder) today() rel.DateTimeValue {
	y, m, d := b.env.Now.In(b.zone()).Date()
	return rel.DateTimeValue(daysFromDate(y, int(m), d) * dayMicros)
}

func (b *binder) zone() *time.Location {
	if z := b.env.Session.TimeZone(); z != nil {
		return z
	}
	return time.UTC
}

// wall is the statement's time as a zone's clock shows it, cut to a count of fractional digits.
func (b *binder) wall(zone *time.Location, scale int) rel.DateTimeValue {
	t := b.env.Now.In(zone)
	us := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC).UnixMicro()
	unit := int64(1)
	for range 6 - scale {
		unit *= 10
	}
	return rel.DateTimeValue(us - us%unit)
}

// timeToday is a TIME as a date and time: that time of the current day.
func (x *binding) timeToday(e rel.Expr, t rel.Type) rel.Expr {
	if l, ok := e.(*rel.Lit); ok {
		if v, isTime := l.Value.(rel.TimeValue); isTime {
			t.NotNull = true
			return &rel.Lit{Value: x.b.today() + rel.DateTimeValue(v), T: t}
		}
	}
	day := &rel.Lit{Value: x.b.today(), T: rel.Type{Kind: rel.DateTime, Scale: t.Scale, NotNull: true}}
	return x.apply("addtime", day, e)
}
