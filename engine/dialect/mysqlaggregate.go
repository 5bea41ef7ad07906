package dialect

import (
	"slices"

	"weir/engine/rel"
)

func (m *mysql) aggregates() map[string]AggForm {
	aggs := map[string]AggForm{}
	for fn, name := range map[string]string{
		"count": "COUNT", "sum": "SUM", "avg": "AVG", "min": "MIN", "max": "MAX", "bit_and": "BIT_AND", "bit_or": "BIT_OR", "bit_xor": "BIT_XOR",
		"stddev_pop": "STDDEV_POP", "stddev_samp": "STDDEV_SAMP", "var_pop": "VAR_POP", "var_samp": "VAR_SAMP",
	} {
		aggs[fn] = AggForm{Judge: mysqlAggregable, Print: m.aggregate(name)}
	}
	aggs["group_concat"] = AggForm{Judge: mysqlAggregable, Print: mysqlGroupConcat}
	if m.mariadb() { // has no ANY_VALUE before 11; the least is as good as any
		aggs["any_value"] = AggForm{Judge: mysqlAggregable, Print: m.aggregate("MIN")}
	} else {
		aggs["any_value"] = AggForm{Print: m.aggregate("ANY_VALUE")}
		aggs["json_arrayagg"] = AggForm{Print: m.aggregate("JSON_ARRAYAGG")}
		aggs["json_objectagg"] = AggForm{Print: m.aggregate("JSON_OBJECTAGG")}
	}
	return aggs
}

func mysqlAggregable(a *rel.Agg) Verdict {
	for _, x := range a.Args {
		if x.Type().Class() == rel.ClassJSON && (a.Distinct || a.Fn != "count") {
			return No("JSON is compared by the document's text or by its value, depending on the server")
		}
		if x.Type().Kind == rel.Float && (a.Fn == "group_concat" || a.Distinct) {
			return No("the text of a FLOAT depends on how it is printed")
		}
	}
	return Yes
}

func (m *mysql) aggregate(name string) func(*Writer, *rel.Agg) {
	return func(w *Writer, a *rel.Agg) {
		w.Raw(name, "(")
		if len(a.Args) == 0 {
			w.Raw("*)")
			return
		}
		if a.Distinct {
			w.Raw("DISTINCT ")
		}
		m.operands(w, a.Args)
		w.Raw(")")
	}
}

// operands writes what an aggregate or a window function is computed over with all the digits that it carries: where a temporary table comes between, as the
// plan may have it, MariaDB keeps those that are shown.
func (m *mysql) operands(w *Writer, args []rel.Expr) {
	for i, e := range args {
		if i > 0 {
			w.Raw(", ")
		}
		m.operand(w, e)
	}
}

func mysqlGroupConcat(w *Writer, a *rel.Agg) {
	w.Raw("GROUP_CONCAT(")
	if a.Distinct {
		w.Raw("DISTINCT ")
	}
	w.List(a.Args)
	for i, k := range a.OrderBy {
		if i == 0 {
			w.Raw(" ORDER BY ")
		} else {
			w.Raw(", ")
		}
		if _, constant := k.Expr.(*rel.Lit); constant { // a number would name an operand
			w.Raw("NULL")
			continue
		}
		w.Expr(k.Expr)
		if k.Desc {
			w.Raw(" DESC")
		}
	}
	w.Raw(" SEPARATOR ", mysqlText(a.Separator), ")")
}

func (m *mysql) windows() map[string]WindowForm {
	windows := map[string]WindowForm{}
	for fn, name := range map[string]string{
		"count": "COUNT", "sum": "SUM", "avg": "AVG", "min": "MIN", "max": "MAX", "bit_and": "BIT_AND", "bit_or": "BIT_OR", "bit_xor": "BIT_XOR",
		"stddev_pop": "STDDEV_POP", "stddev_samp": "STDDEV_SAMP", "var_pop": "VAR_POP", "var_samp": "VAR_SAMP",
		"row_number": "ROW_NUMBER", "rank": "RANK", "dense_rank": "DENSE_RANK", "percent_rank": "PERCENT_RANK", "cume_dist": "CUME_DIST",
		"ntile": "NTILE", "lag": "LAG", "lead": "LEAD", "first_value": "FIRST_VALUE", "last_value": "LAST_VALUE", "nth_value": "NTH_VALUE",
	} {
		windows[fn] = WindowForm{Judge: m.judgeWindow, Print: func(w *Writer, f *rel.WindowFn) {
			w.Raw(name, "(")
			if f.Fn == "count" && len(f.Args) == 0 {
				w.Raw("*")
			}
			m.operands(w, f.Args)
			w.Raw(")")
		}}
	}
	if m.mariadb() { // where a temporary table comes between, it keeps ten digits of them
		delete(windows, "percent_rank")
		delete(windows, "cume_dist")
	}
	return windows
}

func (m *mysql) judgeWindow(f *rel.WindowFn) Verdict {
	for _, x := range slices.Concat(f.Args, f.Partition) {
		if x.Type().Class() == rel.ClassJSON {
			return No("JSON is compared by the document's text or by its value, depending on the server")
		}
	}
	if f.Frame != nil && !f.Frame.Rows && m.mariadb() && (f.Frame.Start.Unit != "" || f.Frame.End.Unit != "") {
		return No("MariaDB has no RANGE frames over dates")
	}
	if f.Frame != nil && !f.Frame.Rows && m.mariadb() && (f.Frame.Start.Offset != nil || f.Frame.End.Offset != nil) && f.OrderBy[0].Desc &&
		f.OrderBy[0].Expr.Type().Kind == rel.Decimal { // it can't be given a second key; see sortKey
		return No("MariaDB takes NULL for a peer of the least decimal")
	}
	if (f.Fn == "lag" || f.Fn == "lead") && len(f.Args) > 2 && m.mariadb() {
		return No("MariaDB's LAG and LEAD have no default")
	}
	return Yes
}
