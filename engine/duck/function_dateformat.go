package duck

import (
	"fmt"
	"strconv"
	"strings"
)

// DATE_FORMAT, TIME_FORMAT and STR_TO_DATE.

func init() {
	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	set("date_format", []kind{kindDateTime, kindText}, kindText, func(a *args) error {
		if s, ok := formatMoment(civilOf(a.micros(0)), a.text(1), false, false); ok {
			a.setText(s)
		}
		return nil
	})
	set("time_format", []kind{kindInt, kindText}, kindText, func(a *args) error {
		us := a.int(0)
		u := max(us, -us)
		c := civil{0, 0, 0, int(u / hour), int(u / minute % 60), int(u / second % 60), int(u % second)}
		if s, ok := formatMoment(c, a.text(1), true, us < 0); ok {
			a.setText(s)
		}
		return nil
	})
	set("str_to_date", []kind{kindText, kindText}, kindDateTime, func(a *args) error {
		if p, ok := parseFormat(a.text(0), a.text(1)); ok && p.valid() {
			a.setInt(p.us())
		}
		return nil
	})
	set("str_to_time", []kind{kindText, kindText}, kindInt, func(a *args) error {
		if c, ok := parseFormat(a.text(0), a.text(1)); ok && c.hour < 24 && c.minute < 60 && c.second < 60 {
			a.setInt(int64(c.hour)*hour + int64(c.minute)*minute + int64(c.second)*second + int64(c.micros))
		}
		return nil
	})
}

// formatMoment writes a moment by MySQL's letters. A time has no date: letters that ask for one make the result NULL, or zeros where they
// are numbers.
func formatMoment(c civil, format string, timeOnly, negative bool) (string, bool) {
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	two := func(n int) { fmt.Fprintf(&b, "%02d", n) }
	twelve := func() int { return (c.hour%24+11)%12 + 1 }
	half := func() string {
		if c.hour%24 < 12 {
			return "AM"
		}
		return "PM"
	}
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		if timeOnly && strings.IndexByte("MbWDawjUuVvXx", format[i]) >= 0 {
			return "", false
		}
		switch format[i] {
		case 'Y':
			fmt.Fprintf(&b, "%04d", c.year)
		case 'y':
			two(c.year % 100)
		case 'M':
			b.WriteString(monthNames[c.month-1])
		case 'b':
			b.WriteString(monthNames[c.month-1][:3])
		case 'm':
			two(c.month)
		case 'c':
			b.WriteString(strconv.Itoa(c.month))
		case 'd':
			two(c.day)
		case 'e':
			b.WriteString(strconv.Itoa(c.day))
		case 'D':
			b.WriteString(strconv.Itoa(c.day) + ordinal(c.day))
		case 'j':
			fmt.Fprintf(&b, "%03d", c.dayOfYear())
		case 'W':
			b.WriteString(dayNames[weekday(c.days(), false)])
		case 'a':
			b.WriteString(dayNames[weekday(c.days(), false)][:3])
		case 'w':
			b.WriteString(strconv.Itoa(weekday(c.days(), true)))
		case 'H':
			two(c.hour)
		case 'k':
			b.WriteString(strconv.Itoa(c.hour))
		case 'h', 'I':
			two(twelve())
		case 'l':
			b.WriteString(strconv.Itoa(twelve()))
		case 'i':
			two(c.minute)
		case 's', 'S':
			two(c.second)
		case 'f':
			fmt.Fprintf(&b, "%06d", c.micros)
		case 'p':
			b.WriteString(half())
		case 'r':
			fmt.Fprintf(&b, "%02d:%02d:%02d %s", twelve(), c.minute, c.second, half())
		case 'T':
			fmt.Fprintf(&b, "%02d:%02d:%02d", c.hour, c.minute, c.second)
		case 'U', 'u', 'V', 'v':
			w, _ := c.week(weekLetter(format[i]))
			two(w)
		case 'X', 'x':
			_, y := c.week(weekLetter(format[i] - 'X' + 'V'))
			fmt.Fprintf(&b, "%04d", y)
		default:
			b.WriteByte(format[i])
		}
	}
	return b.String(), true
}

