// Package rel is Weir's relational algebra: types, expressions, plan nodes and column ids.
//
// A statement becomes a tree of Node values whose expressions refer to columns by ColumnID only. Names are kept for
// messages and for the outermost result; they carry no meaning. Every column that a statement reads or computes has
// an id of its own: two scans of one table have different ids, so that a tree can be cut, moved and printed without
// looking at names again.
//
// What must hold: nodes and expressions are never changed once they are reachable from a plan (rewrite by copying);
// every implicit conversion of MySQL is an explicit cast here, so that an operator always sees operands of the class
// that its entry in the operator table asks for; a Type is computed from the rules of the MySQL 8 manual, never taken
// over from another engine. The package imports nothing else of Weir.
package rel
