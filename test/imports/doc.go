// Package imports tests which package may import which, and who may read tables.
//
// The rules are data in rules_test.go, each with its reason. A package that isn't in the table fails the test: whoever adds one says
// what it may know.
package imports
