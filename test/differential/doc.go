// Package differential proves that Weir answers exactly: random statements run through Weir as planned, through Weir with pushdown
// off, and on the reference (package reference), and rows, their order where ORDER BY asks for one, and column types must be equal.
//
// TestPushdown makes statements with what the reference has faults in, too, and compares Weir with itself: MariaDB is also a source.
//
// TestPolicies runs statements as users with random row filters and masks; the reference's tables are then made of rows that were filtered and masked beforehand, by this
// package's own functions and by MariaDB (policy*.go). TestLeastGroups does so where only groups of enough people are shown: the reference has a HAVING for that.
//
// A statement is made as a tree (query, expr) by a typed grammar (gen*.go), so that a difference can be shrunk by dropping parts of
// the tree while it still differs (shrink.go). Statements whose result is not determined by SQL are never made: a LIMIT or
// an order-sensitive window has a total order, and values of floating point whose last digits depend on the order of evaluation
// (sums, logarithms) appear in the outermost select list only, where they are compared to twelve digits.
//
// What was found once is kept: testdata/*.sql are fixed cases, each with its story. What MySQL 8 and MariaDB do differently is
// listed in testdata/mysql-vs-mariadb.txt with the place in the manual; the generator stays away from it.
package differential
