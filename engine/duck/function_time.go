package duck

import (
	"fmt"
	"math/big"
	"strings"
	"time"
	_ "time/tzdata" // names of zones, wherever Weir runs

	"weir/engine/sqlerr"
)

// Dates and times: conversions, parts, differences. A datetime operand is in microseconds since 1970, a time in microseconds.

func init() {
	moment, date := []kind{kindDateTime}, []kind{kindDate}
	number := func(name string, in []kind, eval func(c civil, a *args) int64) {
		register(function{name: "weir_" + name, in: in, out: kindInt, eval: func(a *args) error {
			a.setInt(eval(civilOf(a.micros(0)), a))
			return nil
		}})
	}
	number("dayofweek", moment, func(c civil, _ *args) int64 { return int64(weekday(c.days(), true)) + 1 })
	number("weekday", moment, func(c civil, _ *args) int64 { return int64(weekday(c.days(), false)) })
	number("dayofyear", moment, func(c civil, _ *args) int64 { return c.dayOfYear() })
	number("week", []kind{kindDateTime, kindInt}, func(c civil, a *args) int64 { w, _ := c.week(weekMode(a.int(1))); return int64(w) })
	number("yearweek", []kind{kindDateTime, kindInt}, func(c civil, a *args) int64 {
		w, y := c.week(weekMode(a.int(1)) | weekYear)
		return int64(y)*100 + int64(w)
	})
	number("to_days", moment, func(c civil, _ *args) int64 { return c.days() + dayZero })
	number("to_seconds", moment, func(c civil, a *args) int64 { return floorDiv(a.micros(0), second) + dayZero*86_400 })
	number("datetime_number", moment, func(_ civil, a *args) int64 { return dateTimeNumber(roundNegative(a.micros(0), 0)) })

	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	set("extract", []kind{kindText, kindDateTime}, kindInt, func(a *args) error {
		return setPart(a, a.text(0), civilOf(a.micros(1)), false)
	})
	set("extract_time", []kind{kindText, kindInt}, kindInt, func(a *args) error {
		us := a.int(1)
		u := max(us, -us)
		c := civil{0, 0, int(u / day), int(u / hour % 24), int(u / minute % 60), int(u / second % 60), int(u % second)}
		if strings.HasPrefix(a.text(0), "HOUR") { // hours of a time go beyond a day
			c.hour, c.day = int(u/hour), 0
		}
		return setPart(a, a.text(0), c, us < 0)
	})
	set("monthname", moment, kindText, func(a *args) error { a.setText(monthNames[civilOf(a.micros(0)).month-1]); return nil })
	set("dayname", moment, kindText, func(a *args) error { a.setText(dayNames[weekday(civilOf(a.micros(0)).days(), false)]); return nil })
	set("last_day", moment, kindDate, func(a *args) error {
		c := civilOf(a.micros(0))
		a.setDate(daysOf(c.year, c.month, daysInMonth(c.year, c.month)))
		return nil
	})
	set("makedate", []kind{kindInt, kindInt}, kindDate, func(a *args) error {
		y, d := a.int(0), a.int(1)
		if y < 0 || y > 9999 || d <= 0 || d > 3_652_424 {
			return nil
		}
		if y < 70 {
			y += 2000
		} else if y < 100 {
			y += 1900
		}
		if days := daysOf(int(y), 1, 1) + d - 1; days <= daysOf(9999, 12, 31) {
			a.setDate(days)
		}
		return nil
	})
	set("from_days", []kind{kindInt}, kindDate, func(a *args) error {
		// Before year 1 MySQL gives a date of zeros.
		if n := a.int(0); n > 365 && n <= 3_652_424 {
			a.setDate(n - dayZero)
		}
		return nil
	})
	set("timestampdiff", []kind{kindText, kindDateTime, kindDateTime}, kindInt, func(a *args) error {
		a.setInt(timestampDiff(a.text(0), a.micros(1), a.micros(2)))
		return nil
	})
	set("clamp_time", []kind{kindInt}, kindInt, func(a *args) error { a.setInt(clampTime(a.int(0))); return nil })
	set("add_micros", []kind{kindDateTime, kindInt}, kindDateTime, func(a *args) error {
		if us := a.micros(0) + a.int(1); inRange(us) {
			a.setInt(us)
		}
		return nil
	})
	set("maketime", []kind{kindInt, kindInt, kindAny}, kindInt, makeTime)
	set("sec_to_time", []kind{kindAny}, kindInt, func(a *args) error {
		us := clampInt(roundDecimal(a, 0, 6))
		a.setInt(clampTime(us))
		return nil
	})
	set("time_to_sec", []kind{kindInt}, kindInt, func(a *args) error { a.setInt(a.int(0) / second); return nil })
	set("from_unixtime", []kind{kindAny}, kindDateTime, func(a *args) error {
		if us := clampInt(roundDecimal(a, 0, 6)); us >= 0 && us <= maxUnix*second+second-1 {
			a.setInt(us)
		}
		return nil
	})
	set("unix_timestamp", moment, kindDecimal+6, func(a *args) error {
		us := a.micros(0)
		if us < 0 || us > maxUnix*second+second-1 {
			us = 0
		}
		a.setHuge(wide(us))
		return nil
	})
	set("period_add", []kind{kindInt, kindInt}, kindInt, func(a *args) error {
		m, err := months(a.int(0))
		if err == nil {
			m += a.int(1)
			a.setInt(m/12*100 + m%12 + 1)
		}
		return err
	})
	set("period_diff", []kind{kindInt, kindInt}, kindInt, func(a *args) error {
		x, err := months(a.int(0))
		if err != nil {
			return err
		}
		y, err := months(a.int(1))
		a.setInt(x - y)
		return err
	})
	set("at_zone", []kind{kindDateTime, kindText}, kindDateTime, func(a *args) error {
		zone, ok := location(a.text(1))
		if !ok {
			return sqlerr.WrongArguments.New("Unknown or incorrect time zone")
		}
		us := a.micros(0)
		_, offset := time.Unix(floorDiv(us, second), 0).In(zone).Zone()
		if us += int64(offset) * second; !inRange(us) {
			return momentOutOfRange
		}
		a.setInt(us)
		return nil
	})
	set("convert_tz", []kind{kindDateTime, kindText, kindText}, kindDateTime, convertTZ)

	// Conversions.
	set("date_text", date, kindText, func(a *args) error {
		y, m, d := dateOf(a.date(0))
		a.setText(fmt.Sprintf("%04d-%02d-%02d", y, m, d))
		return nil
	})
	set("datetime_text", []kind{kindDateTime, kindInt}, kindText, func(a *args) error { a.setText(dateTimeText(a.micros(0), int(a.int(1)))); return nil })
	set("time_text", []kind{kindInt, kindInt}, kindText, func(a *args) error { a.setText(timeText(a.int(0), int(a.int(1)))); return nil })
	set("time_number", []kind{kindInt}, kindInt, func(a *args) error {
		us := roundMicros(a.int(0), 0)
		u := max(us, -us)
		n := u/hour*10_000 + u/minute%60*100 + u/second%60
		if us < 0 {
			n = -n
		}
		a.setInt(n)
		return nil
	})
	set("time_decimal", []kind{kindInt}, kindDecimal+6, func(a *args) error {
		us := a.int(0)
		u := max(us, -us)
		n := (u/hour*10_000+u/minute%60*100+u/second%60)*second + u%second
		if us < 0 {
			n = -n
		}
		a.setHuge(wide(n))
		return nil
	})
	set("datetime_decimal", moment, kindDecimal+6, func(a *args) error {
		us := a.micros(0)
		micros := us - floorDiv(us, second)*second
		n := big.NewInt(dateTimeNumber(us))
		return setBig(a, n.Mul(n, big.NewInt(second)).Add(n, big.NewInt(micros)))
	})
	set("round_datetime", []kind{kindDateTime, kindInt}, kindDateTime, func(a *args) error { return setMoment(a, a.micros(0), int(a.int(1))) })
	set("round_time", []kind{kindInt, kindInt}, kindInt, func(a *args) error { a.setInt(clampTime(roundMicros(a.int(0), int(a.int(1))))); return nil })
	set("datetime_time", []kind{kindDateTime, kindInt}, kindInt, func(a *args) error {
		us := a.micros(0)
		a.setInt(roundMicros(us-floorDiv(us, day)*day, int(a.int(1))))
		return nil
	})
	set("text_date", []kind{kindText}, kindDate, func(a *args) error {
		if p, ok := parseDateTime(a.text(0)); ok {
			a.setDate(p.days())
		}
		return nil
	})
	set("text_datetime", []kind{kindText, kindInt}, kindDateTime, func(a *args) error {
		if p, ok := parseDateTime(a.text(0)); ok {
			us := p.us()
			if p.nanos >= 5 {
				us++
			}
			return setMoment(a, us, int(a.int(1)))
		}
		return nil
	})
	set("text_time", []kind{kindText, kindInt}, kindInt, func(a *args) error {
		if us, ok := parseTime(a.text(0), int(a.int(1))); ok {
			a.setInt(us)
		}
		return nil
	})
	set("number_date", []kind{kindAny}, kindDate, func(a *args) error {
		n, _ := numberParts(a)
		if c, ok := numberDateTime(n); ok {
			a.setDate(c.days())
		}
		return nil
	})
	set("number_datetime", []kind{kindAny, kindInt}, kindDateTime, func(a *args) error {
		n, micros := numberParts(a)
		if c, ok := numberDateTime(n); ok {
			return setMoment(a, c.us()+micros, int(a.int(1)))
		}
		return nil
	})
	set("number_time", []kind{kindAny, kindInt}, kindInt, func(a *args) error {
		n, micros := numberParts(a)
		if us, ok := numberTime(n, micros, int(a.int(1))); ok {
			a.setInt(us)
		}
		return nil
	})
}

