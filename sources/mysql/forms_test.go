package mysql

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
)

// TestForms runs every form of the dialect on a real server over a table of awkward columns (odd: case-insensitive collations, other
// character sets, padding, ENUM, dates that are none, BIT), and compares with the same expression in the server's plain SQL over a table
// that holds the values as Weir sees them (plain: collation utf8mb4_nopad_bin). Conditions are also tried as a whole WHERE clause.
//
// testdata/forms.txt has a line for each case: the grade, then the expression as calls, operators included.
func TestForms(t *testing.T) {
	s := database(t, oddTables()...)
	d, err := s.Dialect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var scan *rel.Scan
	for _, tab := range tables {
		if tab.Name == "odd" {
			scan = sourcetest.Scan(tab, &rel.IDs{})
		}
	}
	f, err := os.Open("testdata/forms.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	seen := map[rel.Op]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), " #")
		grade, text, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		t.Run(text, func(t *testing.T) {
			p := formParser{scan: scan, rest: strings.TrimSpace(text), seen: seen}
			e, plain := p.expr()
			if p.rest != "" {
				t.Fatalf("left over: %q", p.rest)
			}
			why := refused(d, e)
			if grade == "none" {
				if why == "" {
					t.Error("it is pushed")
				}
				return
			}
			if why != "" {
				t.Fatalf("not pushed: %s", why)
			}
			compareForm(t, s, d, scan, e, plain)
		})
	}
	for _, op := range slices.Sorted(maps.Keys(d.Forms)) {
		if !seen[op] {
			t.Errorf("no case for the form of %s", op)
		}
	}
}

// refused says why the dialect doesn't run an expression.
func refused(d *dialect.Dialect, e rel.Expr) string {
	c, ok := e.(*rel.Call)
	if !ok {
		return ""
	}
	for _, a := range c.Args {
		if why := refused(d, a); why != "" {
			return why
		}
	}
	f, ok := d.Forms[c.Op]
	if !ok {
		return "no form"
	}
	if f.Judge == nil {
		return ""
	}
	return f.Judge(c).Reason
}

func compareForm(t *testing.T, s *Source, d *dialect.Dialect, scan *rel.Scan, e rel.Expr, plain string) {
	id := scan.Cols[0].Column
	out := rel.Column{ID: 1000, Name: "v", T: e.Type()}
	project := &rel.Sort{Input: &rel.Project{Input: scan, Cols: []rel.Computed{{Column: id, Expr: &rel.Col{ID: id.ID, T: id.T}}, {Column: out, Expr: e}}},
		Keys: []rel.SortKey{{Expr: &rel.Col{ID: id.ID, T: id.T}}}}
	want := "SELECT id, " + plain + " FROM plain ORDER BY id"
	if e.Type().Class() == rel.ClassDouble {
		want = "SELECT id, " + plain + " + 0e0 FROM plain ORDER BY id"
	}
	same(t, s, d, project, []rel.Column{id, out}, want)
	if c, ok := e.(*rel.Call); ok && rel.Functions[c.Op] != nil && rel.Functions[c.Op].Result != nil || e.Type().Class() == rel.ClassBool {
		readable(t, s, d, project, []rel.Column{id, out})
	}
	if e.Type().Class() == rel.ClassText { // sorted and grouped, which shows its collation
		col := &rel.Col{ID: out.ID, T: out.T}
		same(t, s, d, &rel.Sort{Input: project.Input, Keys: []rel.SortKey{{Expr: col}, {Expr: &rel.Col{ID: id.ID, T: id.T}}}}, []rel.Column{id, out},
			"SELECT id, "+plain+" AS v FROM plain ORDER BY v COLLATE utf8mb4_nopad_bin, id")
		count := rel.Column{ID: 1001, T: rel.BigIntType}
		same(t, s, d, &rel.Aggregate{Input: scan, Aggs: []rel.AggColumn{{Column: count, Agg: rel.Agg{Fn: "count", Distinct: true, Args: []rel.Expr{e}, T: rel.BigIntType}}}},
			[]rel.Column{count}, "SELECT COUNT(DISTINCT "+plain+" COLLATE utf8mb4_nopad_bin) FROM plain")
	}
	if e.Type().Class() == rel.ClassBool {
		filter := &rel.Sort{Input: &rel.Filter{Input: scan, Pred: e}, Keys: project.Keys}
		same(t, s, d, filter, []rel.Column{id}, "SELECT id FROM plain WHERE "+plain+" ORDER BY id")
	}
}

