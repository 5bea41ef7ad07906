package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// cteScope is the common tables of one WITH clause that a query can see, innermost first.
type cteScope struct {
	parent *cteScope
	def    *cteDef
}

// cteDef is a common table. Each reference binds the body anew, so that every one has column ids of its own.
type cteDef struct {
	name      string
	names     sqlparser.Columns
	body      sqlparser.SelectStatement
	rows      *sqlparser.ValuesStatement // instead of body
	outer     *scope
	ctes      *cteScope // what the body can see
	recursive bool
	// while the step of a recursive one is bound:
	ref   int
	cols  []rel.Column
	reads int
}

func (s *cteScope) find(name string) *cteDef {
	for ; s != nil; s = s.parent {
		if s.def.name == name {
			return s.def
		}
	}
	return nil
}

// with adds the common tables of a WITH clause.
func (b *binder) with(w *sqlparser.With, outer *scope, ctes *cteScope) *cteScope {
	if w == nil {
		return ctes
	}
	seen := map[string]bool{}
	for _, c := range w.Ctes {
		def := &cteDef{name: c.As.String(), names: c.Columns, outer: outer}
		if seen[def.name] {
			fail(sqlerrDuplicate(def.name))
		}
		seen[def.name] = true
		switch body := c.Expr.(type) {
		case *sqlparser.Subquery:
			def.body = body.Select
		case *sqlparser.ValuesStatement:
			def.rows = body
		default:
			unsupported("this WITH clause")
		}
		def.recursive = w.Recursive && def.body != nil && reads(def.body, def.name)
		def.ctes = ctes
		ctes = &cteScope{parent: ctes, def: def}
	}
	return ctes
}

// reads reports whether a query reads a table by an unqualified name.
func reads(stmt sqlparser.SQLNode, name string) bool {
	found := false
	_ = Walk(func(n sqlparser.SQLNode) (bool, error) {
		if t, ok := n.(*sqlparser.AliasedTableExpr); ok {
			if tn, isName := t.Expr.(sqlparser.TableName); isName && tn.DbQualifier.IsEmpty() && tn.Name.String() == name {
				found = true
			}
		}
		return !found, nil
	}, stmt)
	return found
}

// commonTable binds a reference to a common table.
func (b *binder) commonTable(def *cteDef) *result {
	if def.cols != nil {
		def.reads++
		if def.reads > 1 {
			fail(errCTEOnce.New("In recursive query block of Recursive Common Table Expression '%s', the recursive table must be referenced only once, and not in any subquery", def.name))
		}
		n := &rel.RecursiveRef{Ref: def.ref}
		res := &result{node: n}
		for _, c := range def.cols {
			c.ID = b.newID()
			n.Cols = append(n.Cols, c)
			res.cols = append(res.cols, outColumn{Column: c})
		}
		return res
	}
	if def.recursive {
		return b.recursive(def)
	}
	if def.rows != nil {
		return b.values(def.rows, def.outer, def.ctes)
	}
	return b.statement(def.body, def.outer, def.ctes, keptIfMerged)
}

// branch is one SELECT of the union that a recursive common table is, with the operator before it.
type branch struct {
	op   string
	stmt sqlparser.SelectStatement
}

func branches(s sqlparser.SelectStatement, op string) []branch {
	if u, ok := s.(*sqlparser.SetOp); ok && u.OrderBy == nil && u.Limit == nil && u.With == nil && strings.HasPrefix(u.Type, sqlparser.UnionStr) {
		return append(branches(u.Left, op), branch{u.Type, u.Right})
	}
	return []branch{{op, s}}
}

