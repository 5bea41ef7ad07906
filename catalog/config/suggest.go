package config

import (
	"fmt"
	"strings"
)

// suggestKey is suggest, or the list of the right keys if none is near.
func suggestKey(wrong string, right []string) string {
	if s := suggest(wrong, right); s != "" || len(right) == 0 {
		return s
	}
	return "; the keys here are " + strings.Join(right, ", ")
}

// suggest is `; did you mean "x"?` for the nearest of the right names, or nothing if none is near.
func suggest(wrong string, right []string) string {
	best, bestDistance := "", len(wrong)/2+1
	for _, r := range right {
		if d := distance(strings.ToLower(wrong), strings.ToLower(r)); d < bestDistance {
			best, bestDistance = r, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// distance counts the edits between two words, a swap of neighbours being one edit (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
