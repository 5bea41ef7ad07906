// Package account holds who may log in and what each has been granted: accounts, roles, and who holds which.
//
// Accounts come from weir.yaml, which SQL can't change, from SQL, whose accounts the state store keeps, and from other logins. A Book holds all of them as one
// model, which is immutable and replaced as a whole, so that a statement goes on with the rights with which it began. A change is a Draft of it, and each
// of the Draft's methods one statement. A Session is one login: it knows which roles are active, and turns into the policy.Principal for
// which tables are read.
//
// What must hold:
//   - passwords are never kept, only what login methods verify against, and that is printed nowhere;
//   - whatever isn't granted isn't there: an unknown role, account or table gives no right, and names are compared byte by byte;
//   - an account of weir.yaml is never changed or replaced by one that was made elsewhere.
package account
