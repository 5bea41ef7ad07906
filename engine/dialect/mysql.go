package dialect

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"weir/engine/rel"
)

// MySQLFlavor tells MySQL from MariaDB.
type MySQLFlavor uint8

// The flavors.
const (
	MySQL8 MySQLFlavor = iota
	MariaDB
)

// MySQLVersion is the version of a MySQL or MariaDB server.
type MySQLVersion [3]int

// Before reports whether v is older than o.
func (v MySQLVersion) Before(o MySQLVersion) bool {
	for i := range v {
		if v[i] != o[i] {
			return v[i] < o[i]
		}
	}
	return false
}

// String is the version with dots.
func (v MySQLVersion) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// MySQLCollation is the collation that compares as Weir does: by code point, without padding. It is the collation of the session's
// connection, and so that of literals and of numbers turned into text.
func MySQLCollation(flavor MySQLFlavor, _ MySQLVersion) string {
	if flavor == MariaDB {
		return "utf8mb4_nopad_bin"
	}
	return "utf8mb4_0900_bin" // since 8.0.17, the oldest version that is read
}

// MySQL is the dialect of MySQL (8.0.17 or newer) and MariaDB (10.6 or newer). It relies on the session settings of the source
// kind mysql: sql_mode, time zone, collation and so on.
//
// Since Weir's semantics are MySQL's, an operator means here what it means there, once each column read in an expression has
// Weir's collation and holds what its type promises (see mysqlcolumn.go). What is not listed is where MariaDB parts from MySQL.
func MySQL(flavor MySQLFlavor, version MySQLVersion) *Dialect {
	m := &mysql{flavor: flavor, version: version, collation: MySQLCollation(flavor, version)}
	d := &Dialect{
		Name:      "mysql",
		LoopJoins: true,
		Ident:     mysqlIdent,
		Table:     mysqlTable,
		Column:    m.column,
		Output:    m.output,
		Result:    m.result,
		Match:     m.match,
		Literal:   m.literal,
		SortKey:   m.sortKey,
		Limit:     mysqlLimit,
		Forms:     map[rel.Op]Form{},
		Aggs:      m.aggregates(),
		Windows:   m.windows(),
		Features:  m.features(),
		ReadType:  m.readType,
		SortType:  m.sortType,
		KeyType:   m.keyType,
		// The server has no limit of its own but max_allowed_packet, which is 16 MiB (MariaDB) or 64 MiB (MySQL) by default.
		MaxInList: 10_000,
		MaxText:   8 << 20,
	}
	if flavor == MariaDB {
		d.MatchDerived = func(t rel.Type) bool { // HAVING takes a date's MIN or MAX that is NULL for one that differs
			return t.Class() == rel.ClassDate || t.Class() == rel.ClassDateTime || t.Class() == rel.ClassTime
		}
		d.Name, d.NoOuterInDerived, d.LoneWindows = "mariadb", true, true
	} else {
		d.Interval = func(w *Writer, n rel.Expr, unit string) { // MariaDB has no RANGE frames over dates
			w.Raw("INTERVAL ")
			w.Expr(n)
			w.Raw(" ", unit)
		}
	}
	for _, group := range []map[rel.Op]Form{m.operators(), m.comparisons(), m.casts(), m.stringFunctions(), m.numberFunctions(), m.dateFunctions(), m.jsonFunctions()} {
		maps.Copy(d.Forms, group)
	}
	return d
}

// mysql makes the parts of the dialect for one server.
type mysql struct {
	flavor    MySQLFlavor
	version   MySQLVersion
	collation string
}

func (m *mysql) mariadb() bool { return m.flavor == MariaDB }

func mysqlIdent(name string) string {
	quoted := make([]byte, 0, len(name)+2)
	quoted = append(quoted, '`')
	for i := range len(name) {
		if name[i] == '`' {
			quoted = append(quoted, '`')
		}
		quoted = append(quoted, name[i])
	}
	return string(append(quoted, '`'))
}

func mysqlTable(w *Writer, t *rel.Table) {
	if t.Schema != "" {
		w.Raw(mysqlIdent(t.Schema), ".")
	}
	w.Raw(mysqlIdent(t.Name))
}

// sortKey relies on the server's own NULL order, which is Weir's. MariaDB sees no change from a computed decimal to NULL (Cached_item_decimal::cmp), so that
// the group, or the peers, of NULL would be those of the least value if it came next.
func (m *mysql) sortKey(w *Writer, text string, t rel.Type, desc bool) {
	if desc && m.mariadb() && t.Kind == rel.Decimal && strings.ContainsAny(text, "( ") {
		w.Raw(text, " IS NULL, ")
	}
	w.Raw(text)
	if desc {
		w.Raw(" DESC")
	}
}

func mysqlLimit(w *Writer, offset, count int64) {
	w.Raw(" LIMIT ")
	if offset > 0 {
		w.Raw(strconv.FormatInt(offset, 10), ", ")
	}
	if count == rel.NoLimit {
		w.Raw("18446744073709551615") // the manual's way to say all
	} else {
		w.Raw(strconv.FormatInt(count, 10))
	}
}

func (m *mysql) features() map[Feature]bool {
	f := map[Feature]bool{
		FeatureProject: true, FeatureFilter: true, FeatureInnerJoin: true, FeatureLeftJoin: true, FeatureSemiJoin: true,
		FeatureAggregate: true, FeatureDistinct: true, FeatureSort: true, FeatureLimit: true, FeatureWindow: true, FeatureUnion: true,
		FeatureValues: true, FeatureSubquery: true, FeatureQuantified: true, FeatureCorrelated: true,
	}
	if m.mariadb() {
		// No recursion: after max_recursive_iterations rounds MariaDB ends it without an error.
		f[FeatureIntersect], f[FeatureExcept] = true, true // INTERSECT ALL and EXCEPT ALL since 10.5
	} else {
		f[FeatureRecursive] = true
		f[FeatureLateral] = true // since 8.0.14
		if !m.version.Before(MySQLVersion{8, 0, 31}) {
			f[FeatureIntersect], f[FeatureExcept] = true, true
		}
	}
	return f
}
