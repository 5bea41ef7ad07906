package mysql

import (
	"context"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/gms"
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// set answers SET. As in MySQL, either all assignments are made or none: values are computed first.
func (c *conn) set(ctx context.Context, stmt *sqlparser.Set) error {
	var apply []func() error
	for _, e := range stmt.Exprs {
		name := strings.ToLower(e.Name.Name.String())
		switch {
		case e.Scope == sqlparser.SetScope_User:
			v, err := c.evaluate(ctx, e.Expr)
			if err != nil {
				return err
			}
			apply = append(apply, func() error { c.setUserVariable(name, v); return nil })
		case name == sqlparser.TransactionStr && isText(e.Expr):
			// SET TRANSACTION: there are none, so that any isolation level holds.
		case name == "names" || name == "charset":
			v, err := c.value(ctx, e.Expr)
			if err != nil {
				return err
			}
			apply = append(apply, func() error { return c.setNames(v) })
		case name == "password":
			return errReadOnly
		case e.Scope == sqlparser.SetScope_Global || e.Scope == sqlparser.SetScope_Persist || e.Scope == sqlparser.SetScope_PersistOnly:
			return errDenied
		default:
			var v *rel.Lit
			if _, isDefault := e.Expr.(*sqlparser.Default); !isDefault {
				var err error
				if v, err = c.value(ctx, e.Expr); err != nil {
					return err
				}
			}
			apply = append(apply, func() error { return c.setVariable(name, v) })
		}
	}
	for _, f := range apply {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func isText(e sqlparser.Expr) bool {
	v, ok := e.(*sqlparser.SQLVal)
	return ok && v.Type == sqlparser.StrVal
}

// setVariable sets a session variable; nil means its default.
func (c *conn) setVariable(name string, v *rel.Lit) error {
	known, ours := systemVariables[name]
	if !ours {
		if _, ok := gms.SystemVariable(name); !ok {
			return mysql.NewSQLError(mysql.ERUnknownSystemVariable, mysql.SSUnknownSQLState, "Unknown system variable '%s'", clip(name, 64))
		}
		known = &variable{kind: kindText}
	}
	if known.readOnly {
		return mysql.NewSQLError(1238, mysql.SSUnknownSQLState, "Variable '%s' is a read only variable", name)
	}
	if v == nil {
		if known.set != nil {
			if _, err := known.set(c, literal(known.kind, known.value)); err != nil {
				return err
			}
		}
		c.mu.Lock()
		delete(c.variables, name)
		c.mu.Unlock()
		return nil
	}
	var err error
	if ours {
		if v, err = coerce(name, known, v); err != nil {
			return err
		}
	}
	if known.set != nil {
		if v, err = known.set(c, v); err != nil {
			return err
		}
	}
	c.mu.Lock()
	c.variables[name] = v
	c.mu.Unlock()
	return nil
}

// coerce brings a value to the variable's type.
func coerce(name string, known *variable, v *rel.Lit) (*rel.Lit, error) {
	wrongType := mysql.NewSQLError(1232, "42000", "Incorrect argument type to variable '%s'", name)
	switch known.kind {
	case kindInt:
		switch n := v.Value.(type) {
		case int64, uint64:
			return v, nil
		case rel.DecimalText, float64, string:
			_ = n
			return nil, wrongType
		}
		return nil, wrongType
	case kindBool:
		switch n := v.Value.(type) {
		case int64:
			if n == 0 || n == 1 {
				return v, nil
			}
		case string:
			switch strings.ToUpper(n) {
			case "ON", "TRUE":
				return literal(kindBool, int64(1)), nil
			case "OFF", "FALSE":
				return literal(kindBool, int64(0)), nil
			}
		}
		return nil, mysql.NewSQLError(1231, "42000", "Variable '%s' can't be set to this value", name)
	}
	switch n := v.Value.(type) {
	case nil, string:
		return v, nil
	case int64:
		return textLiteral(strconv.FormatInt(n, 10)), nil
	}
	return nil, wrongType
}

// setNames answers SET NAMES and SET CHARACTER SET. Weir speaks UTF-8 only; what is a part of it is taken too.
func (c *conn) setNames(v *rel.Lit) error {
	name, _ := v.Value.(string)
	switch strings.ToLower(name) {
	case "utf8mb4", "utf8", "utf8mb3", "ascii", "binary", "default", "latin1":
	default:
		return mysql.NewSQLError(mysql.ERUnknownCharacterSet, "42000", "Unknown character set: '%s'", clip(name, 32))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, variable := range []string{"character_set_client", "character_set_connection", "character_set_results"} {
		if strings.EqualFold(name, "default") {
			delete(c.variables, variable)
		} else {
			c.variables[variable] = textLiteral(strings.ToLower(name))
		}
	}
	return nil
}

// setMode keeps a sql_mode; the parser looks at ANSI_QUOTES and PIPES_AS_CONCAT in it.
func setMode(_ *conn, v *rel.Lit) (*rel.Lit, error) {
	mode, _ := v.Value.(string)
	return textLiteral(strings.ToUpper(strings.ReplaceAll(mode, " ", ""))), nil
}

func setAutocommit(c *conn, v *rel.Lit) (*rel.Lit, error) {
	if v.Value == int64(0) {
		c.wc.StatusFlags &^= uint16(mysql.ServerStatusAutocommit)
	} else {
		c.wc.StatusFlags |= mysql.ServerStatusAutocommit
	}
	return v, nil
}

func setWriteTimeout(c *conn, v *rel.Lit) (*rel.Lit, error) { return v, c.setTimeout(v, false) }

func setIdleTimeout(c *conn, v *rel.Lit) (*rel.Lit, error) { return v, c.setTimeout(v, true) }

func (c *conn) setTimeout(v *rel.Lit, idle bool) error {
	seconds, ok := v.Value.(int64)
	if !ok || seconds < 1 {
		seconds = 1
	}
	d := time.Duration(min(seconds, 31536000)) * time.Second
	switch {
	case idle:
		c.socket.idle.Store(int64(d))
	default:
		c.socket.write.Store(int64(d))
	}
	return nil
}

func setTimeZone(c *conn, v *rel.Lit) (*rel.Lit, error) {
	name, _ := v.Value.(string)
	zone, err := timeZone(name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.zone = zone
	c.mu.Unlock()
	return v, nil
}

// timeZone reads a time_zone value: SYSTEM, an offset such as +05:30, or a name of the tz database.
func timeZone(name string) (*time.Location, error) {
	unknown := sqlerr.Kind{Code: 1298, State: "HY000"}.New("Unknown or incorrect time zone: '%s'", clip(name, 64))
	if strings.EqualFold(name, "SYSTEM") {
		return time.UTC, nil // the server's zone is UTC whatever the machine's is: see system_time_zone
	}
	if name != "" && (name[0] == '+' || name[0] == '-') {
		hours, minutes, ok := strings.Cut(name[1:], ":")
		h, err1 := strconv.ParseUint(hours, 10, 8)
		m, err2 := strconv.ParseUint(minutes, 10, 8)
		offset := int(h)*3600 + int(m)*60
		if !ok || err1 != nil || err2 != nil || len(minutes) != 2 || m > 59 || offset > 14*3600 || name[0] == '-' && offset >= 14*3600 {
			return nil, unknown
		}
		if name[0] == '-' {
			offset = -offset
		}
		return time.FixedZone(name, offset), nil
	}
	if name == "" || strings.EqualFold(name, "Local") {
		return nil, unknown
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, unknown
	}
	return zone, nil
}

// value computes what a system variable is set to: as evaluate, except that a bare word is a text.
func (c *conn) value(ctx context.Context, e sqlparser.Expr) (*rel.Lit, error) {
	switch e := e.(type) {
	case *sqlparser.ColName:
		if e.Qualifier.IsEmpty() && !strings.HasPrefix(e.Name.String(), "@") {
			return textLiteral(e.Name.String()), nil
		}
	case *sqlparser.Default:
		return textLiteral("default"), nil
	}
	return c.evaluate(ctx, e)
}

// evaluate computes an expression; what isn't a plain constant or variable is a query for the engine.
func (c *conn) evaluate(ctx context.Context, e sqlparser.Expr) (*rel.Lit, error) {
	switch e := e.(type) {
	case *sqlparser.SQLVal:
		switch e.Type {
		case sqlparser.StrVal:
			return textLiteral(string(e.Val)), nil
		case sqlparser.IntVal:
			if n, err := strconv.ParseInt(string(e.Val), 10, 64); err == nil {
				return literal(kindInt, n), nil
			}
			if n, err := strconv.ParseUint(string(e.Val), 10, 64); err == nil {
				return literal(kindInt, n), nil
			}
		}
	case *sqlparser.NullVal:
		return &rel.Lit{T: rel.NullType}, nil
	case sqlparser.BoolVal:
		if e {
			return literal(kindBool, int64(1)), nil
		}
		return literal(kindBool, int64(0)), nil
	case *sqlparser.UnaryExpr:
		if v, ok := e.Expr.(*sqlparser.SQLVal); ok && e.Operator == sqlparser.UMinusStr && v.Type == sqlparser.IntVal {
			if n, err := strconv.ParseInt("-"+string(v.Val), 10, 64); err == nil {
				return literal(kindInt, n), nil
			}
		}
	}
	// The LIMIT keeps sql_select_limit away.
	stmt := &sqlparser.Select{SelectExprs: sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: e}}, Limit: &sqlparser.Limit{Rowcount: sqlparser.NewIntVal([]byte("1"))}}
	row, err := c.oneRow(ctx, stmt)
	if err != nil {
		return nil, err
	}
	if len(row) != 1 {
		return nil, fmt.Errorf("an assignment's expression gave %d columns", len(row))
	}
	return row[0], nil
}

// integer computes a connection number.
func (c *conn) integer(ctx context.Context, e sqlparser.Expr) (int64, error) {
	v, err := c.evaluate(ctx, e)
	if err != nil {
		return 0, err
	}
	switch n := v.Value.(type) {
	case int64:
		return n, nil
	case uint64:
		if n <= math.MaxInt64 {
			return int64(n), nil
		}
	case string:
		if n, err := strconv.ParseInt(n, 10, 64); err == nil {
			return n, nil
		}
	}
	return 0, sqlerr.WrongArguments.New("KILL needs a connection's number")
}

func portOf(a net.Addr) int {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.Port
	}
	return 0
}
