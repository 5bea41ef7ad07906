package gms

import (
	"context"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/types"

	"weir/engine/bind"
	"weir/engine/rel"
)

// Variables is a connection's state as the row engine needs it: what bind.Session has, and all variables for SHOW VARIABLES.
type Variables interface {
	bind.Session
	// Variables are the values of system variables that differ from go-mysql-server's, as SHOW VARIABLES writes them.
	Variables() map[string]any
	// Status are the status variables that Weir knows, for SHOW STATUS.
	Status() map[string]string
	// IsAdmin reports whether the user may see the connections of others.
	IsAdmin() bool
	// Privileges are what has been granted to the user and to his active roles, and Roles the roles that he holds.
	Privileges() []Privilege
	Roles() []Role
}

// Privilege is what a user may do: with all databases, with one, with a table or with a column; the names that are further down are then empty.
type Privilege struct {
	Database, Table, Column string
	Type                    string // SELECT or USAGE
	Grantable               bool
}

// Role is a role that a user holds, himself or by another role, the grantee.
type Role struct {
	Grantee, Name              string
	Grantable, Default, Active bool
}

// Session is a connection's state for the row engine: its own where it has one, else the connection's. It serves one statement at a
// time.
type Session struct {
	*sql.BaseSession
	e         *Engine
	variables Variables
	catalog   Catalog // as the user sees it
	user      string
	narrow    narrow // of the statement under way
}

// NewSession makes the session of one statement of a connection; the catalog is as its user sees it.
func (e *Engine) NewSession(v Variables, c Catalog, user, host string) *Session {
	client := sql.Client{User: user, Address: host}
	return &Session{BaseSession: sql.NewBaseSessionWithClientServer("", client, v.ConnectionID()), e: e, variables: v, catalog: c, user: user}
}

// context is the row engine's context of one statement.
func (s *Session) context(ctx context.Context, text string) *sql.Context {
	s.BaseSession.SetCurrentDatabase(s.variables.Database())
	return sql.NewContext(ctx, sql.WithSession(s), sql.WithQuery(text), sql.WithPid(uint64(s.variables.ConnectionID())))
}

// GetCurrentDatabase is the connection's default database.
func (s *Session) GetCurrentDatabase() string { return s.variables.Database() }

// GetSessionVariable is the connection's value of a system variable.
func (s *Session) GetSessionVariable(ctx *sql.Context, name string) (any, error) {
	if known, err := s.BaseSession.GetSessionVariable(ctx, name); err != nil {
		return known, err
	}
	if l, ok := s.variables.SystemVariable("session", name); ok && own[name] {
		return l.Value, nil
	}
	return s.BaseSession.GetSessionVariable(ctx, name)
}

// own are the variables whose value the row engine takes from the connection when it works. Others have types of the row
// engine's own there.
var own = map[string]bool{"version_comment": true, "version": true, "sql_mode": true}

// GetUserVariable is the connection's value of @name.
func (s *Session) GetUserVariable(_ *sql.Context, name string) (sql.Type, any, error) {
	switch v := s.variables.UserVariable(name).Value.(type) {
	case int64:
		return types.Int64, v, nil
	case uint64:
		return types.Uint64, v, nil
	case float64:
		return types.Float64, v, nil
	case string:
		return types.LongText, v, nil
	case []byte:
		return types.LongBlob, v, nil
	case rel.DecimalText:
		return types.LongText, string(v), nil
	}
	return types.Null, nil, nil
}

// sessionOf is the session of a statement's context.
func sessionOf(ctx *sql.Context) *Session {
	s, _ := ctx.Session.(*Session)
	return s
}
