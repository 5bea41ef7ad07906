package duck

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Strings: by code point for text, by byte for binary (the twins whose names end in _b).

// maxString is the longest string that a function makes; beyond it the result is NULL, as in MySQL with its default
// max_allowed_packet.
const maxString = 64 << 20

func init() {
	text := func(name string, in []kind, out kind, eval func(a *args) error) function {
		return function{name: "weir_" + name, in: in, out: out, eval: eval}
	}
	t1, t2, t3 := []kind{kindText}, []kind{kindText, kindText}, []kind{kindText, kindText, kindText}
	register(forBinary(
		function{name: "weir_concat_ws", in: t1, rest: kindText, variadic: true, out: kindText, nulls: true, eval: concatWS},
		text("substr", []kind{kindText, kindInt}, kindText, substr),
		text("left", []kind{kindText, kindInt}, kindText, func(a *args) error {
			s := characters(a, 0)
			a.setText(s.slice(0, int(min(max(a.int(1), 0), int64(s.count())))))
			return nil
		}),
		text("right", []kind{kindText, kindInt}, kindText, func(a *args) error {
			s := characters(a, 0)
			n := s.count()
			a.setText(s.slice(n-int(min(max(a.int(1), 0), int64(n))), n))
			return nil
		}),
		text("substring_index", []kind{kindText, kindText, kindInt}, kindText, substringIndex),
		text("lpad", []kind{kindText, kindInt, kindText}, kindText, func(a *args) error { return pad(a, true) }),
		text("rpad", []kind{kindText, kindInt, kindText}, kindText, func(a *args) error { return pad(a, false) }),
		text("trim", t2, kindText, func(a *args) error { a.setText(trim(a.text(0), a.text(1), true, true)); return nil }),
		text("ltrim", t2, kindText, func(a *args) error { a.setText(trim(a.text(0), a.text(1), true, false)); return nil }),
		text("rtrim", t2, kindText, func(a *args) error { a.setText(trim(a.text(0), a.text(1), false, true)); return nil }),
		text("locate", t2, kindInt, func(a *args) error { a.setInt(locate(a, 1)); return nil }),
		text("replace", t3, kindText, func(a *args) error {
			if a.text(1) == "" {
				a.setText(a.text(0))
				return nil
			}
			return setLimited(a, strings.ReplaceAll(a.text(0), a.text(1), a.text(2)))
		}),
		text("repeat", []kind{kindText, kindInt}, kindText, func(a *args) error {
			s, n := a.text(0), max(a.int(1), 0)
			if s != "" && n > maxString/int64(len(s)) {
				return nil
			}
			if s == "" {
				n = 0
			}
			a.setText(strings.Repeat(s, int(n)))
			return nil
		}),
		text("insert", []kind{kindText, kindInt, kindInt, kindText}, kindText, insert),
		text("find_in_set", t2, kindInt, findInSet),
		function{name: "weir_make_set", in: []kind{kindInt}, rest: kindText, variadic: true, out: kindText, nulls: true, eval: makeSet},
		text("ascii", t1, kindInt, func(a *args) error {
			if s := a.text(0); s != "" {
				a.setInt(int64(s[0]))
			} else {
				a.setInt(0)
			}
			return nil
		}),
		text("strcmp", t2, kindInt, func(a *args) error { a.setInt(int64(strings.Compare(a.text(0), a.text(1)))); return nil }),
	)...)
	register(threeArguments()...)
	register(
		text("reverse", t1, kindText, func(a *args) error {
			s := a.text(0)
			b := make([]byte, len(s))
			for i, at := 0, len(s); i < len(s); {
				_, n := utf8.DecodeRuneInString(s[i:])
				at -= n
				copy(b[at:], s[i:i+n])
				i += n
			}
			a.setText(string(b))
			return nil
		}),
		function{name: "weir_reverse_b", in: []kind{kindBinary}, out: kindBinary, eval: func(a *args) error {
			s := a.text(0)
			b := make([]byte, len(s))
			for i := range len(s) {
				b[len(s)-1-i] = s[i]
			}
			a.setText(string(b))
			return nil
		}},
		text("lower", t1, kindText, func(a *args) error { a.setText(mapCase(a.text(0), 'A', 'Z', unicode.ToLower)); return nil }),
		text("upper", t1, kindText, func(a *args) error { a.setText(mapCase(a.text(0), 'a', 'z', unicode.ToUpper)); return nil }),
		// A binary string has no case.
		function{name: "weir_lower_b", in: []kind{kindBinary}, out: kindBinary, eval: func(a *args) error { a.setText(a.text(0)); return nil }},
		function{name: "weir_upper_b", in: []kind{kindBinary}, out: kindBinary, eval: func(a *args) error { a.setText(a.text(0)); return nil }},
		text("space", []kind{kindInt}, kindText, func(a *args) error {
			n := max(a.int(0), 0)
			if n > maxString {
				return nil
			}
			a.setText(strings.Repeat(" ", int(n)))
			return nil
		}),
		text("ord", t1, kindInt, func(a *args) error { a.setInt(ord(a.text(0), false)); return nil }),
		function{name: "weir_ord_b", in: []kind{kindBinary}, out: kindInt, eval: func(a *args) error { a.setInt(ord(a.text(0), true)); return nil }},
		function{name: "weir_char", rest: kindInt, variadic: true, out: kindBinary, nulls: true, eval: func(a *args) error {
			a.setText(string(charBytes(a)))
			return nil
		}},
		function{name: "weir_char_text", rest: kindInt, variadic: true, out: kindText, nulls: true, eval: func(a *args) error {
			if b := charBytes(a); utf8.Valid(b) {
				a.setText(string(b))
			}
			return nil
		}},
		text("soundex", t1, kindText, func(a *args) error { a.setText(soundex(a.text(0))); return nil }),
		function{name: "weir_quote", in: t1, out: kindText, nulls: true, eval: quote},
		function{name: "weir_quote_b", in: []kind{kindBinary}, out: kindText, nulls: true, eval: quote},
		text("binary_text", []kind{kindBinary}, kindText, func(a *args) error {
			a.setText(strings.ToValidUTF8(a.text(0), "?"))
			return nil
		}),
	)
}

