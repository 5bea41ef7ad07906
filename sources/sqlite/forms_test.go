package sqlite

import (
	"errors"
	"fmt"
	"math/big"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// awkward holds values that tell a loose comparison from an exact one. The same rows are read from a table, from a STRICT one and
// through a view.
var awkward = []string{
	`CREATE TABLE plain (id INTEGER PRIMARY KEY, i INT, j BIGINT, s TEXT, c TEXT COLLATE NOCASE, r VARCHAR(20) COLLATE RTRIM, d DECIMAL(12,2), e DECIMAL(9,4), f REAL,
		t DATE, m DATETIME, b BLOB, x, w DECIMAL(25,5))`,
	`CREATE INDEX plain_i ON plain (i)`, `CREATE INDEX plain_s ON plain (s)`, `CREATE INDEX plain_c ON plain (c)`, `CREATE INDEX plain_d ON plain (d)`,
	`INSERT INTO plain VALUES
		(1, 0, 0, '', '', '', 0, 0, 0.0, '0000-01-01', '2024-01-01', x'', 0, 0),
		(2, 1, -1, 'a', 'A', 'a', 0.01, 0.0001, 0.1, '1969-12-31', '2024-01-01 00:00:00', x'61', 'a', 0.00001),
		(3, -1, 1, 'A', 'a', 'a ', 0.1 + 0.2, 0.3, -0.5, '1970-01-01', '2024-01-01T00:00:00.5', x'6100', 1.5, 0.3),
		(4, 9223372036854775807, 9223372036854775807, 'a ', 'a ', 'A ', 9999999999.99, 99999.9999, 1e300, '9999-12-31', '2023-12-31 23:00:00-02:00', x'ff', x'00', 9999999999.99999),
		(5, -9223372036854775808, 9007199254740993, 'é', 'É', 'é', -9999999999.99, -99999.9999, 9007199254740992.0, '2024-02-29', '9999-12-31 23:59:59.999999', 'a', '1', -9999999999.99999),
		(6, 2, -2, 'z😀' || char(0) || 'y', 'Z', 'z', 12.3, 12.3, 12.3, '2024-02-28', '1969-12-31 23:59:59.000001', x'00', 1, 12.3),
		(7, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		(8, 1, 1, '😀', 'ab', 'ab', -0.01, -0.01, 5e-324, '2024-02-29', '2024-02-29 00:00:00', 'é', 'é', -0.01),
		(9, 100, -100, 'a%b_c', 'a_c', '%', 250, 250, 250, '2000-01-01', '2000-01-01 12:30:45.25', x'e9', -7, 250)`,
	`CREATE TABLE hard (id INTEGER PRIMARY KEY, i INTEGER, j INTEGER, s TEXT, c TEXT COLLATE NOCASE, r TEXT COLLATE RTRIM, f REAL) STRICT`,
	`INSERT INTO hard SELECT id, i, j, s, c, r, f FROM plain`,
	`CREATE INDEX hard_c ON hard (c)`,
	`CREATE VIEW seen AS SELECT * FROM plain`,
	`CREATE TABLE checked (id INTEGER PRIMARY KEY, i INT CHECK (typeof(i) = 'integer'), s TEXT COLLATE NOCASE CHECK (typeof(s)='text'),
		t DATE CHECK (t IS date(t)), m DATETIME CHECK (m IS datetime(m)))`,
	`CREATE INDEX checked_t ON checked (t)`, `CREATE INDEX checked_m ON checked (m)`,
	`INSERT INTO checked SELECT id, coalesce(i, 7), coalesce(s, 'null'), t, iif(m GLOB '????-??-?? ??:??:??', m, NULL) FROM plain`,
	`INSERT INTO checked VALUES (20, 1, 'x', NULL, '2024-01-01 00:00:01'), (21, 1, 'x', NULL, '2023-12-31 23:59:59'), (22, 1, 'x', NULL, '1969-12-31 23:59:59')`,
}

// bench is a database with a source on it.
type bench struct {
	s      sources.Source
	d      *dialect.Dialect
	path   string
	tables map[string]sources.Table
}

func newBench(t *testing.T, statements ...string) *bench {
	t.Helper()
	b := &bench{path: filepath.Join(t.TempDir(), "bench.db"), tables: map[string]sources.Table{}}
	run(t, b.path, statements...)
	var err error
	b.s, err = sources.Open(t.Context(), "sqlite", sources.Config{Name: "bench", Options: map[string]any{"path": b.path}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.s.Close() })
	if b.d, err = b.s.Dialect(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := b.s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		b.tables[x.Name] = x
	}
	return b
}

// scan reads a table; the columns are found by name.
func (b *bench) scan(ids *rel.IDs, table string) (*rel.Scan, map[string]*rel.Col) {
	s := sourcetest.Scan(b.tables[table], ids)
	cols := map[string]*rel.Col{}
	for _, c := range s.Cols {
		cols[c.Name] = &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
	}
	return s, cols
}

// rows prints a plan and reads it.
func (b *bench) rows(t *testing.T, n rel.Node) ([][]string, error) {
	t.Helper()
	p, err := dialect.Print(b.d, n, n.Columns(), dialect.Options{})
	if err != nil {
		t.Fatalf("printing: %v", err)
	}
	rows, err := sourcetest.Read(t.Context(), b.s, sources.Query{SQL: p.SQL, Columns: n.Columns()})
	if err != nil {
		err = fmt.Errorf("%w in %s", err, p.SQL)
	}
	return rows, err
}

// judge is the grade of an expression, as a planner finds it.
func (b *bench) judge(e rel.Expr) dialect.Verdict {
	switch e := e.(type) {
	case *rel.Col:
		return b.d.ReadType(e.T)
	case *rel.Call:
		f, ok := b.d.Forms[e.Op]
		if !ok {
			return dialect.No("no form")
		}
		for _, a := range e.Args {
			if v := b.judge(a); v.Grade != dialect.Exact {
				return v
			}
		}
		if f.Judge != nil {
			return f.Judge(e)
		}
	}
	return dialect.Yes
}

func lit(v any, t rel.Type) *rel.Lit { return &rel.Lit{Value: v, T: t} }
func integer(n int64) *rel.Lit       { return lit(n, rel.BigIntType) }
func text(s string) *rel.Lit         { return lit(s, rel.TextType) }
func decimal(s string) *rel.Lit {
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	return lit(rel.DecimalText(s), rel.DecimalType(len(whole)+len(frac), len(frac)))
}
func call(op rel.Op, t rel.Type, args ...rel.Expr) *rel.Call {
	return &rel.Call{Op: op, Args: args, T: t}
}
func test(op rel.Op, args ...rel.Expr) *rel.Call { return call(op, rel.BoolType, args...) }

// order is the order of two values as Weir has it; both are as sourcetest.Text writes them.
func order(a, b string, class rel.Class) int {
	switch class {
	case rel.ClassInt, rel.ClassDecimal, rel.ClassDouble:
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		return x.Cmp(y)
	case rel.ClassText:
		var x, y string
		fmt.Sscanf(a, "%q", &x)
		fmt.Sscanf(b, "%q", &y)
		return slices.Compare([]rune(x), []rune(y))
	}
	return strings.Compare(a, b) // dates in ISO notation, bytes in hexadecimal digits
}

// TestComparisons compares every column with every other of its class and with constants, as a filter and as a value, and checks
// both against an evaluation of the plainly read values.
func TestComparisons(t *testing.T) {
	b := newBench(t, awkward...)
	constants := map[rel.Class][]*rel.Lit{
		rel.ClassInt:     {integer(0), integer(1), integer(-9223372036854775808), integer(9223372036854775807), lit(uint64(5), rel.UBigIntType)},
		rel.ClassText:    {text(""), text("a"), text("A"), text("a "), text("é"), text("😀"), text("it's")},
		rel.ClassDecimal: {decimal("0.30"), decimal("12.3000"), decimal("-0.01"), decimal("9999999999.99"), decimal("250"), decimal("12.305"), decimal("99999999999999999999.00001"), decimal("250.0000000000")},
		rel.ClassDouble:  {lit(0.1, rel.DoubleType), lit(-0.5, rel.DoubleType), lit(12.3, rel.DoubleType), lit(9007199254740992.0, rel.DoubleType), lit(1e15, rel.DoubleType)},
		rel.ClassDate:    {lit(rel.DateValue(0), rel.DateType), lit(rel.DateValue(19782), rel.DateType), lit(rel.DateValue(-719528), rel.DateType)},
		rel.ClassDateTime: {lit(rel.DateTimeValue(1704067200000000), dateTime(6)), lit(rel.DateTimeValue(1704067200500000), dateTime(6)), lit(rel.DateTimeValue(-999999), dateTime(6)),
			lit(rel.DateTimeValue(253402300799999999), dateTime(6))},
		rel.ClassBinary: {lit([]byte{}, rel.Type{Kind: rel.Blob}), lit([]byte("a"), rel.Type{Kind: rel.Blob}), lit([]byte{0xff}, rel.Type{Kind: rel.Blob})},
	}
	holds := map[rel.Op]func(int) bool{
		rel.OpEq: func(n int) bool { return n == 0 }, rel.OpNe: func(n int) bool { return n != 0 },
		rel.OpLt: func(n int) bool { return n < 0 }, rel.OpLe: func(n int) bool { return n <= 0 },
		rel.OpGt: func(n int) bool { return n > 0 }, rel.OpGe: func(n int) bool { return n >= 0 },
	}
	tested := 0
	for _, table := range []string{"plain", "hard", "seen", "checked"} {
		stored := b.read(t, table)
		for _, c := range b.tables[table].Columns {
			ids := &rel.IDs{}
			scan, cols := b.scan(ids, table)
			left := cols[c.Name]
			class := c.Type.Class()
			var others []rel.Expr
			for _, l := range constants[class] {
				others = append(others, l)
			}
			for _, o := range b.tables[table].Columns {
				if o.Type.Class() == class {
					others = append(others, cols[o.Name])
				}
			}
			for _, right := range others {
				for op, ok := range holds {
					pred := test(op, left, right)
					if v := b.judge(pred); v.Grade != dialect.Exact {
						t.Errorf("%s %s %v is not pushed: %s", c.Name, op, right, v.Reason)
						continue
					}
					var want, wantValues []string
					for id, row := range stored {
						l, r := row[c.Name], constantText(right)
						if col, isCol := right.(*rel.Col); isCol {
							r = row[col.Name]
						}
						switch {
						case l == "NULL" || r == "NULL":
							wantValues = append(wantValues, id+" NULL")
						case ok(order(l, r, class)):
							want = append(want, id)
							wantValues = append(wantValues, id+" true")
						default:
							wantValues = append(wantValues, id+" false")
						}
					}
					b.expect(t, fmt.Sprintf("%s: %s %s %s", table, c.Name, op, constantText(right)), scan, cols["id"], pred, want, wantValues)
					tested++
				}
			}
			if len(constants[class]) > 1 {
				args := []rel.Expr{left}
				for _, l := range constants[class][:2] {
					args = append(args, l)
				}
				var want, wantValues []string
				for id, row := range stored {
					switch v := row[c.Name]; {
					case v == "NULL":
						wantValues = append(wantValues, id+" NULL")
					case order(v, constantText(args[1]), class) == 0 || order(v, constantText(args[2]), class) == 0:
						want, wantValues = append(want, id), append(wantValues, id+" true")
					default:
						wantValues = append(wantValues, id+" false")
					}
				}
				b.expect(t, table+": "+c.Name+" IN", scan, cols["id"], test(rel.OpIn, args...), want, wantValues)
			}
		}
	}
	if tested < 1000 {
		t.Errorf("only %d comparisons tested", tested)
	}
}

// expect checks which rows a predicate keeps, and what it gives as a value.
func (b *bench) expect(t *testing.T, what string, scan *rel.Scan, id *rel.Col, pred rel.Expr, want, wantValues []string) {
	t.Helper()
	keep := &rel.Project{Input: &rel.Filter{Input: scan, Pred: pred}, Cols: []rel.Computed{{Column: rel.Column{ID: id.ID, Name: "id", T: id.T}, Expr: id}}}
	rows, err := b.rows(t, keep)
	var got []string
	for _, r := range rows {
		got = append(got, r[0])
	}
	slices.Sort(got)
	slices.Sort(want)
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s keeps %v, %v; want %v", what, got, err, want)
	}
	value := &rel.Project{Input: scan, Cols: []rel.Computed{{Column: rel.Column{ID: id.ID, Name: "id", T: id.T}, Expr: id},
		{Column: rel.Column{ID: 900, Name: "p", T: rel.BoolType}, Expr: pred}}}
	rows, err = b.rows(t, value)
	got = nil
	for _, r := range rows {
		got = append(got, r[0]+" "+r[1])
	}
	slices.Sort(got)
	slices.Sort(wantValues)
	if err != nil || !slices.Equal(got, wantValues) {
		t.Errorf("%s gives %v, %v; want %v", what, got, err, wantValues)
	}
}

