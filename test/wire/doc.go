// Package wire tests the MySQL front door over real connections, with an engine that is made up here: its tables have a value of every type at
// the edges, endless rows, rows that never come, and rows that end in an error. Nothing here knows how statements are planned.
package wire
