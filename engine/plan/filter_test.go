package plan

import (
	"testing"

	"weir/engine/rel"
)

func intCol(id rel.ColumnID, name string) *rel.Col {
	return &rel.Col{ID: id, Name: name, T: rel.BigIntType}
}

func call(op rel.Op, args ...rel.Expr) *rel.Call {
	return &rel.Call{Op: op, Args: args, T: rel.BoolType}
}

func number(n int64) *rel.Lit { return &rel.Lit{Value: n, T: rel.BigIntType} }

var a, b, c = intCol(1, "a"), intCol(2, "b"), intCol(3, "c")

// A wrong answer here turns an outer join into an inner one.
func TestRejectsNulls(t *testing.T) {
	asInt := func(e rel.Expr) rel.Expr { return &rel.Call{Op: rel.OpCast, Args: []rel.Expr{e}, T: rel.BigIntType} }
	for _, x := range []struct {
		pred rel.Expr
		want bool // a being NULL keeps it from being true
	}{
		{call(rel.OpEq, a, number(1)), true},
		{call(rel.OpNot, call(rel.OpEq, a, number(1))), true},
		{call(rel.OpNullEq, a, number(1)), false},
		{call(rel.OpIsNull, a), false},
		{call(rel.OpNot, call(rel.OpIsNull, a)), true},
		{call(rel.OpIsTrue, call(rel.OpEq, a, number(1))), true},
		{call(rel.OpNot, call(rel.OpIsTrue, call(rel.OpEq, a, number(1)))), false},
		{call(rel.OpEq, asInt(call(rel.OpIsTrue, a)), number(0)), false},
		{call(rel.OpEq, asInt(call(rel.OpIsNull, a)), number(1)), false},
		{call(rel.OpIn, a, number(1), number(2)), true},
		{call(rel.OpNot, call(rel.OpIn, a, number(1))), true},
		{call(rel.OpOr, call(rel.OpEq, a, number(1)), call(rel.OpEq, b, number(1))), false},
		{call(rel.OpOr, call(rel.OpEq, a, number(1)), call(rel.OpGt, a, number(5))), true},
		{call(rel.OpNot, call(rel.OpAnd, call(rel.OpEq, a, number(1)), call(rel.OpEq, b, number(1)))), false},
		{call(rel.OpAnd, call(rel.OpEq, a, b), call(rel.OpIsNull, c)), true},
		{call(rel.OpEq, &rel.Call{Op: rel.OpCoalesce, Args: []rel.Expr{a, number(0)}, T: rel.BigIntType}, number(0)), false},
	} {
		if got := rejectsNulls(x.pred)[a.ID]; got != x.want {
			t.Errorf("%s: %v, want %v", rel.FormatExpr(x.pred), got, x.want)
		}
	}
}

func formatted(es []rel.Expr) []string {
	var out []string
	for _, e := range es {
		out = append(out, rel.FormatExpr(e))
	}
	return out
}

func equalTexts(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%d: got %s, want %s", i, got[i], want[i])
		}
	}
}

func TestInfer(t *testing.T) {
	chain := []rel.Expr{call(rel.OpEq, a, b), call(rel.OpEq, b, c), call(rel.OpLt, a, number(5))}
	equalTexts(t, formatted(infer(chain)), "(a#1 = b#2)", "(b#2 = c#3)", "(a#1 < 5)", "(b#2 < 5)", "(c#3 < 5)")
	// Text and numbers compare otherwise: 'a' = 0 in MySQL.
	text := &rel.Col{ID: 4, Name: "d", T: rel.TextType}
	equalTexts(t, formatted(infer([]rel.Expr{call(rel.OpEq, a, text), call(rel.OpLt, a, number(5))})), "(a#1 = d#4)", "(a#1 < 5)")
	// What is not a comparison with a constant stays where it is.
	equalTexts(t, formatted(infer([]rel.Expr{call(rel.OpEq, a, b), call(rel.OpIsNull, a)})), "(a#1 = b#2)", "isnull(a#1)")
}

func TestFactorOr(t *testing.T) {
	join := call(rel.OpEq, a, b)
	or := call(rel.OpOr, call(rel.OpAnd, join, call(rel.OpLt, a, number(1)), call(rel.OpLt, b, number(2))), call(rel.OpAnd, join, call(rel.OpGt, a, number(9)), call(rel.OpLt, b, number(3))))
	equalTexts(t, formatted(factorOr(or, idSet{a.ID: true}, idSet{b.ID: true})),
		"(a#1 = b#2)", "(((a#1 < 1) and (b#2 < 2)) or ((a#1 > 9) and (b#2 < 3)))", "((a#1 < 1) or (a#1 > 9))", "((b#2 < 2) or (b#2 < 3))")
	// (p AND q) OR p is p.
	p, q := call(rel.OpLt, a, number(1)), call(rel.OpLt, b, number(2))
	equalTexts(t, formatted(factorOr(call(rel.OpOr, call(rel.OpAnd, p, q), p))), "(a#1 < 1)")
	// A branch that asks nothing of a side says nothing of it.
	equalTexts(t, formatted(factorOr(call(rel.OpOr, call(rel.OpAnd, p, q), call(rel.OpEq, b, number(7))), idSet{a.ID: true})),
		"(((a#1 < 1) and (b#2 < 2)) or (b#2 = 7))")
}

func TestCanonical(t *testing.T) {
	for _, x := range []struct {
		a, b string
		same bool
	}{
		{`a#1 = b#7`, `a#3 = b#4`, true},
		{`a#1 = a#1`, `a#1 = a#2`, false},
		{`a#1 = "#1"`, `a#2 = "#1"`, true},
		{`a#1 = "#1"`, `a#1 = "#2"`, false},
		{`a#1 = "\"#1" and b#2`, `a#5 = "\"#1" and b#6`, true},
	} {
		if got := canonical(x.a) == canonical(x.b); got != x.same {
			t.Errorf("%s and %s: same is %v", x.a, x.b, got)
		}
	}
}
