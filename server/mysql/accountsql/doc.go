// Package accountsql reads MySQL 8's statements about accounts: CREATE, ALTER, DROP and RENAME USER, CREATE and DROP ROLE, GRANT, REVOKE, SET ROLE,
// SET DEFAULT ROLE, SET PASSWORD, SHOW GRANTS and SHOW CREATE USER. The parser of queries knows only some of them, and drops clauses that it
// doesn't act on; here, a clause that Weir doesn't act on is refused by its name.
//
// What must hold: no error quotes a string literal, which may be a password; Redact hides those of any text that may hold one, whether or not
// it can be read.
package accountsql
