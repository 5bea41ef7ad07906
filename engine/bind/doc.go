// Package bind turns a parsed SELECT into a rel plan: names, scopes, types, implicit casts and MySQL's errors for what is wrong.
//
// It works on the parser's tree directly. go-mysql-server's own binder is not used: it refuses windows over GROUP BY, forces SUM and
// AVG to double, and hides conversions inside its function types, so its plan would have to be undone before it could be trusted.
package bind
