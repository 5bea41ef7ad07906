package plan

import (
	"fmt"
	"slices"
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// judgeExpr grades an expression at a dialect. at tells whether a subquery's plan can run there.
func judgeExpr(d *dialect.Dialect, e rel.Expr, at func(rel.Node) string) dialect.Verdict {
	switch e := e.(type) {
	case *rel.Col:
		return typeVerdict(d.ReadType, e.T, "column "+e.Name)
	case *rel.Lit:
		if _, err := dialect.PrintExpr(d, e); err != nil {
			return dialect.No(fmt.Sprintf("%s can't write the constant exactly", d.Name))
		}
		return dialect.Yes
	case *rel.Call:
		return judgeCall(d, e, at)
	case *rel.Subquery:
		return judgeSubquery(d, e, at)
	}
	return dialect.No(fmt.Sprintf("%T is unknown", e))
}

func typeVerdict(f func(rel.Type) dialect.Verdict, t rel.Type, what string) dialect.Verdict {
	if f == nil {
		return dialect.Yes
	}
	v := f(t)
	if v.Grade != dialect.Exact && v.Reason != "" {
		v.Reason = what + ": " + v.Reason
	}
	return v
}

func judgeCall(d *dialect.Dialect, c *rel.Call, at func(rel.Node) string) dialect.Verdict {
	f, ok := d.Forms[c.Op]
	if !ok || f.Print == nil {
		return dialect.No(fmt.Sprintf("%s has no proved form in %s", c.Op, d.Name))
	}
	for _, a := range c.Args {
		if v := judgeExpr(d, a, at); v.Grade != dialect.Exact {
			return v
		}
	}
	if f.Judge != nil {
		return f.Judge(c)
	}
	return dialect.Yes
}

func judgeSubquery(d *dialect.Dialect, q *rel.Subquery, at func(rel.Node) string) dialect.Verdict {
	need := dialect.FeatureSubquery
	if q.Kind == rel.AnySubquery || q.Kind == rel.AllSubquery {
		need = dialect.FeatureQuantified
	}
	if !d.Features[need] {
		return dialect.No(string(need) + " has no proved form in " + d.Name)
	}
	if q.Kind == rel.ScalarSubquery && d.FirstOfMany && !atMostOneRow(q.Plan) {
		return dialect.No(d.Name + " does not notice a scalar subquery's second row")
	}
	if len(free(q.Plan)) > 0 && !d.Features[dialect.FeatureCorrelated] {
		return dialect.No("correlated subqueries have no proved form in " + d.Name)
	}
	for _, l := range q.Left {
		if v := judgeExpr(d, l, at); v.Grade != dialect.Exact {
			return dialect.No(v.Reason)
		}
	}
	if why := at(q.Plan); why != "" {
		return dialect.No("its subquery: " + why)
	}
	if len(q.Left) > 0 {
		for _, c := range q.Plan.Columns() {
			if v := typeVerdict(d.KeyType, c.T, "column "+c.Name); v.Grade != dialect.Exact {
				return dialect.No(v.Reason)
			}
		}
	}
	return dialect.Yes
}

// atMostOneRow reports whether a plan can't have two rows, whatever the tables hold.
func atMostOneRow(n rel.Node) bool {
	switch n := n.(type) {
	case *rel.Aggregate:
		return len(n.Groups) == 0
	case *rel.Limit:
		return n.Count == 0 || n.Count == 1 || atMostOneRow(n.Input)
	case *rel.Values:
		return len(n.Rows) <= 1
	case *rel.Project, *rel.Filter, *rel.Sort, *rel.Window, *rel.Distinct:
		return atMostOneRow(rel.Inputs(n)[0])
	}
	return false
}

var joinFeatures = map[rel.JoinKind]dialect.Feature{
	rel.InnerJoin: dialect.FeatureInnerJoin, rel.LeftJoin: dialect.FeatureLeftJoin, rel.FullJoin: dialect.FeatureFullJoin,
	rel.SemiJoin: dialect.FeatureSemiJoin, rel.AntiJoin: dialect.FeatureSemiJoin,
}

// judgeNode says why a dialect can't run a node, its inputs apart, with exactly the right rows; empty if it can.
func judgeNode(d *dialect.Dialect, n rel.Node, at func(rel.Node) string) string {
	features, exprs := []dialect.Feature{}, rel.Exprs(n)
	switch n := n.(type) {
	case *rel.Scan, *rel.View:
	case *rel.RecursiveRef:
		features = append(features, dialect.FeatureRecursive)
	case *rel.Values:
		features = append(features, dialect.FeatureValues)
	case *rel.Filter:
		features = append(features, dialect.FeatureFilter)
	case *rel.Project:
		features = append(features, dialect.FeatureProject)
		exprs = nil
		for _, c := range n.Cols { // a column that is only passed on needs nothing
			if _, ok := c.Expr.(*rel.Col); !ok {
				exprs = append(exprs, c.Expr)
			}
		}
	case *rel.Join:
		features = append(features, joinFeatures[n.Kind])
		if n.Kind == rel.FullJoin && d.LateralOuterOn && len(rel.Subqueries(n.On)) > 0 {
			return "subquery in the condition of a full join"
		}
		if n.Lateral {
			features = append(features, dialect.FeatureLateral)
		}
	case *rel.Aggregate:
		features = append(features, dialect.FeatureAggregate)
		if why := judgeAggregate(d, n); why != "" {
			return why
		}
	case *rel.Window:
		features = append(features, dialect.FeatureWindow)
		if why := judgeWindow(d, n); why != "" {
			return why
		}
	case *rel.Sort:
		features = append(features, dialect.FeatureSort)
		if why := sortable(d, n.Keys); why != "" {
			return why
		}
	case *rel.Limit:
		features = append(features, dialect.FeatureLimit)
	case *rel.Distinct:
		features = append(features, dialect.FeatureDistinct)
		if why := keys(d, n.Input.Columns()); why != "" {
			return why
		}
	case *rel.SetOp:
		features = append(features, map[rel.SetOpKind]dialect.Feature{rel.Union: dialect.FeatureUnion,
			rel.Intersect: dialect.FeatureIntersect, rel.Except: dialect.FeatureExcept}[n.Kind])
		for _, in := range rel.Inputs(n) {
			if why := keys(d, in.Columns()); why != "" {
				return why
			}
		}
	case *rel.Recursive:
		features = append(features, dialect.FeatureRecursive)
	case *rel.JSONTable:
		features = append(features, dialect.FeatureJSONTable)
	default:
		return fmt.Sprintf("%T has no form", n)
	}
	for _, f := range features {
		if !d.Features[f] {
			return fmt.Sprintf("%s has no proved form in %s", f, d.Name)
		}
	}
	for _, e := range exprs {
		if v := judgeExpr(d, e, at); v.Grade != dialect.Exact {
			return v.Reason
		}
	}
	return ""
}

func keys(d *dialect.Dialect, cols []rel.Column) string {
	for _, c := range cols {
		if v := typeVerdict(d.ReadType, c.T, "column "+c.Name); v.Grade != dialect.Exact {
			return v.Reason
		}
		if v := typeVerdict(d.KeyType, c.T, "column "+c.Name); v.Grade != dialect.Exact {
			return v.Reason
		}
	}
	return ""
}

func sortable(d *dialect.Dialect, ks []rel.SortKey) string {
	for _, k := range ks {
		if v := typeVerdict(d.SortType, k.Expr.Type(), "sort key"); v.Grade != dialect.Exact {
			return v.Reason
		}
	}
	return ""
}

func judgeAggregate(d *dialect.Dialect, n *rel.Aggregate) string {
	for _, g := range n.Groups {
		if v := typeVerdict(d.KeyType, g.T, "grouping key"); v.Grade != dialect.Exact {
			return v.Reason
		}
	}
	for _, a := range n.Aggs {
		f, ok := d.Aggs[a.Agg.Fn]
		if !ok {
			return fmt.Sprintf("aggregate %s has no proved form in %s", a.Agg.Fn, d.Name)
		}
		if f.Judge != nil {
			if v := f.Judge(&a.Agg); v.Grade != dialect.Exact {
				return v.Reason
			}
		}
		if a.Agg.Distinct {
			for _, e := range a.Agg.Args {
				if v := typeVerdict(d.KeyType, e.Type(), "distinct value"); v.Grade != dialect.Exact {
					return v.Reason
				}
			}
		}
		if why := sortable(d, a.Agg.OrderBy); why != "" {
			return why
		}
	}
	return ""
}

func judgeWindow(d *dialect.Dialect, n *rel.Window) string {
	if d.LoneWindows && slices.ContainsFunc(n.Fns, func(f rel.WindowColumn) bool { return windowText(f.Fn) != windowText(n.Fns[0].Fn) }) {
		return "functions over different windows have no proved form in " + d.Name
	}
	for _, f := range n.Fns {
		form, ok := d.Windows[f.Fn.Fn]
		if !ok {
			return fmt.Sprintf("window function %s has no proved form in %s", f.Fn.Fn, d.Name)
		}
		if form.Judge != nil {
			if v := form.Judge(&f.Fn); v.Grade != dialect.Exact {
				return v.Reason
			}
		}
		for _, e := range f.Fn.Partition {
			if v := typeVerdict(d.KeyType, e.Type(), "partition key"); v.Grade != dialect.Exact {
				return v.Reason
			}
		}
		if why := sortable(d, f.Fn.OrderBy); why != "" {
			return why
		}
	}
	return ""
}

// windowText tells windows apart, whatever their frames.
func windowText(f rel.WindowFn) string {
	var s strings.Builder
	for _, e := range f.Partition {
		s.WriteString(rel.FormatExpr(e) + ", ")
	}
	for _, k := range f.OrderBy {
		fmt.Fprintf(&s, "by %s %t, ", rel.FormatExpr(k.Expr), k.Desc)
	}
	return s.String()
}
