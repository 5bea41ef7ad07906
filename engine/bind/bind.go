package bind

import (
	"context"
	"math"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Tables resolves table names for one statement of one principal.
type Tables interface {
	// Scan returns the node that reads a table with new column ids: the only way to read one. Its columns, in the table's
	// order, are what the principal may see. Unknown names give sqlerr.UnknownDatabase or UnknownTable.
	Scan(ctx context.Context, database, table string, ids *rel.IDs) (rel.Node, error)
}

// Session is what a statement may read of its connection.
type Session interface {
	ConnectionID() uint32
	User() string        // user@host as USER() gives it
	CurrentUser() string // the account that was matched, as CURRENT_USER() gives it
	CurrentRole() string
	Database() string // the default database; empty if none
	// UserVariable returns the value of @name; a NULL literal if it was never set.
	UserVariable(name string) *rel.Lit
	// SystemVariable returns the value of @@name or @@scope.name (scope is "", "session" or "global").
	SystemVariable(scope, name string) (*rel.Lit, bool)
	// TimeZone is the session's time_zone.
	TimeZone() *time.Location
}

// Env is what binding one statement needs.
type Env struct {
	Tables  Tables
	Session Session
	Now     time.Time  // the statement's time: NOW() and its like
	Args    []*rel.Lit // values of ?, in order; nil elements are NULL
	IDs     *rel.IDs
	// Facts, if not nil, answers functions of constant texts about the principal, which only policies may ask: has_role and attr. ok is false for other names.
	Facts func(name string, args []string) (value *rel.Lit, ok bool)
	// Keyring is the keys of the functions of rel.Keyed; nil: there are none.
	Keyring Keyring
	// Keyed lets expressions call those of them that make something of a value. It is for masks: never set it for what a user has written.
	Keyed bool
	// Reveal is asked whenever a statement calls weir_reveal; an error refuses the statement, and so does nil in its place.
	Reveal func() error
}

// Output is a column of a statement's result.
type Output struct {
	rel.Column        // ID is a column of Root; T is the type that the client is told
	Database   string // of the base column, where the output is one; else empty
	Table      string // alias
	OrgTable   string
	OrgName    string
}

// Query is a bound statement.
type Query struct {
	Root    rel.Node // puts out exactly Columns, in order
	Columns []Output
}

// Bind resolves the names and types of a SELECT statement and returns its plan.
func Bind(ctx context.Context, stmt sqlparser.SelectStatement, env *Env) (q *Query, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case bail:
			q, err = nil, r.err
		default:
			panic(r)
		}
	}()
	b := &binder{ctx: ctx, env: env, numeric: map[*rel.Lit]bool{}, fullGroup: true}
	if mode, ok := env.Session.SystemVariable("", "sql_mode"); ok && mode != nil {
		if s, isText := mode.Value.(string); isText {
			b.fullGroup = hasMode(s, "ONLY_FULL_GROUP_BY") || hasMode(s, "ANSI")
		}
	}
	res := b.statement(stmt, nil, nil, rounded)
	b.bound(res.node)
	q = &Query{Root: b.limited(res.node, stmt)}
	for _, c := range res.cols {
		q.Columns = append(q.Columns, Output{Column: c.Column, Database: c.database, Table: c.table, OrgTable: c.orgTable, OrgName: c.orgName})
	}
	return q, nil
}

// binder is the state of one Bind.
type binder struct {
	ctx context.Context
	env *Env
	// numeric holds the hexadecimal and bit literals, which are binary strings but numbers in a numeric context.
	numeric   map[*rel.Lit]bool
	fullGroup bool // ONLY_FULL_GROUP_BY
	recursion int  // the last Ref given to a recursive CTE
	depth     int
	blocks    int
}

// maxBlocks bounds the query blocks of a statement.
const maxBlocks = 5000

// checkLock takes a locking read for a plain one, as a MySQL that is read-only does for all that its client can tell: nothing can be written in the
// shelter of the lock. SKIP LOCKED would leave out rows by locks that aren't seen here.
func checkLock(l *sqlparser.Lock) {
	if l != nil && strings.HasSuffix(l.Type, "skip locked") {
		unsupported("SKIP LOCKED: locks at a source can't be seen")
	}
}

