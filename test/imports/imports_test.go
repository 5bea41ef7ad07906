package imports_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const root = "../.."

// goFile is a parsed file of the tree.
type goFile struct {
	name, pkg string // both relative to the root
	test      bool
	syntax    *ast.File
}

func load(t *testing.T, mode parser.Mode) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, name)
		if d.IsDir() {
			if base := d.Name(); rel != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "bin" || base == "weir-data") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || path.Dir(filepath.ToSlash(rel)) == "." {
			return nil
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), name, nil, mode)
		if err != nil {
			return err
		}
		files = append(files, goFile{filepath.ToSlash(rel), path.Dir(filepath.ToSlash(rel)), strings.HasSuffix(name, "_test.go"), syntax})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d files found: the test looks at the wrong place", len(files))
	}
	return files
}

func imports(f goFile) []string {
	var out []string
	for _, i := range f.syntax.Imports {
		name, _ := strconv.Unquote(i.Path.Value)
		out = append(out, name)
	}
	return out
}

// match reports whether a package fits a pattern: itself, * for one element, /... for everything below.
func match(pattern, pkg string) bool {
	if pattern == "..." {
		return true
	}
	if below, ok := strings.CutSuffix(pattern, "/..."); ok {
		return strings.HasPrefix(pkg, below+"/")
	}
	ok, _ := path.Match(pattern, pkg)
	return ok
}

func TestImports(t *testing.T) {
	for _, p := range violations(load(t, parser.ImportsOnly)) {
		t.Error(p)
	}
}

func violations(files []goFile) []string {
	var out []string
	for _, f := range files {
		i := slices.IndexFunc(rules, func(r rule) bool { return match(r.pkg, f.pkg) })
		if i < 0 {
			out = append(out, f.name+": package "+f.pkg+" has no import rule; add one to rules_test.go with its reason")
			continue
		}
		for _, name := range imports(f) {
			if ours, ok := strings.CutPrefix(name, "weir/"); ok && !f.test &&
				!slices.ContainsFunc(rules[i].imports, func(p string) bool { return match(p, ours) }) {
				out = append(out, f.name+" imports "+ours+", which "+f.pkg+" may not: "+rules[i].why)
			}
			for _, o := range owners {
				if strings.HasPrefix(name, o.module) && !(f.test && o.inTests) && !slices.ContainsFunc(o.pkgs, func(p string) bool { return match(p, f.pkg) }) {
					out = append(out, f.name+" imports "+name+", which only "+strings.Join(o.pkgs, ", ")+" may: "+o.why)
				}
			}
		}
	}
	return out
}

func TestScansComeFromPolicy(t *testing.T) {
	for _, f := range load(t, parser.SkipObjectResolution) {
		if f.test || strings.HasPrefix(f.pkg, "test/") || f.pkg == "sources/sourcetest" || scanMakers[f.pkg] != "" {
			continue
		}
		if makesScan(f) {
			t.Errorf("%s makes a rel.Scan; ask policy.Scan, so that masks and row filters can't be gone round", f.name)
		}
	}
}

// makesScan reports whether a file writes a literal of rel.Scan, or takes a new one.
func makesScan(f goFile) bool {
	local := ""
	for _, i := range f.syntax.Imports {
		if i.Path.Value == `"weir/engine/rel"` {
			local = "rel"
			if i.Name != nil {
				local = i.Name.Name
			}
		}
	}
	isScan := func(e ast.Expr) bool {
		switch e := e.(type) {
		case *ast.SelectorExpr:
			x, ok := e.X.(*ast.Ident)
			return ok && x.Name == local && e.Sel.Name == "Scan"
		case *ast.Ident:
			return e.Name == "Scan" && (f.pkg == "engine/rel" || local == ".")
		}
		return false
	}
	found := false
	ast.Inspect(f.syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			found = found || n.Type != nil && isScan(n.Type)
		case *ast.CallExpr:
			if fn, ok := n.Fun.(*ast.Ident); ok && fn.Name == "new" && len(n.Args) == 1 {
				found = found || isScan(n.Args[0])
			}
		}
		return true
	})
	return found
}

// A permission that nothing uses would let through what nobody has thought about.
func TestRulesAreNeeded(t *testing.T) {
	files := load(t, parser.ImportsOnly)
	// used reports whether a file of one of a rule's packages has such an import.
	used := func(of func(pkg string) bool, tests bool, module func(name string) bool) bool {
		return slices.ContainsFunc(files, func(f goFile) bool {
			return of(f.pkg) && (tests || !f.test) && slices.ContainsFunc(imports(f), module)
		})
	}
	for i, r := range rules {
		of := func(pkg string) bool {
			return i == slices.IndexFunc(rules, func(r rule) bool { return match(r.pkg, pkg) })
		}
		if !slices.ContainsFunc(files, func(f goFile) bool { return of(f.pkg) }) {
			t.Errorf("no package has the rule of %s", r.pkg)
		}
		for _, p := range r.imports {
			if !used(of, false, func(name string) bool {
				ours, ok := strings.CutPrefix(name, "weir/")
				return ok && match(p, ours)
			}) {
				t.Errorf("%s may import %s, and doesn't", r.pkg, p)
			}
		}
	}
	for _, o := range owners {
		for _, p := range o.pkgs {
			if !used(func(pkg string) bool { return match(p, pkg) }, !o.inTests, func(name string) bool { return strings.HasPrefix(name, o.module) }) {
				t.Errorf("%s may import %s, and doesn't", p, o.module)
			}
		}
	}
}

// The rules must be able to fail.
func TestRulesCatch(t *testing.T) {
	for _, c := range []struct{ name, source, want string }{
		{"engine/rel/x.go", `package rel; import _ "weir/catalog"`, "may not"},
		{"engine/plan/x.go", `package plan; import _ "weir/sources"`, "may not"},
		{"sources/mysql/x.go", `package mysql; import _ "weir/sources/postgres"`, "may not"},
		{"engine/plan/x.go", `package plan; import _ "github.com/duckdb/duckdb-go/v2"`, "only engine/duck"},
		{"engine/plan/x_test.go", `package plan; import _ "github.com/dolthub/go-mysql-server/sql"`, "only engine/gms"},
		{"newcomer/x.go", `package newcomer`, "no import rule"},
		{"engine/plan/x.go", `package plan; import _ "weir/engine/rel"`, ""},
		{"sources/mysql/x_test.go", `package mysql; import _ "weir/test/realservers"`, ""},
	} {
		syntax, err := parser.ParseFile(token.NewFileSet(), c.name, c.source, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(violations([]goFile{{c.name, path.Dir(c.name), strings.HasSuffix(c.name, "_test.go"), syntax}}), "\n")
		if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%s %q: got %q, want %q", c.name, c.source, got, c.want)
		}
	}
	for source, want := range map[string]bool{
		`package x; import "weir/engine/rel"; var _ = &rel.Scan{}`:                 true,
		`package x; import r "weir/engine/rel"; var _ = []any{r.Scan{}}`:           true,
		`package x; import "weir/engine/rel"; var _ = new(rel.Scan)`:               true,
		`package x; import "weir/engine/rel"; func f(n any) { _ = n.(*rel.Scan) }`: false,
		`package x; import "weir/policy"; var _ = policy.Scan`:                     false,
	} {
		syntax, err := parser.ParseFile(token.NewFileSet(), "x.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := makesScan(goFile{"x.go", "x", false, syntax}); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}
