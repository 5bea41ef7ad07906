// Package policy decides what a principal may see of a table.
//
// Set.Decide applies the rules of the policy file, and the principal's rights, to a table: which columns there are, by which masks their values are replaced,
// which rows are there. Decisions are data; the engine turns them into a plan (engine/door.go): a guarding Filter right above the scan, then a Project that
// replaces masked columns, so that no node above ever holds a value that the principal may not see.
//
// What must hold: Scan is the only place outside plan rewriting and tests that makes a rel.Scan, and the engine's door the only caller of Scan; a test over the
// whole tree (test/imports) keeps it so. In doubt a column is hidden.
package policy
