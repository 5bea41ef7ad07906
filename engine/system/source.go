package system

import (
	"context"
	"slices"

	"weir/engine/dialect"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/policy/account"
	"weir/policy/audit"
	"weir/sources"
)

// Database is the name of the virtual database. No source may have it.
const Database = "weir"

// Config is what the tables tell of. Its functions are called from many goroutines.
type Config struct {
	// Audit is the log that weir.audit reads; nil: it has no rows.
	Audit *audit.Log
	// Readers are roles that may read weir.audit, besides admin.
	Readers []string
	// Sources are the configured sources.
	Sources func() []SourceState
	// Accounts are the users and roles, and what they have been granted.
	Accounts func() ([]account.Listed, []account.ListedGrant)
	// Columns are the columns that a principal sees, of all databases but this one.
	Columns func(ctx context.Context, p policy.Principal) []Column
}

// Source is the database. Safe for concurrent use.
type Source struct {
	cfg     Config
	dialect *dialect.Dialect
	tables  []table
}

var _ sources.Source = (*Source)(nil)

// New makes the database.
func New(cfg Config) *Source {
	s := &Source{cfg: cfg, dialect: newDialect()}
	s.tables = []table{s.auditTable(), s.sourcesTable(), s.columnsTable(), s.accountsTable(), s.grantsTable()}
	return s
}

// Allowed is nil if a principal may read a table of this database.
func (s *Source) Allowed(p policy.Principal, table string) error {
	if table != auditName || slices.Contains(p.Roles, account.Admin) {
		return nil
	}
	if slices.ContainsFunc(s.cfg.Readers, func(r string) bool { return slices.Contains(p.Roles, r) }) {
		return nil
	}
	return sqlerr.TableDenied.New("SELECT command denied to user '%s'@'%s' for table '%s'", p.User, p.Host, table)
}

// Tables implements sources.Source.
func (s *Source) Tables(context.Context) ([]sources.Table, error) {
	out := make([]sources.Table, len(s.tables))
	for i, t := range s.tables {
		out[i] = sources.Table{Name: t.name, Kind: sources.View, Comment: t.comment, Columns: t.columns, RowCount: -1}
	}
	return out, nil
}

// Dialect implements sources.Source.
func (s *Source) Dialect(context.Context) (*dialect.Dialect, error) { return s.dialect, nil }

// Ping implements sources.Source.
func (s *Source) Ping(context.Context) error { return nil }

// Close implements sources.Source.
func (s *Source) Close() error { return nil }

// Query implements sources.Source: it reads columns of one table, for the principal of the context.
func (s *Source) Query(ctx context.Context, q sources.Query) (sources.Batches, error) {
	name, columns, span, err := parse(q.SQL)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(s.tables, func(t table) bool { return t.name == name })
	if i < 0 {
		return nil, sqlerr.UnknownTable.New("Table '%s.%s' doesn't exist", Database, name)
	}
	p, ok := policy.PrincipalOf(ctx)
	if !ok {
		return nil, sqlerr.TableDenied.New("SELECT command denied for table '%s': nobody is known to ask", name)
	}
	if err := s.Allowed(p, name); err != nil {
		return nil, err
	}
	return newBatches(ctx, &s.tables[i], p, columns, span, q)
}