// maxUnix is the last second that UNIX_TIMESTAMP and FROM_UNIXTIME know, 3001-01-18 23:59:59.
const maxUnix = 32_536_771_199

// inRange reports whether a moment is within the years that Weir has.
func inRange(us int64) bool {
	return us >= daysOf(0, 1, 1)*day && us < daysOf(10_000, 1, 1)*day
}

// momentOutOfRange is the error of a time stamp that the session's zone would show in a year beyond 9999.
var momentOutOfRange = sqlerr.OutOfRange.New("TIMESTAMP value is out of range in the session's time zone")

func setMoment(a *args, us int64, scale int) error {
	if us = roundNegative(us, scale); inRange(us) {
		a.setInt(us)
	}
	return nil
}

// roundNegative rounds a moment half up, also before 1970.
func roundNegative(us int64, scale int) int64 {
	days := floorDiv(us, day)
	return days*day + roundMicros(us-days*day, scale)
}

func dateTimeNumber(us int64) int64 {
	c := civilOf(us)
	return int64(c.year*10_000+c.month*100+c.day)*1_000_000 + int64(c.hour*10_000+c.minute*100+c.second)
}

// numberParts are a decimal's whole part and the microseconds of its rest.
func numberParts(a *args) (n, micros int64) {
	v := roundDecimal(a, 0, 6)
	rest := new(big.Int)
	v.QuoRem(v, big.NewInt(second), rest)
	return clampInt(v), rest.Int64()
}

