package rel

// ColumnID names one column of one statement. Ids start at 1; 0 is no column.
type ColumnID int32

// IDs hands out the column ids of one statement. Not safe for concurrent use.
type IDs struct{ last ColumnID }

// Next returns an id that was not handed out before.
func (g *IDs) Next() ColumnID { g.last++; return g.last }

// Expr is a scalar expression. The implementations are Col, Lit, Call and Subquery; all are pointers.
type Expr interface {
	Type() Type
	expr()
}

// Col reads a column of the input, or of an outer query's input inside a correlated subquery.
type Col struct {
	ID   ColumnID
	Name string // for messages only
	T    Type
}

// Lit is a constant. Value is nil (NULL) or, by the class of T:
// bool; int64, or uint64 if T is unsigned or a Bit; DecimalText; float64; DateValue; TimeValue; DateTimeValue; string for
// text and JSON; []byte for binary.
type Lit struct {
	Value any
	T     Type
	// Secret is not 0 if the value is one that the statement's user may not see. It is sent to sources and never shown. The secret constants of one
	// statement have the same number exactly if they have the same value.
	Secret int
}

// DecimalText is a decimal in plain notation: an optional minus sign, digits, and exactly as many fractional digits as the type has.
type DecimalText string

// DateValue is a date as days since 1970-01-01 (proleptic Gregorian).
type DateValue int32

// TimeValue is a TIME in microseconds, negative times included.
type TimeValue int64

// DateTimeValue is a DATETIME as microseconds since 1970-01-01 00:00:00.
type DateTimeValue int64

// Op names a scalar operator or function. Operators have the names below; a function has MySQL's name in lower case.
type Op string

// Call applies an operator or a function to operands that are already of the classes its entry in Operators asks for.
type Call struct {
	Op   Op
	Args []Expr
	T    Type
}

// SubqueryKind tells what a Subquery computes.
type SubqueryKind uint8

// The kinds of subqueries.
const (
	ScalarSubquery SubqueryKind = iota // the one value; NULL without a row; error 1242 with more than one row
	ExistsSubquery                     // EXISTS (…)
	InSubquery                         // Left IN (…): NULL by the rules of three-valued logic
	AnySubquery                        // Left Cmp ANY (…)
	AllSubquery                        // Left Cmp ALL (…)
)

// Subquery is a query used as a value or as a predicate. Plan may read columns of the enclosing query (correlation).
type Subquery struct {
	Kind SubqueryKind
	Left []Expr     // In, Any, All: the left operands, already of the types of Out
	Cmp  Op         // Any, All: one of the comparison operators
	Plan Node       // its output columns are Out
	Out  []ColumnID // the columns that are compared or returned; empty for Exists
	T    Type
}

// Type returns the column's type.
func (e *Col) Type() Type { return e.T }

// Type returns the constant's type.
func (e *Lit) Type() Type { return e.T }

// Type returns the result type.
func (e *Call) Type() Type { return e.T }

// Type returns the result type.
func (e *Subquery) Type() Type { return e.T }

func (*Col) expr()      {}
func (*Lit) expr()      {}
func (*Call) expr()     {}
func (*Subquery) expr() {}

// SortKey is one term of an ORDER BY. NULL sorts first when ascending and last when descending, as in MySQL.
type SortKey struct {
	Expr Expr
	Desc bool
}

// Agg is one aggregate function call: count, sum, avg, min, max, bit_and, bit_or, bit_xor, std…, var…, group_concat,
// json_arrayagg, json_objectagg, any_value. count without arguments is COUNT(*).
type Agg struct {
	Fn        string // MySQL's name in lower case; std, stddev and stddev_pop are all "stddev_pop", variance and var_pop "var_pop"
	Args      []Expr
	Distinct  bool
	OrderBy   []SortKey // group_concat only
	Separator string    // group_concat only
	T         Type
}

// FrameBoundKind is how a window frame's bound is given.
type FrameBoundKind uint8

// The kinds of frame bounds.
const (
	UnboundedPreceding FrameBoundKind = iota
	Preceding                         // Offset PRECEDING
	CurrentRow
	Following // Offset FOLLOWING
	UnboundedFollowing
)

// FrameBound is one end of a window frame.
type FrameBound struct {
	Kind   FrameBoundKind
	Offset Expr // constant; for RANGE over a date the count of Unit
	Unit   string
}

// Frame is a window frame. A nil *Frame is MySQL's default: RANGE UNBOUNDED PRECEDING to CURRENT ROW with an ORDER BY, the whole partition without.
type Frame struct {
	Rows       bool // ROWS; otherwise RANGE
	Start, End FrameBound
}

// WindowFn is one window function call: an aggregate (see Agg.Fn) or row_number, rank, dense_rank, percent_rank, cume_dist,
// ntile, lag, lead, first_value, last_value, nth_value.
type WindowFn struct {
	Fn        string
	Args      []Expr
	Partition []Expr
	OrderBy   []SortKey
	Frame     *Frame
	T         Type
}
