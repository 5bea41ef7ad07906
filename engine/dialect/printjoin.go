package dialect

import (
	"fmt"
	"strings"

	"weir/engine/rel"
)

// join prints a join. Filters of the sides move to where they mean the same: into WHERE, or into ON for a side that gets NULLs.
func (p *printer) join(n *rel.Join) *block {
	left := p.node(n.Left)
	if left.stage > stageWhere || left.from == "" {
		left = p.derived(left)
	}
	if n.Kind == rel.FullJoin && len(left.where) > 0 {
		left = p.derived(left)
	}
	switch {
	case n.Kind == rel.FullJoin:
		left = p.columnsOnly(left)
	case n.Kind == rel.LeftJoin:
		left = p.withoutSubqueries(left)
	}
	if n.Kind == rel.SemiJoin || n.Kind == rel.AntiJoin {
		return p.semiJoin(n, left)
	}
	right := p.node(n.Right)
	if n.Lateral {
		right = p.lateral(right)
	} else {
		if right.stage > stageWhere || right.from == "" || n.Kind == rel.FullJoin && len(right.where) > 0 {
			right = p.derived(right)
		}
		if n.Kind != rel.InnerJoin {
			right = p.columnsOnly(p.withoutFilterSubqueries(right))
		}
		if n.Kind == rel.LeftJoin && p.d.LateralOuterOn && len(rel.Subqueries(n.On)) > 0 {
			return p.leftLateral(n, left, right)
		}
		if right.joined {
			right.from = "(" + right.from + ")"
		}
	}
	on := p.conjuncts(n.On)
	where := left.where
	switch n.Kind {
	case rel.InnerJoin:
		where = append(where, right.where...)
	default:
		on = append(on, right.where...)
	}
	b := &block{cols: n.Columns(), where: where, joined: true, from: p.joinText(n, left, right, on)}
	if len(where) > 0 {
		b.stage = stageWhere
	}
	return b
}

// joinText is the join in a FROM clause. Where the embedded engine should hold the left side in its hash table, the sides change places.
func (p *printer) joinText(n *rel.Join, left, right *block, on []string) string {
	word := map[rel.JoinKind]string{rel.InnerJoin: " INNER JOIN ", rel.LeftJoin: " LEFT JOIN ", rel.FullJoin: " FULL JOIN "}[n.Kind]
	if n.Kind == rel.InnerJoin && len(on) == 0 {
		return left.from + " CROSS JOIN " + right.from
	}
	if len(on) == 0 {
		on = []string{"1 = 1"}
	}
	condition := " ON " + strings.Join(on, " AND ")
	if n.Kind == rel.LeftJoin && n.BuildLeft && p.d.RightJoin {
		if left.joined {
			left.from = "(" + left.from + ")"
		}
		return right.from + " RIGHT JOIN " + left.from + condition
	}
	return left.from + word + right.from + condition
}

// columnsOnly makes a derived table of a side of an outer join that computes columns: above the join they would not become NULL.
func (p *printer) columnsOnly(b *block) *block {
	for _, c := range b.cols {
		if !p.env[c.ID].simple {
			return p.derived(b)
		}
	}
	return b
}

// withoutSubqueries makes a derived table of a block that computes columns by subqueries: DuckDB takes none in the ON of an outer join.
func (p *printer) withoutSubqueries(b *block) *block {
	for _, c := range b.cols {
		if e := p.env[c.ID]; !e.simple && strings.Contains(e.text, "(SELECT ") {
			return p.derived(b)
		}
	}
	return b
}

// withoutFilterSubqueries makes a derived table of a block that filters by subqueries, which would move into the ON of an outer join.
func (p *printer) withoutFilterSubqueries(b *block) *block {
	if strings.Contains(strings.Join(b.where, ""), "(SELECT ") {
		return p.derived(b)
	}
	return b
}

// leftLateral prints a left join whose condition has subqueries: the condition becomes the filter of a lateral table.
func (p *printer) leftLateral(n *rel.Join, left, right *block) *block {
	right.where = append(right.where, p.conjuncts(n.On)...)
	right.stage = stageWhere
	right = p.lateral(right)
	b := &block{cols: n.Columns(), where: left.where, joined: true, from: left.from + " LEFT JOIN " + right.from + " ON 1 = 1"}
	if len(b.where) > 0 {
		b.stage = stageWhere
	}
	return b
}

func (p *printer) lateral(b *block) *block {
	d := p.derived(b)
	d.from = "LATERAL " + d.from
	return d
}

// semiJoin prints a semi or anti join as [NOT] EXISTS.
func (p *printer) semiJoin(n *rel.Join, left *block) *block {
	right := p.node(n.Right)
	if right.stage > stageWhere || right.from == "" {
		right = p.derived(right)
	}
	right.where = append(right.where, p.conjuncts(n.On)...)
	text := p.exists(right)
	if n.Kind == rel.AntiJoin {
		text = "NOT " + text
	}
	left.where = append(left.where, text)
	left.stage, left.table = stageWhere, nil
	left.cols = n.Columns()
	return left
}

func (p *printer) setOp(n *rel.SetOp) *block {
	word := map[rel.SetOpKind]string{rel.Union: "UNION", rel.Intersect: "INTERSECT", rel.Except: "EXCEPT"}[n.Kind]
	if n.All {
		word += " ALL"
	}
	text := p.branch(n.Left, n.Cols) + " " + word + " " + p.branch(n.Right, n.Cols)
	alias := p.alias()
	for _, c := range n.Cols {
		p.env[c.ID] = entry{text: alias + "." + ColumnName(c.ID), simple: true, col: c}
	}
	return &block{from: "(" + text + ") AS " + alias, cols: n.Cols}
}

