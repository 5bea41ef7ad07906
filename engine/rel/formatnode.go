package rel

import (
	"fmt"
	"strings"
)

// Format writes a plan for people, one node a line, inputs indented below.
func Format(n Node) string {
	var b strings.Builder
	formatNode(&b, n, 0)
	return b.String()
}

func formatNode(b *strings.Builder, n Node, depth int) {
	fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), describe(n))
	for _, in := range Inputs(n) {
		formatNode(b, in, depth+1)
	}
}

func column(c Column) string { return fmt.Sprintf("%s#%d %s", c.Name, c.ID, typeText(c.T)) }

// typeText is a type with what its MySQL spelling leaves out.
func typeText(t Type) string {
	s := t.String()
	if t.Inner > t.Scale {
		s += fmt.Sprintf(" inner %d", t.Inner)
	}
	if t.NotNull {
		s += " not null"
	}
	return s
}

func columns(cols []Column) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = column(c)
	}
	return strings.Join(out, ", ")
}

func sortKeys(keys []SortKey) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = FormatExpr(k.Expr)
		if k.Desc {
			out[i] += " desc"
		}
	}
	return strings.Join(out, ", ")
}

func computed(cols []Computed) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		if x, ok := c.Expr.(*Col); ok && x.ID == c.ID {
			out[i] = column(c.Column)
		} else {
			out[i] = column(c.Column) + " = " + FormatExpr(c.Expr)
		}
	}
	return strings.Join(out, ", ")
}

var joinNames = [...]string{"inner join", "left join", "semi join", "anti join", "full join"}

func describe(n Node) string {
	switch n := n.(type) {
	case *Scan:
		return fmt.Sprintf("scan %s.%s [%s]", n.Table.Source, n.Table.Name, columns(n.Columns()))
	case *View:
		return fmt.Sprintf("view fragment%d [%s]", n.Fragment, columns(n.Cols))
	case *Values:
		rows := make([]string, len(n.Rows))
		for i, r := range n.Rows {
			rows[i] = "(" + strings.Join(formatList(r), ", ") + ")"
		}
		return fmt.Sprintf("values [%s] %s", columns(n.Cols), strings.Join(rows, ", "))
	case *Filter:
		return "filter " + FormatExpr(n.Pred)
	case *Project:
		return "project [" + computed(n.Cols) + "]"
	case *Join:
		s := joinNames[n.Kind]
		if n.Lateral {
			s = "lateral " + s
		}
		return s + " on " + FormatExpr(n.On)
	case *Aggregate:
		aggs := make([]string, len(n.Aggs))
		for i, a := range n.Aggs {
			aggs[i] = column(a.Column) + " = " + formatAgg(a.Agg)
		}
		parts := ""
		if n.Parts {
			parts = " in parts"
		}
		return fmt.Sprintf("aggregate%s by [%s] [%s]", parts, computed(n.Groups), strings.Join(aggs, ", "))
	case *Window:
		fns := make([]string, len(n.Fns))
		for i, f := range n.Fns {
			fns[i] = column(f.Column) + " = " + formatWindow(f.Fn)
		}
		return "window [" + strings.Join(fns, ", ") + "]"
	case *Sort:
		return "sort " + sortKeys(n.Keys)
	case *Limit:
		return fmt.Sprintf("limit %d offset %d", n.Count, n.Offset)
	case *Distinct:
		return "distinct"
	case *SetOp:
		s := [...]string{"union", "intersect", "except"}[n.Kind]
		if n.All {
			s += " all"
		}
		return s + " [" + columns(n.Cols) + "]"
	case *Recursive:
		return fmt.Sprintf("recursive %d all=%v [%s]", n.Ref, n.All, columns(n.Cols))
	case *RecursiveRef:
		return fmt.Sprintf("recursive ref %d [%s]", n.Ref, columns(n.Cols))
	case *JSONTable:
		return fmt.Sprintf("json_table %s %q [%s]", FormatExpr(n.Doc), n.Path, columns(n.Columns()))
	}
	return fmt.Sprintf("%T", n)
}

func formatAgg(a Agg) string {
	s := a.Fn + "("
	if a.Distinct {
		s += "distinct "
	}
	s += strings.Join(formatList(a.Args), ", ")
	if len(a.OrderBy) > 0 {
		s += " order by " + sortKeys(a.OrderBy)
	}
	if a.Separator != "" {
		s += fmt.Sprintf(" separator %q", a.Separator)
	}
	return s + ")"
}

func formatWindow(f WindowFn) string {
	s := f.Fn + "(" + strings.Join(formatList(f.Args), ", ") + ") over ("
	if len(f.Partition) > 0 {
		s += "partition by " + strings.Join(formatList(f.Partition), ", ") + " "
	}
	if len(f.OrderBy) > 0 {
		s += "order by " + sortKeys(f.OrderBy) + " "
	}
	if f.Frame != nil {
		kind := "range"
		if f.Frame.Rows {
			kind = "rows"
		}
		s += fmt.Sprintf("%s %s..%s", kind, formatBound(f.Frame.Start), formatBound(f.Frame.End))
	}
	return strings.TrimSpace(s) + ")"
}

func formatBound(b FrameBound) string {
	s := [...]string{"unbounded preceding", "preceding", "current row", "following", "unbounded following"}[b.Kind]
	if b.Offset != nil {
		s = FormatExpr(b.Offset) + b.Unit + " " + s
	}
	return s
}
