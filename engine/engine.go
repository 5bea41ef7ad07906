package engine

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/catalog"
	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/duck"
	"weir/engine/exec"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/engine/system"
	"weir/policy"
	"weir/sources"
)

// Config is what an engine is made of.
type Config struct {
	Catalog *catalog.Catalog
	// System is the database weir, which is a builtin of the catalog then; nil if there is none.
	System *system.Source
	// Memory is the limit of the embedded engine in bytes; SpillDir takes what exceeds it.
	Memory   int64
	SpillDir string
	// Follow, if set, is told of every query that begins; what it returns is called once, when the query has ended. Neither may wait for anything.
	Follow func(Followed) func(Ended)
	// Observe, if set, is told of every statement that has ended.
	Observe func(Observation)
	Log     *slog.Logger
}

// Engine answers statements. Safe for concurrent use.
type Engine struct {
	cfg   Config
	local *dialect.Dialect
	duck  *duck.DB
	exec  *exec.Executor
	log   *slog.Logger

	policies atomic.Pointer[policies]
}

// New opens the embedded engine.
func New(cfg Config) (*Engine, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	db, err := duck.Open(duck.Options{Memory: cfg.Memory, SpillDir: cfg.SpillDir})
	if err != nil {
		return nil, err
	}
	e := &Engine{cfg: cfg, local: dialect.DuckDB(), duck: db, log: cfg.Log}
	if err := e.SetPolicies(cfg.Catalog.Config()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	e.exec = &exec.Executor{Local: db, Dialect: e.local, Log: cfg.Log, Gate: &exec.Gate{Limit: e.limit}, Timeout: e.timeout}
	return e, nil
}

// Close ends the embedded engine. Statements must have ended.
func (e *Engine) Close() error { return e.duck.Close() }

// defaultConnections is how many statements a source takes at once where the configuration doesn't say. No kind's own default may be
// less: a statement that the gate has let in must find its connections.
const defaultConnections = 8

func (e *Engine) timeout(source string) time.Duration {
	return e.cfg.Catalog.Config().Sources[source].Timeout()
}

func (e *Engine) limit(source string) int {
	if s, ok := e.cfg.Catalog.Config().Sources[source]; ok && s.MaxConnections > 0 {
		return s.MaxConnections
	}
	return defaultConnections
}

// Statement is one SELECT of a client, or the explanation of one.
type Statement struct {
	Text string
	// AST is a SELECT, or an EXPLAIN of one.
	AST     sqlparser.Statement
	Args    []*rel.Lit // the values of ? in a prepared statement
	Explain ExplainMode
	// Principal is who asks.
	Principal policy.Principal
	// Observe, if set, is told of this statement once it has ended: once, by whoever ends it.
	Observe func(Observation)

	asked     *asked
	following *following
	watch     *observed // nil if nobody asks
}

// prepared is a statement that is bound and planned.
type prepared struct {
	query *bind.Query
	shown *seenTables
	plan  *plan.Plan
	lease *catalog.Lease
	took  time.Duration
	// applied is what policies made of the statement's tables.
	applied []Applied
	watch   *observed // nil if nobody asks
}

// Query plans and starts a statement. Cancelling ctx ends it and its remote statements; the cause of the cancellation
// (context.Cause), if it is an sqlerr.Error, is the error that the client gets.
func (e *Engine) Query(ctx context.Context, s bind.Session, stmt Statement) (*Result, error) {
	ctx = policy.WithPrincipal(ctx, stmt.Principal)
	stmt.asked, stmt.following = &asked{}, e.follow(s, stmt)
	stmt.watch = newObserved(stmt)
	r, err := e.query(ctx, s, stmt)
	if errors.Is(err, sources.ErrChanged) { // the catalog has been told, and nothing has been handed out; what it reads now may fit
		r, err = e.query(ctx, s, stmt)
	}
	if err != nil {
		err = e.clientError(ctx, err)
		stmt.following.end(ctx, 0, false, err)
		stmt.watch.done(err)
		if e.cfg.Observe != nil {
			e.cfg.Observe(Observation{Err: err, Reveals: stmt.asked.reveals})
		}
	}
	return r, err
}

func (e *Engine) query(ctx context.Context, s bind.Session, stmt Statement) (*Result, error) {
	if x, ok := stmt.AST.(*sqlparser.Explain); ok {
		mode, err := explainMode(x)
		if err != nil {
			return nil, err
		}
		stmt.AST, stmt.Explain = x.Statement, mode
	}
	if stmt.Explain == ExplainLineage || stmt.Explain == ExplainLineageJSON {
		return e.explainLineage(ctx, s, stmt)
	}
	p, err := e.prepare(ctx, s, stmt, true)
	if err != nil {
		return nil, err
	}
	if stmt.Explain != NoExplain {
		defer p.lease.Release()
		r, err := e.explain(ctx, p, stmt.Explain)
		report(p.lease, err)
		return r, err
	}
	if stmt.following != nil || stmt.watch != nil {
		from := p.lineage()
		stmt.following.begin(from)
		stmt.watch.comes(from)
	}
	stmt.watch.runs(exec.Stats{})
	run, err := e.exec.Start(ctx, p.plan, p.lease.Source)
	if err != nil {
		report(p.lease, err)
		p.lease.Release()
		return nil, err
	}
	return &Result{Columns: p.query.Columns, engine: e, ctx: ctx, run: run, lease: p.lease, asked: stmt.asked, following: stmt.following, watch: stmt.watch}, nil
}

// Describe plans a statement without running it and returns its columns (for COM_STMT_PREPARE). Arguments are taken to be NULL.
func (e *Engine) Describe(ctx context.Context, s bind.Session, stmt Statement) ([]bind.Output, error) {
	if x, ok := stmt.AST.(*sqlparser.Explain); ok {
		mode, err := explainMode(x)
		return mode.columns(), err
	}
	if stmt.Explain != NoExplain {
		return stmt.Explain.columns(), nil
	}
	p, err := e.prepare(ctx, s, stmt, false)
	if err != nil {
		return nil, e.clientError(ctx, err)
	}
	p.lease.Release()
	return p.query.Columns, nil
}

// prepare binds a statement, and plans it if asked to. The caller releases the lease.
func (e *Engine) prepare(ctx context.Context, s bind.Session, stmt Statement, planned bool) (*prepared, error) {
	started := time.Now()
	sel, ok := stmt.AST.(sqlparser.SelectStatement)
	if !ok {
		return nil, sqlerr.Unsupported.New("This version of Weir doesn't yet support '%T'", stmt.AST)
	}
	lease := e.cfg.Catalog.Begin()
	tables := e.newDoor(lease, stmt.Principal)
	p, err := e.bindAndPlan(ctx, s, sel, stmt, tables, planned)
	if err != nil && e.outdated(ctx, lease, tables, err) {
		tables = e.newDoor(lease, stmt.Principal)
		p, err = e.bindAndPlan(ctx, s, sel, stmt, tables, planned)
	}
	stmt.watch.at(tables)
	if err != nil {
		lease.Release()
		return nil, err
	}
	stmt.watch.prepared(p)
	p.took, p.watch = time.Since(started), stmt.watch
	return p, nil
}

func (e *Engine) bindAndPlan(ctx context.Context, s bind.Session, sel sqlparser.SelectStatement, stmt Statement, tables *door, planned bool) (*prepared, error) {
	ids := &rel.IDs{}
	shown := &seenTables{Tables: tables}
	env := &bind.Env{Tables: shown, Session: s, Now: time.Now(), Args: stmt.Args, IDs: ids}
	tables.keyed(env, stmt)
	query, err := bind.Bind(ctx, sel, env)
	if err != nil {
		return nil, err
	}
	if query.Root, err = showGroups(query.Root, tables.least, ids); err != nil {
		return nil, err
	}
	p := &prepared{query: query, shown: shown, lease: tables.lease, applied: tables.applied}
	if !planned {
		return p, nil
	}
	out := make([]rel.Column, len(query.Columns))
	for i, c := range query.Columns {
		out[i] = c.Column
	}
	off := false
	if v, ok := s.SystemVariable("", "weir_pushdown"); ok && v != nil {
		off = v.Value == "off" || v.Value == int64(0)
	}
	p.plan, err = plan.Build(ctx, query.Root, out, plan.Config{Sites: tables.sites, Local: e.local, PushdownOff: off, Tokens: tables.policies.tokens(), IDs: ids, Log: e.log})
	return p, err
}
