package dialect

import "weir/engine/rel"

// operators are logic, tests, arithmetic, bits and conditionals.
func (m *mysql) operators() map[rel.Op]Form {
	infix := func(op string) Form { return Form{Print: Infix(op)} }
	return map[rel.Op]Form{
		rel.OpAnd:    infix("AND"),
		rel.OpOr:     infix("OR"),
		rel.OpXor:    infix("XOR"),
		rel.OpNot:    {Print: Template("(NOT $1)")},
		rel.OpIsNull: {Print: Template("($1 IS NULL)")},
		rel.OpIsTrue: {Print: Template("($1 IS TRUE)")},

		rel.OpAdd:    infix("+"),
		rel.OpSub:    infix("-"),
		rel.OpMul:    infix("*"),
		rel.OpDiv:    infix("/"),
		rel.OpIntDiv: infix("DIV"),
		rel.OpMod: {Print: func(w *Writer, c *rel.Call) {
			if c.T.Class() == rel.ClassDecimal { // a negative number may leave a negative zero, which is less than zero
				w.Format("($1 % $2 + 0)", c.Args...)
				return
			}
			Infix("%")(w, c)
		}},
		rel.OpNeg: {Print: Template("(- $1)")},

		rel.OpBitAnd: infix("&"),
		rel.OpBitOr:  infix("|"),
		rel.OpBitXor: infix("^"),
		rel.OpBitNot: {Print: Template("(~ $1)")},
		rel.OpShl:    infix("<<"),
		rel.OpShr:    infix(">>"),

		rel.OpCase: {
			Judge: m.judgeMixed,
			Print: func(w *Writer, c *rel.Call) {
				w.Raw("(CASE")
				for i := 0; i+1 < len(c.Args); i += 2 {
					w.Raw(" WHEN ")
					w.Expr(c.Args[i])
					w.Raw(" THEN ")
					w.Expr(c.Args[i+1])
				}
				w.Raw(" ELSE ")
				w.Expr(c.Args[len(c.Args)-1])
				w.Raw(" END)")
			},
		},
		rel.OpCoalesce: {Judge: m.judgeMixed, Print: Func("COALESCE")},

		rel.OpDateAdd: {
			Judge: m.judgeDateAdd,
			Print: func(w *Writer, c *rel.Call) {
				unit, _ := mysqlUnit(c.Args[2])
				w.Format("($1 + INTERVAL $2 ", c.Args[0], c.Args[1])
				w.Raw(unit, ")")
			},
		},
		rel.OpExtract: {
			Judge: m.judgeExtract,
			Print: func(w *Writer, c *rel.Call) {
				unit, _ := mysqlUnit(c.Args[0])
				if unit == "HOUR" { // MariaDB's EXTRACT counts the hours of a TIME only up to 23
					w.Format("HOUR($2)", c.Args...)
					return
				}
				w.Raw("EXTRACT(", unit, " FROM ")
				w.Expr(c.Args[1])
				w.Raw(")")
			},
		},
	}
}

// judgeMixed grades values that come together in one result.
func (m *mysql) judgeMixed(c *rel.Call) Verdict {
	if c.T.Class() == rel.ClassJSON && m.mariadb() {
		return No("MariaDB has no JSON values, only their text")
	}
	return Yes
}

var mysqlUnits = map[string]bool{
	"MICROSECOND": true, "SECOND": true, "MINUTE": true, "HOUR": true, "DAY": true, "WEEK": true, "MONTH": true, "QUARTER": true, "YEAR": true,
	"SECOND_MICROSECOND": true, "MINUTE_MICROSECOND": true, "MINUTE_SECOND": true, "HOUR_MICROSECOND": true, "HOUR_SECOND": true,
	"HOUR_MINUTE": true, "DAY_MICROSECOND": true, "DAY_SECOND": true, "DAY_MINUTE": true, "DAY_HOUR": true, "YEAR_MONTH": true,
}

// mysqlUnit is the unit that an operand names; only known words are ever printed.
func mysqlUnit(e rel.Expr) (string, bool) {
	l, ok := e.(*rel.Lit)
	if !ok {
		return "", false
	}
	s, ok := l.Value.(string)
	return s, ok && mysqlUnits[s]
}

// mysqlClock are the units that count seconds and their parts.
var mysqlClock = map[string]bool{"MICROSECOND": true, "SECOND": true, "MINUTE": true, "HOUR": true}

func (m *mysql) judgeDateAdd(c *rel.Call) Verdict {
	unit, ok := mysqlUnit(c.Args[2])
	switch {
	case !ok:
		return No("the unit is unknown")
	case c.Args[0].Type().Class() == rel.ClassTime && !mysqlClock[unit]:
		return No("days and compound intervals are added to a TIME in different ways")
	}
	return Yes
}

func (m *mysql) judgeExtract(c *rel.Call) Verdict {
	unit, ok := mysqlUnit(c.Args[0])
	switch {
	case !ok:
		return No("the unit is unknown")
	case c.Args[1].Type().Class() == rel.ClassTime && !mysqlClock[unit]:
		return No("parts of a TIME beyond the hour are read in different ways")
	}
	return Yes
}
