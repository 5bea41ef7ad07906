package mysql

import (
	"context"
	"io"
	"testing"

	"weir/engine/rel"
	"weir/sources"
)

// BenchmarkScan reads 800,000 rows of four columns, the shape of TPC-H's partsupp at scale 1.
func BenchmarkScan(b *testing.B) {
	s := database(b, `CREATE TABLE ps (partkey INT NOT NULL, suppkey INT NOT NULL, availqty INT NOT NULL, supplycost DECIMAL(15,2) NOT NULL, comment VARCHAR(199) NOT NULL)`,
		`INSERT INTO ps SELECT seq, seq % 10000, seq % 9999, (seq % 100000) / 100, REPEAT('x', seq % 150) FROM seq_1_to_800000`)
	integer := rel.Type{Kind: rel.Int, NotNull: true}
	q := sources.Query{SQL: "SELECT partkey, suppkey, availqty, supplycost FROM ps", Columns: []rel.Column{{T: integer}, {T: integer}, {T: integer}, {T: rel.DecimalType(15, 2)}}}
	b.ReportAllocs()
	for b.Loop() {
		if n := drain(b, s, q); n != 800_000 {
			b.Fatalf("%d rows", n)
		}
	}
}

// BenchmarkLookup reads one row by its key.
func BenchmarkLookup(b *testing.B) {
	s := database(b, "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50))", "INSERT INTO t SELECT seq, CONCAT('name ', seq) FROM seq_1_to_10000")
	q := sources.Query{SQL: "SELECT id, name FROM t WHERE id = 4711", Columns: []rel.Column{{T: rel.Type{Kind: rel.Int}}, {T: rel.VarCharType(50)}}}
	for b.Loop() {
		if n := drain(b, s, q); n != 1 {
			b.Fatalf("%d rows", n)
		}
	}
}

func drain(b *testing.B, s *Source, q sources.Query) (n int64) {
	batches, err := s.Query(context.Background(), q)
	if err != nil {
		b.Fatal(err, detail(err))
	}
	defer batches.Close()
	for {
		rec, err := batches.Next()
		if err == io.EOF {
			return n
		}
		if err != nil {
			b.Fatal(err)
		}
		n += rec.NumRows()
		rec.Release()
	}
}
