package differential

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"weir/policy/pseudonym"
	"weir/test/reference"
)

// mask is a mask: as the policy file says it, what it makes of a column, and what it makes of a value.
type mask struct {
	yaml string
	viewed
}

var kinds = map[class]string{cInt: "number", cDec: "number", cDouble: "double", cText: "text", cDate: "date", cDateTime: "date", cTime: "time"}

// randomMask makes a mask of a column that needs no SQL.
func (m *maker) randomMask(c reference.Column) mask {
	kind := kinds[columnType(c).class]
	same := c
	same.NotNull = false
	text := func(n int) reference.Column {
		return reference.Column{Name: c.Name, Kind: reference.VarChar, Length: n, Declared: fmt.Sprintf("varchar(%d)", n)}
	}
	nothing := mask{"null", viewed{Column: same, mask: func(any) any { return nil }}}
	choices := []string{"null", "constant", "redact", "partial", "partial", "keyed", "keyed", "number", "number", "truncate", "truncate"}
	for {
		switch pick(m, choices) {
		case "null":
			return nothing
		case "constant":
			if kind == "text" || kind == "time" {
				s := pick(m, reference.Texts)
				return mask{"{constant: " + yamlText(s) + "}", viewed{Column: text(len([]rune(s)) + 1), mask: func(any) any { return s }, all: true}}
			}
			if kind == "date" {
				day := pick(m, literalDates)
				return mask{"{constant: '" + day + "'}", viewed{Column: same, mask: func(any) any { return inForm(c, day) }, all: true}}
			}
			n := int64(m.IntN(100))
			return mask{fmt.Sprintf("{constant: %d}", n), viewed{Column: same, mask: func(any) any { return inColumn(c, new(big.Rat).SetInt64(n)) }, all: true}}
		case "redact":
			if kind != "text" {
				nothing.yaml = "redact"
				return nothing
			}
			return mask{"redact", viewed{Column: text(3), mask: func(any) any { return "***" }, all: true}}
		case "partial":
			first, last := m.IntN(4), m.IntN(4)
			if kind == "double" || first+last == 0 {
				continue
			}
			if kind != "text" && kind != "number" {
				nothing.yaml = fmt.Sprintf("{partial: {first: %d, last: %d}}", first, last)
				return nothing
			}
			return mask{fmt.Sprintf("{partial: {first: %d, last: %d}}", first, last), viewed{Column: text(first + last + 3), mask: func(v any) any {
				return partly(fmt.Sprint(v), first, last)
			}}}
		case "keyed":
			if kind == "double" || kind == "time" {
				continue
			}
			return m.keyedMask(c, pick(m, []string{"", "people", "other"}))
		case "number":
			if kind == "double" && m.chance(0.5) {
				width := pick(m, []int64{1, 10, 1000})
				return mask{fmt.Sprintf("{bucket: %d}", width), viewed{Column: same, mask: bucket(c, big.NewRat(width, 1))}}
			}
			if kind != "number" {
				if kind == "double" {
					continue
				}
				nothing.yaml = "{bucket: 10}"
				return nothing
			}
			if m.chance(0.5) {
				digits := m.IntN(5) - 2
				return mask{fmt.Sprintf("{round: %d}", digits), viewed{Column: same, mask: func(v any) any { return inColumn(c, round(number(v), digits)) }}}
			}
			width := pick(m, []string{"1", "3", "10", "100", "0.5", "2.5", "1000"})
			w, _ := new(big.Rat).SetString(width)
			return mask{"{bucket: " + width + "}", viewed{Column: same, mask: bucket(c, w)}}
		case "truncate":
			if kind != "date" {
				continue
			}
			unit := pick(m, []string{"month", "quarter", "year"})
			return mask{"{truncate: " + unit + "}", viewed{Column: same, mask: func(v any) any { return inForm(c, firstDay(v.(string)[:10], unit)) }}}
		}
	}
}

// keyedMask makes a mask that works with a key of a domain.
func (m *maker) keyedMask(c reference.Column, domain string) mask {
	name := pick(m, []string{"pseudonym", "pseudonym", "hash", "email", "phone", "card", "iban"})
	return keyedMask(c, name, domain)
}

func keyedMask(c reference.Column, name, domain string) mask {
	out := reference.Column{Name: c.Name, Kind: reference.Text, Declared: "text"}
	fn, in := name, domain
	if name != "pseudonym" && name != "hash" {
		fn = "fake_" + name
	}
	if in == "" {
		in = pseudonym.Default
	}
	f, err := ring.Masker(fn, in, "")
	if err != nil {
		panic(err)
	}
	yaml := name
	if domain != "" {
		yaml = "{" + name + ": " + domain + "}"
	}
	return mask{yaml, viewed{Column: out, mask: func(v any) any {
		b, ok := f(nil, fmt.Sprint(v))
		if !ok {
			return nil
		}
		return string(b)
	}}}
}

