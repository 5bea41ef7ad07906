package system

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
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
	s.tables = []table{s.auditTable(), s.sourcesTable(), s.columnsTable()}
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
	name, columns, err := parse(q.SQL)
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
	return newBatches(ctx, &s.tables[i], p, columns, q)
}

// newDialect says that nothing is run here but the reading of columns.
func newDialect() *dialect.Dialect {
	return &dialect.Dialect{
		Name:     Database,
		Ident:    func(name string) string { return name }, // they are all this package's own
		Table:    func(w *dialect.Writer, t *rel.Table) { w.Raw(t.Name) },
		Literal:  func(*dialect.Writer, *rel.Lit) bool { return false },
		SortKey:  func(w *dialect.Writer, text string, _ rel.Type, _ bool) { w.Raw(text) },
		Limit:    func(*dialect.Writer, int64, int64) {},
		ReadType: func(rel.Type) dialect.Verdict { return dialect.No("the database weir only hands out its rows") },
		Features: map[dialect.Feature]bool{dialect.FeatureProject: true},
	}
}

// parse reads what the dialect above prints: SELECT t1.a AS c1, … FROM table AS t1. One without columns asks for the number of rows.
func parse(sql string) (table string, columns []string, err error) {
	list, from, ok := strings.Cut(strings.TrimPrefix(sql, "SELECT "), " FROM ")
	words := strings.Fields(from)
	if !ok || len(words) != 3 || words[1] != "AS" {
		return "", nil, fmt.Errorf("the database weir can't run this statement")
	}
	if list == "1" {
		return words[0], nil, nil
	}
	for item := range strings.SplitSeq(list, ", ") {
		column, ok := strings.CutPrefix(item, words[2]+".")
		column, name, named := strings.Cut(column, " AS ")
		if _, err := strconv.Atoi(strings.TrimPrefix(name, "c")); !ok || !named || err != nil {
			return "", nil, fmt.Errorf("the database weir can't run this statement")
		}
		columns = append(columns, column)
	}
	return words[0], columns, nil
}
