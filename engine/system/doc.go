// Package system is the virtual database weir: tables about Weir itself, answered from its own memory and files.
//
// It is a source like any other: its tables are listed, joined with others and subject to policies. Its dialect runs nothing but the reading of
// columns, and comparisons of a record's time, so that a day's records are found among a year's; everything else is the embedded engine's. source.go speaks the
// contract of sources, dialect.go says what it is asked in, table.go is what a table is and how its
// rows become batches, the other files are one table each.
//
// What must hold: rows are made for the principal in the statement's context (policy.WithPrincipal), and one that isn't there sees nothing.
// weir.audit is refused to whoever holds none of the roles that may read it, when the statement is bound and once more when its rows are asked for,
// so that no other way to the table (a view, a row filter, a plan made for somebody else) is one around that.
package system
