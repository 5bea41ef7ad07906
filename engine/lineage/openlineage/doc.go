// Package openlineage tells the lineage of statements to others, as events of OpenLineage (specification 2-0-2): a START when a statement begins and a
// COMPLETE, FAIL or ABORT when it has ended, appended to a file as JSON lines or sent to an HTTP endpoint.
//
// What must hold: a statement is never slowed and never fails for it. What a statement's own goroutine does is to put a value into a queue of bounded
// length and weight; if that is full, the event is dropped and counted. Everything else is done by one goroutine, which also keeps the order of
// a run's events. No row's value is in an event, no secret, no error's text, and, unless the configuration asks for it, no literal of the statement.
package openlineage
