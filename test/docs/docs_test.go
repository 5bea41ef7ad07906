package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"weir/catalog/config"
	"weir/sources"
	_ "weir/sources/all"
)

const root = "../.."

// pages are the Markdown files by their path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".md") {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(root, name)
			out[filepath.ToSlash(rel)] = string(data)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 5 {
		t.Fatalf("only %d pages found: the test looks at the wrong place", len(out))
	}
	return out
}

var (
	link     = regexp.MustCompile(`\]\(([^)\s#]+)[^)]*\)`)
	code     = regexp.MustCompile("`([^`\n]+)`")
	pathLike = regexp.MustCompile(`^(catalog|cmd|docs|engine|policy|server|sources|test|cache)/[\w./-]*$`)
	target   = regexp.MustCompile("(?m)(?:`|^)make ([a-z]+)")
	fence    = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```")
)

func TestPathsExist(t *testing.T) {
	exists := func(name string) bool { _, err := os.Stat(name); return err == nil }
	for page, text := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if to := m[1]; !strings.Contains(to, "://") && !exists(filepath.Join(root, filepath.Dir(page), to)) {
				t.Errorf("%s links to %s, which isn't there", page, to)
			}
		}
		for _, m := range code.FindAllStringSubmatch(text, -1) {
			if pathLike.MatchString(m[1]) && !exists(filepath.Join(root, m[1])) {
				t.Errorf("%s names %s, which isn't there", page, m[1])
			}
		}
	}
}

func TestMakeTargetsExist(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for page, text := range pages(t) {
		for _, m := range target.FindAllStringSubmatch(text, -1) {
			found++
			if !strings.Contains(string(makefile), "\n"+m[1]+":") {
				t.Errorf("%s names 'make %s', which the Makefile doesn't have", page, m[1])
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d targets found", found)
	}
}

var fileReference = regexp.MustCompile(`\$\{file:[^}]*\}`)

// Every YAML example is a whole weir.yaml and decodes with the kinds that there are.
func TestConfigurationExamplesDecode(t *testing.T) {
	found := 0
	for page, text := range pages(t) {
		for _, block := range fence.FindAllStringSubmatch(text, -1) {
			if block[1] != "yaml" {
				continue
			}
			found++
			example := fileReference.ReplaceAllString(block[2], "from-a-file")
			for _, m := range regexp.MustCompile(`\$\{env:(\w+)\}`).FindAllStringSubmatch(example, -1) {
				t.Setenv(m[1], "from-the-environment")
			}
			if _, err := config.Parse([]byte(example), page, sources.Kinds()); err != nil {
				t.Errorf("an example doesn't decode:\n%v", err)
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d examples found", found)
	}
}

var (
	keyRow  = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")
	keyName = regexp.MustCompile("`([\\w.]+)`")
)

// Every key of the schema stands in the page about the configuration, and every key in the page's tables is one of the schema.
func TestEveryKeyIsDescribed(t *testing.T) {
	text := pages(t)["docs/configuration.md"]
	schema, err := config.Schema(sources.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"(\w+)": \{`).FindAllStringSubmatch(string(schema), -1) {
		if slices.Contains([]string{"properties", "items", "additionalProperties", "log", "tls", "limits", "lineage"}, m[1]) {
			continue
		}
		if !regexp.MustCompile("[`.]" + m[1] + "`").MatchString(text) {
			t.Errorf("docs/configuration.md doesn't tell of the key %s", m[1])
		}
	}
	for _, row := range keyRow.FindAllStringSubmatch(text, -1) {
		for _, m := range keyName.FindAllStringSubmatch(row[1], -1) {
			for _, part := range strings.Split(m[1], ".") {
				if !strings.Contains(string(schema), `"`+part+`"`) {
					t.Errorf("docs/configuration.md tells of the key %s, which there isn't", m[1])
				}
			}
		}
	}
}

// Every kind of source has its page of types and its line wherever kinds are listed.
func TestEveryKindIsDescribed(t *testing.T) {
	text := pages(t)
	for _, k := range sources.Kinds() {
		page := "docs/types/" + k.Name + ".md"
		if text[page] == "" {
			t.Errorf("%s isn't there", page)
		}
		for _, at := range []string{"README.md", "docs/sql.md"} {
			if !strings.Contains(text[at], "types/"+k.Name+".md") {
				t.Errorf("%s doesn't name %s", at, page)
			}
		}
		if !strings.Contains(text["docs/configuration.md"], "| `"+k.Name+"` |") {
			t.Errorf("docs/configuration.md doesn't list the keys of the kind %s", k.Name)
		}
	}
}

func TestDependenciesAreListed(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	text := pages(t)["docs/dependencies.md"]
	var direct []string
	for _, line := range strings.Split(string(mod), "\n") {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) == 2 && strings.Contains(fields[0], ".") && strings.HasPrefix(fields[1], "v") {
			direct = append(direct, fields[0])
			if !strings.Contains(text, "| "+fields[0]+" |") {
				t.Errorf("docs/dependencies.md doesn't say why %s is there", fields[0])
			}
		}
	}
	if len(direct) < 10 {
		t.Fatalf("only %d direct dependencies found in go.mod", len(direct))
	}
	for _, m := range regexp.MustCompile(`(?m)^\| (\S+\.\S+/\S+) \|`).FindAllStringSubmatch(text, -1) {
		if !slices.Contains(direct, m[1]) {
			t.Errorf("docs/dependencies.md lists %s, which go.mod doesn't require directly", m[1])
		}
	}
}

// A claim about security is worth as much as its test.
func TestSecurityClaimsAreTested(t *testing.T) {
	page := pages(t)["docs/security.md"]
	one, several := regexp.MustCompile("`Test[A-Za-z]+`"), regexp.MustCompile("((?:`Test[A-Za-z]+`(?:, | and )?)+) in `([a-z/]+)`")
	found := 0
	for _, m := range several.FindAllStringSubmatch(page, -1) {
		text := ""
		files, _ := filepath.Glob(filepath.Join(root, m[2], "*_test.go"))
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text += string(data)
		}
		for _, name := range one.FindAllString(m[1], -1) {
			found++
			if name = strings.Trim(name, "`"); !strings.Contains(text, "func "+name+"(t *testing.T") {
				t.Errorf("docs/security.md names the test %s in %s, which isn't there", name, m[2])
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d tests found in docs/security.md", found)
	}
}
