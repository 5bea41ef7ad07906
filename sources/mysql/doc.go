// Package mysql reads MySQL 8 and MariaDB 10.6 and newer: the source kind "mysql".
//
// The files: config (options), session (what every connection is set to), pool, packet (the text protocol's packets), query (one
// statement and its cancellation), version (that its tables are what it was planned from), decode… (packets to Arrow), discover and types (tables and columns), errors. What may be pushed is
// the dialect's affair (engine/dialect/mysql*.go); the two agree on what a printed column looks like, see the notes at decode.go and
// at the dialect's Column and Output hooks.
//
// Connections are opened and authenticated by go-sql-driver; then this package speaks the text protocol on the socket itself, because
// the driver allocates for each field. Discovery, KILL and Ping go through database/sql.
//
// What must hold: every session is read-only, in UTC, in utf8mb4 and in the one sql_mode that the dialect prints for; a connection
// goes back to the pool only after the server has said that its statement is over; what the server would print inexactly (FLOAT) is
// never asked for as it is.
package mysql
