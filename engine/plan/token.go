package plan

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"weir/engine/rel"
)

// Tokens reads tokens for the planner. It must hold the ring that the plan's calls name. Safe for concurrent use.
type Tokens interface {
	// Open gives the text whose pseudonym in a domain is the token, under today's key.
	Open(domain, token string) (text string, ok bool)
	// Reveal gives the text of a token of any domain and key, Renew the token of that text under today's key.
	Reveal(token string) (text string, ok bool)
	Renew(token string) (renewed string, ok bool)
}

// Pseudonyms in one domain with one ring are equal exactly where their texts are, by code point. So what is asked of them is asked of the
// texts, in a form that sources can run: a token in a comparison becomes the text that it stands for, as a constant that is never shown.

// equality is an expression that is equal, and NULL, exactly where a pseudonym is; any other expression as it is.
func equality(e rel.Expr) rel.Expr {
	c, ok := e.(*rel.Call)
	if !ok || c.Op != rel.OpPseudonym {
		return e
	}
	if cast, ok := c.Args[1].(*rel.Call); ok && cast.Op == rel.OpCast && isInteger(cast.Args[0].Type()) && cast.T.Class() == rel.ClassText {
		return cast.Args[0] // each integer has one text
	}
	return c.Args[1]
}

// equality is the function of that name for what sources order rows by.
func (l *late) equality(e rel.Expr) rel.Expr {
	if _, ok := asPseudonym(e); ok {
		l.follows = true
	}
	return equality(e)
}

func isInteger(t rel.Type) bool {
	switch t.Kind {
	case rel.TinyInt, rel.SmallInt, rel.MediumInt, rel.Int, rel.BigInt:
		return true
	}
	return false
}

// expr rewrites an expression: columns that aren't computed yet are replaced by their calls, and comparisons of pseudonyms by those of texts.
func (l *late) expr(e rel.Expr) rel.Expr {
	switch e := e.(type) {
	case *rel.Col:
		if c := l.put[e.ID]; c != nil {
			if !e.T.NotNull {
				return withNulls(c)
			}
			return c
		}
	case *rel.Call:
		c := *e
		c.Args = l.list(e.Args)
		return l.simplify(&c)
	case *rel.Subquery:
		return l.subquery(e)
	}
	return e
}

// condition rewrites a predicate of which only counts whether it is true.
func (l *late) condition(e rel.Expr) rel.Expr {
	var out []rel.Expr
	for _, c := range rel.Conjuncts(e) {
		before := l.follows
		x := l.expr(c)
		if l.isOne(c) { // the rows that are left have one value, which gives them no order
			l.follows = before
		}
		out = append(out, l.certain(x))
	}
	return l.certain(rel.And(out...))
}

// isOne reports whether a predicate compares a pseudonym with a constant by =.
func (l *late) isOne(e rel.Expr) bool {
	c, ok := e.(*rel.Call)
	if !ok || c.Op != rel.OpEq {
		return false
	}
	for i, a := range c.Args {
		_, column := a.(*rel.Col)
		_, constant := c.Args[1-i].(*rel.Lit)
		if column && constant {
			return true
		}
	}
	return false
}

// certain replaces what is true of no row by FALSE.
func (l *late) certain(e rel.Expr) rel.Expr {
	if l.never[e] {
		return &rel.Lit{Value: false, T: rel.BoolType}
	}
	c, ok := e.(*rel.Call)
	if !ok || c.Op != rel.OpAnd && c.Op != rel.OpOr {
		return e
	}
	var args []rel.Expr
	for _, a := range c.Args {
		a = l.certain(a)
		if lit, ok := a.(*rel.Lit); ok && lit.Value == false {
			if c.Op == rel.OpAnd {
				return a
			}
			continue
		}
		args = append(args, a)
	}
	switch len(args) {
	case 0:
		return &rel.Lit{Value: false, T: rel.BoolType}
	case 1:
		return args[0]
	}
	return &rel.Call{Op: c.Op, Args: args, T: c.T}
}

