// Package realservers gives tests a real PostgreSQL and a real MariaDB.
//
// A test asks for a fresh, empty database and gets its address; the database is dropped when the test ends. The servers are
// those named by WEIR_TEST_POSTGRES and WEIR_TEST_MARIADB (addresses of an account that may create databases), which the command
// cmd/with-servers sets so that all packages of one test run share one pair; without them each test process starts its own on the
// first request. Data is thrown away, so the servers run without syncing to disk.
//
// What must hold: a server ends with the process that started it, however that one ends, and its directory goes with it; servers listen
// on 127.0.0.1 only; a test that can't have a server fails and says what to install: it never skips.
package realservers
