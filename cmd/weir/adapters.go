package main

import (
	"context"

	"weir/catalog"
	"weir/engine"
	"weir/engine/bind"
	"weir/engine/gms"
	"weir/server/http"
	"weir/server/mysql"
)

// queries shows the engine to the front door, which knows it only as an interface.
type queries struct{ engine *engine.Engine }

var _ mysql.Engine = queries{}

// Query implements mysql.Engine.
func (q queries) Query(ctx context.Context, s bind.Session, stmt mysql.Statement) (mysql.Rows, error) {
	result, err := q.engine.Query(ctx, s, engineStatement(stmt))
	if err != nil {
		return nil, err
	}
	return rows{result}, nil
}

// Describe implements mysql.Engine.
func (q queries) Describe(ctx context.Context, s bind.Session, stmt mysql.Statement) ([]bind.Output, error) {
	return q.engine.Describe(ctx, s, engineStatement(stmt))
}

func engineStatement(s mysql.Statement) engine.Statement {
	return engine.Statement{Text: s.Text, AST: s.AST, Args: s.Args, Principal: s.Principal}
}

// rows is a result whose columns are asked for by a method.
type rows struct{ *engine.Result }

// Columns implements mysql.Rows.
func (r rows) Columns() []bind.Output { return r.Result.Columns }

// listings shows the catalog to SHOW and information_schema.
type listings struct{ cat *catalog.Catalog }

var _ gms.Catalog = listings{}

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
	known := lease.Known(ctx, database)
	out := make([]gms.Table, len(known))
	for i, t := range known {
		out[i] = gms.Table{Name: t.Name, Def: &t.Def}
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
	return gms.Table{Name: t.Name, Def: &t.Def}, nil
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
