package duck

import (
	"sync"
	"time"
)

// The calendar as MySQL has it: proleptic Gregorian, years 0 to 9999, weeks in eight modes. A moment is in microseconds since 1970.

const (
	second = int64(1_000_000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
	// maxTime is 838:59:59.999999; MySQL cuts at 838:59:59 what computation makes larger.
	maxTime = 838*hour + 59*minute + 59*second
)

// civil is a moment's parts.
type civil struct {
	year, month, day             int
	hour, minute, second, micros int
}

// floorDiv divides rounding down.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func civilOf(us int64) civil {
	days := floorDiv(us, day)
	rest := us - days*day
	y, m, d := dateOf(days)
	return civil{y, m, d, int(rest / hour), int(rest / minute % 60), int(rest / second % 60), int(rest % second)}
}

// dateOf is the date of a day counted from 1970-01-01.
func dateOf(days int64) (year, month, d int) {
	z := days + 719_468
	era := floorDiv(z, 146_097)
	doe := z - era*146_097
	yoe := (doe - doe/1460 + doe/36_524 - doe/146_096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	d = int(doy - (153*mp+2)/5 + 1)
	month = int(mp) + 3
	if month > 12 {
		month -= 12
	}
	year = int(yoe + era*400)
	if month <= 2 {
		year++
	}
	return year, month, d
}

// daysOf is the inverse of dateOf.
func daysOf(year, month, d int) int64 {
	y := int64(year)
	if month <= 2 {
		y--
	}
	era := floorDiv(y, 400)
	yoe := y - era*400
	mp := int64(month+9) % 12
	doy := (153*mp+2)/5 + int64(d) - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146_097 + doe - 719_468
}

func (c civil) us() int64 {
	return daysOf(c.year, c.month, c.day)*day + int64(c.hour)*hour + int64(c.minute)*minute + int64(c.second)*second + int64(c.micros)
}

// dayZero is TO_DAYS('1970-01-01').
const dayZero = 719_528

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysInYear(year int) int {
	if isLeap(year) {
		return 366
	}
	return 365
}

func daysInMonth(year, month int) int {
	switch month {
	case 2:
		return daysInYear(year) - 337
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// valid reports whether the parts are those of a moment of Weir: no month or day 0.
func (c civil) valid() bool {
	return c.year >= 0 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= daysInMonth(c.year, c.month) &&
		c.hour < 24 && c.minute < 60 && c.second < 60
}

// weekday counts from Monday (0), or from Sunday.
func weekday(days int64, fromSunday bool) int {
	n := days + dayZero + 5
	if fromSunday {
		n++
	}
	return int(((n % 7) + 7) % 7)
}

func (c civil) days() int64      { return daysOf(c.year, c.month, c.day) }
func (c civil) dayOfYear() int64 { return c.days() - daysOf(c.year, 1, 1) + 1 }

// The bits of a week's numbering.
const (
	weekMonday  = 1 // weeks begin on Monday
	weekYear    = 2 // days before the first week belong to the last week of the year before
	weekWeekday = 4 // the first week is that with the first first day of a week in this year; otherwise that with four days in it
)

// weekMode makes the bits of the mode of WEEK().
func weekMode(mode int64) int {
	m := int(mode & 7)
	if m&weekMonday == 0 {
		m ^= weekWeekday
	}
	return m
}

// week is the number of a day's week and the year that it belongs to.
func (c civil) week(bits int) (week, year int) {
	inYear, firstWeekday := bits&weekYear != 0, bits&weekWeekday != 0
	first := daysOf(c.year, 1, 1)
	wd := weekday(first, bits&weekMonday == 0)
	late := func() bool { return firstWeekday && wd != 0 || !firstWeekday && wd >= 4 }
	year = c.year
	if c.month == 1 && c.day <= 7-wd {
		if !inYear && late() {
			return 0, year
		}
		inYear = true
		year--
		n := daysInYear(year)
		first -= int64(n)
		wd = (wd + 53*7 - n) % 7
	}
	n := int(c.days()-first) + wd
	if late() {
		n -= 7
	}
	if inYear && n >= 52*7 {
		wd = (wd + daysInYear(year)) % 7
		if !late() {
			return 1, year + 1
		}
	}
	return n/7 + 1, year
}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
var dayNames = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

// clampTime is a TIME within MySQL's range.
func clampTime(us int64) int64 { return min(max(us, -maxTime), maxTime) }

// roundMicros rounds to a count of digits of the second, half away from zero.
func roundMicros(us int64, digits int) int64 {
	unit := int64(1)
	for range 6 - min(max(digits, 0), 6) {
		unit *= 10
	}
	if us < 0 {
		return -roundMicros(-us, digits)
	}
	return (us + unit/2) / unit * unit
}

// location reads the name of a time zone or an offset such as +05:30.
func location(name string) (*time.Location, bool) {
	if name == "SYSTEM" {
		return time.UTC, true
	}
	if len(name) >= 5 && (name[0] == '+' || name[0] == '-') {
		t, err := time.Parse("15:04", padHour(name[1:]))
		if err != nil {
			return nil, false
		}
		offset := t.Hour()*3600 + t.Minute()*60
		if name[0] == '-' {
			offset = -offset
		}
		if offset > 14*3600 || offset < -(13*3600+59*60) {
			return nil, false
		}
		return time.FixedZone(name, offset), true
	}
	if name == "" || name == "Local" {
		return nil, false
	}
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), true
	}
	l, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, l)
	}
	return l, err == nil
}

// zones are the time zones that have been read, by name: reading one takes longer than a thousand conversions. There are no more than
// the database of time zones has names.
var zones sync.Map

func padHour(s string) string {
	if len(s) == 4 {
		return "0" + s
	}
	return s
}
