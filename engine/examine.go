package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"weir/catalog"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/sources"
)

// Examination is what a principal sees of a table and why, for those who write policies.
type Examination struct {
	*policy.Decision
	Table *catalog.Table // as it is
	// Seen is the table as its listing shows it; nil if there is none.
	Seen *catalog.Table
	// Err says why the rules can't be applied to the table, which makes it unreadable.
	Err error
}

// Examine applies the policies to a table. Sources are only asked for their tables, and for those that a row filter looks into.
func (e *Engine) Examine(ctx context.Context, p policy.Principal, database, table string) (*Examination, error) {
	lease := e.cfg.Catalog.Begin()
	defer lease.Release()
	t, err := lease.Table(ctx, database, table)
	if err != nil {
		return nil, err
	}
	d := e.newDoor(lease, p)
	x := &Examination{Decision: d.policies.set.Decide(p, database, t.Name, &t.Def), Table: t, Seen: d.visible(ctx, t)}
	if x.Seen != nil && !x.Plain() {
		ids := &rel.IDs{}
		_, x.Err = d.view(ctx, policy.Scan(database, &t.Def, ids), database, t, x.Decision, ids)
	}
	return x, nil
}

// MaskedValue is what a principal sees where a column of a table holds a value, which is given as a text; the other columns of the row are NULL. null is set if that is NULL. It is an error if the
// column is hidden.
func (e *Engine) MaskedValue(ctx context.Context, p policy.Principal, database, table, column, value string) (seen string, null bool, err error) {
	lease := e.cfg.Catalog.Begin()
	defer lease.Release()
	t, err := lease.Table(ctx, database, table)
	if err != nil {
		return "", false, err
	}
	d := e.newDoor(lease, p)
	decision := d.policies.set.Decide(p, database, t.Name, &t.Def)
	at := slices.IndexFunc(decision.Columns, func(c policy.ColumnDecision) bool { return strings.EqualFold(c.Name, column) })
	if at < 0 {
		return "", false, sqlerr.UnknownColumn.New("the column %s of %s.%s is hidden, or there is none", column, database, t.Name)
	}
	ids := &rel.IDs{}
	row := &rel.Values{Rows: [][]rel.Expr{{}}}
	for _, c := range t.Def.Columns {
		var v rel.Expr = &rel.Lit{T: c.Type.Nullable()}
		if c.Name == decision.Columns[at].Name {
			v = &rel.Call{Op: rel.OpCast, T: c.Type.Nullable(), Args: []rel.Expr{&rel.Lit{Value: value, T: rel.TextType}}}
		}
		row.Cols = append(row.Cols, rel.Column{ID: ids.Next(), Name: c.Name, T: c.Type.Nullable()})
		row.Rows[0] = append(row.Rows[0], v)
	}
	one := *decision
	one.Filter, one.MinGroup, one.Columns = "", 0, decision.Columns[at:at+1]
	node, err := d.view(ctx, row, database, t, &one, ids)
	if err != nil {
		return "", false, err
	}
	return e.text(ctx, node, ids)
}

// text runs a plan that reads no source and gives one value, and returns it as a text.
func (e *Engine) text(ctx context.Context, node rel.Node, ids *rel.IDs) (text string, null bool, err error) {
	in := node.Columns()[0]
	out := rel.Column{ID: ids.Next(), Name: "seen", T: rel.TextType}
	root := &rel.Project{Input: node, Cols: []rel.Computed{{Column: out, Expr: &rel.Call{Op: rel.OpCast, T: rel.TextType, Args: []rel.Expr{column(in)}}}}}
	p, err := plan.Build(ctx, root, []rel.Column{out}, plan.Config{Local: e.local, IDs: ids, Log: e.log})
	if err != nil {
		return "", false, err
	}
	run, err := e.exec.Start(ctx, p, func(string) (sources.Source, error) { return nil, errors.New("no source is read") })
	if err != nil {
		return "", false, err
	}
	defer run.Close()
	b, err := run.Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the mask gives no row")
		}
		return "", false, err
	}
	defer b.Release()
	return strings.Clone(b.Column(0).ValueStr(0)), b.Column(0).IsNull(0), nil // the batch's memory is the engine's
}
