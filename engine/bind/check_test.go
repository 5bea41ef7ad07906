package bind

import (
	"fmt"

	"weir/engine/rel"
)

// checkNode checks that every expression of a plan reads only columns that its input or an outer query gives, that no id is
// given twice, and that operands have the classes that the operators ask for.
func checkNode(n rel.Node, outer map[rel.ColumnID]bool) error {
	inputs, exprs := parts(n)
	seen := map[rel.ColumnID]bool{}
	for id := range outer {
		seen[id] = true
	}
	for i, in := range inputs {
		scope := outer
		if j, ok := n.(*rel.Join); ok && i == 1 && j.Lateral {
			scope = seen
		}
		if err := checkNode(in, scope); err != nil {
			return err
		}
		for _, c := range in.Columns() {
			seen[c.ID] = true
		}
	}
	for _, e := range exprs {
		if err := checkExpr(e, seen); err != nil {
			return fmt.Errorf("%T: %w", n, err)
		}
	}
	own := map[rel.ColumnID]bool{}
	for _, c := range n.Columns() {
		if own[c.ID] {
			return fmt.Errorf("%T gives column %s#%d twice", n, c.Name, c.ID)
		}
		own[c.ID] = true
		if c.T.Kind == rel.Bool {
			return fmt.Errorf("%T puts out a predicate", n)
		}
	}
	return nil
}

func parts(n rel.Node) (inputs []rel.Node, exprs []rel.Expr) {
	keys := func(ks []rel.SortKey) {
		for _, k := range ks {
			exprs = append(exprs, k.Expr)
		}
	}
	switch x := n.(type) {
	case *rel.Values:
		for _, r := range x.Rows {
			exprs = append(exprs, r...)
		}
	case *rel.Filter:
		return []rel.Node{x.Input}, []rel.Expr{x.Pred}
	case *rel.Project:
		for _, c := range x.Cols {
			exprs = append(exprs, c.Expr)
		}
		return []rel.Node{x.Input}, exprs
	case *rel.Join:
		if x.On != nil {
			exprs = append(exprs, x.On)
		}
		return []rel.Node{x.Left, x.Right}, exprs
	case *rel.Aggregate:
		for _, c := range x.Groups {
			exprs = append(exprs, c.Expr)
		}
		for _, a := range x.Aggs {
			exprs = append(exprs, a.Agg.Args...)
			keys(a.Agg.OrderBy)
		}
		return []rel.Node{x.Input}, exprs
	case *rel.Window:
		for _, w := range x.Fns {
			exprs = append(exprs, w.Fn.Args...)
			exprs = append(exprs, w.Fn.Partition...)
			keys(w.Fn.OrderBy)
		}
		return []rel.Node{x.Input}, exprs
	case *rel.Sort:
		keys(x.Keys)
		return []rel.Node{x.Input}, exprs
	case *rel.Limit:
		return []rel.Node{x.Input}, nil
	case *rel.Distinct:
		return []rel.Node{x.Input}, nil
	case *rel.SetOp:
		return []rel.Node{x.Left, x.Right}, nil
	case *rel.Recursive:
		return []rel.Node{x.Anchor, x.Step}, nil
	case *rel.JSONTable:
		return nil, []rel.Expr{x.Doc}
	}
	return nil, exprs
}

func checkExpr(e rel.Expr, seen map[rel.ColumnID]bool) error {
	switch x := e.(type) {
	case *rel.Col:
		if !seen[x.ID] {
			return fmt.Errorf("reads %s#%d, which nothing below gives", x.Name, x.ID)
		}
	case *rel.Call:
		if err := checkClasses(x); err != nil {
			return err
		}
		for _, a := range x.Args {
			if err := checkExpr(a, seen); err != nil {
				return err
			}
		}
	case *rel.Subquery:
		for _, a := range x.Left {
			if err := checkExpr(a, seen); err != nil {
				return err
			}
		}
		return checkNode(x.Plan, seen)
	}
	return nil
}

// checkClasses checks a call's operands against what op.go and function.go promise.
func checkClasses(c *rel.Call) error {
	bad := func(what string) error { return fmt.Errorf("%s: %s", what, rel.FormatExpr(c)) }
	class := func(i int) rel.Class { return c.Args[i].Type().Class() }
	for i, a := range c.Args {
		isBool := a.Type().Kind == rel.Bool
		wants := false
		switch c.Op {
		case rel.OpAnd, rel.OpOr, rel.OpNot, rel.OpXor, rel.OpIsTrue:
			wants = true
		case rel.OpCase:
			wants = i%2 == 0 && i < len(c.Args)-1
		case rel.OpIsNull, rel.OpCast:
			continue
		}
		if isBool != wants {
			return bad(fmt.Sprintf("operand %d is %s", i, a.Type()))
		}
	}
	switch c.Op {
	case rel.OpEq, rel.OpNe, rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe, rel.OpNullEq, rel.OpIn:
		for i := range c.Args {
			if class(i) != class(0) {
				return bad("compares different classes")
			}
		}
	case rel.OpAdd, rel.OpSub, rel.OpMul, rel.OpMod, rel.OpDiv:
		if class(0) != class(1) || class(0) != c.T.Class() {
			return bad("arithmetic of different classes")
		}
		if class(0) == rel.ClassInt && (c.Args[0].Type().Kind != rel.BigInt || c.Args[1].Type().Kind != rel.BigInt) {
			return bad("integer arithmetic that isn't BIGINT")
		}
	case rel.OpCase:
		for i := range c.Args {
			if (i%2 == 1 || i == len(c.Args)-1) && class(i) != c.T.Class() {
				return bad(fmt.Sprintf("value %d has another class than %s", i, c.T))
			}
		}
	case rel.OpCoalesce, "greatest", "least":
		for i := range c.Args {
			if class(i) != c.T.Class() {
				return bad(fmt.Sprintf("value %d has another class than %s", i, c.T))
			}
		}
	case rel.OpLike, rel.OpRegexp:
		for i := range c.Args {
			if class(i) != rel.ClassText {
				return bad("LIKE of what is no text")
			}
		}
	}
	if sig := rel.Functions[c.Op]; sig != nil {
		if len(c.Args) < sig.Min || sig.Max >= 0 && len(c.Args) > sig.Max {
			return bad("wrong count of operands")
		}
	}
	return nil
}
