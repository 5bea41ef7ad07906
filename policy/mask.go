package policy

import (
	"fmt"
	"strings"

	"weir/catalog/config"
	"weir/engine/rel"
	"weir/policy/pseudonym"
	"weir/sources"
)

// redaction stands for a text that is not shown, whatever its length, and whether or not there was one.
const redaction = "***"

// MaskSQL writes a mask of a column as an SQL expression over it. sameType says that the result is to be cast to the column's own type. A mask that makes no
// sense for the column's type gives NULL: a rule about many columns must not show one because it doesn't fit.
//
// NULL stays NULL except where a fixed value stands for all (constant, redact).
func MaskSQL(m config.Mask, c *sources.Column) (sql string, sameType bool) {
	name := quoteName(c.Name)
	class := c.Type.Class()
	number := class == rel.ClassInt || class == rel.ClassDecimal || class == rel.ClassDouble
	date := class == rel.ClassDate || class == rel.ClassDateTime
	switch m.Kind {
	case "constant":
		return quoteText(m.Constant), number || date
	case "redact":
		if class == rel.ClassText {
			return quoteText(redaction), false
		}
	case "partial":
		if class == rel.ClassText || number {
			return partialSQL(name, m.First, m.Last), false
		}
	case "bucket":
		if number {
			// MOD has the sign of its first operand, so what is below 0 would be put into the bucket above its own.
			return fmt.Sprintf("CASE WHEN MOD(%[1]s, %[2]s) < 0 THEN %[1]s - MOD(%[1]s, %[2]s) - %[2]s ELSE %[1]s - MOD(%[1]s, %[2]s) END", name, m.Step), true
		}
	case "round":
		if number {
			return fmt.Sprintf("ROUND(%s, %d)", name, m.Digits), true
		}
	case "truncate":
		if date {
			return truncateSQL(name, m.Unit), true
		}
	case "sql":
		return m.SQL, false
	case "pseudonym":
		return keyed("weir_pseudonym", m.Domain, name), false
	case "hash":
		return keyed("weir_hash", m.Domain, name), false
	case "email", "phone", "card", "iban":
		return keyed("weir_fake_"+m.Kind, m.Domain, name), false
	}
	return "NULL", true
}

// partialSQL shows the first and last characters of a value, and none of one that has no more than these.
func partialSQL(name string, first, last int) string {
	parts := []string{quoteText(redaction)}
	if first > 0 {
		parts = append([]string{fmt.Sprintf("LEFT(%s, %d)", name, first)}, parts...)
	}
	if last > 0 {
		parts = append(parts, fmt.Sprintf("RIGHT(%s, %d)", name, last))
	}
	return fmt.Sprintf("CASE WHEN %[1]s IS NULL THEN NULL WHEN CHAR_LENGTH(%[1]s) > %[2]d THEN CONCAT(%[3]s) ELSE %[4]s END", name, first+last,
		strings.Join(parts, ", "), quoteText(redaction))
}

// truncateSQL is the first day of a date's month, quarter or year.
func truncateSQL(name, unit string) string {
	switch unit {
	case "year":
		return fmt.Sprintf("MAKEDATE(YEAR(%s), 1)", name)
	case "quarter":
		return fmt.Sprintf("DATE_ADD(MAKEDATE(YEAR(%[1]s), 1), INTERVAL 3 * (QUARTER(%[1]s) - 1) MONTH)", name)
	}
	return fmt.Sprintf("DATE_ADD(MAKEDATE(YEAR(%[1]s), 1), INTERVAL MONTH(%[1]s) - 1 MONTH)", name)
}

func keyed(function, domain, name string) string {
	if domain == "" {
		domain = pseudonym.Default
	}
	return fmt.Sprintf("%s(%s, %s)", function, quoteText(domain), name)
}

func quoteName(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func quoteText(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}
