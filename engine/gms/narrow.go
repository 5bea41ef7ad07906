package gms

import (
	"strconv"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// narrow says which tables a statement over information_schema can be about, so that only these are listed and no other source is
// waited for. An empty name is any.
type narrow struct{ database, table string }

// takes reports whether a database can be meant.
func (n narrow) takes(database string) bool { return n.database == "" || n.database == database }

// narrowOf looks for the comparisons with constants that every row must pass. Only a query of one table, which may be in a derived one as
// SHOW is written, is looked at: with others, the comparison may be about another table.
func narrowOf(stmt sqlparser.Statement, args []*rel.Lit) narrow {
	sel, ok := stmt.(*sqlparser.Select)
	if !ok || sel.With != nil || len(sel.From) != 1 {
		return narrow{}
	}
	from, ok := sel.From[0].(*sqlparser.AliasedTableExpr)
	if !ok {
		return narrow{}
	}
	switch t := from.Expr.(type) {
	case *sqlparser.Subquery:
		return narrowOf(t.Select, args)
	case sqlparser.TableName:
		subqueries := 0
		_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
			if _, ok := n.(*sqlparser.Subquery); ok {
				subqueries++
			}
			return true, nil
		}, sel)
		if subqueries > 0 {
			return narrow{}
		}
	default:
		return narrow{}
	}
	var n narrow
	if sel.Where != nil {
		n.add(sel.Where.Expr, args)
	}
	return n
}

// add takes up the comparisons of a condition.
func (n *narrow) add(e sqlparser.Expr, args []*rel.Lit) {
	switch e := e.(type) {
	case *sqlparser.AndExpr:
		n.add(e.Left, args)
		n.add(e.Right, args)
	case *sqlparser.ParenExpr:
		n.add(e.Expr, args)
	case *sqlparser.ComparisonExpr:
		if e.Operator != sqlparser.EqualStr {
			return
		}
		column, isColumn := e.Left.(*sqlparser.ColName)
		value, isText := constant(e.Right, args)
		if !isColumn || !isText {
			return
		}
		switch strings.ToUpper(column.Name.String()) {
		case "TABLE_SCHEMA":
			n.database = value
		case "TABLE_NAME":
			n.table = value
		}
	}
}

// constant is the text of a literal or a parameter. One that ends with a blank is none: it equals texts without it.
func constant(e sqlparser.Expr, args []*rel.Lit) (string, bool) {
	v, ok := e.(*sqlparser.SQLVal)
	if !ok {
		return "", false
	}
	text := string(v.Val)
	switch v.Type {
	case sqlparser.StrVal:
	case sqlparser.ValArg:
		i, err := strconv.Atoi(strings.TrimPrefix(text, ":v"))
		if err != nil || i < 1 || i > len(args) || args[i-1] == nil {
			return "", false
		}
		if text, ok = args[i-1].Value.(string); !ok {
			return "", false
		}
	default:
		return "", false
	}
	return text, text != "" && !strings.HasSuffix(text, " ")
}
