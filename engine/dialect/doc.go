// Package dialect prints plans as SQL, for every system that can run a part of one: the sources and the embedded engine.
//
// A Dialect is a value that holds only what differs between systems. "May this be pushed?" and "how is it written?" are one
// table entry, a Form, so that they can't drift apart: an operator without a form is not pushed. Each dialect is one file;
// the printer (print.go) serves them all.
//
// What must hold: a grade above None rests on a test against the real system; printing never drops a clause: what can't be
// printed is an error at planning time, before anything runs. Literals are always written through the dialect's Literal,
// names through Ident; no other text of a statement's author reaches a printed text.
package dialect
