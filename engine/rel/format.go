package rel

import (
	"fmt"
	"strings"
)

// FormatExpr writes an expression for people: EXPLAIN, messages, golden files. Equal texts mean equal expressions within one statement.
func FormatExpr(e Expr) string {
	switch e := e.(type) {
	case nil:
		return "true"
	case *Col:
		return fmt.Sprintf("%s#%d", e.Name, e.ID)
	case *Lit:
		return formatLit(e)
	case *Call:
		switch {
		case e.Op == OpCast:
			return fmt.Sprintf("cast(%s as %s)", FormatExpr(e.Args[0]), e.T)
		case len(e.Args) == 2 && !isWord(string(e.Op)), e.Op == OpAnd, e.Op == OpOr:
			return "(" + strings.Join(formatList(e.Args), " "+string(e.Op)+" ") + ")"
		}
		return string(e.Op) + "(" + strings.Join(formatList(e.Args), ", ") + ")"
	case *Subquery:
		return formatSubquery(e)
	}
	return fmt.Sprintf("%T", e)
}

func isWord(s string) bool { return s[0] >= 'a' && s[0] <= 'z' }

func formatList(es []Expr) []string {
	out := make([]string, len(es))
	for i, e := range es {
		out[i] = FormatExpr(e)
	}
	return out
}

func formatLit(l *Lit) string {
	if l.Secret != 0 {
		return fmt.Sprintf("<hidden %d>", l.Secret)
	}
	switch v := l.Value.(type) {
	case nil:
		return "NULL"
	case string:
		return fmt.Sprintf("%q", v)
	case []byte:
		return fmt.Sprintf("x'%x'", v)
	case DateValue, TimeValue, DateTimeValue:
		return fmt.Sprintf("%s(%d)", l.T.Kind, v)
	default:
		return fmt.Sprint(v)
	}
}

func formatSubquery(q *Subquery) string {
	plan := strings.TrimSpace(strings.ReplaceAll(Format(q.Plan), "\n", " "))
	left := strings.Join(formatList(q.Left), ", ")
	switch q.Kind {
	case ExistsSubquery:
		return "exists[" + plan + "]"
	case InSubquery:
		return "(" + left + " in [" + plan + "])"
	case AnySubquery:
		return "(" + left + " " + string(q.Cmp) + " any [" + plan + "])"
	case AllSubquery:
		return "(" + left + " " + string(q.Cmp) + " all [" + plan + "])"
	}
	return "[" + plan + "]"
}
