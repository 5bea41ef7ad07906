package main

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
)

// auditPolicy masks and filters for the analyst; the intern's rows depend on the audit, which he may not read.
const auditPolicy = `tags:
  - {tag: money, columns: ["*.*.total"]}
rules:
  - {name: totals, roles: [analyst], column: erp.orders.total, mask: {round: 0}}
  - {name: stock, roles: [analyst], column: inventory.stock.on_hand, mask: {constant: "0"}}
  - {name: rows, roles: [analyst], table: erp.orders, filter: "id <= 50"}
  - {name: names, roles: [analyst], column: crm.accounts.name, hide: true}
  - {name: sneaky, roles: [intern], table: erp.orders, filter: "id IN (SELECT seq FROM weir.audit)"}
`

// auditServer runs a server with an administrator root, an analyst ann, an intern ian and an auditor aud.
func auditServer(t *testing.T, s systems, more string) (address, file string, stop func() int) {
	t.Helper()
	file = policyConfig(t, s, auditPolicy)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.Replace(string(text), "users: [", "users: [{name: aud, password: aud-pw-1, roles: [auditor]}, ", 1)+more)
	address, _, stop = serveFile(t, file)
	return address, file, stop
}

// errorCode runs a statement to its end and returns MySQL's code of its error, 0 for none; out are the values that came.
func errorCode(t *testing.T, db *sql.DB, query string, args ...any) (code uint16, out string) {
	t.Helper()
	rows, err := db.Query(query, args...)
	if err == nil {
		defer rows.Close()
		names, _ := rows.Columns()
		for rows.Next() {
			values, into := make([]sql.NullString, len(names)), make([]any, len(names))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for _, v := range values {
				out += v.String + "|"
			}
		}
		err = rows.Err()
	}
	var known *mysql.MySQLError
	switch {
	case err == nil:
		return 0, out
	case errors.As(err, &known):
		return known.Number, out + known.Message
	}
	t.Fatalf("%s: %v", query, err)
	return 0, ""
}

func auditFiles(t *testing.T, file string) (names []string, text string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(filepath.Dir(file), "weir-data", "audit", "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files of the audit: %v", err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		text += string(b)
	}
	return names, text
}

