package dialect

import (
	"fmt"

	"weir/engine/rel"
)

// duckStrings are the string functions that DuckDB's SQL has exactly, at least for some operands; the rest is Go.
func duckStrings() map[rel.Op]Form {
	return map[rel.Op]Form{
		"concat": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("(")
			for i, a := range c.Args {
				if i > 0 {
					w.Raw(" || ")
				}
				duckStringOf(w, a, c.T)
			}
			w.Raw(")")
		}},
		"length": {Print: bytesOrText("octet_length($1)", "strlen($1)")},
		// DuckDB's length counts code points.
		"char_length": {Print: bytesOrText("octet_length($1)", "length($1)")},
		"bit_length":  {Print: bytesOrText("(octet_length($1) * 8)", "(strlen($1) * 8)")},
		"substr": textOnly("substr", func(w *Writer, c *rel.Call) bool {
			// DuckDB counts positions from below 1 on, MySQL gives '' for them.
			from, ok := duckConstant[int64](c.Args[1])
			if !ok || from < 1 {
				return false
			}
			if len(c.Args) == 2 {
				w.Format("substring($1, $2)", c.Args...)
				return true
			}
			if n, ok := duckConstant[int64](c.Args[2]); !ok || n < 0 {
				return false
			}
			w.Format("substring($1, $2, $3)", c.Args...)
			return true
		}),
		"left": textOnly("left", func(w *Writer, c *rel.Call) bool {
			// A negative count means something else in DuckDB.
			if n, ok := duckConstant[int64](c.Args[1]); !ok || n < 0 {
				return false
			}
			w.Format("left($1, $2)", c.Args...)
			return true
		}),
		"right": textOnly("right", func(w *Writer, c *rel.Call) bool {
			if n, ok := duckConstant[int64](c.Args[1]); !ok || n < 0 {
				return false
			}
			w.Format("right($1, $2)", c.Args...)
			return true
		}),
		"trim":  textOnly("trim", trimOne("trim")),
		"ltrim": textOnly("ltrim", trimOne("ltrim")),
		"rtrim": textOnly("rtrim", trimOne("rtrim")),
		"replace": textOnly("replace", func(w *Writer, c *rel.Call) bool {
			w.Format("replace($1, $2, $3)", c.Args...)
			return true
		}),
		"md5":  {Print: Template("md5($1)")},
		"sha1": {Print: Template("sha1($1)")},

		"elt": {Print: func(w *Writer, c *rel.Call) {
			w.Format("CASE $1", c.Args[0])
			for i, a := range c.Args[1:] {
				w.Raw(fmt.Sprintf(" WHEN %d THEN ", i+1))
				duckStringOf(w, a, c.T)
			}
			w.Raw(" END")
		}},
		"field": {Print: func(w *Writer, c *rel.Call) {
			w.Format("CASE $1", c.Args[0])
			for i, a := range c.Args[1:] {
				w.Format(fmt.Sprintf(" WHEN $1 THEN CAST(%d AS BIGINT)", i+1), a)
			}
			w.Raw(" ELSE CAST(0 AS BIGINT) END")
		}},
		"hex": {Print: func(w *Writer, c *rel.Call) {
			switch a := c.Args[0]; a.Type().Class() {
			case rel.ClassBinary:
				w.Format("weir_hex_b($1)", a)
			case rel.ClassInt, rel.ClassBool, rel.ClassDecimal, rel.ClassDouble:
				w.Raw("weir_hex_uint(")
				duckToInt(w, a, rel.UBigIntType)
				w.Raw(")")
			default:
				w.Raw("weir_hex(")
				duckToText(w, a)
				w.Raw(")")
			}
		}},
		"inet6_ntoa": {Print: func(w *Writer, c *rel.Call) {
			w.Raw("weir_inet6_ntoa(")
			duckBytes(w, c.Args[0])
			w.Raw(")")
		}},
		"format": {Print: func(w *Writer, c *rel.Call) {
			if c.Args[0].Type().Class() == rel.ClassDouble {
				w.Format("weir_format_double(CAST($1 AS DOUBLE), ", c.Args[0])
			} else {
				w.Format("weir_format(CAST($1 AS VARCHAR), ", c.Args[0])
			}
			duckSaturated(w, c.Args[1])
			w.Raw(")")
		}},
	}
}

// duckStringOf writes an operand of a function whose result is a string of type t.
func duckStringOf(w *Writer, e rel.Expr, t rel.Type) {
	if t.Class() == rel.ClassBinary {
		duckBytes(w, e)
		return
	}
	duckAs(w, e, rel.TextType)
}

// textOnly is a form that writes SQL for text, if it can, and calls the Go function otherwise.
func textOnly(op rel.Op, sql func(w *Writer, c *rel.Call) bool) Form {
	return Form{Print: func(w *Writer, c *rel.Call) {
		for _, a := range c.Args {
			if class := a.Type().Class(); class == rel.ClassBinary || class == rel.ClassNull {
				duckCall(w, "weir_"+string(op), rel.Functions[op], c)
				return
			}
		}
		if !sql(w, c) {
			duckCall(w, "weir_"+string(op), rel.Functions[op], c)
		}
	}}
}

// trimOne writes the removal of one ASCII character: DuckDB takes the second operand as a set of characters.
func trimOne(name string) func(w *Writer, c *rel.Call) bool {
	return func(w *Writer, c *rel.Call) bool {
		if s, ok := duckConstant[string](c.Args[1]); !ok || len(s) != 1 {
			return false
		}
		w.Format(name+"($1, $2)", c.Args...)
		return true
	}
}

func bytesOrText(bytes, text string) func(w *Writer, c *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		if c.Args[0].Type().Class() == rel.ClassBinary {
			w.Format(bytes, c.Args...)
			return
		}
		w.Raw("CAST(")
		w.Format(text, c.Args...)
		w.Raw(" AS BIGINT)")
	}
}
