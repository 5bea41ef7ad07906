package rel

// Conjuncts splits a predicate at its ANDs. Nil gives none.
func Conjuncts(e Expr) []Expr {
	if e == nil {
		return nil
	}
	if c, ok := e.(*Call); ok && c.Op == OpAnd {
		var out []Expr
		for _, a := range c.Args {
			out = append(out, Conjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}

// And joins predicates; nil if there are none.
func And(es ...Expr) Expr {
	var flat []Expr
	for _, e := range es {
		flat = append(flat, Conjuncts(e)...)
	}
	switch len(flat) {
	case 0:
		return nil
	case 1:
		return flat[0]
	}
	return &Call{Op: OpAnd, Args: flat, T: BoolType}
}

// WalkCols calls f for every column that an expression reads, those read inside subqueries included.
func WalkCols(e Expr, f func(*Col)) {
	switch e := e.(type) {
	case *Col:
		f(e)
	case *Call:
		for _, a := range e.Args {
			WalkCols(a, f)
		}
	case *Subquery:
		for _, a := range e.Left {
			WalkCols(a, f)
		}
		WalkExprs(e.Plan, func(x Expr) { WalkCols(x, f) })
	}
}

// Exprs returns the expressions of one node, not those of its inputs.
func Exprs(n Node) []Expr {
	var out []Expr
	keys := func(ks []SortKey) {
		for _, k := range ks {
			out = append(out, k.Expr)
		}
	}
	switch n := n.(type) {
	case *Values:
		for _, r := range n.Rows {
			out = append(out, r...)
		}
	case *Filter:
		out = append(out, n.Pred)
	case *Project:
		for _, c := range n.Cols {
			out = append(out, c.Expr)
		}
	case *Join:
		if n.On != nil {
			out = append(out, n.On)
		}
	case *Aggregate:
		for _, g := range n.Groups {
			out = append(out, g.Expr)
		}
		for _, a := range n.Aggs {
			out = append(out, a.Agg.Args...)
			keys(a.Agg.OrderBy)
		}
	case *Window:
		for _, w := range n.Fns {
			out = append(out, w.Fn.Args...)
			out = append(out, w.Fn.Partition...)
			keys(w.Fn.OrderBy)
		}
	case *Sort:
		keys(n.Keys)
	case *JSONTable:
		out = append(out, n.Doc)
	}
	return out
}

// Inputs returns the inputs of a node.
func Inputs(n Node) []Node {
	switch n := n.(type) {
	case *Filter:
		return []Node{n.Input}
	case *Project:
		return []Node{n.Input}
	case *Join:
		return []Node{n.Left, n.Right}
	case *Aggregate:
		return []Node{n.Input}
	case *Window:
		return []Node{n.Input}
	case *Sort:
		return []Node{n.Input}
	case *Limit:
		return []Node{n.Input}
	case *Distinct:
		return []Node{n.Input}
	case *SetOp:
		return []Node{n.Left, n.Right}
	case *Recursive:
		return []Node{n.Anchor, n.Step}
	}
	return nil
}

// WithInputs returns a copy of a node with other inputs, as many as Inputs gives; leaves are returned as they are.
func WithInputs(n Node, in []Node) Node {
	switch n := n.(type) {
	case *Filter:
		c := *n
		c.Input = in[0]
		return &c
	case *Project:
		c := *n
		c.Input = in[0]
		return &c
	case *Join:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *Aggregate:
		c := *n
		c.Input = in[0]
		return &c
	case *Window:
		c := *n
		c.Input = in[0]
		return &c
	case *Sort:
		c := *n
		c.Input = in[0]
		return &c
	case *Limit:
		c := *n
		c.Input = in[0]
		return &c
	case *Distinct:
		c := *n
		c.Input = in[0]
		return &c
	case *SetOp:
		c := *n
		c.Left, c.Right = in[0], in[1]
		return &c
	case *Recursive:
		c := *n
		c.Anchor, c.Step = in[0], in[1]
		return &c
	}
	return n
}

// WalkNodes calls f for a node and everything below it, plans of subqueries included, parents first.
func WalkNodes(n Node, f func(Node)) {
	f(n)
	for _, e := range Exprs(n) {
		walkSubqueries(e, func(s *Subquery) { WalkNodes(s.Plan, f) })
	}
	for _, in := range Inputs(n) {
		WalkNodes(in, f)
	}
}

// WalkExprs calls f for the expressions of a node and everything below it; those of subqueries are reached by f itself.
func WalkExprs(n Node, f func(Expr)) {
	for _, e := range Exprs(n) {
		f(e)
	}
	for _, in := range Inputs(n) {
		WalkExprs(in, f)
	}
}

func walkSubqueries(e Expr, f func(*Subquery)) {
	switch e := e.(type) {
	case *Call:
		for _, a := range e.Args {
			walkSubqueries(a, f)
		}
	case *Subquery:
		for _, a := range e.Left {
			walkSubqueries(a, f)
		}
		f(e)
	}
}

// Subqueries returns the outermost subqueries of an expression.
func Subqueries(e Expr) []*Subquery {
	var out []*Subquery
	walkSubqueries(e, func(s *Subquery) { out = append(out, s) })
	return out
}

// MapExpr rebuilds an expression bottom-up: f gets each part with its operands already rebuilt. Plans of subqueries are mapped with
// MapNodeExprs, so that correlated columns are reached too.
func MapExpr(e Expr, f func(Expr) Expr) Expr {
	switch x := e.(type) {
	case nil:
		return nil
	case *Call:
		args, changed := mapList(x.Args, f)
		if changed {
			c := *x
			c.Args = args
			return f(&c)
		}
	case *Subquery:
		c := *x
		c.Left, _ = mapList(x.Left, f)
		c.Plan = MapNodeExprs(x.Plan, f)
		return f(&c)
	}
	return f(e)
}

func mapList(es []Expr, f func(Expr) Expr) ([]Expr, bool) {
	if len(es) == 0 {
		return es, false
	}
	out := make([]Expr, len(es))
	changed := false
	for i, e := range es {
		out[i] = MapExpr(e, f)
		changed = changed || out[i] != e
	}
	if !changed {
		return es, false
	}
	return out, true
}

// MapPlans replaces the plans of the outermost subqueries of an expression.
func MapPlans(e Expr, f func(Node) Node) Expr {
	switch x := e.(type) {
	case *Call:
		if len(Subqueries(x)) == 0 {
			return x
		}
		c := *x
		c.Args = make([]Expr, len(x.Args))
		for i, a := range x.Args {
			c.Args[i] = MapPlans(a, f)
		}
		return &c
	case *Subquery:
		c := *x
		c.Plan = f(x.Plan)
		c.Left = make([]Expr, len(x.Left))
		for i, a := range x.Left {
			c.Left[i] = MapPlans(a, f)
		}
		return &c
	}
	return e
}

// MapNodeExprs rebuilds all expressions of a plan with MapExpr.
func MapNodeExprs(n Node, f func(Expr) Expr) Node {
	in := Inputs(n)
	out := make([]Node, len(in))
	for i := range in {
		out[i] = MapNodeExprs(in[i], f)
	}
	return ReplaceExprs(WithInputs(n, out), func(e Expr) Expr { return MapExpr(e, f) })
}

// ReplaceExprs replaces each of the expressions of one node, as a whole, not those of its inputs.
func ReplaceExprs(n Node, m func(Expr) Expr) Node {
	list := func(es []Expr) []Expr {
		out := make([]Expr, len(es))
		for i, e := range es {
			out[i] = m(e)
		}
		return out
	}
	keys := func(ks []SortKey) []SortKey {
		out := make([]SortKey, len(ks))
		for i, k := range ks {
			out[i] = SortKey{Expr: m(k.Expr), Desc: k.Desc}
		}
		return out
	}
	switch n := n.(type) {
	case *Values:
		c := *n
		c.Rows = make([][]Expr, len(n.Rows))
		for i, r := range n.Rows {
			c.Rows[i] = list(r)
		}
		return &c
	case *Filter:
		c := *n
		c.Pred = m(n.Pred)
		return &c
	case *Project:
		c := *n
		c.Cols = make([]Computed, len(n.Cols))
		for i, x := range n.Cols {
			c.Cols[i] = Computed{Column: x.Column, Expr: m(x.Expr)}
		}
		return &c
	case *Join:
		c := *n
		if n.On != nil {
			c.On = m(n.On)
		}
		return &c
	case *Aggregate:
		c := *n
		c.Groups = make([]Computed, len(n.Groups))
		for i, x := range n.Groups {
			c.Groups[i] = Computed{Column: x.Column, Expr: m(x.Expr)}
		}
		c.Aggs = make([]AggColumn, len(n.Aggs))
		for i, x := range n.Aggs {
			x.Agg.Args = list(x.Agg.Args)
			x.Agg.OrderBy = keys(x.Agg.OrderBy)
			c.Aggs[i] = x
		}
		return &c
	case *Window:
		c := *n
		c.Fns = make([]WindowColumn, len(n.Fns))
		for i, x := range n.Fns {
			x.Fn.Args, x.Fn.Partition, x.Fn.OrderBy = list(x.Fn.Args), list(x.Fn.Partition), keys(x.Fn.OrderBy)
			c.Fns[i] = x
		}
		return &c
	case *Sort:
		c := *n
		c.Keys = keys(n.Keys)
		return &c
	case *JSONTable:
		c := *n
		c.Doc = m(n.Doc)
		return &c
	}
	return n
}
