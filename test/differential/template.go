package differential

import (
	"regexp"
	"strings"
)

// template is one shape of an expression: text with {placeholders} for operands. Its type is given by rule from those of the
// operands; a rule refuses operands whose result could overflow.
type template struct {
	out    class
	text   string
	rule   rule
	weight int
	parts  []string // text and placeholders alternate

	divides  bool // the result has digits beyond its scale
	rounds   bool // it has none, whatever the operands have
	compares bool // two values are compared by an operator
}

var comparison = regexp.MustCompile(`^\(\{[idnf]\} (=|<>|<|>|<=|>=|<=>) \{`)

type rule func(args []typ) (typ, bool)

// placeholders are what may stand between braces.
//
//	i d f n t D M H b   int, decimal, double, any of the three, text, date, datetime, time, predicate
//	DM MH               date or datetime, datetime or time
//	x y                 any class; any but double
//	l                   an int: a column or a literal
//	j                   a small int: a literal, or a column's remainder
//	k                   a small literal from 0 to 9
//	s p r               a short text, a LIKE pattern, a regular expression: literals
//	df tf               formats of dates, of times
//	unit dunit tunit    a unit of any size, of at least a day, of less than a day
var placeholders = map[string]bool{"i": true, "d": true, "f": true, "n": true, "t": true, "D": true, "M": true, "H": true, "b": true,
	"DM": true, "MH": true, "x": true, "y": true, "l": true, "j": true, "k": true, "s": true, "p": true, "r": true, "df": true, "tf": true, "unit": true,
	"dunit": true, "tunit": true}

func (t *template) parse() {
	text := t.text
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(text[open:], '}') + open
		t.parts = append(t.parts, text[:open], text[open+1:end])
		if !placeholders[text[open+1:end]] {
			panic("no placeholder " + text[open+1:end] + " in " + t.text)
		}
		text = text[end+1:]
	}
	t.parts = append(t.parts, text)
	t.divides = t.out == cDec && strings.Contains(t.text, " / ")
	t.rounds = strings.HasPrefix(t.text, "round(") || strings.HasPrefix(t.text, "truncate(") || strings.HasPrefix(t.text, "cast(")
	t.compares = comparison.MatchString(t.text)
}

// byClass are the templates that give a class, freeByClass those that only a free generator uses.
var byClass, freeByClass = group(templates), group(freeTemplates)

func group(templates []template) map[class][]*template {
	out := map[class][]*template{}
	for i := range templates {
		t := &templates[i]
		t.parse()
		for range max(1, t.weight) {
			out[t.out] = append(out[t.out], t)
		}
	}
	return out
}

// build makes an expression of a template; nil if its rule refuses.
func (m *maker) build(s *scope, t *template, depth int) *expr {
	e := &expr{feature: t.text}
	var args []typ
	mean := false
	for i, p := range t.parts {
		if i%2 == 0 {
			if p != "" {
				e.parts = append(e.parts, p)
			}
			continue
		}
		o := m.operand(s, p, depth)
		e.parts = append(e.parts, o)
		args = append(args, o.t)
		mean = mean || o.t.hidden && o.averages()
	}
	if mean && t.out == cDouble { // divided as decimals or as doubles, as the plan is
		return nil
	}
	e.t = typ{class: t.out}
	if t.rule != nil {
		var ok bool
		if e.t, ok = t.rule(args); !ok {
			return nil
		}
		e.t.class = t.out
	}
	hidden, mixed := t.divides, e.t.mixed
	for _, a := range args {
		e.t.approx = e.t.approx || a.approx
		e.t.loose = e.t.loose || a.loose
		hidden, mixed = hidden || a.hidden, mixed || a.mixed
	}
	if hidden && t.compares { // the reference compares what is shown
		return nil
	}
	if mixed && t.divides {
		return nil
	}
	computed := t.out == cDec && !t.rounds && !m.free
	e.t.hidden, e.t.mixed = hidden && computed, mixed && computed
	return e
}

func word(s string) *expr { return &expr{parts: []any{s}} }

func (m *maker) operand(s *scope, p string, depth int) *expr {
	switch p {
	case "i":
		return m.expr(s, cInt, depth)
	case "d":
		return m.expr(s, cDec, depth)
	case "f":
		return m.expr(s, cDouble, depth)
	case "n":
		return m.expr(s, []class{cInt, cDec, cDouble}[m.weighted(4, 4, 2)], depth)
	case "t":
		return m.expr(s, cText, depth)
	case "D":
		return m.expr(s, cDate, depth)
	case "M":
		return m.expr(s, cDateTime, depth)
	case "H":
		return m.expr(s, cTime, depth)
	case "b":
		return m.expr(s, cBool, depth)
	case "DM":
		return m.expr(s, []class{cDate, cDateTime}[m.IntN(2)], depth)
	case "MH":
		return m.expr(s, []class{cDateTime, cTime}[m.IntN(2)], depth)
	case "x":
		return m.expr(s, m.anyClass(), depth)
	case "y":
		c := m.anyClass()
		for c == cDouble {
			c = m.anyClass()
		}
		return m.expr(s, c, depth)
	case "l":
		if e := m.columnOf(s, cInt); e != nil {
			return e
		}
		return m.literal(cInt)
	case "j":
		if c := m.columnOf(s, cInt); c != nil && m.chance(0.4) {
			return &expr{t: typ{class: cInt, mag: 2}, parts: []any{"(", c, " % 9)"}}
		}
		return &expr{t: typ{class: cInt, mag: 2}, parts: []any{pick(m, []string{"0", "1", "2", "3", "5", "-1", "-2", "31"})}, leaf: true}
	case "k":
		return word(string(rune('0' + m.IntN(10))))
	case "s":
		return &expr{t: typ{class: cText, length: 2}, parts: []any{quoted(pick(m, shortTexts))}, leaf: true}
	case "p":
		return word(quoted(pick(m, patterns)))
	case "r":
		return word(quoted(pick(m, regexps)))
	case "df":
		return word(quoted(pick(m, dateFormats)))
	case "tf":
		return word(quoted(pick(m, timeFormats)))
	case "unit":
		return word(pick(m, []string{"day", "week", "month", "quarter", "year", "hour", "minute", "second"}))
	case "dunit":
		return word(pick(m, []string{"day", "week", "month", "quarter", "year"}))
	default: // tunit
		return word(pick(m, []string{"hour", "minute", "second"}))
	}
}

