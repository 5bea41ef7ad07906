package differential

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"weir/test/reference"
)

// ledgerRows make a table that is read in ranges, and whose groups come in parts.
const ledgerRows = 600_000

// ledger fills a table of that many rows the same way on PostgreSQL and MariaDB: i counts them. The day and what counts are the server's own.
const ledger = `SELECT i, CASE WHEN i %% 97 = 0 THEN NULL ELSE i %% 500 END, CASE i %% 5 WHEN 0 THEN 'a' WHEN 1 THEN 'A' WHEN 2 THEN 'a ' WHEN 3 THEN 'ä' END,
	CASE WHEN i %% 11 = 0 THEN NULL ELSE (i %% 20011 - 7000) / CAST(100 AS DECIMAL(5,2)) END, CASE WHEN i < 3000 THEN NULL ELSE i * 1000003 %% 1000000007 END,
	%s, REPEAT('x', 90) FROM %s`

// inParts are statements over it whose groups come in parts; some add up none, or one.
var inParts = []string{
	"SELECT COUNT(*), COUNT(account), SUM(amount), AVG(amount), MIN(amount), MAX(kind), MIN(kind), SUM(big), AVG(big) FROM {t}",
	"SELECT COUNT(*), COUNT(amount), SUM(amount), AVG(amount), MAX(day) FROM {t} WHERE big < 0",
	"SELECT account, COUNT(*), SUM(amount), AVG(amount), MIN(day), MAX(day), SUM(big) FROM {t} GROUP BY account",
	"SELECT kind, COUNT(*), SUM(amount * 3 + 1), AVG(big) FROM {t} WHERE day >= '2021-01-01' GROUP BY kind",
	"SELECT kind, account, SUM(amount * amount), MAX(amount) FROM {t} WHERE account < 20 GROUP BY kind, account",
	"SELECT kind, SUM(amount) AS s FROM {t} GROUP BY kind HAVING s > 1000 ORDER BY s DESC LIMIT 2",
	"SELECT account + 1, SUM(amount) - AVG(amount) FROM {t} GROUP BY account HAVING COUNT(*) > 1190 OR account IS NULL",
	"SELECT COUNT(*) FROM (SELECT account, SUM(amount) AS s FROM {t} GROUP BY account) AS x WHERE s > 50000",
	"SELECT account, SUM(big) AS s FROM {t} GROUP BY account HAVING s = (SELECT MAX(s) FROM (SELECT SUM(big) AS s FROM {t} GROUP BY account) AS y)",
	"SELECT kind, MAX(s), COUNT(*) OVER () FROM (SELECT kind, account, SUM(amount) AS s FROM {t} WHERE account < 100 GROUP BY kind, account) AS x GROUP BY kind",
	"SELECT DISTINCT COUNT(*) FROM {t} GROUP BY account",
}

// What comes in parts is added up to what the whole gives: the reference is MariaDB with the same rows.
func TestGroupsInParts(t *testing.T) {
	ctx := context.Background()
	weir := StartWeir(t, reference.Dataset(1))
	my, pg := openMariaDB(t, weir.mariadb), openPostgres(t, weir.postgres)
	const columns = "(id BIGINT PRIMARY KEY, account INT, kind VARCHAR(10), amount DECIMAL(15,2), big BIGINT, day DATE NOT NULL, pad VARCHAR(100))"
	run(t, my, "CREATE TABLE ledger "+columns)
	run(t, my, "INSERT INTO ledger "+fmt.Sprintf(ledger, "DATE '2020-01-01' + INTERVAL i % 1500 DAY",
		fmt.Sprintf("(SELECT CAST(seq AS SIGNED) AS i FROM seq_1_to_%d) AS n", ledgerRows)))
	run(t, pg, "CREATE TABLE ledger "+columns)
	run(t, pg, "INSERT INTO ledger "+fmt.Sprintf(ledger, "DATE '2020-01-01' + (i % 1500)::int", fmt.Sprintf("generate_series(1::bigint, %d) AS i", ledgerRows)))
	run(t, pg, "VACUUM ANALYZE ledger")
	client, err := weir.Connect(ctx, true)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for _, s := range inParts {
		text := strings.ReplaceAll(s, "{t}", "pg.ledger")
		plan := ""
		for _, row := range client.Query(ctx, "EXPLAIN ANALYZE "+text).Rows {
			plan += *row[0] + "\n"
		}
		if !strings.Contains(plan, "groups in parts") {
			t.Errorf("%s: no groups in parts:\n%s", text, plan)
		}
		if strings.HasPrefix(s, "SELECT COUNT(*), COUNT(account)") && !strings.Contains(plan, "actual rows 4,") {
			t.Errorf("%s: it came whole:\n%s", text, plan)
		}
		got := client.Query(ctx, text)
		if got.Err != nil {
			t.Errorf("%s: %v", text, got.Err)
			continue
		}
		want := texts(t, my, len(got.Columns), strings.ReplaceAll(s, "{t}", "ledger"))
		if d := Compare(&Statement{SQL: s}, &reference.Result{Columns: got.Columns, Rows: want}, got); d != nil {
			t.Errorf("%s: %s: %s\n%s", text, d.Kind, d.Detail, plan)
		}
	}
}
