// Package chaos runs the whole program over the wire, on a real PostgreSQL, MariaDB and SQLite, and does to it what a bad day does: statements
// without end or beyond measure, cancellations at any moment, sources that die in the middle, memory and disk that run out, many clients at once.
//
// What must hold: the program outlives all of it; an error has MySQL's code and no row's data; after a statement has ended nothing of it is
// left, neither here nor at a source. WEIR_CHAOS_RACE=1 builds the program with the race detector.
package chaos
