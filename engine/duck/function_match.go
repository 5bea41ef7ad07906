package duck

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"weir/engine/sqlerr"
)

// Patterns: LIKE with patterns that are not constant, and regular expressions. These are matched in linear time; what needs more
// (back references, look-around) is an error.

var badRegexp = sqlerr.Kind{Code: 3685, State: "HY000"}.New("illegal argument to a regular expression")

func init() {
	t2, t3 := []kind{kindText, kindText}, []kind{kindText, kindText, kindText}
	register(
		function{name: "weir_like", in: t3, out: kindBool, eval: func(a *args) error {
			a.setBool(like(a.text(0), a.text(1), a.text(2)))
			return nil
		}},
		function{name: "weir_regexp", in: t2, out: kindBool, eval: func(a *args) error {
			re, err := pattern(a, 1, "")
			if err != nil {
				return err
			}
			a.setBool(re.MatchString(a.text(0)))
			return nil
		}},
		function{name: "weir_regexp_like", in: t3, out: kindInt, eval: func(a *args) error {
			re, err := pattern(a, 1, a.text(2))
			if err != nil {
				return err
			}
			a.setInt(0)
			if re.MatchString(a.text(0)) {
				a.setInt(1)
			}
			return nil
		}},
	)
	operands := []kind{kindText, kindText, kindInt, kindInt, kindInt, kindText}
	for n := 2; n <= 6; n++ {
		register(function{name: "weir_regexp_instr", in: operands[:n], out: kindInt, eval: regexpInstr})
	}
	operands = []kind{kindText, kindText, kindInt, kindInt, kindText}
	for n := 2; n <= 5; n++ {
		register(function{name: "weir_regexp_substr", in: operands[:n], out: kindText, eval: regexpSubstr})
	}
	operands = []kind{kindText, kindText, kindText, kindInt, kindInt, kindText}
	for n := 3; n <= 6; n++ {
		register(function{name: "weir_regexp_replace", in: operands[:n], out: kindText, eval: regexpReplace})
	}
}

// like matches by code point. An escape character makes the next one mean itself; at the end of the pattern it means itself too.
func like(s, p, escape string) bool {
	// After the last % seen, a mismatch goes back to try one character more for it.
	backPattern, backText := "", ""
	back := false
	for {
		if p != "" && (escape == "" || !strings.HasPrefix(p, escape)) && p[0] == '%' {
			p = p[1:]
			backPattern, backText, back = p, s, true
			continue
		}
		if s == "" && p == "" {
			return true
		}
		if next, rest, ok := likeStep(s, p, escape); ok {
			s, p = next, rest
			continue
		}
		if !back || backText == "" {
			return false
		}
		_, n := utf8.DecodeRuneInString(backText)
		backText = backText[n:]
		s, p = backText, backPattern
	}
}

// likeStep matches one character.
func likeStep(s, p, escape string) (restText, restPattern string, ok bool) {
	if s == "" || p == "" {
		return s, p, false
	}
	literal := false
	if escape != "" && strings.HasPrefix(p, escape) && len(p) > len(escape) {
		p, literal = p[len(escape):], true
	}
	_, sn := utf8.DecodeRuneInString(s)
	_, pn := utf8.DecodeRuneInString(p)
	if !literal && p[0] == '_' || s[:sn] == p[:pn] {
		return s[sn:], p[pn:], true
	}
	return s, p, false
}

// compiled is a pattern kept from row to row.
type compiled struct {
	pattern, flags string
	re             *regexp.Regexp
}

