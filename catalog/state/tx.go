package state

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
)

// Tx is one transaction. Used by one goroutine, and not after its function has returned. Arguments are written ? in the text, which has
// no other question marks.
type Tx struct {
	ctx      context.Context
	tx       *sql.Tx
	numbered bool // arguments are written $1
}

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(text string, args ...any) error {
	if _, err := t.tx.ExecContext(t.ctx, t.text(text), args...); err != nil {
		return unavailable(err)
	}
	return nil
}

// Query calls row for each row of an answer.
func (t *Tx) Query(row func(scan func(...any) error) error, text string, args ...any) error {
	rows, err := t.tx.QueryContext(t.ctx, t.text(text), args...)
	if err != nil {
		return unavailable(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// Version is a topic's version; 0 before its first change.
func (t *Tx) Version(topic string) (int64, error) {
	var v int64
	err := t.tx.QueryRowContext(t.ctx, t.text("SELECT version FROM weir_versions WHERE topic = ?"), topic).Scan(&v)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, unavailable(err)
	}
	return v, nil
}

// text writes the arguments as the system wants them.
func (t *Tx) text(s string) string {
	if !t.numbered {
		return s
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(s, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}
