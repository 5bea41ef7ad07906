package mysql

import (
	"fmt"
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// TestFeatures runs every construct that the dialect lists, over awkward columns.
func TestFeatures(t *testing.T) {
	s, d, scan := odd(t)
	boolean := func(op rel.Op, args ...rel.Expr) rel.Expr { return &rel.Call{Op: op, Args: args, T: rel.BoolType} }
	eq := func(a, b rel.Expr) rel.Expr { return boolean(rel.OpEq, a, b) }
	lit := func(n int64) rel.Expr { return &rel.Lit{Value: n, T: rel.BigIntType} }
	ref := func(c rel.Column) *rel.Col { return &rel.Col{ID: c.ID, Name: c.Name, T: c.T} }
	project := func(in oddScan, names ...string) *rel.Project {
		p := &rel.Project{Input: in.Scan}
		for _, name := range names {
			c := in.col(name)
			p.Cols = append(p.Cols, rel.Computed{Column: rel.Column{ID: c.ID, Name: name, T: c.T}, Expr: c})
		}
		return p
	}
	sorted := func(n rel.Node, cols ...rel.Column) rel.Node {
		out := &rel.Sort{Input: n}
		for _, c := range cols {
			out.Keys = append(out.Keys, rel.SortKey{Expr: ref(c)})
		}
		return out
	}
	few := func(in oddScan, n int64) rel.Node { // the first n rows, as a filter
		return &rel.Filter{Input: in.Scan, Pred: boolean(rel.OpLt, in.col("id"), lit(n))}
	}
	type plan struct {
		n    rel.Node
		out  []rel.Column
		want string
	}
	cases := []struct {
		feature dialect.Feature
		name    string
		make    func() plan
	}{
		{dialect.FeatureInnerJoin, "on text of two collations", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id"), columnOf(b, "id"), columnOf(a, "t1")}
			return plan{sorted(&rel.Join{Left: a.Scan, Right: b.Scan, On: eq(a.col("t1"), b.col("t2"))}, out[:2]...), out,
				"SELECT a.id, b.id, a.t1 FROM plain a JOIN plain b ON a.t1 = b.t2 ORDER BY 1, 2"}
		}},
		{dialect.FeatureInnerJoin, "on text of one collation", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id"), columnOf(b, "id")}
			return plan{sorted(&rel.Join{Left: a.Scan, Right: b.Scan, On: eq(a.col("t2"), b.col("t2"))}, out...), out,
				"SELECT a.id, b.id FROM plain a JOIN plain b ON a.t2 = b.t2 ORDER BY 1, 2"}
		}},
		{dialect.FeatureInnerJoin, "on dates", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id"), columnOf(b, "id")}
			return plan{sorted(&rel.Join{Left: a.Scan, Right: b.Scan, On: eq(a.col("d"), b.col("d"))}, out...), out,
				"SELECT a.id, b.id FROM plain a JOIN plain b ON a.d = b.d ORDER BY 1, 2"}
		}},
		{dialect.FeatureLeftJoin, "with filtered sides", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id"), columnOf(b, "id"), columnOf(b, "n")}
			return plan{sorted(&rel.Join{Kind: rel.LeftJoin, Left: few(a, 20), Right: few(b, 9), On: eq(a.col("t3"), b.col("t3"))}, out[:2]...), out,
				"SELECT a.id, b.id, b.n FROM plain a LEFT JOIN plain b ON a.t3 = b.t3 AND b.id < 9 WHERE a.id < 20 ORDER BY 1, 2"}
		}},
		{dialect.FeatureSemiJoin, "semi", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			return plan{sorted(&rel.Join{Kind: rel.SemiJoin, Left: a.Scan, Right: few(b, 5), On: eq(a.col("t2"), b.col("t1"))}, out...), out,
				"SELECT id FROM plain a WHERE EXISTS (SELECT 1 FROM plain b WHERE b.id < 5 AND a.t2 = b.t1) ORDER BY 1"}
		}},
		{dialect.FeatureSemiJoin, "anti", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			return plan{sorted(&rel.Join{Kind: rel.AntiJoin, Left: a.Scan, Right: few(b, 5), On: eq(a.col("d"), b.col("d"))}, out...), out,
				"SELECT id FROM plain a WHERE NOT EXISTS (SELECT 1 FROM plain b WHERE b.id < 5 AND a.d = b.d) ORDER BY 1"}
		}},
		{dialect.FeatureDistinct, "of text, dates and numbers", func() plan {
			a := scan()
			out := []rel.Column{columnOf(a, "t2"), columnOf(a, "d"), columnOf(a, "n")}
			return plan{sorted(&rel.Distinct{Input: project(a, "t2", "d", "n")}, out...), out,
				"SELECT DISTINCT t2, d, n FROM plain ORDER BY 1, 2, 3"}
		}},
		{dialect.FeatureDistinct, "of an ENUM", func() plan {
			a := scan()
			out := []rel.Column{columnOf(a, "t4")}
			return plan{sorted(&rel.Distinct{Input: project(a, "t4")}, out...), out, "SELECT DISTINCT t4 FROM plain ORDER BY 1"}
		}},
		{dialect.FeatureSort, "NULL first, then by code point", func() plan {
			a := scan()
			out := []rel.Column{columnOf(a, "t2"), columnOf(a, "id")}
			return plan{&rel.Sort{Input: a.Scan, Keys: []rel.SortKey{{Expr: a.col("t2"), Desc: true}, {Expr: a.col("d")}, {Expr: a.col("id")}}}, out,
				"SELECT t2, id FROM plain ORDER BY t2 DESC, d, id"}
		}},
		{dialect.FeatureLimit, "with an offset", func() plan {
			a := scan()
			out := []rel.Column{columnOf(a, "id")}
			return plan{&rel.Limit{Input: sorted(a.Scan, columnOf(a, "t1"), columnOf(a, "id")), Offset: 7, Count: 5}, out, "SELECT id FROM plain ORDER BY t1, id LIMIT 5 OFFSET 7"}
		}},
		{dialect.FeatureLimit, "offset only", func() plan {
			a := scan()
			out := []rel.Column{columnOf(a, "id")}
			return plan{&rel.Limit{Input: sorted(a.Scan, columnOf(a, "id")), Offset: 50, Count: rel.NoLimit}, out, "SELECT id FROM plain WHERE id >= 50 ORDER BY id"}
		}},
		{dialect.FeatureUnion, "UNION", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{{ID: a.ids.Next(), T: rel.TextType}, {ID: a.ids.Next(), T: rel.DateType}}
			u := &rel.SetOp{Kind: rel.Union, Left: project(a, "t1", "d"), Right: project(b, "t2", "d"), Cols: out}
			return plan{sorted(u, out...), out, "SELECT t1, d FROM plain UNION SELECT t2, d FROM plain ORDER BY 1, 2"}
		}},
		{dialect.FeatureUnion, "UNION ALL of an ENUM and a CHAR", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{{ID: a.ids.Next(), T: rel.TextType}}
			u := &rel.SetOp{Kind: rel.Union, All: true, Left: project(a, "t4"), Right: project(b, "t3"), Cols: out}
			return plan{sorted(u, out...), out, "SELECT t4 FROM plain UNION ALL SELECT t3 FROM plain ORDER BY 1"}
		}},
		{dialect.FeatureIntersect, "INTERSECT", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{{ID: a.ids.Next(), T: rel.TextType}}
			u := &rel.SetOp{Kind: rel.Intersect, Left: project(a, "t1"), Right: project(b, "t3"), Cols: out}
			return plan{sorted(u, out...), out, "SELECT t1 FROM plain INTERSECT SELECT t3 FROM plain ORDER BY 1"}
		}},
		{dialect.FeatureExcept, "EXCEPT ALL", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{{ID: a.ids.Next(), T: rel.TextType}}
			u := &rel.SetOp{Kind: rel.Except, All: true, Left: project(a, "t2"), Right: project(b, "t1"), Cols: out}
			return plan{sorted(u, out...), out, "SELECT t2 FROM plain EXCEPT ALL SELECT t1 FROM plain ORDER BY 1"}
		}},
		{dialect.FeatureValues, "joined", func() plan {
			a := scan()
			v := rel.Column{ID: a.ids.Next(), T: rel.VarCharType(5)}
			row := func(s string) []rel.Expr { return []rel.Expr{&rel.Lit{Value: s, T: v.T}} }
			out := []rel.Column{columnOf(a, "id")}
			vs := &rel.Values{Cols: []rel.Column{v}, Rows: [][]rel.Expr{row("abc"), row("É"), row(`a\b`), row("😀b")}}
			return plan{sorted(&rel.Join{Left: vs, Right: a.Scan, On: eq(ref(v), a.col("t2"))}, out...), out,
				`SELECT id FROM plain WHERE t2 IN ('abc', 'É', 'a\\b', '😀b') ORDER BY id`}
		}},
		{dialect.FeatureSubquery, "scalar", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			m := rel.Column{ID: a.ids.Next(), T: rel.TextType}
			sub := &rel.Subquery{Kind: rel.ScalarSubquery, Out: []rel.ColumnID{m.ID}, T: m.T,
				Plan: &rel.Aggregate{Input: b.Scan, Aggs: []rel.AggColumn{{Column: m, Agg: rel.Agg{Fn: "max", Args: []rel.Expr{b.col("t1")}, T: m.T}}}}}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: eq(a.col("t2"), sub)}, out...), out,
				"SELECT id FROM plain WHERE t2 = (SELECT MAX(t1) FROM plain) ORDER BY id"}
		}},
		{dialect.FeatureSubquery, "NOT IN with NULLs", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			sub := &rel.Subquery{Kind: rel.InSubquery, Left: []rel.Expr{a.col("d")}, Out: []rel.ColumnID{b.col("d").ID}, T: rel.BoolType, Plan: few(b, 2)}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: boolean(rel.OpNot, sub)}, out...), out,
				"SELECT id FROM plain WHERE d NOT IN (SELECT d FROM plain WHERE id < 2) ORDER BY id"}
		}},
		{dialect.FeatureSubquery, "IN over a limit", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			sub := &rel.Subquery{Kind: rel.InSubquery, Left: []rel.Expr{a.col("t2")}, Out: []rel.ColumnID{b.col("t2").ID}, T: rel.BoolType,
				Plan: &rel.Limit{Input: sorted(b.Scan, columnOf(b, "id")), Count: 3}}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: sub}, out...), out,
				"SELECT id FROM plain WHERE t2 IN (SELECT t2 FROM plain WHERE id < 3) ORDER BY id"}
		}},
		{dialect.FeatureQuantified, "> ALL", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			sub := &rel.Subquery{Kind: rel.AllSubquery, Cmp: rel.OpGt, Left: []rel.Expr{a.col("t2")}, Out: []rel.ColumnID{b.col("t1").ID}, T: rel.BoolType, Plan: few(b, 4)}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: sub}, out...), out,
				"SELECT id FROM plain WHERE t2 > ALL (SELECT t1 FROM plain WHERE id < 4) ORDER BY id"}
		}},
		{dialect.FeatureQuantified, "= ANY", func() plan {
			a, b := scan(), scan()
			out := []rel.Column{columnOf(a, "id")}
			sub := &rel.Subquery{Kind: rel.AnySubquery, Cmp: rel.OpEq, Left: []rel.Expr{a.col("t3")}, Out: []rel.ColumnID{b.col("t4").ID}, T: rel.BoolType, Plan: few(b, 40)}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: sub}, out...), out,
				"SELECT id FROM plain WHERE t3 = ANY (SELECT t4 FROM plain WHERE id < 40) ORDER BY id"}
		}},
		{dialect.FeatureCorrelated, "count of others with the same text", func() plan {
			a, b := scan(), scan()
			n := rel.Column{ID: a.ids.Next(), T: rel.BigIntType}
			v := rel.Column{ID: a.ids.Next(), T: rel.BigIntType}
			sub := &rel.Subquery{Kind: rel.ScalarSubquery, Out: []rel.ColumnID{n.ID}, T: n.T,
				Plan: &rel.Aggregate{Input: &rel.Filter{Input: b.Scan, Pred: eq(b.col("t2"), a.col("t2"))}, Aggs: []rel.AggColumn{{Column: n, Agg: rel.Agg{Fn: "count", T: n.T}}}}}
			id := columnOf(a, "id")
			return plan{sorted(&rel.Project{Input: a.Scan, Cols: []rel.Computed{{Column: id, Expr: ref(id)}, {Column: v, Expr: sub}}}, id), []rel.Column{id, v},
				"SELECT id, (SELECT COUNT(*) FROM plain b WHERE b.t2 = a.t2) FROM plain a ORDER BY id"}
		}},
		{dialect.FeatureAggregate, "HAVING and a sort by an aggregate", func() plan {
			a := scan()
			g, n := rel.Column{ID: a.ids.Next(), T: rel.TextType}, rel.Column{ID: a.ids.Next(), T: rel.BigIntType}
			agg := &rel.Aggregate{Input: a.Scan, Groups: []rel.Computed{{Column: g, Expr: a.col("t3")}}, Aggs: []rel.AggColumn{{Column: n, Agg: rel.Agg{Fn: "count", T: n.T}}}}
			return plan{sorted(&rel.Filter{Input: agg, Pred: boolean(rel.OpGt, ref(n), lit(2))}, n, g), []rel.Column{g, n},
				"SELECT t3, COUNT(*) FROM plain GROUP BY t3 HAVING COUNT(*) > 2 ORDER BY 2, 1"}
		}},
		{dialect.FeatureAggregate, "by a constant of the input", func() plan {
			a := scan()
			g, n := rel.Column{ID: a.ids.Next(), T: rel.BigIntType}, rel.Column{ID: a.ids.Next(), T: rel.BigIntType}
			in := &rel.Project{Input: few(a, 9), Cols: []rel.Computed{{Column: g, Expr: lit(12)}, {Column: columnOf(a, "i"), Expr: a.col("i")}}}
			agg := &rel.Aggregate{Input: in, Groups: []rel.Computed{{Column: g, Expr: ref(g)}, {Column: columnOf(a, "i"), Expr: a.col("i")}},
				Aggs: []rel.AggColumn{{Column: n, Agg: rel.Agg{Fn: "count", T: n.T}}}}
			out := []rel.Column{g, columnOf(a, "i"), n}
			return plan{sorted(agg, out[1]), out, "SELECT 12, i, COUNT(*) FROM plain WHERE id < 9 GROUP BY i ORDER BY i"}
		}},
		{dialect.FeatureWindow, "over a group", func() plan {
			a := scan()
			g, n, r := rel.Column{ID: a.ids.Next(), T: rel.TextType}, rel.Column{ID: a.ids.Next(), T: rel.BigIntType}, rel.Column{ID: a.ids.Next(), T: rel.BigIntType}
			agg := &rel.Aggregate{Input: a.Scan, Groups: []rel.Computed{{Column: g, Expr: a.col("t2")}}, Aggs: []rel.AggColumn{{Column: n, Agg: rel.Agg{Fn: "count", T: n.T}}}}
			w := &rel.Window{Input: agg, Fns: []rel.WindowColumn{{Column: r, Fn: rel.WindowFn{Fn: "rank", OrderBy: []rel.SortKey{{Expr: ref(n), Desc: true}}, T: r.T}}}}
			return plan{sorted(w, r, g), []rel.Column{g, n, r}, "SELECT t2, n, RANK() OVER (ORDER BY n DESC) FROM (SELECT t2, COUNT(*) AS n FROM plain GROUP BY t2) q ORDER BY 3, 1"}
		}},
		{dialect.FeatureProject, "expressions", func() plan {
			a := scan()
			v := rel.Column{ID: a.ids.Next(), T: rel.TextType}
			e, sql := a.parse("concat(t1, upper(t2))")
			return plan{&rel.Project{Input: few(a, 9), Cols: []rel.Computed{{Column: v, Expr: e}}}, []rel.Column{v}, "SELECT " + sql + " FROM plain WHERE id < 9"}
		}},
		{dialect.FeatureFilter, "a condition on several columns", func() plan {
			a := scan()
			e, sql := a.parse("and(>=(d, d'2000-01-01'), or(=(t2, 'abc'), like(t1, 'A%', '\\')))")
			out := []rel.Column{columnOf(a, "id")}
			return plan{sorted(&rel.Filter{Input: a.Scan, Pred: e}, out...), out, "SELECT id FROM plain WHERE " + sql + " ORDER BY id"}
		}},
	}
	tried := map[dialect.Feature]bool{}
	for _, c := range cases {
		tried[c.feature] = true
		t.Run(string(c.feature)+" "+c.name, func(t *testing.T) {
			if !d.Features[c.feature] {
				t.Fatal("not listed")
			}
			p := c.make()
			same(t, s, d, p.n, p.out, p.want)
		})
	}
	for f := range d.Features {
		if !tried[f] {
			t.Errorf("no case for %s", f)
		}
	}
}

