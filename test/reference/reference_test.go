package reference

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"weir/test/realservers"
)

// Every system must hold the same number of rows, and the same values where both speak the MySQL protocol.
func TestLoadedAlike(t *testing.T) {
	ctx := context.Background()
	set := Dataset(1)
	ref, err := Start(ctx, set)
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Stop()
	c, err := ref.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, table := range set.Tables {
		r := c.Query(ctx, fmt.Sprintf("select count(*) from %s.%s", table.Database, table.Name))
		if r.Err != nil {
			t.Fatal(r.Err)
		}
		if got, want := *r.Rows[0][0], fmt.Sprint(len(table.Rows)); got != want {
			t.Errorf("%s.%s has %s rows, not %s", table.Database, table.Name, got, want)
		}
	}

	pg := realservers.Postgres(t)
	if err := LoadPostgres(ctx, pg, set); err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, pg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	var n int
	if err := conn.QueryRow(ctx, "select count(*) from orders").Scan(&n); err != nil || n != len(set.Of(Postgres)[1].Rows) {
		t.Errorf("%d orders in PostgreSQL, %v", n, err)
	}
	if err := LoadSQLite(filepath.Join(t.TempDir(), "lite.db"), set); err != nil {
		t.Fatal(err)
	}

	dsn := realservers.MariaDB(t)
	if err := LoadMariaDB(ctx, dsn, set); err != nil {
		t.Fatal(err)
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Dial(ctx, cfg, "SET NAMES utf8mb4")
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, table := range set.Of(MariaDB) {
		a := m.Query(ctx, "select * from "+table.Name+" order by 1, 2")
		b := c.Query(ctx, "select * from my."+table.Name+" order by 1, 2")
		if a.Err != nil || b.Err != nil {
			t.Fatal(a.Err, b.Err)
		}
		for i := range a.Rows {
			for j := range a.Rows[i] {
				if x, y := a.Rows[i][j], b.Rows[i][j]; (x == nil) != (y == nil) || x != nil && *x != *y {
					t.Errorf("%s row %d column %d differs", table.Name, i, j)
				}
			}
		}
	}
}
