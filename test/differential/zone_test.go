package differential

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"weir/test/reference"
)

// moments are instants in UTC: plain ones, those around the hours in which Berlin's clock goes back and forward, and the ends of TIMESTAMP.
var moments = []string{"2024-01-15 12:34:56.789", "2024-06-30 21:59:59.999", "2024-06-30 22:00:00", "2024-07-01 00:00:00", "2024-07-01 18:30:00",
	"2024-03-31 00:59:59", "2024-03-31 01:00:00", "2024-10-27 00:30:00", "2024-10-27 01:30:00", "1970-01-02 00:00:01", "2037-12-31 23:59:59.5"}

// zoned are statements over a table of moments, with its name as {t}. The reference is MariaDB itself with the same time_zone.
var zoned = []string{
	"SELECT id, ts FROM {t}",
	"SELECT id FROM {t} WHERE ts >= '2024-07-01 02:00:00'",
	"SELECT id FROM {t} WHERE '2024-07-01 05:29:59' >= ts",
	"SELECT id FROM {t} WHERE ts = '2024-07-01 05:30:00'",
	"SELECT id FROM {t} WHERE ts BETWEEN '2024-06-30 12:00:00' AND '2024-07-01 12:00:00'",
	"SELECT id FROM {t} WHERE ts IN ('2024-07-01 05:30:00', '2024-06-30 16:00:00')",
	"SELECT id FROM {t} WHERE DATE(ts) = '2024-07-01'",
	"SELECT id FROM {t} WHERE DATE(ts) < '2024-07-01'",
	"SELECT id FROM {t} WHERE CAST(ts AS DATE) >= DATE '2024-07-01'",
	"SELECT id FROM {t} WHERE ts > NOW() - INTERVAL 1 DAY",
	"SELECT id FROM {t} WHERE ts <> '2024-07-01 05:30:00' AND HOUR(ts) > 3",
	"SELECT id, UNIX_TIMESTAMP(ts), HOUR(ts), DATE_FORMAT(ts, '%Y-%m-%d %H:%i'), CAST(ts AS CHAR), ts + INTERVAL 1 DAY FROM {t}",
	"SELECT id, FROM_UNIXTIME(UNIX_TIMESTAMP(ts)) = ts FROM {t}",
	"SELECT DATE(ts) AS d, COUNT(*), MIN(ts), MAX(ts) FROM {t} GROUP BY DATE(ts)",
	"SELECT ts, COUNT(*) FROM {t} GROUP BY ts HAVING ts > '2024-05-01 00:00:00'",
	"SELECT DISTINCT YEAR(ts) FROM {t}",
	"SELECT x.ts FROM (SELECT ts FROM {t} UNION SELECT ts + INTERVAL 1 HOUR FROM {t}) AS x WHERE x.ts < '2024-06-30 12:00:00'",
	"SELECT a.id, b.ts FROM {t} AS a LEFT JOIN {t} AS b ON b.ts = a.ts + INTERVAL 2 HOUR",
	"SELECT COUNT(*) FROM {t} AS a JOIN {t} AS b USING (ts)",
	"SELECT id, (SELECT MAX(b.ts) FROM {t} AS b WHERE b.ts < a.ts) FROM {t} AS a",
	"SELECT id, LAG(ts) OVER (ORDER BY ts) FROM {t}",
	"SELECT COALESCE(ts, TIMESTAMP'2024-02-29 12:00:00'), IF(id > 2, ts, NULL) FROM {t}",
}

