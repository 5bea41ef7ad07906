package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"weir/engine"
	"weir/engine/system"
	"weir/policy"
	"weir/policy/account"
	"weir/sources"
)

// systemDatabase makes the database weir. What it tells of is asked for when its tables are read, which is after the server has been put together.
func (r *running) systemDatabase() *system.Source {
	return system.New(system.Config{Audit: r.audit, Readers: r.cfg.Audit.Readers, Sources: r.sourceLines, Columns: r.columnLines,
		Accounts: func() ([]account.Listed, []account.ListedGrant) { return r.users.List() }})
}

// sourceLines are the lines of weir.sources.
func (r *running) sourceLines() []system.SourceState {
	var out []system.SourceState
	for _, s := range r.cat.Status() {
		out = append(out, system.SourceState{Name: s.Name, Kind: s.Kind, Asked: s.Read, Up: s.Err == nil, Tables: s.Tables, Broken: s.Broken, Error: errorKind(s.Err)})
	}
	return out
}

// errorKind says what kind of error a source has, without any of its text.
func errorKind(err error) string {
	var known *sources.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, sources.ErrUnavailable):
		return "unavailable"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &known):
		return "refused"
	}
	return "failed"
}

// columnsTime bounds the wait for sources whose tables have not been read yet.
const columnsTime = 5 * time.Second

// columnLines are the lines of weir.columns.
func (r *running) columnLines(ctx context.Context, p policy.Principal) []system.Column {
	ctx, cancel := context.WithTimeout(ctx, columnsTime)
	defer cancel()
	lease := r.cat.Begin()
	defer lease.Release()
	names := lease.Databases()
	found := make([][]engine.Described, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		if name != system.Database {
			all.Go(func() { found[i] = r.engine.DescribeColumns(ctx, lease, p, lease.Known(ctx, name)...) })
		}
	}
	all.Wait()
	var out []system.Column
	for _, columns := range found {
		for _, c := range columns {
			out = append(out, system.Column{Database: c.Database, Table: c.Table, Name: c.Name, Type: c.Type.String(), Comment: c.Comment, Tags: c.Tags, Masked: c.Masked})
		}
	}
	return out
}