// TestOuterInDerived: MariaDB has no derived tables that read the enclosing query, so a plan that needs one must not be printed.
func TestOuterInDerived(t *testing.T) {
	_, d, scan := odd(t)
	a, b := scan(), scan()
	in := &rel.Filter{Input: b.Scan, Pred: &rel.Call{Op: rel.OpEq, Args: []rel.Expr{a.col("n"), b.col("n")}, T: rel.BoolType}}
	sub := &rel.Subquery{Kind: rel.InSubquery, Left: []rel.Expr{a.col("i")}, Out: []rel.ColumnID{b.col("i").ID}, T: rel.BoolType, Plan: &rel.Limit{Input: in, Count: 3}}
	if p, err := dialect.Print(d, &rel.Filter{Input: a.Scan, Pred: sub}, a.Columns(), dialect.Options{}); err == nil {
		t.Errorf("printed: %s", p.SQL)
	}
}

// TestQuotient: a part of a statement puts out all digits that a quotient carries, also through a derived table; its text has those
// that are shown.
func TestQuotient(t *testing.T) {
	s, d, scan := odd(t)
	in := scan()
	quotient := rel.Type{Kind: rel.Decimal, Precision: 16, Scale: 6, Inner: 18}
	number := func(text string, p, s int) rel.Expr {
		return &rel.Lit{Value: rel.DecimalText(text), T: rel.DecimalType(p, s)}
	}
	q := rel.Column{ID: in.ids.Next(), Name: "q", T: quotient}
	again := rel.Column{ID: in.ids.Next(), Name: "again", T: rel.Type{Kind: rel.Decimal, Precision: 20, Scale: 6, Inner: 18}}
	text := rel.Column{ID: in.ids.Next(), Name: "text", T: rel.TextType}
	filtered := &rel.Filter{Input: in.Scan, Pred: &rel.Call{Op: rel.OpEq, Args: []rel.Expr{in.col("id"), &rel.Lit{Value: int64(5), T: rel.BigIntType}}, T: rel.BoolType}}
	part := &rel.Project{Input: filtered, Cols: []rel.Computed{{Column: q, Expr: &rel.Call{Op: rel.OpDiv, Args: []rel.Expr{number("2.00", 3, 2), number("3.0", 2, 1)}, T: quotient}}}}
	ref := &rel.Col{ID: q.ID, T: quotient}
	whole := &rel.Project{Input: &rel.Limit{Input: part, Count: 1}, Cols: []rel.Computed{
		{Column: q, Expr: ref},
		{Column: again, Expr: &rel.Call{Op: rel.OpMul, Args: []rel.Expr{ref, number("1000000", 7, 0)}, T: again.T}},
		{Column: text, Expr: &rel.Call{Op: rel.OpCast, Args: []rel.Expr{ref}, T: rel.TextType}},
	}}
	for _, n := range []rel.Node{whole, &rel.Filter{Input: whole, Pred: &rel.Call{Op: rel.OpGt, Args: []rel.Expr{ref, number("0.6666666", 8, 7)}, T: rel.BoolType}}} {
		out := []rel.Column{q, again, text}
		p, err := dialect.Print(d, n, out, dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: out})
		if err != nil {
			t.Fatal(p.SQL, err, detail(err))
		}
		if got := fmt.Sprint(rows); got != `[[0.666666666666666666 666666.666666666666000000 "0.666667"]]` {
			t.Errorf("%s\ngives %s", p.SQL, got)
		}
	}
}

