package dialect

import (
	"strconv"
	"unicode/utf8"

	"weir/engine/rel"
)

// strings are the functions of text that mean the same in both systems. Those that map letters (lower, upper) depend on the
// collation and are not among them.
func (p *postgres) strings() map[rel.Op]Form {
	text := func(c *rel.Call) Verdict {
		for _, a := range c.Args {
			if cl := a.Type().Class(); cl == rel.ClassBinary || cl == rel.ClassJSON {
				return No("only text is proved")
			}
		}
		return Yes
	}
	form := func(template string) Form { return Form{Judge: text, Print: Template(template)} }
	// bytes is a form that works by byte.
	bytes := func(template string) Form {
		return Form{Print: Template(template), Judge: func(c *rel.Call) Verdict {
			if !p.utf8 {
				return No("the database's encoding is not UTF-8")
			}
			return text(c)
		}}
	}
	// constants is a form whose operands from the second on are constants that fit.
	constants := func(fits func(c *rel.Call) bool, print func(*Writer, *rel.Call)) Form {
		return Form{Print: print, Judge: func(c *rel.Call) Verdict {
			if v := text(c); v.Grade != Exact {
				return v
			}
			if !fits(c) {
				return No("it is proved for some constants only, such as positive lengths")
			}
			return Yes
		}}
	}
	from := func(i int, least int64) func(*rel.Call) bool {
		return func(c *rel.Call) bool {
			for _, a := range c.Args[i:] {
				if n, ok := pgConstantInt(a); !ok || n < least || n > 1<<30 {
					return false
				}
			}
			return true
		}
	}
	padded := func(fn string) Form {
		return constants(func(c *rel.Call) bool {
			n, ok := pgConstantInt(c.Args[1])
			pad, isText := pgConstant[string](c.Args[2])
			return ok && n >= 0 && n <= 1<<20 && isText && pad != "" && pgTextOK(pad)
		}, func(w *Writer, c *rel.Call) {
			n, _ := pgConstantInt(c.Args[1])
			w.Format(fn+"($1, "+strconv.FormatInt(n, 10)+", $2)", c.Args[0], c.Args[2])
		})
	}
	trimmed := func(fn string) Form {
		return constants(func(c *rel.Call) bool { // PostgreSQL takes off any of the characters
			s, ok := pgConstant[string](c.Args[1])
			return ok && utf8.RuneCountInString(s) == 1
		}, Func(fn))
	}
	return map[rel.Op]Form{
		"concat":      {Judge: text, Print: Infix("||")},
		"char_length": form("char_length($1)::bigint"),
		"length":      bytes("octet_length($1)::bigint"),
		"bit_length":  bytes("(octet_length($1)::bigint * 8)"),
		"replace":     {Judge: text, Print: pgReplace},
		"reverse":     form("reverse($1)"),
		"locate": {Judge: func(c *rel.Call) Verdict {
			if len(c.Args) != 2 {
				return No("a start position is not proved")
			}
			return text(c)
		}, Print: func(w *Writer, c *rel.Call) {
			w.Format(`strpos($2 COLLATE "C", $1)::bigint`, c.Args...)
		}},
		"substr": constants(from(1, 1), Func("substr")),
		"left":   constants(from(1, 0), pgConstantLength("left")),
		"right":  constants(from(1, 0), pgConstantLength("right")),
		"lpad":   padded("lpad"),
		"rpad":   padded("rpad"),
		"trim":   trimmed("btrim"),
		"ltrim":  trimmed("ltrim"),
		"rtrim":  trimmed("rtrim"),
		"repeat": constants(func(c *rel.Call) bool { n, ok := pgConstantInt(c.Args[1]); return ok && n <= 1<<10 }, pgConstantLength("repeat")),
		"md5":    bytes("md5($1)"),
	}
}

func pgReplace(w *Writer, c *rel.Call) { w.Format(`replace($1 COLLATE "C", $2, $3)`, c.Args...) }

// pgConstantLength writes a function whose second operand is a small constant.
func pgConstantLength(fn string) func(*Writer, *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		n, _ := pgConstantInt(c.Args[1])
		w.Format(fn+"($1, "+strconv.FormatInt(max(n, 0), 10)+")", c.Args[0])
	}
}
