package duck

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"weir/engine/sqlerr"
)

// jsonKind is the kind of a JSON value.
type jsonKind uint8

// The kinds, in MySQL's order of values of different kinds (numbers before strings before objects …), NULL lowest.
const (
	jsonNull jsonKind = iota
	jsonNumber
	jsonString
	jsonObject
	jsonArray
	jsonFalse
	jsonTrue
)

// jsonValue is a JSON value.
type jsonValue struct {
	kind    jsonKind
	text    string // of a number, or the characters of a string
	items   []*jsonValue
	members []jsonMember // sorted by sortNames, each name once
}

type jsonMember struct {
	name  string
	value *jsonValue
}

var jsonNullValue = &jsonValue{kind: jsonNull}

// maxJSONDepth is how deep a document may nest.
const maxJSONDepth = 100

var errJSONDepth = sqlerr.Kind{Code: 3157, State: "22032"}.New("the JSON document exceeds the maximum depth")

// jsonParser reads a document. What is given to it as text by a client is normalised: numbers are read as MySQL reads them.
type jsonParser struct {
	s         string
	normalise bool
}

func parseJSON(s string, normalise bool) (*jsonValue, error) {
	p := &jsonParser{s: s, normalise: normalise}
	v, err := p.value(1)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.s != "" {
		return nil, errJSON
	}
	return v, nil
}

func (p *jsonParser) space() { p.s = strings.TrimLeft(p.s, " \t\n\r") }

func (p *jsonParser) value(depth int) (*jsonValue, error) {
	if depth > maxJSONDepth {
		return nil, errJSONDepth
	}
	p.space()
	if p.s == "" {
		return nil, errJSON
	}
	switch c := p.s[0]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return &jsonValue{kind: jsonString, text: s}, err
	case c == '-' || isDigit(c):
		return p.number()
	}
	for word, k := range map[string]jsonKind{"null": jsonNull, "true": jsonTrue, "false": jsonFalse} {
		if strings.HasPrefix(p.s, word) {
			p.s = p.s[len(word):]
			return &jsonValue{kind: k}, nil
		}
	}
	return nil, errJSON
}

func (p *jsonParser) take(c byte) bool {
	p.space()
	if p.s != "" && p.s[0] == c {
		p.s = p.s[1:]
		return true
	}
	return false
}

func (p *jsonParser) array(depth int) (*jsonValue, error) {
	v := &jsonValue{kind: jsonArray}
	p.s = p.s[1:]
	if p.take(']') {
		return v, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.items = append(v.items, item)
		if p.take(']') {
			return v, nil
		}
		if !p.take(',') {
			return nil, errJSON
		}
	}
}

func (p *jsonParser) object(depth int) (*jsonValue, error) {
	v := &jsonValue{kind: jsonObject}
	p.s = p.s[1:]
	if p.take('}') {
		return v, nil
	}
	for {
		p.space()
		if p.s == "" || p.s[0] != '"' {
			return nil, errJSON
		}
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if !p.take(':') {
			return nil, errJSON
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		v.members = append(v.members, jsonMember{name, item})
		if p.take('}') {
			return v.sorted(), nil
		}
		if !p.take(',') {
			return nil, errJSON
		}
	}
}

// put adds a member or replaces the one of its name.
func (v *jsonValue) put(name string, value *jsonValue) {
	for i := range v.members {
		if v.members[i].name == name {
			v.members[i].value = value
			return
		}
	}
	v.members = append(v.members, jsonMember{name, value})
}

// sorted puts members in order; the last of those with one name stays.
func (v *jsonValue) sorted() *jsonValue {
	sortNames(v.members)
	out := v.members[:0]
	for i, m := range v.members {
		if i+1 == len(v.members) || v.members[i+1].name != m.name {
			out = append(out, m)
		}
	}
	v.members = out
	return v
}

func (p *jsonParser) number() (*jsonValue, error) {
	s, i := p.s, 0
	digits := func() bool {
		from := i
		for i < len(s) && isDigit(s[i]) {
			i++
		}
		return i > from
	}
	if s[i] == '-' {
		i++
	}
	zero := i < len(s) && s[i] == '0'
	from := i
	if !digits() || zero && i-from > 1 {
		return nil, errJSON
	}
	whole := true
	if i < len(s) && s[i] == '.' {
		i++
		if whole = false; !digits() {
			return nil, errJSON
		}
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '+' || s[i] == '-') {
			i++
		}
		if whole = false; !digits() {
			return nil, errJSON
		}
	}
	text := s[:i]
	p.s = s[i:]
	if p.normalise {
		_, err1 := strconv.ParseInt(text, 10, 64)
		_, err2 := strconv.ParseUint(text, 10, 64)
		switch {
		case text == "-0":
			text = "0"
		case !whole || err1 != nil && err2 != nil: // a double
			f, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, errJSON
			}
			text = jsonDouble(f)
		}
	}
	return &jsonValue{kind: jsonNumber, text: strings.Clone(text)}, nil
}

func (p *jsonParser) str() (string, error) {
	s := p.s[1:]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			p.s = s[i+1:]
			return b.String(), nil
		case c < ' ':
			return "", errJSON
		case c != '\\':
			b.WriteByte(c)
		default:
			i++
			if i == len(s) {
				return "", errJSON
			}
			if plain := strings.IndexByte(`"\/bfnrt`, s[i]); plain >= 0 {
				b.WriteByte("\"\\/\b\f\n\r\t"[plain])
				continue
			}
			r, n := hexEscape(s[i:])
			if n == 0 {
				return "", errJSON
			}
			i += n - 1
			if utf16.IsSurrogate(r) {
				low, n := rune(0), 0
				if i+1 < len(s) && s[i+1] == '\\' {
					low, n = hexEscape(s[i+2:])
				}
				if r = utf16.DecodeRune(r, low); n == 0 || r == utf8.RuneError {
					return "", errJSON
				}
				i += n + 1
			}
			b.WriteRune(r)
		}
	}
	return "", errJSON
}

