package bind

import (
	"strconv"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// project puts the select list over node, then DISTINCT and ORDER BY.
func (blk *block) project(node rel.Node, distinct bool, order []sortTerm, digits outDigits) *result {
	if blk.implicit {
		order = nil // one row
	}
	b := blk.b
	res := &result{}
	p := &projection{b: b, taken: map[rel.ColumnID]bool{}, input: idSet(node)}
	for _, it := range blk.items {
		e := asValue(it.expr)
		if digits == rounded {
			e = leaveBlock(e)
		}
		c := p.add(e, it.out.Name)
		it.out.Column = c
		res.cols = append(res.cols, it.out)
	}
	var keys []rel.SortKey
	if distinct {
		node = &rel.Distinct{Input: &rel.Project{Input: node, Cols: p.cols}}
		res.keys = append(res.keys, columnIDs(p.columns()))
		p = pass(b, node)
	} else {
		res.keys = blk.outputKeys()
	}
	for i, t := range order {
		e := t.expr
		if t.item >= 0 {
			c := blk.items[t.item].out.Column
			e = &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
		} else {
			if distinct {
				e = blk.overOutput(e, i)
			}
			c := p.add(leaveBlock(e), sortName(e))
			e = &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
		}
		keys = append(keys, rel.SortKey{Expr: e, Desc: t.desc})
	}
	if !distinct || len(p.cols) > len(res.cols) {
		node = &rel.Project{Input: node, Cols: p.cols}
	}
	if len(keys) > 0 {
		node = &rel.Sort{Input: node, Keys: keys}
	}
	res.node = node
	return res
}

// selectsSubquery reports whether the select list holds a subquery, which keeps MySQL from merging the query as a derived table.
func (blk *block) selectsSubquery() bool {
	for _, it := range blk.items {
		if len(rel.Subqueries(it.expr)) > 0 {
			return true
		}
	}
	return false
}

// overOutput rewrites an ORDER BY expression of a SELECT DISTINCT over the select list.
func (blk *block) overOutput(e rel.Expr, term int) rel.Expr {
	return rewrite(e, func(e rel.Expr) (rel.Expr, bool) {
		for _, it := range blk.items {
			if equal(it.expr, e) {
				return &rel.Col{ID: it.out.ID, Name: it.out.Name, T: it.out.T}, true
			}
		}
		if c, ok := e.(*rel.Col); ok {
			if sc := blk.columnByID(c.ID); sc != nil {
				fail(errOrderDistinct.New("Expression #%d of ORDER BY clause is not in SELECT list, references column '%s' which is not in SELECT list; this is incompatible with DISTINCT", term+1, sc.fullName()))
			}
		}
		return e, false
	})
}

// limit applies LIMIT and drops the columns that only ORDER BY needed.
func (b *binder) limit(res *result, l *sqlparser.Limit) *result {
	if l != nil {
		n := &rel.Limit{Input: res.node, Count: rel.NoLimit}
		if l.Rowcount != nil {
			n.Count = b.limitValue(l.Rowcount)
		}
		if l.Offset != nil {
			n.Offset = b.limitValue(l.Offset)
		}
		res.node = n
	}
	if cols := res.node.Columns(); len(cols) > len(res.cols) {
		p := &projection{b: b, taken: map[rel.ColumnID]bool{}, input: idSet(res.node)}
		for _, c := range cols[:len(res.cols)] {
			p.add(&rel.Col{ID: c.ID, Name: c.Name, T: c.T}, c.Name)
		}
		res.node = &rel.Project{Input: res.node, Cols: p.cols}
	}
	return res
}

func (b *binder) limitValue(e sqlparser.Expr) int64 {
	if v, ok := e.(*sqlparser.SQLVal); ok {
		switch v.Type {
		case sqlparser.IntVal:
			if n, err := strconv.ParseUint(string(v.Val), 10, 64); err == nil {
				return int64(min(n, 1<<63-1))
			}
		case sqlparser.ValArg:
			switch n := b.argument(v).Value.(type) {
			case int64:
				if n >= 0 {
					return n
				}
			case uint64:
				return int64(min(n, 1<<63-1))
			case nil: // arguments are not known yet when a statement is only described
				return 0
			}
		}
	}
	fail(errWrongArgument.New("Incorrect arguments to LIMIT"))
	return 0
}

// projection collects the columns of a Project.
type projection struct {
	b     *binder
	cols  []rel.Computed
	input map[rel.ColumnID]bool
	taken map[rel.ColumnID]bool
}

// add adds a column; one that is only passed on keeps its id, the first time.
func (p *projection) add(e rel.Expr, name string) rel.Column {
	c := rel.Column{Name: name, T: e.Type()}
	if col, ok := e.(*rel.Col); ok && p.input[col.ID] && !p.taken[col.ID] {
		c.ID = col.ID
	} else {
		c.ID = p.b.newID()
	}
	p.taken[c.ID] = true
	p.cols = append(p.cols, rel.Computed{Column: c, Expr: e})
	return c
}

func (p *projection) columns() []rel.Column {
	out := make([]rel.Column, len(p.cols))
	for i, c := range p.cols {
		out[i] = c.Column
	}
	return out
}

// pass is a projection that passes on all columns of node.
func pass(b *binder, node rel.Node) *projection {
	p := &projection{b: b, taken: map[rel.ColumnID]bool{}, input: idSet(node)}
	for _, c := range node.Columns() {
		p.add(&rel.Col{ID: c.ID, Name: c.Name, T: c.T}, c.Name)
	}
	return p
}

func idSet(node rel.Node) map[rel.ColumnID]bool {
	set := map[rel.ColumnID]bool{}
	for _, c := range node.Columns() {
		set[c.ID] = true
	}
	return set
}

func columnIDs(cols []rel.Column) []rel.ColumnID {
	out := make([]rel.ColumnID, len(cols))
	for i, c := range cols {
		out[i] = c.ID
	}
	return out
}

// sortName is the name of a column that only ORDER BY needs.
func sortName(e rel.Expr) string {
	if c, ok := e.(*rel.Col); ok {
		return c.Name
	}
	return "sort"
}
