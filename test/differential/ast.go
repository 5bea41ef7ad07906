package differential

import (
	"strconv"
	"strings"
)

// class is the kind of values of an expression.
type class uint8

const (
	cInt class = iota
	cDec
	cDouble
	cText
	cDate
	cDateTime
	cTime
	cBool
)

// typ is what the generator knows about an expression's values.
type typ struct {
	class    class
	unsigned bool
	scale    int     // digits after the point
	mag      float64 // digits before the point, at most
	length   int     // characters of a text, at most
	approx   bool    // the last digits of a double may differ between systems
	// loose is an integer that is UNSIGNED, or a DECIMAL without fraction, in one of MySQL and MariaDB only, or made of one.
	loose bool
	// hidden is a decimal that has digits beyond its scale, as a quotient does. They count in what is computed with it in the same query.
	hidden bool
	// mixed is a decimal whose value may have fewer fractional digits than its scale. They decide how many a quotient gets.
	mixed bool
}

// expr is a scalar expression: text with parts in between.
type expr struct {
	t       typ
	parts   []any // string, *expr, *query or arg
	feature string
	leaf    bool  // a column, or something as simple
	base    bool  // a column of a table
	samples []any // values that the column has
}

// arg is a parameter of a prepared statement.
type arg struct{ value any }

// query is a SELECT with its clauses, or a set operation.
type query struct {
	with      []*cte
	recursive bool

	op          string // of a set operation; empty for a SELECT
	left, right *query

	distinct bool
	items    []*item
	from     *from // nil for a SELECT without tables
	where    *expr
	group    []*expr
	having   *expr

	order         []*orderTerm
	total         bool // order leaves no choice, except among rows that are equal
	limit, offset int  // limit -1 for none
}

// cte is a common table expression.
type cte struct {
	name    string
	columns []string
	q       *query
}

// item is an expression of a select list. star is "*" or "t.*" and has no expression.
type item struct {
	e     *expr
	alias string
	star  string
	width int // the number of columns that a star stands for
}

// orderTerm is an expression, or a position of the select list if e is nil.
type orderTerm struct {
	e        *expr
	position int
	desc     bool
}

// from is a table, a derived table, or a join.
type from struct {
	table string // qualified; or a CTE's name
	q     *query // derived table
	alias string

	join        string // "join", "left join", "cross join", ",", "natural join" …
	left, right *from
	on          *expr
	using       []string
}

// printer writes a statement and collects its arguments.
type printer struct {
	strings.Builder
	args []any
}

func (p *printer) expr(e *expr) {
	for _, part := range e.parts {
		switch x := part.(type) {
		case string:
			p.WriteString(x)
		case *expr:
			p.expr(x)
		case *query:
			p.query(x)
		case arg:
			p.WriteString("?")
			p.args = append(p.args, x.value)
		}
	}
}

func (p *printer) query(q *query) {
	for i, c := range q.with {
		switch {
		case i > 0:
			p.WriteString(", ")
		case q.recursive:
			p.WriteString("with recursive ")
		default:
			p.WriteString("with ")
		}
		p.WriteString(c.name)
		if c.columns != nil {
			p.WriteString("(" + strings.Join(c.columns, ", ") + ")")
		}
		p.WriteString(" as (")
		p.query(c.q)
		p.WriteString(")")
	}
	if len(q.with) > 0 {
		p.WriteString(" ")
	}
	if q.op != "" {
		p.branch(q.left)
		p.WriteString(" " + q.op + " ")
		p.branch(q.right)
	} else {
		p.core(q)
	}
	p.list(" order by ", len(q.order), func(i int) {
		if t := q.order[i]; t.e != nil {
			p.expr(t.e)
		} else {
			p.WriteString(strconv.Itoa(t.position))
		}
		if q.order[i].desc {
			p.WriteString(" desc")
		}
	})
	if q.limit >= 0 {
		p.WriteString(" limit " + strconv.Itoa(q.limit))
		if q.offset > 0 {
			p.WriteString(" offset " + strconv.Itoa(q.offset))
		}
	}
}

// branch writes an operand of a set operation.
func (p *printer) branch(q *query) {
	if q.op == "" && len(q.order) == 0 && q.limit < 0 && len(q.with) == 0 {
		p.query(q)
		return
	}
	p.WriteString("(")
	p.query(q)
	p.WriteString(")")
}

func (p *printer) core(q *query) {
	p.WriteString("select ")
	if q.distinct {
		p.WriteString("distinct ")
	}
	p.list("", len(q.items), func(i int) {
		it := q.items[i]
		if it.star != "" {
			p.WriteString(it.star)
			return
		}
		p.expr(it.e)
		if it.alias != "" {
			p.WriteString(" as " + it.alias)
		}
	})
	if q.from != nil {
		p.WriteString(" from ")
		p.from(q.from)
	}
	p.clause(" where ", q.where)
	p.list(" group by ", len(q.group), func(i int) { p.expr(q.group[i]) })
	p.clause(" having ", q.having)
}

func (p *printer) clause(word string, e *expr) {
	if e != nil {
		p.WriteString(word)
		p.expr(e)
	}
}

func (p *printer) list(word string, n int, f func(int)) {
	for i := range n {
		if i == 0 {
			p.WriteString(word)
		} else {
			p.WriteString(", ")
		}
		f(i)
	}
}

func (p *printer) from(f *from) {
	if f.join != "" {
		p.from(f.left)
		if f.join == "," {
			p.WriteString(", ")
		} else {
			p.WriteString(" " + f.join + " ")
		}
		if f.right.join != "" {
			p.WriteString("(")
			p.from(f.right)
			p.WriteString(")")
		} else {
			p.from(f.right)
		}
		p.clause(" on ", f.on)
		if f.using != nil {
			p.WriteString(" using (" + strings.Join(f.using, ", ") + ")")
		}
		return
	}
	if f.q != nil {
		p.WriteString("(")
		p.query(f.q)
		p.WriteString(")")
	} else {
		p.WriteString(f.table)
	}
	if f.alias != "" {
		p.WriteString(" as " + f.alias)
	}
}
