package rel

// Node is an operator of a plan. The implementations are the pointer types of this file.
type Node interface {
	// Columns are the columns that the node puts out, in order.
	Columns() []Column
	node()
}

// Column is a column that a node puts out.
type Column struct {
	ID   ColumnID
	Name string // for messages and for the outermost result
	T    Type
}

// Table names a table at its source.
type Table struct {
	Source   string // the configured source, which is also the database that users see
	Schema   string // the schema inside the source; may be empty
	Name     string
	RowCount float64 // estimate; negative if unknown
	Version  string  // the source's mark of the definition that the plan relies on; empty if it has none
}

// ScanColumn is a column that a Scan reads.
type ScanColumn struct {
	Column
	Distinct float64 // estimate of distinct values; 0 if unknown
}

// Scan reads columns of a table at its source.
type Scan struct {
	Table  *Table
	Cols   []ScanColumn
	Unique [][]ColumnID // each set is a key of the table, as far as its columns are among Cols
	// Indexed are the columns that an index begins with: the source finds the rows with one value of such a column quickly.
	Indexed []ColumnID
}

// Values is a constant table. Dual is Values with one row and no columns.
type Values struct {
	Cols []Column
	Rows [][]Expr
}

// Filter keeps the rows for which Pred is true.
type Filter struct {
	Input Node
	Pred  Expr
	// Guard says that a policy removes the rows: no expression from above may be computed for them that could tell of it, by failing.
	Guard bool
}

// Computed is a column with the expression that gives it.
type Computed struct {
	Column
	Expr Expr
}

// Project computes columns. A column that is only passed on keeps its id (Expr is a Col with the same id).
type Project struct {
	Input Node
	Cols  []Computed
}

// JoinKind is the kind of a Join.
type JoinKind uint8

// The kinds of joins. A right join is written as a left join with the sides swapped; a cross join is an Inner join with a nil On.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	SemiJoin // rows of Left that have a match; puts out Left's columns
	AntiJoin // rows of Left that have none (NOT EXISTS)
	FullJoin
)

// Join joins two inputs. With Lateral set, Right may read columns of Left.
type Join struct {
	Kind        JoinKind
	Lateral     bool
	Left, Right Node
	On          Expr // nil is true
	// BuildLeft says, for a left join, that the left side is by far the smaller one: a site that holds the right side in a hash table
	// should hold the left one instead.
	BuildLeft bool
}

// AggColumn is an aggregate with the column that it gives.
type AggColumn struct {
	Column
	Agg Agg
}

// Aggregate groups by the values of Groups. Without Groups it gives exactly one row, also for an
// empty input.
type Aggregate struct {
	Input  Node
	Groups []Computed
	Aggs   []AggColumn
	// Implied is how many of the last Groups are there only because something above reads them: the others determine them, so that they make no
	// groups of their own.
	Implied int
	// Parts says that the input may be taken in parts: a group, or the one row without Groups, comes as often as there are parts, and what
	// reads them adds them up.
	Parts bool
}

// WindowColumn is a window function with the column that it gives.
type WindowColumn struct {
	Column
	Fn WindowFn
}

// Window adds columns computed over partitions of its input; it puts out the input's columns too.
type Window struct {
	Input Node
	Fns   []WindowColumn
}

// Sort orders its input.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// View reads the rows that another site has put out: a fragment's result, at the site that takes it up. Its columns are named
// c1, c2 … by position there.
type View struct {
	Fragment int // index among the plan's fragments
	Cols     []Column
	Rows     float64 // estimate
}

// NoLimit is a Limit's Count when only rows are skipped.
const NoLimit = int64(-1)

// Limit passes on Count rows after skipping Offset.
type Limit struct {
	Input  Node
	Offset int64
	Count  int64
	// Barrier says that the limit cuts nothing: it is there because no database computes anything from above it before what is below. Predicates that
	// can't fail may pass.
	Barrier bool
}

// Distinct removes rows that are equal in all columns (NULL equals NULL).
type Distinct struct{ Input Node }

// SetOpKind is the kind of a SetOp.
type SetOpKind uint8

// The kinds of set operations.
const (
	Union SetOpKind = iota
	Intersect
	Except
)

// SetOp combines two inputs with the same number of columns, whose types the binder has made equal. Cols are new columns.
type SetOp struct {
	Kind        SetOpKind
	All         bool
	Left, Right Node
	Cols        []Column
}

