package accountsql

import "strings"

// Hidden stands in place of a string literal.
const Hidden = "'<secret>'"

// Redact hides the string literals of a text that may hold a password, for lists and logs. Whatever isn't a query is taken for such a text if
// it has one of the words that go with passwords, also where they stand in a literal themselves, as in PREPARE. Of a text that can't be
// cut into tokens, or in another way under another sql_mode, nothing is left but its first word.
func Redact(s string) string {
	if !tells(s) {
		return s
	}
	l := &lexer{in: s}
	first := l.next()
	if first.kind == word {
		switch strings.ToUpper(first.text) {
		case "SELECT", "WITH", "SHOW", "TABLE", "VALUES", "DESCRIBE", "DESC", "USE", "KILL":
			if !strings.Contains(s, ";") {
				return s // no statement of these has a password, and a column may be called so
			}
		}
	}
	out, ok := hide(s, false)
	other, same := hide(s, true)
	if !ok || !same || out != other {
		if first.kind == word {
			return first.text + " " + Hidden
		}
		return Hidden
	}
	return out
}

// hide replaces what stands in single and double quotes. False if that doesn't end.
func hide(s string, ansi bool) (string, bool) {
	l := &lexer{in: s, ansi: ansi}
	var b strings.Builder
	last := 0
	for {
		switch t := l.next(); {
		case t.kind == end:
			return b.String() + s[last:], true
		case t.kind == broken:
			return "", false
		case t.kind == text, t.kind == name && s[t.from] == '"':
			b.WriteString(s[last:t.from] + Hidden)
			last = t.to
		}
	}
}

// tells reports whether a text has a word that goes with passwords.
func tells(s string) bool {
	s = strings.ToUpper(s)
	return strings.Contains(s, "IDENTIFIED") || strings.Contains(s, "PASSWORD")
}
