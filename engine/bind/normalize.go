package bind

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/sqlerr"
)

// Parse parses one statement after rewriting what the parser can't read (see normalizer), and gives output columns the names that the statement's own text has.
func Parse(ctx context.Context, text string, options sqlparser.ParserOptions) (stmt sqlparser.Statement, err error) {
	defer func() {
		if r := recover(); r != nil { // the parser panics on some malformed statements
			stmt, err = nil, sqlerr.Syntax.New("You have an error in your SQL syntax; the statement can't be read").With(fmt.Errorf("parser: %v", r))
		}
	}()
	n := normalizer{in: text, ansi: options.AnsiQuotes, escapes: map[string]string{}}
	n.scan()
	if len(n.toks) > maxTokens {
		return nil, sqlerr.OutOfMemory.New("the statement has more than %d words, values and signs", maxTokens)
	}
	stmt, err = sqlparser.ParseWithOptions(ctx, n.run(), options)
	if err != nil || len(n.edits) == 0 {
		return stmt, err
	}
	_ = Walk(func(node sqlparser.SQLNode) (bool, error) {
		if a, ok := node.(*sqlparser.AliasedExpr); ok {
			a.InputExpression = n.restore(a.InputExpression)
		}
		return true, nil
	}, stmt)
	return stmt, nil
}

// maxTokens bounds a statement's length. The parser can't be interrupted, and each token takes some hundred bytes on its way to a plan: this many take
// half a second each to parse, to bind and to plan, and 200 MiB.
const maxTokens = 1_000_000

// The functions that stand for what the parser refuses.
const (
	anyFunction      = "weir_any"
	allFunction      = "weir_all"
	memberFunction   = "weir_member_of"
	intervalFunction = "weir_interval"
	unitPrefix       = "weir_"
)

// token is a word, string, number or single character of a statement.
type token struct {
	start, end int
	word       string // upper case; empty for what is no word
	quote      byte   // of a string or quoted name
}

// edit replaces a piece of the text; it carries a comment with its number, by which a column's name finds its way back.
type edit struct {
	start, end int
	with       string
}

// normalizer rewrites what the parser reads wrongly or refuses into what it reads rightly:
//
//   - '\%' and '\_' keep their backslash in MySQL's strings; the parser drops it, so that LIKE '100\%' would match too much;
//   - DATE '…', TIME '…' and TIMESTAMP '…' become calls, since the parser forgets the keyword; {d '…'}, {t '…'}, {ts '…'} and {fn f(…)} of
//     ODBC and JDBC likewise;
//   - = ANY (SELECT …), SOME and ALL, x MEMBER OF (…), IS UNKNOWN, INTERVAL with a compound unit, the function INTERVAL(n, …), ROW(…) after
//     an operator, 0b…, N'…' and RESPECT NULLS, which the parser refuses;
//   - FOR SHARE, which it doesn't know, becomes FOR UPDATE: neither does anything.
//
// The rewritten words are names that begin with weir_, which the binder knows.
type normalizer struct {
	in    string
	ansi  bool
	toks  []token
	edits []edit
	// escapes are the edits inside strings: what was written by what there is now.
	escapes map[string]string
}

