package bind

import "strings"

// Redact is a statement's text for those who may know what was asked but not about whom: every string and number is a question mark, comments are
// left out, and white space is a blank. ansi says that double quotes enclose names. What can't be read to its end is left out from there on.
func Redact(text string, ansi bool) string { return RedactBut(text, ansi, nil) }

// RedactBut is Redact, but leaves constants as they are that keep allows: it is given the constant, and the word, in capitals, or the character before it.
func RedactBut(text string, ansi bool, keep func(before, constant string) bool) string {
	n := normalizer{in: text, ansi: ansi}
	n.scan()
	var b strings.Builder
	end := 0
	for i, t := range n.toks {
		if t.start > end && b.Len() > 0 {
			b.WriteByte(' ')
		}
		end = t.end
		switch {
		case n.isString(i) || t.word != "" && isDigit(t.word[0]):
			if n.isFraction(i) {
				continue // 1.5 is one number
			}
			if keep != nil && keep(n.textBefore(i), text[t.start:t.end]) {
				b.WriteString(text[t.start:t.end])
				continue
			}
			b.WriteByte('?')
		case n.is(i, ".") && n.isNumber(i-1) && t.start == n.at(i-1).end:
		default:
			b.WriteString(text[t.start:t.end])
		}
	}
	return b.String()
}

func (n *normalizer) isNumber(i int) bool {
	w := n.at(i).word
	return w != "" && isDigit(w[0]) && !(n.is(i-1, ".") && n.at(i-2).word != "" && !isDigit(n.at(i - 2).word[0]))
}

// isFraction reports whether token i is what stands behind a number's point.
func (n *normalizer) isFraction(i int) bool {
	return n.isNumber(i) && n.is(i-1, ".") && n.isNumber(i-2) && n.at(i-1).start == n.at(i-2).end && n.at(i).start == n.at(i-1).end
}

// textBefore is the word, in capitals, or the character before token i.
func (n *normalizer) textBefore(i int) string {
	t := n.at(i - 1)
	if t.quote == 0 && t.word != "" {
		return t.word
	}
	return n.in[t.start:t.end]
}

// RedactNames returns what redacts the names of a statement's result, many of which are made of its text: SELECT 'x' names its column x. A name that is a text of the
// statement becomes a question mark, unless AS gives it; of others, what Redact would take out goes.
func RedactNames(text string, ansi bool) func(name string) string {
	n := normalizer{in: text, ansi: ansi}
	n.scan()
	texts := map[string]bool{}
	for i, t := range n.toks {
		if !n.isString(i) || n.is(i-1, "AS") {
			continue
		}
		inner := strings.TrimSuffix(text[t.start+1:t.end], string(t.quote))
		plain := strings.ReplaceAll(inner, strings.Repeat(string(t.quote), 2), string(t.quote))
		for _, s := range []string{inner, plain, unescape(plain)} {
			texts[strings.TrimSpace(s)] = true
		}
	}
	return func(name string) string {
		if texts[strings.TrimSpace(name)] {
			return "?"
		}
		return Redact(name, false)
	}
}

// unescape takes the backslashes out of a text, as far as they stand before what they only protect.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
