package sqlite

import (
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// TestIndexes checks that the usual filters and joins find their rows through an index.
func TestIndexes(t *testing.T) {
	b := newBench(t, awkward...)
	for _, x := range []struct {
		table, index string
		pred         func(c map[string]*rel.Col) rel.Expr
	}{
		{"plain", "INTEGER PRIMARY KEY (rowid=?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpEq, c["id"], integer(3)) }},
		{"plain", "INTEGER PRIMARY KEY (rowid>?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpLt, integer(3), c["id"]) }},
		{"plain", "plain_i (i=?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpIn, c["i"], integer(3), integer(4)) }},
		{"plain", "plain_i (i<?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpLt, c["i"], integer(3)) }},
		{"plain", "plain_s (s=?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpEq, c["s"], text("a")) }},
		{"plain", "plain_s (s>? AND s<?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpLike, c["s"], text("a%"), text("\\")) }},
		{"plain", "plain_c (c=?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpEq, c["c"], text("A")) }},
		{"plain", "plain_d (d>? AND d<?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpEq, c["d"], decimal("12.30")) }},
		{"plain", "plain_d (d>?)", func(c map[string]*rel.Col) rel.Expr { return test(rel.OpGt, c["d"], decimal("12.30")) }},
		{"checked", "checked_t (t>?)", func(c map[string]*rel.Col) rel.Expr {
			return test(rel.OpGe, c["t"], lit(rel.DateValue(0), rel.DateType))
		}},
		{"checked", "checked_t (t=?)", func(c map[string]*rel.Col) rel.Expr {
			return test(rel.OpIn, c["t"], lit(rel.DateValue(0), rel.DateType), lit(rel.DateValue(1), rel.DateType))
		}},
		{"checked", "checked_m (m<?)", func(c map[string]*rel.Col) rel.Expr {
			return test(rel.OpLt, c["m"], lit(rel.DateTimeValue(0), dateTime(6)))
		}},
	} {
		scan, cols := b.scan(&rel.IDs{}, x.table)
		n := &rel.Filter{Input: scan, Pred: x.pred(cols)}
		if plan, sql := b.queryPlan(t, n); !strings.Contains(plan, x.index) {
			t.Errorf("%s\n%swant %s", sql, plan, x.index)
		}
	}
	ids := &rel.IDs{}
	left, l := b.scan(ids, "seen")
	right, r := b.scan(ids, "plain")
	join := &rel.Join{Kind: rel.InnerJoin, Left: left, Right: right, On: test(rel.OpEq, l["id"], r["i"])}
	if plan, sql := b.queryPlan(t, join); !strings.Contains(plan, "plain_i (i=?)") {
		t.Errorf("%s\n%s", sql, plan)
	}
}

// queryPlan is what SQLite says of a printed plan.
func (b *bench) queryPlan(t *testing.T, n rel.Node) (plan, sql string) {
	t.Helper()
	p, err := dialect.Print(b.d, n, n.Columns(), dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) rel.Column {
		return rel.Column{Name: name, T: rel.Type{Kind: rel.Text, Native: dialect.SQLiteOpaque}}
	}
	rows, err := sourcetest.Read(t.Context(), b.s, sources.Query{SQL: "EXPLAIN QUERY PLAN " + p.SQL,
		Columns: []rel.Column{column("id"), column("parent"), column("unused"), column("detail")}})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		plan += r[3] + "\n"
	}
	return plan, p.SQL
}
