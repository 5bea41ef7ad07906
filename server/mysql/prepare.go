package mysql

import (
	"context"
	"strings"

	"github.com/dolthub/vitess/go/mysql"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// maxPrepared bounds the prepared statements of one connection.
const maxPrepared = 16382

// prepared is a prepared statement of either kind.
type prepared struct {
	text   string
	stmt   sqlparser.Statement
	params int
	ansi   bool // double quotes enclosed names when it was parsed
}

// prepare parses a statement with parameters.
func (c *conn) prepare(ctx context.Context, text string) (*prepared, error) {
	options := c.parserOptions()
	stmt, err := parse(ctx, text, options)
	if err != nil {
		return nil, err
	}
	switch stmt.(type) {
	case *sqlparser.Prepare, *sqlparser.Execute, *sqlparser.Deallocate:
		return nil, mysql.NewSQLError(1295, mysql.SSUnknownSQLState, "This command is not supported in the prepared statement protocol yet")
	}
	if classify(stmt, c.Database()) == refusedWrite {
		return nil, errReadOnly
	}
	return &prepared{text: text, stmt: stmt, params: countParams(stmt), ansi: options.AnsiQuotes}, nil
}

// countParams counts the question marks of a statement.
func countParams(stmt sqlparser.Statement) int {
	n := 0
	_ = bind.Walk(func(node sqlparser.SQLNode) (bool, error) {
		if v, ok := node.(*sqlparser.SQLVal); ok && v.Type == sqlparser.ValArg {
			n++
		}
		return true, nil
	}, stmt)
	return n
}

// describe returns a prepared statement's columns; none where they aren't known before it runs.
func (c *conn) describe(ctx context.Context, p *prepared) ([]*querypb.Field, error) {
	args := make([]*rel.Lit, p.params)
	switch classify(p.stmt, c.Database()) {
	case toEngine:
		columns, err := c.s.cfg.Engine.Describe(ctx, c, Statement{Text: p.text, AST: p.stmt, Args: args, Principal: c.Principal()})
		if err != nil {
			return nil, err
		}
		return fields(columns), nil
	case toCatalog:
		stmt, err := parse(ctx, p.text, c.parserOptions()) // the row engine uses it up
		if err != nil {
			return nil, err
		}
		return c.s.gms.Describe(ctx, c.catalogSession(), gms.Statement{AST: stmt, Text: p.text, Args: args})
	case refusedMixed:
		return nil, errMixed
	}
	return nil, nil
}

// prepareText answers PREPARE name FROM 'text' or FROM @variable.
func (c *conn) prepareText(ctx context.Context, stmt *sqlparser.Prepare) error {
	text := stmt.Expr
	if name, ok := strings.CutPrefix(text, "@"); ok {
		v, isText := c.UserVariable(name).Value.(string)
		if !isText {
			v = "NULL" // what MySQL then reports as a syntax error near NULL
		}
		text = v
	}
	name := strings.ToLower(stmt.Name)
	c.mu.Lock()
	delete(c.prepared, name) // also if the new one is wrong
	full := len(c.prepared)+len(c.stmts) >= maxPrepared
	c.mu.Unlock()
	if full {
		return mysql.NewSQLError(1461, "42000", "Can't create more than max_prepared_stmt_count statements (current value: %d)", maxPrepared)
	}
	p, err := c.prepare(ctx, text)
	if err != nil {
		return err
	}
	c.mu.Lock()
	c.prepared[name] = p
	c.mu.Unlock()
	return nil
}

// executeText answers EXECUTE name USING @a, @b.
func (st *statement) executeText(stmt *sqlparser.Execute, send sink) error {
	c := st.c
	c.mu.Lock()
	p := c.prepared[strings.ToLower(stmt.Name)]
	c.mu.Unlock()
	if p == nil {
		return sqlerr.Kind{Code: errNotHandled.Code, State: errNotHandled.State}.New("Unknown prepared statement handler (%s) given to EXECUTE", clip(stmt.Name, 64))
	}
	if len(stmt.VarList) != p.params {
		return mysql.NewSQLError(1210, mysql.SSUnknownSQLState, "Incorrect arguments to EXECUTE")
	}
	args := make([]*rel.Lit, p.params)
	for i, v := range stmt.VarList {
		if l := c.UserVariable(strings.TrimPrefix(strings.TrimSpace(v), "@")); l.Value != nil {
			args[i] = l
		}
	}
	st.text, st.again, st.shown, st.ansi = p.text, true, nil, p.ansi
	return st.run(p.stmt, args, false, send)
}

// deallocate answers DEALLOCATE PREPARE.
func (c *conn) deallocate(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := strings.ToLower(name)
	if c.prepared[key] == nil {
		return sqlerr.Kind{Code: errNotHandled.Code, State: errNotHandled.State}.New("Unknown prepared statement handler (%s) given to DEALLOCATE PREPARE", clip(name, 64))
	}
	delete(c.prepared, key)
	return nil
}
