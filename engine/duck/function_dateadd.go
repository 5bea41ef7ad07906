package duck

import (
	"strings"

	"weir/engine/sqlerr"
)

// Interval arithmetic.

var errPeriod = sqlerr.Kind{Code: 1210, State: "HY000"}.New("incorrect arguments to period_add or period_diff")

func init() {
	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	set("date_add", []kind{kindDateTime, kindInt, kindText}, kindDateTime, func(a *args) error {
		return dateAdd(a, wholeInterval(a.text(2), a.int(1)))
	})
	set("date_add_text", []kind{kindDateTime, kindText, kindText}, kindDateTime, func(a *args) error {
		return dateAdd(a, textInterval(a.text(2), a.text(1)))
	})
	set("time_add", []kind{kindInt, kindInt, kindText}, kindInt, func(a *args) error {
		return timeAdd(a, wholeInterval(a.text(2), a.int(1)))
	})
	set("time_add_text", []kind{kindInt, kindText, kindText}, kindInt, func(a *args) error {
		return timeAdd(a, textInterval(a.text(2), a.text(1)))
	})
	set("text_date_add", []kind{kindText, kindInt, kindText}, kindText, func(a *args) error {
		return textDateAdd(a, wholeInterval(a.text(2), a.int(1)))
	})
	set("text_date_add_text", []kind{kindText, kindText, kindText}, kindText, func(a *args) error {
		return textDateAdd(a, textInterval(a.text(2), a.text(1)))
	})
	set("text_addtime", []kind{kindText, kindInt}, kindText, textAddTime)
}

// interval is months and microseconds; tooLarge says that it leads out of any range.
type interval struct {
	months   int64
	us       int64
	tooLarge bool
}

// longest is a count of days, months … that leads out of the calendar from anywhere in it.
const longest = 4_000_000

func wholeInterval(unit string, n int64) interval {
	of := func(count, us int64) interval {
		if count > longest*day/us || count < -longest*day/us {
			return interval{tooLarge: true}
		}
		return interval{us: count * us}
	}
	switch unit {
	case "MICROSECOND":
		return of(n, 1)
	case "SECOND":
		return of(n, second)
	case "MINUTE":
		return of(n, minute)
	case "HOUR":
		return of(n, hour)
	case "DAY":
		return of(n, day)
	case "WEEK":
		return of(n, 7*day)
	}
	if n > longest || n < -longest {
		return interval{tooLarge: true}
	}
	switch unit {
	case "MONTH":
		return interval{months: n}
	case "QUARTER":
		return interval{months: 3 * n}
	case "YEAR":
		return interval{months: 12 * n}
	}
	// A compound unit given as a number: all of it is the last part.
	return compoundInterval(unit, []int64{max(n, -n)}, n < 0)
}

// textInterval reads the text of a compound unit, or a number of seconds with a fraction, or a number's beginning.
func textInterval(unit, s string) interval {
	switch {
	case unit == "SECOND":
		v := parseDecimal(numericPrefix(s), 6)
		if v == nil || !v.IsInt64() {
			return interval{tooLarge: true}
		}
		return wholeInterval("MICROSECOND", v.Int64())
	case !strings.Contains(unit, "_"):
		return wholeInterval(unit, textInt(s))
	}
	s = strings.TrimLeft(s, " \t\n\v\f\r")
	negative := strings.HasPrefix(s, "-")
	var parts []int64
	var digits []int
	for {
		s = strings.TrimLeftFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if s == "" || len(parts) == 5 {
			break
		}
		n := 0
		var v int64
		for n < len(s) && isDigit(s[n]) {
			if v = v*10 + int64(s[n]-'0'); v > 1<<53 {
				return interval{tooLarge: true}
			}
			n++
		}
		parts, digits, s = append(parts, v), append(digits, n), s[n:]
	}
	if len(parts) > len(compoundUnits[unit]) {
		return compoundInterval(unit, nil, false)
	}
	if n := len(parts); n > 0 && strings.HasSuffix(unit, "MICROSECOND") { // its digits are those after a point
		for d := digits[n-1]; d < 6; d++ {
			parts[n-1] *= 10
		}
	}
	return compoundInterval(unit, parts, negative)
}

