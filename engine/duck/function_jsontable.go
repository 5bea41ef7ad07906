package duck

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// JSON_TABLE: the rows of a document, and the value of a column in one of them.

// rowEnd parts rows. It can't stand in a document's text, where control characters are escaped.
const rowEnd = "\x1f"

// What weir_json_column gives instead of a value. No text of a value begins so, since control characters of strings that do are doubled.
const (
	jsonMark  = "\x01"
	jsonEmpty = jsonMark + "E" // the path leads nowhere
	jsonError = jsonMark + "R" // the value does not fit the column
)

func init() {
	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	set("json_rows", []kind{kindText, kindText}, kindText, func(a *args) error {
		v, err := parseJSON(a.text(0), false)
		if err != nil {
			return err
		}
		steps, err := pathAt(a, 1)
		if err != nil {
			return err
		}
		var b strings.Builder
		first := true
		v.find(steps, func(x *jsonValue) {
			if !first {
				b.WriteString(rowEnd)
			}
			first = false
			x.write(&b)
		})
		if !first { // NULL without a row
			a.setText(b.String())
		}
		return nil
	})
	set("json_exists", []kind{kindText, kindText}, kindInt, func(a *args) error {
		found, err := findAll(a)
		a.setInt(truth(len(found) > 0))
		return err
	})
	set("json_column", []kind{kindText, kindText, kindText, kindInt, kindInt}, kindText, func(a *args) error {
		found, err := findAll(a)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			a.setText(jsonEmpty)
		case len(found) > 1:
			a.setText(jsonError)
		case a.text(2) == "json":
			return setJSON(a, found[0])
		case found[0].kind == jsonNull:
		default:
			s, ok := found[0].columnText(a.text(2), int(a.int(3)), int(a.int(4)))
			if !ok {
				s = jsonError
			} else if strings.HasPrefix(s, jsonMark) {
				s = jsonMark + s
			}
			a.setText(s)
		}
		return nil
	})
}

func findAll(a *args) (found []*jsonValue, err error) {
	v, err := parseJSON(a.text(0), false)
	if err != nil {
		return nil, err
	}
	steps, err := pathAt(a, 1)
	if err == nil {
		v.find(steps, func(x *jsonValue) { found = append(found, x) })
	}
	return found, err
}

// columnText is a scalar as the text from which a cast makes the column's value; ok is false if it does not fit the column's class: text of
// at most size characters (0 is no bound), or a number of size digits, scale of them after the point.
func (v *jsonValue) columnText(class string, size, scale int) (s string, ok bool) {
	switch v.kind {
	case jsonString, jsonNumber:
		s = v.text
	case jsonTrue:
		s = "1"
	case jsonFalse:
		s = "0"
	default:
		return "", false
	}
	if class == "text" {
		if v.kind == jsonTrue || v.kind == jsonFalse {
			s = map[jsonKind]string{jsonTrue: "true", jsonFalse: "false"}[v.kind]
		}
		return s, size == 0 || utf8.RuneCountInString(s) <= size
	}
	switch class {
	case "date", "datetime":
		_, ok = parseDateTime(s)
		return s, ok
	case "time":
		_, ok = parseTime(s, 6)
		return s, ok
	}
	t := strings.TrimSpace(s)
	if t == "" || numericPrefix(t) != t {
		return "", false
	}
	switch class {
	case "double":
		_, err := strconv.ParseFloat(t, 64)
		return t, err == nil
	case "decimal":
		n := parseDecimal(t, scale)
		return t, n != nil && n.CmpAbs(bigPow10(size)) < 0
	}
	n := parseDecimal(t, 0) // an integer: class is its number of bits, negative if signed
	bits, err := strconv.Atoi(class)
	if n == nil || err != nil {
		return "", false
	}
	low, high := new(big.Int), new(big.Int)
	if bits < 0 {
		high.Lsh(big.NewInt(1), uint(-bits-1))
		low.Neg(high)
	} else {
		high.Lsh(big.NewInt(1), uint(bits))
	}
	return n.String(), n.Cmp(low) >= 0 && n.Cmp(high) < 0
}
