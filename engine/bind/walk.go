package bind

import "github.com/dolthub/vitess/go/vt/sqlparser"

// Walk calls visit for a statement's nodes, parents first, as sqlparser.Walk does. That one leaves out the WITH, ORDER BY and LIMIT of a UNION, named
// windows, window frames and the statement inside EXPLAIN.
func Walk(visit sqlparser.Visit, nodes ...sqlparser.SQLNode) error {
	var all sqlparser.Visit
	all = func(n sqlparser.SQLNode) (bool, error) {
		more, err := visit(n)
		if err != nil || !more {
			return more, err
		}
		switch n := n.(type) {
		case *sqlparser.SetOp:
			if n != nil {
				err = sqlparser.Walk(all, n.With, n.OrderBy, n.Limit)
			}
		case *sqlparser.Select:
			if n != nil {
				err = sqlparser.Walk(all, n.Window)
			}
		case *sqlparser.Over:
			if n != nil {
				err = sqlparser.Walk(all, n.Frame)
			}
		case *sqlparser.Explain:
			if n != nil {
				err = sqlparser.Walk(all, n.Statement)
			}
		}
		return true, err
	}
	return sqlparser.Walk(all, nodes...)
}
