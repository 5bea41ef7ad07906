package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/catalog"
	"weir/catalog/config"
	"weir/engine/bind"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/policy/pseudonym"
	"weir/sources"
)

// policies are policies with their SQL. Safe for concurrent use.
type policies struct {
	set    *policy.Set
	ring   *pseudonym.Keyring // nil: there are no keys
	parsed sync.Map           // text to sqlparser.Expr; trees are never changed, so that statements share them
}

// SetPolicies takes over the policies of a configuration for the statements that begin from now on, or says what is wrong with them and changes nothing.
func (e *Engine) SetPolicies(cfg *config.Config) error {
	p, err := newPolicies(cfg)
	if err != nil {
		return err
	}
	if old := e.policies.Load(); old != nil && old.ring.Equal(p.ring) {
		p.ring = old.ring
	}
	if p.ring != nil {
		e.duck.SetKeys(p.ring)
	}
	e.policies.Store(p)
	return nil
}

// CheckPolicies says what is wrong with a configuration's policies, as far as that can be seen without the tables: config.Problems.
func CheckPolicies(cfg *config.Config) error {
	_, err := newPolicies(cfg)
	return err
}

func newPolicies(cfg *config.Config) (*policies, error) {
	p := &policies{set: policy.New(cfg)}
	if cfg.Policies == nil {
		return p, nil
	}
	var problems config.Problems
	check := func(path, text string) {
		if text == "" {
			return
		}
		if _, err := p.expr(context.Background(), text); err != nil {
			problems = append(problems, cfg.Policies.At(path, err))
		}
	}
	for i, r := range cfg.Policies.Rules {
		check(fmt.Sprintf("rules[%d].filter", i), r.Filter)
		check(fmt.Sprintf("rules[%d].mask.sql", i), r.Mask.SQL)
	}
	ring, err := newKeyring(cfg.Policies)
	if err != nil {
		problems = append(problems, cfg.Policies.At("keys", err))
	}
	p.ring = ring
	if len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

func (p *policies) expr(ctx context.Context, text string) (sqlparser.Expr, error) {
	if e, ok := p.parsed.Load(text); ok {
		return e.(sqlparser.Expr), nil
	}
	e, err := bind.ParseExpr(ctx, text)
	if err == nil {
		p.parsed.Store(text, e)
	}
	return e, err
}

// view puts a decision on a scan.
func (d *door) view(ctx context.Context, scan rel.Node, database string, found *catalog.Table, decision *policy.Decision, ids *rel.IDs) (rel.Node, error) {
	var v bind.View
	var err error
	if decision.Filter != "" {
		if v.Filter, err = d.policies.expr(ctx, decision.Filter); err != nil {
			return nil, ruleFailed(decision.FilterRule, database, found.Name, err)
		}
	}
	columns := map[string]*sources.Column{}
	for i := range found.Def.Columns {
		columns[found.Def.Columns[i].Name] = &found.Def.Columns[i]
	}
	rules := map[string]string{"": decision.FilterRule}
	for _, c := range decision.Columns {
		vc := bind.ViewColumn{Name: c.Name}
		if !c.Mask.IsZero() {
			rules[c.Name] = c.Rule
			text, same := policy.MaskSQL(c.Mask, columns[c.Name])
			vc.SameType = same
			if vc.Expr, err = d.policies.expr(ctx, text); err != nil {
				return nil, ruleFailed(c.Rule, database, found.Name, err)
			}
		}
		v.Columns = append(v.Columns, vc)
	}
	out, err := bind.BindView(ctx, inOwnOrder(scan, found, decision), database, found.Name, v, d.env(database, ids))
	if part := new(bind.ViewError); errors.As(err, &part) && ctx.Err() == nil && !sqlerr.SourceFailed.Is(err) && !errors.Is(err, sources.ErrUnavailable) {
		return nil, ruleFailed(rules[part.Column], database, found.Name, part.Err)
	}
	if err == nil && decision.MinGroup > 0 {
		err = d.showsGroups(scan, out, database, found, decision)
	}
	return out, err
}

// showsGroups notes that only groups of a table may be shown.
func (d *door) showsGroups(scan, view rel.Node, database string, found *catalog.Table, decision *policy.Decision) error {
	person := found.Def.PrimaryKey
	if decision.PersonColumn != "" {
		person = []string{decision.PersonColumn}
	}
	l := least{table: database + "." + found.Name, size: decision.MinGroup, node: view, scan: scan.(*rel.Scan)}
	for _, c := range scan.Columns() {
		if slices.ContainsFunc(person, func(name string) bool { return strings.EqualFold(name, c.Name) }) {
			l.person = append(l.person, c.ID)
		}
	}
	if len(l.person) == 0 || len(l.person) != len(person) {
		return ruleFailed(decision.GroupRule, database, found.Name, errors.New("min_group needs the column that tells people apart, or a primary key"))
	}
	d.least = append(d.least, l)
	return nil
}

// env is what policies about tables of a database are bound in.
func (d *door) env(database string, ids *rel.IDs) *bind.Env {
	return &bind.Env{Tables: unguarded{d}, Session: policySession{user: d.principal.User, database: database}, Now: d.now, IDs: ids, Facts: facts(d.principal),
		Keyring: d.policies.keyring(), Keyed: true}
}

// ruleFailed is the error of a rule that doesn't fit a table: nothing of the table is shown then.
func ruleFailed(rule, database, table string, err error) error {
	return sqlerr.PolicyFailed.New("the policy rule %q can't be applied to the table '%s.%s'; ask the administrator, whom 'weir policy explain' tells more", rule, database, table).With(err)
}
