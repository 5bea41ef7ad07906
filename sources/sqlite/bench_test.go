package sqlite

import (
	"errors"
	"io"
	"path/filepath"
	"testing"

	"weir/engine/rel"
	"weir/sources"
)

// BenchmarkRead reads rows of an integer, a decimal, a text and a datetime.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	run(b, path, "CREATE TABLE x (id INTEGER PRIMARY KEY, amount DECIMAL(12,2), name TEXT, at DATETIME)",
		`INSERT INTO x WITH RECURSIVE g(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < 500000)
			SELECT i, (i % 100000) / 100.0, 'name ' || i, datetime(i * 1000, 'unixepoch') FROM g`)
	s, err := sources.Open(b.Context(), "sqlite", sources.Config{Name: "src", Options: map[string]any{"path": path}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	q := sources.Query{SQL: `SELECT id, weir_decimal(amount, 12, 2, 'x.amount'), name, at FROM x`, Columns: []rel.Column{{ID: 1, Name: "id", T: rel.BigIntType},
		{ID: 2, Name: "amount", T: rel.DecimalType(12, 2)}, {ID: 3, Name: "name", T: rel.TextType}, {ID: 4, Name: "at", T: dateTime(6)}}}
	b.ReportAllocs()
	for b.Loop() {
		rows, err := s.Query(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		for {
			batch, err := rows.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			batch.Release()
		}
		rows.Close()
	}
}

// BenchmarkPoint looks one row up by its key.
func BenchmarkPoint(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.db")
	run(b, path, "CREATE TABLE x (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO x VALUES (1, 'one')")
	s, err := sources.Open(b.Context(), "sqlite", sources.Config{Name: "src", Options: map[string]any{"path": path}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	q := sources.Query{SQL: `SELECT id, name FROM x WHERE id = 1`, Columns: []rel.Column{{ID: 1, Name: "id", T: rel.BigIntType}, {ID: 2, Name: "name", T: rel.TextType}}}
	b.ReportAllocs()
	for b.Loop() {
		rows, err := s.Query(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		batch, err := rows.Next()
		if err != nil {
			b.Fatal(err)
		}
		batch.Release()
		rows.Close()
	}
}
