package main

import (
	"bufio"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// formats print a result while it arrives.
var formats = map[string]func(io.Writer, *sql.Rows) error{"table": printTable, "csv": printCSV, "json": printJSON, "plain": printPlain}

// result reads rows as the texts that the server sent; a nil element is NULL.
type result struct {
	rows  *sql.Rows
	names []string
	types []string // MySQL's, such as DECIMAL
	cells []sql.RawBytes
	into  []any
}

func newResult(rows *sql.Rows) (*result, error) {
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	r := &result{rows: rows, cells: make([]sql.RawBytes, len(types)), into: make([]any, len(types))}
	for i, t := range types {
		r.names = append(r.names, t.Name())
		r.types = append(r.types, t.DatabaseTypeName())
		r.into[i] = &r.cells[i]
	}
	return r, nil
}

// each visits the rows; the cells are good until the next one.
func (r *result) each(visit func(cells []sql.RawBytes) error) error {
	for r.rows.Next() {
		if err := r.rows.Scan(r.into...); err != nil {
			return err
		}
		if err := visit(r.cells); err != nil {
			return err
		}
	}
	return r.rows.Err()
}

// widthRows is how many rows decide a table's column widths; later ones may stick out.
const widthRows = 500

func printTable(out io.Writer, rows *sql.Rows) error {
	r, err := newResult(rows)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	widths := make([]int, len(r.names))
	for i, n := range r.names {
		widths[i] = utf8.RuneCountInString(printable(n))
	}
	var first [][]string
	line := func(cells []string) {
		for i, c := range cells {
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(c)))
			if isNumber(r.types[i]) {
				fmt.Fprintf(w, "| %s%s ", pad, c)
			} else {
				fmt.Fprintf(w, "| %s%s ", c, pad)
			}
		}
		fmt.Fprintln(w, "|")
	}
	rule := func() {
		for _, n := range widths {
			fmt.Fprint(w, "+", strings.Repeat("-", n+2))
		}
		fmt.Fprintln(w, "+")
	}
	started := false
	start := func() {
		started = true
		rule()
		head := make([]string, len(r.names))
		for i, n := range r.names {
			head[i] = printable(n)
		}
		line(head)
		rule()
		for _, cells := range first {
			line(cells)
		}
		first = nil
	}
	n := 0
	err = r.each(func(raw []sql.RawBytes) error {
		n++
		cells := make([]string, len(raw))
		for i, c := range raw {
			cells[i] = r.text(i, c)
		}
		if started {
			line(cells)
			return nil
		}
		for i, c := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
		if first = append(first, cells); len(first) == widthRows {
			start()
		}
		return nil
	})
	if err == nil {
		if !started {
			start()
		}
		rule()
		fmt.Fprintln(w, count(n, "row"))
	}
	if flush := w.Flush(); err == nil {
		err = flush
	}
	return err
}

// text is a cell for people.
func (r *result) text(i int, c sql.RawBytes) string {
	switch {
	case c == nil:
		return "NULL"
	case isBinary(r.types[i]):
		return fmt.Sprintf("0x%X", []byte(c))
	}
	return printable(string(c))
}

// printable writes control characters, which could reprogram a terminal, as escapes.
func printable(s string) string {
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if unicode.IsControl(c) {
			b.WriteString(strings.Trim(fmt.Sprintf("%q", c), "'"))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// printCSV writes a header and then the rows; NULL is an empty cell, binary is base64.
func printCSV(out io.Writer, rows *sql.Rows) error {
	r, err := newResult(rows)
	if err != nil {
		return err
	}
	w := csv.NewWriter(out)
	if err := w.Write(r.names); err != nil {
		return err
	}
	record := make([]string, len(r.names))
	err = r.each(func(cells []sql.RawBytes) error {
		for i, c := range cells {
			record[i] = string(c)
			if isBinary(r.types[i]) {
				record[i] = base64.StdEncoding.EncodeToString(c)
			}
		}
		return w.Write(record)
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return err
}

// printJSON writes an object a row, its keys in the order of the columns. Numbers are written as they came, with all their digits;
// binary is base64; a JSON column is embedded.
func printJSON(out io.Writer, rows *sql.Rows) error {
	r, err := newResult(rows)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	keys := make([]string, len(r.names))
	for i, n := range r.names {
		key, err := json.Marshal(n)
		if err != nil {
			return err
		}
		keys[i] = string(key)
	}
	err = r.each(func(cells []sql.RawBytes) error {
		for i, c := range cells {
			sep := ", "
			if i == 0 {
				sep = "{"
			}
			value, err := r.json(i, c)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "%s%s: %s", sep, keys[i], value)
		}
		_, err := fmt.Fprintln(w, "}")
		return err
	})
	if flush := w.Flush(); err == nil {
		err = flush
	}
	return err
}

func (r *result) json(i int, c sql.RawBytes) ([]byte, error) {
	switch {
	case c == nil:
		return []byte("null"), nil
	case isNumber(r.types[i]) && json.Valid(c), r.types[i] == "JSON" && json.Valid(c):
		return c, nil
	case isBinary(r.types[i]):
		return json.Marshal([]byte(c))
	}
	return json.Marshal(string(c))
}

// printPlain writes the values of a result of one column as they are, for texts such as a plan; others as a table.
func printPlain(out io.Writer, rows *sql.Rows) error {
	if names, err := rows.Columns(); err != nil || len(names) != 1 {
		return printTable(out, rows)
	}
	r, err := newResult(rows)
	if err != nil {
		return err
	}
	return r.each(func(cells []sql.RawBytes) error {
		_, err := fmt.Fprintln(out, string(cells[0]))
		return err
	})
}

func isNumber(t string) bool {
	switch strings.TrimPrefix(t, "UNSIGNED ") {
	case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "DECIMAL", "FLOAT", "DOUBLE", "YEAR":
		return true
	}
	return false
}

func isBinary(t string) bool {
	switch t {
	case "BINARY", "VARBINARY", "TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB", "BIT", "GEOMETRY":
		return true
	}
	return false
}
