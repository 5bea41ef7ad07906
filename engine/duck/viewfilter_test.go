package duck

import (
	"context"
	"testing"

	"weir/engine/rel"
)

// DuckDB hands comparisons with constants down into its Arrow scan, which can't apply them to a C stream: `WHERE c1 <= 5` over a view once
// gave every row. Each predicate here is of a kind that DuckDB hands down.
func TestViewIsFiltered(t *testing.T) {
	for _, c := range []struct {
		where string
		want  int64
	}{
		{"v.c1 < 5", 5}, {"v.c1 = 7", 1}, {"v.c1 IN (1, 2, 3)", 3}, {"v.c1 BETWEEN 2 AND 9", 8}, {"v.c2 = 'x'", 0}, {"v.c2 IS NULL", 0},
		{"v.c1 < 5 OR v.c1 > 996", 8}, {"v.c1 = (SELECT 3)", 1}, {"v.c1 >= 0 AND v.c1 + 0 < 10", 10},
	} {
		t.Run(c.where, func(t *testing.T) {
			s := begin(t, open(t, Options{}))
			v, err := s.View("x", newStream(1000, 100))
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Query(context.Background(), "SELECT count(*) FROM "+v+" AS v WHERE "+c.where, columns(rel.BigIntType))
			if err != nil {
				t.Fatal(err)
			}
			b, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			defer b.Release()
			if got := b.Column(0).ValueStr(0); got != rel.FormatExpr(&rel.Lit{Value: c.want}) {
				t.Errorf("%s rows, want %d", got, c.want)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
