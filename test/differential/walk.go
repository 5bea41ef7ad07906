package differential

// visit calls f for every expression and every query below a query, parents first.
func (q *query) visit(onQuery func(*query), onExpr func(*expr)) {
	if onQuery != nil {
		onQuery(q)
	}
	for _, c := range q.with {
		c.q.visit(onQuery, onExpr)
	}
	if q.op != "" {
		q.left.visit(onQuery, onExpr)
		q.right.visit(onQuery, onExpr)
	}
	q.from.visit(onQuery, onExpr)
	for _, slot := range q.slots() {
		(*slot).visit(onQuery, onExpr)
	}
}

// slots are the places of a query that hold its own expressions.
func (q *query) slots() []**expr {
	var out []**expr
	add := func(e **expr) {
		if *e != nil {
			out = append(out, e)
		}
	}
	for _, it := range q.items {
		add(&it.e)
	}
	add(&q.where)
	for i := range q.group {
		add(&q.group[i])
	}
	add(&q.having)
	for _, o := range q.order {
		add(&o.e)
	}
	return out
}

func (e *expr) visit(onQuery func(*query), onExpr func(*expr)) {
	if onExpr != nil {
		onExpr(e)
	}
	for _, p := range e.parts {
		switch x := p.(type) {
		case *expr:
			x.visit(onQuery, onExpr)
		case *query:
			x.visit(onQuery, onExpr)
		}
	}
}

func (f *from) visit(onQuery func(*query), onExpr func(*expr)) {
	switch {
	case f == nil:
	case f.join != "":
		f.left.visit(onQuery, onExpr)
		f.right.visit(onQuery, onExpr)
		if f.on != nil {
			f.on.visit(onQuery, onExpr)
		}
	case f.q != nil:
		f.q.visit(onQuery, onExpr)
	}
}

// clone copies a query and everything below it.
func (q *query) clone() *query {
	if q == nil {
		return nil
	}
	c := *q
	c.with = nil
	for _, w := range q.with {
		c.with = append(c.with, &cte{w.name, w.columns, w.q.clone()})
	}
	c.left, c.right = q.left.clone(), q.right.clone()
	c.items = nil
	for _, it := range q.items {
		i := *it
		i.e = it.e.clone()
		c.items = append(c.items, &i)
	}
	c.from = q.from.clone()
	c.where, c.having = q.where.clone(), q.having.clone()
	c.group = nil
	for _, e := range q.group {
		c.group = append(c.group, e.clone())
	}
	c.order = nil
	for _, o := range q.order {
		t := *o
		t.e = o.e.clone()
		c.order = append(c.order, &t)
	}
	return &c
}

func (e *expr) clone() *expr {
	if e == nil {
		return nil
	}
	c := *e
	c.parts = make([]any, len(e.parts))
	for i, p := range e.parts {
		switch x := p.(type) {
		case *expr:
			c.parts[i] = x.clone()
		case *query:
			c.parts[i] = x.clone()
		default:
			c.parts[i] = p
		}
	}
	return &c
}

func (f *from) clone() *from {
	if f == nil {
		return nil
	}
	c := *f
	c.q, c.left, c.right, c.on = f.q.clone(), f.left.clone(), f.right.clone(), f.on.clone()
	return &c
}
