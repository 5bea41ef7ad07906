package lineage

import (
	"cmp"
	"slices"
)

// dep is one source column, by its number, with the ways in which it is used: plainly, and behind a mask.
type dep struct {
	column        int32
	plain, masked Use
}

// set is what a column depends on, by ascending number. It is never changed: columns that are passed on share theirs.
type set []dep

// behindMask is the set of a column that a mask computes from one with this set.
func (s set) behindMask() set {
	out := make(set, len(s))
	for i, d := range s {
		out[i] = dep{d.column, d.plain &^ direct, d.masked | d.plain&direct}
	}
	return out
}

func (s set) equal(o set) bool { return slices.Equal(s, o) }

// gathered collects dependencies.
type gathered map[int32]dep

func (g gathered) add(d dep, how Use) {
	was := g[d.column]
	g[d.column] = dep{d.column, was.plain | d.plain.through(how), was.masked | d.masked.through(how)}
}

// set is what has been gathered. Nothing gathered is nil.
func (g gathered) set() set {
	if len(g) == 0 {
		return nil
	}
	out := make(set, 0, len(g))
	for _, d := range g {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b dep) int { return cmp.Compare(a.column, b.column) })
	return out
}
