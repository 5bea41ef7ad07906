package gms

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	sqle "github.com/dolthub/go-mysql-server"
	"github.com/dolthub/go-mysql-server/sql"
	"github.com/dolthub/go-mysql-server/sql/analyzer"
	"github.com/dolthub/go-mysql-server/sql/types"
	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Config is what an Engine needs.
type Config struct {
	Catalog Catalog // for the names of the databases
	// Processes lists the connections that a user may see.
	Processes func(user string, admin bool) []Process
	Version   string
}

// Process is a line of SHOW PROCESSLIST.
type Process struct {
	ID                   uint32
	User, Host, Database string
	Command, State, Info string
	Since                time.Time
}

// Warning is a line of SHOW WARNINGS.
type Warning struct {
	Level   string
	Code    int
	Message string
}

// Engine answers catalog statements. Safe for concurrent use.
type Engine struct {
	cfg    Config
	engine *sqle.Engine
}

// New makes an Engine.
func New(cfg Config) (*Engine, error) {
	e := &Engine{cfg: cfg}
	a := analyzer.NewBuilder(provider{}).Build()
	a.Catalog.InfoSchema = newInformationSchema(e)
	e.engine = sqle.New(a, &sqle.Config{IsReadOnly: true})
	return e, nil
}

// Close ends the engine.
func (e *Engine) Close() { _ = e.engine.Close() }

// DatabaseName finds a database of that name, one of the row engine's own included, in any case of letters for the latter.
func (e *Engine) DatabaseName(_ context.Context, name string) (string, bool) {
	for _, own := range ownDatabases {
		if strings.EqualFold(own, name) {
			return own, true
		}
	}
	for _, have := range e.cfg.Catalog.Databases() {
		if have == name {
			return have, true
		}
	}
	return "", false
}

// Statement is a catalog statement. AST is used up.
type Statement struct {
	AST  sqlparser.Statement
	Text string
	Args []*rel.Lit // the values of ?, nil for NULL
}

// batchRows is how many rows are handed out at once.
const batchRows = 256

// Query answers a statement: out gets a result with columns and no rows, then results with rows.
func (e *Engine) Query(ctx context.Context, s *Session, stmt Statement, out func(*sqltypes.Result) error) error {
	if show, ok := stmt.AST.(*sqlparser.Show); ok {
		direct, query, err := e.show(ctx, s, show)
		switch {
		case err != nil:
			return err
		case direct != nil:
			rows := direct.Rows
			direct.Rows = nil
			if err := out(direct); err != nil {
				return err
			}
			return out(&sqltypes.Result{Fields: direct.Fields, Rows: rows})
		case query != nil:
			stmt.AST, stmt.Text = query, sqlparser.String(query)
		}
	}
	s.narrow = narrowOf(stmt.AST, stmt.Args)
	qctx := s.context(ctx, stmt.Text)
	schema, rows, err := e.run(qctx, stmt)
	if err != nil {
		return clientError(ctx, err)
	}
	fields := fieldsOf(qctx, schema)
	err = stream(ctx, qctx, schema, fields, rows, out)
	if closeErr := rows.Close(qctx); err == nil {
		err = clientError(ctx, closeErr)
	}
	return err
}

// Describe returns a statement's columns without giving its rows.
func (e *Engine) Describe(ctx context.Context, s *Session, stmt Statement) ([]*querypb.Field, error) {
	if show, ok := stmt.AST.(*sqlparser.Show); ok {
		direct, query, err := e.show(ctx, s, show)
		switch {
		case err != nil:
			return nil, err
		case direct != nil:
			return direct.Fields, nil
		case query != nil:
			stmt.AST, stmt.Text = query, sqlparser.String(query)
		}
	}
	qctx := s.context(ctx, stmt.Text)
	schema, rows, err := e.run(qctx, stmt)
	if err != nil {
		return nil, clientError(ctx, err)
	}
	return fieldsOf(qctx, schema), clientError(ctx, rows.Close(qctx))
}

// run starts a statement in the row engine, whose panics are errors of the statement.
func (e *Engine) run(ctx *sql.Context, stmt Statement) (schema sql.Schema, rows sql.RowIter, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the row engine panicked: %v", p)
		}
	}()
	bindings := make(map[string]sqlparser.Expr, len(stmt.Args))
	for i, a := range stmt.Args {
		if bindings[fmt.Sprintf("v%d", i+1)], err = expression(a); err != nil {
			return nil, nil, err
		}
	}
	if len(bindings) == 0 {
		bindings = nil
	}
	schema, rows, _, err = e.engine.QueryWithBindings(ctx, stmt.Text, stmt.AST, bindings, nil)
	return schema, rows, err
}