func (n *normalizer) run() string {
	for i := range n.toks {
		n.rewriteString(n.toks[i])
		n.rewriteAt(i)
	}
	if len(n.edits) == 0 {
		return n.in
	}
	sortEdits(n.edits)
	for _, e := range n.edits {
		if strings.HasPrefix(e.with, `\`) {
			n.escapes[e.with] = n.in[e.start:e.end]
		}
	}
	var b strings.Builder
	last := 0
	for i, e := range n.edits {
		b.WriteString(n.in[last:e.start])
		b.WriteString(n.marked(i))
		last = e.end
	}
	b.WriteString(n.in[last:])
	return b.String()
}

func sortEdits(edits []edit) {
	for i := 1; i < len(edits); i++ {
		for j := i; j > 0 && edits[j].start < edits[j-1].start; j-- {
			edits[j], edits[j-1] = edits[j-1], edits[j]
		}
	}
}

// marked is an edit's text. Edits inside strings can't carry a comment; they are undone by their text alone.
func (n *normalizer) marked(i int) string {
	e := n.edits[i]
	if strings.HasPrefix(e.with, `\`) {
		return e.with
	}
	return e.with + markStart + strconv.Itoa(i) + markEnd
}

// What stands around an edit's number.
const (
	markStart = "/*w"
	markEnd   = "*/"
)

// restore undoes the edits in a piece of the rewritten text.
func (n *normalizer) restore(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, markStart)
		number, after, closed := strings.Cut(rest, markEnd)
		if !found || !closed {
			break
		}
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(n.edits) || !strings.HasSuffix(before, n.edits[i].with) { // a comment of the client's
			b.WriteString(before + markStart)
			s = rest
			continue
		}
		e := n.edits[i]
		b.WriteString(strings.TrimSuffix(before, e.with) + n.in[e.start:e.end])
		s = after
	}
	s = b.String() + s
	for with, was := range n.escapes {
		s = strings.ReplaceAll(s, with, was)
	}
	return s
}

func (n *normalizer) replace(start, end int, with string) {
	n.edits = append(n.edits, edit{start, end, with})
}

// scan cuts the text into tokens; comments and white space fall between them.
func (n *normalizer) scan() {
	s := n.in
	for i := 0; i < len(s); {
		start, c := i, s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '#' || strings.HasPrefix(s[i:], "-- ") || strings.HasPrefix(s[i:], "--\n") || strings.HasPrefix(s[i:], "--\t"):
			end := strings.IndexByte(s[i:], '\n')
			if end < 0 {
				return
			}
			i += end + 1
			continue
		case strings.HasPrefix(s[i:], "/*"):
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return
			}
			i += end + 4
			continue
		case c == '\'' || c == '"' || c == '`':
			i++
			for i < len(s) {
				if s[i] == '\\' && c != '`' && !(c == '"' && n.ansi) {
					i += 2
					continue
				}
				if s[i] == c {
					if i+1 < len(s) && s[i+1] == c {
						i += 2
						continue
					}
					break
				}
				i++
			}
			i = min(i+1, len(s))
			n.toks = append(n.toks, token{start: start, end: i, quote: c})
			continue
		case isWordByte(c):
			for i < len(s) && isWordByte(s[i]) {
				i++
			}
			n.toks = append(n.toks, token{start: start, end: i, word: strings.ToUpper(s[start:i])})
			continue
		}
		i++
		n.toks = append(n.toks, token{start: start, end: i})
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c == '@' || isDigit(c) || isLetter(c) || c >= 0x80
}

func (n *normalizer) at(i int) token {
	if i < 0 || i >= len(n.toks) {
		return token{}
	}
	return n.toks[i]
}

// is reports whether token i is a word or a character.
func (n *normalizer) is(i int, what string) bool {
	t := n.at(i)
	return t.quote == 0 && (t.word == what || t.word == "" && t.end > t.start && n.in[t.start:t.end] == what)
}

func (n *normalizer) isString(i int) bool {
	t := n.at(i)
	return t.quote == '\'' || t.quote == '"' && !n.ansi
}

// rewriteString doubles the backslash of \% and \_.
func (n *normalizer) rewriteString(t token) {
	if t.quote != '\'' && (t.quote != '"' || n.ansi) {
		return
	}
	for i := t.start + 1; i+1 < t.end; i++ {
		if n.in[i] == '\\' {
			if c := n.in[i+1]; c == '%' || c == '_' {
				n.replace(i, i+2, `\\`+string(c))
			}
			i++
		}
	}
}

// rewriteAt rewrites what begins at token i.
func (n *normalizer) rewriteAt(i int) {
	t := n.toks[i]
	if t.quote != 0 || n.is(i-1, ".") {
		return
	}
	switch t.word {
	case "DATE", "TIME", "TIMESTAMP":
		if n.isString(i+1) && !n.is(i-1, "{") {
			n.callLiteral(t.start, n.at(i+1), t.word)
		}
	case "SELECT", "DISTINCT":
		if n.isString(i+1) && n.at(i+1).start == t.end {
			n.replace(t.start, t.end, t.word+" ")
		}
	case "ANY", "SOME", "ALL":
		if n.is(i+1, "(") && n.startsQuery(i+2) && n.comparisonBefore(i) {
			name := anyFunction
			if t.word == "ALL" {
				name = allFunction
			}
			if end, ok := n.closing(i + 1); ok {
				n.replace(t.start, n.at(i+1).end, name+"((")
				n.replace(n.at(end).start, n.at(end).end, "))")
			}
		}
	case "MEMBER":
		if n.is(i+1, "OF") && n.is(i+2, "(") {
			n.replace(t.start, n.at(i+1).end, "= "+memberFunction)
		}
	case "UNKNOWN":
		if n.is(i-1, "IS") || n.is(i-1, "NOT") && n.is(i-2, "IS") {
			n.replace(t.start, t.end, "NULL")
		}
	case "INTERVAL":
		if n.is(i+1, "(") && n.hasComma(i+1) {
			n.replace(t.start, t.end, intervalFunction)
		}
	case "ROW":
		if n.is(i+1, "(") && (n.operatorBefore(i) || n.inList(i)) {
			n.replace(t.start, n.at(i+1).end, "(")
		}
	case "FOR":
		if n.is(i+1, "SHARE") && n.endsQuery(i+2) {
			n.replace(n.at(i+1).start, n.at(i+1).end, "UPDATE")
		}
	case "N":
		if n.isString(i+1) && n.at(i+1).start == t.end && n.at(i+1).quote == '\'' {
			n.replace(t.start, t.end, "")
		}
	case "RESPECT":
		if n.is(i+1, "NULLS") && n.is(i-1, ")") {
			n.replace(t.start, n.at(i+1).end, "")
		}
	case "":
		if n.is(i, "{") {
			n.escape(i)
		}
	default:
		if strings.HasPrefix(t.word, "0B") && len(t.word) > 2 && strings.Trim(t.word[2:], "01") == "" && n.in[t.start+1] == 'b' {
			n.replace(t.start, t.end, "b'"+t.word[2:]+"'")
		}
		if u, ok := units[t.word]; ok && u.compound && !n.is(i-1, "(") && !n.is(i+1, "(") {
			n.replace(t.start, t.end, unitPrefix+strings.ToLower(t.word))
		}
	}
}

// callLiteral writes a date or time literal as a call that gives its type.
func (n *normalizer) callLiteral(start int, text token, word string) {
	n.replace(start, text.start, strings.ToLower("weir_"+word)+"(")
	n.replace(text.end, text.end, ")")
}

// escape rewrites {d '…'} and its like.
func (n *normalizer) escape(i int) {
	kind := map[string]string{"D": "DATE", "T": "TIME", "TS": "TIMESTAMP"}[n.at(i+1).word]
	switch {
	case kind != "" && n.isString(i+2) && n.is(i+3, "}"):
		n.replace(n.at(i).start, n.at(i+2).start, "weir_"+strings.ToLower(kind)+"(")
		n.replace(n.at(i+3).start, n.at(i+3).end, ")")
	case n.is(i+1, "FN"):
		for j, depth := i, 0; j < len(n.toks); j++ {
			if n.is(j, "{") {
				depth++
			} else if n.is(j, "}") {
				if depth--; depth == 0 {
					n.replace(n.at(i).start, n.at(i+1).end, "")
					n.replace(n.at(j).start, n.at(j).end, "")
					return
				}
			}
		}
	}
}

func (n *normalizer) startsQuery(i int) bool {
	for n.is(i, "(") {
		i++
	}
	return n.is(i, "SELECT") || n.is(i, "WITH") || n.is(i, "TABLE") || n.is(i, "VALUES")
}

// endsQuery reports whether a locking clause ends before token i: a column can be called share, as in SUBSTRING(a FROM 2 FOR share).
func (n *normalizer) endsQuery(i int) bool {
	if i >= len(n.toks) || n.is(i, ";") || n.is(i, "OF") || n.is(i, "NOWAIT") || n.is(i, "SKIP") {
		return true
	}
	if !n.is(i, ")") {
		return false
	}
	depth := 0
	for j := i - 1; j >= 0; j-- {
		switch {
		case n.is(j, ")"):
			depth++
		case n.is(j, "("):
			if depth--; depth < 0 {
				return n.startsQuery(j + 1)
			}
		}
	}
	return false
}

func (n *normalizer) comparisonBefore(i int) bool {
	return n.is(i-1, "=") || n.is(i-1, "<") || n.is(i-1, ">")
}

// operatorBefore reports whether what stands before token i asks for an operand, so that ROW( there is a row constructor and not a row of VALUES.
func (n *normalizer) operatorBefore(i int) bool {
	if n.comparisonBefore(i) {
		return true
	}
	switch n.at(i - 1).word {
	case "WHERE", "AND", "OR", "NOT", "ON", "HAVING", "SELECT", "WHEN", "XOR", "IN":
		return true
	}
	return false
}

// inList reports whether token i begins a member of IN (…).
func (n *normalizer) inList(i int) bool {
	depth := 0
	for j := i - 1; j >= 0; j-- {
		switch {
		case n.is(j, ")"):
			depth++
		case n.is(j, "("):
			if depth--; depth < 0 {
				return n.is(j-1, "IN")
			}
		case depth == 0 && !n.is(j, ","):
			return false
		}
	}
	return false
}

// closing is the parenthesis that closes the one at token i.
func (n *normalizer) closing(i int) (int, bool) {
	depth := 0
	for j := i; j < len(n.toks); j++ {
		if n.is(j, "(") {
			depth++
		} else if n.is(j, ")") {
			if depth--; depth == 0 {
				return j, true
			}
		}
	}
	return 0, false
}

// hasComma reports whether the parentheses that open at token i hold a comma of their own.
func (n *normalizer) hasComma(i int) bool {
	depth := 0
	for j := i; j < len(n.toks); j++ {
		switch {
		case n.is(j, "("):
			depth++
		case n.is(j, ")"):
			if depth--; depth == 0 {
				return false
			}
		case n.is(j, ",") && depth == 1:
			return true
		}
	}
	return false
}