// threeArguments are the functions with an operand more than their namesakes.
func threeArguments() []function {
	return forBinary(
		function{name: "weir_substr", in: []kind{kindText, kindInt, kindInt}, out: kindText, eval: substr},
		function{name: "weir_locate", in: []kind{kindText, kindText, kindInt}, out: kindInt, eval: func(a *args) error { a.setInt(locate(a, a.int(2))); return nil }},
	)
}

// chars is a string that is counted and cut in characters: code points of text, bytes of binary.
type chars struct {
	s      string
	single bool // each character is one byte
}

func characters(a *args, i int) chars {
	s := a.text(i)
	return chars{s, a.isBinary(i) || isASCII(s)}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func (c chars) count() int {
	if c.single {
		return len(c.s)
	}
	return utf8.RuneCountInString(c.s)
}

// offset is the byte position of a character.
func (c chars) offset(n int) int {
	if c.single {
		return min(n, len(c.s))
	}
	at := 0
	for ; n > 0 && at < len(c.s); n-- {
		_, size := utf8.DecodeRuneInString(c.s[at:])
		at += size
	}
	return at
}

func (c chars) slice(from, to int) string {
	if from >= to {
		return ""
	}
	start := c.offset(from)
	return c.s[start : start+chars{c.s[start:], c.single}.offset(to-from)]
}

func setLimited(a *args, s string) error {
	if len(s) <= maxString {
		a.setText(s)
	}
	return nil
}

func concatWS(a *args) error {
	if a.null(0) {
		return nil
	}
	var b strings.Builder
	first := true
	for i := 1; i < a.n(); i++ {
		if a.null(i) {
			continue
		}
		if !first {
			b.WriteString(a.text(0))
		}
		first = false
		b.WriteString(a.text(i))
	}
	return setLimited(a, b.String())
}

func substr(a *args) error {
	s := characters(a, 0)
	n := int64(s.count())
	from, length := a.int(1), n
	if a.n() == 3 {
		length = a.int(2)
	}
	switch {
	case from == 0 || length < 1 || from > n || from < -n:
		a.setText("")
		return nil
	case from < 0:
		from += n
	default:
		from--
	}
	a.setText(s.slice(int(from), int(from+min(length, n-from))))
	return nil
}

func substringIndex(a *args) error {
	s, sep, n := a.text(0), a.text(1), a.int(2)
	if s == "" || sep == "" || n == 0 {
		a.setText("")
		return nil
	}
	if n > 0 {
		at := 0
		for ; n > 0; n-- {
			i := strings.Index(s[at:], sep)
			if i < 0 {
				a.setText(s)
				return nil
			}
			at += i + len(sep)
		}
		a.setText(s[:at-len(sep)])
		return nil
	}
	if !a.isBinary(0) { // occurrences are counted from the left here too
		n += int64(strings.Count(s, sep)) + 1
		if n <= 0 {
			a.setText(s)
			return nil
		}
		for ; n > 0; n-- {
			_, s, _ = strings.Cut(s, sep)
		}
		a.setText(s)
		return nil
	}
	end := len(s)
	for ; n < 0; n++ {
		i := strings.LastIndex(s[:end], sep)
		if i < 0 {
			a.setText(s)
			return nil
		}
		end = i
	}
	a.setText(s[end+len(sep):])
	return nil
}

func pad(a *args, left bool) error {
	s, fill := characters(a, 0), characters(a, 2)
	n, have := a.int(1), int64(s.count())
	switch {
	case n < 0 || n > maxString:
		return nil
	case n <= have:
		a.setText(s.slice(0, int(n)))
		return nil
	case fill.s == "":
		return nil // MySQL 8: NULL; it was '' before
	}
	need, unit := int(n-have), fill.count()
	p := strings.Repeat(fill.s, need/unit) + fill.slice(0, need%unit)
	if left {
		p += s.s
	} else {
		p = s.s + p
	}
	return setLimited(a, p)
}

func trim(s, cut string, left, right bool) string {
	if cut == "" {
		return s
	}
	for left && strings.HasPrefix(s, cut) {
		s = s[len(cut):]
	}
	for right && strings.HasSuffix(s, cut) {
		s = s[:len(s)-len(cut)]
	}
	return s
}

// locate is the position of operand 0 in operand 1, counted from 1, from a position on; 0 if there is none.
func locate(a *args, from int64) int64 {
	part, s := a.text(0), characters(a, 1)
	if from < 1 || from > int64(len(s.s))+1 {
		return 0
	}
	if n := int64(s.count()); from > n+1 || from > n && n > 0 {
		return 0
	}
	start := s.offset(int(from - 1))
	i := strings.Index(s.s[start:], part)
	if i < 0 {
		return 0
	}
	return from + int64(chars{s.s[start : start+i], s.single}.count())
}

func insert(a *args) error {
	s := characters(a, 0)
	n, from, length := int64(s.count()), a.int(1), a.int(2)
	if from < 1 || from > n {
		a.setText(s.s)
		return nil
	}
	end := n
	if length >= 0 && length < n-from+1 {
		end = from - 1 + length
	}
	return setLimited(a, s.slice(0, int(from-1))+a.text(3)+s.slice(int(end), int(n)))
}

func findInSet(a *args) error {
	item, set := a.text(0), a.text(1)
	a.setInt(0)
	if set == "" || strings.Contains(item, ",") {
		return nil
	}
	for i := int64(1); ; i++ {
		element, rest, more := strings.Cut(set, ",")
		if element == item {
			a.setInt(i)
			return nil
		}
		if !more {
			return nil
		}
		set = rest
	}
}

func makeSet(a *args) error {
	if a.null(0) {
		return nil
	}
	var parts []string
	for i := 1; i < a.n() && i <= 64; i++ {
		if uint64(a.int(0))&(1<<(i-1)) != 0 && !a.null(i) {
			parts = append(parts, a.text(i))
		}
	}
	return setLimited(a, strings.Join(parts, ","))
}

// ord is the first character's bytes as a number.
func ord(s string, binary bool) int64 {
	if s == "" {
		return 0
	}
	n := 1
	if !binary {
		_, n = utf8.DecodeRuneInString(s)
	}
	var v int64
	for i := range n {
		v = v<<8 | int64(s[i])
	}
	return v
}

// charBytes are the bytes of each operand's 32 bits, without leading zeros but at least one; NULL is skipped.
func charBytes(a *args) []byte {
	var out []byte
	for i := range a.n() {
		if a.null(i) {
			continue
		}
		v := uint32(a.int(i))
		for shift := 24; shift >= 0; shift -= 8 {
			if b := byte(v >> shift); v>>shift != 0 || shift == 0 {
				out = append(out, b)
			}
		}
	}
	return out
}

// mapCase changes case character by character: one stays one, as in MySQL.
func mapCase(s string, from, to byte, f func(rune) rune) string {
	if !isASCII(s) {
		return strings.Map(f, s)
	}
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = c ^ ('a' - 'A')
		}
	}
	return string(b)
}

// soundexCodes are the digits of the letters A to Z; 0 is none.
const soundexCodes = "01230120022455012623010202"

// soundex is not cut to four characters in MySQL. All beyond À counts as a letter without a code; letters without a code don't part
// letters that have one.
func soundex(s string) string {
	var b strings.Builder
	last, n := byte('0'), 0
	for _, r := range s {
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		code := byte('0')
		if r >= 'A' && r <= 'Z' {
			code = soundexCodes[r-'A']
		} else if r < 0xC0 {
			continue
		}
		switch {
		case n == 0:
			b.WriteRune(r)
		case code == '0' || code == last:
			continue
		default:
			b.WriteByte(code)
		}
		last = code
		n++
	}
	for ; n > 0 && n < 4; n++ {
		b.WriteByte('0')
	}
	return b.String()
}

func quote(a *args) error {
	if a.null(0) {
		a.setText("NULL")
		return nil
	}
	var b strings.Builder
	b.WriteByte('\'')
	for _, c := range []byte(a.text(0)) {
		switch c {
		case 0:
			b.WriteString(`\0`)
		case '\032':
			b.WriteString(`\Z`)
		case '\'', '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('\'')
	return setLimited(a, b.String())
}
