package bind

import (
	"strconv"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// setOp binds UNION, INTERSECT and EXCEPT.
func (b *binder) setOp(s *sqlparser.SetOp, outer *scope, ctes *cteScope) *result {
	if s.Into != nil {
		unsupported("SELECT … INTO")
	}
	checkLock(s.Lock)
	ctes = b.with(s.With, outer, ctes)
	// The result is stored with the scale that both sides have in common, so that digits beyond the scale of one side may still count.
	l, r := b.statement(s.Left, outer, ctes, kept), b.statement(s.Right, outer, ctes, kept)
	res := b.combine(s.Type, l, r)
	if len(s.OrderBy) > 0 {
		res = b.orderSetOp(res, s.OrderBy, outer, ctes)
	}
	return b.limit(res, s.Limit)
}

// combine makes the columns of two queries one type each and puts the set operation over them.
func (b *binder) combine(op string, l, r *result) *result {
	if len(l.cols) != len(r.cols) {
		fail(sqlerr.SetOpColumns.New("The used SELECT statements have a different number of columns"))
	}
	n := &rel.SetOp{All: strings.HasSuffix(op, " all")}
	switch {
	case strings.HasPrefix(op, sqlparser.UnionStr):
		n.Kind = rel.Union
	case strings.HasPrefix(op, sqlparser.IntersectStr):
		n.Kind = rel.Intersect
	default:
		n.Kind = rel.Except
	}
	types := make([]rel.Type, len(l.cols))
	x := &binding{b: b}
	res := &result{node: n}
	for i := range l.cols {
		lc, rc := outputExpr(l, i), outputExpr(r, i)
		types[i] = x.common([]rel.Expr{lc, rc})
		types[i].Inner = 0
		types[i].NotNull = lc.Type().NotNull && (rc.Type().NotNull || n.Kind == rel.Except)
		c := rel.Column{ID: b.newID(), Name: l.cols[i].Name, T: types[i]}
		n.Cols = append(n.Cols, c)
		res.cols = append(res.cols, outColumn{Column: c})
	}
	n.Left, n.Right = x.castOutput(l, types), x.castOutput(r, types)
	if !n.All {
		res.keys = [][]rel.ColumnID{columnIDs(n.Cols)}
	}
	return res
}

// outputExpr is column i of a query as an expression: the expression behind it where that is a constant, whose digits count for the
// common type.
func outputExpr(r *result, i int) rel.Expr {
	c := r.cols[i]
	if p, ok := r.node.(*rel.Project); ok && i < len(p.Cols) && p.Cols[i].ID == c.ID {
		if l, isLit := p.Cols[i].Expr.(*rel.Lit); isLit {
			return l
		}
	}
	return &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
}

// castOutput is the query with its columns cast to types, and only them.
func (x *binding) castOutput(r *result, types []rel.Type) rel.Node {
	p := &projection{b: x.b, taken: map[rel.ColumnID]bool{}, input: idSet(r.node)}
	changed := len(r.node.Columns()) != len(r.cols)
	for i, c := range r.cols {
		col := &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
		e := x.cast(col, types[i])
		changed = changed || e != rel.Expr(col)
		p.add(e, c.Name)
	}
	if !changed {
		return r.node
	}
	return &rel.Project{Input: r.node, Cols: p.cols}
}

// orderSetOp applies the ORDER BY of a set operation, which sees only the output columns.
func (b *binder) orderSetOp(res *result, order sqlparser.OrderBy, outer *scope, ctes *cteScope) *result {
	blk := &block{b: b, ctes: ctes, named: map[string]*sqlparser.WindowDef{}}
	var cols []*scopeColumn
	for i, c := range res.cols {
		cols = append(cols, &scopeColumn{Column: c.Column, ordinal: i})
		blk.items = append(blk.items, &item{expr: &rel.Col{ID: c.ID, Name: c.Name, T: c.T}, out: c})
	}
	blk.from = newScope(outer, blk, cols)
	p := pass(b, res.node)
	var keys []rel.SortKey
	for _, t := range blk.bindOrder(order) {
		e := t.expr
		if t.item >= 0 {
			e = blk.items[t.item].expr
		} else {
			c := p.add(leaveBlock(e), sortName(e))
			e = &rel.Col{ID: c.ID, T: c.T}
		}
		keys = append(keys, rel.SortKey{Expr: e, Desc: t.desc})
	}
	if len(blk.aggs) > 0 || len(blk.windows) > 0 {
		fail(sqlerr.Kind{Code: 3028, State: "HY000"}.New("Expression #1 of ORDER BY contains aggregate function and applies to a UNION, EXCEPT or INTERSECT"))
	}
	node := res.node
	if len(p.cols) > len(res.cols) {
		node = &rel.Project{Input: node, Cols: p.cols}
	}
	if len(keys) > 0 {
		node = &rel.Sort{Input: node, Keys: keys}
	}
	return &result{node: node, cols: res.cols, keys: res.keys}
}

// values binds VALUES ROW(…), ROW(…).
func (b *binder) values(s *sqlparser.ValuesStatement, outer *scope, ctes *cteScope) *result {
	blk := &block{b: b, ctes: ctes, named: map[string]*sqlparser.WindowDef{}}
	blk.from = newScope(outer, blk, nil)
	x := blk.clause("field list")
	n := &rel.Values{}
	for i, r := range s.Rows {
		if len(r) != len(s.Rows[0]) {
			fail(errValuesRows.New("Column count doesn't match value count at row %d", i+1))
		}
		row := x.values(r...)
		for j := range row {
			row[j] = leaveBlock(row[j])
		}
		n.Rows = append(n.Rows, row)
	}
	res := &result{node: n}
	for j := range s.Rows[0] {
		column := make([]rel.Expr, len(n.Rows))
		for i := range n.Rows {
			column[i] = n.Rows[i][j]
		}
		t := x.common(column)
		t.NotNull = true
		for i := range n.Rows {
			t.NotNull = t.NotNull && column[i].Type().NotNull
			n.Rows[i][j] = x.cast(column[i], t)
		}
		c := rel.Column{ID: b.newID(), Name: "column_" + strconv.Itoa(j), T: t}
		n.Cols = append(n.Cols, c)
		res.cols = append(res.cols, outColumn{Column: c})
	}
	return res
}
