package engine

import (
	"context"
	"slices"

	"weir/catalog"
	"weir/engine/bind"
	"weir/engine/rel"
	"weir/policy"
	"weir/sources"
)

// Visible is what a principal sees of tables, for listings: only the tables and columns that there are for them, with the types that they read, and nothing that
// tells of rows or values that they don't see: no counts of a table whose rows are filtered, no keys, indexes and references over columns that are hidden or masked.
func (e *Engine) Visible(ctx context.Context, lease *catalog.Lease, p policy.Principal, tables ...*catalog.Table) []*catalog.Table {
	d := e.newDoor(lease, p)
	if d.policies.set.Empty() && p.Rights == nil {
		return tables
	}
	out := make([]*catalog.Table, 0, len(tables))
	for _, t := range tables {
		if t := d.visible(ctx, t); t != nil {
			out = append(out, d.withoutHiddenReferences(ctx, t))
		}
	}
	return out
}

// withoutHiddenReferences leaves out the references to tables and columns that there aren't for the principal.
func (d *door) withoutHiddenReferences(ctx context.Context, t *catalog.Table) *catalog.Table {
	var keys []sources.ForeignKey
	for _, k := range t.Def.ForeignKeys {
		if d.seesColumns(ctx, t.Database, k.RefSchema, k.RefTable, k.RefColumns) {
			keys = append(keys, k)
		}
	}
	if len(keys) == len(t.Def.ForeignKeys) {
		return t
	}
	seen := *t
	seen.Def.ForeignKeys = keys
	return &seen
}

// seesColumns reports whether the principal sees columns of a table, which is named as its source does.
func (d *door) seesColumns(ctx context.Context, database, schema, table string, columns []string) bool {
	for _, t := range d.lease.Known(ctx, database) {
		if t.Def.Name != table || t.Def.Schema != schema && schema != "" {
			continue
		}
		decision := d.policies.set.Decide(d.principal, database, t.Name, &t.Def)
		return !slices.ContainsFunc(columns, func(c string) bool {
			return !slices.ContainsFunc(decision.Columns, func(x policy.ColumnDecision) bool { return x.Name == c })
		})
	}
	return true // a table that isn't listed: nobody's secret
}

// visible is a table as the principal sees it; nil if there is none.
func (d *door) visible(ctx context.Context, t *catalog.Table) *catalog.Table {
	who := d.reader(t.Database)
	if r := who.Rights; r != nil && !r.Table(t.Database, t.Name) {
		return nil
	}
	decision := d.policies.set.Decide(who, t.Database, t.Name, &t.Def)
	if len(decision.Columns) == 0 && len(decision.Hidden) > 0 {
		return nil
	}
	if decision.Plain() {
		return t
	}
	seen := *t
	seen.Def.Columns = make([]sources.Column, len(decision.Columns))
	whole := map[string]bool{} // columns that are shown as they are
	ids := &rel.IDs{}
	scan := policy.Scan(t.Database, &t.Def, ids)
	rows := decision.Filter != "" || decision.MinGroup > 0
	for i, c := range decision.Columns {
		at := slices.IndexFunc(t.Def.Columns, func(x sources.Column) bool { return x.Name == c.Name })
		column := t.Def.Columns[at]
		if !c.Mask.IsZero() {
			column.Default, column.Distinct = "", 0
			column.Type = d.maskedType(ctx, scan, t, c, column)
		} else {
			whole[c.Name] = true
		}
		if rows {
			column.Distinct = 0
		}
		seen.Def.Columns[i] = column
	}
	if rows {
		seen.Def.RowCount = -1
	}
	shown := func(columns []string) bool {
		return !slices.ContainsFunc(columns, func(c string) bool { return !whole[c] })
	}
	if !shown(seen.Def.PrimaryKey) {
		seen.Def.PrimaryKey = nil
	}
	seen.Def.Uniques = slices.DeleteFunc(slices.Clone(seen.Def.Uniques), func(u []string) bool { return !shown(u) })
	seen.Def.Indexes = slices.DeleteFunc(slices.Clone(seen.Def.Indexes), func(x sources.Index) bool { return !shown(x.Columns) })
	seen.Def.ForeignKeys = slices.DeleteFunc(slices.Clone(seen.Def.ForeignKeys), func(k sources.ForeignKey) bool { return !shown(k.Columns) })
	return &seen
}

// maskedType is the type of what stands in a column. A mask that can't be applied makes reading fail; the listing shows a text there.
func (d *door) maskedType(ctx context.Context, scan rel.Node, t *catalog.Table, c policy.ColumnDecision, column sources.Column) rel.Type {
	text, same := policy.MaskSQL(c.Mask, &column)
	expr, err := d.policies.expr(ctx, text)
	if err != nil {
		return rel.TextType
	}
	view := bind.View{Columns: []bind.ViewColumn{{Name: c.Name, Expr: expr, SameType: same}}}
	n, err := bind.BindView(ctx, scan, t.Database, t.Name, view, d.env(t.Database, &rel.IDs{}))
	if err != nil {
		return rel.TextType
	}
	return n.Columns()[0].T
}

// Described is a column that a principal sees.
type Described struct {
	sources.Column
	Database, Table string
	Tags            []string
	Masked          bool // the principal sees something else than the value
}

// DescribeColumns lists the columns that a principal sees of tables, with their tags.
func (e *Engine) DescribeColumns(ctx context.Context, lease *catalog.Lease, p policy.Principal, tables ...*catalog.Table) []Described {
	d := e.newDoor(lease, p)
	var out []Described
	for _, t := range tables {
		seen := d.visible(ctx, t)
		if seen == nil {
			continue
		}
		decision := d.policies.set.Decide(d.reader(t.Database), t.Database, t.Name, &t.Def)
		for i, c := range seen.Def.Columns {
			out = append(out, Described{Column: c, Database: t.Database, Table: t.Name, Tags: decision.Columns[i].Tags, Masked: !decision.Columns[i].Mask.IsZero()})
		}
	}
	return out
}
