package differential

import (
	"fmt"
	"math/rand/v2"

	"weir/test/reference"
)

// Generator makes random statements over a data set. A statement is a function of its seed and the data set.
type Generator struct {
	set *reference.Set
	// Free makes also what the reference has faults in, or doesn't have.
	Free bool
}

// NewGenerator makes a generator for a data set.
func NewGenerator(set *reference.Set) *Generator { return &Generator{set: set} }

// Statement makes the statement of a seed.
func (g *Generator) Statement(seed uint64) *Statement {
	m := &maker{Rand: rand.New(rand.NewPCG(seed, 0xd1ff)), set: g.set, free: g.Free}
	m.room = 60
	m.prepared = m.chance(0.05)
	if m.chance(0.05) {
		m.userVariables()
	}
	return statement(seed, m.top(), m.setup)
}

// maker makes one statement.
type maker struct {
	*rand.Rand
	set      *reference.Set
	free     bool // of the reference's faults
	setup    []string
	vars     []*expr     // user variables
	prepared bool        // literals may become parameters
	aliases  int         // of tables
	names    int         // of columns
	ctes     []*relation // in scope
	room     int         // what is left of the statement's size
}

// relation is what a FROM item puts into scope.
type relation struct {
	name    string // of the CTE
	alias   string
	columns []column
	key     []string // columns that identify a row; all of them if nil
	rows    float64
}

type column struct {
	name    string
	t       typ
	base    bool
	samples []any
}

// scope is what expressions may read.
type scope struct {
	leaves []*expr
	total  []*expr // what orders rows totally, up to equal ones
	outer  *scope
	// grouped says that leaves are grouping columns and aggregates. Subqueries may only read the former.
	grouped bool
	nodeep  bool // no subqueries
	// windowed is set once a window function was made: the reference computes several over different windows in the wrong order.
	windowed bool
	// keyed says that no two rows are equal, so that each gets the same values of several window functions everywhere.
	keyed bool
}

func (m *maker) chance(p float64) bool { return m.Float64() < p }

func pick[T any](m *maker, list []T) T { return list[m.IntN(len(list))] }

// weighted returns the index of one of the weights.
func (m *maker) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := m.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	panic("unreachable")
}

func (m *maker) alias() string {
	m.aliases++
	return fmt.Sprintf("t%d", m.aliases)
}

func (m *maker) userVariables() {
	n := m.IntN(20)
	m.setup = append(m.setup, fmt.Sprintf("set @n = %d", n))
	m.vars = append(m.vars, &expr{t: typ{class: cInt, mag: 2}, parts: []any{"@n"}, leaf: true, feature: "user variable"})
	s := m.textLiteral()
	m.setup = append(m.setup, "set @s = "+s.parts[0].(string))
	m.vars = append(m.vars, &expr{t: s.t, parts: []any{"@s"}, leaf: true, feature: "user variable"})
}

// columnType is what the generator knows about a column of a table.
func columnType(c reference.Column) typ {
	digits := 1.0
	for n := c.Max; n >= 10; n /= 10 {
		digits++
	}
	switch c.Kind {
	case reference.Decimal:
		return typ{class: cDec, scale: c.Scale, mag: digits}
	case reference.Double:
		return typ{class: cDouble, mag: digits}
	case reference.VarChar:
		return typ{class: cText, length: c.Length}
	case reference.Text:
		return typ{class: cText, length: 100}
	case reference.Date:
		return typ{class: cDate}
	case reference.DateTime:
		return typ{class: cDateTime, scale: c.Scale}
	case reference.Time:
		return typ{class: cTime, scale: c.Scale}
	}
	return typ{class: cInt, unsigned: c.Unsigned, mag: digits}
}

// key is an expression to order, group or partition by: never a constant, which would be a position.
func (m *maker) key(s *scope, c class, depth int) *expr {
	prepared := m.prepared
	m.prepared = false // two parameters are never the same expression
	defer func() { m.prepared = prepared }()
	for range 5 {
		if e := m.expr(s, c, depth); len(columnsOf(e)) > 0 {
			return e
		}
	}
	return nil
}