// The whole way: what a statement of a user under a policy leaves in the audit, who may read it by SQL, what a reload leaves, and that tampering is found.
func TestAudit(t *testing.T) {
	address, file, stop := auditServer(t, newSystems(t), "audit: {readers: [auditor], key: 0123456789abcdef}\n")
	root, ann, aud := connect(t, address, "root", "root-pw-1"), connect(t, address, "ann", "ann-pw-1"), connect(t, address, "aud", "aud-pw-1")

	statement := `SELECT o.id, o.total, s.on_hand, a.id FROM erp.orders o JOIN crm.accounts a ON a.id = o.account JOIN inventory.stock s ON s.account = a.id
		WHERE o.total < 730421 AND a.id <> 730421 AND 'canary-730421' <> ?`
	if got := lines(t, ann, statement, "canary-730421x"); len(got) != 15 {
		t.Errorf("%d rows", len(got))
	}
	got := lines(t, root, `SELECT default_database, query, JSON_UNQUOTE(JSON_EXTRACT(tables_read, '$."erp.orders"')), JSON_EXTRACT(tables_read, '$."crm.accounts"'), applied, rows_sent, rows_read > 0, result, client, tls
		FROM weir.audit WHERE user = 'ann' AND event = 'end' AND class = 'query'`)
	if len(got) != 1 {
		t.Fatalf("%q", got)
	}
	for _, want := range []string{`o.total < ? AND a.id <> ? AND ? <> ?`, `["account", "id", "total"]`, `|["id"]|`,
		`{"table":"erp.orders","rule":"rows","does":"filter"},{"table":"erp.orders","column":"total","rule":"totals","does":"round"}`, `{"table":"inventory.stock","column":"on_hand","rule":"stock","does":"constant"}`, "|15|1|ok|127.0.0.1|1"} {
		if !strings.Contains(strings.ReplaceAll(got[0], `","`, `", "`), strings.ReplaceAll(want, `","`, `", "`)) {
			t.Errorf("no %s in %s", want, got[0])
		}
	}
	if remote := lines(t, root, `SELECT remote FROM weir.audit WHERE user = 'ann' AND event = 'end' AND class = 'query'`); !strings.Contains(remote[0], `"source":"erp"`) ||
		!strings.Contains(remote[0], `"source":"crm"`) || !strings.Contains(remote[0], `"source":"inventory"`) {
		t.Errorf("remote: %s", remote)
	}
	if _, text := auditFiles(t, file); strings.Contains(text, "730421") || strings.Contains(text, "pw-1") {
		t.Error("constants or passwords are in the files")
	}

	// By SQL, with a source's table, by whoever may.
	if got := lines(t, aud, `SELECT count(*) > 0 FROM weir.audit a JOIN erp.orders o ON o.id = a.seq WHERE a.event = 'begin'`); got[0] != "1" {
		t.Errorf("joined: %q", got)
	}
	if got := lines(t, aud, `SELECT count(DISTINCT seq) - count(*), min(seq), max(seq) - count(*) FROM weir.audit`); got[0] != "0|1|0" {
		t.Errorf("numbers: %q", got)
	}
	shown := " " + strings.Join(lines(t, root, "SHOW TABLES FROM weir"), " ") + " "
	for _, name := range []string{" audit ", " columns ", " sources "} {
		if !strings.Contains(shown, name) {
			t.Errorf("tables:%s", shown)
		}
	}

	if got := lines(t, ann, "SELECT name, kind, up, tables, error FROM weir.sources ORDER BY name"); strings.Join(got, "\n") != "crm|mysql|1|1|NULL\nerp|postgres|1|1|NULL\ninventory|sqlite|1|1|NULL" {
		t.Errorf("sources: %q", got)
	}
	columns := "SELECT database_name, table_name, column_name, tags, masked FROM weir.columns WHERE database_name <> 'inventory' ORDER BY 1, 2, 3"
	if got := strings.Join(lines(t, ann, columns), "\n"); got != "crm|accounts|id|NULL|0\nerp|orders|account|NULL|0\nerp|orders|id|NULL|0\nerp|orders|total|money|1" {
		t.Errorf("columns that ann sees:\n%s", got)
	}
	if got := strings.Join(lines(t, root, columns), "\n"); !strings.Contains(got, "crm|accounts|name|NULL|0") || !strings.Contains(got, "erp|orders|total|money|0") {
		t.Errorf("columns that root sees:\n%s", got)
	}

	// A reload says what it changed, one that is refused too.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, file, strings.Replace(string(text), "aud-pw-1", "aud-pw-2", 1))
	hangUp(t)
	reloads := func(result string) []string {
		return lines(t, root, "SELECT JSON_UNQUOTE(JSON_EXTRACT(detail, '$.changed')) FROM weir.audit WHERE event = 'configuration' AND result = ?", result)
	}
	within(t, "the reload is recorded", func() bool { return strings.Join(reloads("ok"), " ") == "users.aud" })
	writeFile(t, file, string(text)+"nonsense: 1\n")
	hangUp(t)
	within(t, "the refused reload is recorded", func() bool { return len(reloads("refused")) == 1 })
	writeFile(t, file, string(text))

	// Verified while the server runs, and after somebody has put his hand on it.
	expect(t, 0, []string{"with a key", "whole; the last record is"}, "audit", "verify", "--config", file)
	stop()
	out := expect(t, 0, []string{"whole"}, "audit", "verify", "--config", file)
	names, _ := auditFiles(t, file)
	anchor := strings.TrimSpace(out[strings.LastIndexByte(out, ' ')+1:])
	keyFile := filepath.Join(t.TempDir(), "key")
	writeFile(t, keyFile, "0123456789abcdef\n")
	expect(t, 0, []string{"whole"}, "audit", "verify", "--config", file, "--anchor", anchor)
	expect(t, 2, []string{"no anchor"}, "audit", "verify", "--config", file, "--anchor", "5")
	t.Chdir(t.TempDir()) // where there is no weir.yaml
	expect(t, 0, []string{"whole"}, "audit", "verify", "--dir", filepath.Dir(names[0]), "--key-file", keyFile)
	expect(t, 1, []string{"protected by a key that wasn't given"}, "audit", "verify", "--dir", filepath.Dir(names[0]))
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	all := strings.SplitAfter(string(b), "\n")
	all[4] = strings.Replace(all[4], `"event":"`, `"event": "`, 1)
	writeFile(t, names[0], strings.Join(all, ""))
	expect(t, 1, []string{names[0] + ":5: record 5 was altered", "not whole: 1 problem"}, "audit", "verify", "--config", file)
}

