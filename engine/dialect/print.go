package dialect

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"weir/engine/rel"
)

// Printed is a plan as one statement of a dialect.
type Printed struct {
	SQL string
	// Split is set when the statement only filters and projects one base table, or groups it in a way that may come in parts.
	Split *Split
}

// Split describes a printed scan of one table; see Printed.
type Split struct {
	Table *rel.Table
	Alias string // of the table
	// With returns the statement with one more condition, whose columns are qualified with Alias.
	With   func(condition string) string
	Groups bool // the statement groups: it puts out few rows
}

// Options are what printing needs beyond the plan.
type Options struct {
	// View names the table or view that holds a fragment's rows. Nil: plans with a rel.View can't be printed.
	View func(v *rel.View) string
}

// Print writes a plan whose result has the given columns, in this order, named c<id>. An error means that the dialect can't say it.
func Print(d *Dialect, n rel.Node, out []rel.Column, o Options) (Printed, error) {
	p := &printer{d: d, opt: o, env: map[rel.ColumnID]entry{}, apart: map[rel.ColumnID]bool{}}
	b, items := p.selectList(p.node(n), out, outputValue)
	if p.err != nil {
		return Printed{}, fmt.Errorf("printing for %s: %w", d.Name, p.err)
	}
	printed := Printed{SQL: b.text(p, items, "")}
	if len(p.with) > 0 {
		printed.SQL = "WITH RECURSIVE " + strings.Join(p.with, ", ") + " " + printed.SQL
	}
	if b.table != nil && (b.stage <= stageWhere || b.stage == stageGroup && b.parts) {
		printed.Split = &Split{Table: b.table, Alias: b.alias, Groups: b.parts, With: func(cond string) string { return b.text(p, items, cond) }}
	}
	return printed, p.err
}

// PrintExpr writes one expression. Columns are written by their names, quoted; it serves tests of forms.
func PrintExpr(d *Dialect, e rel.Expr) (string, error) {
	p := &printer{d: d, env: map[rel.ColumnID]entry{}, apart: map[rel.ColumnID]bool{}, free: true}
	text := p.exprText(e)
	return text, p.err
}

// printer holds the state of one print. Column ids are unique in a statement, so one map from id to text serves all scopes,
// those of correlated subqueries included: an entry always tells how the column is reached from the text being written.
type printer struct {
	d       *Dialect
	opt     Options
	env     map[rel.ColumnID]entry
	aliases int
	free    bool // unknown columns are written by name
	// with are common tables that come before the whole statement.
	with []string
	// taken are the names of recursions, recursions those by which they are read in the text being written.
	taken      map[string]bool
	recursions map[int]string
	// apart are columns that subqueries above read: an aggregate or a window function among them must be in a derived table.
	apart map[rel.ColumnID]bool
	// outer are the columns of enclosing queries that the subquery being written reads; kept if derived tables can't.
	outer []rel.ColumnID
	// written is how many bytes have been written, those of pieces that became part of larger ones each time.
	written int
	err     error
}

// maxWritten bounds the work of one print. Forms that write an operand twice double the text with each level of calls.
const maxWritten = 256 << 20

var errTooLong = errors.New("its text would be too long")

// entry tells how a column is written.
type entry struct {
	text string
	// base is set while the text names a column of a base table as it is stored there, so that the dialect's hooks apply.
	base bool
	col  rel.Column
	// simple is set if the text is a column's name, base or not.
	simple bool
	// constant is set if the text is an expression without columns.
	constant bool
	// aggregate is set if the text calls an aggregate function of its block.
	aggregate bool
}

// use says what a column's text is for.
type use uint8

const (
	computeValue use = iota // inside an expression, a key, a comparison
	outputValue             // put out by a fragment
	passValue               // handed through a derived table of the same system
	matchValue              // put out by a subquery for a comparison
)

func (p *printer) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *printer) alias() string { p.aliases++; return "t" + strconv.Itoa(p.aliases) }

// ColumnName is the name by which a printed statement calls a column that it computes.
func ColumnName(id rel.ColumnID) string { return "c" + strconv.Itoa(int(id)) }

// write runs f on a new writer and returns the text.
func (p *printer) write(f func(w *Writer)) string {
	w := &Writer{d: p.d, p: p}
	f(w)
	if w.err != nil {
		p.fail(w.err)
	}
	return w.b.String()
}

func (p *printer) exprText(e rel.Expr) string { return p.write(func(w *Writer) { p.expr(w, e) }) }

// column is the text of a column for a use.
func (p *printer) column(id rel.ColumnID, name string, u use) string {
	e, ok := p.env[id]
	if !ok {
		if p.free {
			return p.d.Ident(name)
		}
		p.fail(fmt.Errorf("column %s (%d) is not in scope", name, id))
		return "NULL"
	}
	if e.base {
		switch {
		case (u == computeValue || u == matchValue) && p.d.Column != nil:
			return p.write(func(w *Writer) { p.d.Column(w, e.text, e.col) })
		case u == outputValue && p.d.Output != nil:
			return p.write(func(w *Writer) { p.d.Output(w, e.text, e.col) })
		}
		return e.text
	}
	// A quotient carries more digits than its scale shows; a derived table would round them off.
	digits := u == passValue && e.col.T.Inner > e.col.T.Scale
	if (u == outputValue || digits) && p.d.Result != nil {
		return p.write(func(w *Writer) { p.d.Result(w, e.text, e.col.T) })
	}
	if u == matchValue {
		return p.match(e.text, e.col.T)
	}
	return e.text
}

// match is the text of a value that is compared with the rows of a subquery.
func (p *printer) match(text string, t rel.Type) string {
	if p.d.Match == nil {
		return text
	}
	return p.write(func(w *Writer) { p.d.Match(w, text, t) })
}

