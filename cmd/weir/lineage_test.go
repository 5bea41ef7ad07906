package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// lineageConfig is the configuration of three systems with an analyst who sees masked totals, not the rows of account 3, and no stock.
func lineageConfig(t *testing.T, s systems, more string) string {
	t.Helper()
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	t.Setenv("BOB_PASSWORD", "a secret of bob")
	file := s.config(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	policy := filepath.Join(filepath.Dir(file), "policy.yaml")
	if err := os.WriteFile(policy, []byte(`rules:
  - {name: totals, roles: [analyst], column: erp.orders.total, mask: {sql: "ROUND(total, -1)"}}
  - {name: no account, roles: [analyst], column: erp.orders.account, hide: true}
  - {name: not three, roles: [analyst], table: erp.orders, filter: "account NOT IN (SELECT id FROM crm.accounts WHERE name = 'account 3')"}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(string(text), "users: [", `policy: policy.yaml
users: [{name: bob, password: "${env:BOB_PASSWORD}", roles: [analyst]}, `, 1) + more
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// connect connects to a server.
func connect(t *testing.T, address, user, password string) *sql.DB {
	t.Helper()
	dsn := mysql.NewConfig()
	dsn.Net, dsn.Addr, dsn.User, dsn.Passwd, dsn.TLSConfig = "tcp", address, user, password, "skip-verify"
	db, err := sql.Open("mysql", dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lines are the rows of a result, with bars between the values.
func lines(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, v := range values {
			if !v.Valid {
				v.String = "NULL"
			}
			line = append(line, v.String)
		}
		out = append(out, strings.Join(line, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// EXPLAIN LINEAGE over the wire, of three real systems, as text, prepared and as JSON; whom a policy concerns sees no name that it hides.
func TestExplainLineage(t *testing.T) {
	file := lineageConfig(t, newSystems(t), "")
	address, _, _ := serveFile(t, file)
	ana, bob := connect(t, address, "ana", "a secret of ana"), connect(t, address, "bob", "a secret of bob")

	statement := `SELECT upper(a.name) AS n, sum(o.total) AS total, 1 AS one FROM erp.orders o JOIN crm.accounts a ON a.id = o.account WHERE o.id > ? GROUP BY a.name`
	plain := []string{
		"n|1|crm|accounts|name|direct|TRANSFORMATION|0",
		"total|2|erp|orders|total|direct|AGGREGATION|0",
		"one|3|NULL|NULL|NULL|NULL|NULL|NULL",
		"*|0|crm|accounts|id|indirect|JOIN|0",
		"*|0|crm|accounts|name|indirect|GROUP_BY|0",
		"*|0|erp|orders|account|indirect|JOIN|0",
		"*|0|erp|orders|id|indirect|FILTER|0",
	}
	for _, c := range []struct {
		text string
		args []any
	}{{strings.Replace(statement, "?", "5", 1), nil}, {statement, []any{5}}} {
		got := lines(t, ana, "EXPLAIN LINEAGE "+c.text, c.args...)
		if strings.Join(got, "\n") != strings.Join(plain, "\n") {
			t.Errorf("%s\n%s", c.text, strings.Join(got, "\n"))
		}
	}

	// The filter reads the hidden account and crm.accounts, neither of which the statement shows bob.
	got := lines(t, bob, "EXPLAIN LINEAGE SELECT * FROM erp.orders WHERE id > 1")
	want := []string{"id|1|erp|orders|id|direct|IDENTITY|0", "total|2|erp|orders|total|direct|TRANSFORMATION|1", "*|0|erp|orders|id|indirect|FILTER|0"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("bob is told\n%s", strings.Join(got, "\n"))
	}

	for _, text := range []string{"EXPLAIN LINEAGE FORMAT=JSON SELECT total FROM erp.orders", "explain format=json lineage select total from erp.orders"} {
		got := lines(t, bob, text)
		var l struct {
			Columns []struct {
				Name string
				From []struct {
					Column string
					Masked []string
				}
			}
			Rows []struct{ Column string }
		}
		if len(got) != 1 || json.Unmarshal([]byte(got[0]), &l) != nil || len(l.Columns) != 1 || len(l.Columns[0].From) != 1 || l.Columns[0].From[0].Column != "total" ||
			len(l.Columns[0].From[0].Masked) != 1 || len(l.Rows) != 0 {
			t.Errorf("%s\n%s", text, strings.Join(got, "\n"))
		}
	}
	for _, text := range []string{"EXPLAIN ANALYZE LINEAGE SELECT 1", "EXPLAIN LINEAGE FORMAT=XML SELECT 1", "EXPLAIN LINEAGE SELECT table_name FROM information_schema.tables"} {
		if _, err := ana.Exec(text); err == nil || !strings.Contains(err.Error(), "1235") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := bob.Exec("EXPLAIN LINEAGE SELECT account FROM erp.orders"); err == nil || !strings.Contains(err.Error(), "1054") {
		t.Errorf("a hidden column: %v", err)
	}
	if _, err := ana.Exec("EXPLAIN LINEAGE DELETE FROM erp.orders"); err == nil || !strings.Contains(err.Error(), "1290") {
		t.Errorf("a DELETE: %v", err)
	}
}