// Which columns a statement reads is told whatever it is made of, and whoever runs its parts.
func TestAuditOfColumns(t *testing.T) {
	address, _, _ := auditServer(t, newSystems(t), "")
	root := connect(t, address, "root", "root-pw-1")
	root.SetMaxOpenConns(1)
	for q, want := range map[string]string{
		"SELECT total FROM erp.orders WHERE id = 1":                                                 `{"erp.orders":["id","total"]}`,
		"SELECT count(*) FROM erp.orders":                                                           `{"erp.orders":[]}`,
		"SELECT 1":                                                                                  ``,
		"SELECT * FROM crm.accounts ORDER BY name":                                                  `{"crm.accounts":["id","name"]}`,
		"SELECT id FROM erp.orders ORDER BY total LIMIT 1":                                          `{"erp.orders":["id","total"]}`,
		"SELECT d.id FROM (SELECT id, total, account FROM erp.orders) d":                            `{"erp.orders":["id"]}`,
		"WITH d AS (SELECT id, upper(total) t FROM erp.orders) SELECT t FROM d":                     `{"erp.orders":["total"]}`,
		"SELECT id FROM erp.orders UNION SELECT id FROM crm.accounts":                               `{"crm.accounts":["id"],"erp.orders":["id"]}`,
		"SELECT id FROM erp.orders o WHERE EXISTS (SELECT 1 FROM crm.accounts a WHERE a.id = o.id)": `{"crm.accounts":["id"],"erp.orders":["id"]}`,
		"SELECT id, (SELECT max(name) FROM crm.accounts) FROM erp.orders":                           `{"crm.accounts":["name"],"erp.orders":["id"]}`,
		"SELECT account, sum(total) FROM erp.orders GROUP BY account HAVING min(id) > 3":            `{"erp.orders":["account","id","total"]}`,
		"SELECT sum(id) OVER (PARTITION BY account) FROM erp.orders":                                `{"erp.orders":["account","id"]}`,
		"SELECT s.on_hand, o.id FROM inventory.stock s JOIN erp.orders o ON o.account = s.account":  `{"erp.orders":["account","id"],"inventory.stock":["account","on_hand"]}`,
		"SELECT x.id FROM erp.orders x JOIN erp.orders y ON x.total = y.account":                    `{"erp.orders":["account","id","total"]}`,
		"SELECT nothing FROM erp.orders":                                                            `{"erp.orders":[]}`,
		"SELECT id FROM erp.nothing":                                                                `{"erp.nothing":[]}`,
		"SELECT table_name FROM information_schema.TABLES":                                          `{"information_schema.tables":[]}`,
	} {
		for _, mode := range []string{"on", "off"} {
			lines(t, root, "SET weir_pushdown = '"+mode+"'")
			_, _ = errorCode(t, root, q)
			got := lines(t, root, "SELECT tables_read FROM weir.audit WHERE event = 'end' ORDER BY seq DESC LIMIT 1")[0]
			if got != want && (want != "" || got != "NULL") {
				t.Errorf("%s, pushdown %s\ngot  %s\nwant %s", q, mode, got, want)
			}
		}
	}
}

// Conditions on a record's time leave out lines before they are read; the rows are the same.
func TestAuditOfATime(t *testing.T) {
	address, _, _ := auditServer(t, newSystems(t), "")
	root := connect(t, address, "root", "root-pw-1")
	root.SetMaxOpenConns(1)
	for range 20 {
		lines(t, root, "SELECT 1")
	}
	for _, zone := range []string{"+00:00", "+05:30", "Europe/Berlin"} {
		lines(t, root, "SET time_zone = '"+zone+"'")
		at := strings.Split(lines(t, root, "SELECT a.time, b.time FROM weir.audit a, weir.audit b WHERE a.seq = 10 AND b.seq = 25")[0], "|")
		for _, condition := range []string{"time > '«'", "time >= '«'", "time < '«'", "time <= '«'", "time = '«'", "'«' < time", "'«' >= time", "time BETWEEN '«' AND '»'", "time > '«' AND time < '»' AND event = 'end'",
			"time > '»' AND time < '«'", "NOT time > '«'", "time <> '«'", "time IN ('«', '»')", "time > '«' OR seq = 1", "time > NOW() - INTERVAL 1 HOUR", "time > NOW() + INTERVAL 1 DAY", "time <= time",
			"time > '2020-01-01'", "time < '2020-01-01'", "time <= '0001-01-01'", "date(time) = date('«')", "time > '«' - INTERVAL 1 SECOND", "time IS NOT NULL", "(time > '«') = 1"} {
			q := "SELECT seq FROM weir.audit WHERE seq <= 40 AND " + strings.NewReplacer("«", at[0], "»", at[1]).Replace(condition)
			lines(t, root, "SET weir_pushdown = 'on'")
			on := strings.Join(lines(t, root, q+" ORDER BY seq"), " ")
			lines(t, root, "SET weir_pushdown = 'off'")
			if off := strings.Join(lines(t, root, q+" ORDER BY seq"), " "); on != off {
				t.Errorf("%s: %s\non  %s\noff %s", zone, q, on, off)
			}
		}
	}
	lines(t, root, "SET weir_pushdown = 'on'")
	lines(t, root, "SET time_zone = '+00:00'")
	if plan := strings.Join(lines(t, root, "EXPLAIN SELECT query FROM weir.audit WHERE time >= '2026-01-01' AND event = 'end'"), "\n"); !strings.Contains(plan, "WHERE t1.time >= 1767225600000000") {
		t.Errorf("the time is compared elsewhere:\n%s", plan)
	}
}

