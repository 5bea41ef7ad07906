// Package login asks systems beyond Weir who somebody is: an OpenID provider that signed a token, or an LDAP directory that knows a password.
//
// It is asked for names that are no accounts of Weir. Its answer is an Identity: the name, the roles that the configuration gives to what the other
// system says, and attributes for policies. It knows nothing of the wire; server/mysql brings the name and the secret, and decides what the client
// is told.
//
// What must hold:
//   - no password and no token, nor a part of one, is in an error or a log; what a stranger wrote (a key's id, a name) is not quoted either;
//   - whatever can't be decided is refused: an unreachable provider, a claim of another shape, a directory's answer with two entries, a user without
//     a role;
//   - roles come from the configuration's mapping only, so that nobody who can write a claim or a group can invent one;
//   - what strangers can cause is bounded: keys are fetched at most once in a while, binds run side by side in small numbers, each within a time limit.
package login