func fraction(micros int64, scale int) string {
	if scale <= 0 {
		return ""
	}
	return "." + fmt.Sprintf("%06d", micros)[:min(scale, 6)]
}

func dateTimeText(us int64, scale int) string {
	c := civilOf(us)
	return fmt.Sprintf("%04d-%02d-%02d %02d:%02d:%02d", c.year, c.month, c.day, c.hour, c.minute, c.second) + fraction(int64(c.micros), scale)
}

func timeText(us int64, scale int) string {
	sign := ""
	if us < 0 {
		sign, us = "-", -us
	}
	return sign + fmt.Sprintf("%02d:%02d:%02d", us/hour, us/minute%60, us/second%60) + fraction(us%second, scale)
}

// setPart sets EXTRACT's result.
func setPart(a *args, unit string, c civil, negative bool) error {
	d, h, m, s, us := int64(c.day), int64(c.hour), int64(c.minute), int64(c.second), int64(c.micros)
	var v int64
	switch unit {
	case "YEAR":
		v = int64(c.year)
	case "QUARTER":
		v = int64(c.month+2) / 3
	case "MONTH":
		v = int64(c.month)
	case "WEEK":
		w, _ := c.week(weekMode(0))
		v = int64(w)
	case "DAY":
		v = d
	case "HOUR":
		v = h
	case "MINUTE":
		v = m
	case "SECOND":
		v = s
	case "MICROSECOND":
		v = us
	case "YEAR_MONTH":
		v = int64(c.year*100 + c.month)
	case "DAY_HOUR":
		v = d*100 + h
	case "DAY_MINUTE":
		v = d*10_000 + h*100 + m
	case "DAY_SECOND":
		v = d*1_000_000 + h*10_000 + m*100 + s
	case "DAY_MICROSECOND":
		v = (d*1_000_000+h*10_000+m*100+s)*second + us
	case "HOUR_MINUTE":
		v = h*100 + m
	case "HOUR_SECOND":
		v = h*10_000 + m*100 + s
	case "HOUR_MICROSECOND":
		v = (h*10_000+m*100+s)*second + us
	case "MINUTE_SECOND":
		v = m*100 + s
	case "MINUTE_MICROSECOND":
		v = (m*100+s)*second + us
	case "SECOND_MICROSECOND":
		v = s*second + us
	default:
		return fmt.Errorf("unit %s", unit)
	}
	if negative {
		v = -v
	}
	a.setInt(v)
	return nil
}