func weekLetter(c byte) int {
	switch c {
	case 'U':
		return weekWeekday
	case 'u':
		return weekMonday
	case 'V':
		return weekYear | weekWeekday
	}
	return weekYear | weekMonday
}

func ordinal(n int) string {
	if n >= 10 && n <= 19 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

// reader reads a text by a format.
type reader struct {
	s string
	c civil
	// afternoon is 12 after PM; twelve is set by a letter of a 12-hour clock.
	afternoon                 int
	twelve                    bool
	yearDay, weekDay, weekNum int
	weekBits, weekYear        int
	strict                    byte // X or x if the week's year was read
}

// parseFormat reads a date and time; what stands after it is ignored.
func parseFormat(s, format string) (civil, bool) {
	r := reader{s: s, weekNum: -1, weekYear: -1}
	for i := 0; i < len(format) && r.s != ""; i++ {
		for r.s != "" && isSpace(r.s[0]) {
			r.s = r.s[1:]
		}
		if r.s == "" {
			break
		}
		switch {
		case format[i] == '%' && i+1 < len(format):
			i++
			if !r.letter(format[i]) {
				return r.c, false
			}
		case isSpace(format[i]):
		default:
			if r.s[0] != format[i] {
				return r.c, false
			}
			r.s = r.s[1:]
		}
	}
	return r.finish()
}

// number reads at most n digits.
func (r *reader) number(n int) (v, read int, ok bool) {
	for read < n && read < len(r.s) && isDigit(r.s[read]) {
		v = v*10 + int(r.s[read]-'0')
		read++
	}
	r.s = r.s[read:]
	return v, read, read > 0
}

// name reads one of some names, or of their first letters, whatever their case.
func (r *reader) name(names []string, short bool) (int, bool) {
	best, length := -1, 0
	for i, n := range names {
		if short {
			n = n[:3]
		}
		if len(r.s) >= len(n) && strings.EqualFold(r.s[:len(n)], n) && len(n) > length {
			best, length = i, len(n)
		}
	}
	r.s = r.s[length:]
	return best, best >= 0
}

// letter reads what a letter of a format stands for.
func (r *reader) letter(l byte) bool {
	switch l {
	case 'h', 'I', 'l', 'H', 'k', 'i', 's', 'S', 'f', 'p', 'r', 'T':
		return r.timeLetter(l)
	case '.':
		r.s = strings.TrimLeftFunc(r.s, func(c rune) bool { return c < 128 && isPunct(byte(c)) })
		return true
	case '@':
		r.s = strings.TrimLeftFunc(r.s, func(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' })
		return true
	case '#':
		r.s = strings.TrimLeftFunc(r.s, func(c rune) bool { return c >= '0' && c <= '9' })
		return true
	case '%':
		ok := r.s[0] == '%'
		r.s = r.s[1:]
		return ok
	}
	return r.dateLetter(l)
}

// field reads a number of at most so many digits.
func (r *reader) field(to *int, digits int) (ok bool) {
	*to, _, ok = r.number(digits)
	return ok
}

func (r *reader) timeLetter(l byte) bool {
	switch l {
	case 'h', 'I', 'l':
		r.twelve = true
		return r.field(&r.c.hour, 2)
	case 'H', 'k':
		return r.field(&r.c.hour, 2)
	case 'i':
		return r.field(&r.c.minute, 2)
	case 's', 'S':
		return r.field(&r.c.second, 2)
	case 'f':
		micros, n, ok := r.number(6)
		for ; n < 6; n++ {
			micros *= 10
		}
		r.c.micros = micros
		return ok
	case 'p':
		if len(r.s) < 2 || !r.twelve {
			return false
		}
		switch strings.ToUpper(r.s[:2]) {
		case "PM":
			r.afternoon = 12
		case "AM":
		default:
			return false
		}
		r.s = r.s[2:]
		return true
	case 'r':
		c, ok := parseFormatPart(r, "%I:%i:%S %p")
		return c && ok
	case 'T':
		c, ok := parseFormatPart(r, "%H:%i:%S")
		return c && ok
	}
	return false
}

func (r *reader) dateLetter(l byte) (ok bool) {
	switch l {
	case 'Y':
		var n int
		r.c.year, n, ok = r.number(4)
		if n == 2 {
			r.c.year = century(r.c.year)
		}
	case 'y':
		r.c.year, _, ok = r.number(2)
		r.c.year = century(r.c.year)
	case 'm', 'c':
		return r.field(&r.c.month, 2)
	case 'M', 'b':
		r.c.month, ok = r.name(monthNames[:], l == 'b')
		r.c.month++
	case 'd', 'e':
		return r.field(&r.c.day, 2)
	case 'D':
		ok = r.field(&r.c.day, 2)
		r.s = r.s[min(2, len(r.s)):]
	case 'W', 'a':
		r.weekDay, ok = r.name(dayNames[:], l == 'a')
		r.weekDay++
	case 'w':
		r.weekDay, _, ok = r.number(1)
		if r.weekDay == 0 {
			r.weekDay = 7
		}
		ok = ok && r.weekDay <= 7
	case 'j':
		return r.field(&r.yearDay, 3)
	case 'U', 'u', 'V', 'v':
		r.weekBits = weekLetter(l)
		r.weekNum, _, ok = r.number(2)
		ok = ok && r.weekNum <= 53
	case 'X', 'x':
		r.strict = l
		r.weekYear, _, ok = r.number(4)
	}
	return ok
}

// parseFormatPart reads what a letter stands for as a format of its own.
func parseFormatPart(r *reader, format string) (ok, complete bool) {
	for i := 0; i < len(format) && r.s != ""; i++ {
		for r.s != "" && isSpace(r.s[0]) {
			r.s = r.s[1:]
		}
		switch {
		case r.s == "" || isSpace(format[i]):
		case format[i] == '%':
			i++
			if !r.letter(format[i]) {
				return false, false
			}
		case r.s[0] != format[i]:
			return false, false
		default:
			r.s = r.s[1:]
		}
	}
	return true, true
}

func century(y int) int {
	if y < 70 {
		return y + 2000
	}
	if y < 100 {
		return y + 1900
	}
	return y
}

func (r *reader) finish() (civil, bool) {
	c := &r.c
	if r.twelve {
		if c.hour > 12 || c.hour < 1 {
			return *c, false
		}
		c.hour = c.hour%12 + r.afternoon
	}
	if r.yearDay > 0 {
		days := daysOf(c.year, 1, 1) + int64(r.yearDay) - 1
		if days > daysOf(9999, 12, 31) {
			return *c, false
		}
		c.year, c.month, c.day = dateOf(days)
	}
	if r.weekNum >= 0 && r.weekDay > 0 {
		strict := r.weekBits&weekYear != 0
		// %V goes with %X, %v with %x, %U and %u with a year.
		if strict && (r.strict == 0 || (r.strict == 'X') != (r.weekBits&weekWeekday != 0)) || !strict && r.strict != 0 {
			return *c, false
		}
		year := c.year
		if strict {
			year = r.weekYear
		}
		days := daysOf(year, 1, 1)
		sunday := r.weekBits&weekWeekday != 0
		first := weekday(days, sunday)
		if sunday {
			shift := int64(-first)
			if first != 0 {
				shift += 7
			}
			days += shift + int64(r.weekNum-1)*7 + int64(r.weekDay%7)
		} else {
			shift := int64(-first)
			if first > 3 {
				shift += 7
			}
			days += shift + int64(r.weekNum-1)*7 + int64(r.weekDay-1)
		}
		if days < daysOf(1, 1, 1) || days > daysOf(9999, 12, 31) {
			return *c, false
		}
		c.year, c.month, c.day = dateOf(days)
	}
	return *c, true
}
