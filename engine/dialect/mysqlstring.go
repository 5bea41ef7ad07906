package dialect

import (
	"strings"

	"weir/engine/rel"
)

// mysqlCalls makes forms that are calls of the function of the same name, or of the name after a colon.
func mysqlCalls(names string) map[rel.Op]Form {
	forms := map[rel.Op]Form{}
	for name := range strings.FieldsSeq(names) {
		op, function, other := strings.Cut(name, ":")
		if !other {
			function = strings.ToUpper(op)
		}
		forms[rel.Op(op)] = Form{Print: Func(function)}
	}
	return forms
}

// mariadbOwnBuffers refuses a function that is given one column twice. MariaDB merges derived tables, so that both operands are then one and the same expression, a CASE
// for instance, whose result is one buffer: CONCAT_WS writes its second separator into it, and REPLACE never ends.
func mariadbOwnBuffers(c *rel.Call) Verdict {
	seen := map[rel.ColumnID]bool{}
	for _, a := range c.Args {
		own := map[rel.ColumnID]bool{}
		rel.MapExpr(a, func(x rel.Expr) rel.Expr {
			if col, ok := x.(*rel.Col); ok {
				own[col.ID] = true
			}
			return x
		})
		for id := range own {
			if seen[id] {
				return No(string(c.Op) + " of one column twice is unproved there")
			}
			seen[id] = true
		}
	}
	return Yes
}

// stringFunctions. Their results have the session's collation, which is Weir's, except where it is written.
func (m *mysql) stringFunctions() map[rel.Op]Form {
	forms := mysqlCalls(`concat concat_ws substr substring_index left right lpad rpad length char_length bit_length locate replace repeat
		reverse space insert elt find_in_set make_set ascii ord char unhex format strcmp soundex quote to_base64 from_base64 md5 sha1 sha2
		crc32 inet_aton inet_ntoa inet6_aton inet6_ntoa is_ipv4 is_ipv6`)
	for op, where := range map[rel.Op]string{"trim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"} {
		forms[op] = Form{Print: Template("TRIM(" + where + " $2 FROM $1)")}
	}
	forms["char_text"] = Form{Print: Template("(CHAR($* USING utf8mb4) COLLATE " + m.collation + ")")}
	if m.mariadb() {
		// Its type there has the digits of seven bytes, and a temporary table cuts the value of a character of four.
		forms["ord"] = Form{Print: Template("CAST((ORD($1) | 0) AS SIGNED)")}
		for _, op := range []rel.Op{"concat_ws", "replace", "insert", "lpad", "rpad"} {
			forms[op] = Form{Judge: mariadbOwnBuffers, Print: Func(strings.ToUpper(string(op)))}
		}
		delete(forms, "make_set") // is NULL for some NULLs, and appends the beginning of a CONCAT that is NULL
	}
	forms["field"] = Form{Judge: mysqlComparable, Print: Func("FIELD")}
	forms["hex"] = Form{
		Judge: func(c *rel.Call) Verdict {
			switch t := c.Args[0].Type(); t.Class() {
			case rel.ClassText, rel.ClassBinary, rel.ClassInt:
				return Yes
			default:
				return No("HEX of a " + t.Kind.String() + " is unproved there")
			}
		},
		Print: Func("HEX"),
	}
	forms["conv"] = Form{
		Judge: func(c *rel.Call) Verdict { // newer MariaDB knows bases up to 62, where MySQL gives NULL
			for _, a := range c.Args[1:] {
				base, ok := mysqlInt(a)
				if base = max(base, -base); !ok || base < 2 || base > 36 {
					return No("the base is no constant from 2 to 36")
				}
			}
			return Yes
		},
		Print: Func("CONV"),
	}
	for _, op := range []rel.Op{"lower", "upper"} {
		name := strings.ToUpper(string(op))
		forms[op] = Form{Print: func(w *Writer, c *rel.Call) {
			if m.mariadb() || c.Args[0].Type().Class() != rel.ClassText {
				Func(name)(w, c)
				return
			}
			// utf8mb4_0900_bin has the case pairs of Unicode 9; the older utf8mb4_bin has those that MariaDB has.
			w.Format("("+name+"($1 COLLATE utf8mb4_bin) COLLATE "+m.collation+")", c.Args...)
		}}
	}
	return forms
}

// mysqlInt is the value of an integer constant.
func mysqlInt(e rel.Expr) (int64, bool) {
	l, ok := e.(*rel.Lit)
	if !ok {
		return 0, false
	}
	switch v := l.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v < 1<<62
	}
	return 0, false
}
