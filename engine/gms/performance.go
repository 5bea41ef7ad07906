package gms

import (
	"maps"
	"slices"
	"strings"

	"github.com/dolthub/go-mysql-server/sql"
)

// performanceSchema has the tables of MySQL's performance_schema that clients ask for variables and status.
var performanceSchema = newPerformanceSchema()

func newPerformanceSchema() *database {
	d := &database{name: "performance_schema", tables: map[string]sql.Table{}}
	add := func(name string, rows func(*sql.Context, *Session) []sql.Row) {
		d.tables[name] = &rowsTable{database: d.name, name: name, rows: rows, schema: sql.Schema{
			{Name: "VARIABLE_NAME", Type: nameType(64), Source: name, DatabaseSource: d.name},
			{Name: "VARIABLE_VALUE", Type: nameType(1024), Nullable: true, Source: name, DatabaseSource: d.name},
		}}
	}
	add("session_variables", variableRows)
	add("global_variables", variableRows)
	add("session_status", statusRows)
	add("global_status", statusRows)
	return d
}

func variableRows(_ *sql.Context, s *Session) []sql.Row { return pairs(allVariables(s)) }

func pairs(m map[string]string) []sql.Row {
	out := make([]sql.Row, 0, len(m))
	for name, v := range m {
		out = append(out, sql.Row{name, v})
	}
	slices.SortFunc(out, func(a, b sql.Row) int { return strings.Compare(a[0].(string), b[0].(string)) })
	return out
}

// statusRows has the status variables of the row engine that MySQL has too, and those that Weir knows.
func statusRows(ctx *sql.Context, s *Session) []sql.Row {
	out := map[string]string{}
	for name, v := range s.BaseSession.GetAllStatusVariables(ctx) {
		out[name] = shown(v.Value())
	}
	maps.Copy(out, s.variables.Status())
	return pairs(out)
}
