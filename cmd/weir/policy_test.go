package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// people is a policy over the three systems of this package's tests.
const people = `
tags:
  - {tag: name, columns: ["*.accounts.name"]}
rules:
  - {name: all, roles: [admin], show: true}
  - {name: names, tag: name, mask: {partial: {last: 1}}}
  - {name: own, roles: [analyst], table: erp.orders, filter: "account = attr('account') OR has_role('chief') OR id IN (SELECT account FROM inventory.stock WHERE on_hand > 10)"}
  - {name: totals, roles: [analyst], column: erp.orders.total, mask: {bucket: 50}}
  - {name: stock by three, roles: [analyst], table: inventory.stock, min_group: {size: 3}}
  - {name: broken, roles: [intern], table: inventory.stock, filter: "nosuch > 1"}
  - {name: no orders, roles: [intern], table: erp.orders, hide: true}
tests:
  - {roles: [analyst], column: erp.orders.total, value: "149.99", sees: "100.00"}
  - {roles: [analyst], column: erp.orders.total, value: "-1", sees: "-50.00"}
  - {roles: [analyst], column: erp.orders.id, sees: plain}
  - {roles: [intern], table: erp.orders, sees: hidden}
  - {roles: [intern], column: erp.orders.total, sees: hidden}
  - {user: ann, column: crm.accounts.name, value: "account 7", sees: "***7"}
  - {user: root, table: erp.orders, filter: none}
`

func policyConfig(t *testing.T, s systems, policy string) (file string) {
	t.Helper()
	t.Setenv("ANA_PASSWORD", "a secret of root")
	file = s.config(t)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(filepath.Dir(file), "policy.yaml"), policy)
	writeFile(t, file, strings.Replace(string(text), "users: [", `policy: policy.yaml
users: [{name: ann, password: ann-pw-1, roles: [analyst], attributes: {account: "3"}}, {name: ian, password: ian-pw-1, roles: [intern]}, {name: root, password: root-pw-1, roles: [admin]}, `, 1))
	return file
}

