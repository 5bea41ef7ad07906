package main

import (
	"context"

	"weir/catalog"
	"weir/engine"
	"weir/engine/bind"
	"weir/engine/gms"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/server/http"
	"weir/server/mysql"
)

// queries shows the engine to the front door, which knows it only as an interface. keep says that constants may be recorded.
type queries struct {
	engine *engine.Engine
	keep   bool
}

var _ mysql.Engine = queries{}

// Query implements mysql.Engine.
func (q queries) Query(ctx context.Context, s bind.Session, stmt mysql.Statement) (mysql.Rows, error) {
	result, err := q.engine.Query(ctx, s, q.statement(stmt))
	if err != nil {
		return nil, err
	}
	return rows{result}, nil
}

// Describe implements mysql.Engine.
func (q queries) Describe(ctx context.Context, s bind.Session, stmt mysql.Statement) ([]bind.Output, error) {
	return q.engine.Describe(ctx, s, q.statement(stmt))
}

func (q queries) statement(s mysql.Statement) engine.Statement {
	out := engine.Statement{Text: s.Text, AST: s.AST, Args: s.Args, Principal: s.Principal}
	if s.Observe != nil {
		out.Observe = func(o engine.Observation) { s.Observe(accessOf(o, s.Text, q.keep)) }
	}
	return out
}

// rows is a result whose columns are asked for by a method.
type rows struct{ *engine.Result }

// Columns implements mysql.Rows.
func (r rows) Columns() []bind.Output { return r.Result.Columns }

// listings shows the catalog to SHOW and information_schema, as its principal sees it.
type listings struct {
	cat       *catalog.Catalog
	engine    *engine.Engine
	principal policy.Principal
}

var _ mysql.Catalog = listings{}

// For implements mysql.Catalog.
func (l listings) For(p policy.Principal) gms.Catalog {
	l.principal = p
	return l
}

// Databases implements gms.Catalog.
func (l listings) Databases() []string {
	lease := l.cat.Begin()
	defer lease.Release()
	return lease.Databases()
}

// Known implements gms.Catalog.
func (l listings) Known(ctx context.Context, database string) []gms.Table {
	lease := l.cat.Begin()
	defer lease.Release()
	var out []gms.Table
	for _, t := range l.engine.Visible(ctx, lease, l.principal, lease.Known(ctx, database)...) {
		out = append(out, gms.Table{Name: t.Name, Def: &t.Def})
	}
	return out
}

// Table implements gms.Catalog.
func (l listings) Table(ctx context.Context, database, table string) (gms.Table, error) {
	lease := l.cat.Begin()
	defer lease.Release()
	t, err := lease.Table(ctx, database, table)
	if err != nil && lease.Reread(ctx) {
		t, err = lease.Table(ctx, database, table)
	}
	if err != nil {
		return gms.Table{}, err
	}
	for _, t := range l.engine.Visible(ctx, lease, l.principal, t) {
		return gms.Table{Name: t.Name, Def: &t.Def}, nil
	}
	return gms.Table{}, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", database, table)
}

// sourceStates shows the catalog to the metrics.
func sourceStates(cat *catalog.Catalog) []http.SourceState {
	status := cat.Status()
	out := make([]http.SourceState, len(status))
	for i, s := range status {
		out[i] = http.SourceState{Name: s.Name, Up: s.Err == nil, Tables: s.Tables, Broken: s.Broken}
	}
	return out
}

// observe counts what a statement did at its sources. A fragment that a LIMIT above cut short is no error.
func observe(m *http.Metrics, o engine.Observation) {
	for _, f := range o.Stats.Fragments {
		if f.Source != "" && f.SameAs == 0 && !f.Skipped {
			m.SourceStatementDone(f.Source, o.Err == nil || f.Complete, f.Elapsed, f.Rows, f.Bytes)
		}
	}
}
