// Package policy decides what a principal may see of a table.
//
// What must hold: Scan is the only place outside plan rewriting and tests that makes a rel.Scan, so there is one door to a table's
// rows. Row filters and masks go there: a Filter right above the scan, then a Project that replaces masked columns, so that no node
// above ever holds a value that the principal may not see. A test over the whole tree (test/imports) keeps other packages from making
// scans of their own.
package policy
