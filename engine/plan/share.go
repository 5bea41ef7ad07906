package plan

import (
	"strconv"
	"strings"

	"weir/engine/rel"
)

// shareFragments finds fragments that read the same rows, as the references of one common table do. The later one takes the rows of the
// first, which are then kept in a table of the embedded engine.
func shareFragments(p *Plan) {
	first := map[string]*Fragment{}
	for _, f := range p.Fragments {
		key := f.Source + "\n" + canonical(rel.Format(f.Root)+"\n"+columnList(f.Cols))
		if g, ok := first[key]; ok {
			f.SameAs, g.Reread, g.shared = g.ID, true, true
			continue
		}
		first[key] = f
	}
}

func columnList(cols []rel.Column) string {
	var b strings.Builder
	for _, c := range cols {
		b.WriteString(" #" + strconv.Itoa(int(c.ID)))
	}
	return b.String()
}

// canonical numbers the column ids of a formatted plan by their first appearance. Quoted text, which may look like an id, is left alone.
func canonical(text string) string {
	var b strings.Builder
	seen := map[string]int{}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			end = min(end, len(text)-1)
			b.WriteString(text[i : end+1])
			i = end
		case '#':
			end := i + 1
			for end < len(text) && text[end] >= '0' && text[end] <= '9' {
				end++
			}
			id := text[i:end]
			if _, ok := seen[id]; !ok {
				seen[id] = len(seen) + 1
			}
			b.WriteString("#" + strconv.Itoa(seen[id]))
			i = end - 1
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
