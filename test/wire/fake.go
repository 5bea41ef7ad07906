package wire

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/server/mysql"
	"weir/sources"
)

// Engine is an engine without sources. Its tables:
//
//	demo.types    a value of every type, at its edges
//	demo.numbers  a million rows (n, text, decimal, double), less with LIMIT
//	demo.hangs    never gives a row
//	demo.breaks   a hundred rows, then an error
//	demo.trickle  a row every 50 ms, without end
//
// A query without a table gives its constants, variables and parameters back.
type Engine struct {
	// Cancelled counts the statements whose context ended before they did.
	Cancelled atomic.Int64
	Running   atomic.Int64
	// Principal is who asked last.
	Principal atomic.Value
}

var _ mysql.Engine = (*Engine)(nil)

// BreaksWith is the error of demo.breaks.
var BreaksWith = &sources.Error{Source: "demo", Doing: "reading table breaks", Class: sources.ErrUnavailable, Code: "57P01", Detail: "secret detail"}

type rows struct {
	e       *Engine
	ctx     context.Context
	columns []bind.Output
	next    func(ctx context.Context) (arrow.RecordBatch, error)
	closed  bool
}

func (r *rows) Columns() []bind.Output { return r.columns }

func (r *rows) Next() (arrow.RecordBatch, error) {
	if r.ctx.Err() != nil {
		return nil, r.ctx.Err()
	}
	return r.next(r.ctx)
}

func (r *rows) Close() error {
	if !r.closed {
		r.closed = true
		r.e.Running.Add(-1)
		if r.ctx.Err() != nil {
			r.e.Cancelled.Add(1)
		}
	}
	return nil
}

// Describe returns the columns.
func (e *Engine) Describe(ctx context.Context, s bind.Session, stmt mysql.Statement) ([]bind.Output, error) {
	r, err := e.open(ctx, s, stmt)
	if err != nil {
		return nil, err
	}
	return r.columns, nil
}

// Query answers a statement.
func (e *Engine) Query(ctx context.Context, s bind.Session, stmt mysql.Statement) (mysql.Rows, error) {
	e.Principal.Store(stmt.Principal)
	r, err := e.open(ctx, s, stmt)
	if err != nil {
		return nil, err
	}
	e.Running.Add(1)
	return r, nil
}

func (e *Engine) open(ctx context.Context, s bind.Session, stmt mysql.Statement) (*rows, error) {
	if x, ok := stmt.AST.(*sqlparser.Explain); ok {
		text := "plan of " + sqlparser.String(x.Statement) + " as " + x.ExplainFormat
		if x.Analyze {
			text += " analyzed"
		}
		return e.constant(ctx, []bind.Output{{Column: rel.Column{Name: "EXPLAIN", T: rel.Type{Kind: rel.Text, NotNull: true}}}}, []any{text})
	}
	sel, ok := stmt.AST.(*sqlparser.Select)
	if !ok {
		return nil, sqlerr.Unsupported.New("the fake knows SELECT only")
	}
	table := ""
	_ = sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		if t, ok := n.(sqlparser.TableName); ok && table == "" {
			table = t.Name.String()
		}
		return true, nil
	}, sel.From)
	switch table {
	case "", "dual":
		return e.selectList(ctx, s, sel, stmt.Args)
	case "types":
		b := typesBatch()
		done := false
		return &rows{e: e, ctx: ctx, columns: TypeColumns, next: func(context.Context) (arrow.RecordBatch, error) {
			if done {
				return nil, io.EOF
			}
			done = true
			return b, nil
		}}, nil
	case "numbers":
		return e.numbers(ctx, limit(sel, 1_000_000), 8192, nil), nil
	case "breaks":
		return e.numbers(ctx, 100, 100, BreaksWith), nil
	case "secret":
		return nil, errors.New("internal text with a value 4711")
	case "hangs":
		return &rows{e: e, ctx: ctx, columns: numberColumns, next: func(ctx context.Context) (arrow.RecordBatch, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}, nil
	case "trickle":
		r := e.numbers(ctx, 1<<40, 1, nil)
		inner := r.next
		r.next = func(ctx context.Context) (arrow.RecordBatch, error) {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(50 * time.Millisecond):
				return inner(ctx)
			}
		}
		return r, nil
	}
	return nil, sqlerr.UnknownTable.New("Table 'demo.%s' doesn't exist", table)
}

func limit(sel *sqlparser.Select, otherwise int) int {
	if sel.Limit == nil {
		return otherwise
	}
	n := 0
	for _, c := range sqlparser.String(sel.Limit.Rowcount) {
		n = n*10 + int(c-'0')
	}
	return n
}

