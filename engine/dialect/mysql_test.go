package dialect

import (
	"strings"
	"testing"
	"unicode/utf8"

	"weir/engine/rel"
)

// What differs between the flavors is compared as text here; both are run on a server, where there is one, by the source's tests.
func TestMySQLFlavors(t *testing.T) {
	latin := rel.Column{ID: 1, Name: "c", T: rel.Type{Kind: rel.VarChar, Length: 9, Collation: "latin1_swedish_ci"}}
	ci := rel.Column{ID: 2, Name: "t", T: rel.Type{Kind: rel.VarChar, Length: 9, Collation: "utf8mb4_0900_ai_ci"}}
	day := rel.Column{ID: 3, Name: "d", T: rel.DateType}
	doc := rel.Column{ID: 4, Name: "j", T: rel.JSONType}
	number := rel.Column{ID: 5, Name: "n", T: rel.Type{Kind: rel.Int}}
	scan := &rel.Scan{Table: &rel.Table{Schema: "s`x", Name: "t"}}
	for _, c := range []rel.Column{latin, ci, day, doc, number} {
		scan.Cols = append(scan.Cols, rel.ScanColumn{Column: c})
	}
	col := func(c rel.Column) *rel.Col { return &rel.Col{ID: c.ID, Name: c.Name, T: c.T} }
	text := func(s string) rel.Expr { return &rel.Lit{Value: s, T: rel.TextType} }
	call := func(op rel.Op, typ rel.Type, args ...rel.Expr) *rel.Call {
		return &rel.Call{Op: op, Args: args, T: typ}
	}
	value := func(e rel.Expr) rel.Node {
		return &rel.Project{Input: scan, Cols: []rel.Computed{{Column: rel.Column{ID: 9, T: e.Type()}, Expr: e}}}
	}
	filter := func(e rel.Expr) rel.Node {
		return rel.WithInputs(value(&rel.Lit{Value: int64(1), T: rel.BigIntType}), []rel.Node{&rel.Filter{Input: scan, Pred: e}})
	}
	week := rel.FrameBound{Kind: rel.Preceding, Offset: &rel.Lit{Value: int64(7), T: rel.BigIntType}, Unit: "DAY"}
	framed := &rel.Window{Input: scan, Fns: []rel.WindowColumn{{Column: rel.Column{ID: 9, T: rel.BigIntType}, Fn: rel.WindowFn{
		Fn: "count", T: rel.BigIntType, OrderBy: []rel.SortKey{{Expr: col(day)}}, Frame: &rel.Frame{Start: week, End: rel.FrameBound{Kind: rel.CurrentRow}}}}}}
	agg := func(fn string, c rel.Column) rel.Node {
		return &rel.Aggregate{Input: scan, Aggs: []rel.AggColumn{{Column: rel.Column{ID: 9, T: c.T}, Agg: rel.Agg{Fn: fn, Args: []rel.Expr{col(c)}, T: c.T}}}}
	}
	const from = " FROM `s``x`.`t` AS t1"
	for _, c := range []struct {
		name           string
		n              rel.Node
		mysql, mariadb string // "" where it can't be printed
	}{
		{"lower", value(call("lower", rel.TextType, col(ci))),
			"SELECT (LOWER((t1.`t` COLLATE utf8mb4_0900_bin) COLLATE utf8mb4_bin) COLLATE utf8mb4_0900_bin) AS c9" + from,
			"SELECT LOWER((t1.`t` COLLATE utf8mb4_nopad_bin)) AS c9" + from},
		{"equal", filter(call(rel.OpEq, rel.BoolType, col(latin), text("x"))),
			"SELECT 1 AS c9" + from + " WHERE (t1.`c` = 'x' AND (CONVERT(t1.`c` USING utf8mb4) COLLATE utf8mb4_0900_bin) = 'x')",
			"SELECT 1 AS c9" + from + " WHERE (t1.`c` = 'x' AND (CONVERT(t1.`c` USING utf8mb4) COLLATE utf8mb4_nopad_bin) = 'x')"},
		{"json", value(call(rel.OpCast, rel.JSONType, text("[1]"))), "SELECT CAST('[1]' AS JSON) AS c9" + from, ""},
		{"any_value", agg("any_value", number), "SELECT ANY_VALUE(t1.`n`) AS c9" + from, "SELECT MIN(t1.`n`) AS c9" + from},
		{"frame", framed,
			"SELECT COUNT(*) OVER ( ORDER BY (CASE WHEN DAYOFMONTH(t1.`d`) BETWEEN 1 AND DAYOFMONTH(LAST_DAY(t1.`d`)) AND YEAR(t1.`d`) > 0 THEN t1.`d` END) RANGE BETWEEN INTERVAL 7 DAY PRECEDING AND CURRENT ROW) AS c9" + from, ""},
	} {
		for d, want := range map[*Dialect]string{MySQL(MySQL8, MySQLVersion{8, 0, 36}): c.mysql, MySQL(MariaDB, MySQLVersion{10, 11, 6}): c.mariadb} {
			out := c.n.Columns()
			p, err := Print(d, c.n, out[len(out)-1:], Options{})
			if err != nil {
				p.SQL = ""
			}
			refused := false
			if x, ok := c.n.(*rel.Project); ok {
				if e, ok := x.Cols[0].Expr.(*rel.Call); ok && d.Forms[e.Op].Judge != nil {
					refused = d.Forms[e.Op].Judge(e).Grade != Exact
				}
			}
			if refused {
				p.SQL = ""
			}
			if p.SQL != want {
				t.Errorf("%s for %s\n got %s\nwant %s", c.name, d.Name, p.SQL, want)
			}
		}
	}
}

