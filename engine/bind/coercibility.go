package bind

import (
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// What text compares by is the same everywhere here (see docs/sql.md), so that CHARSET and COLLATION depend on the class of a value only.
const (
	charsetOfText   = "utf8mb4"
	collationOfText = "utf8mb4_0900_bin"
)

func charset(t rel.Type) string {
	switch t.Class() {
	case rel.ClassText, rel.ClassJSON:
		return charsetOfText
	}
	return "binary"
}

func collation(t rel.Type) string {
	switch t.Class() {
	case rel.ClassText:
		return collationOfText
	case rel.ClassJSON:
		return "utf8mb4_bin" // as MySQL has it
	}
	return "binary"
}

// coercibility is COERCIBILITY() by the manual's table: how willingly a value gives up its collation. The value has been bound.
func (x *binding) coercibility(e sqlparser.Expr, t rel.Type) int64 {
	const explicit, implicit, system, coercible, numeric, ignorable = 0, 2, 3, 4, 5, 6
	switch e := e.(type) {
	case *sqlparser.ParenExpr:
		return x.coercibility(e.Expr, t)
	case *sqlparser.CollateExpr:
		return explicit
	case *sqlparser.NullVal:
		return ignorable
	}
	switch t.Class() {
	case rel.ClassNull:
		return ignorable
	case rel.ClassText, rel.ClassBinary, rel.ClassJSON:
	default:
		return numeric
	}
	switch e := e.(type) {
	case *sqlparser.SQLVal:
		return coercible
	case *sqlparser.FuncExpr:
		if sessionFunctions[e.Name.Lowered()] {
			return system
		}
		least := int64(coercible)
		for _, a := range e.Exprs {
			if a, ok := a.(*sqlparser.AliasedExpr); ok {
				least = min(least, x.coercibility(a.Expr, x.value(a.Expr).Type()))
			}
		}
		return least
	case *sqlparser.ColName, *sqlparser.ConvertExpr, *sqlparser.ConvertUsingExpr, *sqlparser.Subquery, *sqlparser.BinaryExpr, *sqlparser.UnaryExpr:
		return implicit
	}
	unsupported("COERCIBILITY() of this expression")
	return 0
}
