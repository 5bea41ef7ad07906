package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/catalog"
	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/policy"
	"weir/sources"
)

// longest is how much of a value is looked at.
const longest = 2000

// sample reads some rows of a table and returns the values of the columns that a check could say something about, by column, NULLs and empty texts left out.
func (r *tagRun) sample(ctx context.Context, lease *catalog.Lease, t *catalog.Table) (map[string][]string, error) {
	if r.rows == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	src, err := lease.Source(t.Database)
	if err != nil {
		return nil, err
	}
	d, err := src.Dialect(ctx)
	if err != nil {
		return nil, err
	}
	scan := policy.Scan(t.Database, &t.Def, &rel.IDs{}).(*rel.Scan)
	p := &rel.Project{Input: scan}
	for _, c := range scan.Columns() {
		if telling(c.T) {
			p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: &rel.Col{ID: c.ID, Name: c.Name, T: c.T}})
		}
	}
	if len(p.Cols) == 0 {
		return nil, nil
	}
	columns := p.Columns()
	text, err := dialect.Print(d, &rel.Limit{Input: p, Count: int64(r.rows)}, columns, dialect.Options{})
	if err != nil {
		return nil, err
	}
	rows, err := src.Query(ctx, sources.Query{SQL: text.SQL, Columns: columns, Reads: []*rel.Table{scan.Table}})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	values := map[string][]string{}
	for {
		batch, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		for i, c := range columns {
			a := batch.Column(i)
			for row := range a.Len() {
				if v := valueText(a, row); v != "" {
					values[c.Name] = append(values[c.Name], v)
				}
			}
		}
		batch.Release()
	}
}

// telling reports whether the values of a type may tell what they are: texts, and numbers as long as those of cards.
func telling(t rel.Type) bool {
	switch t.Class() {
	case rel.ClassText, rel.ClassBinary, rel.ClassJSON:
		return true
	case rel.ClassInt:
		return t.Kind == rel.BigInt
	case rel.ClassDecimal:
		return t.Scale == 0
	}
	return false
}

// valueText is a value as text, cut where it is long; empty for NULL and for bytes that are no text.
func valueText(a interface {
	IsNull(int) bool
	ValueStr(int) string
}, row int) string {
	if a.IsNull(row) {
		return ""
	}
	var v string
	switch a := a.(type) {
	case *array.String:
		v = a.Value(row)
	case *array.Binary:
		v = string(a.Value(row))
	default:
		v = a.ValueStr(row)
	}
	v = v[:min(len(v), longest)]
	if !utf8.ValidString(v) {
		v = strings.ToValidUTF8(v, "")
	}
	return strings.Clone(v) // the batch's memory is given back
}
