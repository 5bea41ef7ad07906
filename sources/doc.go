// Package sources is the contract between Weir and a system that it reads, and the registry of the kinds of systems.
//
// Each kind is one package below this one; none imports another. A kind brings discovery (Tables), a dialect that says what
// may be pushed and how it is printed, and a reader that turns a printed fragment's result into Arrow batches. Everything that
// it claims is proved by the conformance suite in sourcetest against the real system.
//
// What must hold: a source is only ever read; a batch stream ends with io.EOF only when every row has been delivered, so that a lost
// connection is an error and never a short result; cancelling the context of a query ends the remote statement.
package sources