// leaf is a column, a user variable or a literal of a class.
func (m *maker) leaf(s *scope, c class) *expr {
	if c == cBool {
		return m.simplePredicate(s)
	}
	if len(m.vars) > 0 && m.chance(0.1) {
		for _, v := range m.vars {
			if v.t.class == c {
				return v.clone()
			}
		}
	}
	if m.chance(0.85) {
		if e := m.columnOf(s, c); e != nil {
			return e
		}
	}
	return m.literal(c)
}

// columnOf is a leaf of the scope, or sometimes of an outer one; nil if there is none of the class.
func (m *maker) columnOf(s *scope, c class) *expr {
	for ; s != nil; s = s.outer {
		var fit []*expr
		for _, l := range s.leaves {
			if l.t.class == c && !l.t.approx {
				fit = append(fit, l)
			}
		}
		if len(fit) > 0 && (s.outer == nil || m.chance(0.75)) {
			return pick(m, fit).clone()
		}
	}
	return nil
}

var literalInts = []int{0, 1, 2, 3, 5, 7, 10, 12, 100, 255, 1000, 65536, -1, -2, -10}
var literalDecs = []string{"0.5", "1.50", "0.00", "2.250", "100.1", "12.3456", "-1.5", "-0.001", "999.99", "0.3333333"}
var literalDoubles = []string{"1e0", "1.5e0", "2e-1", "-3e2", "0e0", "1.25e1"}
var literalDates = []string{"2024-02-29", "2023-06-15", "2000-02-29", "1970-01-01", "2024-12-31", "2021-03-28", "2020-10-10"}
var literalTimes = []string{"00:00:00", "12:34:56", "23:59:59", "01:00:00", "08:30:00"}

func (m *maker) literal(c class) *expr {
	var e *expr
	var value any
	switch c {
	case cInt:
		n := pick(m, literalInts)
		e, value = &expr{t: typ{class: cInt, mag: float64(len(fmt.Sprint(n)))}, parts: []any{fmt.Sprint(n)}}, n
		if n < 0 {
			e.parts = []any{fmt.Sprintf("(%d)", n)}
		}
	case cDec:
		d := pick(m, literalDecs)
		e = &expr{t: decimalLiteralType(d), parts: []any{"(" + d + ")"}}
	case cDouble:
		e = &expr{t: typ{class: cDouble, mag: 3}, parts: []any{"(" + pick(m, literalDoubles) + ")"}}
	case cText:
		e = m.textLiteral()
	case cDate:
		e = &expr{t: typ{class: cDate}, parts: []any{"cast('" + pick(m, literalDates) + "' as date)"}}
	case cDateTime:
		e = &expr{t: typ{class: cDateTime}, parts: []any{"cast('" + pick(m, literalDates) + " " + pick(m, literalTimes) + "' as datetime)"}}
	case cTime:
		e = &expr{t: typ{class: cTime}, parts: []any{"cast('" + pick(m, literalTimes) + "' as time)"}}
	default:
		e = &expr{t: typ{class: cBool}, parts: []any{pick(m, []string{"true", "false", "(1 = 1)", "(1 > 2)"})}}
	}
	if m.prepared && value != nil && m.chance(0.5) {
		e.parts = []any{arg{value}}
	}
	e.leaf = true
	return e
}

func decimalLiteralType(d string) typ {
	whole, frac, point := 0, 0, false
	for _, r := range d {
		switch {
		case r == '.':
			point = true
		case r == '-':
		case point:
			frac++
		default:
			whole++
		}
	}
	return typ{class: cDec, mag: float64(whole), scale: frac}
}

func (m *maker) textLiteral() *expr {
	s := pick(m, reference.Texts)
	return &expr{t: typ{class: cText, length: len([]rune(s))}, parts: []any{quoted(s)}, leaf: true}
}
