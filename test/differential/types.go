package differential

import (
	"fmt"
	"strings"

	"weir/test/reference"
)

// typeName is a column's type as it is compared. A column of a table must have the very type that it has in the table; an
// expression's is compared as far as MySQL 8 and MariaDB agree on it: they give integers, and texts, different widths, and a DOUBLE
// different numbers of digits to show.
func (s *Statement) typeName(i int, c reference.ResultColumn) string {
	name := c.Type
	if i >= len(s.Base) || !s.Base[i] {
		name, unsigned := strings.CutPrefix(name, "UNSIGNED ")
		switch name {
		case "TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT", "YEAR":
			if unsigned && !s.loose(i) {
				return "UNSIGNED INTEGER"
			}
			return "INTEGER"
		case "DECIMAL":
			if c.Decimals == 0 && s.loose(i) {
				return "INTEGER"
			}
		case "CHAR", "VARCHAR", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT", "JSON", "ENUM", "SET":
			return "text"
		case "BINARY", "VARBINARY", "BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB":
			return "binary"
		case "DOUBLE", "FLOAT":
			return name
		case "TIMESTAMP":
			c.Type = "DATETIME"
		}
	}
	if c.Decimals >= 0 {
		return fmt.Sprintf("%s(%d)", c.Type, c.Decimals)
	}
	return c.Type
}

func (s *Statement) loose(i int) bool { return i < len(s.Loose) && s.Loose[i] }
