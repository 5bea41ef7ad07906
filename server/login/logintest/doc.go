// Package logintest gives tests what logins need of others: an authority that signs certificates, a provider that signs tokens and shows its keys,
// and a directory that answers binds and searches over LDAP. All of it runs in the test's process, listens on 127.0.0.1 and ends with the test.
package logintest
