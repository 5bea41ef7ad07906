package sqlite

import (
	"strings"
)

// SQLite keeps a table's definition as its author wrote it, comments included: the only place for them, and for the collation of a
// column that has no index.

// definition is what a CREATE TABLE says beyond what SQLite's pragmas tell.
type definition struct {
	comment string
	columns map[string]*columnText // by lower-case name
}

// columnText is what a definition says of a column. check is what a CHECK guarantees of its values: that they are of the storage class
// integer, real or text (typeof(c) = 'integer'), or that they are as the functions date or datetime write them (c IS date(c)).
type columnText struct{ comment, collation, check string }

func (d definition) column(name string) columnText {
	if c := d.columns[strings.ToLower(name)]; c != nil {
		return *c
	}
	return columnText{}
}

// parseDefinition reads a CREATE TABLE. A comment before the first column is the table's; one behind a column, on the line where its
// definition ends, is that column's.
func parseDefinition(text string) definition {
	d := definition{columns: map[string]*columnText{}}
	var column, ended *columnText // being defined; defined on this line
	named, collate, depth := false, false, 0
	for _, t := range tokens(text) {
		word := t.text
		switch {
		case t.comment:
			into := &d.comment
			switch {
			case ended != nil:
				into = &ended.comment
			case column != nil:
				into = &column.comment
			}
			*into = strings.TrimSpace(*into + " " + strings.TrimSpace(word))
		case word == "\n":
			ended = nil
		case word == "(":
			depth++
		case word == ")":
			depth--
		case depth != 1:
		case word == ",":
			ended, named = column, false
		case !named:
			column, named, ended = &columnText{}, true, nil
			d.columns[strings.ToLower(unquote(word))] = column
		case collate:
			column.collation, collate = strings.ToUpper(unquote(word)), false
		default:
			collate = strings.EqualFold(word, "COLLATE")
		}
	}
	d.readChecks(text)
	return d
}

// readChecks finds the CHECK constraints that guarantee what a column holds, in just these two spellings.
func (d definition) readChecks(text string) {
	var words []string
	for _, t := range tokens(text) {
		if !t.comment && t.text != "\n" {
			words = append(words, strings.ToLower(t.text))
		}
	}
	note := func(column, check string) {
		if c := d.columns[strings.ToLower(unquote(column))]; c != nil {
			c.check = check
		}
	}
	for i := range words {
		rest := words[i:]
		if len(rest) < 9 || rest[0] != "check" || rest[1] != "(" || rest[8] != ")" {
			continue
		}
		switch in := strings.Join(rest[2:8], " "); {
		case in == rest[2]+" is date ( "+rest[2]+" )", in == rest[2]+" is datetime ( "+rest[2]+" )":
			note(rest[2], rest[4])
		case in == "typeof ( "+rest[4]+" ) = 'integer'", in == "typeof ( "+rest[4]+" ) = 'real'", in == "typeof ( "+rest[4]+" ) = 'text'":
			note(rest[4], strings.Trim(rest[7], "'"))
		}
	}
}

// token is a word, a sign, a line's end or a comment's text.
type token struct {
	text    string
	comment bool
}

func tokens(s string) []token {
	var out []token
	for len(s) > 0 {
		n := 1
		switch c := s[0]; {
		case c == '\n':
		case c == ' ' || c == '\t' || c == '\r':
			s = s[1:]
			continue
		case strings.HasPrefix(s, "--"):
			n = length(s, "\n", 2, false)
			out = append(out, token{s[2:n], true})
			s = s[n:]
			continue
		case strings.HasPrefix(s, "/*"):
			n = length(s, "*/", 2, true)
			out = append(out, token{strings.TrimSuffix(s[2:n], "*/"), true})
			s = s[n:]
			continue
		case c == '\'' || c == '"' || c == '`':
			n = length(s, string(c), 1, true)
		case c == '[':
			n = length(s, "]", 1, true)
		case isWord(c):
			for n < len(s) && isWord(s[n]) {
				n++
			}
		}
		out = append(out, token{text: s[:n]})
		s = s[n:]
	}
	return out
}

// length is where a token ends that goes on to the next end mark, which may belong to it.
func length(s, end string, from int, including bool) int {
	i := strings.Index(s[from:], end)
	switch {
	case i < 0:
		return len(s)
	case including:
		return from + i + len(end)
	}
	return from + i
}

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func unquote(s string) string {
	if len(s) < 2 || strings.IndexByte("\"'`[", s[0]) < 0 {
		return s
	}
	return s[1 : len(s)-1]
}