// expr writes an expression.
func (p *printer) expr(w *Writer, e rel.Expr) {
	if p.err != nil {
		return
	}
	switch e := e.(type) {
	case *rel.Col:
		w.Raw(p.column(e.ID, e.Name, computeValue))
	case *rel.Lit:
		if !p.d.Literal(w, e) {
			w.Fail(fmt.Errorf("a %s constant has no exact spelling", e.T.Kind))
		}
	case *rel.Call:
		f, ok := p.d.Forms[e.Op]
		if !ok || f.Print == nil {
			w.Fail(fmt.Errorf("%s has no form", e.Op))
			return
		}
		f.Print(w, e)
	case *rel.Subquery:
		p.subquery(w, e)
	default:
		w.Fail(fmt.Errorf("expression %T", e))
	}
}

// conjunct writes a predicate that stands alone in a WHERE or ON clause.
func (p *printer) conjunct(e rel.Expr) string {
	if c, ok := e.(*rel.Call); ok {
		if f := p.d.Forms[c.Op]; f.Filter != nil {
			return p.write(func(w *Writer) { f.Filter(w, c) })
		}
	}
	return p.exprText(e)
}

func (p *printer) conjuncts(e rel.Expr) []string {
	var out []string
	for _, c := range rel.Conjuncts(e) {
		out = append(out, p.conjunct(c))
	}
	return out
}

func (p *printer) subquery(w *Writer, s *rel.Subquery) {
	if p.d.NoOuterInDerived {
		defer func(outer []rel.ColumnID) { p.outer = outer }(p.outer)
		p.outer = append(p.outer[:len(p.outer):len(p.outer)], outerColumns(s.Plan)...)
	}
	b := p.node(s.Plan)
	if b.limit != "" && s.Kind != rel.ScalarSubquery && s.Kind != rel.ExistsSubquery { // MySQL refuses LIMIT right there
		b = p.derived(b)
	}
	if s.Kind == rel.ExistsSubquery {
		w.Raw(p.exists(b))
		return
	}
	cols := make([]rel.Column, len(s.Out))
	for i, id := range s.Out {
		cols[i] = rel.Column{ID: id, T: columnType(s.Plan, id)}
	}
	if s.Kind == rel.ScalarSubquery {
		b, items := p.selectList(b, cols, computeValue)
		w.Raw("(", b.text(p, items, ""), ")")
		return
	}
	for _, c := range cols {
		if p.d.MatchDerived != nil && b.stage >= stageGroup && b.from != "" && p.d.MatchDerived(c.T) {
			b = p.derived(b)
			break
		}
	}
	b, items := p.selectList(b, cols, matchValue)
	text := b.text(p, items, "")
	left := make([]string, len(s.Left))
	for i, e := range s.Left {
		left[i] = p.match(p.exprText(e), e.Type())
	}
	w.Raw("(")
	if len(left) > 1 {
		w.Raw("(", join(left), ")")
	} else {
		w.Raw(left[0])
	}
	switch s.Kind {
	case rel.InSubquery:
		w.Raw(" IN (")
	case rel.AnySubquery:
		w.Raw(" ", string(s.Cmp), " ANY (")
	case rel.AllSubquery:
		w.Raw(" ", string(s.Cmp), " ALL (")
	}
	w.Raw(text, "))")
}

// outerColumns are the columns that a plan reads but doesn't make.
func outerColumns(n rel.Node) []rel.ColumnID {
	made := map[rel.ColumnID]bool{}
	rel.WalkNodes(n, func(n rel.Node) {
		for _, c := range n.Columns() {
			made[c.ID] = true
		}
	})
	var out []rel.ColumnID
	rel.WalkExprs(n, func(e rel.Expr) {
		rel.WalkCols(e, func(c *rel.Col) {
			if !made[c.ID] {
				made[c.ID] = true
				out = append(out, c.ID)
			}
		})
	})
	return out
}

func columnType(n rel.Node, id rel.ColumnID) rel.Type {
	for _, c := range n.Columns() {
		if c.ID == id {
			return c.T
		}
	}
	return rel.Type{}
}

// exists writes EXISTS over a block.
func (p *printer) exists(b *block) string {
	b, items := p.selectList(b, nil, computeValue)
	return "EXISTS (" + b.text(p, items, "") + ")"
}

// selectList writes the select list for the given columns, 1 if there are none. What the list says also decides which rows there are: DISTINCT
// looks at all of it, and without GROUP BY only an aggregate function in it makes one row of all. Where these columns would say something
// else than the block's own, the block becomes a derived table first.
func (p *printer) selectList(b *block, cols []rel.Column, u use) (*block, []string) {
	aggregate := false
	for _, c := range cols {
		aggregate = aggregate || p.env[c.ID].aggregate
	}
	if b.single && !aggregate || b.distinct && !covers(cols, b.cols) {
		b = p.derived(b)
	}
	if len(cols) == 0 {
		return b, []string{"1"}
	}
	return b, p.items(b, cols, u)
}

func covers(cols, all []rel.Column) bool {
	for _, c := range all {
		if !has(cols, c.ID) {
			return false
		}
	}
	return true
}

// items are the columns with their names.
func (p *printer) items(b *block, cols []rel.Column, u use) []string {
	out := make([]string, len(cols))
	for i, c := range cols {
		use := u
		if b.stage == stageDistinct && use == passValue {
			use = computeValue
		}
		out[i] = p.column(c.ID, c.Name, use) + " AS " + ColumnName(c.ID)
	}
	return out
}

func join(parts []string) string { return strings.Join(parts, ", ") }