// Whoever may not read the audit gets nothing of it, whichever way he tries.
func TestAuditIsNotForEverybody(t *testing.T) {
	address, _, _ := auditServer(t, newSystems(t), "audit: {readers: [auditor], literals: keep}\n")
	root, ann, ian := connect(t, address, "root", "root-pw-1"), connect(t, address, "ann", "ann-pw-1"), connect(t, address, "ian", "ian-pw-1")
	for _, q := range []string{"SELECT 'canary730421'", "CREATE ROLE everyone", "CREATE USER eve IDENTIFIED BY 'eve-pw-12'", "GRANT everyone TO eve", "GRANT SELECT ON *.* TO everyone",
		"SET @a = 'canary730421'"} {
		if code, text := errorCode(t, root, q); code != 0 {
			t.Fatalf("%s: %d %s", q, code, text)
		}
	}
	eve := connect(t, address, "eve", "eve-pw-12")
	if _, text := errorCode(t, root, "SELECT query FROM weir.audit"); !strings.Contains(text, "canary730421") {
		t.Fatal("the canary isn't in the audit, so this test can't fail")
	}
	for _, q := range []string{
		"SELECT * FROM weir.audit", "SELECT query FROM weir.audit", "SELECT 1 FROM weir.audit", "SELECT count(*) FROM weir.audit", "TABLE weir.audit", "SELECT * FROM `weir`.`audit` AS t LIMIT 1",
		"SELECT * FROM weir.audit WHERE query LIKE '%canary%'", "SELECT max(query) FROM weir.audit", "SELECT a.query FROM erp.orders o JOIN weir.audit a ON a.seq = o.id",
		"SELECT * FROM erp.orders WHERE id IN (SELECT seq FROM weir.audit)", "SELECT * FROM erp.orders WHERE EXISTS (SELECT 1 FROM weir.audit WHERE query LIKE '%canary%')",
		"SELECT (SELECT max(query) FROM weir.audit)", "WITH a AS (SELECT * FROM weir.audit) SELECT query FROM a", "WITH RECURSIVE a AS (SELECT query FROM weir.audit UNION SELECT query FROM a) SELECT * FROM a",
		"SELECT 'x' UNION ALL SELECT query FROM weir.audit", "SELECT * FROM (SELECT query FROM weir.audit) d", "SELECT query, rank() OVER (ORDER BY seq) FROM weir.audit",
		"SELECT query INTO @q FROM weir.audit LIMIT 1", "SET @q = (SELECT max(query) FROM weir.audit)", "SELECT j.* FROM weir.audit, JSON_TABLE(tables_read, '$[*]' COLUMNS (a int PATH '$')) j",
		"EXPLAIN SELECT * FROM weir.audit", "EXPLAIN ANALYZE SELECT * FROM weir.audit", "EXPLAIN FORMAT=JSON SELECT * FROM weir.audit", "EXPLAIN LINEAGE SELECT query FROM weir.audit",
		"PREPARE p FROM 'SELECT query FROM weir.audit'", "DO (SELECT max(query) FROM weir.audit)", "KILL (SELECT max(connection) FROM weir.audit)",
		"CREATE TABLE x AS SELECT * FROM weir.audit", "CREATE VIEW v AS SELECT * FROM weir.audit", "HANDLER weir.audit OPEN", "CHECKSUM TABLE weir.audit", "ANALYZE TABLE weir.audit",
		"SELECT * FROM weir.AUDIT", "SELECT * FROM WEIR.audit", "SELECT query FROM information_schema.tables, weir.audit",
	} {
		for name, db := range map[string]*sql.DB{"ann": ann, "eve": eve} {
			code, text := errorCode(t, db, q)
			if strings.Contains(text, "canary") || code == 0 && !strings.HasPrefix(q, "PREPARE") {
				t.Errorf("%s: %s: %d %s", name, q, code, text)
			}
			if strings.HasPrefix(q, "SELECT * FROM weir.audit") && code != 1142 {
				t.Errorf("%s: %s is refused with %d", name, q, code)
			}
		}
	}
	// Prepared in the binary protocol; and by one whose role isn't active.
	if code, text := errorCode(t, ann, "SELECT query FROM weir.audit WHERE seq > ?", 0); code != 1142 {
		t.Errorf("prepared: %d %s", code, text)
	}
	for _, q := range []string{"CREATE USER sam IDENTIFIED BY 'sam-pw-12'", "GRANT admin TO sam"} {
		if code, text := errorCode(t, root, q); code != 0 {
			t.Fatalf("%s: %d %s", q, code, text)
		}
	}
	sam := connect(t, address, "sam", "sam-pw-12")
	sam.SetMaxOpenConns(1)
	for _, role := range []struct {
		set  string
		want uint16
	}{{"SET ROLE NONE", 1142}, {"SET ROLE admin", 0}, {"SET ROLE NONE", 1142}} {
		_, _ = errorCode(t, sam, role.set)
		if code, text := errorCode(t, sam, "SELECT max(seq) FROM weir.audit"); code != role.want {
			t.Errorf("after %s: %d %s", role.set, code, text)
		}
	}
	// A row filter that reads it is the administrator's word, but its rows would be made for the user.
	if code, text := errorCode(t, ian, "SELECT count(*) FROM erp.orders"); code == 0 || strings.Contains(text, "canary") {
		t.Errorf("behind a row filter: %d %s", code, text)
	}
	// What there is to read of it is its description.
	for _, q := range []string{"SHOW FULL PROCESSLIST", "SELECT * FROM information_schema.tables WHERE table_schema = 'weir'", "SELECT * FROM information_schema.columns WHERE table_schema = 'weir'",
		"SHOW TABLE STATUS FROM weir", "SHOW CREATE TABLE weir.audit", "SELECT * FROM weir.columns", "SELECT * FROM weir.sources", "SHOW WARNINGS"} {
		if _, text := errorCode(t, ann, q); strings.Contains(text, "canary") {
			t.Errorf("%s shows %s", q, text)
		}
	}
	// And the attempts are recorded.
	if got := lines(t, root, "SELECT count(*) > 20 FROM weir.audit WHERE user = 'ann' AND result = 'refused' AND error_code = 1142 AND tables_read LIKE '%weir.audit%'"); got[0] != "1" {
		t.Errorf("attempts: %q", got)
	}
}

