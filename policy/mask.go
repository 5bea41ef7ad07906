package policy

import (
	"fmt"
	"math/big"
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
			return inRange(bucketSQL(room(name, c.Type, m.Step), m.Step), c.Type), true
		}
	case "round":
		if number {
			if class == rel.ClassInt && m.Digits >= 0 {
				return name, true
			}
			return inRange(fmt.Sprintf("ROUND(%s, %d)", room(name, c.Type, power(-m.Digits)), m.Digits), c.Type), true
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

// bucketSQL is the lower bound of a number's bucket. MOD has the sign of its first operand, so what is below 0 would be put into the bucket above its own.
func bucketSQL(x, step string) string {
	return fmt.Sprintf("CASE WHEN MOD(%[1]s, %[2]s) < 0 THEN %[1]s - MOD(%[1]s, %[2]s) - %[2]s ELSE %[1]s - MOD(%[1]s, %[2]s) END", x, step)
}

// A bucket's lower bound, or a rounded number, may lie outside its integer type's range. A mask that fails for a value would tell of it, so the ends of the range stand
// for what is beyond them.

var bits = map[rel.Kind]uint{rel.TinyInt: 8, rel.SmallInt: 16, rel.MediumInt: 24, rel.Int: 32, rel.BigInt: 64}

// span is the range of an integer type; ok is false for any other.
func span(t rel.Type) (least, most *big.Int, ok bool) {
	n, ok := bits[t.Kind]
	if !ok {
		return nil, nil, false
	}
	if t.Unsigned {
		most = new(big.Int).Lsh(big.NewInt(1), n)
		return new(big.Int), most.Sub(most, big.NewInt(1)), true
	}
	most = new(big.Int).Lsh(big.NewInt(1), n-1)
	return new(big.Int).Neg(most), most.Sub(most, big.NewInt(1)), true
}

// inRange keeps an expression in the range of an integer type that is narrower than what it is computed in.
func inRange(x string, t rel.Type) string {
	least, most, ok := span(t)
	if !ok || t.Kind == rel.BigInt {
		return x
	}
	if !t.Unsigned {
		x = fmt.Sprintf("GREATEST(%s, %s)", x, least)
	}
	return fmt.Sprintf("LEAST(%s, %s)", x, most)
}

// room keeps a BIGINT, for which there is nothing wider to compute in, a step away from the ends of its range.
func room(x string, t rel.Type, step string) string {
	width, ok := new(big.Rat).SetString(step)
	least, most, isInt := span(t)
	if !ok || !isInt || t.Kind != rel.BigInt {
		return x
	}
	whole := new(big.Int).Add(new(big.Int).Quo(width.Num(), width.Denom()), big.NewInt(1))
	if whole.Cmp(most) > 0 {
		return x
	}
	if !t.Unsigned {
		x = fmt.Sprintf("GREATEST(%s, %s)", x, least.Add(least, whole))
	}
	return fmt.Sprintf("LEAST(%s, %s)", x, most.Sub(most, whole))
}

func power(n int) string {
	if n <= 0 {
		return "1"
	}
	return "1" + strings.Repeat("0", n)
}

// truncateSQL is the first day of a date's month, quarter or year: so many days and months before it. MAKEDATE takes years before 100 for others.
func truncateSQL(name, unit string) string {
	if unit == "year" {
		return fmt.Sprintf("DATE_SUB(DATE(%[1]s), INTERVAL DAYOFYEAR(%[1]s) - 1 DAY)", name)
	}
	month := fmt.Sprintf("DATE_SUB(DATE(%[1]s), INTERVAL DAY(%[1]s) - 1 DAY)", name)
	if unit == "quarter" {
		return fmt.Sprintf("DATE_SUB(%s, INTERVAL MOD(MONTH(%s) - 1, 3) MONTH)", month, name)
	}
	return month
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