// recursive binds a recursive common table. Its columns have the types of the anchor and may be NULL.
func (b *binder) recursive(def *cteDef) *result {
	if w := withOf(def.body); w != nil {
		unsupported("WITH inside the recursive common table %s", def.name)
	}
	body := def.body
	var limit *sqlparser.Limit
	if u, ok := body.(*sqlparser.SetOp); ok && (u.Limit != nil || u.OrderBy != nil) {
		if u.OrderBy != nil {
			unsupported("ORDER BY over the recursive common table %s", def.name)
		}
		c := *u
		c.Limit, limit = nil, u.Limit
		body = &c
	}
	parts := branches(body, "")
	if len(parts) < 2 {
		fail(errCTENotUnion.New("Recursive Common Table Expression '%s' should contain a UNION", def.name))
	}
	var anchor, step *result
	all := true
	ref := 0
	var cols []rel.Column
	for _, p := range parts {
		if !reads(p.stmt, def.name) {
			if step != nil {
				fail(errCTENoAnchor.New("Recursive Common Table Expression '%s' should have one or more non-recursive query blocks followed by one or more recursive ones", def.name))
			}
			r := b.statement(p.stmt, def.outer, def.ctes, rounded)
			if anchor == nil {
				anchor = r
			} else {
				anchor = b.combine(p.op, anchor, r)
			}
			continue
		}
		if anchor == nil {
			fail(errCTENoAnchor.New("Recursive Common Table Expression '%s' should have one or more non-recursive query blocks followed by one or more recursive ones", def.name))
		}
		if s, ok := p.stmt.(*sqlparser.Select); ok && (len(s.GroupBy) > 0 || s.OrderBy != nil || s.Limit != nil || s.QueryOpts.Distinct) {
			fail(errCTEForbids.New("Recursive Common Table Expression '%s' can contain neither aggregation nor window functions in recursive query block", def.name))
		}
		if ref == 0 {
			b.recursion++
			ref = b.recursion
			for i, c := range anchor.cols {
				if len(def.names) == len(anchor.cols) {
					c.Name = def.names[i].String()
				}
				t := plain(c.T)
				cols = append(cols, rel.Column{ID: b.newID(), Name: c.Name, T: t})
			}
		}
		all = all && p.op == sqlparser.UnionAllStr
		// The step sees the common table itself as the last round's rows.
		self := &cteDef{name: def.name, names: def.names, ref: ref, cols: cols}
		r := b.statement(p.stmt, def.outer, &cteScope{parent: def.ctes, def: self}, rounded)
		if aggregates(r.node) {
			fail(errCTEForbids.New("Recursive Common Table Expression '%s' can contain neither aggregation nor window functions in recursive query block", def.name))
		}
		if step == nil {
			step = r
		} else {
			step = b.combine(sqlparser.UnionAllStr, step, r)
		}
		if len(r.cols) != len(anchor.cols) {
			fail(sqlerrColumns())
		}
	}
	types := make([]rel.Type, len(cols))
	for i, c := range cols {
		types[i] = c.T
	}
	x := &binding{b: b}
	n := &rel.Recursive{Ref: ref, Anchor: x.castOutput(anchor, types), Step: x.castOutput(step, types), All: all, MaxRounds: b.maxRounds()}
	res := &result{node: n}
	for i, c := range cols {
		c.ID = b.newID()
		n.Cols = append(n.Cols, c)
		out := outColumn{Column: c}
		out.Name = anchor.cols[i].Name
		res.cols = append(res.cols, out)
	}
	return b.limit(res, limit)
}

// defaultRounds is MySQL's cte_max_recursion_depth.
const defaultRounds = 1000

// maxRounds is how many rounds a recursive common table may run.
func (b *binder) maxRounds() int64 {
	v, ok := b.env.Session.SystemVariable("", "cte_max_recursion_depth")
	if !ok || v == nil {
		return defaultRounds
	}
	switch n := v.Value.(type) {
	case int64:
		if n <= 0 {
			return -1
		}
		return n
	case uint64:
		if n == 0 {
			return -1
		}
		return int64(min(n, 1<<62))
	}
	return defaultRounds
}

// aggregates reports whether the outermost block of a query groups or has window functions.
func aggregates(n rel.Node) bool {
	for {
		switch x := n.(type) {
		case *rel.Project:
			n = x.Input
		case *rel.Filter:
			n = x.Input
		case *rel.Aggregate, *rel.Window:
			return true
		default:
			return false
		}
	}
}

func withOf(s sqlparser.SelectStatement) *sqlparser.With {
	switch s := s.(type) {
	case *sqlparser.Select:
		return s.With
	case *sqlparser.SetOp:
		return s.With
	}
	return nil
}
