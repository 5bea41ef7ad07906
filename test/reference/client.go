package reference

import (
	"context"
	"database/sql"
	"errors"
	"math"

	"github.com/go-sql-driver/mysql"
)

// Client is one session over the wire. It is used by one goroutine at a time.
type Client struct {
	db   *sql.DB
	conn *sql.Conn
}

// ResultColumn is a column as the server describes it.
type ResultColumn struct {
	Name     string
	Type     string // MySQL's name in upper case, UNSIGNED included
	Decimals int    // of DECIMAL, TIME, DATETIME and TIMESTAMP, and of DOUBLE with a fixed scale; -1 where there are none
}

// Result is the answer to a statement: rows of texts, or an error. A nil value is NULL.
type Result struct {
	Columns []ResultColumn
	Rows    [][]*string
	Err     error
}

// Code is the MySQL error code of the result, 0 for success and -1 for an error that is none of the server's.
func (r *Result) Code() int {
	var e *mysql.MySQLError
	switch {
	case r.Err == nil:
		return 0
	case errors.As(r.Err, &e):
		return int(e.Number)
	}
	return -1
}

// Exec runs a statement that has no result.
func (c *Client) Exec(ctx context.Context, q string) error {
	_, err := c.conn.ExecContext(ctx, q)
	return err
}

// Query runs a statement: by the text protocol without arguments, as a prepared statement with some.
func (c *Client) Query(ctx context.Context, q string, args ...any) *Result {
	rows, err := c.conn.QueryContext(ctx, q, args...)
	if err != nil {
		return &Result{Err: err}
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return &Result{Err: err}
	}
	res := &Result{}
	for _, t := range types {
		col := ResultColumn{Name: t.Name(), Type: t.DatabaseTypeName(), Decimals: -1}
		if _, scale, ok := t.DecimalSize(); ok && scale != math.MaxInt64 {
			col.Decimals = int(scale)
		}
		res.Columns = append(res.Columns, col)
	}
	raw := make([]sql.RawBytes, len(types))
	into := make([]any, len(types))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return &Result{Err: err}
		}
		row := make([]*string, len(raw))
		for i, v := range raw {
			if v != nil {
				s := string(v)
				row[i] = &s
			}
		}
		res.Rows = append(res.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return &Result{Err: err}
	}
	return res
}

// Close ends the session.
func (c *Client) Close() error {
	c.conn.Close()
	return c.db.Close()
}
