package duck

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// step is one leg of a path.
type step struct {
	name     string
	member   bool // .name, or .* if any
	any      bool
	deep     bool // **
	from, to int  // of [from to to], or [from]
	last     bool // from counts from the end
	toLast   bool
	ranged   bool
}

// parsePath reads a path such as $.a[0].*; it follows MySQL's grammar.
func parsePath(s string) ([]step, error) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, "$") {
		return nil, errPath
	}
	s = strings.TrimLeft(s[1:], " \t\n\r")
	var steps []step
	for s != "" {
		var st step
		switch {
		case strings.HasPrefix(s, "**"):
			st.deep = true
			if s = s[2:]; s == "" || s[0] == '*' {
				return nil, errPath
			}
		case s[0] == '.':
			st.member = true
			s = strings.TrimLeft(s[1:], " \t\n\r")
			switch {
			case strings.HasPrefix(s, "*"):
				st.any, s = true, s[1:]
			case strings.HasPrefix(s, `"`):
				p := jsonParser{s: s}
				name, err := p.str()
				if err != nil {
					return nil, errPath
				}
				st.name, s = name, p.s
			default:
				n := 0
				for n < len(s) {
					r, size := utf8.DecodeRuneInString(s[n:])
					if r != '_' && r != '$' && !unicode.IsLetter(r) && !(n > 0 && (unicode.IsDigit(r) || unicode.Is(unicode.Mn, r))) {
						break
					}
					n += size
				}
				if n == 0 {
					return nil, errPath
				}
				st.name, s = s[:n], s[n:]
			}
		case s[0] == '[':
			inside, rest, ok := strings.Cut(s[1:], "]")
			if !ok {
				return nil, errPath
			}
			s = rest
			if inside = strings.TrimSpace(inside); inside == "*" {
				st.any = true
				break
			}
			low, high, ranged := strings.Cut(inside, " to ")
			var ok1, ok2 bool
			st.from, st.last, ok1 = cellIndex(low)
			ok2 = true
			if ranged {
				st.ranged = true
				st.to, st.toLast, ok2 = cellIndex(high)
			}
			if !ok1 || !ok2 || ranged && st.last == st.toLast && (!st.last && st.from > st.to || st.last && st.from < st.to) {
				return nil, errPath
			}
		default:
			return nil, errPath
		}
		steps = append(steps, st)
		s = strings.TrimLeft(s, " \t\n\r")
	}
	return steps, nil
}

// cellIndex reads N, last or last-N.
func cellIndex(s string) (n int, last, ok bool) {
	s = strings.TrimSpace(s)
	if rest, is := strings.CutPrefix(s, "last"); is {
		if rest = strings.TrimSpace(rest); rest == "" {
			return 0, true, true
		}
		rest, is = strings.CutPrefix(rest, "-")
		if !is {
			return 0, true, false
		}
		s, last = strings.TrimSpace(rest), true
	}
	v, err := strconv.ParseUint(s, 10, 31)
	return int(v), last, err == nil
}

func wild(steps []step) bool {
	for _, s := range steps {
		if s.any || s.deep || s.ranged {
			return true
		}
	}
	return false
}

// find calls f for each value that a path leads to.
func (v *jsonValue) find(steps []step, f func(*jsonValue)) {
	if len(steps) == 0 {
		f(v)
		return
	}
	s, rest := steps[0], steps[1:]
	switch {
	case s.deep:
		seen := map[*jsonValue]bool{}
		v.walk(func(x *jsonValue) {
			x.find(rest, func(y *jsonValue) {
				if !seen[y] {
					seen[y] = true
					f(y)
				}
			})
		})
	case s.member:
		for _, m := range v.members {
			if s.any || m.name == s.name {
				m.value.find(rest, f)
			}
		}
	case v.kind != jsonArray: // a value is its own only element
		if n, ok := s.index(1); !s.any && ok && n == 0 && !s.ranged || s.ranged && s.covers(0, 1) {
			v.find(rest, f)
		}
	case s.any || s.ranged:
		for i, item := range v.items {
			if s.any || s.covers(i, len(v.items)) {
				item.find(rest, f)
			}
		}
	default:
		if i, ok := s.index(len(v.items)); ok && i < len(v.items) {
			v.items[i].find(rest, f)
		}
	}
}

// index is the position that a cell means in an array of n.
func (s step) index(n int) (int, bool) {
	if s.last {
		return n - 1 - s.from, s.from < n
	}
	return s.from, true
}

func (s step) covers(i, n int) bool {
	low, high := s.from, s.to
	if s.last {
		low = n - 1 - s.from
	}
	if s.toLast {
		high = n - 1 - s.to
	}
	return i >= low && i <= high
}

// walk calls f for a value and all below it, outer first.
func (v *jsonValue) walk(f func(*jsonValue)) {
	f(v)
	for _, item := range v.items {
		item.walk(f)
	}
	for _, m := range v.members {
		m.value.walk(f)
	}
}

// strings calls f for each string of a value with its path.
func (v *jsonValue) strings(path string, f func(path, s string)) {
	if v.kind == jsonString {
		f(path, v.text)
	}
	for i, item := range v.items {
		item.strings(path+"["+strconv.Itoa(i)+"]", f)
	}
	for _, m := range v.members {
		m.value.strings(path+"."+pathName(m.name), f)
	}
}

// pathName writes a name as a leg of a path.
func pathName(s string) string {
	for i, r := range s {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && !(i > 0 && unicode.IsDigit(r)) {
			return quoteJSON(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}

// findPaths is find with the path of each value.
func (v *jsonValue) findPaths(steps []step, path string, f func(v *jsonValue, path string)) {
	wanted := map[*jsonValue]bool{}
	v.find(steps, func(x *jsonValue) { wanted[x] = true })
	v.walkPaths(path, func(x *jsonValue, path string) {
		if wanted[x] {
			f(x, path)
		}
	})
}

func (v *jsonValue) walkPaths(path string, f func(v *jsonValue, path string)) {
	f(v, path)
	for i, item := range v.items {
		item.walkPaths(path+"["+strconv.Itoa(i)+"]", f)
	}
	for _, m := range v.members {
		m.value.walkPaths(path+"."+pathName(m.name), f)
	}
}
