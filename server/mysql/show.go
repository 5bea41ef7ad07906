package mysql

import (
	"strings"

	"github.com/dolthub/vitess/go/mysql"
	"github.com/dolthub/vitess/go/sqltypes"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
	"github.com/dolthub/vitess/go/vt/sqlparser"
)

// table makes an empty result from names and types in turn.
func table(columns ...any) *sqltypes.Result {
	r := &sqltypes.Result{}
	for i := 0; i < len(columns); i += 2 {
		f := &querypb.Field{Name: columns[i].(string), Type: columns[i+1].(querypb.Type), Charset: mysql.CharacterSetBinary, ColumnLength: 21, Flags: flagBinary | flagNum}
		if sqltypes.IsQuoted(f.Type) {
			f.Charset, f.ColumnLength, f.Flags = charsetText, 1024, 0
		}
		r.Fields = append(r.Fields, f)
	}
	return r
}

func text(s string) sqltypes.Value { return sqltypes.MakeTrusted(sqltypes.VarChar, []byte(s)) }

func textOrNull(s string) sqltypes.Value {
	if s == "" {
		return sqltypes.NULL
	}
	return text(s)
}

// showWarnings answers SHOW [COUNT(*)] WARNINGS and SHOW ERRORS.
func (c *conn) showWarnings(stmt *sqlparser.Show) *sqltypes.Result {
	errorsOnly := strings.EqualFold(stmt.Type, "errors")
	if stmt.CountStar {
		n := c.warningCount()
		name := "@@session.warning_count"
		if errorsOnly {
			n, name = 0, "@@session.error_count"
		}
		r := table(name, sqltypes.Int64)
		r.Rows = [][]sqltypes.Value{{sqltypes.NewInt64(int64(n))}}
		return r
	}
	r := table("Level", sqltypes.VarChar, "Code", sqltypes.Int32, "Message", sqltypes.VarChar)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.warnings {
		if errorsOnly && w.Level != "Error" {
			continue
		}
		r.Rows = append(r.Rows, []sqltypes.Value{text(w.Level), sqltypes.NewInt32(int32(w.Code)), text(w.Message)})
	}
	return r
}
