package leaks

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// attack is a line of testdata/attacks.txt, which says what it means.
type attack struct {
	line           int
	kind           string
	same, harmless bool
	moving, order  bool
	statements     []string
}

func readAttacks(t testing.TB) []attack {
	t.Helper()
	f, err := os.Open("testdata/attacks.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []attack
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimSpace(lines.Text())
		if text == "" || text[0] == '#' {
			continue
		}
		head, body, ok := strings.Cut(text, ": ")
		words := strings.Fields(head)
		if !ok || len(words) == 0 {
			t.Fatalf("attacks.txt:%d: no head", n)
		}
		a := attack{line: n, kind: words[0]}
		for _, w := range words[1:] {
			switch w {
			case "same":
				a.same = true
			case "moving":
				a.moving, a.harmless = true, true
			case "order":
				a.order = true
			case "harmless":
				a.harmless = true
			default:
				t.Fatalf("attacks.txt:%d: unknown flag %q", n, w)
			}
		}
		for _, s := range strings.Split(body, ";;") {
			a.statements = append(a.statements, strings.TrimSpace(s))
		}
		out = append(out, a)
	}
	return out
}

// fits reports whether an attack is one on a column of the secret's kind.
func (a *attack) fits(s secret) bool { return a.kind == "any" || a.kind == s.kind }

// guessed are the statements with a guess in them.
func (a *attack) guessed(s secret, guess string, quoted bool) []string {
	if quoted {
		guess = strings.ReplaceAll(guess, "'", "''")
	}
	r := strings.NewReplacer("{db}", s.database, "{t}", s.database+".people", "{c}", s.column)
	var out []string
	for _, text := range a.statements {
		text = r.Replace(text)
		g := guess
		if strings.HasPrefix(text, "PREPARE s FROM '") {
			g = strings.ReplaceAll(g, "'", "''")
		}
		out = append(out, strings.ReplaceAll(text, "{g}", g))
	}
	return out
}

var guessed = regexp.MustCompile(`\{g\}`)

// args turns a statement into a prepared one whose guesses are parameters. ok is false where a parameter can't stand.
func (a *attack) args(s secret, guess string) (statement string, args []any, ok bool) {
	if len(a.statements) != 1 || !strings.Contains(a.statements[0], "{g}") || strings.Contains(a.statements[0], "_utf8mb4 {g}") {
		return "", nil, false
	}
	n := len(guessed.FindAllString(a.statements[0], -1))
	var v any = strings.Trim(guess, "'")
	if guess[0] != '\'' {
		if whole, err := strconv.ParseInt(guess, 10, 64); err == nil {
			v = whole
		}
	}
	for range n {
		args = append(args, v)
	}
	r := strings.NewReplacer("{db}", s.database, "{t}", s.database+".people", "{c}", s.column, "{g}", "?")
	return r.Replace(a.statements[0]), args, true
}

// step is one statement of an attack with its answer.
type step struct {
	statement string
	args      []any
	*answer
}

// do runs an attack.
func (s *session) do(a *attack, x secret, guess string, prepared bool) []step {
	if prepared {
		if text, args, ok := a.args(x, guess); ok {
			return []step{{text, args, s.run(text, args...)}}
		}
	}
	var out []step
	for _, text := range a.guessed(x, guess, false) {
		out = append(out, step{text, nil, s.run(text)})
	}
	return out
}

func (s step) String() string {
	if len(s.args) > 0 {
		return fmt.Sprintf("%s -- %v", s.statement, s.args)
	}
	return s.statement
}

// differs says how two worlds answer a statement of the attack differently, so that whoever asks can tell them apart; empty if they don't.
func (a *attack) differs(s, other step) string { return differs(s, other, a.order) }

func differs(a, b step, ordered bool) string {
	if x, y := a.text(ordered), b.text(ordered); x != y {
		return fmt.Sprintf("one world answers\n%s\nand the other\n%s", x, y)
	}
	// A prepared statement's answer begins with its number.
	skip := 0
	if len(a.args) > 0 {
		skip = min(9, len(a.raw), len(b.raw))
	}
	if a.text(true) == b.text(true) && a.raw[skip:] != b.raw[skip:] && !strings.Contains(strings.ToUpper(a.statement), "EXPLAIN") && !strings.Contains(strings.ToUpper(a.statement), "SHOW") &&
		!strings.Contains(a.statement, "schema") {
		return fmt.Sprintf("what is sent of the rows' description differs:\n%q\n%q", a.raw, b.raw)
	}
	return ""
}
