package bind

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The files of testdata hold cases: lines that begin with # are notes, a statement follows, then ---- and what it gives: the result's
// columns with their types and the plan, or the error's code and text. Cases end with an empty line.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files in testdata", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var out []string
			for _, c := range strings.Split(strings.TrimSpace(string(raw)), "\n\n") {
				head, want, _ := strings.Cut(c+"\n", "----\n")
				var stmt []string
				for _, l := range strings.Split(strings.TrimSpace(head), "\n") {
					if !strings.HasPrefix(l, "#") {
						stmt = append(stmt, l)
					}
				}
				if len(stmt) == 0 {
					out = append(out, strings.TrimSpace(head))
					continue
				}
				got := outcome(strings.Join(stmt, "\n"))
				out = append(out, strings.TrimSpace(head)+"\n----\n"+strings.TrimSpace(got))
				if !*update && strings.TrimSpace(got) != strings.TrimSpace(want) {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", strings.Join(stmt, "\n"), got, want)
				}
			}
			if *update {
				if err := os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// outcome binds a statement and prints what it gives. A statement may end with "-- args: " and literals for its placeholders.
func outcome(text string) string {
	text, args, _ := strings.Cut(text, "-- args: ")
	env := testEnv()
	for _, a := range strings.Split(args, ", ") {
		if a = strings.TrimSpace(a); a != "" {
			env.Args = append(env.Args, testLiteral(a))
		}
	}
	q, err := bindText(text, env)
	var e *sqlerr.Error
	switch {
	case errors.As(err, &e):
		return fmt.Sprintf("error %d (%s): %s", e.Code, e.State, e.Message)
	case err != nil:
		return "error: " + err.Error()
	}
	var b strings.Builder
	for i, c := range q.Columns {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %s", c.Name, c.T)
	}
	return b.String() + "\n" + rel.Format(q.Root)
}

func bindText(text string, env *Env) (*Query, error) {
	stmt, err := Parse(context.Background(), text, sqlparser.ParserOptions{})
	if err != nil {
		return nil, err
	}
	sel, ok := stmt.(sqlparser.SelectStatement)
	if !ok {
		return nil, fmt.Errorf("%T is no SELECT", stmt)
	}
	q, err := Bind(context.Background(), sel, env)
	if err == nil {
		err = checkPlan(q)
	}
	return q, err
}

func testLiteral(s string) *rel.Lit {
	b := &binder{numeric: map[*rel.Lit]bool{}}
	stmt, err := sqlparser.Parse("select " + s)
	if err != nil {
		panic(err)
	}
	x := &binding{b: b}
	b.ctx = context.Background()
	return x.expr(stmt.(*sqlparser.Select).SelectExprs[0].(*sqlparser.AliasedExpr).Expr).(*rel.Lit)
}

func testEnv() *Env {
	return &Env{Tables: testTables{}, Session: testSession{}, Now: time.Date(2024, 2, 29, 13, 14, 15, 123456000, time.UTC), IDs: &rel.IDs{}}
}

type testSession struct{}

func (testSession) ConnectionID() uint32 { return 7 }
func (testSession) User() string         { return "ann@localhost" }
func (testSession) CurrentUser() string  { return "ann@%" }
func (testSession) CurrentRole() string  { return "NONE" }
func (testSession) Database() string     { return "db" }
func (testSession) UserVariable(n string) *rel.Lit {
	if n == "x" {
		return intLit(42)
	}
	return null(rel.NullType)
}
func (testSession) SystemVariable(scope, n string) (*rel.Lit, bool) {
	switch n {
	case "sql_mode":
		return textLit("ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES"), true
	case "autocommit":
		return intLit(1), true
	}
	return nil, false
}
func (testSession) TimeZone() *time.Location { return time.UTC }

// The tables of the tests, in the words of CREATE TABLE; ! is NOT NULL, "key" names the unique columns.
var tables = map[string][]string{
	"t":      {"id int!", "a int", "b bigint", "c varchar(20)", "key id"},
	"u":      {"id int!", "t_id int", "a int", "name varchar(30)", "key id"},
	"types":  {"ti tinyint", "si smallint", "mi mediumint", "i int", "bi bigint", "ui int unsigned", "ubi bigint unsigned", "f float", "d double", "de decimal(10,2)", "d15 decimal(15,2)", "y year", "bt bit(8)", "da date", "tm time", "dt datetime", "dt6 datetime(6)", "ts timestamp", "ch char(5)", "vc varchar(10)", "tx text", "vb varbinary(10)", "bl blob", "j json", "en enum", "nn int!"},
	"orders": {"o_id int!", "cust int!", "total decimal(12,2)!", "day date!", "status varchar(10)", "key o_id"},
	"cust":   {"c_id int!", "c_name varchar(50)!", "nation int", "key c_id"},
	"pair":   {"a int!", "b int!", "v varchar(5)", "key a b"},
}

var kinds = map[string]rel.Kind{"tinyint": rel.TinyInt, "smallint": rel.SmallInt, "mediumint": rel.MediumInt, "int": rel.Int, "bigint": rel.BigInt,
	"float": rel.Float, "double": rel.Double, "decimal": rel.Decimal, "year": rel.Year, "bit": rel.Bit, "date": rel.Date, "time": rel.Time,
	"datetime": rel.DateTime, "timestamp": rel.Timestamp, "char": rel.Char, "varchar": rel.VarChar, "text": rel.Text, "varbinary": rel.VarBinary,
	"blob": rel.Blob, "json": rel.JSON, "enum": rel.Enum}

type testTables struct{}

func (testTables) Scan(_ context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	if database != "db" {
		return nil, sqlerr.UnknownDatabase.New("Unknown database '%s'", database)
	}
	defs := tables[table]
	if defs == nil {
		return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", database, table)
	}
	s := &rel.Scan{Table: &rel.Table{Source: database, Name: table}}
	byName := map[string]rel.ColumnID{}
	for _, d := range defs {
		name, spec, _ := strings.Cut(d, " ")
		if name == "key" {
			var key []rel.ColumnID
			for _, n := range strings.Fields(spec) {
				key = append(key, byName[n])
			}
			s.Unique = append(s.Unique, key)
			continue
		}
		t := rel.Type{NotNull: strings.HasSuffix(spec, "!")}
		spec = strings.TrimSuffix(spec, "!")
		if strings.HasSuffix(spec, " unsigned") {
			t.Unsigned = true
			spec = strings.TrimSuffix(spec, " unsigned")
		}
		kind, params, has := strings.Cut(spec, "(")
		t.Kind = kinds[kind]
		if has {
			switch t.Class() {
			case rel.ClassDecimal:
				_, _ = fmt.Sscanf(params, "%d,%d)", &t.Precision, &t.Scale)
			case rel.ClassDateTime, rel.ClassTime:
				_, _ = fmt.Sscanf(params, "%d)", &t.Scale)
			default:
				_, _ = fmt.Sscanf(params, "%d)", &t.Length)
			}
		}
		c := rel.Column{ID: ids.Next(), Name: name, T: t}
		byName[name] = c.ID
		s.Cols = append(s.Cols, rel.ScanColumn{Column: c})
	}
	return s, nil
}

// checkPlan checks what must hold of every plan: Root puts out Columns, and every column that is read is there.
func checkPlan(q *Query) error {
	cols := q.Root.Columns()
	if len(cols) != len(q.Columns) {
		return fmt.Errorf("the plan puts out %d columns, the result has %d", len(cols), len(q.Columns))
	}
	for i := range cols {
		if cols[i].ID != q.Columns[i].ID || cols[i].T.Kind != q.Columns[i].T.Kind {
			return fmt.Errorf("column %d of the plan is %v, of the result %v", i, cols[i], q.Columns[i].Column)
		}
	}
	return checkNode(q.Root, map[rel.ColumnID]bool{})
}
