// Package sqlite is the source kind sqlite: one database file, read in this process.
//
// SQLite's columns are not typed: a value of any class may be stored in almost any column. What a declared type promises here
// is laid down in columntype.go, what a stored value must look like to keep that promise in value.go. A value that does not is an error
// that names table and column. The reader (batch.go) and the functions that pushed expressions call (function.go) decode with the same
// code, so that a predicate means the same wherever it is evaluated. A misfit in a row that a pushed filter removes, or in a column
// that the statement does not read, goes unnoticed.
//
// What must hold: the file is opened for reading only and nothing in it is executed that its schema could smuggle in (no extensions, no
// trusted schema, functions not callable from views); every statement sees one snapshot; a replaced file is opened anew; cancelling a
// query's context interrupts SQLite.
package sqlite