// branch prints one side of a set operation; its columns take the names and types of the result's.
func (p *printer) branch(n rel.Node, cols []rel.Column) string {
	b := p.node(n)
	in := n.Columns()
	if b.stage >= stageOrder || b.distinct || b.single && len(in) == 0 {
		b = p.derived(b)
	}
	items := make([]string, len(cols))
	for i, c := range cols {
		text := p.column(in[i].ID, in[i].Name, computeValue)
		items[i] = p.resultText(text, c.T) + " AS " + ColumnName(c.ID)
	}
	return b.text(p, items, "")
}

func (p *printer) recursive(n *rel.Recursive) *block {
	names := make([]string, len(n.Cols))
	for i := range n.Cols {
		names[i] = fmt.Sprintf("c%d", i+1)
	}
	word := " UNION "
	if n.All {
		word = " UNION ALL "
	}
	alias := p.alias()
	name := p.recursion(n.Ref)
	anchor, step := p.branch(n.Anchor, n.Cols), p.branch(n.Step, n.Cols)
	if p.d.Rounds != nil && n.MaxRounds != 0 {
		step = fmt.Sprintf("SELECT * FROM (%s) WHERE %s", step, p.d.Rounds(name, max(n.MaxRounds, 0)))
	}
	text := fmt.Sprintf("%s(%s) AS (%s%s%s)", name, join(names), anchor, word, step)
	for i, c := range n.Cols {
		p.env[c.ID] = entry{text: alias + "." + names[i], simple: true, col: c}
	}
	if p.d.Rounds != nil && selfContained(n) { // in a correlated subquery a round would count once for each row of the query around it
		p.with = append(p.with, text)
		return &block{from: name + " AS " + alias, cols: n.Cols}
	}
	return &block{from: fmt.Sprintf("(WITH RECURSIVE %s SELECT %s FROM %s) AS %s", text, join(names), name, alias), cols: n.Cols}
}

// recursion names a recursion. A plan may hold one twice: where a subquery stands in two places.
func (p *printer) recursion(ref int) string {
	if p.taken == nil {
		p.taken, p.recursions = map[string]bool{}, map[int]string{}
	}
	name := fmt.Sprintf("r%d", ref)
	for copies := 2; p.taken[name]; copies++ {
		name = fmt.Sprintf("r%d_%d", ref, copies)
	}
	p.taken[name], p.recursions[ref] = true, name
	return name
}

// selfContained reports whether a recursion reads nothing of the queries and recursions around it.
func selfContained(n *rel.Recursive) bool {
	made := map[int]bool{}
	rel.WalkNodes(n, func(x rel.Node) {
		if r, ok := x.(*rel.Recursive); ok {
			made[r.Ref] = true
		}
	})
	own := len(outerColumns(n)) == 0
	rel.WalkNodes(n, func(x rel.Node) {
		if r, ok := x.(*rel.RecursiveRef); ok {
			own = own && made[r.Ref]
		}
	})
	return own
}

func (p *printer) window(n *rel.Window) *block {
	b := p.node(n.Input)
	if b.stage >= stageWindow || b.single || b.stage >= stageGroup && p.d.LoneWindows {
		b = p.derived(b)
	}
	texts := make([]string, len(n.Fns))
	for i, f := range n.Fns {
		form, ok := p.d.Windows[f.Fn.Fn]
		if !ok {
			p.fail(fmt.Errorf("window function %s has no form", f.Fn.Fn))
			continue
		}
		texts[i] = p.write(func(w *Writer) {
			form.Print(w, &f.Fn)
			p.over(w, &f.Fn)
			if form.After != nil {
				form.After(w, &f.Fn)
			}
		})
	}
	for i, f := range n.Fns {
		p.env[f.ID] = entry{text: texts[i], col: f.Column}
	}
	b.cols, b.stage, b.table = n.Columns(), stageWindow, nil
	return b
}

func (p *printer) over(w *Writer, f *rel.WindowFn) {
	w.Raw(" OVER (")
	if len(f.Partition) > 0 {
		w.Raw("PARTITION BY ")
		w.List(f.Partition)
	}
	sep := " ORDER BY "
	for _, k := range f.OrderBy {
		w.Raw(sep)
		p.d.SortKey(w, p.exprText(k.Expr), k.Expr.Type(), k.Desc)
		sep = ", "
	}
	if f.Frame != nil {
		if f.Frame.Rows {
			w.Raw(" ROWS BETWEEN ")
		} else {
			w.Raw(" RANGE BETWEEN ")
		}
		p.bound(w, f.Frame.Start)
		w.Raw(" AND ")
		p.bound(w, f.Frame.End)
	}
	w.Raw(")")
}

func (p *printer) bound(w *Writer, b rel.FrameBound) {
	switch b.Kind {
	case rel.UnboundedPreceding:
		w.Raw("UNBOUNDED PRECEDING")
		return
	case rel.UnboundedFollowing:
		w.Raw("UNBOUNDED FOLLOWING")
		return
	case rel.CurrentRow:
		w.Raw("CURRENT ROW")
		return
	}
	if b.Unit != "" {
		if p.d.Interval == nil {
			w.Fail(fmt.Errorf("a window frame of %s has no form", b.Unit))
			return
		}
		p.d.Interval(w, b.Offset, b.Unit)
	} else {
		w.Expr(b.Offset)
	}
	if b.Kind == rel.Preceding {
		w.Raw(" PRECEDING")
	} else {
		w.Raw(" FOLLOWING")
	}
}
