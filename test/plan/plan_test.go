package plan

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/sources"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The described systems: erp on PostgreSQL, crm on MariaDB, inventory in SQLite.
var (
	integer = rel.Type{Kind: rel.BigInt, NotNull: true}
	money   = rel.Type{Kind: rel.Decimal, Precision: 15, Scale: 2}
	text    = rel.Type{Kind: rel.VarChar, Length: 100}
	ciText  = rel.Type{Kind: rel.VarChar, Length: 100, Collation: "utf8mb4_general_ci"}
	day     = rel.Type{Kind: rel.Date}
)

func table(name string, rows float64, cols ...sources.Column) *sources.Table {
	return &sources.Table{Name: name, Kind: sources.BaseTable, Columns: cols, PrimaryKey: []string{"id"}, RowCount: rows}
}

func column(name string, t rel.Type, distinct float64) sources.Column {
	return sources.Column{Name: name, Type: t, Distinct: distinct}
}

var tables = map[string]map[string]*sources.Table{
	"erp": {
		"clients":     clients,
		"persons":     table("persons", 10000, column("id", integer, 0), column("email", text, 9900), column("no", integer, 10000), column("phone", text, 9000), column("country", text, 20)),
		"customers":   table("customers", 10000, column("id", integer, 0), column("name", text, 9000), column("country", text, 20)),
		"orders":      table("orders", 100000, column("id", integer, 0), column("customer_id", integer, 10000), column("day", day, 1000), column("status", text, 4)),
		"movements":   table("movements", 5e6, column("id", integer, 0), column("account", integer, 500), column("day", day, 2000), column("amount", money, 0)),
		"order_lines": table("order_lines", 400000, column("id", integer, 0), column("order_id", integer, 100000), column("product_id", integer, 500), column("amount", money, 0)),
	},
	"crm": {
		"clients":  clients,
		"people":   table("people", 50000, column("id", integer, 0), column("mail", ciText, 49000), column("code", ciText, 12000), column("city", text, 300)),
		"accounts": table("accounts", 12000, column("id", integer, 0), column("erp_id", integer, 12000), column("owner", ciText, 30)),
	},
	"inventory": {
		"clients":  clients,
		"products": table("products", 500, column("id", integer, 0), column("name", text, 500), column("price", money, 0)),
		"stock":    table("stock", 2500, column("id", integer, 0), column("product_id", integer, 500), column("quantity", integer, 0)),
	},
}

var mariadb = dialect.MySQLVersion{10, 11, 6}

func dialects() map[string]*dialect.Dialect {
	return map[string]*dialect.Dialect{"erp": dialect.Postgres(150000, true), "crm": dialect.MySQL(dialect.MariaDB, mariadb), "inventory": dialect.SQLite(3045000)}
}

// described resolves the tables above.
type described struct{}

func (described) Scan(_ context.Context, db, name string, ids *rel.IDs) (rel.Node, error) {
	t := tables[db][name]
	if t == nil {
		return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", db, name)
	}
	return masked(db, t, policy.Scan(db, t, ids), ids)
}

// session is a connection without any state.
type session struct{}

func (session) ConnectionID() uint32                           { return 1 }
func (session) User() string                                   { return "test@localhost" }
func (session) CurrentUser() string                            { return "test@localhost" }
func (session) CurrentRole() string                            { return "NONE" }
func (session) Database() string                               { return "erp" }
func (session) UserVariable(string) *rel.Lit                   { return &rel.Lit{} }
func (session) SystemVariable(string, string) (*rel.Lit, bool) { return nil, false }
func (session) TimeZone() *time.Location                       { return time.UTC }

// explain plans a statement and returns what EXPLAIN would say, or the error.
func explain(statement string) string {
	ast, err := sqlparser.Parse(withTokens(statement))
	if err != nil {
		return "error: " + err.Error()
	}
	ids := &rel.IDs{}
	q, err := bind.Bind(context.Background(), ast.(sqlparser.SelectStatement), &bind.Env{Tables: described{}, Session: session{}, Now: time.Unix(1.7e9, 0).UTC(), IDs: ids,
		Keyring: ring, Reveal: func() error { return nil }})
	if err != nil {
		return "error: " + err.Error()
	}
	out := make([]rel.Column, len(q.Columns))
	for i, c := range q.Columns {
		out[i] = c.Column
	}
	local := dialect.DuckDB()
	p, err := plan.Build(context.Background(), q.Root, out, plan.Config{Sites: dialects(), Local: local, Tokens: ring, IDs: ids})
	if err != nil {
		return "error: " + err.Error()
	}
	x, err := plan.Explain(p, local)
	if err != nil {
		return "error: " + err.Error()
	}
	lines := x.Lines()
	return strings.Join(lines[:len(lines)-1], "\n") // without the time that planning took
}

func TestPlans(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, c := range strings.Split(string(script), ";\n") {
				if c = strings.TrimSpace(c); c != "" {
					fmt.Fprintf(&got, "%s;\n%s\n\n", c, explain(c))
				}
			}
			golden := strings.TrimSuffix(file, ".sql") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("plans changed; run with -update and read the difference:\n%s", got.String())
			}
		})
	}
}
