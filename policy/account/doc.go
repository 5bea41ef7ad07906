// Package account holds who may log in and what each has been granted: accounts, roles, and who holds which.
//
// Accounts come from weir.yaml, which SQL can't change, and from other logins. A Book holds all of them; what is read of it is immutable, so
// that a statement goes on with the rights with which it began. A Session is one login: it knows which roles are active, and turns into
// the policy.Principal for which tables are read.
//
// What must hold:
//   - passwords are never kept, only what login methods verify against, and that is printed nowhere;
//   - whatever isn't granted isn't there: an unknown role, account or table gives no right, and names are compared byte by byte;
//   - an account of weir.yaml is never changed or replaced by one that was made elsewhere.
package account
