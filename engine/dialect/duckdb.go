package dialect

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync/atomic"

	"weir/engine/rel"
)

// DuckDB is the dialect of the embedded engine, where everything runs that no source does. It covers Weir's semantics whole, so its
// grades are Exact but where a form says otherwise. It relies on the settings and the functions (names that begin with weir_) of a
// database that package duck has opened.
//
// What a form may rely on and must keep: an expression of type t is written so that DuckDB's type of it is duckType(t). TIME is a
// BIGINT of microseconds; JSON is VARCHAR in MySQL's spelling; a decimal has its type's FracDigits.
func DuckDB() *Dialect {
	d := &Dialect{
		Name: "duckdb", RightJoin: true, ValuesList: true, LateralOuterOn: true,
		Ident:   duckIdent,
		Table:   func(w *Writer, t *rel.Table) { w.Raw(duckIdent(t.Name)) },
		Result:  duckResult,
		Literal: duckLiteral,
		SortKey: duckSortKey,
		Limit: func(w *Writer, offset, count int64) {
			if count != rel.NoLimit {
				w.Raw(" LIMIT ", strconv.FormatInt(count, 10))
			}
			if offset > 0 {
				w.Raw(" OFFSET ", strconv.FormatInt(offset, 10))
			}
		},
		Interval: duckInterval,
		Rounds:   duckRounds,
		Forms:    map[rel.Op]Form{},
		Aggs:     duckAggregates(),
		Windows:  duckWindows(),
		Features: map[Feature]bool{},
		ReadType: func(rel.Type) Verdict { return Yes },
	}
	for _, forms := range []map[rel.Op]Form{duckFunctions(), duckKeyed(), duckOperators(), duckStrings(), duckNumbers(), duckTimes(), duckJSONs()} {
		maps.Copy(d.Forms, forms)
	}
	for _, f := range []Feature{FeatureProject, FeatureFilter, FeatureInnerJoin, FeatureLeftJoin, FeatureFullJoin, FeatureSemiJoin,
		FeatureLateral, FeatureAggregate, FeatureDistinct, FeatureSort, FeatureLimit, FeatureWindow, FeatureUnion, FeatureIntersect,
		FeatureExcept, FeatureValues, FeatureSubquery, FeatureQuantified, FeatureCorrelated, FeatureRecursive, FeatureJSONTable} {
		d.Features[f] = true
	}
	return d
}

func duckIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// duckType is the DuckDB type that carries values of t; sources.ArrowType is its counterpart in batches.
func duckType(t rel.Type) string {
	signed := func(name string) string {
		if t.Unsigned {
			return "U" + name
		}
		return name
	}
	switch t.Kind {
	case rel.Null:
		return `"NULL"`
	case rel.Bool:
		return "BOOLEAN"
	case rel.TinyInt:
		return signed("TINYINT")
	case rel.SmallInt:
		return signed("SMALLINT")
	case rel.MediumInt, rel.Int:
		return signed("INTEGER")
	case rel.BigInt:
		return signed("BIGINT")
	case rel.Year:
		return "SMALLINT"
	case rel.Bit:
		return "UBIGINT"
	case rel.Float:
		return "FLOAT"
	case rel.Double:
		return "DOUBLE"
	case rel.Decimal:
		digits, frac := duckDigits(t)
		return fmt.Sprintf("DECIMAL(%d,%d)", digits, frac)
	case rel.Date:
		return "DATE"
	case rel.Time:
		return "BIGINT"
	case rel.DateTime, rel.Timestamp:
		return "TIMESTAMP"
	case rel.Binary, rel.VarBinary, rel.Blob:
		return "BLOB"
	default:
		return "VARCHAR"
	}
}

// duckCarried is how many digits after the point are carried at most for the sake of further arithmetic: three divisions in a row have
// more in MySQL, but here the digits before the point need room too.
const duckCarried = 27