var shortTexts = []string{"a", "A", "é", " ", "", "x", "🙂", ",", "b", "%", "o", "Z", "ab"}
var patterns = []string{"a%", "%a", "%a%", "A%", "_", "__", "a_", "%é%", "%", "", "a\\_b", "a\\%b", "%\\%%", "a\\\\b", "%🙂%", "_🙂", "% ", "a b", "%o%o%", "Z%", "z_r%", "%@example.___"}
var regexps = []string{"^a", "a$", "[0-9]+", "^[a-z]+$", "a|b", "é", "o{2}", ".", "^$", "[A-Z][a-z]*", "x?y", "(ab)+", "\\\\.", "^.{3}$", "[^a-z ]"}
var dateFormats = []string{"%Y-%m-%d", "%d.%m.%y", "%W %M %e %Y", "%H:%i:%s", "%j", "%a %b %D", "%Y/%u", "%x-%v", "%X-%V", "%h:%i %p", "%r", "%T.%f", "%c/%e/%k/%l", "%w%%", "%U", "Q%q"}
var timeFormats = []string{"%H:%i:%s", "%h %p", "%k.%i", "%T", "%s %f", "%r"}

// quoted is a text as a literal of MySQL.
func quoted(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(s) + "'"
}

var classWeights = []int{30, 22, 8, 25, 9, 9, 3}

// anyClass is a class of values, not a predicate.
func (m *maker) anyClass() class { return class(m.weighted(classWeights...)) }

// expr is an expression of a class, at most depth operators deep.
func (m *maker) expr(s *scope, c class, depth int) *expr {
	m.room--
	if depth <= 0 || m.room < 0 || m.chance(0.3) {
		return m.leaf(s, c)
	}
	if m.chance(0.12) {
		if e := m.general(s, c, depth-1); e != nil {
			return e
		}
	}
	if c == cBool && m.chance(0.25) || m.chance(0.03) {
		if e := m.subquery(s, c, depth-1); e != nil {
			return e
		}
	}
	for range 5 {
		t := pick(m, byClass[c])
		if own := freeByClass[c]; m.free && len(own) > 0 && m.chance(0.2) {
			t = pick(m, own)
		}
		if e := m.build(s, t, depth-1); e != nil {
			return e
		}
	}
	return m.leaf(s, c)
}

// general is an expression of a shape that every class has: CASE and its like.
func (m *maker) general(s *scope, c class, depth int) *expr {
	if c == cBool {
		return nil
	}
	a, b := m.expr(s, c, depth), m.expr(s, c, depth)
	shape := m.weighted(5, 4, 3, 3, 3, 2, 2, 2)
	if c == cInt && a.t.unsigned != b.t.unsigned { // DECIMAL or BIGINT, as the widths are
		return nil
	}
	out := a.t
	out.mag, out.scale, out.length = max(a.t.mag, b.t.mag), max(a.t.scale, b.t.scale), max(a.t.length, b.t.length)
	if out.mag+float64(out.scale) > 34 {
		return nil
	}
	out.approx = a.t.approx || b.t.approx
	out.loose = a.t.loose || b.t.loose
	out.hidden = a.t.hidden || b.t.hidden
	out.mixed = c == cDec && !m.free && (a.t.mixed || b.t.mixed || a.t.scale != b.t.scale)
	e := func(feature string, parts ...any) *expr { return &expr{t: out, parts: parts, feature: feature} }
	switch shape {
	case 0:
		return e("case when", "case when ", m.expr(s, cBool, depth), " then ", a, " else ", b, " end")
	case 1:
		v := m.anyClass()
		return e("case value", "case ", m.expr(s, v, depth), " when ", m.literal(v), " then ", a, " when ", m.expr(s, v, 0), " then ", b, " end")
	case 2:
		return e("if", "if(", m.expr(s, cBool, depth), ", ", a, ", ", b, ")")
	case 3:
		return e("ifnull", "ifnull(", a, ", ", b, ")")
	case 4:
		third := m.literal(c)
		if out.unsigned {
			third = b.clone()
		}
		out.mixed = out.mixed || c == cDec && !m.free && third.t.scale != a.t.scale
		return e("coalesce", "coalesce(", a, ", ", b, ", ", third, ")")
	case 5:
		if out.hidden { // the reference compares what is shown
			return nil
		}
		out = a.t
		return e("nullif", "nullif(", a, ", ", b, ")")
	}
	f := []string{"greatest", "least"}[shape-6]
	if c == cText { // where a number is wanted, the reference would compare as numbers
		return e(f, "concat("+f+"(", a, ", ", b, "))")
	}
	return e(f, f+"(", a, ", ", b, ")")
}
