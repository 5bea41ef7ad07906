package dialect

import (
	"strings"
	"testing"
	"unicode/utf8"

	"weir/engine/rel"
)

func TestHideLiterals(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT t1.\"a\" AS c1 FROM \"x\" AS t1 WHERE (t1.\"a\" = 5)": "SELECT t1.\"a\" AS c1 FROM \"x\" AS t1 WHERE (t1.\"a\" = ?)",
		`a = 'it''s' AND b = '{"x","y''"}'::text`:                     `a = ? AND b = ?::text`,
		"`na'me` = 'a\\\\' AND `x``y` LIKE 'b%' ESCAPE '|'":           "`na'me` = ? AND `x``y` LIKE ? ESCAPE ?",
		`"qu'o""te1" = X'00ff' AND c = E'\n' AND d IN (1.5e-7, (-3))`: `"qu'o""te1" = ? AND c = ? AND d IN (?, (-?))`,
		`DATE'2020-01-02' + interval '3 day' LIMIT 10 OFFSET 2`:       `DATE? + interval ? LIMIT ? OFFSET ?`,
		"c12.t1 = 1.e+5 - 2": "c12.t1 = ? - ?",
		"'never ends":        "?",
	} {
		if got := HideLiterals(text); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

// Whatever a constant is, and whichever form writes it, it is hidden.
func TestHideLiteralsInEveryDialect(t *testing.T) {
	column := &rel.Col{ID: 1, Name: "c'anary", T: rel.VarCharType(100)}
	for _, d := range []*Dialect{SQLite(3050000), Postgres(170000, true), MySQL(MariaDB, MySQLVersion{10, 11, 6}), MySQL(MySQL8, MySQLVersion{8, 0, 36}), DuckDB()} {
		for _, secret := range []string{"canary", `canary\`, `\'canary`, `canary''\''`, "can'ary\"`canary", "é canary"} {
			lit := &rel.Lit{Value: secret, T: rel.VarCharType(50)}
			for _, e := range []rel.Expr{
				lit,
				&rel.Call{Op: rel.OpEq, Args: []rel.Expr{column, lit}, T: rel.BoolType},
				&rel.Call{Op: rel.OpLike, Args: []rel.Expr{column, lit, &rel.Lit{Value: `\`, T: rel.VarCharType(1)}}, T: rel.BoolType},
				&rel.Call{Op: rel.OpIn, Args: []rel.Expr{column, lit, lit}, T: rel.BoolType},
			} {
				text, err := PrintExpr(d, e)
				if err != nil {
					continue
				}
				hidden := HideLiterals(text + " AND x = " + text)
				if strings.Contains(strings.ReplaceAll(strings.ReplaceAll(hidden, "c'anary", ""), "c''anary", ""), "anary") || !utf8.ValidString(hidden) {
					t.Errorf("%s: %s is hidden as %s", d.Name, text, hidden)
				}
			}
		}
	}
}