// readable checks that the reader takes what the server sends for a value of the type.
func readable(t *testing.T, s *Source, d *dialect.Dialect, n rel.Node, out []rel.Column) {
	t.Helper()
	p, err := dialect.Print(d, n, out, dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := sourcetest.Read(t.Context(), s, sources.Query{SQL: p.SQL, Columns: out})
	if err != nil || len(rows) != 60 {
		t.Errorf("%s as %s: %d rows, %v%s", p.SQL, out[len(out)-1].T, len(rows), err, detail(err))
	}
}

// same prints and runs a plan and compares with a statement.
func same(t *testing.T, s *Source, d *dialect.Dialect, n rel.Node, out []rel.Column, want string) {
	t.Helper()
	p, err := dialect.Print(d, n, out, dialect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := lines(s, p.SQL)
	if err != nil {
		t.Fatalf("%s: %v", p.SQL, err)
	}
	expect, err := lines(s, want)
	if err != nil {
		t.Fatalf("%s: %v", want, err)
	}
	if len(got) != len(expect) {
		t.Errorf("%s\ngives %d rows %v\n%s\ngives %d rows %v", p.SQL, len(got), got, want, len(expect), expect)
		return
	}
	for i := range got {
		if got[i] != expect[i] {
			t.Errorf("%s\ngives %q\n%s\ngives %q", p.SQL, got[i], want, expect[i])
			return
		}
	}
}

// lines runs a statement in a session of the source and returns its rows as the server writes them.
func lines(s *Source, statement string) ([]string, error) {
	c, err := s.acquire(context.Background())
	if err != nil {
		return nil, err
	}
	cols, err := c.start(statement)
	if err == nil {
		var out []string
		for {
			p, e := c.next()
			if e != nil {
				err = e
				break
			}
			end, e := endOfRows(p)
			if e != nil {
				err = e
				break
			}
			if end {
				s.release(c)
				return out, nil
			}
			var row []string
			for range cols {
				if p[0] == 0xfb {
					row, p = append(row, "NULL"), p[1:]
					continue
				}
				v, rest, _ := lenEncBytes(p)
				row, p = append(row, string(v)), rest
			}
			out = append(out, strings.Join(row, "|"))
		}
	}
	if e, ok := err.(*serverErr); ok {
		s.release(c)
		return nil, fmt.Errorf("%d %s", e.code, e.message)
	}
	s.drop(c)
	return nil, err
}

// formParser reads an expression of testdata/forms.txt into a plan's and into plain SQL.
type formParser struct {
	scan *rel.Scan
	rest string
	seen map[rel.Op]bool
}

var (
	tokenWord   = regexp.MustCompile(`^[a-z_][a-z0-9_]*|^[-+*/%<>=&|^~!]+`)
	tokenNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]*)?(e-?[0-9]+)?u?`)
	tokenQuoted = regexp.MustCompile(`^([a-z]*)'((?:[^']|'')*)'`)
	tokenType   = regexp.MustCompile(`^([a-z]+)(?:\((\d+)(?:,(\d+))?\))?`)
)

func (p *formParser) take(re *regexp.Regexp) []string {
	m := re.FindStringSubmatch(p.rest)
	if m != nil {
		p.rest = strings.TrimLeft(p.rest[len(m[0]):], " ")
	}
	return m
}

func (p *formParser) expr() (rel.Expr, string) {
	if m := p.take(tokenQuoted); m != nil {
		return quotedLit(m[1], strings.ReplaceAll(m[2], "''", "'"), m[2])
	}
	if m := p.take(tokenNumber); m != nil {
		return numberLit(m[0])
	}
	m := p.take(tokenWord)
	if m == nil {
		panic("no expression: " + p.rest)
	}
	if !strings.HasPrefix(p.rest, "(") {
		switch m[0] {
		case "null":
			return &rel.Lit{T: rel.NullType}, "NULL"
		case "true":
			return &rel.Lit{Value: true, T: rel.BoolType}, "TRUE"
		}
		for _, c := range p.scan.Cols {
			if c.Name == m[0] {
				return &rel.Col{ID: c.ID, Name: c.Name, T: c.T}, c.Name
			}
		}
		panic("no column " + m[0])
	}
	return p.call(rel.Op(m[0]))
}

