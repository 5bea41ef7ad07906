package lineage_test

import (
	"encoding/json"
	"testing"
	"time"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/rel"
)

// scanned is a table of columns with the ids 1 to n.
func scanned(n int) *rel.Scan {
	s := &rel.Scan{Table: &rel.Table{Source: "db", Name: "t"}}
	for i := range n {
		s.Cols = append(s.Cols, rel.ScanColumn{Column: rel.Column{ID: rel.ColumnID(i + 1), Name: "c" + string(rune('a'+i%26)) + string(rune('a'+i/26)), T: rel.TextType}})
	}
	return s
}

func col(id rel.ColumnID) *rel.Col { return &rel.Col{ID: id, T: rel.TextType} }

// What the policy's mask computes is told to be masked, also where it is computed further; a condition of the mask is not.
func TestMasked(t *testing.T) {
	isMine := &rel.Call{Op: rel.OpEq, Args: []rel.Expr{col(2), &rel.Lit{Value: "me", T: rel.TextType}}, T: rel.BoolType}
	mask := &rel.Call{Op: rel.OpCase, Args: []rel.Expr{isMine, col(1), &rel.Call{Op: "left", Args: []rel.Expr{col(1)}, T: rel.TextType}}, T: rel.TextType}
	root := &rel.Project{
		Input: &rel.Project{Input: scanned(2), Cols: []rel.Computed{{Column: rel.Column{ID: 10, Name: "ca"}, Expr: mask}, {Column: rel.Column{ID: 2, Name: "cb"}, Expr: col(2)}}},
		Cols: []rel.Computed{
			{Column: rel.Column{ID: 20, Name: "x"}, Expr: &rel.Call{Op: "upper", Args: []rel.Expr{col(10)}, T: rel.TextType}},
			{Column: rel.Column{ID: 2, Name: "y"}, Expr: col(2)},
		},
	}
	q := &bind.Query{Root: root, Columns: []bind.Output{{Column: rel.Column{ID: 20, Name: "x"}}, {Column: rel.Column{ID: 2, Name: "y"}}}}
	r := lineage.Of(q, lineage.Options{Masked: func(id rel.ColumnID) bool { return id == 10 }})
	x := r.Outputs[0].Inputs
	if len(x) != 2 || x[0].Masked != lineage.Transformation || x[0].Uses != 0 || x[1].Uses != lineage.Conditional || x[1].Masked != 0 {
		t.Errorf("the masked output comes from %+v", x)
	}
	if y := r.Outputs[1].Inputs; len(y) != 1 || y[0].Masked != 0 || y[0].Uses != lineage.Identity {
		t.Errorf("the other output comes from %+v", y)
	}
}

// A statement whose lineage would be huge is told to be incomplete, soon.
func TestBound(t *testing.T) {
	const n = 500
	var node rel.Node = scanned(n)
	next := rel.ColumnID(n + 1)
	for range 50 { // every column of each level is computed from all of the level below
		var all []rel.Expr
		for _, c := range node.Columns() {
			all = append(all, col(c.ID))
		}
		p := &rel.Project{Input: node}
		for range n {
			p.Cols = append(p.Cols, rel.Computed{Column: rel.Column{ID: next}, Expr: &rel.Call{Op: "concat", Args: all, T: rel.TextType}})
			next++
		}
		node = p
	}
	q := &bind.Query{Root: node}
	for _, c := range node.Columns() {
		q.Columns = append(q.Columns, bind.Output{Column: c})
	}
	began := time.Now()
	r := lineage.Of(q, lineage.Options{})
	if !r.Incomplete {
		t.Error("the result isn't told to be incomplete")
	}
	if text, err := json.Marshal(r.AtMost(100)); err != nil || string(text) != `{"columns":[],"incomplete":true}` {
		t.Errorf("what is left of it where there is no room is %s, %v", text, err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// Long chains cost as much as they are long: columns that are passed on share what they depend on.
func TestLinear(t *testing.T) {
	var node rel.Node = scanned(100)
	for range 5000 {
		p := &rel.Project{Input: node}
		for _, c := range node.Columns() {
			p.Cols = append(p.Cols, rel.Computed{Column: c, Expr: col(c.ID)})
		}
		node = &rel.Filter{Input: p, Pred: &rel.Call{Op: rel.OpIsNull, Args: []rel.Expr{col(1)}, T: rel.BoolType}}
	}
	q := &bind.Query{Root: node, Columns: []bind.Output{{Column: rel.Column{ID: 100}}}}
	r := lineage.Of(q, lineage.Options{})
	if r.AtMost(2) != r || !r.AtMost(1).Incomplete {
		t.Error("AtMost goes by another size")
	}
	if r.Incomplete || len(r.Outputs[0].Inputs) != 1 || len(r.Rows) != 1 {
		t.Errorf("%+v", r)
	}
}

func BenchmarkOf(b *testing.B) {
	s := scanned(20)
	pred := &rel.Call{Op: rel.OpIsNull, Args: []rel.Expr{col(1)}, T: rel.BoolType}
	root := &rel.Sort{Input: &rel.Project{Input: &rel.Filter{Input: s, Pred: pred}}, Keys: []rel.SortKey{{Expr: col(3)}}}
	q := &bind.Query{}
	for _, c := range s.Columns() {
		root.Input.(*rel.Project).Cols = append(root.Input.(*rel.Project).Cols, rel.Computed{Column: c, Expr: col(c.ID)})
		q.Columns = append(q.Columns, bind.Output{Column: c})
	}
	q.Root = root
	for b.Loop() {
		lineage.Of(q, lineage.Options{})
	}
}
