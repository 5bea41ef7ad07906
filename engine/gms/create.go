package gms

import (
	"context"
	"fmt"
	"strings"

	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/sqlerr"
	"weir/sources"
)

// showCreateTable answers SHOW CREATE TABLE and SHOW CREATE VIEW. A view is shown as the table that it looks like: its text is in the source's
// language.
func (e *Engine) showCreateTable(ctx context.Context, s *Session, show *sqlparser.Show) (*sqltypes.Result, error) {
	db, t, err := e.tableTarget(ctx, s, show, show.Database)
	if err != nil {
		return nil, err
	}
	if t.Def == nil {
		return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support 'SHOW CREATE TABLE' for tables of '%s'", db)
	}
	if strings.EqualFold(show.Type, "create view") {
		if t.Def.Kind != sources.View {
			return nil, &sqlerr.Error{Code: 1347, State: "HY000", Message: fmt.Sprintf("'%s.%s' is not VIEW", db, t.Name)}
		}
		r := result("View", "Create View", "character_set_client", "collation_connection")
		r.Rows = append(r.Rows, values(t.Name, createTable(t), charset, collation))
		return r, nil
	}
	r := result("Table", "Create Table")
	r.Rows = append(r.Rows, values(t.Name, createTable(t)))
	return r, nil
}

// createTable writes a table as MySQL's SHOW CREATE TABLE does.
func createTable(t Table) string {
	var lines []string
	for _, c := range t.Def.Columns {
		line := name(c.Name) + " " + typeText(c.Type)
		switch {
		case c.Type.NotNull:
			line += " NOT NULL"
		default:
			line += " DEFAULT NULL"
		}
		if c.Comment != "" {
			line += " COMMENT " + quote(c.Comment)
		}
		lines = append(lines, line)
	}
	for _, i := range indexes(t.Def) {
		switch {
		case i.name == "PRIMARY" && len(t.Def.PrimaryKey) > 0:
			lines = append(lines, "PRIMARY KEY "+nameList(i.columns))
		case i.unique:
			lines = append(lines, "UNIQUE KEY "+name(i.name)+" "+nameList(i.columns))
		default:
			lines = append(lines, "KEY "+name(i.name)+" "+nameList(i.columns))
		}
	}
	for n, f := range t.Def.ForeignKeys {
		lines = append(lines, "CONSTRAINT "+name(constraintName(t.Name, f, n))+" FOREIGN KEY "+nameList(f.Columns)+" REFERENCES "+name(f.RefTable)+" "+nameList(f.RefColumns))
	}
	text := "CREATE TABLE " + name(t.Name) + " (\n  " + strings.Join(lines, ",\n  ") + "\n) ENGINE=" + engine + " DEFAULT CHARSET=" + charset + " COLLATE=" + collation
	if t.Def.Comment != "" {
		text += " COMMENT=" + quote(t.Def.Comment)
	}
	if t.Def.Kind != sources.BaseTable && t.Def.Kind != "" {
		text += " /* a " + strings.ToLower(string(t.Def.Kind)) + " of the source */"
	}
	return text
}

func nameList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = name(n)
	}
	return "(" + strings.Join(quoted, ",") + ")"
}

func (e *Engine) showCreateDatabase(ctx context.Context, show *sqlparser.Show) (*sqltypes.Result, error) {
	db, ok := e.DatabaseName(ctx, show.Database)
	if !ok {
		return nil, sqlerr.UnknownDatabase.New("Unknown database '%s'", show.Database)
	}
	r := result("Database", "Create Database")
	r.Rows = append(r.Rows, values(db, "CREATE DATABASE "+name(db)+" /*!40100 DEFAULT CHARACTER SET "+charset+" COLLATE "+collation+" */ /*!80016 DEFAULT ENCRYPTION='N' */"))
	return r, nil
}
