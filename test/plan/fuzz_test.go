package plan

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/plan"
	"weir/engine/rel"
)

// FuzzStatement plans any text and prints it for every site: it may be refused, but nothing may panic, and nothing that was planned may fail to print, or show
// what a token stands for.
func FuzzStatement(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.sql")
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, s := range strings.Split(string(script), ";\n") {
			f.Add(withTokens(s))
		}
	}
	sites, local := dialects(), dialect.DuckDB()
	f.Fuzz(func(t *testing.T, text string) {
		ast, err := bind.Parse(context.Background(), text, sqlparser.ParserOptions{})
		if err != nil {
			return
		}
		sel, ok := ast.(sqlparser.SelectStatement)
		if !ok {
			return
		}
		for _, off := range []bool{false, true} {
			ids := &rel.IDs{}
			q, err := bind.Bind(context.Background(), sel, &bind.Env{Tables: described{}, Session: session{}, Now: time.Unix(1.7e9, 0).UTC(), IDs: ids,
				Keyring: ring, Reveal: func() error { return nil }})
			if err != nil {
				return
			}
			var out []rel.Column
			for _, c := range q.Columns {
				out = append(out, c.Column)
			}
			p, err := plan.Build(context.Background(), q.Root, out, plan.Config{Sites: sites, Local: local, Tokens: ring, IDs: ids, PushdownOff: off})
			if err != nil {
				continue
			}
			x, err := plan.Explain(p, local)
			if err != nil {
				t.Fatalf("planned but not printable: %v\n%s", err, text)
			}
			for _, secret := range []string{"anna@example", "ben@example"} { // what the tokens of the seeds stand for
				if !strings.Contains(text, secret) && strings.Contains(x.JSON(), secret) {
					t.Fatalf("what a token stands for is shown: %s\n%s", text, x.JSON())
				}
			}
			if p.Local == nil && len(p.Fragments) != 1 {
				t.Fatalf("no result: %s", text)
			}
		}
	})
}

// FuzzQuote writes names and texts in every dialect: whatever they hold, each must stay one token.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "a", "it's", `a"b`, "a`b", `back\slash`, "a''", "$$", "a]b", "ünï 😀", "--", "/*", "\\'; drop table x; --", "a\x00b", "\xff"} {
		f.Add(s)
	}
	all := []*dialect.Dialect{dialect.DuckDB()}
	for _, d := range dialects() {
		all = append(all, d)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, d := range all {
			name := d.Ident(s)
			if n := len(name); n < 2 || name[0] != name[n-1] || !doubled(name[1:n-1], name[0]) {
				t.Errorf("%s writes the name %q as %s", d.Name, s, name)
			}
			text, err := dialect.PrintExpr(d, &rel.Lit{Value: s, T: rel.TextType})
			if err != nil {
				continue // no exact spelling: the literal is not pushed
			}
			if rest, ok := unquoted(text); !ok || !plainSQL.MatchString(rest) {
				t.Errorf("%s writes the text %q as %s", d.Name, s, text)
			}
		}
	})
}

// plainSQL is what may stand around quoted text: names, numbers, parentheses, concatenation and casts.
var plainSQL = regexp.MustCompile(`^[\w\s|():.,]*$`)

// unquoted removes quoted texts; not ok if one doesn't end.
func unquoted(s string) (rest string, ok bool) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\'')
		if i < 0 {
			b.WriteString(s)
			return b.String(), true
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		for {
			end := strings.IndexByte(s, '\'')
			if end < 0 {
				return "", false
			}
			s = s[end+1:]
			if !strings.HasPrefix(s, "'") {
				break
			}
			s = s[1:]
		}
	}
}

// doubled reports whether every quote in a quoted token is doubled.
func doubled(s string, quote byte) bool {
	return !strings.Contains(strings.ReplaceAll(s, string(quote)+string(quote), ""), string(quote))
}