// duckDigits are the precision and scale that carry a decimal type.
func duckDigits(t rel.Type) (digits, frac int) {
	frac = max(t.Scale, min(t.FracDigits(), duckCarried))
	return max(1, min(rel.MaxDecimalDigits, t.Precision-t.Scale+frac)), frac
}

// duckAs writes an expression with the DuckDB type of t, which must have the expression's class or be what NULL becomes.
func duckAs(w *Writer, e rel.Expr, t rel.Type) {
	if want := duckType(t); want != duckType(e.Type()) {
		w.Raw("CAST(")
		w.Expr(e)
		w.Raw(" AS ", want, ")")
		return
	}
	w.Expr(e)
}

// duckResult gives what is put out the type that the reader expects.
func duckResult(w *Writer, text string, t rel.Type) {
	if t.Kind == rel.Null {
		w.Raw(text)
		return
	}
	w.Raw("CAST(", text, " AS ", duckType(t), ")")
}

var recursions atomic.Int64

// duckRounds counts rounds in a function, under a number that no other recursion of the process has. The function is called once for each round,
// because it reads the round's one row of an aggregate.
func duckRounds(rows string, most int64) string {
	return fmt.Sprintf("(SELECT weir_round(%d, %d, count(*)) FROM %s)", recursions.Add(1), most, rows)
}

func duckSortKey(w *Writer, text string, t rel.Type, desc bool) {
	if t.Class() == rel.ClassJSON { // ordered by value, not by spelling
		text = "weir_json_key(" + text + ")"
	}
	if desc {
		w.Raw(text, " DESC NULLS LAST")
		return
	}
	w.Raw(text, " ASC NULLS FIRST")
}

// duckInterval writes the offset of a RANGE frame over dates.
func duckInterval(w *Writer, n rel.Expr, unit string) {
	fn := map[string]string{
		"MICROSECOND": "to_microseconds", "SECOND": "to_seconds", "MINUTE": "to_minutes", "HOUR": "to_hours", "DAY": "to_days",
		"WEEK": "to_weeks", "MONTH": "to_months", "QUARTER": "to_quarters", "YEAR": "to_years",
	}[unit]
	if fn == "" || n.Type().Class() != rel.ClassInt {
		w.Fail(fmt.Errorf("a window frame of %s is not supported", unit))
		return
	}
	w.Raw(fn, "(CAST(")
	w.Expr(n)
	w.Raw(" AS INTEGER))")
}

// duckLiteral writes a constant with an explicit type: DuckDB's own choice depends on how it is spelled.
func duckLiteral(w *Writer, l *rel.Lit) bool {
	if l.Value == nil {
		if l.T.Kind == rel.Null {
			w.Raw("NULL")
		} else {
			w.Raw("CAST(NULL AS ", duckType(l.T), ")")
		}
		return true
	}
	cast := func(text string) bool {
		w.Raw("CAST(", text, " AS ", duckType(l.T), ")")
		return true
	}
	switch v := l.Value.(type) {
	case bool:
		w.Raw(strings.ToUpper(strconv.FormatBool(v)))
	case int64:
		return cast(strconv.FormatInt(v, 10))
	case uint64:
		return cast(strconv.FormatUint(v, 10))
	case rel.DecimalText:
		return cast("'" + string(v) + "'")
	case float64:
		return cast("'" + strconv.FormatFloat(v, 'g', -1, 64) + "'")
	case rel.DateValue:
		w.Raw("CAST(make_timestamp(", strconv.FormatInt(int64(v)*86_400_000_000, 10), ") AS DATE)")
	case rel.TimeValue:
		return cast(strconv.FormatInt(int64(v), 10))
	case rel.DateTimeValue:
		w.Raw("make_timestamp(", strconv.FormatInt(int64(v), 10), ")")
	case string:
		w.Raw(duckString(v))
	case []byte:
		w.Raw("CAST('")
		for _, b := range v {
			w.Raw(fmt.Sprintf(`\x%02X`, b))
		}
		w.Raw("' AS BLOB)")
	default:
		return false
	}
	return true
}

