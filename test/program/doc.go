// Package program builds weir and runs it as a process of its own, for tests that need the whole of it.
//
// What must hold: a program is built once in a test process; a server ends with the test that started it; it listens on 127.0.0.1 only.
package program