func timestampDiff(unit string, from, to int64) int64 {
	sign := int64(1)
	if to < from {
		from, to, sign = to, from, -1
	}
	us := to - from
	switch unit {
	case "MICROSECOND":
		return sign * us
	case "SECOND":
		return sign * (us / second)
	case "MINUTE":
		return sign * (us / minute)
	case "HOUR":
		return sign * (us / hour)
	case "DAY":
		return sign * (us / day)
	case "WEEK":
		return sign * (us / day / 7)
	}
	b, e := civilOf(from), civilOf(to)
	m := int64(e.year-b.year)*12 + int64(e.month-b.month)
	clock := func(c civil) int64 {
		return int64(c.hour)*hour + int64(c.minute)*minute + int64(c.second)*second + int64(c.micros)
	}
	if e.day < b.day || e.day == b.day && clock(e) < clock(b) {
		m--
	}
	switch unit {
	case "QUARTER":
		m /= 3
	case "YEAR":
		m /= 12
	}
	return sign * m
}

func makeTime(a *args) error {
	h, m := a.int(0), a.int(1)
	us := clampInt(roundDecimal(a, 2, 6))
	if m < 0 || m > 59 || us < 0 || us >= minute {
		return nil
	}
	switch {
	case h > 838:
		a.setInt(maxTime)
	case h < -838:
		a.setInt(-maxTime)
	case h < 0:
		a.setInt(clampTime(h*hour - m*minute - us))
	default:
		a.setInt(clampTime(h*hour + m*minute + us))
	}
	return nil
}

// months is the number of months of a period YYMM or YYYYMM.
func months(period int64) (int64, error) {
	y, m := period/100, period%100
	if period <= 0 || m < 1 || m > 12 {
		return 0, errPeriod
	}
	if y < 70 {
		y += 2000
	} else if y < 100 {
		y += 1900
	}
	return y*12 + m - 1, nil
}

func convertTZ(a *args) error {
	from, ok1 := location(a.text(1))
	to, ok2 := location(a.text(2))
	if !ok1 || !ok2 {
		return nil
	}
	us := a.micros(0)
	c := civilOf(us)
	t := time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, 0, from)
	// A moment beyond what UNIX_TIMESTAMP knows is given back as it is.
	if t.Unix() > 0 && t.Unix() <= maxUnix {
		_, offset := t.In(to).Zone()
		us = (t.Unix()+int64(offset))*second + int64(c.micros)
	}
	a.setInt(us)
	return nil
}
