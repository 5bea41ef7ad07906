package dialect

import "weir/engine/rel"

// jsonFunctions are all but none. MariaDB keeps the text of a document as it was written (spaces, repeated keys, 1e2), so what it
// takes out of one differs from MySQL's; for MySQL's own they are unproved.
func (m *mysql) jsonFunctions() map[rel.Op]Form {
	if !m.mariadb() {
		return nil
	}
	return map[rel.Op]Form{"json_valid": {
		Judge: func(c *rel.Call) Verdict {
			if c.Args[0].Type().Class() != rel.ClassText {
				return No("MariaDB has no JSON values, only their text")
			}
			return Yes
		},
		Print: Func("JSON_VALID"),
	}}
}
