// Package reference is the truth that Weir's results are measured against: one data set, loaded into a PostgreSQL, a MariaDB and
// a SQLite file that Weir reads, and all of it once more into one MariaDB, where the very same statement text runs.
//
// The reference is a MariaDB of its own with databases named like Weir's sources, the collation utf8mb4_nopad_bin (by code point,
// without padding) and derived tables that are materialised, so that a decimal leaves a query block with the scale it is
// declared with. Where MariaDB and the MySQL 8 manual differ, the manual holds; the list is in test/differential/testdata.
//
// What must hold: Dataset is a function of its seed alone; a table's rows and types are the same on all systems; a Client reports
// values and column types as they come over the wire, unchanged.
package reference
