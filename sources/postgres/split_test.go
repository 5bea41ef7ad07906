package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/test/realservers"
)

// splitSource is a source whose table "big" counts as large: 100,000 rows on about 1,500 pages.
func splitSource(t *testing.T, connections int) (*Source, *pgx.Conn) {
	t.Helper()
	dsn := realservers.Postgres(t)
	c, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	for _, q := range []string{
		"CREATE TABLE big (id bigint PRIMARY KEY, v bigint, pad text)",
		"INSERT INTO big SELECT i, 1, repeat('x', 80) FROM generate_series(1, 100000) i",
		"VACUUM ANALYZE big",
	} {
		if _, err := c.Exec(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	s, err := open(sources.Config{Name: "src", Options: map[string]any{"dsn": dsn}, MaxConnections: connections})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.splitPages, s.rangePages = 64, 32
	if _, err := s.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s, c
}

// bigQuery reads id and v of the big table, with a condition if there is one.
func bigQuery(t *testing.T, s *Source, pred func(id, v rel.Expr) rel.Expr) sources.Query {
	t.Helper()
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	scan := &rel.Scan{Table: &rel.Table{Schema: "public", Name: "big"}}
	for i, name := range []string{"id", "v"} {
		scan.Cols = append(scan.Cols, rel.ScanColumn{Column: rel.Column{ID: rel.ColumnID(i + 1), Name: name, T: rel.BigIntType}})
	}
	var n rel.Node = scan
	if pred != nil {
		n = &rel.Filter{Input: scan, Pred: pred(&rel.Col{ID: 1, Name: "id", T: rel.BigIntType}, &rel.Col{ID: 2, Name: "v", T: rel.BigIntType})}
	}
	p, err := dialect.Print(d, n, scan.Columns(), dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return sources.Query{SQL: p.SQL, Columns: scan.Columns(), Split: &sources.Split{Table: p.Split.Table, Alias: p.Split.Alias, With: p.Split.With}}
}

// totals are the number of rows and the sums of both columns.
func totals(t *testing.T, b sources.Batches) (rows, ids, vs int64) {
	t.Helper()
	for {
		batch, err := b.Next()
		if errors.Is(err, io.EOF) {
			return rows, ids, vs
		}
		if err != nil {
			t.Error(err)
			return 0, 0, 0
		}
		rows += batch.NumRows()
		for i := range int(batch.NumRows()) {
			ids += batch.Column(0).(*array.Int64).Value(i)
			vs += batch.Column(1).(*array.Int64).Value(i)
		}
		batch.Release()
	}
}

func isSplit(b sources.Batches) bool { return cap(b.(*stream).batches) > 1 }

func TestSplitReadsEveryRowOnce(t *testing.T) {
	s, _ := splitSource(t, 4)
	b, err := s.Query(t.Context(), bigQuery(t, s, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if !isSplit(b) {
		t.Error("the table was read in one piece")
	}
	if rows, ids, vs := totals(t, b); rows != 100000 || ids != 100000*100001/2 || vs != 100000 {
		t.Errorf("%d rows, sums %d and %d", rows, ids, vs)
	}
}

func TestSplitOnlyWhereTheTableIsScanned(t *testing.T) {
	s, _ := splitSource(t, 4)
	lit := func(v int64) rel.Expr { return &rel.Lit{Value: v, T: rel.BigIntType} }
	call := func(op rel.Op, a, b rel.Expr) rel.Expr {
		return &rel.Call{Op: op, Args: []rel.Expr{a, b}, T: rel.BoolType}
	}
	for _, c := range []struct {
		pred  func(id, v rel.Expr) rel.Expr
		split bool
		rows  int64
	}{
		{func(id, _ rel.Expr) rel.Expr { return call(rel.OpEq, id, lit(77)) }, false, 1},
		{func(_, v rel.Expr) rel.Expr { return call(rel.OpGt, v, lit(0)) }, true, 100000},
		{func(_, v rel.Expr) rel.Expr { return call(rel.OpGt, v, lit(5)) }, true, 0},
	} {
		b, err := s.Query(t.Context(), bigQuery(t, s, c.pred))
		if err != nil {
			t.Fatal(err)
		}
		if rows, _, _ := totals(t, b); rows != c.rows {
			t.Errorf("%d rows, want %d", rows, c.rows)
		}
		if isSplit(b) != c.split {
			t.Errorf("split is %v, want %v", isSplit(b), c.split)
		}
		b.Close()
	}
}

// TestSplitSeesOneSnapshot moves a constant total between rows all over the table while it is read in ranges.
func TestSplitSeesOneSnapshot(t *testing.T) {
	s, c := splitSource(t, 4)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 1; ctx.Err() == nil; i = i%49999 + 1 {
			_, _ = c.Exec(ctx, fmt.Sprintf("UPDATE big SET v = v + CASE WHEN id = %d THEN 1000 ELSE -1000 END WHERE id IN (%d, %d)", i, i, 100000-i))
		}
	})
	for range 10 {
		b, err := s.Query(t.Context(), bigQuery(t, s, nil))
		if err != nil {
			t.Fatal(err)
		}
		if rows, _, vs := totals(t, b); rows != 100000 || vs != 100000 {
			t.Errorf("%d rows, total %d: not one snapshot", rows, vs)
		}
		if !isSplit(b) {
			t.Error("the table was read in one piece")
		}
		b.Close()
	}
	cancel()
	wg.Wait()
}

// TestSplitGivesWay opens as many scans as there are connections before any of them is read: each must get one, else a statement that
// needs two tables would wait for itself.
func TestSplitGivesWay(t *testing.T) {
	s, _ := splitSource(t, 4)
	var open []sources.Batches
	for range 4 {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		b, err := s.Query(ctx, bigQuery(t, s, nil))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		open = append(open, b)
	}
	for i := range open {
		if rows, ids, _ := totals(t, open[len(open)-1-i]); rows != 100000 || ids != 100000*100001/2 {
			t.Errorf("%d rows, sum %d", rows, ids)
		}
	}
}

func TestSplitIsCancelled(t *testing.T) {
	s, c := splitSource(t, 4)
	ctx, cancel := context.WithCancel(t.Context())
	b, err := s.Query(ctx, bigQuery(t, s, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cancel()
	if _, err := b.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	var left int
	for end := time.Now().Add(time.Second); ; time.Sleep(20 * time.Millisecond) {
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'weir' AND state <> 'idle' AND datname = current_database()").Scan(&left); err != nil {
			t.Fatal(err)
		}
		if left == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d sessions still at work", left)
		}
	}
}

// A table that is rewritten looks empty to a snapshot that is older than the rewriting. Each session locked the table when it read its first
// range, so a scan that had taken its snapshot before gave too few rows, or none.
func TestSplitOfATableThatIsRewritten(t *testing.T) {
	s, c := splitSource(t, 4)
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	defer func() { cancel(); wg.Wait() }()
	wg.Go(func() {
		for ctx.Err() == nil {
			_, _ = c.Exec(ctx, "ALTER TABLE big ALTER pad TYPE text USING pad || ''")
			time.Sleep(10 * time.Millisecond)
		}
	})
	for range 30 {
		b, err := s.Query(t.Context(), bigQuery(t, s, nil))
		if err != nil {
			t.Fatal(err)
		}
		if rows, ids, _ := totals(t, b); rows != 100000 || ids != 100000*100001/2 {
			t.Errorf("%d rows, sum %d", rows, ids)
		}
		b.Close()
	}
}

// A table that isn't what the plan was made from isn't read in ranges either.
func TestSplitOfAChangedTable(t *testing.T) {
	s, c := splitSource(t, 4)
	q := bigQuery(t, s, nil)
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	q.Reads = []*rel.Table{{Schema: "public", Name: "big", Version: tables[0].Version}}
	b, err := s.Query(t.Context(), q)
	if err != nil || !isSplit(b) {
		t.Fatal(err)
	}
	b.Close()
	if _, err := c.Exec(t.Context(), "ALTER TABLE big ADD w int"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Query(t.Context(), q); !errors.Is(err, sources.ErrChanged) {
		t.Errorf("error %v", err)
	}
}
