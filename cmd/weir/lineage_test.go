package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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

// Statements of a running server become OpenLineage events: those that are answered, fail, and are ended. Nothing of their values is in them.
func TestOpenLineage(t *testing.T) {
	events := filepath.Join(t.TempDir(), "events.jsonl")
	file := lineageConfig(t, newSystems(t), "lineage: {file: "+events+", namespace: shop}\n")
	address, log, stop := serveFile(t, file)
	ana, bob := connect(t, address, "ana", "a secret of ana"), connect(t, address, "bob", "a secret of bob")

	got := lines(t, bob, `SELECT o.id AS the_id, o.total FROM erp.orders o WHERE o.id BETWEEN 41 AND 45 /* remark */ ORDER BY o.id`)
	if len(got) != 4 { // not the row of account 3
		t.Errorf("bob sees %v", got)
	}
	lines(t, ana, "SELECT a.name FROM crm.accounts a WHERE a.name = ?", "account 7")
	if _, err := ana.Exec("SELECT nothing FROM crm.accounts WHERE name = 'account 7'"); err == nil {
		t.Error("an unknown column is found")
	}
	if _, err := ana.Exec(`SELECT /*+ MAX_EXECUTION_TIME(300) */ count(*) FROM erp.orders a, erp.orders b, erp.orders c, erp.orders d, crm.accounts e WHERE a.total + b.total + c.total + d.total + e.id = 41.25`); err == nil {
		t.Error("a long statement isn't ended")
	}
	lines(t, ana, "EXPLAIN SELECT 1") // tells nothing
	lines(t, ana, "SHOW DATABASES")
	metrics := get(t, "http://"+log.wait(t, `http=(\S+)`)[1]+"/metrics")
	if !strings.Contains(metrics, `weir_lineage_events_total{outcome="dropped"} 0`) {
		t.Errorf("no count of the events")
	}
	if code := stop(); code != 0 {
		t.Fatalf("exit code %d", code)
	}

	raw, err := os.ReadFile(events)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"account 7", "account 3", "41", "45", "remark", "a secret of", "MAX_EXECUTION"} {
		for _, line := range strings.Split(string(raw), "\n") {
			if text := withoutIdentity(line); strings.Contains(text, never) {
				t.Errorf("%q is in %s", never, text)
			}
		}
	}
	type ref struct{ Name, Field string }
	var ends []string
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		var e struct {
			EventType string
			Job       struct {
				Facets struct{ SQL struct{ Query string } }
			}
			Inputs  []struct{ Name string }
			Outputs []struct {
				Facets struct {
					ColumnLineage struct {
						Fields map[string]struct {
							InputFields []struct {
								ref
								Transformations []struct {
									Subtype string
									Masking bool
								}
							}
						}
						Dataset []ref
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		if e.EventType == "START" {
			continue
		}
		ends = append(ends, e.EventType)
		if !strings.Contains(e.Job.Facets.SQL.Query, "the_id") {
			continue
		}
		// All is told here, also what bob may not know: the filter's account, and the table that it looks into.
		l := e.Outputs[0].Facets.ColumnLineage
		total := l.Fields["total"].InputFields
		if len(e.Inputs) != 2 || len(total) != 1 || total[0].Name != "erp.public.orders" || total[0].Transformations[0].Subtype != "TRANSFORMATION" || !total[0].Transformations[0].Masking {
			t.Errorf("%s", line)
		}
		filters := map[string]bool{}
		for _, r := range l.Dataset {
			filters[r.Field] = true
		}
		if !filters["account"] || !filters["name"] || !filters["id"] {
			t.Errorf("%s", line)
		}
	}
	if strings.Join(ends, " ") != "COMPLETE COMPLETE FAIL ABORT" {
		t.Errorf("the statements ended %v:\n%s", ends, raw)
	}
}

// withoutIdentity is an event without what is random in it or counts: its run, time and job, and the number of its rows.
func withoutIdentity(line string) string {
	var e map[string]any
	if json.Unmarshal([]byte(line), &e) != nil {
		return line
	}
	delete(e, "run")
	delete(e, "eventTime")
	if job, ok := e["job"].(map[string]any); ok {
		delete(job, "name")
	}
	if outs, ok := e["outputs"].([]any); ok {
		for _, o := range outs {
			delete(o.(map[string]any), "name")
		}
	}
	text, _ := json.Marshal(e)
	return string(text)
}

// An endpoint that can't be reached neither slows statements nor the stop of the server.
func TestOpenLineageUnreachable(t *testing.T) {
	file := lineageConfig(t, newSystems(t), "lineage: {url: \"http://127.0.0.1:1/api/v1/lineage\", api_key: hunter22}\n")
	address, log, stop := serveFile(t, file)
	ana := connect(t, address, "ana", "a secret of ana")
	lines(t, ana, "SELECT 1")
	began := time.Now()
	for range 50 {
		lines(t, ana, "SELECT 1")
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("50 statements took %s", took)
	}
	began = time.Now()
	stop()
	if took := time.Since(began); took > 12*time.Second {
		t.Errorf("the stop took %s", took)
	}
	if strings.Contains(log.String(), "hunter22") {
		t.Errorf("the key is in the log:\n%s", log)
	}
}

// The audit's record of a statement has its lineage, with what only the policy reads; EXPLAIN LINEAGE is recorded like any statement.
func TestLineageAudited(t *testing.T) {
	file := lineageConfig(t, newSystems(t), "")
	address, _, stop := serveFile(t, file)
	bob := connect(t, address, "bob", "a secret of bob")
	lines(t, bob, "SELECT id, total FROM erp.orders WHERE id > 5")
	lines(t, bob, "EXPLAIN LINEAGE SELECT id FROM erp.orders")
	lines(t, bob, "SELECT 'canary', concat('canary ', id) FROM erp.orders")
	bob.Close()
	stop()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "weir-data", "audit", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no audit: %v", err)
	}
	ran, explained := 0, 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
			var r struct {
				Event, Text string
				Lineage     *struct {
					Columns []struct {
						Name string
						From []struct{ Table, Column string }
					}
					Rows []struct{ Column string }
				}
			}
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatal(err)
			}
			if strings.Contains(line, "canary") {
				t.Errorf("a text of the statement is in %s", line)
			}
			if r.Event != "end" {
				continue
			}
			switch {
			case strings.HasPrefix(r.Text, "SELECT id, total"):
				ran++
				var rows []string
				if r.Lineage != nil {
					for _, x := range r.Lineage.Rows {
						rows = append(rows, x.Column)
					}
				}
				if r.Lineage == nil || len(r.Lineage.Columns) != 2 || r.Lineage.Columns[1].From[0].Column != "total" || strings.Join(rows, " ") != "id name account id" {
					t.Errorf("%s", line)
				}
			case strings.HasPrefix(r.Text, "EXPLAIN LINEAGE"):
				explained++
			}
		}
	}
	if ran != 1 || explained != 1 {
		t.Errorf("%d ends of the statement, %d of its EXPLAIN", ran, explained)
	}
}
