// Package audit keeps the record of who did what: one JSON line for each statement's beginning and end, login, refusal and change of the
// configuration, in files whose lines form a chain of hashes.
//
// record.go says what a line holds, chain.go how lines are bound to each other, log.go writes them, files.go names, rotates and removes the
// files, head.go keeps the mark of the chain's end, open.go goes on where an earlier process stopped, verify.go finds what was tampered with,
// read.go gives the records to those who may see them.
//
// What must hold: Write returns nil only when the line is with the operating system (on disk, with Sync "always"), in order, and chained to the
// one before; what fails is told to the caller, who then refuses the statement; a line once written is never changed; files are
// readable by their owner only; verifying never needs the writer to stop.
// The package knows nothing of SQL: literals are taken out of texts before they come here.
package audit