// A statement of a megabyte, and its arguments, leave bounded records.
func TestAuditIsBounded(t *testing.T) {
	for _, literals := range []string{"redact", "keep"} {
		address, file, _ := auditServer(t, newSystems(t), "audit: {literals: "+literals+"}\n")
		root := connect(t, address, "root", "root-pw-1")
		long := strings.Repeat("x", 1<<20)
		for _, q := range []string{"SELECT id FROM crm.accounts WHERE name <> '" + long + "'", "SELECT id FROM crm.accounts WHERE name <> CONCAT(?, ?)",
			"SELECT id FROM crm.accounts WHERE id IN (1" + strings.Repeat(", 12345", 100_000) + ")"} {
			var args []any
			if strings.Contains(q, "?") {
				args = []any{long, long}
			}
			if code, _ := errorCode(t, root, q, args...); code != 0 {
				t.Errorf("%.60s: %d", q, code)
			}
		}
		_, text := auditFiles(t, file)
		for line := range strings.SplitSeq(text, "\n") {
			if len(line) > 300<<10 {
				t.Errorf("%s: a record of %d bytes: %.300s", literals, len(line), line)
			}
		}
		if strings.Count(text, `"result":"ok"`) < 4 {
			t.Errorf("%s: the statements aren't recorded", literals)
		}
	}
}

func TestNoAudit(t *testing.T) {
	address, file, _ := auditServer(t, newSystems(t), "audit: off\n")
	root := connect(t, address, "root", "root-pw-1")
	if got := lines(t, root, "SELECT count(*) FROM weir.audit"); got[0] != "0" {
		t.Errorf("%q", got)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(file), "weir-data", "audit")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("there is a directory: %v", err)
	}
	expect(t, 2, []string{"keeps no audit"}, "audit", "verify", "--config", file)
}
