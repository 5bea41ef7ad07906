package plan

import "weir/engine/rel"

// cutSteps cuts out the parts of the local plan that are worth computing before the rest: groups that are joined with a far larger
// fragment, whose keys can then travel into it. Such a step is a fragment of the embedded engine itself.
func (p *placer) cutSteps(n rel.Node) rel.Node {
	in := rel.Inputs(n)
	for i := range in {
		in[i] = p.cutSteps(in[i])
	}
	n = rel.WithInputs(n, in)
	j, ok := n.(*rel.Join)
	if !ok || j.Lateral || j.Kind != rel.InnerJoin && j.Kind != rel.SemiJoin {
		return n
	}
	c := *j
	if p.worthStep(j.Right, j.Left) {
		c.Right = p.step(j.Right)
	} else if j.Kind == rel.InnerJoin && p.worthStep(j.Left, j.Right) {
		c.Left = p.step(j.Left)
	}
	return &c
}

// worthStep reports whether a side of a join is a set of groups with far fewer rows than a fragment of the other side.
func (p *placer) worthStep(n, other rel.Node) bool {
	groups := n
	for {
		switch x := groups.(type) {
		case *rel.Filter:
			groups = x.Input
			continue
		case *rel.Project:
			groups = x.Input
			continue
		}
		break
	}
	if _, ok := groups.(*rel.Aggregate); !ok || len(free(n)) > 0 {
		return false
	}
	rows := p.est.of(n)
	large := false
	rel.WalkNodes(other, func(x rel.Node) {
		if v, ok := x.(*rel.View); ok {
			large = large || v.Rows > 10*rows
		}
	})
	return large
}

func (p *placer) step(n rel.Node) rel.Node {
	f := &Fragment{ID: len(p.frags) + 1, Root: n, Cols: n.Columns(), Rows: p.est.of(n)}
	rel.WalkNodes(n, func(x rel.Node) {
		if v, ok := x.(*rel.View); ok {
			f.Inputs = append(f.Inputs, v.Fragment)
		}
	})
	p.frags = append(p.frags, f)
	f.view = &rel.View{Fragment: f.ID, Cols: f.Cols, Rows: f.Rows}
	return f.view
}
