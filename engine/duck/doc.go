// Package duck is the embedded columnar engine: the only importer of DuckDB.
//
// A DB is one in-memory database inside a memory budget, which spills to a directory. A Session is one statement's work there:
// it takes Arrow streams as views or copies them into temporary tables, runs the text that the duckdb dialect printed, and
// hands the rows back as Arrow batches while they are made. Files function*.go hold MySQL's functions that have no exact form in
// DuckDB's SQL; they are registered when a database is opened, under names that begin with weir_, and the dialect calls them.
//
// What must hold: the names of views are unique in the process, since DuckDB shares them between connections and two
// statements that use one name crash it; a view is dropped before its stream is released; an error of a stream is the
// error of the query that reads it, never the end of its rows; whatever error DuckDB gives, its text stays out of ours, for it quotes values.
//
// The driver's database/sql layer is not used: it collects a result before it gives it out, and costs per value. This package
// works on DuckDB's C interface as the driver's bindings offer it.
package duck

import _ "weir/engine/duck/tagged" // names the build tags when they are missing
