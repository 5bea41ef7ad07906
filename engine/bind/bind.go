package bind

import (
	"context"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
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
	Root    rel.Node
	Columns []Output
}

// Bind resolves the names and types of a SELECT statement and returns its plan.
func Bind(ctx context.Context, stmt sqlparser.SelectStatement, env *Env) (*Query, error) {
	panic("being written")
}
