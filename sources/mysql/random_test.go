package mysql

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"weir/engine/dialect"
	"weir/engine/rel"
)

var (
	randomCount = flag.Int("random", 300, "count of random expressions of TestRandomForms")
	randomSeed  = flag.Uint64("random-seed", 0, "seed of TestRandomForms; 0 takes the time")
)

// grammar makes random expressions in the notation of testdata/forms.txt. A capital letter stands for an expression of that class:
// Text, Bool, Int, deCimal, Date, M (datetime); the first entries have none, for the leaves.
var grammar = map[byte][]string{
	'T': {"t1", "t2", "t3", "t4", "'abc'", "'é'", "'😀'", "'a '", "''", "concat(T, T)", "upper(T)", "lower(T)", "substr(T, I)", "left(T, 2)", "replace(T, T, T)",
		"coalesce(T, T)", "case(B, T, T)", "cast(I, char)", "cast(C, char)", "cast(D, char)", "trim(T, 'a')", "reverse(T)", "hex(T)", "date_format(D, '%Y %b')", "greatest(T, T)",
		"concat_ws('-', T, T)", "lpad(T, 4, T)", "elt(2, T, T)", "substring_index(T, T, 1)", "monthname(D)", "md5(T)"},
	'B': {"=(i, 1)", "isnull(t2)", "=(T, T)", "<(T, T)", ">=(T, T)", "<=>(T, T)", "in(T, T, T, 'abc')", `like(T, T, '\')`, `like(T, 'a%', '\')`, "isnull(D)", "and(B, B)", "or(B, B)", "not(B)",
		"xor(B, B)", "istrue(B)", "=(I, I)", "<(I, I)", ">(C, C)", "<>(C, C)", "<(D, D)", "=(D, D)", "<=(M, M)", "in(I, I, I)", "in(D, D, d'2024-02-29')"},
	'I': {"b", "cast(i, signed)", "2", "-3", "0", "length(T)", "char_length(T)", "locate(T, T)", "+(I, 1)", "-(I, I)", "%(I, 7)", "div(I, I)", "extract('MONTH', D)", "dayofyear(D)",
		"case(B, I, I)", "coalesce(I, I)", "cast(T, signed)", "sign(C)", "strcmp(T, T)", "field(T, T, T)", "datediff(D, D)", "timestampdiff('DAY', D, M)", "cast(B, signed)", "ascii(T)"},
	'C': {"n", "m", "1.5", "-0.25", "+(C, C)", "-(C, C)", "*(C, 0.5)", "/(C, C)", "%(C, 0.7)", "neg(C)", "abs(C)", "round(C, 1)", "truncate(C, 2)", "coalesce(C, C)", "case(B, C, C)",
		"cast(I, decimal(20,2))", "cast(T, decimal(10,2))", "greatest(C, C)"},
	'D': {"d", "d'2024-02-29'", "d'1999-12-31'", "date_add(D, 1, 'MONTH')", "date_add(D, 3, 'DAY')", "last_day(D)", "cast(M, date)", "coalesce(D, D)", "case(B, D, D)", "least(D, D)", "from_days(to_days(D))"},
	'M': {"dt", "dtf", "dt'2024-03-31 01:30:00'", "cast(D, datetime)", "date_add(M, 90, 'MINUTE')", "coalesce(M, M)", "case(B, M, M)", "addtime(M, tm'01:00:00')"},
}

func randomForm(r *rand.Rand, class byte, depth int) string {
	choices := grammar[class]
	if depth <= 0 {
		n := 0
		for n < len(choices) && !strings.ContainsAny(strings.ReplaceAll(choices[n], "'MONTH'", ""), "TBICDM") {
			n++
		}
		choices = choices[:n]
	}
	var b strings.Builder
	quoted := false
	for _, c := range choices[r.IntN(len(choices))] {
		if c == '\'' {
			quoted = !quoted
		}
		if !quoted && c >= 'A' && c <= 'Z' {
			b.WriteString(randomForm(r, byte(c), depth-1))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// TestRandomForms does what TestForms does with expressions that are put together at random.
func TestRandomForms(t *testing.T) {
	s, d, scan := odd(t)
	seed := *randomSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-random-seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	ran := 0
	for range *randomCount {
		text := randomForm(r, "TTBBBICDM"[r.IntN(9)], 1+r.IntN(4))
		in := scan()
		e, plain := in.parse(text)
		if _, stored := e.(*rel.Col); stored { // is put out as it is stored; the reader makes what it is
			continue
		}
		if why := refused(d, e); strings.Contains(why, "of one column twice") { // where both operands might be one expression
			continue
		} else if why != "" {
			t.Errorf("%s is not pushed: %s", text, why)
			continue
		}
		id := in.Columns()[0]
		out := rel.Column{ID: in.ids.Next(), Name: "v", T: e.Type()}
		key := []rel.SortKey{{Expr: in.col("id")}}
		n := rel.Node(&rel.Sort{Input: &rel.Project{Input: in.Scan, Cols: []rel.Computed{{Column: id, Expr: in.col("id")}, {Column: out, Expr: e}}}, Keys: key})
		want := "SELECT id, " + plain + " FROM plain ORDER BY id"
		if r.IntN(2) == 0 && e.Type().Class() == rel.ClassBool {
			n, want = &rel.Sort{Input: &rel.Filter{Input: in.Scan, Pred: e}, Keys: key}, "SELECT id FROM plain WHERE "+plain+" ORDER BY id"
		}
		if _, err := lines(s, want); err != nil { // an overflow, say: then both must fail
			p, perr := dialect.Print(d, n, n.Columns()[:1], dialect.Options{})
			if perr != nil {
				t.Fatal(perr)
			}
			if _, got := lines(s, p.SQL); got == nil && strings.Contains(want, "WHERE") {
				t.Logf("%s fails (%v), %s doesn't", want, err, p.SQL)
			}
			continue
		}
		ran++
		cols := []rel.Column{id, out}
		if _, filter := n.(*rel.Sort).Input.(*rel.Filter); filter {
			cols = cols[:1]
		}
		t.Run(fmt.Sprint(ran), func(t *testing.T) { same(t, s, d, n, cols, want) })
		if t.Failed() {
			t.Fatalf("%s (seed %d)", text, seed)
		}
	}
	if ran < *randomCount/2 {
		t.Errorf("only %d of %d could be compared", ran, *randomCount)
	}
}
