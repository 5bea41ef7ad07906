// Package catalog knows the databases: it opens the configured sources and remembers their tables.
//
// Every source is a database of its name. Its tables are read on first use, once for all statements that wait for them, and again when
// they are older than the source's refresh time, when a statement names what isn't known, or when one reported that something
// has changed. All of a statement is made from one reading. A source that can't be reached keeps nothing else from working: statements on it fail with what to do, and
// it is tried in the background until it answers.
//
// A statement holds a Lease for as long as it runs. A reload of the configuration opens what is new, keeps what is unchanged and closes
// what is gone only after the last lease that could see it; a configuration that is wrong changes nothing.
//
// Names of databases and tables are case-sensitive, as MySQL's are with lower_case_table_names=0. Where a source shows several
// schemas, its tables are called schema.table, and the bare name works too while only one schema has it.
package catalog
