package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"weir/engine/rel"
)

// A column of a base table is not always what its type promises inside an expression:
//
//   - text compares by the column's collation, and may be in another character set; ENUM and SET are also numbers;
//   - DATE and DATETIME may hold 0000-00-00, 2024-00-10 or a 31st of February, which are no dates and NULL in Weir; in MariaDB adding
//     nothing to them gives NULL;
//   - BIT is a binary string where it is put out;
//   - FLOAT is printed with six digits;
//   - MariaDB's UUID and INET types are of their own kind.
//
// So every read of such a column is wrapped. That costs the use of an index; comparisons with constants and joins between
// columns are therefore written twice, see mysqlcompare.go.

// column writes a column inside an expression.
func (m *mysql) column(w *Writer, name string, c rel.Column) {
	switch c.T.Class() {
	case rel.ClassText:
		w.Raw("(", m.utf8(name, c.T), " COLLATE ", m.collation, ")")
	case rel.ClassDate, rel.ClassDateTime:
		if m.mariadb() {
			w.Raw("(", name, " + INTERVAL 0 DAY)")
		} else {
			w.Raw(mysqlDate(name))
		}
	case rel.ClassInt:
		if c.T.Kind == rel.Bit {
			w.Raw("CAST(", name, " AS UNSIGNED)")
			return
		}
		w.Raw(name)
	default:
		w.Raw(name)
	}
}

// mysqlDate is a stored date, or NULL if it is none, for MySQL: there a 31st of February plus nothing may be the 3rd of March. By the
// manual DAYOFMONTH is 0 for a date without a day, and LAST_DAY is NULL for one without a month.
func mysqlDate(name string) string {
	return "(CASE WHEN DAYOFMONTH(" + name + ") BETWEEN 1 AND DAYOFMONTH(LAST_DAY(" + name + ")) AND YEAR(" + name + ") > 0 THEN " + name + " END)"
}

// utf8 is a text column in the character set utf8mb4.
func (m *mysql) utf8(name string, t rel.Type) string {
	switch {
	case mysqlOwnKind(t):
		return "CAST(" + name + " AS CHAR)"
	case strings.HasPrefix(t.Collation, "utf8mb4_") && t.Kind != rel.Enum && t.Kind != rel.Set:
		return name
	default:
		return "CONVERT(" + name + " USING utf8mb4)"
	}
}

// mysqlOwnKind tells whether a text column is of a type of MariaDB that is no string there.
func mysqlOwnKind(t rel.Type) bool {
	switch strings.ToLower(t.Native) {
	case "uuid", "inet6", "inet4", "xmltype":
		return true
	}
	return false
}

// mysqlOpaque tells whether a column is of a type that Weir only puts out, as text.
func mysqlOpaque(t rel.Type) (text string, opaque bool) {
	native, _, _ := strings.Cut(strings.ToLower(t.Native), "(")
	switch native {
	case "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "geomcollection":
		return "ST_AsText", true
	case "vector":
		return "VECTOR_TO_STRING", true
	}
	return "", false
}

// output writes a column that is only put out.
func (m *mysql) output(w *Writer, name string, c rel.Column) {
	if f, opaque := mysqlOpaque(c.T); opaque {
		if f == "VECTOR_TO_STRING" && m.mariadb() {
			f = "VEC_ToText"
		}
		// In MySQL the text of a geometry is in the axis order of its reference system, as it is here in every tool.
		w.Raw(f, "(", name, ")")
		return
	}
	switch {
	case c.T.Kind == rel.Float || c.T.Kind == rel.Double && c.T.Scale >= 0:
		w.Raw("(", name, " + 0e0)")
	case c.T.Kind == rel.Bit:
		w.Raw("CAST(", name, " AS UNSIGNED)")
	case mysqlOwnKind(c.T):
		w.Raw("CAST(", name, " AS CHAR)")
	default:
		w.Raw(name)
	}
}

// result writes an expression as the reader wants it. The type of an expression over a FLOAT may be FLOAT, which is printed with six
// digits, or a DOUBLE with a fixed count of decimals. A quotient has more digits than are shown: they are rounded where it leaves the
// query block, so that a part of one must put them all out.
func (m *mysql) result(w *Writer, text string, t rel.Type) {
	switch {
	case t.Class() == rel.ClassDouble:
		w.Raw("(", text, " + 0e0)")
	default:
		m.match(w, text, t)
	}
}

// match writes a value with all the digits that it carries. Those beyond its scale don't count in MariaDB's comparisons (Arg_comparator::compare_decimal
// rounds both sides), and on neither system in a subquery's rows that are kept in a table.
func (m *mysql) match(w *Writer, text string, t rel.Type) {
	if t.Kind != rel.Decimal || t.Inner <= t.Scale {
		w.Raw(text)
		return
	}
	if t.Inner > m.maxScale() {
		w.Fail(fmt.Errorf("a decimal with %d fractional digits", t.Inner))
		return
	}
	w.Raw("CAST(", text, " AS DECIMAL(65,", strconv.Itoa(t.Inner), "))")
}

// maxScale is the largest count of fractional digits of a DECIMAL.
func (m *mysql) maxScale() int {
	if m.mariadb() {
		return 38
	}
	return 30
}

func (m *mysql) readType(t rel.Type) Verdict {
	if _, opaque := mysqlOpaque(t); opaque {
		return No("a " + t.Native + " is only put out, as text")
	}
	return Yes
}

func (m *mysql) sortType(t rel.Type) Verdict {
	if t.Class() == rel.ClassJSON {
		return No("JSON is ordered by the document's text or by its value, depending on the server")
	}
	return m.readType(t)
}

func (m *mysql) keyType(t rel.Type) Verdict {
	switch t.Class() {
	case rel.ClassJSON:
		return No("JSON is compared by the document's text or by its value, depending on the server")
	case rel.ClassDouble:
		return No("grouping of floating-point numbers differs between systems")
	}
	return m.readType(t)
}
