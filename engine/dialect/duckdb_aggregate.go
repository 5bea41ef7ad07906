package dialect

import (
	"errors"
	"fmt"

	"weir/engine/rel"
)

// duckAggregate is how an aggregate is written around its call, so that one entry serves GROUP BY and windows: before and after
// enclose the call, to which a window's OVER clause belongs. $T stands for the result's type.
type duckAggregate struct {
	before, call, after func(t rel.Type) string
}

func always(s string) func(rel.Type) string { return func(rel.Type) string { return s } }

func castTo(t rel.Type) string { return " AS " + duckType(t) + ")" }

// plainAggregates are aggregates of one operand.
var plainAggregates = map[string]duckAggregate{
	"sum": {always("CAST("), always("sum"), castTo},
	"min": {always("CAST("), always("min"), castTo},
	"max": {always("CAST("), always("max"), castTo},
	// DuckDB's any_value skips NULL; MySQL's takes a row's value.
	"any_value": {always("CAST("), always("first"), castTo},
	// The value of no rows.
	"bit_and": {always("coalesce("), always("bit_and"), always(", 18446744073709551615)")},
	"bit_or":  {always("coalesce("), always("bit_or"), always(", 0)")},
	"bit_xor": {always("coalesce("), always("bit_xor"), always(", 0)")},

	"stddev_pop":  {always(""), always("stddev_pop"), always("")},
	"stddev_samp": {always(""), always("stddev_samp"), always("")},
	"var_pop":     {always(""), always("var_pop"), always("")},
	"var_samp":    {always(""), always("var_samp"), always("")},
}

func duckAggregates() map[string]AggForm {
	forms := map[string]AggForm{
		"count": {Print: duckCount},
		"avg": {Print: func(w *Writer, a *rel.Agg) {
			x := a.Args[0]
			if a.T.Class() != rel.ClassDecimal {
				w.Raw("avg(", distinct(a.Distinct))
				w.Expr(x)
				w.Raw(")")
				return
			}
			// DuckDB's AVG is a double.
			_, frac := duckDigits(a.T)
			w.Raw(fmt.Sprintf("CAST(weir_divide_%d(sum(%s", frac, distinct(a.Distinct)))
			w.Expr(x)
			w.Raw("), count(", distinct(a.Distinct))
			w.Expr(x)
			w.Raw(")) AS ", duckType(a.T), ")")
		}},
		"group_concat":   {Print: duckGroupConcat},
		"json_arrayagg":  {Print: func(w *Writer, a *rel.Agg) { duckJSONArrayAgg(w, a.Args[0]); w.Raw(" || ']')") }},
		"json_objectagg": {Print: func(w *Writer, a *rel.Agg) { duckJSONObjectAgg(w, a.Args); w.Raw(" || '}')") }},
	}
	for name, p := range plainAggregates {
		forms[name] = AggForm{Print: func(w *Writer, a *rel.Agg) {
			w.Raw(p.before(a.T))
			if !duckJSONExtreme(w, name, a.Args[0]) {
				w.Raw(p.call(a.T), "(", distinct(a.Distinct))
				duckAggregated(w, name, a.Args[0])
				w.Raw(")")
			}
			w.Raw(p.after(a.T))
		}}
	}
	return forms
}

// duckAggregated writes an aggregate's operand in the type that the aggregate computes in.
func duckAggregated(w *Writer, name string, x rel.Expr) {
	switch name {
	case "bit_and", "bit_or", "bit_xor":
		duckAs(w, x, rel.UBigIntType)
	case "stddev_pop", "stddev_samp", "var_pop", "var_samp":
		duckAs(w, x, rel.DoubleType)
	case "sum":
		if x.Type().Class() == rel.ClassBool || x.Type().Class() == rel.ClassNull {
			w.Raw("CAST(")
			w.Expr(x)
			w.Raw(" AS BIGINT)")
			return
		}
		w.Expr(x)
	default:
		w.Expr(x)
	}
}

// duckJSONExtreme writes MIN or MAX of documents, which are ordered by value.
func duckJSONExtreme(w *Writer, name string, x rel.Expr) bool {
	if x.Type().Class() != rel.ClassJSON || name != "min" && name != "max" {
		return false
	}
	w.Format("arg_"+name+"($1, weir_json_key($1))", x)
	return true
}

func distinct(d bool) string {
	if d {
		return "DISTINCT "
	}
	return ""
}

// duckCount counts rows whose operands are all not NULL.
func duckCount(w *Writer, a *rel.Agg) {
	switch len(a.Args) {
	case 0:
		w.Raw("count(*)")
	case 1:
		w.Raw("count(", distinct(a.Distinct))
		w.Expr(a.Args[0])
		w.Raw(")")
	default:
		w.Raw("count(", distinct(a.Distinct))
		duckNullIfAny(w, a.Args, func() {
			w.Raw("row(")
			w.List(a.Args)
			w.Raw(")")
		})
		w.Raw(")")
	}
}

// duckGroupConcat concatenates without a limit of length: group_concat_max_len cuts in MySQL, silently but for a warning.
func duckGroupConcat(w *Writer, a *rel.Agg) {
	value := func() {
		w.Raw("(")
		for i, x := range a.Args {
			if i > 0 {
				w.Raw(" || ")
			}
			duckToText(w, x)
		}
		w.Raw(")")
	}
	if a.Distinct && len(a.OrderBy) > 0 {
		duckDistinctConcat(w, a, value)
		return
	}
	w.Raw("string_agg(", distinct(a.Distinct))
	value()
	w.Raw(", ", duckString(a.Separator))
	for i, k := range a.OrderBy {
		if i == 0 {
			w.Raw(" ORDER BY ")
		} else {
			w.Raw(", ")
		}
		w.Expr(k.Expr)
		duckSortKey(w, "", k.Expr.Type(), k.Desc)
	}
	w.Raw(")")
}

