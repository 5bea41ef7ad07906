package duck

import "strings"

// Text and numbers as dates and times, read as leniently as MySQL does. What has a month or a day 0 is no date of Weir.

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !isDigit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')
}

// parsed is what was read: a date (without a time of day) or a date and time.
type parsed struct {
	civil
	fields int
	// nanos is the digit after the sixth of the second, for rounding.
	nanos int
}

// reading is what came of an attempt to read a date.
type reading uint8

const (
	notADate reading = iota // it may be something else
	badDate                 // a date that does not exist
	goodDate
)

// parseDateTime reads a date, or a date and time, with any punctuation between the parts or none at all.
func parseDateTime(s string) (p parsed, ok bool) {
	p, r := readDateTime(s, false)
	return p, r == goodDate
}

// readDateTime does its work. For needTime, what has punctuation but no blank or T between date and time is not a date, and its day may
// be 0: only the time counts.
func readDateTime(s string, needTime bool) (p parsed, r reading) {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	if s == "" || !isDigit(s[0]) {
		return p, notADate
	}
	digits := 0
	for digits < len(s) && (isDigit(s[digits]) || s[digits] == 'T') {
		digits++
	}
	compact := digits == len(s) || s[digits] == '.'
	width := 4 // of the year
	if compact && digits != 4 && digits != 8 && digits < 14 {
		width = 2
	}
	d, ok := readParts(s, compact, width)
	if !ok || d.delimited && !d.spaced && needTime {
		return p, notADate
	}
	part, length := d.part, d.length
	if !compact {
		width = length[0]
	}
	for n := length[6]; n > 0 && n < 6; n++ {
		part[6] *= 10
	}
	if width == 2 && part != [7]int{} {
		if part[0] < 70 {
			part[0] += 2000
		} else {
			part[0] += 1900
		}
	}
	p.civil = civil{part[0], part[1], part[2], part[3], part[4], part[5], part[6]}
	p.fields = d.count
	if length[6] == 6 && d.rest != "" && isDigit(d.rest[0]) {
		p.nanos = int(d.rest[0] - '0')
	}
	if p.fields < 3 || !p.valid() && !(needTime && p.hour < 24 && p.minute < 60 && p.second < 60 && p.month <= 12 && p.day <= 31) {
		return p, badDate
	}
	return p, goodDate
}

// dateParts are the numbers of a date and time as they are written: year, month, day, hour, minute, second and fraction of the second.
type dateParts struct {
	part, length [7]int // the values, and of how many digits
	count        int    // how many parts there are
	delimited    bool   // there is punctuation or a blank after a part, apart from the point before the fraction
	spaced       bool   // there is a blank or a T
	rest         string // what follows the last part
}

// readParts reads them. Compact ones have nothing between them: the year has as many digits as yearWidth says, the others two. It fails for
// what can't be parts of a date.
func readParts(s string, compact bool, yearWidth int) (d dateParts, ok bool) {
	width := yearWidth
	for d.count < len(d.part) && s != "" && isDigit(s[0]) {
		i := d.count
		start := len(s)
		free := !compact && i != 6
		for n := 0; s != "" && isDigit(s[0]) && (free || n < width); n++ {
			d.part[i] = d.part[i]*10 + int(s[0]-'0')
			if d.part[i] > 999_999 {
				return d, false
			}
			s = s[1:]
		}
		d.length[i] = start - len(s)
		d.count++
		width = 2
		d.rest = s
		switch {
		case s == "":
		case i == 2 && s[0] == 'T':
			s = s[1:]
			d.spaced = true
		case i == 5 && s[0] == '.':
			s = s[1:]
			d.rest, width = s, 6
		case i == 5 && isDigit(s[0]):
			return d, true
		case i == 5:
		default:
			for s != "" && (isPunct(s[0]) || isSpace(s[0])) {
				if isSpace(s[0]) {
					if i != 2 && i != 6 {
						return d, false
					}
					d.spaced = true
				}
				s = s[1:]
				d.delimited = true
			}
			d.rest = s
		}
	}
	return d, true
}

// parseTime reads a time: [D ]HH:MM[:SS], HHMMSS, or a date and time.
func parseTime(s string, scale int) (us int64, ok bool) {
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	negative := false
	if s != "" && s[0] == '-' {
		negative, s = true, s[1:]
	}
	if s == "" {
		return 0, false
	}
	if len(s) >= 12 {
		switch p, r := readDateTime(s, true); r {
		case goodDate:
			return timeOfDay(p, scale), true
		case badDate:
			return 0, false
		}
	}
	us, s, ok = readHours(s)
	if !ok {
		return 0, false
	}
	micros, nanos, s := readFraction(s)
	if len(s) > 1 && (s[0] == 'e' || s[0] == 'E') && (isDigit(s[1]) || len(s) > 2 && (s[1] == '-' || s[1] == '+') && isDigit(s[2])) {
		return 0, false
	}
	us = roundNanos(min(us+micros, maxTime+second-1), nanos, scale)
	if negative {
		us = -us
	}
	return clampTime(us), true
}

