package gms

import (
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/information_schema"
	"github.com/dolthub/go-mysql-server/sql/types"
)

// newInformationSchema is go-mysql-server's information_schema with the tables that tell of databases, tables and columns replaced. Its own
// would ask for every table of every database, whatever the statement wants, and fail with the first source that is down.
func newInformationSchema(e *Engine) *database {
	base := information_schema.NewInformationSchemaDatabase()
	ctx := sql.NewEmptyContext()
	names, _ := base.GetTableNames(ctx) // never an error
	db := &database{name: sql.InformationSchemaDatabaseName, tables: map[string]sql.Table{}}
	for _, name := range names {
		if t, ok, _ := base.GetTableInsensitive(ctx, name); ok {
			db.tables[name] = t
		}
	}
	catalog := func(rows func(l []listed) []sql.Row) func(*sql.Context, *Session) []sql.Row {
		return func(ctx *sql.Context, s *Session) []sql.Row { return rows(list(ctx, s.catalog, s.narrow)) }
	}
	replace := map[string]func(*sql.Context, *Session) []sql.Row{
		"schemata":                func(_ *sql.Context, s *Session) []sql.Row { return schemataRows(s.catalog.Databases()) },
		"tables":                  nil, // below
		"columns":                 nil,
		"statistics":              catalog(statisticsRows),
		"key_column_usage":        catalog(keyColumnRows),
		"referential_constraints": catalog(referentialRows),
		"table_constraints":       catalog(constraintRows),
		"views":                   catalog(viewRows),
		"partitions":              catalog(partitionRows),
		"processlist":             processRows,
		"user_privileges":         privilegeRows(0),
		"schema_privileges":       privilegeRows(1),
		"table_privileges":        privilegeRows(2),
		"column_privileges":       privilegeRows(3),
		"applicable_roles":        applicableRoleRows,
		"enabled_roles":           enabledRoleRows,
	}
	for name, rows := range replace {
		old := db.tables[name]
		db.tables[name] = &rowsTable{database: db.name, name: strings.ToUpper(name), schema: plainSchema(old.Schema(ctx), name), rows: rows}
	}
	// The row engine's own tables are listed too; what they are doesn't change.
	system := describeOwn(ctx, db, performanceSchema)
	db.tables["tables"].(*rowsTable).rows = catalog(func(l []listed) []sql.Row { return append(tableRows(l), system.tables...) })
	db.tables["columns"].(*rowsTable).rows = catalog(func(l []listed) []sql.Row { return append(columnRows(l), system.columns...) })
	// Tables of the row engine that go through all tables of all databases have nothing to find.
	for _, name := range []string{"check_constraints", "table_constraints_extensions", "tables_extensions", "columns_extensions", "st_geometry_columns",
		"triggers", "events", "routines", "parameters", "column_statistics", "schemata_extensions"} {
		if old := db.tables[name]; old != nil {
			db.tables[name] = &rowsTable{database: db.name, name: strings.ToUpper(name), schema: plainSchema(old.Schema(ctx), name),
				rows: func(*sql.Context, *Session) []sql.Row { return nil }}
		}
	}
	return db
}

// caseSensitive are the columns that hold names of databases and tables, which differ by case, as in MySQL with lower_case_table_names=0.
var caseSensitive = map[string]bool{"SCHEMA_NAME": true, "TABLE_SCHEMA": true, "TABLE_NAME": true, "CONSTRAINT_SCHEMA": true, "INDEX_SCHEMA": true,
	"REFERENCED_TABLE_SCHEMA": true, "REFERENCED_TABLE_NAME": true, "UNIQUE_CONSTRAINT_SCHEMA": true}

// plainSchema is a schema with texts for enums, and without the defaults that only matter to inserts.
func plainSchema(s sql.Schema, table string) sql.Schema {
	out := make(sql.Schema, len(s))
	for i, c := range s {
		column := *c
		column.Default, column.Generated, column.OnUpdate = nil, nil, nil
		column.Source, column.DatabaseSource = strings.ToUpper(table), sql.InformationSchemaDatabaseName
		if types.IsEnum(c.Type) || types.IsSet(c.Type) {
			column.Type = nameType(64)
		}
		if caseSensitive[c.Name] {
			column.Type = types.MustCreateString(varChar, 64, sql.Collation_utf8mb3_bin)
		}
		out[i] = &column
	}
	return out
}

// nameType is VARCHAR(n) that compares as MySQL's catalog tables do.
func nameType(n int64) sql.Type {
	return types.MustCreateString(varChar, n, sql.Collation_Information_Schema_Default)
}

// ownRows are the lines of TABLES and COLUMNS about the row engine's own tables.
type ownRows struct{ tables, columns []sql.Row }

func describeOwn(ctx *sql.Context, databases ...*database) ownRows {
	var out ownRows
	for _, d := range databases {
		names := make([]string, 0, len(d.tables))
		for name := range d.tables {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			t := d.tables[name]
			shown := strings.ToUpper(t.Name())
			if d == performanceSchema {
				shown = t.Name()
			}
			out.tables = append(out.tables, tableRow(d.name, shown, "SYSTEM VIEW", nil, nil, ""))
			for i, c := range t.Schema(ctx) {
				out.columns = append(out.columns, ownColumnRow(d.name, shown, i, c))
			}
		}
	}
	return out
}

// ownColumnRow is a line of COLUMNS about a column of the row engine's own.
func ownColumnRow(db, table string, position int, c *sql.Column) sql.Row {
	full := strings.ToLower(c.Type.String())
	full, _, _ = strings.Cut(full, " character set ")
	kind, _, _ := strings.Cut(full, "(")
	kind, _, _ = strings.Cut(kind, " ")
	var length, octets, charset, collation any
	if types.IsText(c.Type) && !types.IsBinaryType(c.Type) {
		charset, collation = "utf8mb3", "utf8mb3_general_ci"
		if s, ok := c.Type.(sql.StringType); ok {
			length, octets = s.MaxCharacterLength(), s.MaxByteLength()
		}
	}
	return sql.Row{"def", db, table, c.Name, uint32(position + 1), nil, yesNo(c.Nullable), kind, length, octets, nil, nil, nil, charset, collation, full, "", "",
		"select", "", "", nil}
}
