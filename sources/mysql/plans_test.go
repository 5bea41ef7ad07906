package mysql

import (
	"fmt"
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources/sourcetest"
)

// oddScan reads the table of TestForms with new column ids. An expression of testdata/forms.txt's notation is read by parse.
type oddScan struct {
	*rel.Scan
	ids *rel.IDs
}

func (s oddScan) parse(text string) (rel.Expr, string) {
	p := formParser{scan: s.Scan, rest: text, seen: map[rel.Op]bool{}}
	return p.expr()
}

func (s oddScan) parseAll(texts []string) (es []rel.Expr, plain []string) {
	for _, text := range texts {
		e, sql := s.parse(text)
		es, plain = append(es, e), append(plain, sql)
	}
	return es, plain
}

func (s oddScan) col(name string) *rel.Col {
	e, _ := s.parse(name)
	return e.(*rel.Col)
}

// odd opens the two tables of TestForms.
func odd(t *testing.T) (*Source, *dialect.Dialect, func() oddScan) {
	s := database(t, oddTables()...)
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids := &rel.IDs{}
	for _, tab := range tables {
		if tab.Name == "odd" {
			return s, d, func() oddScan { return oddScan{sourcetest.Scan(tab, ids), ids} }
		}
	}
	t.Fatal("no table odd")
	return nil, nil, nil
}

func TestAggregates(t *testing.T) {
	s, d, scan := odd(t)
	cases := []struct {
		fn        string
		args      string // separated by ;
		distinct  bool
		order     string // with a minus for descending
		separator string
	}{
		{fn: "count"}, {fn: "count", args: "d"}, {fn: "count", args: "t2", distinct: true}, {fn: "count", args: "t1;t3", distinct: true}, {fn: "count", args: "d", distinct: true},
		{fn: "sum", args: "n"}, {fn: "sum", args: "m"}, {fn: "sum", args: "i"}, {fn: "sum", args: "u"}, {fn: "sum", args: "n", distinct: true}, {fn: "sum", args: "x"},
		{fn: "sum", args: "*(n, m)"}, {fn: "sum", args: "/(n, 3.0)"}, {fn: "sum", args: "f"},
		{fn: "avg", args: "n"}, {fn: "avg", args: "m"}, {fn: "avg", args: "i"}, {fn: "avg", args: "x"}, {fn: "avg", args: "i", distinct: true},
		{fn: "min", args: "t1"}, {fn: "max", args: "t1"}, {fn: "min", args: "t2"}, {fn: "max", args: "t2"}, {fn: "max", args: "t3"}, {fn: "max", args: "t4"}, {fn: "min", args: "t4"},
		{fn: "min", args: "d"}, {fn: "max", args: "dtf"}, {fn: "min", args: "tm"}, {fn: "max", args: "u"}, {fn: "max", args: "bin"}, {fn: "max", args: "x"}, {fn: "max", args: "f"}, {fn: "max", args: "bt"},
		{fn: "bit_and", args: "u"}, {fn: "bit_or", args: "u"}, {fn: "bit_xor", args: "bt"},
		{fn: "stddev_pop", args: "n"}, {fn: "stddev_samp", args: "i"}, {fn: "var_pop", args: "x"}, {fn: "var_samp", args: "n"},
		{fn: "group_concat", args: "t2", order: "t2", separator: ","}, {fn: "group_concat", args: "t1", distinct: true, order: "-t1", separator: "'\\"},
		{fn: "group_concat", args: "cast(n, char);t3", order: "id", separator: ""}, {fn: "group_concat", args: "cast(d, char)", order: "-d", separator: "; "},
	}
	seen := map[string]bool{"any_value": true} // has no certain result; MIN is tried as itself
	for _, c := range cases {
		seen[c.fn] = true
		for _, group := range []string{"", "t1", "t2", "t3", "t4", "d", "n", "substr(t2, 1, 1)"} {
			t.Run(fmt.Sprintf("%s(%v %s) by %s", c.fn, c.distinct, c.args, group), func(t *testing.T) {
				in := scan()
				agg := rel.Agg{Fn: c.fn, Distinct: c.distinct, Separator: c.separator, T: rel.TextType}
				var plain []string
				if c.args != "" {
					agg.Args, plain = in.parseAll(strings.Split(c.args, ";"))
				} else {
					plain = []string{"*"}
				}
				sql := strings.Join(plain, ", ")
				if c.distinct {
					sql = "DISTINCT " + sql
				}
				if key, desc := strings.CutPrefix(c.order, "-"); c.order != "" {
					e, text := in.parse(key)
					agg.OrderBy = []rel.SortKey{{Expr: e, Desc: desc}}
					if sql += " ORDER BY " + text; desc {
						sql += " DESC"
					}
				}
				if c.fn == "group_concat" {
					sql += " SEPARATOR " + mysqlQuote(c.separator)
				}
				switch {
				case c.fn == "min" || c.fn == "max":
					agg.T = agg.Args[0].Type()
				case strings.HasPrefix(c.fn, "std") || strings.HasPrefix(c.fn, "var"):
					agg.T = rel.DoubleType
				case (c.fn == "sum" || c.fn == "avg") && agg.Args[0].Type().Class() == rel.ClassDouble:
					agg.T = rel.DoubleType
				case c.fn != "group_concat":
					agg.T = rel.DecimalType(30, 4)
				}
				if why := d.Aggs[c.fn].Judge(&agg); why.Grade != dialect.Exact {
					t.Fatal(why.Reason)
				}
				out := rel.Column{ID: in.ids.Next(), Name: "v", T: agg.T}
				n := &rel.Aggregate{Input: in.Scan, Aggs: []rel.AggColumn{{Column: out, Agg: agg}}}
				call := strings.ToUpper(c.fn) + "(" + sql + ")"
				if agg.T.Class() == rel.ClassDouble {
					call += " + 0e0"
				}
				if group == "" {
					same(t, s, d, n, []rel.Column{out}, "SELECT "+call+" FROM plain")
					return
				}
				e, text := in.parse(group)
				key := rel.Column{ID: in.ids.Next(), Name: "g", T: e.Type()}
				n.Groups = []rel.Computed{{Column: key, Expr: e}}
				sorted := &rel.Sort{Input: n, Keys: []rel.SortKey{{Expr: &rel.Col{ID: key.ID, T: key.T}}}}
				same(t, s, d, sorted, []rel.Column{key, out}, "SELECT "+text+" AS g, "+call+" FROM plain GROUP BY "+text+" ORDER BY g")
			})
		}
	}
	for fn := range d.Aggs {
		if !seen[fn] {
			t.Errorf("no case for %s", fn)
		}
	}
}