// pattern is the compiled regular expression of an operand. flags are those of MySQL's match_type.
func pattern(a *args, i int, flags string) (*regexp.Regexp, error) {
	if c, ok := a.memo.(*compiled); ok && c.pattern == a.text(i) && c.flags == flags {
		return c.re, nil
	}
	c := &compiled{pattern: strings.Clone(a.text(i)), flags: strings.Clone(flags)}
	goFlags := map[byte]bool{}
	for _, f := range []byte(flags) {
		switch f {
		case 'c':
			delete(goFlags, 'i')
		case 'i', 'm':
			goFlags[f] = true
		case 'n': // . matches line ends
			goFlags['s'] = true
		case 'u':
		default:
			return nil, badRegexp
		}
	}
	prefix := ""
	for f := range goFlags {
		prefix += string(f)
	}
	if prefix != "" {
		prefix = "(?" + prefix + ")"
	}
	if c.pattern == "" {
		return nil, badRegexp
	}
	re, err := regexp.Compile(prefix + c.pattern)
	if err != nil {
		return nil, badRegexp
	}
	c.re = re
	a.memo = c
	return re, nil
}

func optionalInt(a *args, i int, def int64) int64 {
	if i < a.n() {
		return a.int(i)
	}
	return def
}

func optionalText(a *args, i int) string {
	if i < a.n() {
		return a.text(i)
	}
	return ""
}

// find is the byte range of the n-th match from a position on. The part before it counts for what looks back, such as \b.
func find(re *regexp.Regexp, s string, start int, n int64) []int {
	for _, m := range re.FindAllStringIndex(s, -1) {
		if m[0] < start {
			continue
		}
		if n--; n <= 0 {
			return m
		}
	}
	return nil
}

// startOf is the byte offset of a position, counted from 1.
func startOf(s string, position int64) (int, error) {
	if position < 1 || position > int64(utf8.RuneCountInString(s))+1 {
		return 0, sqlerr.Kind{Code: 3686, State: "HY000"}.New("index out of bounds in regular expression search")
	}
	return chars{s: s}.offset(int(position - 1)), nil
}

func regexpInstr(a *args) error {
	s, m, err := nthMatch(a, optionalText(a, 5))
	if err != nil {
		return err
	}
	a.setInt(0)
	if m != nil {
		at := m[0]
		if optionalInt(a, 4, 0) == 1 {
			at = m[1]
		}
		a.setInt(int64(utf8.RuneCountInString(s[:at])) + 1)
	}
	return nil
}

func regexpSubstr(a *args) error {
	s, m, err := nthMatch(a, optionalText(a, 4))
	if err != nil {
		return err
	}
	if m != nil {
		a.setText(s[m[0]:m[1]])
	}
	return nil
}

// nthMatch finds the match that the operands text, pattern, position and occurrence ask for. m is nil if there is none.
func nthMatch(a *args, flags string) (s string, m []int, err error) {
	re, err := pattern(a, 1, flags)
	if err != nil {
		return "", nil, err
	}
	s = a.text(0)
	start, err := startOf(s, optionalInt(a, 2, 1))
	if err != nil {
		return "", nil, err
	}
	return s, find(re, s, start, optionalInt(a, 3, 1)), nil
}

// regexpReplace replaces the n-th match from a position on, or all of them for 0. $1 … in the replacement are groups.
func regexpReplace(a *args) error {
	re, err := pattern(a, 1, optionalText(a, 5))
	if err != nil {
		return err
	}
	s, with := a.text(0), a.text(2)
	start, err := startOf(s, optionalInt(a, 3, 1))
	if err != nil {
		return err
	}
	which := optionalInt(a, 4, 0)
	var b []byte
	last := 0
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		if m[0] < start {
			continue
		}
		if which--; which > 0 {
			continue
		}
		b = append(b, s[last:m[0]]...)
		b = appendReplacement(b, with, s, m)
		last = m[1]
		if which == 0 {
			break
		}
	}
	return setLimited(a, string(b)+s[last:])
}

func appendReplacement(b []byte, with, s string, m []int) []byte {
	for i := 0; i < len(with); i++ {
		switch {
		case with[i] == '\\' && i+1 < len(with):
			i++
			b = append(b, with[i])
		case with[i] == '$' && i+1 < len(with) && isDigit(with[i+1]):
			i++
			if g := 2 * int(with[i]-'0'); g+1 < len(m) && m[g] >= 0 {
				b = append(b, s[m[g]:m[g+1]]...)
			}
		default:
			b = append(b, with[i])
		}
	}
	return b
}