// Recursive is WITH RECURSIVE: Step reads the rows of the last round by a RecursiveRef with the same Ref.
// Cols are new columns; Anchor and Step give them by position. All is UNION ALL. More rounds with rows than MaxRounds are an error; 0 is no bound,
// negative none.
type Recursive struct {
	Ref          int
	Anchor, Step Node
	All          bool
	Cols         []Column
	MaxRounds    int64
}

// RecursiveRef reads the rows of the enclosing Recursive's last round. Cols are new columns.
type RecursiveRef struct {
	Ref  int
	Cols []Column
}

// JSONTable is JSON_TABLE: the rows of a document. Doc may read columns of the left side of a lateral join.
type JSONTable struct {
	Doc  Expr
	Path string
	Cols []JSONTableColumn
}

// JSONTableColumn is a column of a JSONTable.
type JSONTableColumn struct {
	Column
	Path       string
	Ordinality bool
	Exists     bool
	OnEmpty    JSONTableDefault
	OnError    JSONTableDefault
}

// JSONTableDefault says what a JSON_TABLE column gives where its path finds nothing or no fitting value.
type JSONTableDefault struct {
	Error bool // raise an error
	Value *Lit // nil: NULL
}

// Columns of a Scan are those read.
func (n *Scan) Columns() []Column {
	out := make([]Column, len(n.Cols))
	for i, c := range n.Cols {
		out[i] = c.Column
	}
	return out
}

// Columns are the constant columns.
func (n *Values) Columns() []Column { return n.Cols }

// Columns are the input's.
func (n *Filter) Columns() []Column { return n.Input.Columns() }

// Columns are the computed ones.
func (n *Project) Columns() []Column {
	out := make([]Column, len(n.Cols))
	for i, c := range n.Cols {
		out[i] = c.Column
	}
	return out
}

// Columns are those of both sides, or of the left side for a semi or anti join.
func (n *Join) Columns() []Column {
	left := n.Left.Columns()
	if n.Kind == SemiJoin || n.Kind == AntiJoin {
		return left
	}
	right := n.Right.Columns()
	if n.Kind == FullJoin {
		left = nullable(left)
	}
	if n.Kind != InnerJoin {
		right = nullable(right)
	}
	return append(left[:len(left):len(left)], right...)
}

// nullable is the columns as the side of an outer join gives them that has no match.
func nullable(cols []Column) []Column {
	out := make([]Column, len(cols))
	for i, c := range cols {
		c.T.NotNull = false
		out[i] = c
	}
	return out
}

// Columns are the grouping columns, then the aggregates.
func (n *Aggregate) Columns() []Column {
	out := make([]Column, 0, len(n.Groups)+len(n.Aggs))
	for _, c := range n.Groups {
		out = append(out, c.Column)
	}
	for _, c := range n.Aggs {
		out = append(out, c.Column)
	}
	return out
}

// Columns are the input's, then the window functions.
func (n *Window) Columns() []Column {
	in := n.Input.Columns()
	out := in[:len(in):len(in)]
	for _, c := range n.Fns {
		out = append(out, c.Column)
	}
	return out
}

// Columns are the input's.
func (n *Sort) Columns() []Column { return n.Input.Columns() }

// Columns are the input's.
func (n *Limit) Columns() []Column { return n.Input.Columns() }

// Columns are the input's.
func (n *Distinct) Columns() []Column { return n.Input.Columns() }

// Columns are the new columns.
func (n *SetOp) Columns() []Column { return n.Cols }

// Columns are the new columns.
func (n *Recursive) Columns() []Column { return n.Cols }

// Columns are the new columns.
func (n *RecursiveRef) Columns() []Column { return n.Cols }

// Columns are the columns of the COLUMNS clause.
func (n *JSONTable) Columns() []Column {
	out := make([]Column, len(n.Cols))
	for i, c := range n.Cols {
		out[i] = c.Column
	}
	return out
}

// Columns are the fragment's.
func (n *View) Columns() []Column { return n.Cols }

func (*Scan) node()         {}
func (*View) node()         {}
func (*Values) node()       {}
func (*Filter) node()       {}
func (*Project) node()      {}
func (*Join) node()         {}
func (*Aggregate) node()    {}
func (*Window) node()       {}
func (*Sort) node()         {}
func (*Limit) node()        {}
func (*Distinct) node()     {}
func (*SetOp) node()        {}
func (*Recursive) node()    {}
func (*RecursiveRef) node() {}
func (*JSONTable) node()    {}
