package postgres

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

// The benchmarks read TPC-H's lineitem at WEIR_BENCH_POSTGRES (a postgres:// URL).

func benchSource(b *testing.B) (*Source, *rel.Scan) {
	dsn := os.Getenv("WEIR_BENCH_POSTGRES")
	if dsn == "" {
		b.Skip("WEIR_BENCH_POSTGRES names no server")
	}
	s, err := open(sources.Config{Name: "bench", Options: map[string]any{"dsn": dsn}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	tables, err := s.Tables(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range tables {
		if t.Name != "lineitem" {
			continue
		}
		scan := &rel.Scan{Table: &rel.Table{Schema: t.Schema, Name: t.Name}}
		for i, c := range t.Columns {
			scan.Cols = append(scan.Cols, rel.ScanColumn{Column: rel.Column{ID: rel.ColumnID(i + 1), Name: c.Name, T: c.Type}})
		}
		return s, scan
	}
	b.Fatal("no lineitem")
	return nil, nil
}

func read(b *testing.B, s *Source, n rel.Node, cols []rel.Column) int64 {
	d, err := s.Dialect(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	p, err := dialect.Print(d, n, cols, dialect.Options{})
	if err != nil {
		b.Fatal(err)
	}
	q := sources.Query{SQL: p.SQL, Columns: cols}
	if p.Split != nil {
		q.Split = &sources.Split{Table: p.Split.Table, Alias: p.Split.Alias, With: p.Split.With}
	}
	st, err := s.Query(context.Background(), q)
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	var rows int64
	for {
		batch, err := st.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			b.Fatal(err)
		}
		rows += batch.NumRows()
		batch.Release()
	}
}

func BenchmarkScan(b *testing.B) {
	s, scan := benchSource(b)
	c := scan.Columns()
	for b.Loop() {
		b.ReportMetric(float64(read(b, s, scan, []rel.Column{c[0], c[4], c[5], c[10]})), "rows")
	}
}

func BenchmarkFilteredScan(b *testing.B) {
	s, scan := benchSource(b)
	c := scan.Columns()
	date := &rel.Col{ID: c[10].ID, Name: c[10].Name, T: c[10].T}
	f := &rel.Filter{Input: scan, Pred: &rel.Call{Op: rel.OpGe, Args: []rel.Expr{date, &rel.Lit{Value: rel.DateValue(9131), T: rel.DateType}}, T: rel.BoolType}}
	for b.Loop() {
		b.ReportMetric(float64(read(b, s, f, []rel.Column{c[0], c[4], c[5], c[10]})), "rows")
	}
}

func BenchmarkPoint(b *testing.B) {
	s, scan := benchSource(b)
	c := scan.Columns()
	key := &rel.Col{ID: c[0].ID, Name: c[0].Name, T: c[0].T}
	f := &rel.Filter{Input: scan, Pred: &rel.Call{Op: rel.OpEq, Args: []rel.Expr{key, &rel.Lit{Value: int64(1000), T: rel.BigIntType}}, T: rel.BoolType}}
	for b.Loop() {
		read(b, s, f, []rel.Column{c[0], c[4], c[5], c[10]})
	}
}

func BenchmarkPointPlain(b *testing.B) {
	s, _ := benchSource(b)
	cols := []rel.Column{{ID: 1, Name: "n", T: rel.BigIntType}}
	for b.Loop() {
		st, err := s.Query(context.Background(), sources.Query{SQL: "SELECT l_partkey FROM public.lineitem WHERE l_orderkey = 1000", Columns: cols})
		if err != nil {
			b.Fatal(err)
		}
		st.Close()
	}
}
