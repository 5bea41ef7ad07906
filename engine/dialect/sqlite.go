package dialect

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"weir/engine/rel"
)

// SQLite's columns hold whatever was put into them: a column's type only says what values are converted to where that loses nothing.
// So a column takes part in a computation through one of the functions weir_int, weir_text, weir_date …, which package sources/sqlite
// registers on every connection. They give the value as its type promises, or raise an error that names the column; the reader of
// plain columns uses the same code, so that pushing changes nothing. Inside a statement a value is carried as
//
//	integers          INTEGER
//	double            REAL
//	decimal           INTEGER, the digits without the point; beyond 18 digits the same number as a BLOB of 16 bytes, most significant
//	                  first, with the sign bit turned over
//	text, binary      TEXT in UTF-8, BLOB
//	date              TEXT, 2006-01-02
//	datetime          TEXT, 2006-01-02 15:04:05.000000
//	boolean           INTEGER 0 or 1
//
// which compare, group and sort as the values do. The functions hide a column from SQLite's indexes; the Filter forms therefore write
// the stored column too, where comparing it loses no row.
//
// The marks below end a column type's Native text; package sources/sqlite sets them.
const (
	// SQLiteSure marks a column of which SQLite itself guarantees the type: the row id, a column of a STRICT table, or one with a CHECK
	// that does. A date is then kept as it is carried, a datetime without the fraction.
	SQLiteSure = "/*sure*/"
	// SQLiteOpaque marks a column whose stored values do not compare as its type's values do: those of views and
	// virtual tables, and types that SQLite keeps in several forms.
	SQLiteOpaque = "/*opaque*/"
	// SQLiteUTF16 marks a text column of a database that keeps text in UTF-16, where text compares by its bytes.
	SQLiteUTF16 = "/*utf-16*/"
)

// sqliteDigits is the widest decimal that a 64 bit integer carries whatever its digits.
const sqliteDigits = 18

// SQLite returns the dialect of SQLite. version is SQLite's number: 3053003 is 3.53.3.
func SQLite(version int) *Dialect {
	d := &Dialect{
		Name:      "sqlite",
		LoopJoins: true,
		Ident:     sqliteIdent,
		Table:     func(w *Writer, t *rel.Table) { w.Raw(sqliteIdent(t.Name)) },
		Column:    sqliteColumn,
		Output:    sqliteOutput,
		Result: func(w *Writer, text string, t rel.Type) { // the branches of a union may be narrower
			if sqliteWide(t) {
				text = "weir_wide(" + text + ", 0)"
			}
			w.Raw(text)
		},
		Literal: sqliteLiteral,
		SortKey: func(w *Writer, text string, _ rel.Type, desc bool) { // NULL is the smallest value
			w.Raw(text)
			if desc {
				w.Raw(" DESC")
			}
		},
		Limit:    sqliteLimit,
		Forms:    sqliteForms(),
		Aggs:     sqliteAggs(),
		Windows:  sqliteWindows(),
		ReadType: sqliteReadType,
		// Recursion without MySQL's limit of rounds, and constant rows beyond SQLite's 500 SELECTs in a chain, are not in this list.
		Features: map[Feature]bool{
			FeatureProject: true, FeatureFilter: true, FeatureInnerJoin: true, FeatureLeftJoin: true, FeatureSemiJoin: true,
			FeatureAggregate: true, FeatureDistinct: true, FeatureSort: true, FeatureLimit: true, FeatureUnion: true,
			FeatureWindow: true, FeatureSubquery: true, FeatureCorrelated: true,
		},
		FirstOfMany: true,
		MaxInList:   30000,
		MaxText:     900_000,
	}
	if version >= 3039000 {
		d.Features[FeatureFullJoin] = true
	}
	return d
}

func sqliteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func sqliteString(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func sqliteLimit(w *Writer, offset, count int64) {
	w.Raw(" LIMIT ", strconv.FormatInt(count, 10)) // rel.NoLimit is SQLite's own -1
	if offset > 0 {
		w.Raw(" OFFSET ", strconv.FormatInt(offset, 10))
	}
}

// sqliteReadType tells which types can be computed with.
func sqliteReadType(t rel.Type) Verdict {
	if strings.HasSuffix(t.Native, SQLiteUTF16) {
		return No("the database keeps text as UTF-16, which it compares by bytes")
	}
	return sqliteCarried(t)
}

// sqliteCarried tells whether values of a type have a form inside a statement that compares as they do.
func sqliteCarried(t rel.Type) Verdict {
	switch t.Class() {
	case rel.ClassTime, rel.ClassJSON:
		return No("SQLite has no such type")
	case rel.ClassInt:
		if t.Unsigned {
			return No("SQLite's numbers are signed")
		}
	}
	return Yes
}

// sqliteWide reports whether a decimal is carried in 16 bytes.
func sqliteWide(t rel.Type) bool {
	return t.Class() == rel.ClassDecimal && t.Precision-t.Scale+t.FracDigits() > sqliteDigits
}

// sqliteColumn writes a column as its type's form inside a statement.
func sqliteColumn(w *Writer, name string, c rel.Column) {
	if strings.HasSuffix(c.T.Native, SQLiteSure) {
		if c.T.Class() == rel.ClassDateTime {
			w.Raw("(", name, " || '.000000')")
			return
		}
		w.Raw(sqliteBinary(name, c.T))
		return
	}
	f, args := "", ""
	switch c.T.Class() {
	case rel.ClassInt:
		f = "weir_int"
		if c.T.Kind == rel.TinyInt {
			f = "weir_tinyint"
		}
	case rel.ClassDouble:
		f = "weir_double"
	case rel.ClassDecimal:
		f, args = "weir_decimal", fmt.Sprintf("%d, %d, ", c.T.Precision, c.T.Scale)
	case rel.ClassText:
		f = "weir_text"
		if strings.HasSuffix(c.T.Native, SQLiteOpaque) {
			f = "weir_any"
		}
	case rel.ClassBinary:
		f = "weir_blob"
	case rel.ClassDate:
		f = "weir_date"
	case rel.ClassDateTime:
		f, args = "weir_datetime", fmt.Sprintf("%d, ", c.T.Scale)
	default:
		w.Raw(name)
		return
	}
	alias, _, _ := strings.Cut(name, ".")
	w.Raw(f, "(", name, ", ", args, sqliteString(alias+"."+c.Name), ")")
}

// sqliteBinary makes a text column compare by code point, whatever collation it was declared with.
func sqliteBinary(name string, t rel.Type) string {
	if t.Class() == rel.ClassText {
		return "(" + name + " COLLATE BINARY)"
	}
	return name
}

// sqliteOutput writes a column that is only put out. The reader checks all but decimals itself.
func sqliteOutput(w *Writer, name string, c rel.Column) {
	switch {
	case c.T.Class() == rel.ClassDecimal:
		sqliteColumn(w, name, c)
	case c.T.Kind == rel.JSON && strings.HasPrefix(strings.ToUpper(c.T.Native), "JSONB"):
		w.Raw("CASE typeof(", name, ") WHEN 'blob' THEN json(", name, ") ELSE ", name, " END")
	default:
		w.Raw(name)
	}
}

// sqliteLiteral writes a constant in its type's form inside a statement.
func sqliteLiteral(w *Writer, l *rel.Lit) bool {
	text, ok := sqliteConstant(l)
	w.Raw(text)
	return ok
}

func sqliteConstant(l *rel.Lit) (string, bool) {
	switch v := l.Value.(type) {
	case nil:
		return "NULL", true
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	case int64:
		return sqliteInt(v), true
	case uint64:
		return strconv.FormatUint(v, 10), v <= math.MaxInt64
	case rel.DecimalText:
		n, ok := scaled(v, l.T.FracDigits())
		if !ok {
			return "", false
		}
		if sqliteWide(l.T) {
			return fmt.Sprintf("x'%x'", wideBytes(n)), true
		}
		return sqliteInt(n.Int64()), true
	case float64:
		return sqliteDouble(v)
	case rel.DateValue:
		return "'" + dateText(int64(v)) + "'", true
	case rel.DateTimeValue:
		return "'" + momentText(int64(v)) + "'", true
	case string:
		// SQLite's parser ends a statement at a NUL byte.
		return sqliteString(v), l.T.Class() == rel.ClassText && utf8.ValidString(v) && strings.IndexByte(v, 0) < 0
	case []byte:
		return fmt.Sprintf("x'%x'", v), true
	}
	return "", false
}

func momentText(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02 15:04:05.000000")
}

func dateText(days int64) string { return time.Unix(days*86400, 0).UTC().Format("2006-01-02") }

// sqliteInt writes a number so that a sign before it can't make a comment of it.
func sqliteInt(v int64) string {
	if v < 0 {
		return "(" + strconv.FormatInt(v, 10) + ")"
	}
	return strconv.FormatInt(v, 10)
}

// sqliteDouble writes a double as a quotient of whole numbers, which involves no rounding: SQLite does not promise to read
// decimal notation to the nearest double. Doubles that are no such quotient of moderate size have no spelling.
func sqliteDouble(v float64) (string, bool) {
	if v == 0 {
		return "0.0", !math.Signbit(v)
	}
	frac, exp := math.Frexp(v)
	n := int64(frac * (1 << 53)) // a whole number: a double has 53 bits
	exp -= 53
	for n%2 == 0 {
		n /= 2
		exp++
	}
	switch {
	case math.IsInf(v, 0) || math.IsNaN(v) || exp < -62:
		return "", false
	case exp < 0:
		return fmt.Sprintf("(CAST(%d AS REAL) / %d)", n, int64(1)<<-exp), true
	case exp < 63-53:
		return fmt.Sprintf("CAST(%d AS REAL)", n<<exp), true
	case exp <= 62:
		return fmt.Sprintf("(CAST(%d AS REAL) * %d)", n, int64(1)<<exp), true
	}
	return "", false
}

// scaled is a decimal's digits without its point, for at most 38 digits.
func scaled(d rel.DecimalText, scale int) (*big.Int, bool) {
	whole, frac, _ := strings.Cut(string(d), ".")
	if len(frac) > scale {
		return nil, false
	}
	n, ok := new(big.Int).SetString(whole+frac+strings.Repeat("0", scale-len(frac)), 10)
	return n, ok && len(new(big.Int).Abs(n).String()) <= rel.MaxDecimalDigits
}

// wideBytes is a number of 128 bits whose bytes are in the order of the numbers.
func wideBytes(n *big.Int) []byte {
	return new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), 127)).FillBytes(make([]byte, 16))
}
