// Command noskip runs go test, prints what it prints, and fails if a test was skipped that is not on the list below:
//
//	go run ./test/noskip go test ./...
//
// A test that skips shows nothing, and in a run of hundreds nobody sees that it does.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// allowed are the tests that may skip, by package and name, with the reason; their subtests may too.
var allowed = map[string]string{
	"weir/test/chaos.TestDiskFullOfTheAudit": "as TestDiskFull",
	"weir/test/chaos.TestDiskFull":           "a small file system can be mounted by root only, and not in every container",
	"weir/engine/duck.FuzzText":              "a found input that isn't UTF-8: none reaches a function of text",
}

func main() {
	args := os.Args[1:]
	if len(args) < 2 || args[1] != "test" {
		fmt.Fprintln(os.Stderr, "usage: noskip go test [ARGUMENT…]")
		os.Exit(2)
	}
	c := exec.Command(args[0], slices.Insert(slices.Clone(args[1:]), 1, "-json")...)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "noskip:", err)
		os.Exit(1)
	}
	skipped := follow(out, os.Stdout)
	err = c.Wait()
	for _, s := range skipped {
		fmt.Printf("SKIPPED, and not allowed to be (test/noskip): %s\n", s)
	}
	switch {
	case c.ProcessState.ExitCode() > 0:
		os.Exit(c.ProcessState.ExitCode())
	case err != nil || len(skipped) > 0:
		os.Exit(1)
	}
}

// event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// follow reads a run's events and writes what go test would have written without -v: the lines of packages, and the output of tests that fail. It
// returns the tests that were skipped against the list, with what they said.
func follow(in io.Reader, out io.Writer) (skipped []string) {
	said := map[string]*strings.Builder{}
	r := bufio.NewReader(in)
	for {
		line, err := r.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(out, line) // of the build, or of the program itself
			} else if s := handle(e, said, out); s != "" {
				skipped = append(skipped, s)
			}
		}
		if err != nil {
			return skipped
		}
	}
}

func handle(e event, said map[string]*strings.Builder, out io.Writer) (skipped string) {
	name := e.Package + "." + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(out, e.Output)
	case "output":
		if e.Test == "" {
			if e.Output != "PASS\n" {
				fmt.Fprint(out, e.Output)
			}
			return ""
		}
		if said[name] == nil {
			said[name] = &strings.Builder{}
		}
		if !strings.HasPrefix(e.Output, "=== ") {
			said[name].WriteString(e.Output)
		}
	case "fail", "skip", "pass":
		if e.Test == "" {
			if e.Action == "fail" { // tests that were running when the program died
				for n, b := range said {
					if strings.HasPrefix(n, e.Package+".") {
						fmt.Fprint(out, b.String())
						delete(said, n)
					}
				}
			}
			return ""
		}
		text := ""
		if b := said[name]; b != nil {
			text = b.String()
		}
		delete(said, name)
		if e.Action == "fail" {
			fmt.Fprint(out, text)
		}
		top, _, _ := strings.Cut(e.Test, "/")
		if _, ok := allowed[e.Package+"."+top]; e.Action == "skip" && !ok {
			return name + ": " + strings.TrimSpace(text)
		}
	}
	return ""
}
