// Package suggest tells which tags of personal data and secrets a column should probably have, by its name, its comment, its type and a sample of its
// values.
//
// What must hold: a reason tells how many values looked like something, never a value or a part of one. The package reads nothing itself. A suggestion is a hint for a
// person, so a doubtful column is rather suggested than not; but a name that the values contradict (a column email in which nothing is an
// e-mail address) is no suggestion, and neither is a check that numbers pass by chance.
package suggest
