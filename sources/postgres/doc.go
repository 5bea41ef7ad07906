// Package postgres reads PostgreSQL 14 and newer: the source kind "postgres".
//
// The files: config (options), session (what every connection is set to), pool, wire (messages of the protocol), query (one statement
// over one connection), version (that its tables are what it was planned from), split (one scan over several connections), stream (the batches on their way), decode… (binary values to
// Arrow), discover and types (tables, columns and what they arrive as), errors. What may be pushed is the dialect's affair
// (engine/dialect/postgres*.go); the two agree on what a printed column arrives as: see ReadsDirectly there.
//
// Connections are opened and authenticated by pgconn; then this package speaks the protocol on the socket itself, because a driver
// costs more than the decoding. Discovery goes through pgconn.
//
// What must hold: every session is read-only, in UTC, and has the settings that printed text relies on; a connection goes back to the
// pool only after the server has said that it is ready, outside a transaction, and never after a cancellation, which may arrive late; a
// stream ends well only after CommandComplete, so that a lost connection is an error; ranges of one scan share one snapshot; a value
// that its type can't hold is an error that names the column, never another value.
package postgres