// partly is the first and last characters of a text with more than these.
func partly(s string, first, last int) string {
	r := []rune(s)
	if len(r) <= first+last {
		return "***"
	}
	return string(r[:first]) + "***" + string(r[len(r)-last:])
}

// number is a value of a column of numbers.
func number(v any) *big.Rat {
	switch v := v.(type) {
	case float64:
		return new(big.Rat).SetFloat64(v)
	default:
		r, ok := new(big.Rat).SetString(fmt.Sprint(v))
		if !ok {
			panic(fmt.Sprintf("%v is no number", v))
		}
		return r
	}
}

// floor is the greatest integer up to a number.
func floor(r *big.Rat) *big.Int {
	q, rest := new(big.Int).QuoRem(r.Num(), r.Denom(), new(big.Int))
	if rest.Sign() < 0 {
		q.Sub(q, big.NewInt(1))
	}
	return q
}

func bucket(c reference.Column, width *big.Rat) func(any) any {
	return func(v any) any {
		n := new(big.Rat).SetInt(floor(new(big.Rat).Quo(number(v), width)))
		return inColumn(c, n.Mul(n, width))
	}
}

// round rounds to digits after the point, halves away from zero.
func round(r *big.Rat, digits int) *big.Rat {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(digits, -digits))), nil))
	if digits > 0 {
		unit.Inv(unit)
	}
	half := new(big.Rat).Add(new(big.Rat).Quo(new(big.Rat).Abs(r), unit), big.NewRat(1, 2))
	out := new(big.Rat).Mul(new(big.Rat).SetInt(floor(half)), unit)
	if r.Sign() < 0 {
		out.Neg(out)
	}
	return out
}

// ranges are the greatest values of the integers; the least is one less than the negative.
var ranges = map[reference.Kind]int{reference.TinyInt: 8, reference.SmallInt: 16, reference.MediumInt: 24, reference.Int: 32, reference.BigInt: 64}

// inColumn is a number as a column holds it: rounded to the column's digits, and not beyond its range.
func inColumn(c reference.Column, r *big.Rat) any {
	var most *big.Rat
	power := func(base int64, n int) *big.Rat {
		return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(base), big.NewInt(int64(n)), nil))
	}
	switch c.Kind {
	case reference.Double:
		f, _ := r.Float64()
		return f
	case reference.Decimal:
		r = round(r, c.Scale)
		most = new(big.Rat).Sub(power(10, c.Precision-c.Scale), new(big.Rat).Inv(power(10, c.Scale)))
		if r.Cmp(most) > 0 {
			r = most
		} else if least := new(big.Rat).Neg(most); r.Cmp(least) < 0 {
			r = least
		}
		return r.FloatString(c.Scale)
	}
	r = round(r, 0)
	bits := ranges[c.Kind]
	least := new(big.Rat)
	if most = new(big.Rat).Sub(power(2, bits), big.NewRat(1, 1)); !c.Unsigned {
		most = new(big.Rat).Sub(power(2, bits-1), big.NewRat(1, 1))
		least.Neg(power(2, bits-1))
	}
	if r.Cmp(most) > 0 {
		r = most
	} else if r.Cmp(least) < 0 {
		r = least
	}
	return r.Num().Int64()
}

// firstDay is the first day of the month, quarter or year of a date.
func firstDay(date, unit string) string {
	month := date[5:7]
	switch n, _ := strconv.Atoi(month); unit {
	case "quarter":
		month = fmt.Sprintf("%02d", (n-1)/3*3+1)
	case "year":
		month = "01"
	}
	return date[:5] + month + "-01"
}

// inForm is a day as a column of dates, or of dates with times, writes it.
func inForm(c reference.Column, day string) string {
	if c.Kind == reference.Date {
		return day
	}
	day += " 00:00:00"
	if c.Scale > 0 {
		day += "." + strings.Repeat("0", c.Scale)
	}
	return day
}

// parse is a value that the reference computed, as the data set has such values.
func (c *viewed) parse(v *string) any {
	if v == nil {
		return nil
	}
	if columnType(c.Column).class == cInt {
		if n, err := strconv.ParseInt(*v, 10, 64); err == nil {
			return n
		}
	}
	return *v
}

// yamlText writes any text for YAML.
func yamlText(s string) string {
	if slices.ContainsFunc([]rune(s), func(r rune) bool { return r < ' ' }) || strings.Contains(s, `\`) {
		return strconv.Quote(s)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