var numberColumns = []bind.Output{
	{Column: rel.Column{Name: "n", T: rel.Type{Kind: rel.BigInt, NotNull: true}}, Database: "demo", Table: "numbers", OrgTable: "numbers", OrgName: "n"},
	{Column: rel.Column{Name: "s", T: rel.VarCharType(20)}, Database: "demo", Table: "numbers", OrgTable: "numbers", OrgName: "s"},
	{Column: rel.Column{Name: "d", T: rel.DecimalType(15, 2)}, Database: "demo", Table: "numbers", OrgTable: "numbers", OrgName: "d"},
	{Column: rel.Column{Name: "f", T: rel.DoubleType}, Database: "demo", Table: "numbers", OrgTable: "numbers", OrgName: "f"},
}

// numbers gives total rows in batches, then the error or the end. One batch is made and given out again and again with other numbers.
func (e *Engine) numbers(ctx context.Context, total, batch int, end error) *rows {
	at := 0
	return &rows{e: e, ctx: ctx, columns: numberColumns, next: func(context.Context) (arrow.RecordBatch, error) {
		n := min(batch, total-at)
		if n == 0 {
			if end != nil {
				return nil, end
			}
			return nil, io.EOF
		}
		b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(relColumns(numberColumns)))
		defer b.Release()
		for i := range n {
			b.Field(0).(*array.Int64Builder).Append(int64(at + i))
			b.Field(1).(*array.StringBuilder).Append("row of the table")
			b.Field(2).(*array.Decimal128Builder).Append(dec(int64(at+i) * 7))
			b.Field(3).(*array.Float64Builder).Append(float64(at+i) / 8)
		}
		at += n
		return b.NewRecordBatch(), nil
	}}
}

func relColumns(out []bind.Output) []rel.Column {
	cols := make([]rel.Column, len(out))
	for i, o := range out {
		cols[i] = o.Column
	}
	return cols
}

// selectList gives the values of a query without a table.
func (e *Engine) selectList(ctx context.Context, s bind.Session, sel *sqlparser.Select, args []*rel.Lit) (*rows, error) {
	var columns []bind.Output
	var values []any
	param := 0
	for _, x := range sel.SelectExprs {
		a, ok := x.(*sqlparser.AliasedExpr)
		if !ok {
			return nil, sqlerr.Unsupported.New("the fake knows constants only")
		}
		var l *rel.Lit
		switch v := a.Expr.(type) {
		case *sqlparser.NullVal:
			l = &rel.Lit{T: rel.NullType}
		case *sqlparser.UnaryExpr:
			l = &rel.Lit{Value: sqlparser.String(v), T: rel.VarCharType(64)}
		case *sqlparser.SQLVal:
			switch v.Type {
			case sqlparser.ValArg:
				if l = args[param]; l == nil {
					l = &rel.Lit{T: rel.NullType}
				}
				param++
			case sqlparser.IntVal:
				n, err := strconv.ParseInt(string(v.Val), 10, 64)
				if err != nil {
					return nil, err
				}
				l = &rel.Lit{Value: n, T: rel.BigIntType}
			default:
				l = &rel.Lit{Value: string(v.Val), T: rel.VarCharType(len(v.Val))}
			}
		case *sqlparser.ColName:
			name := v.Name.String()
			qualifier := v.Qualifier.Name.String()
			switch {
			case strings.HasPrefix(qualifier, "@@"):
				l, ok = s.SystemVariable(strings.TrimPrefix(qualifier, "@@"), name)
			case strings.HasPrefix(name, "@@"):
				scope, rest, cut := strings.Cut(strings.TrimPrefix(name, "@@"), ".")
				if !cut {
					scope, rest = "", scope
				}
				l, ok = s.SystemVariable(scope, rest)
			case strings.HasPrefix(name, "@"):
				l = s.UserVariable(strings.TrimPrefix(name, "@"))
			default:
				return nil, sqlerr.UnknownColumn.New("Unknown column '%s' in 'field list'", name)
			}
			if !ok {
				return nil, sqlerr.Kind{Code: 1193, State: "HY000"}.New("Unknown system variable '%s'", name)
			}
		case *sqlparser.FuncExpr:
			switch strings.ToLower(v.Name.String()) {
			case "concat":
				l = &rel.Lit{Value: sqlparser.String(v), T: rel.VarCharType(200)}
			case "database", "schema":
				l = &rel.Lit{Value: s.Database(), T: rel.VarCharType(64)}
			case "connection_id":
				l = &rel.Lit{Value: uint64(s.ConnectionID()), T: rel.UBigIntType}
			case "current_role":
				l = &rel.Lit{Value: s.CurrentRole(), T: rel.VarCharType(200)}
			case "current_user":
				l = &rel.Lit{Value: s.CurrentUser(), T: rel.VarCharType(64)}
			case "user":
				l = &rel.Lit{Value: s.User(), T: rel.VarCharType(64)}
			default:
				return nil, sqlerr.UnknownFunction.New("FUNCTION %s does not exist", v.Name.String())
			}
		default:
			return nil, sqlerr.Unsupported.New("the fake knows constants only")
		}
		columnName := a.As.String()
		if columnName == "" {
			columnName = sqlparser.String(a.Expr)
		}
		columns = append(columns, bind.Output{Column: rel.Column{Name: columnName, T: l.T}})
		values = append(values, l.Value)
	}
	return e.constant(ctx, columns, values)
}