// limited applies sql_select_limit, by which drivers bound the rows of statements that have no LIMIT of their own (Statement.setMaxRows).
func (b *binder) limited(n rel.Node, stmt sqlparser.SelectStatement) rel.Node {
	v, ok := b.env.Session.SystemVariable("", "sql_select_limit")
	if !ok || v == nil {
		return n
	}
	count := int64(-1)
	switch x := v.Value.(type) {
	case int64:
		count = x
	case uint64:
		if x <= math.MaxInt64 {
			count = int64(x)
		}
	}
	for {
		switch s := stmt.(type) {
		case *sqlparser.ParenSelect:
			stmt = s.Select
			continue
		case *sqlparser.Select:
			if s.Limit != nil {
				return n
			}
		case *sqlparser.SetOp:
			if s.Limit != nil {
				return n
			}
		}
		break
	}
	if count < 0 {
		return n
	}
	return &rel.Limit{Input: n, Count: count}
}

// maxNodes bounds the expressions of a bound statement. A name can stand for a large expression many times: ORDER BY x, x, x … over an alias.
const maxNodes = 5 * maxTokens

// bound refuses a statement that would be too large to plan.
func (b *binder) bound(n rel.Node) {
	left := maxNodes
	var count func(e rel.Expr)
	count = func(e rel.Expr) {
		if left--; left < 0 {
			fail(sqlerr.OutOfMemory.New("the statement's expressions are too large: a long one is used by its alias or position again and again"))
		}
		switch x := e.(type) {
		case *rel.Call:
			for _, a := range x.Args {
				count(a)
			}
		case *rel.Subquery:
			for _, a := range x.Left {
				count(a)
			}
			rel.WalkExprs(x.Plan, count)
		}
	}
	rel.WalkExprs(n, count)
}

// maxDepth bounds the nesting of queries and expressions, so that a statement can't exhaust the stack.
const maxDepth = 2000

func (b *binder) enter() {
	if b.depth++; b.depth > maxDepth {
		fail(sqlerr.OutOfMemory.New("the statement is nested too deeply"))
	}
	if err := b.ctx.Err(); err != nil {
		fail(err)
	}
}

func (b *binder) leave() { b.depth-- }

func (b *binder) newID() rel.ColumnID { return b.env.IDs.Next() }

// result is what a query expression puts out: node's columns are cols, in order.
type result struct {
	node rel.Node
	cols []outColumn
	// keys are sets of output columns that are unique: those of a GROUP BY or DISTINCT.
	keys [][]rel.ColumnID
}

// outColumn is a column of a query expression with the base column that it shows, if it is one.
type outColumn struct {
	rel.Column
	database, table, orgTable, orgName string
}

// outDigits says what happens to the fractional digits that a decimal carries beyond its scale when it leaves a query. In MySQL they are
// lost where the result is stored: in what is sent to the client, in a set operation, DISTINCT, or a derived table that is materialised.
// They stay in a subquery's value, and in a derived table that MySQL merges into the query around it.
type outDigits uint8

const (
	rounded outDigits = iota
	kept
	keptIfMerged
)

// statement binds a query expression. outer is the scope of the query around it, ctes the common tables that it can see.
func (b *binder) statement(stmt sqlparser.SelectStatement, outer *scope, ctes *cteScope, digits outDigits) *result {
	b.enter()
	defer b.leave()
	// Common tables are bound once for each reference, so that a short text can mean blocks without number.
	if b.blocks++; b.blocks > maxBlocks {
		fail(sqlerr.OutOfMemory.New("the statement has more than %d query blocks", maxBlocks))
	}
	switch s := stmt.(type) {
	case *sqlparser.Select:
		return b.selectBlock(s, outer, ctes, digits)
	case *sqlparser.ParenSelect:
		return b.statement(s.Select, outer, ctes, digits)
	case *sqlparser.SetOp:
		return b.setOp(s, outer, ctes)
	}
	unsupported("this kind of statement")
	return nil
}
