package bind

import (
	"strconv"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// block is one SELECT … FROM … being bound.
type block struct {
	b    *binder
	from *scope
	ctes *cteScope
	// using is the clause being bound now: it says whether an aggregate of a subquery may belong to this block.
	using *binding

	items   []*item
	groups  []*groupKey
	aggs    []rel.AggColumn
	windows []rel.WindowColumn
	named   map[string]*sqlparser.WindowDef
	depend  []dependency // functional dependencies between the columns of FROM

	grouped  bool
	implicit bool // grouped without GROUP BY
	own      map[rel.ColumnID]*scopeColumn
	known    map[rel.ColumnID]bool // columns that the GROUP BY determines
}

// item is one expression of the select list.
type item struct {
	expr  rel.Expr
	ast   sqlparser.Expr // nil for a column that * stands for
	alias bool           // the name was given by AS
	out   outColumn
}

func (b *binder) selectBlock(s *sqlparser.Select, outer *scope, ctes *cteScope, digits outDigits) *result {
	if s.Into != nil {
		unsupported("SELECT … INTO")
	}
	checkLock(s.Lock)
	if len(s.QueryOpts.DistinctOn) > 0 {
		unsupported("DISTINCT ON")
	}
	ctes = b.with(s.With, outer, ctes)
	blk := &block{b: b, ctes: ctes, named: map[string]*sqlparser.WindowDef{}}
	node := blk.bindFrom(s.From, outer)

	if s.Where != nil {
		pred := blk.clause("where clause").condition(s.Where.Expr)
		blk.addDependencies(pred)
		node = filter(node, pred)
	}
	blk.nameWindows(s.Window)
	blk.bindItems(s.SelectExprs, s.From == nil)
	blk.bindGroupBy(s.GroupBy)
	var having rel.Expr
	if s.Having != nil {
		x := blk.clause("having clause")
		x.aggregates, x.alias, x.onlyAlias = true, blk.havingName, true
		having = x.condition(s.Having.Expr)
	}
	order := blk.bindOrder(s.OrderBy)

	blk.implicit = len(blk.groups) == 0 && len(blk.aggs) > 0
	blk.grouped = len(blk.groups) > 0 || len(blk.aggs) > 0
	if blk.grouped {
		named := len(blk.groups)
		having, order = blk.group(having, order)
		groups := make([]rel.Computed, len(blk.groups))
		for i, g := range blk.groups {
			groups[i] = g.col
		}
		node = &rel.Aggregate{Input: node, Groups: groups, Aggs: blk.aggs, Implied: len(groups) - named}
	}
	if having != nil {
		node = filter(node, having)
	}
	if len(blk.windows) > 0 {
		node = &rel.Window{Input: node, Fns: blk.windows}
	}
	if s.QueryOpts.Distinct || len(blk.windows) > 0 || digits == keptIfMerged && (blk.grouped || s.Having != nil || s.Limit != nil || blk.selectsSubquery()) {
		digits = rounded
	}
	res := blk.project(node, s.QueryOpts.Distinct, order, digits)
	return b.limit(res, s.Limit)
}

// clause starts the binding of expressions of a clause over the FROM columns.
func (blk *block) clause(clause string) *binding {
	x := &binding{b: blk.b, block: blk, scope: blk.from, ctes: blk.ctes, clause: clause}
	blk.using = x
	return x
}

func filter(node rel.Node, pred rel.Expr) rel.Node {
	if l, ok := pred.(*rel.Lit); ok && l.Value == true {
		return node
	}
	return &rel.Filter{Input: node, Pred: pred}
}

func (blk *block) bindItems(exprs sqlparser.SelectExprs, noFrom bool) {
	for _, se := range exprs {
		switch e := se.(type) {
		case *sqlparser.StarExpr:
			database, table := e.TableName.DbQualifier.String(), e.TableName.Name.String()
			if noFrom && table == "" {
				fail(errNoTables.New("No tables used"))
			}
			cols := blk.from.star(database, table)
			if cols == nil && table != "" {
				fail(errUnknownTable.New("Unknown table '%s'", e.TableName.String()))
			}
			for _, c := range cols {
				blk.items = append(blk.items, &item{expr: c.expr(), out: c.output(c.Name)})
			}
		case *sqlparser.AliasedExpr:
			x := blk.clause("field list")
			x.aggregates, x.windows = true, true
			it := &item{expr: x.value(e.Expr), ast: e.Expr, alias: !e.As.IsEmpty()}
			it.out.Name = itemName(e)
			if _, isName := unparen(e.Expr).(*sqlparser.ColName); isName {
				if c, isCol := it.expr.(*rel.Col); isCol {
					if sc := blk.columnByID(c.ID); sc != nil {
						it.out = sc.output(it.out.Name)
					}
				}
			}
			blk.items = append(blk.items, it)
		default:
			unsupported("NEXT VALUE")
		}
	}
}

// output is the column as a query's output under a name.
func (c *scopeColumn) output(name string) outColumn {
	return outColumn{Column: rel.Column{Name: name}, database: c.database, table: c.table, orgTable: c.orgTable, orgName: c.orgName}
}

// itemName is the name of an output column: its alias, the column's name, or the expression's text.
func itemName(e *sqlparser.AliasedExpr) string {
	if !e.As.IsEmpty() {
		return e.As.String()
	}
	x := unparen(e.Expr)
	if u, ok := x.(*sqlparser.UnaryExpr); ok && u.Operator == sqlparser.UPlusStr {
		x = unparen(u.Expr) // the parser of MySQL drops the sign
	}
	switch c := x.(type) {
	case *sqlparser.ColName:
		if !strings.HasPrefix(c.Name.String(), "@") {
			return c.Name.String()
		}
	case *sqlparser.NullVal:
		return "NULL"
	}
	if v, ok := e.Expr.(*sqlparser.SQLVal); ok && v.Type == sqlparser.StrVal && !isTemporalText(e.InputExpression) {
		return string(v.Val)
	}
	if s := strings.TrimSpace(strings.TrimLeft(e.InputExpression, ", \t\r\n")); s != "" { // after t.* the text begins with its comma
		return s
	}
	return strings.ReplaceAll(sqlparser.String(e.Expr), "`", "")
}

// isTemporalText reports whether the text of a string constant is DATE'…' and its like, which keep their keyword in the column's name.
func isTemporalText(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, "date") || strings.HasPrefix(s, "time")
}

