package dialect

import "strings"

// HideLiterals returns a statement that a dialect has printed with a question mark in place of every constant, for records that must hold none.
// It goes by the text, since forms write constants in many ways: every dialect here quotes texts by apostrophes and writes one inside by two,
// and quotes every name that isn't its own word.
func HideLiterals(sql string) string {
	var b strings.Builder
	b.Grow(len(sql))
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'':
			i = quotedEnd(sql, i)
			b.WriteByte('?')
		case c == '"' || c == '`':
			end := quotedEnd(sql, i)
			b.WriteString(sql[i:end])
			i = end
		case isWord(c):
			end := i
			for end < len(sql) && (isWord(sql[end]) || c >= '0' && c <= '9' && isNumber(sql, i, end)) {
				end++
			}
			switch {
			case c >= '0' && c <= '9':
				b.WriteByte('?')
			case end < len(sql) && sql[end] == '\'' && end == i+1: // X'00', E'\n'
				end = quotedEnd(sql, end)
				b.WriteByte('?')
			default:
				b.WriteString(sql[i:end])
			}
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// quotedEnd is where what begins with a quote at i ends.
func quotedEnd(sql string, i int) int {
	quote := sql[i]
	for i++; i < len(sql); i++ {
		if sql[i] != quote {
			continue
		}
		if i+1 < len(sql) && sql[i+1] == quote {
			i++
			continue
		}
		return i + 1
	}
	return len(sql)
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// isNumber reports whether the character at end goes on with a number that begins at start: its point, or the sign of its exponent.
func isNumber(sql string, start, end int) bool {
	switch sql[end] {
	case '.':
		return true
	case '+', '-':
		before := sql[end-1]
		return end > start && (before == 'e' || before == 'E') && !strings.HasPrefix(sql[start:], "0x")
	}
	return false
}