func TestMySQLFeaturesByVersion(t *testing.T) {
	for _, c := range []struct {
		flavor  MySQLFlavor
		version MySQLVersion
		f       Feature
		want    bool
	}{
		{MySQL8, MySQLVersion{8, 0, 30}, FeatureIntersect, false}, {MySQL8, MySQLVersion{8, 0, 31}, FeatureIntersect, true},
		{MySQL8, MySQLVersion{8, 0, 17}, FeatureLateral, true}, {MariaDB, MySQLVersion{10, 11, 0}, FeatureLateral, false},
		{MariaDB, MySQLVersion{10, 6, 0}, FeatureExcept, true}, {MariaDB, MySQLVersion{11, 4, 0}, FeatureFullJoin, false},
	} {
		if got := MySQL(c.flavor, c.version).Features[c.f]; got != c.want {
			t.Errorf("%s in %v %s is %v", c.f, c.flavor, c.version, got)
		}
	}
}

// FuzzMySQLText: whatever the text, its literal ends where it should: unquoting gives the text back.
func FuzzMySQLText(f *testing.F) {
	for _, s := range []string{"", "'", `\`, `\'`, "''", "a\x00b\x1a", "😀", `\\''`, "%_", "\n\r\t\"`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := MySQL(MariaDB, MySQLVersion{10, 11, 0})
		text, err := PrintExpr(d, &rel.Lit{Value: s, T: rel.TextType})
		if !utf8.ValidString(s) {
			if err == nil {
				t.Fatalf("%q is printed as %q", s, text)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := unquoteMySQL(text); !ok || got != s {
			t.Fatalf("%q is printed as %q, read as %q", s, text, got)
		}
	})
}

// unquoteMySQL reads a string as the manual says, for a sql_mode without NO_BACKSLASH_ESCAPES; ok is false if anything is left over.
func unquoteMySQL(s string) (text string, ok bool) {
	if !strings.HasPrefix(s, "'") {
		return "", false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
			b.WriteByte('\'')
		case s[i] == '\'':
			return b.String(), i == len(s)-1
		case s[i] == '\\' && i+1 < len(s):
			i++
			if c, known := map[byte]byte{'0': 0, 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'Z': 0x1a}[s[i]]; known {
				b.WriteByte(c)
			} else {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return "", false
}