func (p *formParser) call(op rel.Op) (rel.Expr, string) {
	p.seen[op] = true
	var args []rel.Expr
	var texts []string
	p.rest = p.rest[1:]
	for !strings.HasPrefix(p.rest, ")") {
		if op == rel.OpCast && len(args) == 1 {
			m := p.take(tokenType)
			to, name := castType(m)
			p.rest = p.rest[1:]
			return &rel.Call{Op: op, Args: args, T: to}, "CAST(" + texts[0] + " AS " + name + ")"
		}
		e, text := p.expr()
		args, texts = append(args, e), append(texts, text)
		p.rest = strings.TrimLeft(strings.TrimPrefix(p.rest, ","), " ")
	}
	p.rest = strings.TrimLeft(p.rest[1:], " ")
	return &rel.Call{Op: op, Args: args, T: formType(op, args)}, plainCall(op, texts)
}

// plainCall is a call in MySQL's own SQL.
func plainCall(op rel.Op, a []string) string {
	unit := func(s string) string { return strings.Trim(s, "'") }
	switch op {
	case rel.OpNot:
		return "(NOT " + a[0] + ")"
	case rel.OpNeg:
		return "(- " + a[0] + ")"
	case rel.OpBitNot:
		return "(~ " + a[0] + ")"
	case rel.OpIsNull:
		return "(" + a[0] + " IS NULL)"
	case rel.OpIsTrue:
		return "(" + a[0] + " IS TRUE)"
	case rel.OpIn:
		return "(" + a[0] + " IN (" + strings.Join(a[1:], ", ") + "))"
	case rel.OpLike:
		return "(" + a[0] + " LIKE " + a[1] + " ESCAPE " + a[2] + ")"
	case rel.OpCase:
		s := "(CASE"
		for i := 0; i+1 < len(a); i += 2 {
			s += " WHEN " + a[i] + " THEN " + a[i+1]
		}
		return s + " ELSE " + a[len(a)-1] + " END)"
	case rel.OpDateAdd:
		return "(" + a[0] + " + INTERVAL " + a[1] + " " + unit(a[2]) + ")"
	case rel.OpExtract:
		if unit(a[0]) == "HOUR" {
			return "HOUR(" + a[1] + ")"
		}
		return "EXTRACT(" + unit(a[0]) + " FROM " + a[1] + ")"
	case "timestampdiff":
		return "TIMESTAMPDIFF(" + unit(a[0]) + ", " + strings.Join(a[1:], ", ") + ")"
	case "trim", "ltrim", "rtrim":
		return "TRIM(" + map[rel.Op]string{"trim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}[op] + " " + a[1] + " FROM " + a[0] + ")"
	case "char_text":
		return "CHAR(" + strings.Join(a, ", ") + " USING utf8mb4)"
	case "time_to_sec": // MySQL's gives whole seconds
		return "TRUNCATE(TIME_TO_SEC(" + a[0] + "), 0)"
	case "from_days", "str_to_date": // a date that is none is NULL
		return "(" + strings.ToUpper(string(op)) + "(" + strings.Join(a, ", ") + ") + INTERVAL 0 DAY)"
	}
	if _, function := rel.Functions[op]; function || op == rel.OpCoalesce {
		return strings.ToUpper(string(op)) + "(" + strings.Join(a, ", ") + ")"
	}
	return "(" + strings.Join(a, " "+strings.ToUpper(string(op))+" ") + ")"
}

// formType is the result type, as far as a form looks at it.
func formType(op rel.Op, args []rel.Expr) rel.Type {
	switch op {
	case rel.OpAnd, rel.OpOr, rel.OpNot, rel.OpXor, rel.OpEq, rel.OpNe, rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe, rel.OpNullEq, rel.OpIsNull, rel.OpIsTrue,
		rel.OpIn, rel.OpLike, rel.OpRegexp:
		return rel.BoolType
	case rel.OpCase:
		return args[1].Type()
	case rel.OpIntDiv, rel.OpExtract:
		return rel.BigIntType
	}
	if f := rel.Functions[op]; f != nil && f.Result != nil {
		return f.ResultType(args)
	}
	t := args[0].Type()
	t.Native, t.Collation = "", ""
	return t
}

