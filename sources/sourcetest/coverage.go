package sourcetest

import (
	"fmt"
	"slices"
	"strings"

	"weir/engine/dialect"
	"weir/engine/plan"
	"weir/engine/rel"
)

// coverage collects what went to the source: scalar operators and functions, aggregates, window functions, constructs.
type coverage map[string]bool

func (c coverage) add(p *plan.Plan) {
	for _, f := range p.Fragments {
		rel.WalkNodes(f.Root, c.node)
		rel.WalkNodes(f.Root, func(n rel.Node) {
			for _, e := range rel.Exprs(n) {
				c.expr(e)
			}
		})
	}
}

func (c coverage) feature(f dialect.Feature) { c["feature "+string(f)] = true }

func (c coverage) node(n rel.Node) {
	switch n := n.(type) {
	case *rel.Values:
		c.feature(dialect.FeatureValues)
	case *rel.Filter:
		c.feature(dialect.FeatureFilter)
	case *rel.Project:
		c.feature(dialect.FeatureProject)
	case *rel.Join:
		c.feature(map[rel.JoinKind]dialect.Feature{rel.InnerJoin: dialect.FeatureInnerJoin, rel.LeftJoin: dialect.FeatureLeftJoin, rel.FullJoin: dialect.FeatureFullJoin,
			rel.SemiJoin: dialect.FeatureSemiJoin, rel.AntiJoin: dialect.FeatureSemiJoin}[n.Kind])
		if n.Lateral {
			c.feature(dialect.FeatureLateral)
		}
	case *rel.Aggregate:
		c.feature(dialect.FeatureAggregate)
		for _, a := range n.Aggs {
			c["aggregate "+a.Agg.Fn] = true
		}
	case *rel.Window:
		c.feature(dialect.FeatureWindow)
		for _, f := range n.Fns {
			c["window function "+f.Fn.Fn] = true
		}
	case *rel.Sort:
		c.feature(dialect.FeatureSort)
	case *rel.Limit:
		c.feature(dialect.FeatureLimit)
	case *rel.Distinct:
		c.feature(dialect.FeatureDistinct)
	case *rel.SetOp:
		c.feature(map[rel.SetOpKind]dialect.Feature{rel.Union: dialect.FeatureUnion, rel.Intersect: dialect.FeatureIntersect, rel.Except: dialect.FeatureExcept}[n.Kind])
	case *rel.Recursive:
		c.feature(dialect.FeatureRecursive)
	}
}

func (c coverage) expr(e rel.Expr) {
	switch e := e.(type) {
	case *rel.Call:
		c["form "+string(e.Op)] = true
		for _, a := range e.Args {
			c.expr(a)
		}
	case *rel.Subquery:
		if e.Kind == rel.AnySubquery || e.Kind == rel.AllSubquery {
			c.feature(dialect.FeatureQuantified)
		} else {
			c.feature(dialect.FeatureSubquery)
		}
		for _, a := range e.Left {
			c.expr(a)
		}
		inside := map[rel.ColumnID]bool{}
		rel.WalkNodes(e.Plan, func(n rel.Node) {
			for _, col := range n.Columns() {
				inside[col.ID] = true
			}
		})
		rel.WalkExprs(e.Plan, func(x rel.Expr) {
			rel.WalkCols(x, func(col *rel.Col) {
				if !inside[col.ID] {
					c.feature(dialect.FeatureCorrelated)
				}
			})
		})
	}
}

// missing are the abilities that a dialect declares and that nothing used.
func (c coverage) missing(d *dialect.Dialect) []string {
	var out []string
	want := func(kind, name string) {
		if !c[kind+" "+name] {
			out = append(out, fmt.Sprintf("%s %q", kind, name))
		}
	}
	for op := range d.Forms {
		want("form", string(op))
	}
	for fn := range d.Aggs {
		want("aggregate", fn)
	}
	for fn := range d.Windows {
		want("window function", fn)
	}
	for f, on := range d.Features {
		if on {
			want("feature", string(f))
		}
	}
	slices.Sort(out)
	return out
}

func (c coverage) check(d *dialect.Dialect) error {
	if m := c.missing(d); len(m) > 0 {
		return fmt.Errorf("declared, but no statement of the suite proves it: %s", strings.Join(m, ", "))
	}
	return nil
}
