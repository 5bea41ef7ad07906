// Package exec runs a plan: fragments at their sources, what is left in the embedded engine, rows out as record batches.
//
// Fragments that others wait for are read first, small ones, into memory; their join keys go into the filters of those that wait. The other
// fragments stream into the embedded engine while it works. Nothing of a large result is ever held here: buffers are bounded, and a fragment
// that outgrows them goes on as a stream.
//
// exec.go is a run from start to close, stage.go the rounds in which its fragments start, keys.go what travels between them, stream.go how rows are
// buffered and handed on, gate.go how many statements a source is sent at once.
//
// What must hold: cancelling a run's context ends every remote statement; an error of any fragment is the error of the statement; a run's
// Close frees everything, wherever the run stands; a source never sees more statements at once than it allows.
package exec
