package engine

import (
	"context"
	"slices"
	"time"

	"weir/catalog"
	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/engine/system"
	"weir/policy"
)

// door is where a statement's tables come in: it resolves them for the principal, and puts what the policy decides on top of every scan.
type door struct {
	lease     *catalog.Lease
	system    *system.Source // nil if there is none
	policies  *policies
	principal policy.Principal
	now       time.Time
	sites     map[string]*dialect.Dialect
	scans     []rel.Node // the scans that were made
	// least are the tables of which only groups may be shown.
	least []least
	// named are the tables that the statement names, whether or not it may read them; names are those of the scans' tables as users see them.
	named []Read
	names map[tableKey]string
	// applied are the decisions that were put on tables, in order.
	applied []Applied
}

// tableKey names a table at its source.
type tableKey struct{ source, schema, name string }

// Applied is a policy's decision about a table that a statement reads.
type Applied struct {
	Database, Table string
	*policy.Decision
	// view is what the decision has made of the table's scan.
	view rel.Node
}

func (e *Engine) newDoor(lease *catalog.Lease, p policy.Principal) *door {
	return &door{lease: lease, system: e.cfg.System, policies: e.policies.Load(), principal: p, now: time.Now(), sites: map[string]*dialect.Dialect{}, names: map[tableKey]string{}}
}

// Scan implements bind.Tables.
func (d *door) Scan(ctx context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	if r := (Read{Database: database, Table: table}); !slices.ContainsFunc(d.named, func(a Read) bool { return a.Database == r.Database && a.Table == r.Table }) {
		d.named = append(d.named, r)
	}
	who := d.reader(database)
	if r := who.Rights; r != nil && !r.Table(database, table) {
		return nil, sqlerr.TableDenied.New("SELECT command denied to user '%s'@'%s' for table '%s'", d.principal.User, d.principal.Host, table)
	}
	found, err := d.lease.Table(ctx, database, table)
	if err != nil {
		return nil, err
	}
	if database == system.Database && d.system != nil {
		if err := d.system.Allowed(who, table); err != nil {
			return nil, err
		}
	}
	decision := d.policies.set.Decide(who, database, found.Name, &found.Def)
	if len(decision.Columns) == 0 && len(decision.Hidden) > 0 {
		return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", database, table)
	}
	scan, err := d.raw(ctx, database, found, ids)
	if err != nil || decision.Plain() {
		return scan, err
	}
	view, err := d.view(ctx, scan, database, found, decision, ids)
	d.applied = append(d.applied, Applied{database, found.Name, decision, view})
	return view, err
}

// reader is who reads a database. In the database weir nothing is granted: its tables show each principal what is for it, or are refused by role.
func (d *door) reader(database string) policy.Principal {
	p := d.principal
	if database == system.Database && d.system != nil {
		p.Rights = nil
	}
	return p
}

// raw reads a table as it is.
func (d *door) raw(ctx context.Context, database string, found *catalog.Table, ids *rel.IDs) (rel.Node, error) {
	if d.sites[database] == nil {
		src, err := d.lease.Source(database)
		if err != nil {
			return nil, err
		}
		if d.sites[database], err = src.Dialect(ctx); err != nil {
			return nil, err
		}
	}
	scan := policy.Scan(database, &found.Def, ids)
	d.scans = append(d.scans, scan)
	d.names[tableKey{database, found.Def.Schema, found.Def.Name}] = found.Name
	return scan, nil
}

// unguarded are the tables that a row filter reads: as they are, since the filter is the administrator's word, not the user's.
type unguarded struct{ *door }

// Scan implements bind.Tables.
func (u unguarded) Scan(ctx context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	found, err := u.lease.Table(ctx, database, table)
	if err != nil {
		return nil, err
	}
	return u.raw(ctx, database, found, ids)
}

// facts answers what a policy asks of the principal.
func facts(p policy.Principal) func(string, []string) (*rel.Lit, bool) {
	return func(name string, args []string) (*rel.Lit, bool) {
		if len(args) != 1 {
			return nil, false
		}
		switch name {
		case "has_role":
			return &rel.Lit{Value: slices.Contains(p.Roles, args[0]), T: rel.Type{Kind: rel.Bool, NotNull: true}}, true
		case "attr":
			l := &rel.Lit{T: rel.VarCharType(len([]rune(p.Attributes[args[0]])))}
			if v, ok := p.Attributes[args[0]]; ok {
				l.Value = v
			}
			return l, true
		}
		return nil, false
	}
}

// policySession is the session in which policies are bound: nothing that a client can set changes what it sees. CURRENT_USER() is the account's name alone,
// which is what tables hold that say whose a row is.
type policySession struct{ user, database string }

func (s policySession) ConnectionID() uint32                           { return 0 }
func (s policySession) User() string                                   { return s.user }
func (s policySession) CurrentUser() string                            { return s.user }
func (s policySession) CurrentRole() string                            { return "" }
func (s policySession) Database() string                               { return s.database }
func (s policySession) UserVariable(string) *rel.Lit                   { return &rel.Lit{T: rel.NullType} }
func (s policySession) SystemVariable(string, string) (*rel.Lit, bool) { return nil, false }
func (s policySession) TimeZone() *time.Location                       { return time.UTC }
