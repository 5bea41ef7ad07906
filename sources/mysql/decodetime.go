package mysql

// daysFromCivil is the count of days from 1970-01-01 to a date of the Gregorian calendar, whose year is positive. Years are taken to
// start in March, so that the leap day is the last one.
func daysFromCivil(y, m, d int) int32 {
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yearOfEra := y - era*400
	dayOfYear := (153*(m-3)+2)/5 + d - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return int32(era*146097 + dayOfEra - 719468)
}

var monthDays = [13]int{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

func two(b []byte) int { return int(b[0]-'0')*10 + int(b[1]-'0') }

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// parseDate reads YYYY-MM-DD. What is no date of the years 1 to 9999 gives errNoDate: MySQL stores 0000-00-00, dates whose month or
// day is 0, and, if told so, the 31st of February. The dialect makes the same of such values inside expressions.
func parseDate(b []byte) (int32, error) {
	if len(b) != 10 || b[4] != '-' || b[7] != '-' || !allDigits(b[:4]) || !allDigits(b[5:7]) || !allDigits(b[8:]) {
		return 0, errNotOfType
	}
	y, m, d := two(b)*100+two(b[2:]), two(b[5:]), two(b[8:])
	if y == 0 || m == 0 || d == 0 || m > 12 {
		return 0, errNoDate
	}
	last := monthDays[m]
	if m == 2 && y%4 == 0 && (y%100 != 0 || y%400 == 0) {
		last = 29
	}
	if d > last {
		return 0, errNoDate
	}
	return daysFromCivil(y, m, d), nil
}

// parseDateTime reads YYYY-MM-DD HH:MM:SS[.ffffff] as microseconds since 1970-01-01 00:00:00; see parseDate.
func parseDateTime(b []byte) (int64, error) {
	if len(b) == 10 { // a DATE where a DATETIME is expected
		days, err := parseDate(b)
		return int64(days) * 86_400_000_000, err
	}
	if len(b) < 19 || b[10] != ' ' {
		return 0, errNotOfType
	}
	days, err := parseDate(b[:10])
	if err != nil {
		return 0, err
	}
	clock, err := parseClock(b[11:])
	return int64(days)*86_400_000_000 + clock, err
}

// parseTime reads [-]HH:MM:SS[.ffffff], where hours may have three digits, as microseconds.
func parseTime(b []byte) (int64, error) {
	if len(b) > 0 && b[0] == '-' {
		v, err := parseClock(b[1:])
		return -v, err
	}
	return parseClock(b)
}

// parseClock reads H…H:MM:SS[.f…f] as microseconds.
func parseClock(b []byte) (int64, error) {
	colon := 0
	for colon < len(b) && b[colon] != ':' {
		colon++
	}
	if colon < 2 || colon > 3 || len(b) < colon+6 || b[colon+3] != ':' || !allDigits(b[:colon]) || !allDigits(b[colon+1:colon+3]) || !allDigits(b[colon+4:colon+6]) {
		return 0, errNotOfType
	}
	hours, _ := digits(b[:colon])
	v := (int64(hours)*3600 + int64(two(b[colon+1:]))*60 + int64(two(b[colon+4:]))) * 1_000_000
	if b = b[colon+6:]; len(b) == 0 {
		return v, nil
	}
	if b[0] != '.' || len(b) > 7 || !allDigits(b[1:]) {
		return 0, errNotOfType
	}
	scale := int64(100_000)
	for _, c := range b[1:] {
		v += int64(c-'0') * scale
		scale /= 10
	}
	return v, nil
}
