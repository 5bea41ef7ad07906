// Package gms answers catalog statements with go-mysql-server's row engine: SHOW, DESCRIBE and queries over information_schema and
// performance_schema. It is the only importer of go-mysql-server.
//
// The row engine is given no user tables at all, so that no statement can read one through it and get around the policy; what it knows of them are
// rows of information_schema (schematables.go, tablerows.go), made from the catalog's memory on each statement. SHOW statements about databases, tables and
// columns are rewritten as queries over these rows (show.go), as MySQL 8 does it, so that their LIKE and WHERE work. Tables of
// information_schema that say nothing of user tables are go-mysql-server's own.
//
// What must hold: a source that is down hides nothing but its own tables; sessions share nothing; the parsed statement that is passed in is
// used up by the row engine and must not be used again.
package gms