func mysqlQuote(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
}

func TestWindows(t *testing.T) {
	s, d, scan := odd(t)
	const byText, byNumber = "PARTITION BY t2 ORDER BY t1, id", "ORDER BY n DESC"
	unbounded, current := rel.FrameBound{Kind: rel.UnboundedPreceding}, rel.FrameBound{Kind: rel.CurrentRow}
	offset := func(k rel.FrameBoundKind, n int64) rel.FrameBound {
		return rel.FrameBound{Kind: k, Offset: &rel.Lit{Value: n, T: rel.BigIntType}}
	}
	frames := map[string]*rel.Frame{
		"": nil,
		"ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW":  {Rows: true, Start: unbounded, End: current},
		"ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING":          {Rows: true, Start: offset(rel.Preceding, 2), End: offset(rel.Following, 1)},
		"RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW": {Start: unbounded, End: current},
		"RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING": {Start: current, End: rel.FrameBound{Kind: rel.UnboundedFollowing}},
	}
	seen := map[string]bool{}
	for fn, args := range map[string][]string{
		"count": {"", "d"}, "sum": {"n", "i"}, "avg": {"n"}, "min": {"t1", "d"}, "max": {"t1", "t4"}, "bit_and": {"u"}, "bit_or": {"u"}, "bit_xor": {"u"},
		"stddev_pop": {"n"}, "stddev_samp": {"n"}, "var_pop": {"n"}, "var_samp": {"n"},
		"row_number": {""}, "rank": {""}, "dense_rank": {""}, "ntile": {"4"}, "lag": {"t1", "t2;2", "d;1"}, "lead": {"d", "n;3"},
		"first_value": {"t4", "d"}, "last_value": {"t1"}, "nth_value": {"t2;2"},
	} {
		seen[fn] = true
		framed := map[string]bool{"row_number": true, "rank": true, "dense_rank": true, "ntile": true, "lag": true, "lead": true}
		for _, arg := range args {
			for frame, f := range frames {
				if framed[fn] && f != nil {
					continue
				}
				for _, over := range []string{byText, byNumber} {
					if over == byNumber && (fn == "row_number" || fn == "ntile" || fn == "lag" || fn == "lead" || strings.HasSuffix(fn, "_value") || f != nil && f.Rows) {
						continue // ties make the result a matter of chance
					}
					t.Run(fmt.Sprintf("%s(%s) %s %s", fn, arg, over, frame), func(t *testing.T) {
						in := scan()
						w := rel.WindowFn{Fn: fn, Frame: f, T: rel.TextType}
						var plain []string
						if arg != "" {
							w.Args, plain = in.parseAll(strings.Split(arg, ";"))
						} else if fn == "count" {
							plain = []string{"*"}
						}
						if over == byText {
							w.Partition = []rel.Expr{in.col("t2")}
							w.OrderBy = []rel.SortKey{{Expr: in.col("t1")}, {Expr: in.col("id")}}
						} else {
							w.OrderBy = []rel.SortKey{{Expr: in.col("n"), Desc: true}}
						}
						if strings.HasPrefix(fn, "std") || strings.HasPrefix(fn, "var") {
							w.T = rel.DoubleType
						}
						if why := d.Windows[fn].Judge(&w); why.Grade != dialect.Exact {
							t.Fatal(why.Reason)
						}
						out := rel.Column{ID: in.ids.Next(), T: w.T}
						id := in.Columns()[0]
						n := &rel.Sort{Input: &rel.Window{Input: in.Scan, Fns: []rel.WindowColumn{{Column: out, Fn: w}}}, Keys: []rel.SortKey{{Expr: in.col("id")}}}
						call := strings.ToUpper(fn) + "(" + strings.Join(plain, ", ") + ") OVER (" + over + " " + frame + ")"
						if w.T.Class() == rel.ClassDouble {
							call += " + 0e0"
						}
						same(t, s, d, n, []rel.Column{id, out}, "SELECT id, "+call+" FROM plain ORDER BY id")
					})
				}
			}
		}
	}
	for fn := range d.Windows {
		if !seen[fn] {
			t.Errorf("no case for %s", fn)
		}
	}
}
