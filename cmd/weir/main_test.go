package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// weir runs a command line.
func weir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// expect runs a command line and tests its exit code and that its output holds some texts.
func expect(t *testing.T, code int, texts []string, args ...string) (stdout string) {
	t.Helper()
	got, out, errs := weir(t, args...)
	if got != code {
		t.Errorf("weir %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out, errs)
	}
	for _, text := range texts {
		if !strings.Contains(out+errs, text) {
			t.Errorf("weir %s: no %q in\n%s%s", strings.Join(args, " "), text, out, errs)
		}
	}
	return out
}

func write(t *testing.T, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "weir.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestUsage(t *testing.T) {
	wrong := write(t, "users: [{name: a, password: pass1}]\nsourcse: {}\n")
	expect(t, exitUsage, []string{`unknown command "chekc"`, "check"}, "chekc")
	expect(t, exitUsage, []string{"unknown flag: --nope", "weir check --help"}, "check", "--nope")
	expect(t, exitUsage, []string{"weir init"}, "check", "--config", filepath.Join(t.TempDir(), "none.yaml"))
	expect(t, exitUsage, []string{wrong + `:2:1: unknown key "sourcse"; did you mean "sources"?`}, "check", "--config", wrong)
	expect(t, exitUsage, []string{"see 'weir check --help'"}, "check", "too", "many")
	expect(t, 0, []string{"weir "}, "version")
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		expect(t, 0, []string{"weir"}, "completion", shell)
	}
}

// Every command has a summary, and its examples are commands that there are.
func TestHelp(t *testing.T) {
	for _, c := range newRoot().Commands() {
		if c.Short == "" {
			t.Errorf("weir %s has no summary", c.Name())
		}
		for _, line := range strings.Split(c.Example, "\n") {
			testCommandLine(t, "the help of "+c.Name(), line)
		}
	}
}

var shellBlock = regexp.MustCompile("(?ms)^```(?:sh|ini)\n(.*?)^```")
var inlineCommand = regexp.MustCompile("[`'](weir [^`'\n]+)")

// Every command line in the pages uses commands and flags that there are.
func TestDocumentedCommands(t *testing.T) {
	found := 0
	err := filepath.WalkDir("../..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".md") {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		var lines []string
		for _, m := range shellBlock.FindAllStringSubmatch(string(data), -1) {
			lines = append(lines, strings.Split(m[1], "\n")...)
		}
		for _, m := range inlineCommand.FindAllStringSubmatch(string(data), -1) {
			lines = append(lines, m[1])
		}
		for _, line := range lines {
			if testCommandLine(t, name, line) {
				found++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 5 {
		t.Errorf("only %d command lines found", found)
	}
}

var commandLine = regexp.MustCompile(`(?:^|[\s/=])weir ([a-z]+)(.*)`)

func testCommandLine(t *testing.T, where, line string) bool {
	t.Helper()
	m := commandLine.FindStringSubmatch(line)
	if m == nil || strings.HasPrefix(strings.TrimSpace(line), "#") {
		return false
	}
	var cmd *cobra.Command
	for _, c := range append(newRoot().Commands(), &cobra.Command{Use: "completion"}) {
		if c.Name() == m[1] {
			cmd = c
		}
	}
	if cmd == nil {
		t.Errorf("%s: there is no command 'weir %s' (%s)", where, m[1], line)
		return true
	}
	if words := strings.Fields(m[2]); len(words) > 0 {
		for _, sub := range cmd.Commands() {
			if sub.Name() == words[0] {
				cmd = sub
			}
		}
	}
	for _, flag := range regexp.MustCompile(`\s--?([a-z][a-z-]*)`).FindAllStringSubmatch(regexp.MustCompile(`'[^']*'`).ReplaceAllString(m[2], "''"), -1) {
		if cmd.Flags().Lookup(flag[1]) == nil && cmd.Flags().ShorthandLookup(flag[1][:1]) == nil && flag[1] != "help" {
			t.Errorf("%s: weir %s has no flag --%s (%s)", where, m[1], flag[1], line)
		}
	}
	return true
}

// The checked-in schema is the one of the Go types and of the kinds that are built in.
func TestSchemaIsCurrent(t *testing.T) {
	want := expect(t, 0, nil, "schema")
	got, err := os.ReadFile("../../docs/weir.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("docs/weir.schema.json is not current; run 'make schema'")
	}
}
