package plan

import (
	"strconv"
	"strings"

	"weir/engine/rel"
)

// shareFragments finds fragments that read the same rows, as the references of one common table do. The later one takes the rows of the
// first, which are then kept in a table of the embedded engine.
func shareFragments(frags []*Fragment) {
	same := map[string][]*Fragment{}
	for _, f := range frags {
		if f.IsStep() || !worthSharing(f) {
			continue
		}
		key := f.Source + "\n" + canonical(rel.Format(f.Root))
		same[key] = append(same[key], f)
	}
	for _, fs := range same {
		if len(fs) > 1 {
			share(fs)
		}
	}
}

// maxShared is the number of rows up to which plain rows are kept for a second reader. Beyond it each reader fetches what its own join keys leave.
const maxShared = 200_000

func worthSharing(f *Fragment) bool {
	if f.Rows <= maxShared {
		return true
	}
	grouped := false
	rel.WalkNodes(f.Root, func(n rel.Node) {
		_, ok := n.(*rel.Aggregate)
		grouped = grouped || ok
	})
	return grouped
}

// share makes the first of fragments with the same rows put out the columns that any of them needs, and the others take them.
func share(fs []*Fragment) {
	needed := map[int]bool{}
	for _, f := range fs {
		at := map[rel.ColumnID]int{}
		for i, c := range f.Root.Columns() {
			at[c.ID] = i
		}
		for _, c := range f.Cols {
			needed[at[c.ID]] = true
		}
	}
	for i, f := range fs {
		var cols []rel.Column
		for i, c := range f.Root.Columns() {
			if needed[i] {
				cols = append(cols, c)
			}
		}
		f.Cols, f.view.Cols = cols, cols
		if i > 0 {
			f.SameAs = fs[0].ID
		}
	}
	fs[0].Reread, fs[0].shared = true, true
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