// readHours reads [D ]HH[:MM[:SS]], HH:MM[:SS] or HHMMSS, in microseconds, and gives the rest of the text.
func readHours(s string) (us int64, rest string, ok bool) {
	v, after, fits := readNumber(s)
	if !fits {
		return 0, s, false
	}
	if len(after) == len(s) && (len(s) < 2 || s[0] != '.' && s[0] != ':') { // no digits at all
		return 0, s, false
	}
	s = after
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	var part [4]int64 // days, hours, minutes, seconds
	next := len(part) // the part that is still to be read
	switch {
	case len(s) > 1 && len(s) != len(after) && isDigit(s[0]):
		part[0], next = v, 1
	case len(s) > 1 && s[0] == ':' && isDigit(s[1]):
		part[1], next = v, 2
		s = s[1:]
	default:
		part[1], part[2], part[3] = v/10_000, v/100%100, v%100
	}
	for next < len(part) {
		if part[next], s, fits = readNumber(s); !fits {
			return 0, s, false
		}
		next++
		if next == len(part) || len(s) < 2 || s[0] != ':' || !isDigit(s[1]) {
			break
		}
		s = s[1:]
	}
	if part[2] > 59 || part[3] > 59 {
		return 0, s, false
	}
	return (part[0]*24+part[1])*hour + part[2]*minute + part[3]*second, s, true
}

// readNumber reads digits, if there are any; it fails for more than 32 bits.
func readNumber(s string) (v int64, rest string, ok bool) {
	for ok = true; s != "" && isDigit(s[0]); s = s[1:] {
		if v = v*10 + int64(s[0]-'0'); v > 1<<32-1 {
			v, ok = 1<<32-1, false
		}
	}
	return v, s, ok
}

// readFraction reads a fraction of a second, if there is one: its microseconds, and the digit after them.
func readFraction(s string) (micros int64, nanos int, rest string) {
	if len(s) < 2 || s[0] != '.' || !isDigit(s[1]) {
		return 0, 0, s
	}
	n := 0
	for s = s[1:]; s != "" && isDigit(s[0]); s = s[1:] {
		switch {
		case n < 6:
			micros = micros*10 + int64(s[0]-'0')
		case n == 6:
			nanos = int(s[0] - '0')
		}
		n++
	}
	for ; n < 6; n++ {
		micros *= 10
	}
	return micros, nanos, s
}

// roundNanos rounds to a count of digits of the second, the seventh digit included.
func roundNanos(us int64, nanos, scale int) int64 {
	if scale >= 6 {
		if nanos >= 5 {
			us++
		}
		return us
	}
	return roundMicros(us, scale)
}

// timeOfDay is the time of a date and time, of which a seventh digit of the second may lead to the next day.
func timeOfDay(p parsed, scale int) int64 {
	c := p.civil
	us := int64(c.hour)*hour + int64(c.minute)*minute + int64(c.second)*second + int64(c.micros)
	if p.nanos >= 5 {
		us = (us + 1) % day
	}
	return roundMicros(us, scale)
}

// numberDateTime reads YYYYMMDD, YYMMDD, YYYYMMDDHHMMSS or YYMMDDHHMMSS.
func numberDateTime(n int64) (c civil, ok bool) {
	switch {
	case n <= 0 || n > 99_991_231_235_959:
		return c, false
	case n >= 10_000_101_000_000:
	case n < 101:
		return c, false
	case n <= 691_231:
		n = (n + 20_000_000) * 1_000_000
	case n < 700_101:
		return c, false
	case n <= 991_231:
		n = (n + 19_000_000) * 1_000_000
	case n < 10_000_101:
		return c, false
	case n <= 99_991_231:
		n *= 1_000_000
	case n < 101_000_000:
		return c, false
	case n <= 691_231_235_959:
		n += 20_000_000_000_000
	case n < 700_101_000_000:
		return c, false
	case n <= 991_231_235_959:
		n += 19_000_000_000_000
	}
	d, t := int(n/1_000_000), int(n%1_000_000)
	c = civil{d / 10_000, d / 100 % 100, d % 100, t / 10_000, t / 100 % 100, t % 100, 0}
	return c, c.valid()
}

// numberTime reads HHMMSS, or a date and time's time.
func numberTime(n, micros int64, scale int) (us int64, ok bool) {
	negative := n < 0 || micros < 0
	n, micros = max(n, -n), max(micros, -micros)
	switch {
	case n > 8_385_959 && n >= 10_000_000_000 && !negative:
		c, ok := numberDateTime(n)
		if !ok {
			return 0, false
		}
		us = int64(c.hour)*hour + int64(c.minute)*minute + int64(c.second)*second
	case n > 8_385_959:
		return 0, false
	default:
		if n%100 > 59 || n/100%100 > 59 {
			return 0, false
		}
		us = n/10_000*hour + n/100%100*minute + n%100*second
	}
	us = roundMicros(us+micros, scale)
	if negative {
		us = -us
	}
	return clampTime(us), true
}
