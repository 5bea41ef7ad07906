// Package state keeps what must survive a restart: a file of SQLite in the data directory, or a PostgreSQL database that several servers share.
//
// Every part of Weir that has something to keep adds a migration here (migrations/, each in SQL that both systems understand) and reads and writes its
// tables through a Store. What belongs together is a topic: a change of a topic counts its version up in the same transaction, and every
// server that shares the store learns of that within a few seconds (Watch).
//
// What must hold:
//   - changes of one topic happen one after the other, whichever server makes them: whoever changes it reads what the last one wrote;
//   - a migration that has been released is never edited; a server refuses a store whose migrations it doesn't know;
//   - the file can be read by its owner only, and a DSN never appears in an error.
package state
