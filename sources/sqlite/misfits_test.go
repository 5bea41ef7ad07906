package sqlite

import (
	"context"
	"errors"
	"strings"
	"testing"

	"weir/engine/rel"
	"weir/sources"
)

// A value that doesn't fit its column ends every statement that looks at it, and none that doesn't.
func TestMisfits(t *testing.T) {
	b := newBench(t,
		"CREATE TABLE odd (id INTEGER PRIMARY KEY, i INT, s TEXT, d DECIMAL(10,2), t DATE, m DATETIME)",
		"CREATE INDEX odd_i ON odd (i)", "CREATE INDEX odd_s ON odd (s)",
		"INSERT INTO odd VALUES (1, 5, 'five', 5, '2024-05-05', '2024-05-05 05:05:05'), (2, 'many', x'6d', 1.005, '5.5.2024', 1700000000)",
		"CREATE TABLE even (i INT)", "INSERT INTO even VALUES ('many'), (5)")
	scan, c := b.scan(&rel.IDs{}, "odd")
	project := func(in rel.Node, cols ...*rel.Col) rel.Node {
		p := &rel.Project{Input: in}
		for _, x := range cols {
			p.Cols = append(p.Cols, rel.Computed{Column: rel.Column{ID: x.ID, Name: x.Name, T: x.T}, Expr: x})
		}
		return p
	}
	count := func(in rel.Node) rel.Node {
		return &rel.Aggregate{Input: in, Aggs: []rel.AggColumn{{Column: rel.Column{ID: 800, Name: "n", T: rel.BigIntType}, Agg: rel.Agg{Fn: "count", T: rel.BigIntType}}}}
	}
	where := func(p rel.Expr) rel.Node { return count(&rel.Filter{Input: scan, Pred: p}) }
	group := func(x *rel.Col) rel.Node {
		return &rel.Aggregate{Input: scan, Groups: []rel.Computed{{Column: rel.Column{ID: 801, Name: x.Name, T: x.T}, Expr: x}}}
	}
	agg := func(fn string, x *rel.Col, t rel.Type) rel.Node {
		return &rel.Aggregate{Input: scan, Aggs: []rel.AggColumn{{Column: rel.Column{ID: 800, Name: "n", T: t}, Agg: rel.Agg{Fn: fn, Args: []rel.Expr{x}, T: t}}}}
	}
	evenScan := &rel.Scan{Table: &rel.Table{Name: "even"}, Cols: []rel.ScanColumn{{Column: rel.Column{ID: 701, Name: "i", T: b.tables["even"].Columns[0].Type}}}}
	ei := &rel.Col{ID: 701, Name: "i", T: evenScan.Cols[0].T}
	for _, x := range []struct {
		name   string
		n      rel.Node
		column string // that the error names; empty: the statement runs
	}{
		{"not read", project(scan, c["id"]), ""},
		{"read int", project(scan, c["i"]), "i"}, {"read text", project(scan, c["s"]), "s"}, {"read decimal", project(scan, c["d"]), "d"},
		{"read date", project(scan, c["t"]), "t"}, {"read datetime", project(scan, c["m"]), "m"},
		{"equal", where(test(rel.OpEq, c["i"], integer(5))), ""}, {"in", where(test(rel.OpIn, c["i"], integer(5), integer(6))), ""},
		{"greater", where(test(rel.OpGt, c["i"], integer(5))), "i"}, {"not equal", where(test(rel.OpNe, c["i"], integer(5))), "i"},
		{"not less", where(test(rel.OpNot, test(rel.OpLt, c["i"], integer(5)))), "i"}, {"less", where(test(rel.OpLt, c["i"], integer(7))), ""},
		{"text greater", where(test(rel.OpGt, c["s"], text("a"))), "s"}, {"text equal", where(test(rel.OpEq, c["s"], text("m"))), ""},
		{"like", where(test(rel.OpLike, c["s"], text("m"), text(""))), ""}, {"like all", where(test(rel.OpLike, c["s"], text("%"), text(""))), "s"},
		{"decimal", where(test(rel.OpGt, c["d"], decimal("1.00"))), "d"}, {"date", where(test(rel.OpGt, c["t"], lit(rel.DateValue(0), rel.DateType))), "t"},
		{"datetime", where(test(rel.OpLt, c["m"], lit(rel.DateTimeValue(0), dateTime(6)))), "m"},
		{"group", group(c["i"]), "i"}, {"distinct", &rel.Distinct{Input: project(scan, c["i"])}, "i"},
		{"order", project(&rel.Sort{Input: scan, Keys: []rel.SortKey{{Expr: c["i"]}}}, c["id"]), "i"},
		{"sum", agg("sum", c["i"], rel.DecimalType(38, 0)), "i"}, {"max", agg("max", c["i"], rel.BigIntType), "i"},
		{"join", count(&rel.Join{Kind: rel.InnerJoin, Left: scan, Right: evenScan, On: test(rel.OpEq, c["i"], ei)}), "i"},
		{"exists", count(&rel.Join{Kind: rel.SemiJoin, Left: scan, Right: evenScan, On: test(rel.OpEq, c["i"], ei)}), "i"},
	} {
		t.Run(x.name, func(t *testing.T) {
			rows, err := b.rows(t, x.n)
			if x.column == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if !errors.Is(err, sources.ErrValue) || !strings.Contains(err.Error(), "column "+x.column+" of table odd") {
				t.Errorf("gives %v, %v; want an error that names column %s of table odd", rows, err, x.column)
			}
		})
	}
	if err := b.s.Ping(context.Background()); err != nil {
		t.Errorf("the source can't be used after errors: %v", err)
	}
}
