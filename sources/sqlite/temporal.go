package sqlite

import (
	"time"

	"zombiezen.com/go/sqlite"
)

const dayMicros = 86_400_000_000

// date: TEXT as 2006-01-02; a time of day that is zero may follow. The result is in days since 1970-01-01.
func (d decoder) date(c *cell) (int32, bool) {
	if c.kind != sqlite.TypeText {
		return 0, false
	}
	days, rest, ok := parseDate(c.bytes)
	if !ok {
		return 0, false
	}
	if len(rest) > 0 {
		micros, _, ok := parseClock(rest[1:])
		if !ok || micros != 0 || rest[0] != ' ' && rest[0] != 'T' {
			return 0, false
		}
	}
	return int32(days), true
}

// datetime: TEXT as 2006-01-02 15:04:05, with T for the blank, seconds and their fraction optional, and then Z or an offset as +01:00,
// by which it is turned into UTC; or a date; or an INTEGER if the source says what it counts. The fraction must have no more than
// scale digits that matter. The result is in microseconds since 1970-01-01.
func (d decoder) datetime(c *cell, scale int) (int64, bool) {
	var micros int64
	switch {
	case c.kind == sqlite.TypeInteger && d.tick > 0:
		if c.int > maxMicros/d.tick || c.int < minMicros/d.tick {
			return 0, false
		}
		micros = c.int * d.tick
	case c.kind == sqlite.TypeText:
		days, rest, ok := parseDate(c.bytes)
		if !ok {
			return 0, false
		}
		micros = days * dayMicros
		if len(rest) > 0 {
			if rest[0] != ' ' && rest[0] != 'T' {
				return 0, false
			}
			clock, zone, ok := parseClock(rest[1:])
			if !ok {
				return 0, false
			}
			offset, ok := parseOffset(zone)
			if !ok {
				return 0, false
			}
			micros += clock - offset
		}
	default:
		return 0, false
	}
	return micros, micros >= minMicros && micros <= maxMicros && micros%pow10[6-min(6, scale)] == 0
}

var pow10 = [...]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000}

// The first and the last moment of years 0 to 9999.
var (
	minMicros = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	maxMicros = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
)

// clock: TEXT as 15:04:05, with an optional sign, up to three digits of hours, and an optional fraction. Microseconds.
func (decoder) clock(c *cell, scale int) (int64, bool) {
	b := c.bytes
	if c.kind != sqlite.TypeText || len(b) == 0 {
		return 0, false
	}
	negative := b[0] == '-'
	if negative {
		b = b[1:]
	}
	hours, i := int64(0), 0
	for i < len(b) && i < 3 && isDigit(b[i]) {
		hours = hours*10 + int64(b[i]-'0')
		i++
	}
	if i < 2 || hours > 838 {
		return 0, false
	}
	micros, rest, ok := parseMinutes(b[i:])
	micros += hours * 3_600_000_000
	if negative {
		micros = -micros
	}
	const limit = (838*3600 + 59*60 + 59) * 1_000_000 // MySQL's largest TIME
	return micros, ok && len(rest) == 0 && micros <= limit && micros >= -limit && micros%pow10[6-min(6, scale)] == 0
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func number(b []byte) (int64, bool) {
	n := int64(0)
	for _, d := range b {
		if !isDigit(d) {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	return n, true
}

// parseDate reads 2006-01-02 and returns what follows it.
func parseDate(b []byte) (days int64, rest []byte, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, nil, false
	}
	y, ok1 := number(b[:4])
	m, ok2 := number(b[5:7])
	d, ok3 := number(b[8:10])
	if !ok1 || !ok2 || !ok3 || m < 1 || m > 12 || d < 1 || d > monthDays(y, m) {
		return 0, nil, false
	}
	return civilDays(y, m, d), b[10:], true
}

func monthDays(y, m int64) int64 {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// civilDays counts days from 1970-01-01 in the proleptic Gregorian calendar; years are counted from March, so that the leap day is the last.
func civilDays(y, m, d int64) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	if y < 0 {
		era = (y - 399) / 400
	}
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + d - 1
	return era*146_097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - 719_468
}

// parseClock reads 15:04, 15:04:05 or 15:04:05.000000 within one day and returns what follows it.
func parseClock(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 5 {
		return 0, nil, false
	}
	h, ok := number(b[:2])
	if !ok || h > 23 {
		return 0, nil, false
	}
	micros, rest, ok = parseMinutes(b[2:])
	return micros + h*3_600_000_000, rest, ok
}

// parseMinutes reads :04, :04:05 or :04:05.000000. Digits beyond the sixth must be zero.
func parseMinutes(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 3 || b[0] != ':' {
		return 0, nil, false
	}
	m, ok := number(b[1:3])
	if !ok || m > 59 {
		return 0, nil, false
	}
	micros, b = m*60_000_000, b[3:]
	if len(b) < 3 || b[0] != ':' {
		return micros, b, true
	}
	s, ok := number(b[1:3])
	if !ok || s > 59 {
		return 0, nil, false
	}
	micros, b = micros+s*1_000_000, b[3:]
	if len(b) < 2 || b[0] != '.' || !isDigit(b[1]) {
		return micros, b, true
	}
	b = b[1:]
	for unit := int64(100_000); len(b) > 0 && isDigit(b[0]); b = b[1:] {
		if unit == 0 && b[0] != '0' {
			return 0, nil, false
		}
		micros += int64(b[0]-'0') * unit
		unit /= 10
	}
	return micros, b, true
}

// parseOffset reads nothing, Z or +01:00, in microseconds east of UTC.
func parseOffset(b []byte) (int64, bool) {
	switch {
	case len(b) == 0, len(b) == 1 && b[0] == 'Z':
		return 0, true
	case len(b) == 6 && (b[0] == '+' || b[0] == '-') && b[3] == ':':
		h, ok1 := number(b[1:3])
		m, ok2 := number(b[4:])
		offset := (h*60 + m) * 60_000_000
		if b[0] == '-' {
			offset = -offset
		}
		return offset, ok1 && ok2 && h <= 14 && m < 60
	}
	return 0, false
}

// appendDate and appendDateTime write what expressions carry.
func appendDate(b []byte, days int32) []byte {
	return time.Unix(int64(days)*86400, 0).UTC().AppendFormat(b, "2006-01-02")
}

func appendDateTime(b []byte, micros int64) []byte {
	return time.UnixMicro(micros).UTC().AppendFormat(b, "2006-01-02 15:04:05.000000")
}
