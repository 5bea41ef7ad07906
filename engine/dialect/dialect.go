package dialect

import "weir/engine/rel"

// Grade says how well a site runs an operator, measured against Weir's semantics.
type Grade uint8

const (
	// None: can't run, or unproved.
	None Grade = iota
	// Exact: same values, NULLs and errors.
	Exact
)

// Verdict is a grade with the reason why it isn't Exact, for EXPLAIN.
type Verdict struct {
	Grade  Grade
	Reason string // empty for Exact
}

// Yes is the verdict Exact.
var Yes = Verdict{Grade: Exact}

// No is the verdict None for a reason that completes "kept here: …".
func No(reason string) Verdict { return Verdict{Grade: None, Reason: reason} }

// Form is how a site runs one scalar operator.
type Form struct {
	// Judge grades this call; its operands have already been graded Exact. Nil means Exact. It may look at the operands'
	// types (collation, class, precision) and at whether one is a literal, nothing else.
	Judge func(c *rel.Call) Verdict
	// Print writes the call. Write operands with w.Expr. It is asked only for calls that Judge lets pass, and writes a text
	// that binds tighter than any operator around it: in parentheses where needed.
	Print func(w *Writer, c *rel.Call)
	// Filter, if set, writes the call where it is a whole conjunct of a WHERE or ON clause; there only TRUE counts, and a
	// form that keeps an index usable can be written (a loose comparison AND the exact one).
	Filter func(w *Writer, c *rel.Call)
}

// AggForm is how a site runs one aggregate function.
type AggForm struct {
	Judge func(a *rel.Agg) Verdict
	Print func(w *Writer, a *rel.Agg)
}

// WindowForm is how a site runs one window function, without its OVER clause, which the printer writes from OverClause.
type WindowForm struct {
	Judge func(f *rel.WindowFn) Verdict
	Print func(w *Writer, f *rel.WindowFn)
	// After writes what follows the OVER clause, if anything. Print and After together must bind tighter than any operator.
	After func(w *Writer, f *rel.WindowFn)
}

// Feature is a construct, apart from scalar operators and functions, that a site may run.
type Feature string

// The features. A dialect lists what it runs exactly; what it doesn't list is not pushed.
const (
	FeatureProject    Feature = "projection"
	FeatureFilter     Feature = "filter"
	FeatureInnerJoin  Feature = "inner join"
	FeatureLeftJoin   Feature = "left join"
	FeatureFullJoin   Feature = "full join"
	FeatureSemiJoin   Feature = "semi join" // printed as EXISTS
	FeatureLateral    Feature = "lateral join"
	FeatureAggregate  Feature = "aggregate"
	FeatureDistinct   Feature = "distinct"
	FeatureSort       Feature = "sort"
	FeatureLimit      Feature = "limit"
	FeatureWindow     Feature = "window"
	FeatureUnion      Feature = "union" // UNION and UNION ALL
	FeatureIntersect  Feature = "intersect"
	FeatureExcept     Feature = "except"
	FeatureValues     Feature = "values"     // constant rows
	FeatureSubquery   Feature = "subquery"   // scalar, EXISTS, IN
	FeatureQuantified Feature = "quantified" // ANY, ALL
	FeatureCorrelated Feature = "correlated subquery"
	FeatureRecursive  Feature = "recursive"
	FeatureJSONTable  Feature = "JSON_TABLE"
)

// Dialect is what differs between one system's SQL and another's. It is read-only once made and safe for concurrent use.
type Dialect struct {
	Name string

	// Ident quotes a name so that it means exactly that name.
	Ident func(name string) string
	// Table writes a table's full name for FROM.
	Table func(w *Writer, t *rel.Table)
	// Column writes a column of a base table, given its quoted and qualified name, so that its value is what the column's
	// type promises inside an expression, in GROUP BY, DISTINCT, ORDER BY or a join (for example with a COLLATE clause).
	// Nil writes the name.
	Column func(w *Writer, name string, c rel.Column)
	// Output writes such a column where it is only put out, as the fast reader wants it (for example cast to text). Nil
	// writes the name.
	Output func(w *Writer, name string, c rel.Column)
	// GroupStored reports whether the stored values of a type are equal exactly where those that Column writes are, so that a column of a
	// base table is grouped by as it is stored. Nil: never.
	GroupStored func(t rel.Type) bool
	// Result writes the type conversion of an expression that a fragment puts out, so that the reader gets what t promises.
	// Nil writes the expression.
	Result func(w *Writer, text string, t rel.Type)
	// Match writes a value that IN, ANY or ALL compares with others of its type, so that all that it carries counts. Nil writes the value.
	Match func(w *Writer, text string, t rel.Type)
	// Literal writes a constant. ok is false where the system has no exact spelling for it.
	Literal func(w *Writer, l *rel.Lit) (ok bool)
	// SortKey writes one ORDER BY term with MySQL's NULL order; text is the printed expression. Judge it with SortType.
	SortKey func(w *Writer, text string, t rel.Type, desc bool)
	// Limit writes the clause that skips offset rows and passes count rows (rel.NoLimit for all).
	Limit func(w *Writer, offset, count int64)

	// Dual is what FROM reads when a statement reads no table; empty: no FROM clause.
	Dual string
	// RightJoin says that a left join whose left side should be held in the hash table is to be written as a right join, because the system
	// always holds the right side.
	RightJoin bool
	// LateralOuterOn says that the system takes no subquery in the ON clause of an outer join, but runs lateral left joins.
	LateralOuterOn bool
	// LoopJoins says that the system joins by looking the rows of one table up for each row of the other: without an index that serves it, or
	// with many rows, reading both and joining them elsewhere is faster.
	LoopJoins bool
	// Ranges says that the source reads a large table in ranges at once (sources.Split), if the statement allows it.
	Ranges bool
	// Interval writes the offset of a RANGE frame over a date or time; nil: such frames are not run.
	Interval func(w *Writer, n rel.Expr, unit string)

	// ValuesList says that the system takes VALUES (…), (…) as a table with columns named after it.
	ValuesList bool
	// Rounds is the condition of a recursion's step that is an error once the step has read more than most rounds of the named rows. Nil where the
	// system bounds recursions itself.
	Rounds func(rows string, most int64) string

	// LoneWindows says that window functions may be wrong over the groups of the same SELECT, which are then written as a derived table, or beside those
	// over other windows, which are then not run there.
	LoneWindows bool

	// MatchDerived reports whether values of a type that groups give are compared by IN, ANY or ALL only out of a derived table. Nil: never.
	MatchDerived func(t rel.Type) bool
	// NoOuterInDerived says that a derived table inside a correlated subquery can't read the enclosing query; such a print fails.
	NoOuterInDerived bool

	// FirstOfMany says that a scalar subquery with several rows gives the first one's value where MySQL has error 1242; only those that
	// can't have several are run.
	FirstOfMany bool

	// Forms are the scalar operators and functions, Aggs and Windows the aggregate and window functions.
	Forms   map[rel.Op]Form
	Aggs    map[string]AggForm
	Windows map[string]WindowForm
	// Features are the constructs that the system runs exactly.
	Features map[Feature]bool

	// ReadType grades values of the type as such: None means that a column of it can only be put out, not computed with.
	ReadType func(t rel.Type) Verdict
	// SortType grades ordering, KeyType equality as grouping, distinct and join key. Nil means as ReadType.
	SortType, KeyType func(t rel.Type) Verdict

	// MaxInList is the largest number of values in one IN list; 0 means no limit.
	MaxInList int
	// MaxText is the largest statement in bytes; 0 means no limit.
	MaxText int
}
