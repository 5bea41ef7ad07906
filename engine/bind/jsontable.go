package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// jsonTable binds JSON_TABLE, which may read what stands to its left.
func (blk *block) jsonTable(t *sqlparser.JSONTableExpr, left *scope) *fromPart {
	alias := t.Alias.String()
	if alias == "" {
		fail(errDerivedAlias.New("Every table function must have an alias."))
	}
	x := &binding{b: blk.b, block: blk, scope: newScope(left, blk, nil), ctes: blk.ctes, clause: "a table function argument"}
	n := &rel.JSONTable{Doc: x.operand(rel.JSONOperand, x.value(t.Data), false), Path: t.Spec.Path}
	f := &fromPart{node: n, tables: []string{"." + alias}}
	rel.WalkCols(n.Doc, func(*rel.Col) { f.lateral = true })
	seen := map[string]bool{}
	for i, d := range t.Spec.Columns {
		if d.Spec != nil {
			unsupported("NESTED PATH in JSON_TABLE")
		}
		low := d.Name.Lowered()
		if seen[low] {
			fail(sqlerr.DuplicateColumn.New("Duplicate column name '%s'", d.Name.String()))
		}
		seen[low] = true
		c := rel.JSONTableColumn{Column: rel.Column{ID: blk.b.newID(), Name: d.Name.String()}, Path: d.Opts.Path, Exists: d.Opts.Exists}
		if bool(d.Type.Autoincrement) {
			c.Ordinality = true
			c.T = rel.Type{Kind: rel.Int, Unsigned: true, NotNull: true}
		} else {
			c.T = columnType(&d.Type)
			c.OnEmpty = x.jsonDefault(d.Opts.ErrorOnEmpty, d.Opts.ValOnEmpty, c.T)
			c.OnError = x.jsonDefault(d.Opts.ErrorOnError, d.Opts.ValOnError, c.T)
		}
		n.Cols = append(n.Cols, c)
		f.cols = append(f.cols, &scopeColumn{Column: c.Column, table: alias, ordinal: i})
	}
	return f
}

func (x *binding) jsonDefault(raise bool, e sqlparser.Expr, t rel.Type) rel.JSONTableDefault {
	d := rel.JSONTableDefault{Error: raise}
	if e != nil {
		l, ok := x.cast(x.value(e), t).(*rel.Lit)
		if !ok {
			unsupported("a DEFAULT in JSON_TABLE that isn't a constant of the column's type")
		}
		d.Value = l
	}
	return d
}

// columnType is the type of a column definition.
func columnType(c *sqlparser.ColumnType) rel.Type {
	length, has := smallInt(c.Length)
	scale, _ := smallInt(c.Scale)
	t := rel.Type{Unsigned: bool(c.Unsigned)}
	switch strings.ToLower(c.Type) {
	case "tinyint", "bool", "boolean":
		t.Kind = rel.TinyInt
	case "smallint":
		t.Kind = rel.SmallInt
	case "mediumint":
		t.Kind = rel.MediumInt
	case "int", "integer":
		t.Kind = rel.Int
	case "bigint":
		t.Kind = rel.BigInt
	case "decimal", "numeric", "dec":
		if !has {
			length = 10
		}
		return rel.DecimalType(length, scale)
	case "float":
		return rel.Type{Kind: rel.Float, Scale: -1}
	case "double", "real", "double precision":
		return rel.DoubleType
	case "date":
		return rel.DateType
	case "time":
		return rel.Type{Kind: rel.Time, Scale: fraction(length)}
	case "datetime", "timestamp":
		return rel.Type{Kind: rel.DateTime, Scale: fraction(length)}
	case "year":
		return rel.Type{Kind: rel.Year}
	case "char", "varchar":
		if !has {
			length = 1
		}
		return rel.VarCharType(length)
	case "text", "tinytext", "mediumtext", "longtext":
		return rel.TextType
	case "json":
		return rel.JSONType
	default:
		unsupported("the type %s in JSON_TABLE", strings.ToUpper(c.Type))
	}
	return t
}
