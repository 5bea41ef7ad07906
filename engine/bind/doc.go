// Package bind turns a parsed SELECT into a rel plan: names, scopes, types, implicit casts and MySQL's errors for what is wrong.
//
// It works on the parser's tree directly. go-mysql-server's own binder is not used: it refuses windows over GROUP BY, forces SUM and
// AVG to double, and hides conversions inside its function types, so its plan would have to be undone before it could be trusted.
//
// Where what lives: normalize.go mends the text before the parser sees it; bind.go is the entry; select.go, group.go, window.go and
// project.go are the parts of one query block, in the order in which it is evaluated; from.go and scope.go its tables and names;
// setop.go, cte.go, subquery.go and jsontable.go the other queries. expr.go begins the expressions: literal.go, arith.go, compare.go,
// cast.go, interval.go, temporal.go (dates as text), call.go and special.go (functions), aggregate.go. types.go has the types that values
// have in common.
//
// What must hold: every conversion that MySQL makes by itself is a cast in the plan, so that operands have the classes that rel.Op and
// rel.Functions promise; no column id is given twice, so that an expression with a subquery is bound again for a second use; a type's
// NotNull is only set where it is proved; what isn't supported exactly is refused by name (sqlerr.Unsupported). Types follow the manual of
// MySQL 8, tested as golden files in testdata; where MariaDB differs a note there says so. Constants that the binder computes itself are
// tested against a real server.
package bind
