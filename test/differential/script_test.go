package differential

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"weir/engine/rel"
	"weir/test/reference"
)

// TestScripts runs the fixed cases of testdata on Weir with pushdown on and off.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	runner, weir := newRunner(t, reference.Dataset(1))
	ctx := context.Background()
	for _, file := range files {
		cases, err := ReadScript(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			for _, c := range cases {
				s := &Statement{SQL: c.SQL}
				var ref *reference.Result
				if !c.Given {
					if ref = runner.run(ctx, runner.Reference, s); ref.Code() < 0 {
						t.Fatal(ref.Err)
					}
				}
				for _, side := range runner.Sides {
					if d := c.Check(ref, runner.run(ctx, side, s)); d != nil {
						t.Errorf("%s:%d: %s: %s: %s\n%s", c.File, c.Line, side.Name, d.Kind, d.Detail, c.SQL)
					}
				}
			}
			if t.Failed() {
				t.Log(weir.tail())
			}
		})
	}
}

// TestEveryFunction makes sure that each scalar function that the binder offers is in a template, in a script, or in the list of what
// MySQL and MariaDB do differently.
func TestEveryFunction(t *testing.T) {
	var text strings.Builder
	for _, t := range templates {
		text.WriteString(t.text + "\n")
	}
	text.WriteString("greatest(x, y) least(x, y)\n") // made by general
	text.WriteString("at_zone(x)\n")                 // TestTimeZone
	text.WriteString(strings.Join(approximate, "\n") + strings.Join(outputOnly, "\n"))
	files, _ := filepath.Glob("testdata/*")
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(b)
	}
	all := strings.ToLower(text.String())
	spelled := map[rel.Op]string{"char_text": "using utf8mb4", "json_member_of": "member of"}
	for op := range rel.Functions {
		name := spelled[op]
		if name == "" {
			name = fmt.Sprintf(`\b%s\(`, regexp.QuoteMeta(string(op)))
		}
		if !regexp.MustCompile(name).MatchString(all) {
			t.Errorf("function %s is never tested", op)
		}
	}
}
