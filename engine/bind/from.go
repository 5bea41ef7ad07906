package bind

import (
	"slices"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// bindFrom binds the FROM clause and sets the block's scope. Without one the input is a single row.
func (blk *block) bindFrom(from sqlparser.TableExprs, outer *scope) rel.Node {
	blk.from = newScope(outer, blk, nil)
	if len(from) == 0 {
		return &rel.Values{Rows: [][]rel.Expr{{}}}
	}
	f := blk.tables(from, outer)
	if len(f.tables) > maxTables {
		fail(sqlerr.TooManyTables.New("Too many tables; MySQL can only use %d tables in a join", maxTables))
	}
	seen := map[string]bool{}
	for _, t := range f.tables {
		if seen[t] {
			fail(sqlerr.DuplicateAlias.New("Not unique table/alias: '%s'", t[strings.IndexByte(t, '.')+1:]))
		}
		seen[t] = true
	}
	blk.from = newScope(outer, blk, f.cols)
	return f.node
}

// maxTables is MySQL's bound for one FROM clause.
const maxTables = 61

// fromPart is a part of a FROM clause.
type fromPart struct {
	node    rel.Node
	cols    []*scopeColumn
	tables  []string // database.alias
	lateral bool     // reads columns of what stands to its left
}

// tables binds a comma list. left is the scope that the first may read if it is lateral.
func (blk *block) tables(exprs sqlparser.TableExprs, left *scope) *fromPart {
	var f *fromPart
	for _, e := range exprs {
		if f == nil {
			f = blk.table(e, left)
			continue
		}
		f = blk.join(rel.InnerJoin, f, blk.table(e, newScope(left, blk, f.cols)), nil)
	}
	return f
}

func (blk *block) join(kind rel.JoinKind, l, r *fromPart, on rel.Expr) *fromPart {
	if kind == rel.LeftJoin || kind == rel.FullJoin {
		r.cols = nullable(r.cols)
	}
	if kind == rel.FullJoin {
		l.cols = nullable(l.cols)
	}
	return &fromPart{
		node:    &rel.Join{Kind: kind, Lateral: r.lateral, Left: l.node, Right: r.node, On: on},
		cols:    append(l.cols[:len(l.cols):len(l.cols)], r.cols...),
		tables:  append(l.tables, r.tables...),
		lateral: l.lateral,
	}
}

// nullable is the columns as the inner side of an outer join gives them.
func nullable(cols []*scopeColumn) []*scopeColumn {
	out := make([]*scopeColumn, len(cols))
	for i, c := range cols {
		n := *c
		n.T = c.T.Nullable()
		out[i] = &n
	}
	return out
}

// table binds one table expression; left is the scope that a lateral one may read.
func (blk *block) table(e sqlparser.TableExpr, left *scope) *fromPart {
	blk.b.enter()
	defer blk.b.leave()
	switch t := e.(type) {
	case *sqlparser.AliasedTableExpr:
		return blk.aliased(t, left)
	case *sqlparser.ParenTableExpr:
		return blk.tables(t.Exprs, left)
	case *sqlparser.JoinTableExpr:
		return blk.joined(t, left)
	case *sqlparser.JSONTableExpr:
		return blk.jsonTable(t, left)
	}
	unsupported("this table expression: %s", sqlparser.String(e))
	return nil
}

func (blk *block) aliased(t *sqlparser.AliasedTableExpr, left *scope) *fromPart {
	if t.AsOf != nil {
		unsupported("AS OF")
	}
	if len(t.Partitions) > 0 {
		unsupported("PARTITION (…) in FROM")
	}
	alias := t.As.String()
	switch src := t.Expr.(type) {
	case sqlparser.TableName:
		return blk.tableNamed(src, alias)
	case *sqlparser.Subquery:
		outer := blk.from.parent
		if t.Lateral {
			outer = left
		}
		return blk.derived(blk.b.statement(src.Select, outer, blk.ctes, keptIfMerged), alias, src.Columns, t.Lateral)
	case *sqlparser.ValuesStatement:
		if alias == "" {
			alias = " values" // VALUES as a statement of its own has no name
		}
		return blk.derived(blk.b.values(src, blk.from.parent, blk.ctes), alias, src.Columns, false)
	}
	unsupported("this table expression")
	return nil
}

// derived makes a derived table of a bound query.
func (blk *block) derived(res *result, alias string, names sqlparser.Columns, lateral bool) *fromPart {
	if alias == "" {
		fail(errDerivedAlias.New("Every derived table must have its own alias"))
	}
	if len(names) > 0 && len(names) != len(res.cols) {
		fail(errColumnList.New("In definition of view, derived table or common table expression, SELECT list and column names list have different column counts"))
	}
	f := &fromPart{node: res.node, tables: []string{"." + alias}, lateral: lateral}
	seen := map[string]bool{}
	var all []rel.ColumnID
	for i, c := range res.cols {
		column := c.Column
		if len(names) > 0 {
			column.Name = names[i].String()
		}
		if low := strings.ToLower(column.Name); seen[low] {
			fail(sqlerr.DuplicateColumn.New("Duplicate column name '%s'", column.Name))
		} else {
			seen[low] = true
		}
		f.cols = append(f.cols, &scopeColumn{Column: column, table: alias, ordinal: i})
		all = append(all, column.ID)
	}
	for _, k := range res.keys {
		blk.depend = append(blk.depend, dependency{from: k, to: all})
	}
	return f
}

// tableNamed binds a table or common table by name.
func (blk *block) tableNamed(t sqlparser.TableName, alias string) *fromPart {
	b := blk.b
	database, table := t.DbQualifier.String(), t.Name.String()
	if alias == "" {
		alias = table
	}
	if database == "" {
		if def := blk.ctes.find(table); def != nil {
			return blk.derived(b.commonTable(def), alias, def.names, false)
		}
		if strings.EqualFold(table, "dual") {
			return &fromPart{node: &rel.Values{Rows: [][]rel.Expr{{}}}}
		}
		if database = b.env.Session.Database(); database == "" {
			fail(sqlerr.NoDatabase.New("No database selected"))
		}
	}
	node, err := b.env.Tables.Scan(b.ctx, database, table, b.env.IDs)
	if err != nil {
		fail(err)
	}
	f := &fromPart{node: node, tables: []string{database + "." + alias}}
	var all []rel.ColumnID
	zone := b.zoneName()
	for i, c := range node.Columns() {
		column := &scopeColumn{Column: c, table: alias, database: database, orgTable: table, orgName: c.Name, ordinal: i}
		if c.T.Kind == rel.Timestamp && zone != utcName {
			column.zone = zone
		}
		f.cols = append(f.cols, column)
		all = append(all, c.ID)
	}
	for _, k := range uniqueKeys(node) {
		blk.depend = append(blk.depend, dependency{from: k, to: all})
	}
	return f
}

// uniqueKeys are the keys of the table that node reads, as far as node passes their columns on unchanged.
func uniqueKeys(node rel.Node) [][]rel.ColumnID {
	switch n := node.(type) {
	case *rel.Scan:
		return n.Unique
	case *rel.Filter:
		return uniqueKeys(n.Input)
	case *rel.Project:
		passed := map[rel.ColumnID]bool{}
		for _, c := range n.Cols {
			if col, ok := c.Expr.(*rel.Col); ok && col.ID == c.ID {
				passed[c.ID] = true
			}
		}
		var out [][]rel.ColumnID
	keys:
		for _, k := range uniqueKeys(n.Input) {
			for _, id := range k {
				if !passed[id] {
					continue keys
				}
			}
			out = append(out, k)
		}
		return out
	}
	return nil
}

// joined binds a JOIN.
func (blk *block) joined(t *sqlparser.JoinTableExpr, left *scope) *fromPart {
	l := blk.table(t.LeftExpr, left)
	rules := len(blk.depend)
	r := blk.table(t.RightExpr, newScope(left, blk, l.cols))
	kind, right, natural := rel.InnerJoin, false, false
	switch t.Join {
	case sqlparser.JoinStr, sqlparser.StraightJoinStr, "inner join", "cross join":
	case sqlparser.LeftJoinStr:
		kind = rel.LeftJoin
	case sqlparser.RightJoinStr:
		kind, right = rel.LeftJoin, true
	case sqlparser.NaturalJoinStr:
		natural = true
	case sqlparser.NaturalLeftJoinStr:
		kind, natural = rel.LeftJoin, true
	case sqlparser.NaturalRightJoinStr:
		kind, right, natural = rel.LeftJoin, true, true
	case sqlparser.FullOuterJoinStr:
		kind = rel.FullJoin
	case sqlparser.NaturalFullJoinStr:
		kind, natural = rel.FullJoin, true
	default:
		unsupported("%s", strings.ToUpper(t.Join))
	}
	if r.lateral && (right || kind == rel.FullJoin) {
		unsupported("LATERAL on the inner side of RIGHT or FULL JOIN")
	}
	switch {
	case right:
		blk.dropConstants(0, rules)
	case kind != rel.InnerJoin:
		blk.dropConstants(rules, len(blk.depend))
	}
	if kind == rel.FullJoin {
		blk.dropConstants(0, rules)
	}
	common := t.Condition.Using
	if natural {
		common = commonColumns(l.cols, r.cols)
	}
	var on rel.Expr
	var pairs []mergedColumn
	switch {
	case len(common) > 0:
		on, pairs = blk.usingCondition(common, l, r)
	case t.Condition.On != nil:
		x := &binding{b: blk.b, block: blk, ctes: blk.ctes, clause: "on clause",
			scope: newScope(blk.from.parent, blk, append(l.cols[:len(l.cols):len(l.cols)], r.cols...))}
		blk.using = x
		if on = x.condition(t.Condition.On); isTrue(on) {
			on = nil
		}
	}
	if kind == rel.InnerJoin {
		blk.addDependencies(on)
	} else if kind == rel.LeftJoin {
		inner := r.cols
		if right {
			inner = l.cols
		}
		blk.addOuterDependencies(on, inner)
	}
	var f *fromPart
	if right {
		f = blk.join(kind, r, l, on)
		if len(pairs) == 0 {
			// * keeps the order in which the tables are written. NATURAL and USING have that of the equivalent LEFT JOIN.
			n := len(r.cols)
			f.cols = append(f.cols[n:len(f.cols):len(f.cols)], f.cols[:n]...)
		}
	} else {
		f = blk.join(kind, l, r, on)
	}
	if len(pairs) > 0 {
		blk.mergeColumns(f, pairs, right, kind == rel.FullJoin)
	}
	return f
}

func isTrue(e rel.Expr) bool {
	l, ok := e.(*rel.Lit)
	return ok && l.Value == true
}

// commonColumns are the names that both sides of a NATURAL JOIN have, in the left side's order.
func commonColumns(l, r []*scopeColumn) sqlparser.Columns {
	var out sqlparser.Columns
	for _, c := range l {
		if c.merged {
			continue
		}
		for _, d := range r {
			if !d.merged && strings.EqualFold(c.Name, d.Name) {
				out = append(out, sqlparser.NewColIdent(c.Name))
				break
			}
		}
	}
	return out
}

// mergedColumn is a pair of columns that USING makes one.
type mergedColumn struct{ left, right rel.ColumnID }

// usingCondition makes the condition of a USING clause.
func (blk *block) usingCondition(names sqlparser.Columns, l, r *fromPart) (rel.Expr, []mergedColumn) {
	ls, rs := newScope(nil, blk, l.cols), newScope(nil, blk, r.cols)
	x := &binding{b: blk.b, block: blk, ctes: blk.ctes, clause: "from clause", scope: ls}
	var conds []rel.Expr
	var pairs []mergedColumn
	for _, n := range names {
		lc, rc := ls.find(name{column: n.String()}, "from clause"), rs.find(name{column: n.String()}, "from clause")
		if lc == nil || rc == nil {
			fail(sqlerr.UnknownColumn.New("Unknown column '%s' in 'from clause'", n.String()))
		}
		conds = append(conds, x.compare(rel.OpEq, lc.expr(), rc.expr()))
		pairs = append(pairs, mergedColumn{lc.ID, rc.ID})
	}
	return and(conds), pairs
}

// mergeColumns reorders the columns after a NATURAL or USING join: the common ones first, each once and in the outer side's order, then
// the rest. The one that
// counts is that of the outer side, so that it is never NULL where the other isn't; a full join computes it.
func (blk *block) mergeColumns(f *fromPart, pairs []mergedColumn, right, full bool) {
	byID, place := map[rel.ColumnID]*scopeColumn{}, map[rel.ColumnID]int{}
	for i, c := range f.cols {
		byID[c.ID], place[c.ID] = c, i
	}
	slices.SortStableFunc(pairs, func(a, b mergedColumn) int {
		if right {
			return place[a.right] - place[b.right]
		}
		return place[a.left] - place[b.left]
	})
	gone := map[rel.ColumnID]bool{}
	var first, rest []*scopeColumn
	var p *projection
	if full {
		p = pass(blk.b, f.node)
	}
	for _, m := range pairs {
		winner, loser := byID[m.left], byID[m.right]
		if right {
			winner, loser = loser, winner
		}
		gone[m.left], gone[m.right] = true, true
		if full {
			x := &binding{b: blk.b, block: blk, ctes: blk.ctes, clause: "from clause"}
			both := p.add(x.coalesce([]rel.Expr{winner.expr(), loser.expr()}), winner.Name)
			hidden := *winner
			hidden.merged = true
			rest = append(rest, &hidden)
			winner = &scopeColumn{Column: both}
		}
		first = append(first, winner)
		hidden := *loser
		hidden.merged = true
		rest = append(rest, &hidden)
	}
	if full {
		f.node = &rel.Project{Input: f.node, Cols: p.cols}
	}
	for _, c := range f.cols {
		if !gone[c.ID] {
			first = append(first, c)
		}
	}
	f.cols = append(first, rest...)
}
