package duck

import (
	"encoding/base64"
	"sort"
	"strconv"
	"strings"

	"weir/engine/sqlerr"
)

// JSON documents are texts in MySQL's spelling: ", " and ": " between parts, names in order of length and then of bytes, each once.
// A function parses its operands, works on the values and writes them again; numbers keep their digits.

var errJSON = sqlerr.InvalidJSON.New("invalid JSON text")

func init() {
	t1 := []kind{kindText}
	set := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, out: out, eval: eval})
	}
	many := func(name string, in []kind, out kind, eval func(a *args) error) {
		register(function{name: "weir_" + name, in: in, rest: kindText, variadic: true, out: out, nulls: true, eval: eval})
	}
	set("json", t1, kindText, func(a *args) error {
		v, err := parseJSON(a.text(0), true)
		if err != nil {
			return err
		}
		return setJSON(a, v)
	})
	set("json_valid", t1, kindInt, func(a *args) error {
		a.setInt(1)
		if _, err := parseJSON(a.text(0), true); err != nil {
			a.setInt(0)
		}
		return nil
	})
	set("json_string", t1, kindText, func(a *args) error { a.setText(quoteJSON(a.text(0))); return nil })
	set("json_quote", t1, kindText, func(a *args) error { a.setText(quoteJSON(a.text(0))); return nil })
	set("json_number", []kind{kindDouble}, kindText, func(a *args) error { a.setText(jsonDouble(a.double(0))); return nil })
	set("json_binary", []kind{kindBinary}, kindText, func(a *args) error {
		a.setText(quoteJSON("base64:type15:" + base64.StdEncoding.EncodeToString([]byte(a.text(0)))))
		return nil
	})
	set("json_unquote", t1, kindText, jsonUnquote)
	register(function{name: "weir_json_name", in: t1, out: kindText, nulls: true, eval: func(a *args) error {
		if a.null(0) {
			return errNullName
		}
		a.setText(quoteJSON(a.text(0)))
		return nil
	}})
	set("json_members", t1, kindText, func(a *args) error {
		v, err := parseJSON(a.text(0), false)
		if err != nil {
			return err
		}
		return setJSON(a, v)
	})
	many("json_array", nil, kindText, func(a *args) error {
		parts := make([]string, a.n())
		for i := range parts {
			if parts[i] = "null"; !a.null(i) {
				parts[i] = a.text(i)
			}
		}
		a.setText("[" + strings.Join(parts, ", ") + "]")
		return nil
	})
	many("json_object", nil, kindText, func(a *args) error {
		o := &jsonValue{kind: jsonObject}
		for i := 0; i+1 < a.n(); i += 2 {
			if a.null(i) {
				return errNullName
			}
			v := jsonNullValue
			if !a.null(i + 1) {
				var err error
				if v, err = parseJSON(a.text(i+1), false); err != nil {
					return err
				}
			}
			o.put(strings.Clone(a.text(i)), v)
		}
		return setJSON(a, o.sorted())
	})

	set("json_type", t1, kindText, withJSON(func(a *args, v *jsonValue) error { a.setText(v.typeName()); return nil }))
	set("json_depth", t1, kindInt, withJSON(func(a *args, v *jsonValue) error { a.setInt(v.depth()); return nil }))
	set("json_pretty", t1, kindText, withJSON(func(a *args, v *jsonValue) error {
		var b strings.Builder
		v.pretty(&b, 0)
		return setLimited(a, b.String())
	}))
	set("json_compare", []kind{kindText, kindText}, kindInt, func(a *args) error {
		x, err := parseJSON(a.text(0), false)
		if err != nil {
			return err
		}
		y, err := parseJSON(a.text(1), false)
		if err != nil {
			return err
		}
		a.setInt(int64(compareJSON(x, y)))
		return nil
	})
	set("json_key", t1, kindBinary, withJSON(func(a *args, v *jsonValue) error {
		a.setText(string(v.key(nil)))
		return nil
	}))
	set("json_int", t1, kindInt, withJSON(func(a *args, v *jsonValue) error { a.setInt(jsonInt(v)); return nil }))
	set("json_uint", t1, kindUint, withJSON(func(a *args, v *jsonValue) error {
		if n, err := strconv.ParseUint(v.text, 10, 64); err == nil && v.kind == jsonNumber {
			a.setUint(n)
		} else {
			a.setUint(uint64(jsonInt(v)))
		}
		return nil
	}))
	set("json_double", t1, kindDouble, withJSON(func(a *args, v *jsonValue) error { a.setDouble(textDouble(v.numeric())); return nil }))
	for s := range maxScale + 1 {
		set("json_decimal_"+strconv.Itoa(s), t1, kindDecimal+kind(s), withJSON(func(a *args, v *jsonValue) error {
			return setDecimal(a, numericPrefix(v.numeric()), s)
		}))
	}
}

var errNullName = sqlerr.Kind{Code: 3158, State: "22032"}.New("JSON documents may not contain NULL member names")

func withJSON(f func(a *args, v *jsonValue) error) func(a *args) error {
	return func(a *args) error {
		v, err := parseJSON(a.text(0), false)
		if err != nil {
			return err
		}
		return f(a, v)
	}
}

func setJSON(a *args, v *jsonValue) error {
	var b strings.Builder
	v.write(&b)
	return setLimited(a, b.String())
}

// numeric is the text of a number that a value is in a numeric context.
func (v *jsonValue) numeric() string {
	switch v.kind {
	case jsonNumber, jsonString:
		return v.text
	case jsonTrue:
		return "1"
	}
	return "0"
}

func jsonInt(v *jsonValue) int64 {
	if v.kind == jsonNumber && strings.ContainsAny(v.text, ".eE") {
		return doubleInt(textDouble(v.text))
	}
	return textInt(v.numeric())
}

// jsonUnquote gives the characters of a JSON string; any other text is given back as it is.
func jsonUnquote(a *args) error {
	s := a.text(0)
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		a.setText(s)
		return nil
	}
	v, err := parseJSON(s, false)
	if err != nil {
		return err
	}
	a.setText(v.text)
	return nil
}

func quoteJSON(s string) string {
	var b strings.Builder
	writeJSONString(&b, s)
	return b.String()
}

// jsonDouble is a double inside a document: always with a point or an exponent.
func jsonDouble(v float64) string {
	s := doubleText(v)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// sortNames orders members as MySQL does: short names first.
func sortNames(m []jsonMember) {
	sort.SliceStable(m, func(i, j int) bool {
		if len(m[i].name) != len(m[j].name) {
			return len(m[i].name) < len(m[j].name)
		}
		return m[i].name < m[j].name
	})
}