// read is the plainly read content of a table, by id and column.
func (b *bench) read(t *testing.T, table string) map[string]map[string]string {
	t.Helper()
	scan, _ := b.scan(&rel.IDs{}, table)
	rows, err := b.rows(t, scan)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, r := range rows {
		row := map[string]string{}
		for i, c := range scan.Cols {
			row[c.Name] = r[i]
		}
		out[r[0]] = row
	}
	return out
}

func constantText(e rel.Expr) string {
	l, ok := e.(*rel.Lit)
	if !ok {
		return e.(*rel.Col).Name
	}
	switch v := l.Value.(type) {
	case rel.DateValue:
		return string(appendDate(nil, int32(v)))
	case rel.DateTimeValue:
		return string(appendDateTime(nil, int64(v)))
	case string:
		return fmt.Sprintf("%q", v)
	case []byte:
		return fmt.Sprintf("x'%X'", v)
	}
	return fmt.Sprint(l.Value)
}

// TestForms evaluates expressions on the awkward rows; the results are by row id.
func TestForms(t *testing.T) {
	b := newBench(t, awkward...)
	scan, c := b.scan(&rel.IDs{}, "plain")
	dec := rel.DecimalType
	for _, x := range []struct {
		name string
		e    rel.Expr
		want map[int]string // of some rows; "error" if the statement fails when the row is read
	}{
		{"add", call(rel.OpAdd, rel.BigIntType, c["i"], integer(1)), map[int]string{1: "1", 3: "0", 4: "error", 5: "-9223372036854775807", 7: "NULL"}},
		{"sub", call(rel.OpSub, rel.BigIntType, c["i"], integer(1)), map[int]string{4: "9223372036854775806", 5: "error", 7: "NULL"}},
		{"mul", call(rel.OpMul, rel.BigIntType, c["i"], integer(-1)), map[int]string{4: "-9223372036854775807", 5: "error", 9: "-100"}},
		{"neg", call(rel.OpNeg, rel.BigIntType, c["i"]), map[int]string{3: "1", 5: "error"}},
		{"mod", call(rel.OpMod, rel.BigIntType, c["j"], integer(7)), map[int]string{9: "-2", 5: "5", 7: "NULL"}},
		{"mod zero", call(rel.OpMod, rel.BigIntType, c["j"], c["i"]), map[int]string{1: "NULL", 2: "0"}},
		{"div", call(rel.OpIntDiv, rel.BigIntType, c["j"], integer(7)), map[int]string{9: "-14", 2: "0"}},
		{"decimal add", call(rel.OpAdd, dec(15, 4), c["d"], c["e"]), map[int]string{2: "0.0101", 3: "0.6000", 4: "10000099999.9899", 7: "NULL"}},
		{"decimal mul", call(rel.OpMul, dec(14, 3), c["d"], decimal("0.5")), map[int]string{3: "0.150", 5: "-4999999999.995"}},
		{"decimal neg", call(rel.OpNeg, dec(12, 2), c["d"]), map[int]string{2: "-0.01", 8: "0.01"}},
		{"case", call(rel.OpCase, dec(14, 4), test(rel.OpGt, c["d"], decimal("0.30")), c["d"], c["e"]), map[int]string{3: "0.3000", 4: "9999999999.9900", 5: "-99999.9999", 7: "NULL"}},
		{"coalesce", call(rel.OpCoalesce, dec(14, 4), c["d"], decimal("1.5")), map[int]string{7: "1.5000", 9: "250.0000"}},
		{"case wide", call(rel.OpCase, dec(25, 5), test(rel.OpGt, c["w"], decimal("0.3")), c["w"], c["d"]), map[int]string{3: "0.30000", 4: "9999999999.99999", 8: "-0.01000"}},
		{"int to decimal", call(rel.OpCast, dec(24, 5), c["i"]), map[int]string{5: "-9223372036854775808.00000", 7: "NULL"}},
		{"decimal to wide", call(rel.OpCast, dec(30, 10), c["d"]), map[int]string{5: "-9999999999.9900000000"}},
		{"coalesce text", call(rel.OpCoalesce, rel.TextType, c["s"], text("none")), map[int]string{7: `"none"`, 6: `"z😀\x00y"`}},
		{"int to double", call(rel.OpCast, rel.DoubleType, c["j"]), map[int]string{5: "9.007199254740992e+15"}},
		{"int to text", call(rel.OpCast, rel.TextType, c["i"]), map[int]string{5: `"-9223372036854775808"`}},
		{"decimal to double", call(rel.OpCast, rel.DoubleType, c["d"]), map[int]string{3: "0.3", 4: "9.99999999999e+09", 6: "12.3"}},
		{"decimal to decimal", call(rel.OpCast, dec(14, 4), c["d"]), map[int]string{3: "0.3000"}},
		{"date to datetime", call(rel.OpCast, dateTime(0), c["t"]), map[int]string{5: "2024-02-29 00:00:00.000000"}},
		{"datetime to date", call(rel.OpCast, rel.DateType, c["m"]), map[int]string{4: "2024-01-01", 6: "1969-12-31"}},
		{"date to text", call(rel.OpCast, rel.TextType, c["t"]), map[int]string{1: `"0000-01-01"`, 7: "NULL"}},
		{"year", call(rel.OpExtract, rel.BigIntType, text("YEAR"), c["t"]), map[int]string{1: "0", 4: "9999"}},
		{"quarter", call(rel.OpExtract, rel.BigIntType, text("QUARTER"), c["t"]), map[int]string{5: "1", 2: "4", 7: "NULL"}},
		{"day", call(rel.OpExtract, rel.BigIntType, text("DAY"), c["m"]), map[int]string{8: "29"}},
		{"minute", call(rel.OpExtract, rel.BigIntType, text("MINUTE"), c["m"]), map[int]string{9: "30"}},
		{"microsecond", call(rel.OpExtract, rel.BigIntType, text("MICROSECOND"), c["m"]), map[int]string{9: "250000", 6: "1"}},
		{"concat", call("concat", rel.TextType, c["s"], text("|"), c["c"]), map[int]string{4: `"a |a "`, 6: `"z😀\x00y|Z"`, 7: "NULL"}},
		{"char_length", call("char_length", rel.BigIntType, c["s"]), map[int]string{1: "0", 6: "4", 8: "1", 7: "NULL"}},
		{"length", call("length", rel.BigIntType, c["s"]), map[int]string{5: "2", 6: "7", 8: "4", 7: "NULL"}},
		{"and", test(rel.OpAnd, test(rel.OpGt, c["i"], integer(0)), test(rel.OpIsNull, c["s"])), map[int]string{1: "false", 2: "false", 7: "NULL"}},
		{"or", test(rel.OpOr, test(rel.OpGt, c["i"], integer(0)), test(rel.OpIsNull, c["s"])), map[int]string{1: "false", 2: "true", 7: "true"}},
		{"xor", test(rel.OpXor, test(rel.OpGt, c["i"], integer(0)), test(rel.OpEq, c["s"], text("a"))), map[int]string{1: "false", 2: "false", 6: "true", 7: "NULL"}},
		{"not", test(rel.OpNot, test(rel.OpGt, c["i"], integer(0))), map[int]string{1: "true", 2: "false", 7: "NULL"}},
		{"istrue", test(rel.OpIsTrue, test(rel.OpGt, c["i"], integer(0))), map[int]string{1: "false", 2: "true", 7: "false"}},
		{"<=>", test(rel.OpNullEq, c["i"], lit(nil, rel.BigIntType)), map[int]string{1: "false", 7: "true"}},
		{"bool to int", call(rel.OpCast, rel.BigIntType, test(rel.OpGt, c["i"], integer(0))), map[int]string{1: "0", 2: "1", 7: "NULL"}},
		{"any", call("concat", rel.TextType, c["x"], text("!")), map[int]string{1: `"0!"`, 3: `"1.5!"`, 4: `"X'00'!"`, 9: `"-7!"`}},
	} {
		t.Run(x.name, func(t *testing.T) {
			if v := b.judge(x.e); v.Grade != dialect.Exact {
				t.Fatalf("not pushed: %s", v.Reason)
			}
			for id, want := range x.want {
				one := &rel.Filter{Input: scan, Pred: test(rel.OpEq, c["id"], integer(int64(id)))}
				rows, err := b.rows(t, &rel.Project{Input: one, Cols: []rel.Computed{{Column: rel.Column{ID: 900, Name: "v", T: x.e.Type()}, Expr: x.e}}})
				switch {
				case want == "error" && errors.Is(err, sources.ErrValue):
				case err != nil || len(rows) != 1 || rows[0][0] != want:
					t.Errorf("row %d gives %v, %v; want %s", id, rows, err, want)
				}
			}
		})
	}
}

