// Package lineage tells from which columns of the sources each column of a result comes, and what else decides which rows it has.
//
// It reads the bound tree (bind.Query), in which columns are ids and what the policy does to a table stands right above its scan; planning
// comes later and changes nothing of it. The terms are OpenLineage's. A use is direct where values flow: unchanged (IDENTITY), computed
// (TRANSFORMATION) or aggregated (AGGREGATION). It is indirect where a column only decides: which rows there are and in which order
// (FILTER, JOIN, GROUP_BY, SORT), or what a single output is (CONDITIONAL, WINDOW, and all of these inside a subquery that is a value).
// Uses that decide about rows hold for all outputs and are kept once, in Result.Rows.
//
// What must hold: the outermost indirect use wins, so that whatever feeds a WHERE is a FILTER, also what a CASE or a subquery in it reads;
// of direct ones the strongest wins on each path, and different paths to one output are told side by side. The tree is walked once (a
// recursive common table until nothing is added), and the work is bounded: beyond the bound a Result says that it is incomplete. Nothing
// here holds a row's value or a literal. A Result is never changed once it is made.
package lineage
