package suggest

import (
	"fmt"
	"slices"
	"strings"

	"weir/engine/rel"
)

// Column is what is known of a column.
type Column struct {
	Table   string
	Name    string
	Comment string
	Type    rel.Type
	// Values is a sample of the values that are not NULL, as texts. None: nothing was read, or there is nothing.
	Values []string
}

// Suggestion is a tag with what speaks for it.
type Suggestion struct {
	Tag string
	// Why is such as "name; 198 of 200 sampled values are e-mail addresses".
	Why string
}

// For suggests tags for a column, the one with most to be said for it first. Most columns have none, hardly any has several.
func For(c Column) []Suggestion {
	words, comment := split(c.Name), split(c.Comment)
	table := split(c.Table)
	var out []Suggestion
	for _, k := range kinds {
		if !k.fits(c.Type) {
			continue
		}
		named := k.named(words, table)
		told := phrase(comment, k.comments)
		s := k.sampled(c.Values)
		if named == "" && told == "" && !k.alone(c.Values) || s.contradicts(k) {
			continue
		}
		if k.needs != nil && !k.needs(c.Values) {
			continue
		}
		var why []string
		if named != "" {
			why = append(why, "name")
		}
		if told != "" {
			why = append(why, "comment")
		}
		if s.hits > 0 {
			why = append(why, fmt.Sprintf("%d of %d sampled values %s", s.hits, s.of, k.looks))
		}
		if !slices.ContainsFunc(out, func(have Suggestion) bool { return have.Tag == k.tag }) && !k.covered(out) {
			out = append(out, Suggestion{k.tag, strings.Join(why, "; ")})
		}
	}
	return out
}

// sample is how many of the values look like something.
type sample struct{ hits, of int }

// least is how many values must look like something for that alone to be a reason.
const least = 3

func (k *kind) sampled(values []string) sample {
	s := sample{of: len(values)}
	if k.looksLike == nil {
		return s
	}
	for _, v := range values {
		if k.looksLike(strings.TrimSpace(v)) {
			s.hits++
		}
	}
	return s
}

// alone reports whether the values by themselves are a reason.
func (k *kind) alone(values []string) bool {
	check := k.surely
	if check == nil {
		check = k.looksLike
	}
	if check == nil || k.share == 0 {
		return false
	}
	share := shareOf(values, check)
	return share*float64(len(values)) >= least-0.5 && share >= k.share
}

// contradicts reports whether the values say that the name is about something else.
func (s sample) contradicts(k *kind) bool {
	return k.looksLike != nil && k.strict && s.of >= least && s.hits == 0
}

// split cuts a name or a comment into lower-case words: at whatever is no letter or digit, and where a capital letter follows a small one.
func split(text string) []string {
	var words []string
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			words = append(words, strings.ToLower(b.String()))
			b.Reset()
		}
	}
	small := false
	for _, r := range text {
		switch {
		case isUpper(r) && small:
			end()
			b.WriteRune(r)
			small = false
		case isLetter(r):
			b.WriteRune(r)
			small = !isUpper(r)
		default:
			end()
			small = false
		}
	}
	end()
	return words
}

// phrase returns the first of the phrases that stands in the words, also where it is written as one.
func phrase(words []string, phrases []string) string {
	text := " " + strings.Join(words, " ") + " "
	for _, p := range phrases {
		if strings.Contains(text, " "+p+" ") {
			return p
		}
		if joined := strings.ReplaceAll(p, " ", ""); joined != p && strings.Contains(text, " "+joined+" ") {
			return p
		}
	}
	return ""
}
