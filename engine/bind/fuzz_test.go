package bind

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzBind: no statement makes the binder panic, and a plan that it gives is sound (checkPlan).
func FuzzBind(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txt")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range strings.Split(string(raw), "\n\n") {
			head, _, _ := strings.Cut(c, "----\n")
			var stmt []string
			for _, l := range strings.Split(head, "\n") {
				if !strings.HasPrefix(l, "#") {
					stmt = append(stmt, l)
				}
			}
			f.Add(strings.Join(stmt, "\n"))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := bindText(text, testEnv())
		if err != nil && (strings.Contains(err.Error(), "operand") && strings.Contains(err.Error(), "is boolean") ||
			strings.Contains(err.Error(), "which nothing below gives") || strings.Contains(err.Error(), "twice")) &&
			!strings.Contains(err.Error(), "defined twice") {
			t.Errorf("%s: %v", text, err)
		}
	})
}