func (l *late) simplify(c *rel.Call) rel.Expr {
	switch c.Op {
	case rel.OpEq, rel.OpNe, rel.OpNullEq:
		return l.compare(c)
	case rel.OpIn:
		return l.in(c)
	case rel.OpIsNull:
		if x, ok := postponable(c.Args[0]); ok {
			l.follows = true
			return &rel.Call{Op: rel.OpIsNull, Args: x.Args[1:2], T: c.T}
		}
	case rel.OpReveal:
		if x, ok := c.Args[0].(*rel.Call); ok && x.Op == rel.OpPseudonym && sameRing(c, x) {
			return x.Args[1]
		}
		if token, ok := constantText(c.Args[0]); ok && l.tokens != nil {
			text, ok := l.tokens.Reveal(token)
			if !ok {
				return &rel.Lit{T: c.T.Nullable()}
			}
			return l.secret(text)
		}
	case rel.OpRenew:
		if x, ok := c.Args[0].(*rel.Call); ok && x.Op == rel.OpPseudonym && sameRing(c, x) {
			return x
		}
		if token, ok := constantText(c.Args[0]); ok && l.tokens != nil {
			renewed, ok := l.tokens.Renew(token)
			if !ok {
				return &rel.Lit{T: c.T.Nullable()}
			}
			return &rel.Lit{Value: renewed, T: rel.Type{Kind: rel.VarChar, Length: len(renewed), NotNull: true}}
		}
	}
	return c
}

// compare rewrites =, <> and <=>.
func (l *late) compare(c *rel.Call) rel.Expr {
	a, okA := asPseudonym(c.Args[0])
	b, okB := asPseudonym(c.Args[1])
	if okA && okB {
		if x, y, ok := pair(a, b); ok {
			l.follows = true
			return &rel.Call{Op: c.Op, Args: []rel.Expr{x, y}, T: c.T}
		}
		return c
	}
	other := c.Args[1]
	if okB {
		a, other = b, c.Args[0]
	} else if !okA {
		return c
	}
	token, ok := constantText(other)
	if !ok || l.tokens == nil {
		return c
	}
	x := l.equality(a)
	if v := l.open(a, token, x.Type()); v != nil {
		return &rel.Call{Op: c.Op, Args: []rel.Expr{x, v}, T: c.T}
	}
	switch c.Op {
	case rel.OpEq:
		return l.neverOf(x, c.T)
	case rel.OpNe: // different from each, and NULL where there is none
		return &rel.Call{Op: rel.OpEq, Args: []rel.Expr{x, x}, T: c.T}
	}
	return &rel.Lit{Value: false, T: rel.Type{Kind: rel.Bool, NotNull: true}}
}

// neverOf is NULL where an expression is and FALSE everywhere else.
func (l *late) neverOf(x rel.Expr, t rel.Type) rel.Expr {
	c := &rel.Call{Op: rel.OpNe, Args: []rel.Expr{x, x}, T: t}
	l.never[c] = true
	return c
}

// in rewrites a list of tokens. Those that are none of today's of the domain are equal to no pseudonym.
func (l *late) in(c *rel.Call) rel.Expr {
	p, ok := asPseudonym(c.Args[0])
	if !ok || l.tokens == nil {
		return c
	}
	x := l.equality(p)
	args := []rel.Expr{x}
	for _, a := range c.Args[1:] {
		if lit, ok := a.(*rel.Lit); ok && lit.Value == nil {
			args = append(args, &rel.Lit{T: x.Type().Nullable()})
			continue
		}
		token, ok := constantText(a)
		if !ok {
			return c
		}
		if v := l.open(p, token, x.Type()); v != nil {
			args = append(args, v)
		}
	}
	if len(args) == 1 {
		return l.neverOf(x, c.T)
	}
	return &rel.Call{Op: rel.OpIn, Args: args, T: c.T}
}