func unparen(e sqlparser.Expr) sqlparser.Expr {
	for {
		p, ok := e.(*sqlparser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

func (blk *block) columnByID(id rel.ColumnID) *scopeColumn {
	if blk.own == nil {
		blk.own = map[rel.ColumnID]*scopeColumn{}
		for _, c := range blk.from.cols {
			if c.value == nil {
				blk.own[c.ID] = c
			}
		}
	}
	return blk.own[id]
}

// itemNamed returns the select item that an unqualified name means as a whole, or nil.
func (blk *block) itemNamed(n name, clause string) *item {
	var found *item
	for _, it := range blk.items {
		if !strings.EqualFold(it.out.Name, n.column) {
			continue
		}
		if n.table != "" && (it.alias || it.out.orgName == "" && it.out.table == "" || !strings.EqualFold(it.out.table, n.table) ||
			n.database != "" && !strings.EqualFold(it.out.database, n.database)) {
			continue
		}
		if found != nil && !equal(found.expr, it.expr) {
			if found.alias == it.alias {
				fail(sqlerr.AmbiguousColumn.New("Column '%s' in %s is ambiguous", n, clause))
			}
			if found.alias {
				continue
			}
		}
		if found == nil || it.alias && !found.alias {
			found = it
		}
	}
	return found
}

// aliasValue is the select item's expression that a name inside another expression means, where FROM has no such column.
func (blk *block) aliasValue(n name) rel.Expr {
	if n.table != "" {
		return nil
	}
	if it := blk.itemNamed(n, "order clause"); it != nil {
		return blk.itemAgain(it)
	}
	return nil
}

// itemAgain is a select item's expression for a second use in the plan. One that holds a subquery is bound anew, unless the GROUP BY
// computes it.
func (blk *block) itemAgain(it *item) rel.Expr {
	if it.ast == nil || len(rel.Subqueries(it.expr)) == 0 {
		return it.expr
	}
	for _, g := range blk.groups {
		if equal(g.raw, it.expr) {
			return it.expr
		}
	}
	x := *blk.using
	x.alias, x.onlyAlias, x.aggregates, x.windows = nil, false, true, false
	return x.value(it.ast)
}

// sortTerm is one term of ORDER BY: a select item, or an expression of its own.
type sortTerm struct {
	item int // index, or -1
	expr rel.Expr
	desc bool
}

func (blk *block) bindOrder(order sqlparser.OrderBy) []sortTerm {
	var terms []sortTerm
	for _, o := range order {
		t := sortTerm{item: -1, desc: strings.EqualFold(o.Direction, sqlparser.DescScr)}
		if i, ok := position(o.Expr); ok {
			if i < 1 || i > len(blk.items) {
				fail(sqlerr.UnknownColumn.New("Unknown column '%d' in 'order clause'", i))
			}
			t.item = i - 1
			terms = append(terms, t)
			continue
		}
		if c, ok := o.Expr.(*sqlparser.ColName); ok && !strings.HasPrefix(c.Name.String(), "@") {
			if it := blk.itemNamed(nameOf(c), "order clause"); it != nil {
				t.item = blk.indexOf(it)
				terms = append(terms, t)
				continue
			}
		}
		x := blk.clause("order clause")
		x.aggregates, x.windows, x.alias = true, true, blk.aliasValue
		t.expr = x.value(o.Expr)
		if _, constant := t.expr.(*rel.Lit); constant {
			continue
		}
		for i, it := range blk.items {
			if equal(it.expr, t.expr) {
				t.item = i
			}
		}
		terms = append(terms, t)
	}
	return terms
}

func (blk *block) indexOf(it *item) int {
	for i := range blk.items {
		if blk.items[i] == it {
			return i
		}
	}
	return -1
}

// position is the number of an ORDER BY or GROUP BY term that is a plain integer.
func position(e sqlparser.Expr) (int, bool) {
	v, ok := e.(*sqlparser.SQLVal)
	if !ok || v.Type != sqlparser.IntVal {
		return 0, false
	}
	i, err := strconv.Atoi(string(v.Val))
	return i, err == nil
}

func nameOf(c *sqlparser.ColName) name {
	return name{database: c.Qualifier.DbQualifier.String(), table: c.Qualifier.Name.String(), column: c.Name.String()}
}
