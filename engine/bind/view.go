package bind

import (
	"context"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// View is what a policy makes of a table: which rows and columns there are, and what stands in the columns.
type View struct {
	// Filter is the predicate that rows must fulfil; nil is every row.
	Filter sqlparser.Expr
	// Columns are those that can be seen, in order.
	Columns []ViewColumn
}

// ViewColumn is a column of a View.
type ViewColumn struct {
	// Name is the table's column.
	Name string
	// Expr is computed in its place, over the whole table's columns; nil is the column itself.
	Expr sqlparser.Expr
	// SameType casts what Expr gives to the column's own type.
	SameType bool
}

// ViewError says which part of a view can't be bound.
type ViewError struct {
	Column string // empty for the filter
	Err    error
}

// Error is the reason.
func (e *ViewError) Error() string { return e.Err.Error() }

// Unwrap is the reason.
func (e *ViewError) Unwrap() error { return e.Err }

// ParseExpr parses one SQL expression.
func ParseExpr(ctx context.Context, text string) (sqlparser.Expr, error) {
	stmt, err := Parse(ctx, "SELECT "+text, sqlparser.ParserOptions{})
	if err != nil {
		return nil, sqlerr.Syntax.New("%q is no SQL expression", text).With(err)
	}
	s, ok := stmt.(*sqlparser.Select)
	if !ok || len(s.SelectExprs) != 1 || s.Where != nil || s.Having != nil || s.Limit != nil || s.OrderBy != nil || s.GroupBy != nil || s.Into != nil || s.With != nil ||
		s.QueryOpts.Distinct || s.Window != nil || s.Lock != nil && s.Lock.Type != "" || len(s.From) > 0 {
		return nil, sqlerr.Syntax.New("%q is more than one SQL expression", text)
	}
	a, ok := s.SelectExprs[0].(*sqlparser.AliasedExpr)
	if !ok || !a.As.IsEmpty() {
		return nil, sqlerr.Syntax.New("%q is no SQL expression", text)
	}
	return a.Expr, nil
}

// BindView puts a view on the node that reads a table. Columns that are computed get new ids, the others keep theirs. env is the policy's own: its session
// and tables are not those of the statement, which must have no influence on what its user sees. Errors are ViewErrors.
func BindView(ctx context.Context, node rel.Node, database, table string, v View, env *Env) (out rel.Node, err error) {
	at := ""
	defer func() {
		switch r := recover().(type) {
		case nil:
		case bail:
			out, err = nil, &ViewError{at, r.err}
		default:
			panic(r)
		}
	}()
	b := &binder{ctx: ctx, env: env, numeric: map[*rel.Lit]bool{}, fullGroup: true}
	blk := &block{b: b, named: map[string]*sqlparser.WindowDef{}}
	byName := map[string]rel.Column{}
	var cols []*scopeColumn
	for i, c := range node.Columns() {
		byName[c.Name] = c
		cols = append(cols, &scopeColumn{Column: c, table: table, database: database, orgTable: table, orgName: c.Name, ordinal: i})
	}
	blk.from = newScope(nil, blk, cols)
	if v.Filter != nil {
		pred := blk.clause("row filter").condition(v.Filter)
		node = &rel.Filter{Input: node, Pred: pred, Guard: true}
	}
	same := len(v.Columns) == len(cols)
	p := &rel.Project{Input: node}
	for i, vc := range v.Columns {
		c, ok := byName[vc.Name]
		at = vc.Name
		if !ok {
			fail(sqlerr.UnknownColumn.New("Unknown column '%s' in 'policy'", vc.Name))
		}
		if vc.Expr == nil {
			same = same && c.ID == cols[i].ID
			p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: &rel.Col{ID: c.ID, Name: c.Name, T: c.T}})
			continue
		}
		same = false
		x := blk.clause("mask")
		e := leaveBlock(x.value(vc.Expr))
		if vc.SameType {
			e = x.cast(e, c.T)
		}
		p.Cols = append(p.Cols, rel.Computed{Column: rel.Column{ID: env.IDs.Next(), Name: c.Name, T: e.Type()}, Expr: e})
	}
	if !same {
		node = p
	}
	b.bound(node)
	return node, nil
}
