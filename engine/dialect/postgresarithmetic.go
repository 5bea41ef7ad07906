package dialect

import (
	"errors"
	"strconv"
	"strings"

	"weir/engine/rel"
)

var errNoText = errors.New("text with the character NUL has no spelling in PostgreSQL")

func (p *postgres) arithmetic() map[rel.Op]Form {
	forms := map[rel.Op]Form{
		rel.OpDiv:    {Judge: p.judgeDivision, Print: p.divide},
		rel.OpIntDiv: {Judge: p.judgeIntDivision, Print: p.intDivide},
		rel.OpMod:    {Judge: p.judgeArithmetic, Print: p.modulo},
		rel.OpNeg:    {Judge: p.judgeArithmetic, Print: p.negate},
	}
	for _, op := range []rel.Op{rel.OpAdd, rel.OpSub, rel.OpMul} {
		forms[op] = Form{Judge: p.judgeArithmetic, Print: func(w *Writer, c *rel.Call) {
			w.Raw("(")
			p.between(w, c.Args[0], string(op), c.Args[1])
			w.Raw(")")
		}}
	}
	return forms
}

// number writes an operand of arithmetic in the type of its class: the sum of two int4 would overflow where MySQL's doesn't.
func (p *postgres) number(w *Writer, e rel.Expr) {
	w.Expr(e)
	if e.Type().Class() != rel.ClassInt {
		return
	}
	if _, literal := e.(*rel.Lit); literal || e.Type().Kind != rel.BigInt {
		w.Raw("::bigint")
	}
}

// between writes an operator between two operands; a constant takes the width of the other.
func (p *postgres) between(w *Writer, a rel.Expr, op string, b rel.Expr) {
	_, left := a.(*rel.Lit)
	_, right := b.(*rel.Lit)
	if left && !right {
		w.Expr(a)
	} else {
		p.number(w, a)
	}
	w.Raw(" ", op, " ")
	if right && !left {
		w.Expr(b)
	} else {
		p.number(w, b)
	}
}

// divisor writes a divisor so that a division by zero is NULL.
func (p *postgres) divisor(w *Writer, e rel.Expr) {
	if pgNotZero(e) {
		p.number(w, e)
		return
	}
	w.Raw("nullif(")
	p.number(w, e)
	w.Raw(", 0)")
}

func pgNotZero(e rel.Expr) bool {
	if v, ok := pgConstant[rel.DecimalText](e); ok {
		return strings.Trim(string(v), "-0.") != ""
	}
	v, ok := pgConstant[int64](e)
	return ok && v != 0
}

func pgUnsigned(es []rel.Expr) bool {
	for _, e := range es {
		if e.Type().Class() == rel.ClassInt && e.Type().Unsigned {
			return true
		}
	}
	return false
}

func (p *postgres) judgeArithmetic(c *rel.Call) Verdict {
	class := c.T.Class()
	for _, a := range c.Args {
		if a.Type().Class() != class {
			return No("operands of different classes")
		}
	}
	switch {
	case pgUnsigned(c.Args) || c.T.Unsigned:
		return No("PostgreSQL has no unsigned integers")
	case class == rel.ClassInt, class == rel.ClassDecimal && c.Op != rel.OpMul:
		return Yes
	case class == rel.ClassDecimal:
		if c.T.FracDigits() < c.Args[0].Type().FracDigits()+c.Args[1].Type().FracDigits() {
			return No("MySQL cuts the digits of the product")
		}
		return Yes
	case class == rel.ClassDouble && (c.Op == rel.OpAdd || c.Op == rel.OpSub || c.Op == rel.OpNeg):
		return Yes
	case class == rel.ClassDouble:
		return No("PostgreSQL fails where a product of doubles is too small")
	}
	return No("no arithmetic of this class")
}

func (p *postgres) judgeDivision(c *rel.Call) Verdict {
	if c.T.Class() != rel.ClassDecimal || c.Args[0].Type().Class() != rel.ClassDecimal || c.Args[1].Type().Class() != rel.ClassDecimal {
		return No("PostgreSQL fails where a quotient of doubles is too small")
	}
	return Yes
}

// divide cuts the quotient at the digits that MySQL computes. PostgreSQL's own quotient has digits as it sees fit and is rounded, so the
// dividend is scaled up and the whole part taken.
func (p *postgres) divide(w *Writer, c *rel.Call) {
	up, down := pgScale(c.T.FracDigits())
	w.Format("(div($1 * "+up+", ", c.Args[0])
	p.divisor(w, c.Args[1])
	w.Raw(") * ", down, ")")
}