func stream(ctx context.Context, qctx *sql.Context, schema sql.Schema, fields []*querypb.Field, rows sql.RowIter, out func(*sqltypes.Result) error) error {
	if types.IsOkResultSchema(schema) {
		for {
			if _, err := rows.Next(qctx); errors.Is(err, io.EOF) {
				return out(&sqltypes.Result{})
			} else if err != nil {
				return clientError(ctx, err)
			}
		}
	}
	if err := out(&sqltypes.Result{Fields: fields}); err != nil {
		return err
	}
	batch := make([][]sqltypes.Value, 0, batchRows)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := out(&sqltypes.Result{Fields: fields, Rows: batch})
		batch = make([][]sqltypes.Value, 0, batchRows)
		return err
	}
	for {
		row, err := rows.Next(qctx)
		if errors.Is(err, io.EOF) {
			return flush()
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return clientError(ctx, err)
		}
		values := make([]sqltypes.Value, len(schema))
		for i, c := range schema {
			if row[i] == nil {
				values[i] = sqltypes.NULL
				continue
			}
			if values[i], err = c.Type.SQL(qctx, nil, row[i]); err != nil {
				return clientError(ctx, err)
			}
		}
		if batch = append(batch, values); len(batch) == batchRows {
			if err := flush(); err != nil {
				return err
			}
		}
	}
}

// fieldsOf are the column definitions of a schema.
func fieldsOf(ctx *sql.Context, schema sql.Schema) []*querypb.Field {
	if types.IsOkResultSchema(schema) {
		return nil
	}
	out := make([]*querypb.Field, len(schema))
	for i, c := range schema {
		f := &querypb.Field{Name: c.Name, OrgName: c.Name, Table: c.Source, OrgTable: c.Source, Database: c.DatabaseSource, Type: c.Type.Type(),
			Charset: mysql.CharacterSetBinary, ColumnLength: c.Type.MaxTextResponseByteLength(ctx), Flags: flagBinary}
		if types.IsText(c.Type) && !types.IsBinaryType(c.Type) || types.IsEnum(c.Type) || types.IsSet(c.Type) {
			f.Charset, f.Flags = charsetText, 0
		}
		if !c.Nullable {
			f.Flags |= flagNotNull
		}
		if types.IsUnsigned(c.Type) {
			f.Flags |= flagUnsigned
		}
		if d, ok := c.Type.(sql.DecimalType); ok && types.IsDecimal(c.Type) {
			f.Decimals = uint32(d.Scale())
		}
		if types.IsFloat(c.Type) {
			f.Decimals = 31
		}
		out[i] = f
	}
	return out
}

// The numbers of MySQL's column definitions.
const (
	charsetText  = 255
	flagNotNull  = 1
	flagUnsigned = 32
	flagBinary   = 128
)

// clientError gives the row engine's errors MySQL's codes and texts. A context's error stays itself.
func clientError(ctx context.Context, err error) error {
	var ours *sqlerr.Error
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &ours):
		return ours
	case sql.ErrDatabaseNotFound.Is(err):
		_, name, _ := strings.Cut(err.Error(), ": ")
		return sqlerr.UnknownDatabase.New("Unknown database '%s'", name).With(err)
	case sql.ErrTableNotFound.Is(err):
		_, name, _ := strings.Cut(err.Error(), ": ")
		return sqlerr.UnknownTable.New("Table '%s' doesn't exist", name).With(err)
	case sql.ErrColumnNotFound.Is(err), sql.ErrTableColumnNotFound.Is(err):
		_, name, _ := strings.Cut(err.Error(), `"`)
		name, _, _ = strings.Cut(name, `"`)
		return sqlerr.UnknownColumn.New("Unknown column '%s' in 'field list'", name).With(err)
	case sql.ErrAmbiguousColumnName.Is(err):
		return sqlerr.AmbiguousColumn.New("%s", err.Error())
	case sql.ErrNoDatabaseSelected.Is(err):
		return sqlerr.NoDatabase.New("No database selected")
	case sql.ErrUnsupportedFeature.Is(err), sql.ErrUnsupportedSyntax.Is(err):
		return sqlerr.Unsupported.New("This version of Weir doesn't yet support this statement: %s", err.Error())
	case sql.ErrReadOnly.Is(err):
		return sqlerr.ReadOnly.New("The MySQL server is running with the --read-only option so it cannot execute this statement")
	}
	cast := sql.CastSQLError(err)
	return &sqlerr.Error{Code: uint16(cast.Num), State: cast.State, Message: cast.Message}
}

// expression is a constant as the row engine's parser knows it.
func expression(l *rel.Lit) (sqlparser.Expr, error) {
	if l == nil || l.Value == nil {
		return &sqlparser.NullVal{}, nil
	}
	switch v := l.Value.(type) {
	case string:
		return sqlparser.NewStrVal([]byte(v)), nil
	case []byte:
		return sqlparser.NewStrVal(v), nil
	case int64, uint64:
		return sqlparser.NewIntVal(fmt.Appendf(nil, "%d", v)), nil
	case float64:
		return sqlparser.NewFloatVal(fmt.Appendf(nil, "%g", v)), nil
	case rel.DecimalText:
		return sqlparser.NewFloatVal([]byte(v)), nil
	case rel.DateValue:
		return sqlparser.NewStrVal([]byte(time.Unix(int64(v)*86400, 0).UTC().Format("2006-01-02"))), nil
	case rel.DateTimeValue:
		return sqlparser.NewStrVal([]byte(time.UnixMicro(int64(v)).UTC().Format("2006-01-02 15:04:05.000000"))), nil
	}
	return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support a parameter of type '%s' in a statement over information_schema", l.T)
}
