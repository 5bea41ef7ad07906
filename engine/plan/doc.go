// Package plan decides where each part of a statement runs.
//
// The way of a plan: masks that need a key are put off (late.go, token.go, settle.go); subqueries become joins where that is exact (subquery.go); filters move down (filter.go), with what follows from equal columns
// (infer.go) and from disjunctions (orfactor.go); inner joins are ordered (joinorder.go) by estimates (estimate.go); aggregates are split
// below joins between sources (partial.go); columns that nobody reads are dropped (narrow.go); every operator is judged by the site that could run it
// (judge.go) and the largest subtrees at one site are cut out as fragments (place.go). What is left runs in the embedded engine: small groups that
// make a large fragment smaller first, as steps (step.go). Fragments with the same rows are fetched once (share.go); join keys that may
// travel from one fragment's result into another's filter are noted last (keys.go). A statement that one source can run whole is left as it was
// written. plan.go is the order of all this, explain.go what EXPLAIN says of it.
//
// What must hold: a rewrite keeps rows, values, NULLs and the order that the statement asks for; an operator goes to a source only with
// the grade Exact; every fragment is printed here, so that what can't be said in a source's SQL changes the plan and never fails at run
// time. What a plan holds and its user may not see, the texts of tokens and the values of join keys, is in no text that is shown (hide.go).
package plan
