package dialect

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"weir/engine/rel"
)

// jsonTable prints JSON_TABLE for the embedded engine, the only one that runs it: the rows that the path gives come as one text, which
// is split and unnested; each column's value is found and checked in Go, then cast.
func (p *printer) jsonTable(n *rel.JSONTable) *block {
	if p.d.Name != "duckdb" {
		p.fail(errors.New("JSON_TABLE has no form"))
		return &block{}
	}
	rows, values, alias := p.alias(), p.alias(), p.alias()
	doc := p.write(func(w *Writer) { duckAs(w, n.Doc, rel.TextType) })
	var found, items []string
	for i, c := range n.Cols {
		v := "v" + strconv.Itoa(i)
		switch {
		case c.Ordinality:
			found = append(found, rows+".n AS "+v)
			items = append(items, fmt.Sprintf("CAST(%s.%s AS %s)", values, v, duckType(c.T)))
		case c.Exists:
			found = append(found, fmt.Sprintf("weir_json_exists(%s.r, %s) AS %s", rows, duckString(c.Path), v))
			items = append(items, fmt.Sprintf("CAST(%s.%s AS %s)", values, v, duckType(c.T)))
		default:
			class, size, scale := jsonColumnClass(c.T)
			found = append(found, fmt.Sprintf("weir_json_column(%s.r, %s, '%s', %d, %d) AS %s", rows, duckString(c.Path), class, size, scale, v))
			items = append(items, p.jsonColumn(values+"."+v, c))
		}
		items[i] += " AS " + ColumnName(c.ID)
	}
	for _, c := range n.Cols {
		p.env[c.ID] = entry{text: alias + "." + ColumnName(c.ID), simple: true, col: c.Column}
	}
	from := fmt.Sprintf("(SELECT %s FROM (SELECT %s FROM (SELECT unnest(l) AS r, generate_subscripts(l, 1) AS n FROM (SELECT string_split(weir_json_rows(%s, %s), chr(31)) AS l)) AS %s) AS %s) AS %s",
		strings.Join(items, ", "), strings.Join(found, ", "), doc, duckString(n.Path), rows, values, alias)
	return &block{from: from, cols: n.Columns()}
}

// jsonColumn writes a column's value, given what weir_json_column found: a text, NULL, or a mark for nothing or for what does not fit.
func (p *printer) jsonColumn(found string, c rel.JSONTableColumn) string {
	const id = rel.ColumnID(-1) // names what was found while its cast is written
	p.env[id] = entry{text: "CASE WHEN starts_with(" + found + ", chr(1)) THEN substring(" + found + ", 2) ELSE " + found + " END"}
	if c.T.Class() == rel.ClassJSON {
		p.env[id] = entry{text: found}
	}
	value := p.exprText(&rel.Call{Op: rel.OpCast, T: c.T, Args: []rel.Expr{&rel.Col{ID: id, T: rel.TextType}}})
	delete(p.env, id)
	instead := func(d rel.JSONTableDefault, problem string) string {
		switch {
		case d.Error:
			return "error('weir:" + problem + "')"
		case d.Value == nil:
			return "NULL"
		}
		return p.write(func(w *Writer) { duckAs(w, d.Value, c.T) })
	}
	return fmt.Sprintf("CAST(CASE %s WHEN chr(1) || 'E' THEN %s WHEN chr(1) || 'R' THEN %s ELSE %s END AS %s)", found,
		instead(c.OnEmpty, "3665:missing value for a JSON_TABLE column"), instead(c.OnError, "3156:invalid JSON value for a JSON_TABLE column"), value, duckType(c.T))
}

// jsonColumnClass tells weir_json_column what fits a column.
func jsonColumnClass(t rel.Type) (class string, size, scale int) {
	switch t.Class() {
	case rel.ClassInt:
		bits := map[rel.Kind]int{rel.TinyInt: 8, rel.SmallInt: 16, rel.MediumInt: 24, rel.Int: 32, rel.Year: 16}[t.Kind]
		if bits == 0 {
			bits = 64
		}
		if !t.Unsigned && t.Kind != rel.Bit {
			bits = -bits
		}
		return strconv.Itoa(bits), 0, 0
	case rel.ClassDecimal:
		return "decimal", t.Precision, t.Scale
	case rel.ClassDouble:
		return "double", 0, 0
	case rel.ClassDate:
		return "date", 0, 0
	case rel.ClassDateTime:
		return "datetime", 0, 0
	case rel.ClassTime:
		return "time", 0, 0
	case rel.ClassJSON:
		return "json", 0, 0
	}
	return "text", t.Length, 0
}