// compoundUnits are the lengths of the parts of the compound units, in microseconds, or in months below zero.
var compoundUnits = map[string][]int64{
	"YEAR_MONTH":         {-12, -1},
	"DAY_HOUR":           {day, hour},
	"DAY_MINUTE":         {day, hour, minute},
	"DAY_SECOND":         {day, hour, minute, second},
	"DAY_MICROSECOND":    {day, hour, minute, second, 1},
	"HOUR_MINUTE":        {hour, minute},
	"HOUR_SECOND":        {hour, minute, second},
	"HOUR_MICROSECOND":   {hour, minute, second, 1},
	"MINUTE_SECOND":      {minute, second},
	"MINUTE_MICROSECOND": {minute, second, 1},
	"SECOND_MICROSECOND": {second, 1},
}

// compoundInterval adds the parts; fewer than the unit has are its last ones.
func compoundInterval(unit string, parts []int64, negative bool) interval {
	units := compoundUnits[unit]
	units = units[max(0, len(units)-len(parts)):]
	var total interval
	for i, p := range parts {
		u := units[i]
		if u < 0 {
			if p > longest {
				return interval{tooLarge: true}
			}
			total.months += p * -u
			continue
		}
		if p > longest*day/u || total.us > longest*day {
			return interval{tooLarge: true}
		}
		total.us += p * u
	}
	if negative {
		total.months, total.us = -total.months, -total.us
	}
	return total
}

// addInterval gives ok = false where the result is no moment of Weir.
func addInterval(us int64, i interval) (int64, bool) {
	if i.tooLarge {
		return 0, false
	}
	if i.months != 0 {
		c := civilOf(us)
		m := int64(c.year)*12 + int64(c.month) - 1 + i.months
		if m < 0 || m >= 120_000 {
			return 0, false
		}
		c.year, c.month = int(m/12), int(m%12)+1
		c.day = min(c.day, daysInMonth(c.year, c.month))
		return c.us(), true
	}
	if us += i.us; i.us != 0 && us < daysOf(1, 1, 1)*day {
		return 0, false // MySQL gives a date of zeros before year 1
	}
	return us, inRange(us)
}

func dateAdd(a *args, i interval) error {
	if us, ok := addInterval(a.micros(0), i); ok {
		a.setInt(us)
	}
	return nil
}

// textDateAdd adds to a text that holds a date or a date and time. The result is a date if neither the text nor the unit has a time.
func textDateAdd(a *args, i interval) error {
	p, ok := parseDateTime(a.text(0))
	if !ok {
		return nil
	}
	us, ok := addInterval(p.us(), i)
	if !ok {
		return nil
	}
	digits := 0
	if us%second != 0 {
		digits = 6
	}
	text := dateTimeText(us, digits)
	switch a.text(2) {
	case "DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "YEAR_MONTH":
		if p.fields <= 3 {
			text = text[:len("2006-01-02")]
		}
	}
	a.setText(text)
	return nil
}

func timeAdd(a *args, i interval) error {
	if i.tooLarge || i.months != 0 {
		return nil
	}
	if us := a.int(0) + i.us; us <= maxTime+second-1 && us >= -maxTime-second+1 {
		a.setInt(us)
	}
	return nil
}

// textAddTime adds to a text that holds a date and time or a time, and writes the result with the digits of a second that are not zero.
func textAddTime(a *args) error {
	s := a.text(0)
	scale := func(us int64) int {
		if us%second != 0 {
			return 6
		}
		return 0
	}
	if p, r := readDateTime(s, true); r == goodDate && p.fields > 3 && p.valid() {
		us := p.us() + a.int(1)
		if p.nanos >= 5 {
			us++
		}
		if inRange(us) {
			a.setText(dateTimeText(us, scale(us)))
		}
		return nil
	}
	if us, ok := parseTime(s, 6); ok {
		us = clampTime(us + a.int(1))
		a.setText(timeText(us, scale(us)))
	}
	return nil
}