// TestConstantRows reads rows of constants, NULLs and no rows at all among them, as every type.
func TestConstantRows(t *testing.T) {
	s, d, _ := odd(t)
	types := []rel.Type{rel.BigIntType, rel.UBigIntType, rel.DecimalType(5, 2), rel.DoubleType, rel.DateType, rel.DateTimeType, {Kind: rel.Time}, rel.TextType, {Kind: rel.VarBinary}, rel.BoolType}
	values := []any{int64(-5), uint64(7), rel.DecimalText("1.50"), 2.5, rel.DateValue(19782), rel.DateTimeValue(1709164800000001), rel.TimeValue(-1), "it's \\ é😀\x00\x1a", []byte{0, 255}, true}
	const want = `-5 7 1.50 2.5 2024-02-29 2024-02-29 00:00:00.000001 -00:00:00.000001 "it's \\ é😀\x00\x1a" x'00FF' true`
	var cols []rel.Column
	var full, nulls []rel.Expr
	for i, typ := range types {
		cols = append(cols, rel.Column{ID: rel.ColumnID(i + 1), Name: "c", T: typ})
		full, nulls = append(full, &rel.Lit{Value: values[i], T: typ}), append(nulls, &rel.Lit{T: typ})
	}
	none := strings.TrimSuffix(strings.Repeat("NULL ", len(types)), " ")
	for _, c := range []struct {
		rows [][]rel.Expr
		want string
	}{
		{nil, ""}, {[][]rel.Expr{full}, want}, {[][]rel.Expr{nulls}, none}, {[][]rel.Expr{nulls, nulls}, none + "\n" + none}, {[][]rel.Expr{full, nulls}, want + "\n" + none},
	} {
		for _, n := range []rel.Node{&rel.Values{Cols: cols, Rows: c.rows}, &rel.Limit{Input: &rel.Limit{Input: &rel.Values{Cols: cols, Rows: c.rows}, Count: 9}, Count: 9}} {
			p, err := dialect.Print(d, n, cols, dialect.Options{})
			if err != nil {
				t.Fatal(err)
			}
			rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: cols})
			if err != nil {
				t.Fatal(p.SQL, err, detail(err))
			}
			var got []string
			for _, r := range rows {
				got = append(got, strings.Join(r, " "))
			}
			if strings.Join(got, "\n") != c.want {
				t.Errorf("%s\ngives %q\n want %q", p.SQL, strings.Join(got, "\n"), c.want)
			}
		}
	}
}

