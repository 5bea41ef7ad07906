package dialect

import "weir/engine/rel"

// duckKeyed are the forms of the functions that work with keys: package duck's Go functions of the same names, which find the keys by the
// ring's number. No other dialect has them, so that no source is ever asked for a key.
func duckKeyed() map[rel.Op]Form {
	forms := map[rel.Op]Form{}
	for op, s := range rel.Keyed {
		forms[op] = Form{Print: func(w *Writer, c *rel.Call) { duckCall(w, string(op), s, c) }}
	}
	return forms
}