// TIMESTAMP columns were put out in UTC whatever time_zone said, while NOW() and the literals beside them followed it: WHERE ts > NOW() was off
// by the zone. Now they are as the session's clock shows them, on every source that knows moments, with and without pushdown.
func TestTimeZone(t *testing.T) {
	ctx := context.Background()
	weir := StartWeir(t, reference.Dataset(1))
	my, pg := openMariaDB(t, weir.mariadb), openPostgres(t, weir.postgres)
	run(t, my, "SET time_zone = '+00:00'")
	run(t, my, "CREATE TABLE moments (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL)")
	run(t, pg, "CREATE TABLE moments (id INT PRIMARY KEY, ts timestamptz(3))")
	for i, m := range moments {
		run(t, my, fmt.Sprintf("INSERT INTO moments VALUES (%d, '%s')", i, m))
		run(t, pg, fmt.Sprintf("INSERT INTO moments VALUES (%d, '%s+00')", i, m))
	}
	run(t, my, "INSERT INTO moments VALUES (99, NULL)")
	run(t, pg, "INSERT INTO moments VALUES (99, NULL)")
	for _, pushdown := range []bool{true, false} {
		client, err := weir.Connect(ctx, pushdown)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		for _, zone := range []string{"+00:00", "+05:30", "-08:00"} {
			set := "SET time_zone = '" + zone + "'"
			run(t, my, set)
			if err := client.Exec(ctx, set); err != nil {
				t.Fatal(err)
			}
			for _, s := range zoned {
				for _, source := range []string{"my", "pg"} {
					got := client.Query(ctx, strings.ReplaceAll(s, "{t}", source+".moments"))
					if got.Err != nil {
						t.Errorf("%s at %s in zone %s: %v", s, source, zone, got.Err)
						continue
					}
					want := texts(t, my, len(got.Columns), strings.ReplaceAll(s, "{t}", "moments"))
					if d := Compare(&Statement{SQL: s}, &reference.Result{Columns: got.Columns, Rows: want}, got); d != nil {
						t.Errorf("%s at %s in zone %s, pushdown %v: %s: %s", s, source, zone, pushdown, d.Kind, d.Detail)
					}
				}
			}
			joined := client.Query(ctx, "SELECT COUNT(*), SUM(a.id) FROM my.moments a JOIN pg.moments b ON a.ts = b.ts AND a.ts > '2024-07-01'")
			want := texts(t, my, 2, "SELECT COUNT(*), SUM(id) FROM moments WHERE ts > '2024-07-01'")
			if d := Compare(&Statement{}, &reference.Result{Columns: joined.Columns, Rows: want}, joined); d != nil {
				t.Errorf("a join of both in zone %s: %s: %s", zone, d.Kind, d.Detail)
			}
		}

		// MariaDB knows the names of zones only if it was told; PostgreSQL always does.
		for _, zone := range []string{"Europe/Berlin", "America/New_York", "Asia/Kathmandu"} {
			if err := client.Exec(ctx, "SET time_zone = '"+zone+"'"); err != nil {
				t.Fatal(err)
			}
			const shown = "to_char(ts AT TIME ZONE '{z}', 'YYYY-MM-DD HH24:MI:SS.MS')"
			for weirs, theirs := range map[string]string{
				"SELECT id, CAST(ts AS CHAR) FROM {t}": "SELECT id, " + shown + " FROM moments",
				"SELECT id, UNIX_TIMESTAMP(ts) FROM {t} WHERE ts BETWEEN '2024-10-27 02:00:00' AND '2024-10-27 03:00:00'": "SELECT id, round(extract(epoch FROM ts), 3) FROM moments WHERE ts AT TIME ZONE '{z}' BETWEEN '2024-10-27 02:00:00' AND '2024-10-27 03:00:00'",
				"SELECT CAST(DATE(ts) AS CHAR), COUNT(*) FROM {t} GROUP BY DATE(ts)":                                      "SELECT to_char(ts AT TIME ZONE '{z}', 'YYYY-MM-DD') AS d, COUNT(*) FROM moments GROUP BY 1",
			} {
				want := texts(t, pg, 2, strings.ReplaceAll(theirs, "{z}", zone))
				for _, source := range []string{"my", "pg"} {
					got := client.Query(ctx, strings.ReplaceAll(weirs, "{t}", source+".moments"))
					if d := Compare(&Statement{SQL: weirs}, &reference.Result{Columns: got.Columns, Rows: want}, got); d != nil {
						t.Errorf("%s at %s in zone %s: %s: %s", weirs, source, zone, d.Kind, d.Detail)
					}
				}
			}
		}
	}
}

// The source sees a bound on the column itself, which an index serves, although no source is asked to know the zone.
func TestTimeZonePushdown(t *testing.T) {
	ctx := context.Background()
	weir := StartWeir(t, reference.Dataset(1))
	run(t, openMariaDB(t, weir.mariadb), "CREATE TABLE moments (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL)")
	client, err := weir.Connect(ctx, true)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Exec(ctx, "SET time_zone = 'Europe/Berlin'"); err != nil {
		t.Fatal(err)
	}
	plan := ""
	for _, row := range client.Query(ctx, "EXPLAIN SELECT id FROM my.moments WHERE DATE(ts) = '2024-07-01'").Rows {
		plan += *row[0] + "\n"
	}
	for _, want := range []string{"`ts` >= TIMESTAMP'2024-06-30 00:00:00", "`ts` <= TIMESTAMP'2024-07-03 00:00:00"} {
		if !strings.Contains(plan, want) {
			t.Errorf("no %s in\n%s", want, plan)
		}
	}
}

// database is a session at a source.
type database struct {
	exec  func(statement string) error
	query func(statement string) (rows, error)
}

type rows interface {
	Next() bool
	Scan(into ...any) error
	Err() error
}

func openMariaDB(t *testing.T, address string) database {
	db, err := sql.Open("mysql", address)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1) // one session, whose settings last
	t.Cleanup(func() { db.Close() })
	return database{
		exec:  func(s string) error { _, err := db.Exec(s); return err },
		query: func(s string) (rows, error) { return db.Query(s) },
	}
}

func openPostgres(t *testing.T, address string) database {
	ctx := context.Background()
	db, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close(ctx) })
	return database{
		exec:  func(s string) error { _, err := db.Exec(ctx, s); return err },
		query: func(s string) (rows, error) { return db.Query(ctx, s, pgx.QueryExecModeSimpleProtocol) },
	}
}

func run(t *testing.T, db database, statement string) {
	t.Helper()
	if err := db.exec(statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// texts are the rows of a statement with a number of columns, as text.
func texts(t *testing.T, db database, columns int, statement string) [][]*string {
	t.Helper()
	found, err := db.query(statement)
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	var out [][]*string
	for found.Next() {
		row := make([]*string, columns)
		into := make([]any, columns)
		for i := range row {
			into[i] = &row[i]
		}
		if err := found.Scan(into...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
		out = append(out, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