// TestDateOfMySQL runs on MariaDB what is printed for MySQL to find dates that are none.
func TestDateOfMySQL(t *testing.T) {
	s, _, scan := odd(t)
	d := dialect.MySQL(dialect.MySQL8, dialect.MySQLVersion{8, 0, 36})
	for _, name := range []string{"d", "dt", "dtf", "ts"} {
		in := scan()
		v := rel.Column{ID: in.ids.Next(), T: rel.DateTimeType}
		e, plain := in.parse("coalesce(" + name + ", " + name + ")")
		same(t, s, d, &rel.Sort{Input: &rel.Project{Input: in.Scan, Cols: []rel.Computed{{Column: columnOf(in, "id"), Expr: in.col("id")}, {Column: v, Expr: e}}},
			Keys: []rel.SortKey{{Expr: in.col("id")}}}, []rel.Column{columnOf(in, "id"), v}, "SELECT id, "+plain+" FROM plain ORDER BY id")
	}
}

func columnOf(in oddScan, name string) rel.Column {
	c := in.col(name)
	return rel.Column{ID: c.ID, Name: name, T: c.T}
}

// TestStoredDatesThroughDerived: dates that are none survive a derived table that the server materialises.
func TestStoredDatesThroughDerived(t *testing.T) {
	s, d, scan := odd(t)
	in := scan()
	out := []rel.Column{columnOf(in, "id"), columnOf(in, "d"), columnOf(in, "dtf")}
	key := []rel.SortKey{{Expr: in.col("id")}}
	n := &rel.Sort{Input: &rel.Filter{Input: &rel.Limit{Input: in.Scan, Count: 1000}, Pred: &rel.Call{Op: rel.OpGe, Args: []rel.Expr{in.col("id"), &rel.Lit{Value: int64(0), T: rel.BigIntType}}, T: rel.BoolType}}, Keys: key}
	p, err := dialect.Print(d, n, out, dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: out})
	if err != nil {
		t.Fatal(p.SQL, err, detail(err))
	}
	want, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: "SELECT id, d, dtf FROM plain ORDER BY id", Columns: out})
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s\ngives %v\nwant %v, %v", p.SQL, got, want, err)
	}
}
