package differential

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/test/reference"
)

// The binder must accept every statement that runs on the reference, and give its columns the types that the reference gives
// them: no server of Weir is needed to see that.
func TestBinder(t *testing.T) {
	ctx := context.Background()
	set := reference.Dataset(1)
	ref, err := reference.Start(ctx, set)
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Stop()
	c, err := ref.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	g := NewGenerator(set)
	wrong, run := 0, 0
	var report strings.Builder
	kinds := map[string]int{}
	say := func(s *Statement, kind, format string, args ...any) {
		wrong++
		kinds[kind]++
		fmt.Fprintf(&report, "seed %d: %s: %s\n  %s\n", s.Seed, kind, fmt.Sprintf(format, args...), s.SQL)
		if wrong <= 20 {
			t.Errorf("seed %d: %s: %s: %s", s.Seed, kind, fmt.Sprintf(format, args...), s.SQL)
		}
	}
	for i := range *countFlag {
		s := g.Statement(*seedFlag + uint64(i))
		for _, q := range s.Setup {
			if err := c.Exec(ctx, q); err != nil {
				t.Fatal(err)
			}
		}
		want := c.Query(ctx, s.SQL, s.Args...)
		if want.Err != nil {
			continue
		}
		run++
		q, err := bindStatement(ctx, set, s)
		if err != nil {
			say(s, "error", "%v", err)
			continue
		}
		if len(q.Columns) != len(want.Columns) {
			say(s, "columns", "%d columns, not %d", len(q.Columns), len(want.Columns))
			continue
		}
		for i, col := range q.Columns {
			got := wireType(col)
			if a, b := s.typeName(i, got), s.typeName(i, want.Columns[i]); a != b {
				say(s, "type", "column %d (%s) is %s, not %s", i+1, s.itemText(i), a, b)
			}
			if got.Name != want.Columns[i].Name {
				say(s, "name", "column %d is %q, not %q", i+1, got.Name, want.Columns[i].Name)
			}
		}
	}
	t.Logf("%d statements, %v", run, kinds)
	if *bindReport != "" {
		if err := os.WriteFile(*bindReport, []byte(report.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// itemText is the expression of a column of the result.
func (s *Statement) itemText(i int) string {
	q := s.q.leftmost()
	if i >= len(q.items) || q.items[i].e == nil {
		return "*"
	}
	var p printer
	p.expr(q.items[i].e)
	return p.String()
}

func bindStatement(ctx context.Context, set *reference.Set, s *Statement) (q *bind.Query, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	stmt, err := sqlparser.Parse(s.SQL)
	if err != nil {
		return nil, err
	}
	sel, ok := stmt.(sqlparser.SelectStatement)
	if !ok {
		return nil, fmt.Errorf("parsed as %T", stmt)
	}
	env := &bind.Env{Tables: tables{set}, Session: session{s}, Now: time.Unix(1.7e9, 0).UTC(), IDs: &rel.IDs{}}
	for _, a := range s.Args {
		env.Args = append(env.Args, literalOf(a))
	}
	return bind.Bind(ctx, sel, env)
}

func literalOf(v any) *rel.Lit {
	switch v := v.(type) {
	case int:
		return &rel.Lit{Value: int64(v), T: rel.BigIntType}
	case int64:
		return &rel.Lit{Value: v, T: rel.BigIntType}
	default:
		return &rel.Lit{Value: v, T: rel.VarCharType(len(v.(string)))}
	}
}

// tables are those of the data set.
type tables struct{ set *reference.Set }

func (ts tables) Scan(_ context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	for _, t := range ts.set.Tables {
		if t.Database != database || t.Name != table {
			continue
		}
		scan := &rel.Scan{Table: &rel.Table{Source: database, Name: table, RowCount: float64(len(t.Rows))}}
		for _, c := range t.Columns {
			scan.Cols = append(scan.Cols, rel.ScanColumn{Column: rel.Column{ID: ids.Next(), Name: c.Name, T: relType(c)}})
		}
		return scan, nil
	}
	return nil, sqlerr.UnknownTable.New("no table %s.%s", database, table)
}

func relType(c reference.Column) rel.Type {
	kinds := map[reference.Kind]rel.Kind{reference.TinyInt: rel.TinyInt, reference.SmallInt: rel.SmallInt, reference.MediumInt: rel.MediumInt,
		reference.Int: rel.Int, reference.BigInt: rel.BigInt, reference.Decimal: rel.Decimal, reference.Double: rel.Double, reference.VarChar: rel.VarChar,
		reference.Text: rel.Text, reference.Date: rel.Date, reference.DateTime: rel.DateTime, reference.Time: rel.Time}
	t := rel.Type{Kind: kinds[c.Kind], Unsigned: c.Unsigned, NotNull: c.NotNull, Length: c.Length, Precision: c.Precision, Scale: c.Scale}
	if c.Kind == reference.Double {
		t.Scale = -1
	}
	return t
}

// session has the variables that a statement's setup sets.
type session struct{ s *Statement }

func (session) ConnectionID() uint32     { return 1 }
func (session) User() string             { return "u@localhost" }
func (session) CurrentUser() string      { return "u@%" }
func (session) CurrentRole() string      { return "NONE" }
func (session) Database() string         { return "" }
func (session) TimeZone() *time.Location { return time.UTC }

func (session) SystemVariable(_, name string) (*rel.Lit, bool) {
	if name == "sql_mode" {
		return &rel.Lit{Value: "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES", T: rel.TextType}, true
	}
	return nil, false
}

func (x session) UserVariable(name string) *rel.Lit {
	for _, q := range x.s.Setup {
		value, ok := strings.CutPrefix(q, "set @"+name+" = ")
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return &rel.Lit{Value: n, T: rel.BigIntType}
		}
		return &rel.Lit{Value: strings.Trim(value, "'"), T: rel.TextType}
	}
	return &rel.Lit{T: rel.NullType}
}

// wireType is how the server would describe a column.
func wireType(o bind.Output) reference.ResultColumn {
	c := reference.ResultColumn{Name: o.Name, Type: strings.ToUpper(o.T.Kind.String()), Decimals: -1}
	if o.T.Unsigned {
		c.Type = "UNSIGNED " + c.Type
	}
	switch o.T.Kind {
	case rel.Bool:
		c.Type = "BIGINT"
	case rel.Decimal, rel.Time, rel.DateTime, rel.Timestamp:
		c.Decimals = o.T.Scale
	case rel.Float, rel.Double:
		if o.T.Scale >= 0 && o.T.Scale < 31 {
			c.Decimals = o.T.Scale
		}
	}
	if o.T.Kind == rel.Decimal {
		c.Type = "DECIMAL"
	}
	return c
}