func writeFile(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What users of several roles get, with and without pushdown: rows, or the number of an error.
func TestPolicies(t *testing.T) {
	address, _, _ := serveFile(t, policyConfig(t, newSystems(t), people))
	for _, c := range []struct{ user, query, want string }{
		{"root", "SELECT count(*), sum(total) FROM erp.orders", "100|7575.00"},
		{"ann", "SELECT count(*), min(id), max(id) FROM erp.orders", "11|2|93"}, // ten of account 3, and number 2 by its stock
		{"ann", "SELECT id, total FROM erp.orders WHERE id BETWEEN 33 AND 53 ORDER BY id", "33|0.00 43|50.00 53|50.00"},
		{"ann", "SELECT count(*) FROM erp.orders WHERE total = 49.5", "0"},
		{"ann", "SELECT count(*) FROM erp.orders WHERE total = 0", "5"},
		{"ann", "SELECT a.name, count(*) FROM erp.orders o JOIN crm.accounts a ON a.id = o.account GROUP BY a.name ORDER BY 1", "***2|1 ***3|10"},
		{"ann", "SELECT name FROM crm.accounts WHERE name LIKE '%account%'", ""},
		{"ann", "SELECT id FROM crm.accounts WHERE name = '***4'", "4"},
		{"ann", "SELECT count(*) FROM erp.orders WHERE IF(id = 42, EXP(1000), 1) > 0", "11"},
		{"ann", "SELECT e FROM (SELECT EXP(IF(id = 42, 1000, 0)) e FROM erp.orders) d WHERE e > 1", ""},
		{"ann", "SELECT count(*), sum(on_hand) FROM inventory.stock", "3|60"},
		{"ann", "SELECT sum(on_hand) FROM inventory.stock WHERE account > 1", ""},
		{"ann", "SELECT count(*) FROM inventory.stock s JOIN crm.accounts a ON a.id <> 77 WHERE s.account = 1", ""}, // ten rows, one person
		{"ann", "SELECT on_hand FROM inventory.stock", "1142"},
		{"ann", "SELECT group_concat(on_hand) FROM inventory.stock", "1142"},
		{"ann", "SELECT (SELECT on_hand FROM inventory.stock LIMIT 1)", "1142"},
		{"ann", "SELECT 1 FROM crm.accounts a WHERE EXISTS (SELECT 1 FROM inventory.stock s WHERE s.account = a.id)", "1142"},
		{"ann", "SELECT max(on_hand) OVER () FROM inventory.stock", "1142"},
		{"ann", "SELECT account FROM inventory.stock UNION SELECT 1", "1142"},
		{"ann", "SELECT weir_hash('d', 'x')", "1305"},
		{"ann", "SELECT has_role('chief')", "1305"},
		{"ian", "SELECT count(*) FROM erp.orders", "1146"},
		{"ian", "SELECT count(*) FROM inventory.stock", "1356"},
		{"ian", "SHOW TABLES FROM erp", ""},
		{"ian", "SELECT count(*) FROM information_schema.columns WHERE table_schema = 'erp'", "0"},
		{"ian", "DESCRIBE erp.orders", "1146"},
		{"ann", "SELECT column_name, column_type FROM information_schema.columns WHERE table_schema = 'crm' ORDER BY 1", "id|int name|varchar(4)"},
		{"ann", "SELECT table_rows FROM information_schema.tables WHERE table_schema = 'erp'", "NULL"},
	} {
		db := connect(t, address, c.user, c.user+"-pw-1")
		db.SetMaxOpenConns(1)
		for _, pushdown := range []string{"on", "off"} {
			if _, err := db.ExecContext(t.Context(), "SET weir_pushdown = "+pushdown); err != nil {
				t.Fatal(err)
			}
			got := ""
			rows, err := db.QueryContext(t.Context(), c.query)
			if err == nil {
				rows.Close()
				got = strings.Join(lines(t, db, c.query), " ")
			} else if e := new(mysql.MySQLError); errors.As(err, &e) {
				got = fmt.Sprint(e.Number)
			}
			if got != c.want {
				t.Errorf("%s, pushdown %s: %s\ngives %s (%v)\nwant  %s", c.user, pushdown, c.query, got, err, c.want)
			}
		}
	}
}

// EXPLAIN shows what is sent to a source, but to whom rows are hidden neither how many there are nor the values of join keys.
func TestExplainUnderPolicy(t *testing.T) {
	address, _, _ := serveFile(t, policyConfig(t, newSystems(t), people))
	query := "EXPLAIN ANALYZE SELECT count(*) FROM erp.orders o JOIN crm.accounts a ON a.id = o.account WHERE a.id > 2"
	counts := func(user string) bool {
		all := strings.Join(lines(t, connect(t, address, user, user+"-pw-1"), query), "\n")
		if !strings.Contains(all, `FROM "public"."orders"`) {
			t.Errorf("%s doesn't see the remote text:\n%s", user, all)
		}
		return strings.Contains(all, "estimated rows") || strings.Contains(all, "actual rows 7, ") || strings.Contains(all, "with ") && strings.Contains(all, "join keys: SELECT")
	}
	if !counts("root") || counts("ann") {
		t.Errorf("root sees counts: %v, ann sees counts: %v", counts("root"), counts("ann"))
	}
}

func TestPolicyCommands(t *testing.T) {
	s := newSystems(t)
	file := policyConfig(t, s, people)
	expect(t, 0, []string{"7 of 7 assertions hold"}, "policy", "test", "--config", file)
	expect(t, 0, []string{"erp.orders as ann (roles analyst)", "rule own", "bucket: CASE WHEN MOD(`total`, 50) < 0"}, "policy", "explain", "ann", "erp.orders", "--config", file)
	expect(t, 0, []string{"there is no such table", "no orders"}, "policy", "explain", "x", "erp.orders", "--roles", "intern", "--config", file)
	expect(t, 0, []string{"CAN'T BE READ", "Unknown column 'nosuch'"}, "policy", "explain", "ian", "inventory.stock", "--config", file)
	wrong := policyConfig(t, s, people+"  - {roles: [analyst], column: erp.orders.total, value: \"149.99\", sees: \"149.99\"}\n")
	expect(t, 1, []string{"policy.yaml:", "role analyst sees erp.orders.total: 100.00, expected 149.99", "7 of 8 assertions hold"}, "policy", "test", "--config", wrong)
	expect(t, 2, []string{`rules[0].filter: "a b" is no SQL expression`}, "serve", "--config", policyConfig(t, s, "rules:\n  - {name: x, table: erp.orders, filter: \"a b\"}\n"))
}

// A reload with a policy that can't be understood leaves the old one in force.
func TestPolicyReload(t *testing.T) {
	file := policyConfig(t, newSystems(t), people)
	address, log, _ := serveFile(t, file)
	ian := connect(t, address, "ian", "ian-pw-1")
	tables := func() []string { return lines(t, ian, "SHOW TABLES FROM erp") }
	if got := tables(); len(got) > 0 {
		t.Fatal(got)
	}
	policy := filepath.Join(filepath.Dir(file), "policy.yaml")
	writeFile(t, policy, "rules:\n  - {name: x, table: erp.orders, filter: \"1 +\"}\n")
	hangUp(t)
	log.wait(t, `rules\[0\].filter`)
	if got := tables(); len(got) > 0 {
		t.Errorf("a wrong policy opened %v", got)
	}
	writeFile(t, policy, "rules: []\n")
	hangUp(t)
	within(t, "the new policy", func() bool { return slices.Equal(tables(), []string{"orders"}) })
}

// hangUp has the servers of this process read their configuration again.
func hangUp(t *testing.T) {
	t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func within(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}