// duckDistinctConcat sorts the distinct pairs of keys and value, since DuckDB orders a distinct aggregate only by what it concatenates. The
// values are taken out of the pairs by way of a map: DuckDB refuses lambdas in HAVING. A NULL inside a struct sorts last, so each key has
// a flag before it.
func duckDistinctConcat(w *Writer, a *rel.Agg, value func()) {
	for _, k := range a.OrderBy[1:] {
		if k.Desc != a.OrderBy[0].Desc {
			w.Fail(errors.New("GROUP_CONCAT(DISTINCT … ORDER BY …) with keys in both directions is not supported"))
			return
		}
	}
	w.Raw("list_aggregate(map_values(map_from_entries(list_sort(list(DISTINCT {'k': {")
	for i, k := range a.OrderBy {
		w.Format(fmt.Sprintf("'n%d': $1 IS NOT NULL, 'k%d': $1, ", i, i), k.Expr)
	}
	w.Raw("'v': ")
	value()
	w.Raw("}, 'v': ")
	value()
	direction := "'ASC', 'NULLS FIRST'"
	if a.OrderBy[0].Desc {
		direction = "'DESC', 'NULLS LAST'"
	}
	w.Raw("}) FILTER (WHERE ")
	value()
	w.Raw(" IS NOT NULL), ", direction, "))), 'string_agg', ", duckString(a.Separator), ")")
}

func duckJSONArrayAgg(w *Writer, x rel.Expr) {
	w.Raw("('[' || string_agg(coalesce(")
	duckJSONValue(w, x)
	w.Raw(", 'null'), ', ')")
}

// duckJSONObjectAgg joins members; the last of those with one name counts, and the result is in MySQL's order of names.
func duckJSONObjectAgg(w *Writer, args []rel.Expr) {
	w.Raw("weir_json_members('{' || string_agg(weir_json_name(")
	duckToText(w, args[0])
	w.Raw(") || ': ' || coalesce(")
	duckJSONValue(w, args[1])
	w.Raw(", 'null'), ', ')")
}

func duckWindows() map[string]WindowForm {
	call := func(name string) WindowForm {
		return WindowForm{
			Print: func(w *Writer, f *rel.WindowFn) {
				w.Raw("CAST(", name, "(")
				w.List(f.Args)
				w.Raw(")")
			},
			After: func(w *Writer, f *rel.WindowFn) { w.Raw(castTo(f.T)) },
		}
	}
	shift := func(name string) WindowForm {
		f := call(name)
		f.Print = func(w *Writer, f *rel.WindowFn) {
			w.Raw("CAST(", name, "(")
			duckAs(w, f.Args[0], f.T)
			for i, a := range f.Args[1:] {
				w.Raw(", ")
				if i == 0 {
					duckSaturated(w, a)
				} else {
					duckAs(w, a, f.T)
				}
			}
			w.Raw(")")
		}
		return f
	}
	forms := map[string]WindowForm{
		"row_number": call("row_number"), "rank": call("rank"), "dense_rank": call("dense_rank"), "percent_rank": call("percent_rank"),
		"cume_dist": call("cume_dist"), "ntile": call("ntile"), "first_value": call("first_value"), "last_value": call("last_value"),
		"nth_value": call("nth_value"), "lag": shift("lag"), "lead": shift("lead"),
		"count": {Print: func(w *Writer, f *rel.WindowFn) { duckCount(w, &rel.Agg{Args: f.Args}) }},
		"avg": {
			Print: func(w *Writer, f *rel.WindowFn) {
				if f.T.Class() != rel.ClassDecimal {
					w.Format("avg($1)", f.Args...)
					return
				}
				_, frac := duckDigits(f.T)
				w.Format(fmt.Sprintf("CAST(weir_divide_%d(sum($1)", frac), f.Args...)
			},
			After: func(w *Writer, f *rel.WindowFn) {
				if f.T.Class() == rel.ClassDecimal {
					w.Format(", count($1)", f.Args...)
					w.p.over(w, f) // the same window once more
					w.Raw(")", castTo(f.T))
				}
			},
		},
		"json_arrayagg": {
			Print: func(w *Writer, f *rel.WindowFn) { duckJSONArrayAgg(w, f.Args[0]) },
			After: func(w *Writer, f *rel.WindowFn) { w.Raw(" || ']')") },
		},
		"json_objectagg": {
			Print: func(w *Writer, f *rel.WindowFn) { duckJSONObjectAgg(w, f.Args) },
			After: func(w *Writer, f *rel.WindowFn) { w.Raw(" || '}')") },
		},
	}
	for name, p := range plainAggregates {
		forms[name] = WindowForm{
			Print: func(w *Writer, f *rel.WindowFn) {
				w.Raw(p.before(f.T))
				if !duckJSONExtreme(w, name, f.Args[0]) {
					w.Raw(p.call(f.T), "(")
					duckAggregated(w, name, f.Args[0])
					w.Raw(")")
				}
			},
			After: func(w *Writer, f *rel.WindowFn) { w.Raw(p.after(f.T)) },
		}
	}
	for name, f := range forms {
		f.Judge = duckJudgeFrame
		forms[name] = f
	}
	return forms
}

// duckJudgeFrame refuses frames of an interval over times, which are numbers here.
func duckJudgeFrame(f *rel.WindowFn) Verdict {
	if f.Frame != nil && (f.Frame.Start.Unit != "" || f.Frame.End.Unit != "") && len(f.OrderBy) == 1 && f.OrderBy[0].Expr.Type().Class() == rel.ClassTime {
		return No("a RANGE frame of an interval over a TIME has no form in the embedded engine")
	}
	return Yes
}