func castType(m []string) (rel.Type, string) {
	n, _ := strconv.Atoi(m[2])
	scale, _ := strconv.Atoi(m[3])
	scaled := func(name string) string {
		if n > 0 {
			return fmt.Sprintf("%s(%d)", name, n)
		}
		return name
	}
	switch m[1] {
	case "signed":
		return rel.BigIntType, "SIGNED"
	case "unsigned":
		return rel.UBigIntType, "UNSIGNED"
	case "double":
		return rel.DoubleType, "DOUBLE"
	case "float":
		return rel.Type{Kind: rel.Float, Scale: -1}, "FLOAT"
	case "char":
		return rel.TextType, "CHAR"
	case "binary":
		return rel.Type{Kind: rel.VarBinary}, "BINARY"
	case "date":
		return rel.DateType, "DATE"
	case "datetime":
		return rel.Type{Kind: rel.DateTime, Scale: n}, scaled("DATETIME")
	case "time":
		return rel.Type{Kind: rel.Time, Scale: n}, scaled("TIME")
	case "decimal":
		return rel.DecimalType(n, scale), fmt.Sprintf("DECIMAL(%d,%d)", n, scale)
	case "json":
		return rel.JSONType, "JSON"
	}
	panic("type " + m[0])
}

func numberLit(s string) (rel.Expr, string) {
	if digits, ok := strings.CutSuffix(s, "u"); ok {
		v, _ := strconv.ParseUint(digits, 10, 64)
		return &rel.Lit{Value: v, T: rel.UBigIntType}, "CAST(" + digits + " AS UNSIGNED)"
	}
	if strings.Contains(s, "e") {
		v, _ := strconv.ParseFloat(s, 64)
		return &rel.Lit{Value: v, T: rel.DoubleType}, "(" + s + ")"
	}
	if _, frac, ok := strings.Cut(s, "."); ok {
		return &rel.Lit{Value: rel.DecimalText(strings.TrimSuffix(s, ".")), T: rel.DecimalType(len(strings.Trim(s, "-"))-1, len(frac))}, "(" + s + ")"
	}
	v, _ := strconv.ParseInt(s, 10, 64)
	return &rel.Lit{Value: v, T: rel.BigIntType}, "(" + s + ")"
}

