// Package mysql is the front door for MySQL clients: the wire protocol, logins, sessions and the life of a statement.
//
// The packets are read and written by vitess's protocol library; this package implements its Handler. A statement is parsed once and
// routed (classify.go): queries go to the Engine, statements over information_schema and SHOW go to engine/gms, session
// statements (SET, USE, KILL, PREPARE …) and those about accounts (admin.go) are answered here, and whatever would write is refused with MySQL's own read-only error.
//
// Who somebody is, the Book of policy/account says by hashes of passwords (auth.go) and by certificates (clientcert.go); names that stand in no book
// are asked about elsewhere, by way of server/login (elsewhere.go).
//
// What must hold:
//   - a result is streamed: no more than two chunks of rows are held, and a client that doesn't read stops its statement;
//   - every statement has one context that ends with KILL, its time limit, the client's disconnect or the server's shutdown, and the
//     client sees MySQL's code for the reason, also after rows have been sent (wire.go);
//   - passwords, packets and values of rows are never logged; an unknown user can't be told from a wrong password, nor by its time;
//   - a password or token itself is asked for over TLS only, and only for names that are no accounts here;
//   - a connection's state (conn.go) is reached by other connections only through its mutex.
package mysql
