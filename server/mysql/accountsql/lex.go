package accountsql

import "strings"

// kind is what a token is.
type kind uint8

const (
	end    kind = iota
	word        // a keyword or a name without quotes
	name        // a name in quotes of names
	text        // a string literal
	number      // digits
	mark        // one character of punctuation
	broken      // a literal or a comment that doesn't end
)

// token is a part of a statement. text is what it stands for, without quotes; words keep their spelling. from and to are where it stands.
type token struct {
	kind     kind
	text     string
	from, to int
}

// lexer cuts a statement into tokens.
type lexer struct {
	in   string
	pos  int
	ansi bool // a double quote encloses a name
	// inside says that the contents of an executable comment are being read.
	inside bool
}

// next is the next token; end after the last.
func (l *lexer) next() token {
	if !l.skip() {
		return token{kind: broken, from: l.pos, to: len(l.in)}
	}
	from := l.pos
	if from >= len(l.in) {
		return token{kind: end, from: from, to: from}
	}
	done := func(k kind, s string) token { return token{kind: k, text: s, from: from, to: l.pos} }
	switch c := l.in[from]; {
	case c == '\'', c == '"', c == '`':
		s, ok := l.quoted(c)
		switch {
		case !ok:
			return done(broken, "")
		case c == '`' || c == '"' && l.ansi:
			return done(name, s)
		}
		return done(text, s)
	case isDigit(c):
		for l.pos < len(l.in) && isDigit(l.in[l.pos]) {
			l.pos++
		}
		if l.pos < len(l.in) && isWord(l.in[l.pos]) { // a name may begin with digits
			l.word()
			return done(word, l.in[from:l.pos])
		}
		return done(number, l.in[from:l.pos])
	case isWord(c):
		l.word()
		return done(word, l.in[from:l.pos])
	}
	l.pos++
	return done(mark, l.in[from:l.pos])
}

func (l *lexer) word() {
	for l.pos < len(l.in) && isWord(l.in[l.pos]) {
		l.pos++
	}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isWord reports whether a byte is part of a name without quotes; all beyond ASCII are.
func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || isDigit(c) || c == '_' || c == '$' || c >= 0x80
}

// skip passes over white space and comments; what an executable comment encloses is not passed over. False if a comment doesn't end.
func (l *lexer) skip() bool {
	for l.pos < len(l.in) {
		rest := l.in[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\v\f", rest[0]) >= 0:
			l.pos++
		case l.inside && strings.HasPrefix(rest, "*/"):
			l.inside = false
			l.pos += 2
		case strings.HasPrefix(rest, "/*!") && !l.inside:
			l.inside = true
			for l.pos += 3; l.pos < len(l.in) && isDigit(l.in[l.pos]); l.pos++ { // the version from which on it holds
			}
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return false
			}
			l.pos += 2 + n + 2
		case rest[0] == '#', strings.HasPrefix(rest, "--") && (len(rest) == 2 || rest[2] <= ' '):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				n = len(rest) - 1
			}
			l.pos += n + 1
		default:
			return true
		}
	}
	return !l.inside
}

var escapes = map[byte]string{'0': "\x00", 'b': "\b", 'n': "\n", 'r': "\r", 't': "\t", 'Z': "\x1a", '%': `\%`, '_': `\_`}

// quoted reads what stands in quotes.
func (l *lexer) quoted(quote byte) (string, bool) {
	var b strings.Builder
	backslash := quote != '`' && !(quote == '"' && l.ansi)
	for l.pos++; l.pos < len(l.in); l.pos++ {
		switch c := l.in[l.pos]; {
		case c == quote && l.pos+1 < len(l.in) && l.in[l.pos+1] == quote:
			b.WriteByte(c)
			l.pos++
		case c == quote:
			l.pos++
			return b.String(), true
		case c == '\\' && backslash && l.pos+1 < len(l.in):
			l.pos++
			if s, ok := escapes[l.in[l.pos]]; ok {
				b.WriteString(s)
			} else {
				b.WriteByte(l.in[l.pos])
			}
		default:
			b.WriteByte(c)
		}
	}
	return "", false
}
