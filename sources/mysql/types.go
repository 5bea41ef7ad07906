package mysql

import (
	"strconv"
	"strings"

	"weir/engine/rel"
)

// columnType maps a column's type, as information_schema.COLUMNS has it, to Weir's. note is set for a type that has no counterpart
// and arrives as text; it is appended to the column's comment.
func columnType(dataType, columnType, collation string, notNull, json bool) (t rel.Type, note string) {
	native := strings.ToLower(columnType)
	t = rel.Type{Native: native, Collation: collation, NotNull: notNull}
	t.Unsigned = strings.Contains(native, "unsigned")
	n, scale := parenthesised(native)
	switch name := strings.ToLower(dataType); name {
	case "tinyint":
		t.Kind = rel.TinyInt
	case "smallint":
		t.Kind = rel.SmallInt
	case "mediumint":
		t.Kind = rel.MediumInt
	case "int", "integer":
		t.Kind = rel.Int
	case "bigint":
		t.Kind = rel.BigInt
	case "float", "double", "real":
		t.Kind, t.Scale, t.Unsigned = rel.Double, -1, false
		if name == "float" {
			t.Kind = rel.Float
		}
		if strings.Contains(native, ",") {
			t.Scale = scale
		}
	case "decimal", "numeric":
		t.Kind, t.Precision, t.Scale, t.Unsigned = rel.Decimal, n, scale, false
	case "bit":
		t.Kind, t.Length = rel.Bit, n
		t.Unsigned = true
	case "year":
		t.Kind, t.Unsigned = rel.Year, false
	case "date", "datetime", "timestamp":
		// 0000-00-00 and other dates that are none arrive as NULL, also from columns that are NOT NULL there.
		t.Kind = map[string]rel.Kind{"date": rel.Date, "datetime": rel.DateTime, "timestamp": rel.Timestamp}[name]
		t.Scale, t.NotNull = n, false
	case "time":
		t.Kind, t.Scale = rel.Time, n
	case "char":
		t.Kind, t.Length = rel.Char, n
	case "varchar":
		t.Kind, t.Length = rel.VarChar, n
	case "tinytext", "text", "mediumtext", "longtext":
		t.Kind = rel.Text
		if json {
			t.Kind, t.Native = rel.JSON, "json"
		}
	case "json":
		t.Kind, t.Collation = rel.JSON, ""
	case "binary":
		t.Kind, t.Length = rel.Binary, n
	case "varbinary":
		t.Kind, t.Length = rel.VarBinary, n
	case "tinyblob", "blob", "mediumblob", "longblob":
		t.Kind = rel.Blob
	case "enum":
		t.Kind = rel.Enum
	case "set":
		t.Kind = rel.Set
	case "uuid":
		t.Kind, t.Length = rel.Char, 36
	case "inet6":
		t.Kind, t.Length = rel.VarChar, 39
	case "inet4":
		t.Kind, t.Length = rel.VarChar, 15
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		t.Kind, t.Collation = rel.Text, ""
		note = "a " + name + ", shown as well-known text"
	case "vector":
		t.Kind, t.Collation, t.Native = rel.Text, "", "vector"
		note = "a vector, shown as text"
	default:
		t.Kind = rel.Text
		note = "of type " + name + ", shown as text"
	}
	if t.Class() != rel.ClassText && t.Class() != rel.ClassJSON {
		t.Collation = ""
	}
	return t, note
}

// parenthesised reads the numbers of a type such as decimal(10,2).
func parenthesised(native string) (n, scale int) {
	_, rest, ok := strings.Cut(native, "(")
	if !ok {
		return 0, 0
	}
	rest, _, _ = strings.Cut(rest, ")")
	first, second, _ := strings.Cut(rest, ",")
	n, _ = strconv.Atoi(strings.TrimSpace(first))
	scale, _ = strconv.Atoi(strings.TrimSpace(second))
	return n, scale
}
