package dialect

import (
	"strconv"
	"strings"

	"weir/engine/rel"
)

// Postgres is the dialect of PostgreSQL of a major version, 14 or newer, in sessions as sources/postgres sets them up: UTC, ISO dates,
// standard_conforming_strings, a search path of pg_catalog only.
//
// The PostgreSQL type of a printed expression follows from its class: integers are int2, int4 or int8 (int8 where the kind is
// BigInt), decimals numeric, Float and Double float8, DateTime timestamp, text text or varchar, JSON text. Text that is ordered
// carries COLLATE "C"; equality is by bytes under every deterministic collation, so that it needs none and indexes serve it.
//
// NaN and infinities have no place in MySQL's types: the reader fails on one, naming the column. In pushed predicates and orderings
// they are what PostgreSQL takes them for, greater than all numbers.
//
// utf8 says that the database's encoding is UTF-8. In another one text is ordered by other codes, has other lengths in bytes, and a constant with a
// character that the encoding hasn't is an error there.
func Postgres(version int, utf8 bool) *Dialect {
	p := &postgres{version: version, utf8: utf8}
	d := &Dialect{
		Name:        "postgres",
		Ident:       func(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` },
		Table:       p.table,
		Ranges:      true,
		Column:      p.column,
		Output:      p.output,
		GroupStored: p.groupStored,
		Literal:     p.literal,
		SortKey:     p.sortKey,
		Limit:       p.limit,
		Interval:    p.interval,
		Forms:       map[rel.Op]Form{},
		Aggs:        p.aggregates(),
		Windows:     p.windows(),
		Features:    map[Feature]bool{},
		ReadType:    p.readable,
		SortType:    p.sortable,
		KeyType:     p.comparable,
		// Longer lists are arrays; beyond this the text is better sent in pieces.
		MaxInList: 50_000,
		MaxText:   64 << 20,
	}
	for _, forms := range []map[rel.Op]Form{p.logic(), p.comparisons(), p.arithmetic(), p.casts(), p.strings(), p.numbers(), p.times()} {
		for op, f := range forms {
			d.Forms[op] = f
		}
	}
	for _, f := range []Feature{FeatureProject, FeatureFilter, FeatureInnerJoin, FeatureLeftJoin, FeatureSemiJoin, FeatureLateral, FeatureAggregate,
		FeatureDistinct, FeatureSort, FeatureLimit, FeatureWindow, FeatureUnion, FeatureIntersect, FeatureExcept, FeatureValues,
		FeatureSubquery, FeatureCorrelated} {
		d.Features[f] = true
	}
	// FULL JOIN needs conditions that can be merged or hashed; ANY and ALL would order text by the column's collation; recursion
	// has no bound there and MySQL's has.
	return d
}

type postgres struct {
	version int
	utf8    bool
}

func (p *postgres) table(w *Writer, t *rel.Table) {
	if t.Schema != "" {
		w.Raw(w.Dialect().Ident(t.Schema), ".")
	}
	w.Raw(w.Dialect().Ident(t.Name))
}

// base is a native type without its modifier: "timestamp with time zone" of "timestamp(3) with time zone".
func pgBase(native string) string {
	i, j := strings.IndexByte(native, '('), strings.IndexByte(native, ')')
	if i < 0 || j < i {
		return native
	}
	return native[:i] + native[j+1:]
}

// pgStored is the native type that a column's text is written by. A date that is to arrive as text (an option of the source) is
// none of the types that are decoded.
func pgStored(t rel.Type) string {
	base := pgBase(t.Native)
	if t.Class() == rel.ClassText && (base == "date" || strings.HasPrefix(base, "timestamp ")) {
		return base + " as text"
	}
	return base
}

// output writes a stored column as the reader takes it: as it is where it decodes the type (see newColumn in sources/postgres), else as
// the type's text.
func (p *postgres) output(w *Writer, name string, c rel.Column) {
	switch pgStored(c.T) {
	case "", "smallint", "integer", "bigint", "real", "double precision", "boolean", "oid", "character", "bpchar", "character varying", "text", "name",
		"bytea", "date", "time without time zone", "timestamp without time zone", "timestamp with time zone", "uuid", "json", "jsonb":
		w.Raw(name)
	case "numeric":
		if c.T.Kind == rel.Decimal {
			w.Raw(name)
		} else {
			w.Raw(name, "::text")
		}
	case "bit":
		if c.T.Kind == rel.Bit {
			w.Raw(name)
		} else {
			w.Raw(name, "::text")
		}
	case "inet":
		w.Raw("abbrev(", name, ")") // the cast to text would add the mask /32 that is otherwise not shown
	default:
		w.Raw(name, "::text")
	}
}

// column writes a stored column as an operand: of the PostgreSQL type that its class has in expressions.
func (p *postgres) column(w *Writer, name string, c rel.Column) {
	switch pgStored(c.T) {
	case "", "smallint", "integer", "bigint", "double precision", "bytea", "date", "time without time zone", "timestamp without time zone":
		w.Raw(name)
	case "character varying", "text":
		w.Raw(name)
		if c.T.Collation != "" && c.T.Collation != "default" && c.T.Collation != "C" {
			w.Raw(` COLLATE "C"`) // two collations would clash, and a nondeterministic one doesn't compare by bytes
		}
	case "real":
		w.Raw(name, "::double precision")
	case "boolean":
		w.Raw(name, "::integer")
	case "oid":
		w.Raw(name, "::bigint")
	case "timestamp with time zone":
		w.Raw("timezone('UTC', ", name, ")")
	case "character", "bpchar": // the cast takes off the blanks, which mean nothing
		w.Raw(name, "::text")
		if c.T.Collation != "" && c.T.Collation != "default" {
			w.Raw(` COLLATE "C"`)
		}
	case "uuid", "json", "jsonb":
		w.Raw(name, "::text")
	default:
		p.output(w, name, c)
		if c.T.Class() == rel.ClassText && c.T.Collation != "" && c.T.Collation != "default" {
			w.Raw(` COLLATE "C"`)
		}
	}
}

// groupStored: equality of the stored values is that of the operands, except where values that are written differently are equal
// (numeric, json, interval, ranges, collations that take letters together).
func (p *postgres) groupStored(t rel.Type) bool {
	if pgNondeterministic(t) {
		return false
	}
	switch pgStored(t) {
	case "character", "bpchar", "character varying", "text", "name", "boolean", "oid", "timestamp with time zone", "uuid", "real":
		return true
	}
	return false
}

// pgType is the PostgreSQL type that expressions of a class have.
func pgType(t rel.Type) string {
	switch t.Class() {
	case rel.ClassBool:
		return "boolean"
	case rel.ClassInt:
		if t.Unsigned && t.Kind == rel.BigInt {
			return "numeric"
		}
		return "bigint"
	case rel.ClassDecimal:
		return "numeric"
	case rel.ClassDouble:
		return "double precision"
	case rel.ClassDate:
		return "date"
	case rel.ClassTime:
		return "time"
	case rel.ClassDateTime:
		return "timestamp"
	case rel.ClassBinary:
		return "bytea"
	}
	return "text"
}

func (p *postgres) readable(t rel.Type) Verdict {
	if t.Kind == rel.Bit || t.Kind == rel.Year {
		return No("PostgreSQL doesn't compute with bits as MySQL does")
	}
	return Yes
}

func (p *postgres) comparable(t rel.Type) Verdict {
	if t.Class() == rel.ClassJSON {
		return No("PostgreSQL compares JSON otherwise")
	}
	return p.readable(t)
}

// sortable grades an order of values.
func (p *postgres) sortable(t rel.Type) Verdict {
	if t.Class() == rel.ClassText && !p.utf8 {
		return No("the database's encoding is not UTF-8, so that text has another order")
	}
	return p.comparable(t)
}

// sortKey writes an ORDER BY term. PostgreSQL takes NULL for greater than all values.
func (p *postgres) sortKey(w *Writer, text string, t rel.Type, desc bool) {
	w.Raw(text)
	if t.Class() == rel.ClassText && t.Collation != "C" {
		w.Raw(` COLLATE "C"`)
	}
	switch {
	case desc && t.NotNull:
		w.Raw(" DESC")
	case desc:
		w.Raw(" DESC NULLS LAST")
	case !t.NotNull: // without the clause an ordinary index gives the order
		w.Raw(" NULLS FIRST")
	}
}

func (p *postgres) limit(w *Writer, offset, count int64) {
	if count != rel.NoLimit {
		w.Raw(" LIMIT ", strconv.FormatInt(count, 10))
	}
	if offset > 0 {
		w.Raw(" OFFSET ", strconv.FormatInt(offset, 10))
	}
}

func (p *postgres) logic() map[rel.Op]Form {
	return map[rel.Op]Form{
		rel.OpAnd:    {Print: Infix("AND")},
		rel.OpOr:     {Print: Infix("OR")},
		rel.OpNot:    {Print: Template("(NOT $1)")},
		rel.OpXor:    {Print: Infix("<>")},
		rel.OpIsNull: {Print: p.isNull},
		rel.OpIsTrue: {Print: Template("($1 IS TRUE)")},
		rel.OpCase:   {Judge: p.judgeBranches, Print: p.caseOf},
		rel.OpCoalesce: {Judge: p.judgeBranches, Print: func(w *Writer, c *rel.Call) {
			w.Format("coalesce($*)", c.Args...)
			w.Raw(p.integral(c.T))
		}},
	}
}

// isNull tests the stored value, which an index may serve.
func (p *postgres) isNull(w *Writer, c *rel.Call) {
	if text, _, ok := w.Stored(c.Args[0]); ok {
		w.Raw("(", text, " IS NULL)")
		return
	}
	w.Format("($1 IS NULL)", c.Args...)
}

func (p *postgres) judgeBranches(c *rel.Call) Verdict {
	if c.T.Class() == rel.ClassInt && c.T.Unsigned && c.T.Kind == rel.BigInt {
		return No("PostgreSQL has no unsigned integers")
	}
	return Yes
}

// integral is the cast that makes int8 of a BigInt expression whose operands may be narrower.
func (p *postgres) integral(t rel.Type) string {
	switch t.Class() {
	case rel.ClassInt, rel.ClassDecimal:
		return "::" + pgType(t)
	}
	return ""
}

func (p *postgres) caseOf(w *Writer, c *rel.Call) {
	w.Raw("(CASE")
	i := 0
	for ; i+1 < len(c.Args); i += 2 {
		w.Format(" WHEN $1 THEN $2", c.Args[i], c.Args[i+1])
	}
	w.Format(" ELSE $1 END)", c.Args[i])
	w.Raw(p.integral(c.T))
}

// constant returns the value of a literal of a Go type.
func pgConstant[T any](e rel.Expr) (v T, ok bool) {
	if l, isLit := e.(*rel.Lit); isLit {
		v, ok = l.Value.(T)
	}
	return v, ok
}

// constantInt returns a signed integer constant.
func pgConstantInt(e rel.Expr) (int64, bool) {
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpNeg {
		v, ok := pgConstantInt(c.Args[0])
		return -v, ok
	}
	return pgConstant[int64](e)
}