func quotedLit(prefix, s, sql string) (rel.Expr, string) {
	switch prefix {
	case "":
		return &rel.Lit{Value: s, T: rel.VarCharType(len(s))}, "'" + strings.ReplaceAll(sql, `\`, `\\`) + "'"
	case "x":
		b, _ := hex.DecodeString(s)
		return &rel.Lit{Value: b, T: rel.Type{Kind: rel.VarBinary}}, "X'" + s + "'"
	case "d":
		v, _ := time.Parse("2006-01-02", s)
		return &rel.Lit{Value: rel.DateValue(v.Unix() / 86400), T: rel.DateType}, "DATE'" + s + "'"
	case "dt":
		v, _ := time.Parse("2006-01-02 15:04:05", s)
		return &rel.Lit{Value: rel.DateTimeValue(v.UnixMicro()), T: rel.DateTimeType}, "TIMESTAMP'" + s + "'"
	case "tm":
		v, _ := parseTime([]byte(s))
		return &rel.Lit{Value: rel.TimeValue(v), T: rel.Type{Kind: rel.Time}}, "TIME'" + s + "'"
	}
	panic("prefix " + prefix)
}

const oddColumns = `id INT PRIMARY KEY, t1 VARCHAR(20) %[1]s, t2 VARCHAR(20) %[2]s, t3 CHAR(10) %[3]s, t4 %[4]s, i INT, b BIGINT, u BIGINT UNSIGNED,
	n DECIMAL(10,2), m DECIMAL(20,6), x DOUBLE, f FLOAT, d DATE, dt DATETIME, dtf DATETIME(3), ts TIMESTAMP(2) NULL, tm TIME, tmf TIME(2), bt %[5]s, bin VARBINARY(20), y YEAR`

// oddTables makes the two tables of TestForms.
func oddTables() []string { return append(oddTable(), plainTable("plain")...) }

// oddTable makes the table of awkward columns.
func oddTable() []string {
	odd, _ := oddRows()
	return []string{
		"SET time_zone = '+00:00'", "SET sql_mode = 'ALLOW_INVALID_DATES'",
		"CREATE TABLE odd (" + fmt.Sprintf(oddColumns, "CHARACTER SET latin1 COLLATE latin1_german1_ci", "COLLATE utf8mb4_general_ci", "COLLATE utf8mb4_unicode_ci",
			"ENUM('b','a','','Z','abc') CHARACTER SET utf8mb3", "BIT(8)") + ", KEY (t1), KEY (t2), KEY (d))",
		"INSERT INTO odd VALUES " + strings.Join(odd, ", "),
	}
}

// plainTable makes the table that holds the same as Weir sees it.
func plainTable(name string) []string {
	_, plain := oddRows()
	return []string{
		"SET time_zone = '+00:00'",
		"CREATE TABLE " + name + " (" + fmt.Sprintf(oddColumns, "", "", "", "VARCHAR(10)", "BIGINT UNSIGNED") + ")",
		"INSERT INTO " + name + " VALUES " + strings.Join(plain, ", "),
	}
}

func oddRows() (oddRows, plainRows []string) {
	texts := []string{"'abc'", "'ABC'", "'abc '", "'Äbc'", "'äbc'", "''", "'a_c'", "'a%c'", "'12.5x'", "NULL", "' 7 '", "'a\\\\b'", "'ss'", "'ß'"}
	wide := append(texts, "'😀b'", "'a\\tb'", "'ＡＢＣ'", "'é'", "'e'")
	dates := []string{"'2024-02-29'", "'2023-12-31'", "NULL", "'0000-00-00'", "'2024-00-10'", "'2024-01-00'", "'2023-02-31'", "'1999-01-01'", "'9999-12-31'", "'0001-01-01'"}
	pick := func(from []string, i int) string { return from[i%len(from)] }
	for i := range 60 {
		day := pick(dates, i)
		row := []string{strconv.Itoa(i), pick(texts, i), pick(wide, i*7), "RTRIM(" + pick(wide, i*3+1) + ")", pick([]string{"'b'", "'a'", "''", "'Z'", "NULL", "'abc'"}, i),
			pick([]string{"0", "1", "-1", "7", "NULL", "-2147483648", "2147483647", "3"}, i), pick([]string{"0", "5", "-9", "NULL", "1000000007"}, i),
			pick([]string{"0", "9", "18446744073709551615", "NULL", "12"}, i), pick([]string{"0", "1.50", "-2.25", "NULL", "99999999.99", "0.05"}, i),
			pick([]string{"0.333333", "-0.5", "NULL", "12345678901234.567891", "2.5"}, i), pick([]string{"0", "0.1", "-2.5", "NULL", "1e10", "3.5", "0.30000000000000004"}, i),
			pick([]string{"0.1", "-2.5", "NULL", "16777216", "0"}, i)}
		clock := pick([]string{" 00:00:00", " 23:59:59.999", " 12:34:56.500"}, i)
		datetime := "NULL"
		if day != "NULL" {
			datetime = strings.TrimSuffix(day, "'") + clock + "'"
		}
		whole := pick([]string{"'2024-03-31 01:30:00.25'", "NULL", "'1970-01-01 00:00:01'", "'2024-10-27 00:30:00.99'"}, i)
		stamp := []string{whole, pick([]string{"'00:00:00'", "'-838:59:59'", "'838:59:59'", "NULL", "'10:11:12'"}, i), pick([]string{"'00:00:00.5'", "'-10:11:12.99'", "NULL", "'272:59:59.01'"}, i),
			pick([]string{"0", "5", "255", "NULL"}, i), pick([]string{"'abc'", "X'00FF'", "NULL", "''", "X'C3A4'"}, i), pick([]string{"2024", "NULL", "1970"}, i)}
		odd := append(append(slices.Clone(row), day, trimFraction(datetime), datetime), stamp...)
		plain := slices.Clone(odd)
		if day == "'0000-00-00'" || strings.Contains(day, "-00") || day == "'2023-02-31'" {
			plain[12], plain[13], plain[14] = "NULL", "NULL", "NULL"
		}
		oddRows, plainRows = append(oddRows, "("+strings.Join(odd, ", ")+")"), append(plainRows, "("+strings.Join(plain, ", ")+")")
	}
	return oddRows, plainRows
}

// trimFraction cuts the fractional seconds of a quoted date and time.
func trimFraction(s string) string {
	whole, _, found := strings.Cut(s, ".")
	if found {
		return whole + "'"
	}
	return s
}
