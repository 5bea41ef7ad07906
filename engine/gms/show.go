package gms

import (
	"context"
	"strings"

	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/sqlerr"
)

// show answers a SHOW statement directly, or returns the query that does; neither leaves it to the row engine.
func (e *Engine) show(ctx context.Context, s *Session, show *sqlparser.Show) (direct *sqltypes.Result, query sqlparser.Statement, err error) {
	switch strings.ToLower(show.Type) {
	case "databases", "schemas":
		query, err = filtered("SELECT SCHEMA_NAME AS `Database` FROM information_schema.SCHEMATA", "Database", show.Filter, "Database")
	case "tables":
		query, err = e.showTables(ctx, s, show)
	case "columns", "fields":
		query, err = e.showColumns(ctx, s, show)
	case "index":
		query, err = e.showIndex(ctx, s, show)
	case "table status":
		query, err = e.showTableStatus(ctx, s, show)
	case "variables":
		query, err = filtered("SELECT VARIABLE_NAME AS `Variable_name`, VARIABLE_VALUE AS `Value` FROM performance_schema."+scope(show)+"_variables",
			"Variable_name", show.Filter, "Variable_name")
	case "status":
		query, err = filtered("SELECT VARIABLE_NAME AS `Variable_name`, VARIABLE_VALUE AS `Value` FROM performance_schema."+scope(show)+"_status",
			"Variable_name", show.Filter, "Variable_name")
	case "create table", "create view":
		direct, err = e.showCreateTable(ctx, s, show)
	case "create procedure", "create function":
		err = sqlerr.UnknownFunction.New("%s does not exist: there are no stored programs", strings.ToUpper(strings.TrimPrefix(strings.ToLower(show.Type), "create ")))
	case "create trigger", "create event":
		err = sqlerr.Kind{Code: map[string]uint16{"create trigger": 1360, "create event": 1539}[strings.ToLower(show.Type)], State: "HY000"}.New("%s does not exist",
			strings.TrimPrefix(strings.ToLower(show.Type), "create "))
	case "create database", "create schema":
		direct, err = e.showCreateDatabase(ctx, show)
	case "engines":
		direct = result("Engine", "Support", "Comment", "Transactions", "XA", "Savepoints")
		direct.Rows = append(direct.Rows, values(engine, "DEFAULT", "Tables of the configured sources, read only", "NO", "NO", "NO"))
	case "triggers":
		direct = result("Trigger", "Event", "Table", "Statement", "Timing", "Created", "sql_mode", "Definer", "character_set_client", "collation_connection",
			"Database Collation")
	case "events":
		direct = result("Db", "Name", "Definer", "Time zone", "Type", "Execute at", "Interval value", "Interval field", "Starts", "Ends", "Status",
			"Originator", "character_set_client", "collation_connection", "Database Collation")
	case "procedure status", "function status":
		direct = result("Db", "Name", "Type", "Definer", "Modified", "Created", "Security_type", "Comment", "character_set_client", "collation_connection",
			"Database Collation")
	}
	return direct, query, err
}

func scope(show *sqlparser.Show) string {
	if strings.EqualFold(show.Scope, "global") {
		return "global"
	}
	return "session"
}

// filtered wraps a query so that a SHOW's LIKE, which is about one column, and WHERE, which is about the columns as shown, apply.
func filtered(inner, like string, filter *sqlparser.ShowFilter, order string) (sqlparser.Statement, error) {
	text := "SELECT * FROM (" + inner + ") AS `shown`"
	if filter != nil {
		switch {
		case filter.Filter != nil:
			text += " WHERE " + sqlparser.String(filter.Filter)
		case filter.Like != "":
			text += " WHERE " + name(like) + " LIKE " + quote(filter.Like)
		}
	}
	if order != "" {
		text += " ORDER BY " + name(order)
	}
	return sqlparser.Parse(text)
}

func name(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }

var quoter = strings.NewReplacer(`\`, `\\`, `'`, `''`)

func quote(s string) string { return "'" + quoter.Replace(s) + "'" }

// target finds the database that a SHOW is about.
func (e *Engine) target(ctx context.Context, s *Session, given ...string) (string, error) {
	for _, g := range given {
		if g == "" {
			continue
		}
		db, ok := e.DatabaseName(ctx, g)
		if !ok {
			return "", sqlerr.UnknownDatabase.New("Unknown database '%s'", g)
		}
		return db, nil
	}
	if db := s.variables.Database(); db != "" {
		return db, nil
	}
	return "", sqlerr.NoDatabase.New("No database selected")
}

// tableTarget finds the table that a SHOW is about, so that a missing one is an error and not an empty answer. def is nil for the row
// engine's own tables.
func (e *Engine) tableTarget(ctx context.Context, s *Session, show *sqlparser.Show, databases ...string) (db string, t Table, err error) {
	db, err = e.target(ctx, s, append(databases, show.Table.DbQualifier.String())...)
	if err != nil {
		return "", Table{}, err
	}
	table := show.Table.Name.String()
	for _, own := range ownDatabases {
		if own == db {
			if db == "information_schema" {
				table = strings.ToUpper(table)
			}
			return db, Table{Name: table}, nil
		}
	}
	for _, known := range s.catalog.Known(ctx, db) { // broken ones can be looked at too
		if known.Name == table {
			return db, known, nil
		}
	}
	t, err = s.catalog.Table(ctx, db, table)
	return db, t, err
}

func (e *Engine) showTables(ctx context.Context, s *Session, show *sqlparser.Show) (sqlparser.Statement, error) {
	var given string
	var filter *sqlparser.ShowFilter
	if o := show.ShowTablesOpt; o != nil {
		given, filter = o.DbName, o.Filter
	}
	if filter == nil {
		filter = show.Filter
	}
	db, err := e.target(ctx, s, given, show.Database)
	if err != nil {
		return nil, err
	}
	column := "Tables_in_" + db
	if filter != nil && filter.Filter == nil && filter.Like != "" {
		column += " (" + filter.Like + ")"
	}
	inner := "SELECT TABLE_NAME AS " + name(column)
	if show.Full {
		inner += ", TABLE_TYPE AS `Table_type`"
	}
	return filtered(inner+" FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+quote(db), column, filter, column)
}

func (e *Engine) showColumns(ctx context.Context, s *Session, show *sqlparser.Show) (sqlparser.Statement, error) {
	var given string
	filter := show.Filter
	if o := show.ShowTablesOpt; o != nil {
		given = o.DbName
		if o.Filter != nil {
			filter = o.Filter
		}
	}
	db, t, err := e.tableTarget(ctx, s, show, given, show.Database)
	if err != nil {
		return nil, err
	}
	columns := "COLUMN_NAME AS `Field`, COLUMN_TYPE AS `Type`, IS_NULLABLE AS `Null`, COLUMN_KEY AS `Key`, COLUMN_DEFAULT AS `Default`, EXTRA AS `Extra`"
	if show.Full {
		columns = "COLUMN_NAME AS `Field`, COLUMN_TYPE AS `Type`, COLLATION_NAME AS `Collation`, IS_NULLABLE AS `Null`, COLUMN_KEY AS `Key`, " +
			"COLUMN_DEFAULT AS `Default`, EXTRA AS `Extra`, PRIVILEGES AS `Privileges`, COLUMN_COMMENT AS `Comment`"
	}
	inner := "SELECT " + columns + " FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = " + quote(db) + " AND TABLE_NAME = " + quote(t.Name)
	return filtered(inner+" ORDER BY ORDINAL_POSITION", "Field", filter, "")
}

func (e *Engine) showIndex(ctx context.Context, s *Session, show *sqlparser.Show) (sqlparser.Statement, error) {
	db, t, err := e.tableTarget(ctx, s, show, show.Database)
	if err != nil {
		return nil, err
	}
	inner := "SELECT TABLE_NAME AS `Table`, NON_UNIQUE AS `Non_unique`, INDEX_NAME AS `Key_name`, SEQ_IN_INDEX AS `Seq_in_index`, COLUMN_NAME AS `Column_name`, " +
		"COLLATION AS `Collation`, CARDINALITY AS `Cardinality`, SUB_PART AS `Sub_part`, PACKED AS `Packed`, NULLABLE AS `Null`, INDEX_TYPE AS `Index_type`, " +
		"COMMENT AS `Comment`, INDEX_COMMENT AS `Index_comment`, IS_VISIBLE AS `Visible`, EXPRESSION AS `Expression` " +
		"FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = " + quote(db) + " AND TABLE_NAME = " + quote(t.Name)
	var filter *sqlparser.ShowFilter
	if show.ShowIndexFilterOpt != nil {
		filter = &sqlparser.ShowFilter{Filter: show.ShowIndexFilterOpt}
	}
	return filtered(inner, "Key_name", filter, "")
}

func (e *Engine) showTableStatus(ctx context.Context, s *Session, show *sqlparser.Show) (sqlparser.Statement, error) {
	db, err := e.target(ctx, s, show.Database)
	if err != nil {
		return nil, err
	}
	return filtered("SELECT TABLE_NAME AS `Name`, ENGINE AS `Engine`, VERSION AS `Version`, ROW_FORMAT AS `Row_format`, TABLE_ROWS AS `Rows`, "+
		"AVG_ROW_LENGTH AS `Avg_row_length`, DATA_LENGTH AS `Data_length`, MAX_DATA_LENGTH AS `Max_data_length`, INDEX_LENGTH AS `Index_length`, "+
		"DATA_FREE AS `Data_free`, AUTO_INCREMENT AS `Auto_increment`, CREATE_TIME AS `Create_time`, UPDATE_TIME AS `Update_time`, "+
		"CHECK_TIME AS `Check_time`, TABLE_COLLATION AS `Collation`, CHECKSUM AS `Checksum`, CREATE_OPTIONS AS `Create_options`, "+
		"TABLE_COMMENT AS `Comment` FROM information_schema.TABLES WHERE TABLE_SCHEMA = "+quote(db), "Name", show.Filter, "Name")
}

// result makes an empty result of texts.
func result(columns ...string) *sqltypes.Result {
	r := &sqltypes.Result{}
	for _, c := range columns {
		r.Fields = append(r.Fields, &querypb.Field{Name: c, Type: sqltypes.VarChar, Charset: charsetText, ColumnLength: 4096})
	}
	return r
}

func values(texts ...string) []sqltypes.Value {
	out := make([]sqltypes.Value, len(texts))
	for i, t := range texts {
		out[i] = sqltypes.NewVarChar(t)
	}
	return out
}
