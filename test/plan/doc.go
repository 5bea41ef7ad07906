// Package plan holds statements with the plans that they must get: which fragments go to which source, in which words, and what stays here.
//
// The tables are described, not read; whether a plan gives the right rows is the business of test/differential. A case in testdata is a
// comment that tells why it is there, then a statement; the .golden file beside it regenerates with -update.
package plan
