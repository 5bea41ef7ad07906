package dialect

import "weir/engine/rel"

// duckJSONs are the JSON functions whose operands are of any class.
func duckJSONs() map[rel.Op]Form {
	return map[rel.Op]Form{
		"json_unquote": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_json_unquote(")
			duckToText(w, c.Args[0])
			w.Raw(")")
		}},
		"json_valid": {Print: func(w *Writer, c *rel.Call) {
			switch a := c.Args[0]; a.Type().Class() {
			case rel.ClassText, rel.ClassJSON, rel.ClassNull:
				w.Raw("weir_json_valid(")
				duckAs(w, a, rel.TextType)
				w.Raw(")")
			default:
				w.Format("CASE WHEN $1 IS NOT NULL THEN CAST(0 AS BIGINT) END", a)
			}
		}},
	}
}

// duckJSONValue writes a value as the text of the JSON value that it becomes inside a document; SQL's NULL stays NULL.
func duckJSONValue(w *Writer, e rel.Expr) {
	switch e.Type().Class() {
	case rel.ClassNull:
		w.Raw("CAST(NULL AS VARCHAR)")
	case rel.ClassJSON:
		w.Expr(e)
	case rel.ClassBool:
		w.Format("CAST($1 AS VARCHAR)", e)
	case rel.ClassInt, rel.ClassDecimal:
		duckToText(w, e)
	case rel.ClassDouble:
		w.Format("weir_json_number(CAST($1 AS DOUBLE))", e)
	case rel.ClassText:
		w.Format("weir_json_string($1)", e)
	case rel.ClassBinary:
		w.Format("weir_json_binary($1)", e)
	case rel.ClassDate:
		w.Format("weir_json_string(weir_date_text($1))", e)
	case rel.ClassDateTime: // always with six digits
		w.Format("weir_json_string(weir_datetime_text($1, 6))", e)
	default:
		w.Format("weir_json_string(weir_time_text($1, 6))", e)
	}
}
