// Package sourcetest is the conformance suite that every kind of source runs against its real system.
//
// A kind's test fills in a Harness and calls Run:
//
//	func TestConformance(t *testing.T) {
//		admin := … // a connection to a fresh database of the real system
//		sourcetest.Run(t, sourcetest.Harness{
//			Kind:    "postgres",
//			Options: func(address string) map[string]any { … }, // address: host:port to connect to, the server's or the proxy's
//			Address: "127.0.0.1:5432",                           // empty for an embedded system: no connection can be lost
//			Exec:    func(t testing.TB, statements ...string) { … }, // as an administrator
//			Types:   []sourcetest.TypeCase{{…}},
//			…
//		})
//	}
//
// Run has these parts, each a subtest; a part whose fields are empty is left out only where the Harness says that it may be:
//
//   - types: each TypeCase becomes a table; its discovered type, note and values must be as given, read alone and read together;
//   - discovery: the tables of the Harness's Setup are found as Tables says;
//   - pushdown: each statement of Pushdown is bound, planned and run with pushdown and without; the rows must be equal, and what went
//     to the source is compared with testdata/pushdown.golden (written anew with -update), which says for each statement the remote
//     text or why nothing was pushed. With a Reference they are also compared with MariaDB; with EveryAbility whatever the dialect declares
//     must have been used. Statements, Rows and ReferenceTables are a common set;
//   - changes: a statement that was planned from another definition of its table than the table has is refused, never answered by the old one;
//   - cancel, close, loss, reconnect, concurrency: what Source and Batches promise, with goroutines counted at the end.
//
// The parts are files of the same names. What must hold: a part fails where the promise is broken, whatever the kind; nothing here knows a kind.
package sourcetest