// hexEscape reads uXXXX; n is its length, 0 if it is none.
func hexEscape(s string) (r rune, n int) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, 0
	}
	v, err := strconv.ParseUint(s[1:5], 16, 32)
	if err != nil {
		return 0, 0
	}
	return rune(v), 5
}

func writeJSONString(b *strings.Builder, s string) {
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c >= ' ':
			b.WriteByte(c)
		default:
			if short := strings.IndexByte("\b\f\n\r\t", c); short >= 0 {
				b.WriteByte('\\')
				b.WriteByte("bfnrt"[short])
			} else {
				fmt.Fprintf(b, "\\u%04x", c)
			}
		}
	}
	b.WriteByte('"')
}

func (v *jsonValue) write(b *strings.Builder) {
	switch v.kind {
	case jsonNull:
		b.WriteString("null")
	case jsonTrue:
		b.WriteString("true")
	case jsonFalse:
		b.WriteString("false")
	case jsonNumber:
		b.WriteString(v.text)
	case jsonString:
		writeJSONString(b, v.text)
	case jsonArray:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.write(b)
		}
		b.WriteByte(']')
	case jsonObject:
		b.WriteByte('{')
		for i, m := range v.members {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSONString(b, m.name)
			b.WriteString(": ")
			m.value.write(b)
		}
		b.WriteByte('}')
	}
}

// pretty writes one element a line, indented by two blanks a level.
func (v *jsonValue) pretty(b *strings.Builder, level int) {
	line := func(level int) { b.WriteString("\n" + strings.Repeat("  ", level)) }
	switch {
	case v.kind == jsonArray && len(v.items) > 0:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			line(level + 1)
			item.pretty(b, level+1)
		}
		line(level)
		b.WriteByte(']')
	case v.kind == jsonObject && len(v.members) > 0:
		b.WriteByte('{')
		for i, m := range v.members {
			if i > 0 {
				b.WriteByte(',')
			}
			line(level + 1)
			writeJSONString(b, m.name)
			b.WriteString(": ")
			m.value.pretty(b, level+1)
		}
		line(level)
		b.WriteByte('}')
	default:
		v.write(b)
	}
}

func (v *jsonValue) typeName() string {
	switch v.kind {
	case jsonNull:
		return "NULL"
	case jsonTrue, jsonFalse:
		return "BOOLEAN"
	case jsonString:
		return "STRING"
	case jsonArray:
		return "ARRAY"
	case jsonObject:
		return "OBJECT"
	}
	if !strings.ContainsAny(v.text, ".eE") {
		if _, err := strconv.ParseInt(v.text, 10, 64); err != nil {
			return "UNSIGNED INTEGER"
		}
		return "INTEGER"
	}
	return "DOUBLE"
}

func (v *jsonValue) depth() int64 {
	var d int64
	for _, item := range v.items {
		d = max(d, item.depth())
	}
	for _, m := range v.members {
		d = max(d, m.value.depth())
	}
	return d + 1
}

// compareJSON orders values as MySQL does: by kind, then by value.
func compareJSON(x, y *jsonValue) int {
	if x.kind != y.kind {
		return int(x.kind) - int(y.kind)
	}
	switch x.kind {
	case jsonNumber:
		if strings.ContainsAny(x.text+y.text, "eE") { // doubles
			return cmp.Compare(textDouble(x.text), textDouble(y.text))
		}
		a, ok1 := new(big.Rat).SetString(x.text)
		b, ok2 := new(big.Rat).SetString(y.text)
		if ok1 && ok2 {
			return a.Cmp(b)
		}
		return strings.Compare(x.text, y.text)
	case jsonString:
		return strings.Compare(x.text, y.text)
	case jsonArray:
		for i := 0; i < len(x.items) && i < len(y.items); i++ {
			if c := compareJSON(x.items[i], y.items[i]); c != 0 {
				return c
			}
		}
		return len(x.items) - len(y.items)
	case jsonObject:
		if c := len(x.members) - len(y.members); c != 0 {
			return c
		}
		for i, m := range x.members {
			if c := strings.Compare(m.name, y.members[i].name); c != 0 {
				return c
			}
			if c := compareJSON(m.value, y.members[i].value); c != 0 {
				return c
			}
		}
	}
	return 0
}

// key appends bytes that order documents as compareJSON does, but for numbers that are the same double.
func (v *jsonValue) key(b []byte) []byte {
	b = append(b, byte(v.kind)+1)
	switch v.kind {
	case jsonNumber:
		bits := math.Float64bits(textDouble(v.text) + 0) // no -0
		if bits>>63 == 0 {
			bits |= 1 << 63
		} else {
			bits = ^bits
		}
		b = binary.BigEndian.AppendUint64(b, bits)
	case jsonString:
		b = appendKeyText(b, v.text)
	case jsonArray:
		for _, item := range v.items {
			b = item.key(b)
		}
		b = append(b, 0)
	case jsonObject:
		b = binary.BigEndian.AppendUint32(b, uint32(len(v.members)))
		for _, m := range v.members {
			b = m.value.key(appendKeyText(b, m.name))
		}
	}
	return b
}

// appendKeyText appends a text so that a longer one that begins with it comes after it.
func appendKeyText(b []byte, s string) []byte {
	for i := range len(s) {
		if b = append(b, s[i]); s[i] == 0 {
			b = append(b, 1)
		}
	}
	return append(b, 0, 0)
}