// pgScale returns 10^n and 10^-n as numeric constants.
func pgScale(n int) (up, down string) {
	if n == 0 {
		return "1::numeric", "1::numeric"
	}
	return "1" + strings.Repeat("0", n) + "::numeric", "0." + strings.Repeat("0", n-1) + "1"
}

func (p *postgres) judgeIntDivision(c *rel.Call) Verdict {
	a, b := c.Args[0].Type().Class(), c.Args[1].Type().Class()
	switch {
	case pgUnsigned(c.Args) || c.T.Unsigned:
		return No("PostgreSQL has no unsigned integers")
	case (a == rel.ClassInt || a == rel.ClassDecimal) && (b == rel.ClassInt || b == rel.ClassDecimal):
		return Yes
	}
	return No("PostgreSQL has no whole division of doubles")
}

func (p *postgres) intDivide(w *Writer, c *rel.Call) {
	a, b := c.Args[0], c.Args[1]
	if a.Type().Class() == rel.ClassInt && b.Type().Class() == rel.ClassInt {
		w.Raw("(")
		p.number(w, a)
		w.Raw(" / ")
		p.divisor(w, b)
		w.Raw(")")
		return
	}
	w.Format("div($1::numeric, nullif($2::numeric, 0))::bigint", a, b)
}

func (p *postgres) modulo(w *Writer, c *rel.Call) {
	w.Raw("(")
	p.number(w, c.Args[0])
	w.Raw(" % ")
	p.divisor(w, c.Args[1])
	w.Raw(")")
}

func (p *postgres) negate(w *Writer, c *rel.Call) {
	w.Raw("(- ")
	p.number(w, c.Args[0])
	w.Raw(")")
}

func (p *postgres) numbers() map[rel.Op]Form {
	exact := func(c *rel.Call) Verdict {
		if pgUnsigned(c.Args[:1]) {
			return No("PostgreSQL has no unsigned integers")
		}
		switch c.Args[0].Type().Class() {
		case rel.ClassInt, rel.ClassDecimal:
			return Yes
		}
		return No("only exact numbers are proved")
	}
	whole := func(fn string) Form {
		return Form{Judge: exact, Print: func(w *Writer, c *rel.Call) {
			switch {
			case c.Args[0].Type().Class() == rel.ClassInt:
				p.number(w, c.Args[0])
			default:
				w.Format(fn+"($1)"+p.integral(c.T), c.Args...)
			}
		}}
	}
	digits := func(fn string) Form {
		return Form{
			Judge: func(c *rel.Call) Verdict {
				n, ok := pgConstantInt(c.Args[1])
				switch {
				case !ok || n > 30 || n < -30:
					return No("the number of digits is no constant")
				case c.Args[0].Type().Class() == rel.ClassInt && n < 0:
					return No("rounding of integers is not proved")
				}
				return exact(c)
			},
			Print: func(w *Writer, c *rel.Call) {
				n, _ := pgConstantInt(c.Args[1])
				if c.Args[0].Type().Class() == rel.ClassInt {
					p.number(w, c.Args[0])
					return
				}
				w.Format(fn+"($1, "+strconv.FormatInt(n, 10)+")", c.Args[0])
			},
		}
	}
	return map[rel.Op]Form{
		"abs": {Judge: exact, Print: func(w *Writer, c *rel.Call) {
			w.Raw("abs(")
			p.number(w, c.Args[0])
			w.Raw(")")
		}},
		"ceil":     whole("ceil"),
		"floor":    whole("floor"),
		"round":    digits("round"),
		"truncate": digits("trunc"),
		"sign":     {Judge: exact, Print: Template("sign($1::numeric)::bigint")},
		"greatest": {Judge: p.judgeExtreme, Print: p.extreme("greatest")},
		"least":    {Judge: p.judgeExtreme, Print: p.extreme("least")},
	}
}

func (p *postgres) judgeExtreme(c *rel.Call) Verdict {
	for _, a := range c.Args {
		if v := p.sortable(a.Type()); v.Grade != Exact {
			return v
		}
	}
	return p.judgeBranches(c)
}

// extreme is NULL where any operand is; PostgreSQL's own passes over NULL.
func (p *postgres) extreme(fn string) func(*Writer, *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		w.Raw("(CASE WHEN ")
		for i, a := range c.Args {
			if i > 0 {
				w.Raw(" OR ")
			}
			w.Format("$1 IS NULL", a)
		}
		w.Raw(" THEN NULL ELSE ", fn, "(")
		for i, a := range c.Args {
			if i > 0 {
				w.Raw(", ")
			}
			w.Expr(a)
			if a.Type().Class() == rel.ClassText {
				w.Raw(` COLLATE "C"`)
			}
		}
		w.Raw(") END)", p.integral(c.T))
	}
}
