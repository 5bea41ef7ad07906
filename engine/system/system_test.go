package system

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/policy"
	"weir/policy/account"
	"weir/policy/audit"
	"weir/sources"
)

func newTest(t *testing.T, records int) *Source {
	t.Helper()
	log, err := audit.Open(audit.Options{Dir: filepath.Join(t.TempDir(), "audit")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	for i := range records {
		r := &audit.Record{Event: audit.End, User: "ann", Statement: uint64(i + 1), Text: fmt.Sprintf("statement %d", i), Rows: 3, Tables: map[string][]string{"erp.orders": {"id"}}}
		if err := log.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	return New(Config{Audit: log, Readers: []string{"auditor"},
		Sources: func() []SourceState {
			return []SourceState{{Name: "crm", Kind: "mysql", Error: "unavailable"}, {Name: "erp", Kind: "postgres", Asked: true, Up: true, Tables: 5, Broken: 1}, {Name: "new", Kind: "sqlite"}}
		},
		Accounts: func() ([]account.Listed, []account.ListedGrant) {
			return []account.Listed{{Name: "ann", FromFile: true}, {Name: "bob", Locked: true, Require: account.Require{SSL: true}, Attributes: map[string]string{"region": "n"}}, {Name: "r", Role: true}, {Name: "r2", Role: true}},
				[]account.ListedGrant{{Grantee: "ann", Privilege: account.Select}, {Grantee: "bob", Role: "r", Default: true}, {Grantee: "r", Privilege: account.Select, Grantable: true,
					On: account.Level{Database: "erp", Table: "t", Column: "c"}}, {Grantee: "r2", Role: "r"}}
		},
		Columns: func(_ context.Context, p policy.Principal) []Column {
			return []Column{{Database: "erp", Table: "orders", Name: "id", Type: "int"}, {Database: "erp", Table: "orders", Name: "for_" + p.User, Type: "text", Tags: []string{"pii", "x"}, Masked: true},
				{Database: "erp", Table: "zones", Name: "id", Type: "int"}}
		}})
}

// read prints a scan of columns as the planner does and reads its rows.
func read(t *testing.T, s *Source, ctx context.Context, table string, columns ...string) ([]string, error) {
	t.Helper()
	tables, err := s.Tables(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := s.Dialect(ctx)
	ids := &rel.IDs{}
	for i := range tables {
		if tables[i].Name != table {
			continue
		}
		scan := policy.Scan(Database, &tables[i], ids)
		var out []rel.Column
		for _, name := range columns {
			for _, c := range scan.Columns() {
				if c.Name == name {
					out = append(out, c)
				}
			}
		}
		text, err := dialect.Print(d, scan, out, dialect.Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := out
		if len(out) == 0 {
			want = []rel.Column{{Name: "c1", T: rel.Type{Kind: rel.Int}}}
		}
		return rows(s.Query(ctx, sources.Query{SQL: text.SQL, Columns: want}))
	}
	t.Fatalf("no table %s", table)
	return nil, nil
}

func rows(b sources.Batches, err error) ([]string, error) {
	if err != nil {
		return nil, err
	}
	defer b.Close()
	var out []string
	for {
		batch, err := b.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		for i := range int(batch.NumRows()) {
			var line []string
			for _, c := range batch.Columns() {
				line = append(line, c.ValueStr(i))
			}
			out = append(out, strings.Join(line, "|"))
		}
		batch.Release()
	}
}

func as(user string, roles ...string) context.Context {
	return policy.WithPrincipal(context.Background(), policy.Principal{User: user, Host: "h", Roles: roles})
}

func TestTables(t *testing.T) {
	s := newTest(t, 3)
	for _, c := range []struct {
		table   string
		columns []string
		want    string
	}{
		{"sources", []string{"name", "kind", "up", "tables", "broken", "error"}, "crm|mysql|0|(null)|(null)|unavailable\nerp|postgres|1|5|1|(null)\nnew|sqlite|(null)|(null)|(null)|(null)"},
		{"sources", []string{"kind", "name", "kind"}, "mysql|crm|mysql\npostgres|erp|postgres\nsqlite|new|sqlite"},
		{"sources", nil, "1\n1\n1"},
		{"columns", []string{"table_name", "column_name", "ordinal", "tags", "masked"}, "orders|id|1|(null)|0\norders|for_ann|2|pii,x|1\nzones|id|1|(null)|0"},
		{"audit", []string{"seq", "event", "query", "rows_sent", "tables_read"}, "1|file|(null)|(null)|(null)\n" + `2|end|statement 0|3|{"erp.orders":["id"]}` + "\n" +
			`3|end|statement 1|3|{"erp.orders":["id"]}` + "\n" + `4|end|statement 2|3|{"erp.orders":["id"]}`},
	} {
		got, err := read(t, s, as("ann", "admin"), c.table, c.columns...)
		if text := strings.Join(got, "\n"); err != nil || text != c.want {
			t.Errorf("%s %v: %v\ngot:\n%s\nwant:\n%s", c.table, c.columns, err, text, c.want)
		}
	}
	// Every column of every table can be read, of a line that can't be read too.
	tables, _ := s.Tables(t.Context())
	for i, x := range tables {
		var all []string
		for _, c := range x.Columns {
			all = append(all, c.Name)
		}
		if got, err := read(t, s, as("ann", "admin"), x.Name, all...); err != nil || len(got) == 0 {
			t.Errorf("%s: %v, %d rows", x.Name, err, len(got))
		}
		if x.Name == auditName {
			if row := auditRow(&audit.Record{Event: audit.Broken}); len(row) != len(s.tables[i].columns) {
				t.Errorf("%d values for %d columns", len(row), len(s.tables[i].columns))
			}
		}
	}
}

// Who doesn't administer sees himself and his roles, granted or active.
func TestAccounts(t *testing.T) {
	s := newTest(t, 1)
	const names, given = "ann bob r r2", "ann|(null)|SELECT|(null)|0 bob|r|(null)|(null)|0 r|(null)|SELECT|c|1 r2|r|(null)|(null)|0"
	pick := func(all string, which ...int) string {
		var out []string
		for _, i := range which {
			out = append(out, strings.Fields(all)[i])
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		who  policy.Principal
		want []int
	}{
		{policy.Principal{User: "x", Roles: []string{"admin"}}, []int{0, 1, 2, 3}}, {policy.Principal{User: "bob", Roles: []string{"r"}}, []int{1, 2}},
		{policy.Principal{User: "ann", Granted: []string{"r2", "admin"}}, []int{0, 3}}, {policy.Principal{User: "x"}, nil},
	} {
		ctx := policy.WithPrincipal(t.Context(), c.who)
		if got, err := read(t, s, ctx, "accounts", "name"); err != nil || strings.Join(got, " ") != pick(names, c.want...) {
			t.Errorf("%+v sees %v %v", c.who, got, err)
		}
		if got, err := read(t, s, ctx, "grants", "grantee", "role_name", "privilege", "column_name", "grantable"); err != nil || strings.Join(got, " ") != pick(given, c.want...) {
			t.Errorf("%+v sees %v %v", c.who, got, err)
		}
	}
	if got, err := read(t, s, as("x", "admin"), "accounts", "kind", "made_by", "locked", "requires", "attributes"); err != nil ||
		strings.Join(got, "\n") != "user|weir.yaml|0|NONE|(null)\nuser|SQL|1|SSL|{\"region\":\"n\"}\nrole|SQL|0|NONE|(null)\nrole|SQL|0|NONE|(null)" {
		t.Errorf("%v %v", got, err)
	}
}

func TestAuditIsForItsReaders(t *testing.T) {
	s := newTest(t, 1)
	for name, c := range map[string]struct {
		ctx     context.Context
		allowed bool
	}{
		"admin": {as("root", "admin"), true}, "a reader": {as("aud", "x", "auditor"), true}, "another role": {as("ann", "analyst", "Admin", "ADMIN"), false},
		"no role": {as("ann"), false}, "nobody": {context.Background(), false},
	} {
		_, err := read(t, s, c.ctx, auditName, "query")
		if c.allowed != (err == nil) || err != nil && !sqlerr.TableDenied.Is(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := read(t, s, context.Background(), "columns", "table_name"); !sqlerr.TableDenied.Is(err) {
		t.Errorf("columns for nobody: %v", err)
	}
}

// More than one batch; a reader that stops early, from another goroutine too, leaves nothing behind.
func TestBatches(t *testing.T) {
	s := newTest(t, 3000)
	if got, err := read(t, s, as("root", "admin"), auditName, "seq"); err != nil || len(got) != 3001 || got[3000] != "3001" {
		t.Errorf("%d rows, %v", len(got), err)
	}
	over := 0
	b, err := s.Query(as("root", "admin"), sources.Query{SQL: "SELECT t1.seq AS c1 FROM audit AS t1", Columns: []rel.Column{{Name: "c1", T: unsigned}}, Over: func() { over++ }})
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.Next()
	if err != nil || first.NumRows() != batchRows {
		t.Fatal(err)
	}
	first.Release()
	b.Close()
	b.Close()
	if _, err := b.Next(); err == nil || over != 1 {
		t.Errorf("after the end: %v; told %d times that it is over", err, over)
	}
	ctx, cancel := context.WithCancel(as("root", "admin"))
	cancel()
	if _, err := read(t, s, ctx, auditName, "seq"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// What the dialect doesn't print is refused.
func TestOtherStatements(t *testing.T) {
	s := newTest(t, 1)
	for _, q := range []string{"", "SELECT", "SELECT * FROM audit", "SELECT t1.query AS c1 FROM audit AS t1 WHERE 1", "SELECT t1.query AS c1 FROM audit AS t1, sources AS t2", "DELETE FROM audit",
		"SELECT t1.nothing AS c1 FROM audit AS t1", "SELECT t2.query AS c1 FROM audit AS t1", "SELECT t1.query FROM audit AS t1", "SELECT t1.query AS c1 FROM nothing AS t1"} {
		if _, err := s.Query(as("root", "admin"), sources.Query{SQL: q, Columns: []rel.Column{{Name: "c1", T: long}}}); err == nil {
			t.Errorf("%q is answered", q)
		}
	}
}