func TestLike(t *testing.T) {
	b := newBench(t, awkward...)
	for _, table := range []string{"plain", "hard", "seen"} {
		scan, c := b.scan(&rel.IDs{}, table)
		stored := b.read(t, table)
		for _, x := range []struct {
			pattern, escape string
			want            []string // the texts of column s
		}{
			{"a", "\\", []string{`"a"`}}, {"a%", "\\", []string{`"a"`, `"a "`, `"a%b_c"`}}, {"_", "\\", []string{`"a"`, `"A"`, `"é"`, `"😀"`}},
			{"%", "\\", []string{`""`, `"a"`, `"A"`, `"a "`, `"é"`, `"z😀\x00y"`, `"😀"`, `"a%b_c"`}}, {"z😀_y", "\\", []string{`"z😀\x00y"`}}, {"z%", "\\", []string{`"z😀\x00y"`}},
			{"a\\%%", "\\", []string{`"a%b_c"`}}, {"a%b__", "\\", []string{`"a%b_c"`}}, {"%\\_c", "\\", []string{`"a%b_c"`}}, {"a|%b|_c", "|", []string{`"a%b_c"`}},
			{"é", "", []string{`"é"`}}, {"a%c%c", "\\", nil}, {"\\", "\\", nil}, {"", "\\", []string{`""`}}, {"😀%", "\\", []string{`"😀"`}},
		} {
			pred := test(rel.OpLike, c["s"], text(x.pattern), text(x.escape))
			var want, wantValues []string
			for id, row := range stored {
				switch {
				case row["s"] == "NULL":
					wantValues = append(wantValues, id+" NULL")
				case slices.Contains(x.want, row["s"]):
					want, wantValues = append(want, id), append(wantValues, id+" true")
				default:
					wantValues = append(wantValues, id+" false")
				}
			}
			b.expect(t, table+": LIKE "+x.pattern, scan, c["id"], pred, want, wantValues)
		}
	}
}

