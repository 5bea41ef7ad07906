package gms

import (
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
)

// ownDatabases are the databases that the row engine answers by itself.
var ownDatabases = []string{"information_schema", "performance_schema"}

// provider gives the row engine its databases: none but performance_schema, since information_schema is a part of its catalog.
type provider struct{}

// Database finds a database.
func (provider) Database(_ *sql.Context, name string) (sql.Database, error) {
	if strings.EqualFold(name, performanceSchema.name) {
		return performanceSchema, nil
	}
	return nil, sql.ErrDatabaseNotFound.New(name)
}

// HasDatabase reports whether there is a database of that name.
func (p provider) HasDatabase(ctx *sql.Context, name string) bool {
	_, err := p.Database(ctx, name)
	return err == nil
}

// AllDatabases are the databases.
func (provider) AllDatabases(*sql.Context) []sql.Database { return []sql.Database{performanceSchema} }

// database is a fixed set of tables.
type database struct {
	name   string
	tables map[string]sql.Table // by name in lower case
}

// Name is the database's name.
func (d *database) Name() string { return d.name }

// GetTableInsensitive finds a table whatever the case of its name.
func (d *database) GetTableInsensitive(_ *sql.Context, name string) (sql.Table, bool, error) {
	t, ok := d.tables[strings.ToLower(name)]
	return t, ok, nil
}

// GetTableNames are the names of the tables.
func (d *database) GetTableNames(*sql.Context) ([]string, error) {
	out := make([]string, 0, len(d.tables))
	for _, t := range d.tables {
		out = append(out, t.Name())
	}
	return out, nil
}

// rowsTable is a table whose rows are made when they are read.
type rowsTable struct {
	database, name string
	schema         sql.Schema
	rows           func(ctx *sql.Context, s *Session) []sql.Row
}

var _ sql.Table = (*rowsTable)(nil)
var _ sql.Databaseable = (*rowsTable)(nil)

// Name is the table's name.
func (t *rowsTable) Name() string { return t.name }

// String is the table's name.
func (t *rowsTable) String() string { return t.name }

// Database is the table's database.
func (t *rowsTable) Database() string { return t.database }

// Schema are the table's columns.
func (t *rowsTable) Schema(*sql.Context) sql.Schema { return t.schema }

// Collation is that of MySQL's catalog tables: names compare without regard to case.
func (t *rowsTable) Collation() sql.CollationID { return sql.Collation_Information_Schema_Default }

// Partitions is one.
func (t *rowsTable) Partitions(*sql.Context) (sql.PartitionIter, error) {
	return sql.PartitionsToPartitionIter(partition{}), nil
}

// PartitionRows makes the rows.
func (t *rowsTable) PartitionRows(ctx *sql.Context, _ sql.Partition) (sql.RowIter, error) {
	s := sessionOf(ctx)
	if s == nil {
		return sql.RowsToRowIter(), nil
	}
	return sql.RowsToRowIter(t.rows(ctx, s)...), nil
}

type partition struct{}

func (partition) Key() []byte { return []byte{0} }