// subquery rewrites a subquery. IN over pseudonyms on both sides becomes IN over their texts.
func (l *late) subquery(q *rel.Subquery) rel.Expr {
	c := *q
	c.Left = l.list(q.Left)
	c.Plan = l.node(q.Plan)
	if q.Kind == rel.ExistsSubquery {
		return &c
	}
	if !slices.ContainsFunc(q.Out, func(id rel.ColumnID) bool { return l.put[id] != nil }) {
		return &c
	}
	p := &rel.Project{Input: c.Plan}
	c.Out = slices.Clone(q.Out)
	for i, id := range q.Out {
		at := columnOf(q.Plan, id)
		column := rel.Column{ID: id, Name: at.Name, T: at.T}
		e := l.expr(at)
		if q.Kind == rel.InSubquery || q.Kind == rel.AnySubquery && q.Cmp == rel.OpEq {
			left, okL := asPseudonym(c.Left[i])
			right, okR := asPseudonym(e)
			if okL && okR {
				if x, y, ok := pair(left, right); ok {
					l.follows = true
					c.Left[i], e = x, y
					column = rel.Column{ID: l.ids.Next(), Name: column.Name, T: y.Type()}
				}
			}
		}
		c.Out[i] = column.ID
		p.Cols = append(p.Cols, rel.Computed{Column: column, Expr: e})
	}
	for _, id := range q.Out {
		delete(l.put, id)
	}
	c.Plan = p
	return &c
}

func asPseudonym(e rel.Expr) (*rel.Call, bool) {
	c, ok := e.(*rel.Call)
	return c, ok && c.Op == rel.OpPseudonym
}

// sameRing reports whether two calls name one ring, which is their last operand.
func sameRing(a, b *rel.Call) bool {
	x, ok1 := a.Args[len(a.Args)-1].(*rel.Lit)
	y, ok2 := b.Args[len(b.Args)-1].(*rel.Lit)
	return ok1 && ok2 && x.Value == y.Value
}

// pair gives what is equal exactly where two pseudonyms are, if they are of one domain.
func pair(a, b *rel.Call) (x, y rel.Expr, ok bool) {
	da, ok1 := constantText(a.Args[0])
	db, ok2 := constantText(b.Args[0])
	if !ok1 || !ok2 || da != db || !sameRing(a, b) {
		return nil, nil, false
	}
	x, y = equality(a), equality(b)
	if s, t := x.Type(), y.Type(); s.Class() != t.Class() || s.Class() == rel.ClassInt && s.Unsigned != t.Unsigned {
		x, y = a.Args[1], b.Args[1]
	}
	return x, y, true
}

// open is the value of type t, an integer or text, whose pseudonym by a call the token is; nil if there is none.
func (l *late) open(call *rel.Call, token string, t rel.Type) rel.Expr {
	domain, ok := constantText(call.Args[0])
	if !ok {
		return nil
	}
	text, ok := l.tokens.Open(domain, token)
	if !ok {
		return nil
	}
	v := l.secret(text)
	if t.Class() != rel.ClassInt {
		return v
	}
	v.T = rel.Type{Kind: rel.BigInt, Unsigned: t.Unsigned, NotNull: true}
	if t.Unsigned {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || strconv.FormatUint(n, 10) != text {
			return nil
		}
		v.Value = n
		return v
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return nil
	}
	v.Value = n
	return v
}

// secret is a constant that is never shown.
func (l *late) secret(text string) *rel.Lit {
	n := l.secrets[text]
	if n == 0 {
		n = len(l.secrets) + 1
		l.secrets[text] = n
	}
	return &rel.Lit{Value: text, T: rel.Type{Kind: rel.VarChar, Length: max(1, utf8.RuneCountInString(text)), NotNull: true}, Secret: n}
}

func constantText(e rel.Expr) (string, bool) {
	l, ok := e.(*rel.Lit)
	if !ok {
		return "", false
	}
	s, ok := l.Value.(string)
	return s, ok && l.T.Class() == rel.ClassText
}