// duckString quotes a text. A zero byte would end the statement's text in DuckDB's C interface, so it is written as a call.
func duckString(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.IndexByte(s, 0) < 0 {
		return quoted
	}
	return "(" + strings.ReplaceAll(quoted, "\x00", "' || chr(0) || '") + ")"
}

// duckFunctions are the forms of all functions as calls of package duck's Go functions of the same name. The maps that follow
// replace some by faster SQL.
func duckFunctions() map[rel.Op]Form {
	forms := map[rel.Op]Form{}
	for op, s := range rel.Functions {
		forms[op] = Form{Print: func(w *Writer, c *rel.Call) { duckCall(w, "weir_"+string(op), s, c) }}
	}
	return forms
}

// duckCall writes the call of a Go function, with operands of the types that it is registered for: see duckOperand. A function of
// strings has a twin for binary strings, whose name ends in _b.
func duckCall(w *Writer, name string, s *rel.Signature, c *rel.Call) {
	binary := false
	for i, a := range c.Args {
		if s.Operand(i) == rel.StringOperand && a.Type().Class() == rel.ClassBinary {
			binary = true
		}
	}
	if binary {
		name += "_b"
	}
	w.Raw(name, "(")
	for i, a := range c.Args {
		if i > 0 {
			w.Raw(", ")
		}
		duckOperand(w, s.Operand(i), a, binary)
	}
	w.Raw(")")
}

func duckOperand(w *Writer, o rel.Operand, e rel.Expr, binary bool) {
	switch o {
	case rel.TextOperand, rel.JSONOperand, rel.PathOperand, rel.UnitOperand:
		duckAs(w, e, rel.TextType)
	case rel.StringOperand:
		if binary {
			duckBytes(w, e)
		} else {
			duckAs(w, e, rel.TextType)
		}
	case rel.IntOperand:
		duckSaturated(w, e)
	case rel.DoubleOperand:
		duckAs(w, e, rel.DoubleType)
	case rel.DateOperand, rel.DateTimeOperand:
		duckAs(w, e, rel.DateTimeType)
	case rel.TimeOperand:
		duckAs(w, e, rel.Type{Kind: rel.Time})
	case rel.ValueOperand:
		duckJSONValue(w, e)
	default:
		w.Fail(errors.New("an operand of any class needs a form of its own"))
	}
}

// duckBytes writes a string as binary.
func duckBytes(w *Writer, e rel.Expr) {
	if e.Type().Class() == rel.ClassText {
		w.Format("encode($1)", e)
		return
	}
	duckAs(w, e, rel.Type{Kind: rel.Blob})
}

// duckSaturated writes an integer as BIGINT; what is too large for one, as the largest: counts and positions mean the same then.
func duckSaturated(w *Writer, e rel.Expr) {
	if duckType(e.Type()) == "UBIGINT" {
		w.Format("weir_saturate($1)", e)
		return
	}
	duckAs(w, e, rel.BigIntType)
}

// duckNullIfAny writes SQL that gives NULL if one of the expressions is NULL, which DuckDB's functions of any number of operands skip.
func duckNullIfAny(w *Writer, es []rel.Expr, write func()) {
	var nullable []rel.Expr
	for _, e := range es {
		if l, ok := e.(*rel.Lit); !e.Type().NotNull && (!ok || l.Value == nil) {
			nullable = append(nullable, e)
		}
	}
	if len(nullable) == 0 {
		write()
		return
	}
	w.Raw("CASE WHEN ")
	for i, e := range nullable {
		if i > 0 {
			w.Raw(" AND ")
		}
		w.Format("$1 IS NOT NULL", e)
	}
	w.Raw(" THEN ")
	write()
	w.Raw(" END")
}

// duckConstant is the value of a constant that is not NULL.
func duckConstant[T any](e rel.Expr) (v T, ok bool) {
	if l, is := e.(*rel.Lit); is {
		v, ok = l.Value.(T)
	}
	return v, ok
}