func TestSums(t *testing.T) {
	b := newBench(t, "CREATE TABLE n (id INTEGER PRIMARY KEY, g INT, i INT, d DECIMAL(12,2))",
		"INSERT INTO n VALUES (1, 1, 9223372036854775807, 0.1), (2, 1, 9223372036854775807, 0.2), (3, 2, -9223372036854775808, 9999999999.99), (4, 2, -1, 0.01), (5, 3, NULL, NULL)")
	scan, c := b.scan(&rel.IDs{}, "n")
	sums := func(t rel.Type, x *rel.Col) rel.AggColumn {
		return rel.AggColumn{Column: rel.Column{ID: x.ID + 100, Name: x.Name, T: t}, Agg: rel.Agg{Fn: "sum", Args: []rel.Expr{x}, T: t}}
	}
	grouped := &rel.Aggregate{Input: scan, Groups: []rel.Computed{{Column: rel.Column{ID: 50, Name: "g", T: c["g"].T}, Expr: c["g"]}},
		Aggs: []rel.AggColumn{sums(rel.DecimalType(41, 0), c["i"]), sums(rel.DecimalType(34, 2), c["d"])}}
	sorted := &rel.Sort{Input: grouped, Keys: []rel.SortKey{{Expr: &rel.Col{ID: 50, Name: "g", T: c["g"].T}}}}
	rows, err := b.rows(t, sorted)
	if want := "[[1 18446744073709551614 0.30] [2 -9223372036854775809 10000000000.00] [3 NULL NULL]]"; err != nil || fmt.Sprint(rows) != want {
		t.Errorf("%v, %v; want %s", rows, err, want)
	}
	window := &rel.Window{Input: scan, Fns: []rel.WindowColumn{{Column: rel.Column{ID: 60, Name: "w", T: rel.DecimalType(34, 2)},
		Fn: rel.WindowFn{Fn: "sum", Args: []rel.Expr{c["d"]}, OrderBy: []rel.SortKey{{Expr: c["id"]}}, T: rel.DecimalType(34, 2),
			Frame: &rel.Frame{Rows: true, Start: rel.FrameBound{Kind: rel.Preceding, Offset: integer(1)}, End: rel.FrameBound{Kind: rel.CurrentRow}}}}}}
	out := &rel.Project{Input: window, Cols: []rel.Computed{{Column: rel.Column{ID: 61, Name: "w", T: rel.DecimalType(34, 2)}, Expr: &rel.Col{ID: 60, Name: "w", T: rel.DecimalType(34, 2)}}}}
	rows, err = b.rows(t, out)
	if want := "[[0.10] [0.30] [10000000000.19] [10000000000.00] [0.01]]"; err != nil || fmt.Sprint(rows) != want {
		t.Errorf("window: %v, %v; want %s", rows, err, want)
	}
}

