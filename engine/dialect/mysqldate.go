package dialect

import (
	"strings"

	"weir/engine/rel"
)

// dateFunctions. Their operands are never 0000-00-00 and its like (see column); results that could be are made NULL in the same way.
func (m *mysql) dateFunctions() map[rel.Op]Form {
	forms := mysqlCalls(`dayofweek weekday dayofyear week yearweek monthname dayname last_day makedate maketime datediff timediff to_days
		to_seconds period_add period_diff`)
	forms["from_days"] = Form{Print: Template("(FROM_DAYS($1) + INTERVAL 0 DAY)")}
	forms["sec_to_time"] = Form{
		Judge: func(c *rel.Call) Verdict {
			if c.Args[0].Type().Class() == rel.ClassDouble {
				return No("the count of fractional digits differs between systems")
			}
			return Yes
		},
		Print: Func("SEC_TO_TIME"),
	}
	forms["time_to_sec"] = Form{Print: Func("TIME_TO_SEC")}
	if m.mariadb() { // keeps the fractional seconds, MySQL cuts them
		forms["time_to_sec"] = Form{Print: Template("CAST(TRUNCATE(TIME_TO_SEC($1), 0) AS SIGNED)")}
	}
	forms["timestampdiff"] = Form{
		Judge: func(c *rel.Call) Verdict {
			if _, ok := mysqlUnit(c.Args[0]); !ok {
				return No("the unit is unknown")
			}
			return Yes
		},
		Print: func(w *Writer, c *rel.Call) {
			unit, _ := mysqlUnit(c.Args[0])
			w.Raw("TIMESTAMPDIFF(", unit, ", ")
			w.List(c.Args[1:])
			w.Raw(")")
		},
	}
	for op, name := range map[rel.Op]string{"addtime": "ADDTIME", "subtime": "SUBTIME"} {
		forms[op] = Form{
			Judge: func(c *rel.Call) Verdict {
				if !c.Args[0].Type().IsTemporal() {
					return No("text is read as a time in different ways")
				}
				return Yes
			},
			Print: Func(name),
		}
	}
	for op, name := range map[rel.Op]string{"date_format": "DATE_FORMAT", "time_format": "TIME_FORMAT"} {
		forms[op] = Form{Judge: mysqlKnownFormat, Print: Func(name)}
	}
	forms["str_to_date"] = Form{
		Judge: func(c *rel.Call) Verdict {
			if v := mysqlKnownFormat(c); v.Grade != Exact {
				return v
			}
			if c.T.Class() == rel.ClassTime {
				return No("a time of more than 24 hours is read in different ways")
			}
			return Yes
		},
		Print: Template("(STR_TO_DATE($1, $2) + INTERVAL 0 DAY)"),
	}
	if m.mariadb() {
		// A temporary table there has no room for a sign, nor for a third digit of the hours.
		forms["time_format"] = Form{Judge: mysqlKnownFormat, Print: Template("CAST(TIME_FORMAT($1, $2) AS CHAR(1000))")}
		for _, op := range []rel.Op{"timediff", "maketime", "sec_to_time", "addtime", "subtime"} {
			forms[op] = mysqlWholeTime(forms[op])
		}
	}
	if !m.mariadb() && !m.version.Before(MySQLVersion{8, 0, 28}) {
		// From 8.0.28 on these know times until 3001, as the manual says; MariaDB's end in 2038.
		forms["from_unixtime"] = Form{Print: Func("FROM_UNIXTIME")}
		forms["unix_timestamp"] = Form{Print: Func("UNIX_TIMESTAMP")}
	}
	return forms
}

// mysqlWholeTime lets a form pass whose result is no TIME with a fraction: MariaDB's end with 838:59:59.999999, MySQL's with 838:59:59.000000.
func mysqlWholeTime(f Form) Form {
	judge := f.Judge
	f.Judge = func(c *rel.Call) Verdict {
		if c.T.Class() == rel.ClassTime && c.T.Scale > 0 {
			return No("the range of TIME ends elsewhere there")
		}
		if judge != nil {
			return judge(c)
		}
		return Yes
	}
	return f
}

// mysqlKnownFormat lets formats pass whose letters both servers know: MariaDB 11.3 added %Z and %z, which mean Z and z in MySQL.
func mysqlKnownFormat(c *rel.Call) Verdict {
	l, ok := c.Args[1].(*rel.Lit)
	if !ok || l.Value == nil {
		return No("the format is no constant")
	}
	f := l.Value.(string)
	for i := 0; i < len(f); i++ {
		if f[i] != '%' {
			continue
		}
		if i++; i == len(f) || !strings.ContainsRune("abcDdefHhIijklMmprSsTUuVvWwXxYy%", rune(f[i])) {
			return No("the format has a letter that servers read in different ways")
		}
	}
	return Yes
}
