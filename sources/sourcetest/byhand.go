package sourcetest

import (
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// semiJoins runs a semi join and an anti join of t and u at the source and compares them with EXISTS and NOT EXISTS computed here. Such joins
// come from statements over several sources only, so that no statement of Pushdown has one.
func (b *bench) semiJoins(t *testing.T) {
	t.Helper()
	ids := &rel.IDs{}
	scan := func(name string) (*rel.Scan, map[string]rel.Expr) { return b.scan(t, name, ids) }
	for kind, exists := range map[rel.JoinKind]string{rel.SemiJoin: "EXISTS", rel.AntiJoin: "NOT EXISTS"} {
		left, l := scan("t")
		right, r := scan("u")
		join := &rel.Join{Kind: kind, Left: left,
			Right: &rel.Filter{Input: right, Pred: &rel.Call{Op: rel.OpGt, Args: []rel.Expr{r["id"], &rel.Lit{Value: int64(5), T: rel.BigIntType}}, T: rel.BoolType}},
			On:    &rel.Call{Op: rel.OpEq, Args: []rel.Expr{r["k"], l["s"]}, T: rel.BoolType}}
		out := left.Columns()[:1]
		b.same(t, join, out, "SELECT id FROM t WHERE "+exists+" (SELECT 1 FROM u WHERE u.k = t.s AND u.id > 5)")
	}
	b.used.feature(dialect.FeatureSemiJoin)
}

// constants joins a table with constant rows at the source, which the planner leaves to the embedded engine today.
func (b *bench) constants(t *testing.T) {
	t.Helper()
	ids := &rel.IDs{}
	left, l := b.scan(t, "t", ids)
	k := rel.Column{ID: ids.Next(), Name: "k", T: rel.BigIntType}
	v := rel.Column{ID: ids.Next(), Name: "v", T: rel.VarCharType(5)}
	row := func(n int64, s any) []rel.Expr {
		return []rel.Expr{&rel.Lit{Value: n, T: rel.BigIntType}, &rel.Lit{Value: s, T: rel.VarCharType(5)}}
	}
	join := &rel.Join{Kind: rel.InnerJoin, Left: left, Right: &rel.Values{Cols: []rel.Column{k, v}, Rows: [][]rel.Expr{row(1, "a'\\"), row(3, nil), row(999, "x")}},
		On: &rel.Call{Op: rel.OpEq, Args: []rel.Expr{l["id"], &rel.Col{ID: k.ID, Name: k.Name, T: k.T}}, T: rel.BoolType}}
	b.same(t, join, []rel.Column{left.Columns()[0], v}, "SELECT id, CASE WHEN id = 1 THEN CONCAT('a', CHAR(39, 92 USING utf8mb4)) END FROM t WHERE id IN (1, 3)")
	b.used.feature(dialect.FeatureValues)
}

// scan reads a table; its columns by name.
func (b *bench) scan(t *testing.T, name string, ids *rel.IDs) (*rel.Scan, map[string]rel.Expr) {
	t.Helper()
	for _, x := range b.tables {
		if x.Name == name {
			s, cols := Scan(x, ids), map[string]rel.Expr{}
			for _, c := range s.Cols {
				cols[c.Name] = &rel.Col{ID: c.ID, Name: c.Name, T: c.T}
			}
			return s, cols
		}
	}
	t.Fatalf("no table %s", name)
	return nil, nil
}

// same runs a plan at the source and compares its rows with those of a statement computed here.
func (b *bench) same(t *testing.T, n rel.Node, out []rel.Column, statement string) {
	t.Helper()
	p, err := dialect.Print(b.dialect, n, out, dialect.Options{})
	if err != nil {
		t.Error(err)
		return
	}
	got, err := Read(t.Context(), b.source, query(p, out))
	if err != nil {
		t.Errorf("%s: %v", p.SQL, detailed(err))
		return
	}
	_, _, want, err := b.run(t.Context(), statement, true)
	if err != nil || !sameRows(got, want, false) || len(got) == 0 {
		t.Errorf("%s\n   pushed %s\nnot pushed %s, %v", p.SQL, difference(got, want, false), difference(want, got, false), err)
	}
}