// constant gives one row.
func (e *Engine) constant(ctx context.Context, columns []bind.Output, values []any) (*rows, error) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(relColumns(columns)))
	defer b.Release()
	for i, v := range values {
		if err := appendValue(b.Field(i), v, columns[i].T); err != nil {
			return nil, err
		}
	}
	batch := b.NewRecordBatch()
	return &rows{e: e, ctx: ctx, columns: columns, next: func(context.Context) (arrow.RecordBatch, error) {
		if batch == nil {
			return nil, io.EOF
		}
		out := batch
		batch = nil
		return out, nil
	}}, nil
}

// Catalog is a made-up catalog: two databases that answer and one whose source is down.
type Catalog struct{}

var _ gms.Catalog = Catalog{}

// For implements mysql.Catalog: everybody sees all.
func (c Catalog) For(policy.Principal) gms.Catalog { return c }

// Databases are demo, other and down.
func (Catalog) Databases() []string { return []string{"demo", "down", "other"} }

// Known are the tables.
func (Catalog) Known(_ context.Context, database string) []gms.Table {
	switch database {
	case "demo":
		return demoTables
	case "other":
		return []gms.Table{{Name: "thing", Def: &sources.Table{Name: "thing", Kind: sources.View, RowCount: -1,
			Columns: []sources.Column{{Name: "id", Type: rel.Type{Kind: rel.Int}}}}}}
	}
	return nil
}

// Table finds a table.
func (c Catalog) Table(ctx context.Context, database, table string) (gms.Table, error) {
	if database == "down" {
		return gms.Table{}, sqlerr.SourceFailed.New("source down: connecting: source unavailable")
	}
	for _, t := range c.Known(ctx, database) {
		if t.Name == table {
			return t, nil
		}
	}
	return gms.Table{}, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", database, table)
}

var demoTables = []gms.Table{
	{Name: "Customer", Def: &sources.Table{Name: "Customer", Kind: sources.BaseTable, RowCount: 10, Columns: []sources.Column{{Name: "id", Type: rel.Type{Kind: rel.Int, NotNull: true}}}}},
	{Name: "customer", Def: &sources.Table{Name: "customer", Kind: sources.BaseTable, Comment: "who buys", RowCount: 10000, PrimaryKey: []string{"id"},
		Uniques: [][]string{{"code"}}, Indexes: []sources.Index{{Name: "by_region", Columns: []string{"region", "code"}}},
		ForeignKeys: []sources.ForeignKey{{Name: "in_region", Columns: []string{"region"}, RefTable: "region", RefColumns: []string{"id"}}},
		Columns: []sources.Column{
			{Name: "id", Type: rel.Type{Kind: rel.BigInt, Unsigned: true, NotNull: true}, Comment: "the number"},
			{Name: "code", Type: rel.Type{Kind: rel.VarChar, Length: 12, NotNull: true}},
			{Name: "region", Type: rel.Type{Kind: rel.SmallInt}, Distinct: 5},
			{Name: "credit", Type: rel.DecimalType(15, 2)},
			{Name: "since", Type: rel.Type{Kind: rel.DateTime, Scale: 6}},
			{Name: "note", Type: rel.TextType, Comment: "what's said"},
			{Name: "kind", Type: rel.Type{Kind: rel.Enum, Native: "enum('a','b')"}},
		}}},
	{Name: "region", Def: &sources.Table{Name: "region", Kind: sources.BaseTable, RowCount: 5, PrimaryKey: []string{"id"},
		Columns: []sources.Column{{Name: "id", Type: rel.Type{Kind: rel.SmallInt, NotNull: true}}, {Name: "name", Type: rel.VarCharType(30)}}}},
}