func TestSubqueries(t *testing.T) {
	b := newBench(t, awkward...)
	ids := &rel.IDs{}
	outer, o := b.scan(ids, "plain")
	inner, in := b.scan(ids, "seen")
	counted := func(pred rel.Expr) *rel.Subquery {
		n := rel.Column{ID: ids.Next(), Name: "n", T: rel.BigIntType}
		return &rel.Subquery{Kind: rel.ScalarSubquery, Out: []rel.ColumnID{n.ID}, T: rel.BigIntType,
			Plan: &rel.Aggregate{Input: &rel.Filter{Input: inner, Pred: pred}, Aggs: []rel.AggColumn{{Column: n, Agg: rel.Agg{Fn: "count", T: rel.BigIntType}}}}}
	}
	among := func(left rel.Expr, out *rel.Col) *rel.Subquery {
		return &rel.Subquery{Kind: rel.InSubquery, Left: []rel.Expr{left}, Out: []rel.ColumnID{out.ID}, T: rel.BoolType,
			Plan: &rel.Project{Input: inner, Cols: []rel.Computed{{Column: rel.Column{ID: out.ID, Name: out.Name, T: out.T}, Expr: out}}}}
	}
	for _, x := range []struct {
		name string
		e    rel.Expr
		want string
	}{
		{"correlated count", counted(test(rel.OpLt, in["i"], o["i"])), "[2 3 1 7 0 5 0 3 6]"},
		{"in", among(o["i"], in["j"]), "[true true true true NULL NULL NULL true NULL]"},
		{"text in", among(o["c"], in["s"]), `[true true true true NULL NULL NULL NULL NULL]`},
		{"exists", &rel.Subquery{Kind: rel.ExistsSubquery, T: rel.BoolType, Plan: &rel.Filter{Input: inner, Pred: test(rel.OpEq, in["s"], o["c"])}},
			"[true true true true false false false false false]"},
	} {
		n := &rel.Sort{Keys: []rel.SortKey{{Expr: o["id"]}}, Input: &rel.Project{Input: outer, Cols: []rel.Computed{
			{Column: rel.Column{ID: o["id"].ID, Name: "id", T: o["id"].T}, Expr: o["id"]}, {Column: rel.Column{ID: ids.Next(), Name: "v", T: x.e.Type()}, Expr: x.e}}}}
		rows, err := b.rows(t, n)
		var got []string
		for _, r := range rows {
			got = append(got, r[1])
		}
		if err != nil || fmt.Sprint(got) != x.want {
			t.Errorf("%s: %v, %v; want %s", x.name, got, err, x.want)
		}
	}
}

// TestLarge runs the longest IN list that the dialect admits, and a chain of conditions deeper than SQLite nests expressions.
func TestLarge(t *testing.T) {
	b := newBench(t, awkward...)
	scan, c := b.scan(&rel.IDs{}, "plain")
	keys := []rel.Expr{c["i"]}
	for i := range b.d.MaxInList {
		keys = append(keys, integer(int64(i)))
	}
	var either []rel.Expr
	for i := range 3000 {
		either = append(either, test(rel.OpAnd, test(rel.OpGe, c["j"], integer(int64(i))), test(rel.OpLt, c["j"], integer(int64(i+1)))))
	}
	for name, pred := range map[string]rel.Expr{"[1 2 6 8 9]": test(rel.OpIn, keys...), "[1 3 8]": test(rel.OpOr, either...)} {
		rows, err := b.rows(t, &rel.Sort{Input: &rel.Filter{Input: scan, Pred: pred}, Keys: []rel.SortKey{{Expr: c["id"]}}})
		var got []string
		for _, r := range rows {
			got = append(got, r[0])
		}
		if err != nil || fmt.Sprint(got) != name {
			t.Errorf("%v, %.200v; want %s", got, err, name)
		}
	}
}
