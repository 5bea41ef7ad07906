package mysql

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
)

// class is who answers a statement.
type class uint8

const (
	// toEngine is a query over tables or over none.
	toEngine class = iota
	// toCatalog is answered by the row engine: SHOW, and queries over information_schema and its like only.
	toCatalog
	// toSession is answered here, from the connection's state.
	toSession
	// toNothing is accepted and does nothing: there are no transactions, locks or caches to act on.
	toNothing
	// refusedWrite would change something.
	refusedWrite
	// refusedMixed reads system tables and others.
	refusedMixed
)

var classNames = [...]string{toEngine: "query", toCatalog: "catalog", toSession: "session", toNothing: "session", refusedWrite: "refused", refusedMixed: "refused"}

func (c class) String() string { return classNames[c] }

// systemDatabases are answered by the row engine.
var systemDatabases = map[string]bool{"information_schema": true, "mysql": true, "performance_schema": true, "sys": true}

func isSystemDatabase(name string) bool { return systemDatabases[strings.ToLower(name)] }

// classify tells who answers a statement in a session with this default database.
func classify(stmt sqlparser.Statement, database string) class {
	switch stmt := stmt.(type) {
	case sqlparser.SelectStatement:
		if writesOut(stmt) {
			return refusedWrite
		}
		return classifyTables(stmt, database)
	case *sqlparser.Explain:
		if inner, ok := stmt.Statement.(sqlparser.SelectStatement); ok {
			return classify(inner, database)
		}
		return refusedWrite
	case *sqlparser.Set, *sqlparser.Use, *sqlparser.Kill, *sqlparser.Prepare, *sqlparser.Execute, *sqlparser.Deallocate:
		return toSession
	case *sqlparser.Show:
		switch strings.ToLower(stmt.Type) {
		case "warnings", "errors", "processlist":
			return toSession
		}
		return toCatalog
	case *sqlparser.ShowPrivileges:
		return toCatalog
	case *accountStatement:
		return toSession
	case *sqlparser.Begin, *sqlparser.Commit, *sqlparser.Rollback, *sqlparser.Savepoint, *sqlparser.RollbackSavepoint, *sqlparser.ReleaseSavepoint,
		*sqlparser.LockTables, *sqlparser.UnlockTables, *sqlparser.Flush:
		return toNothing
	}
	return refusedWrite
}

// writesOut reports whether a query writes a file.
func writesOut(stmt sqlparser.SelectStatement) bool {
	found := false
	_ = bind.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n := n.(type) {
		case *sqlparser.Select:
			found = found || writesInto(n.Into)
		case *sqlparser.SetOp:
			found = found || writesInto(n.Into)
		}
		return !found, nil
	}, stmt)
	return found
}

func writesInto(i *sqlparser.Into) bool { return i != nil && (i.Outfile != "" || i.Dumpfile != "") }

// classifyTables looks at the databases of the tables that a query reads.
func classifyTables(stmt sqlparser.SelectStatement, database string) class {
	ctes := map[string]bool{}
	system, user := false, false
	_ = bind.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if with, ok := n.(*sqlparser.With); ok && with != nil {
			for _, c := range with.Ctes {
				ctes[strings.ToLower(c.As.String())] = true
			}
		}
		return true, nil
	}, stmt)
	defaultIsSystem := isSystemDatabase(database)
	_ = bind.Walk(func(n sqlparser.SQLNode) (bool, error) {
		from, ok := n.(*sqlparser.AliasedTableExpr)
		if !ok {
			return true, nil
		}
		name, ok := from.Expr.(sqlparser.TableName)
		if !ok {
			return true, nil
		}
		db, table := name.DbQualifier.String(), strings.ToLower(name.Name.String())
		switch {
		case db == "" && (ctes[table] || table == "dual" || table == ""):
		case db == "" && defaultIsSystem, isSystemDatabase(db):
			system = true
		default:
			user = true
		}
		return true, nil
	}, stmt)
	switch {
	case system && user:
		return refusedMixed
	case system:
		return toCatalog
	}
	return toEngine
}
