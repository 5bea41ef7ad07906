package sourcetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"
	_ "github.com/go-sql-driver/mysql"

	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/duck"
	"weir/engine/exec"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/policy"
	"weir/sources"
)

// pushdown runs each statement of the Harness with pushdown, without it and, if there is one, at the reference. All must agree; the
// statement's remote text is compared with the golden file.
func (h *Harness) pushdown(t *testing.T) {
	if len(h.Pushdown) == 0 {
		t.Skip("no statements")
	}
	b := newBench(t, h)
	var golden strings.Builder
	for _, statement := range h.Pushdown {
		statement, alone := strings.CutPrefix(statement, "!")
		fmt.Fprintf(&golden, "%s\n%s\n", statement, b.check(t, statement, !alone))
	}
	compareGolden(t, filepath.Join("testdata", "pushdown.golden"), golden.String())
	if h.EveryAbility && b.dialect.Features[dialect.FeatureSemiJoin] {
		b.semiJoins(t)
	}
	if h.EveryAbility && b.dialect.Features[dialect.FeatureValues] {
		b.constants(t)
	}
	if err := b.used.check(b.dialect); h.EveryAbility && err != nil {
		t.Error(err)
	}
}

func compareGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("%s:%d differs (-update writes it anew)\n got %s\nwant %s", file, i+1, g[i], w[i])
			return
		}
	}
	if len(g) != len(w) {
		t.Errorf("%s has %d lines, not %d (-update writes it anew)", file, len(w), len(g))
	}
}

// bench runs statements over one source.
type bench struct {
	source  sources.Source
	dialect *dialect.Dialect
	local   *dialect.Dialect
	tables  []sources.Table
	exec    *exec.Executor
	ref     *sql.Conn
	used    coverage
}

func newBench(t *testing.T, h *Harness) *bench {
	t.Helper()
	b := &bench{source: h.open(t, h.Address), local: dialect.DuckDB(), used: coverage{}}
	var err error
	if b.tables, err = b.source.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	if b.dialect, err = b.source.Dialect(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := duck.Open(duck.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	b.exec = &exec.Executor{Local: db, Dialect: b.local, Gate: &exec.Gate{Limit: func(string) int { return 4 }}}
	if h.Reference != "" {
		b.ref = openReference(t, h)
	}
	return b
}

// openReference loads the tables into the reference.
func openReference(t *testing.T, h *Harness) *sql.Conn {
	t.Helper()
	db, err := sql.Open("mysql", h.Reference)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	for _, s := range append([]string{"SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin", "SET optimizer_switch = 'derived_merge=off'", "SET time_zone = '+00:00'",
		"SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"}, h.ReferenceSetup...) {
		if _, err := conn.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("reference: %s: %v", s, err)
		}
	}
	return conn
}

// check runs a statement in all ways and returns what the golden file says of it.
func (b *bench) check(t *testing.T, statement string, compare bool) string {
	pushed, cols, rows, err := b.run(t.Context(), statement, false)
	if err != nil {
		t.Errorf("%s: %v", statement, err)
		return "    error\n"
	}
	_, _, plain, err := b.run(t.Context(), statement, true)
	if err != nil {
		t.Errorf("%s, pushdown off: %v", statement, err)
		return "    error\n"
	}
	ordered := isOrdered(statement)
	if !sameRows(rows, plain, ordered) {
		t.Errorf("%s\n%s\n       pushed %s\nnot pushed %s", statement, pushed, difference(rows, plain, ordered), difference(plain, rows, ordered))
	}
	if b.ref != nil && compare {
		want, err := b.reference(t.Context(), statement, cols)
		if err != nil {
			t.Errorf("%s at the reference: %v", statement, err)
		} else if rows = asReference(rows, cols); !sameRows(rows, want, ordered) {
			t.Errorf("%s\n%s\n   pushed %s\nreference %s", statement, pushed, difference(rows, want, ordered), difference(want, rows, ordered))
		}
	}
	return pushed
}

// run plans a statement and returns how it is pushed, its columns and its rows.
func (b *bench) run(ctx context.Context, statement string, off bool) (pushed string, cols []rel.Column, rows [][]string, err error) {
	p, cols, err := b.plan(ctx, statement, off)
	if err != nil {
		return "", nil, nil, err
	}
	if !off {
		b.used.add(p)
	}
	if pushed, err = b.explain(p); err != nil {
		return "", nil, nil, err
	}
	rows, err = b.rows(ctx, p)
	return pushed, cols, rows, detailed(err)
}

// rows runs a plan.
func (b *bench) rows(ctx context.Context, p *plan.Plan) ([][]string, error) {
	r, err := b.exec.Start(ctx, p, func(string) (sources.Source, error) { return b.source, nil })
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return collect(r, p.Out)
}

// plan binds a statement over the tables that are known and plans it.
func (b *bench) plan(ctx context.Context, statement string, off bool) (p *plan.Plan, cols []rel.Column, err error) {
	stmt, err := bind.Parse(ctx, statement, sqlparser.ParserOptions{})
	if err != nil {
		return nil, nil, err
	}
	sel, ok := stmt.(sqlparser.SelectStatement)
	if !ok {
		return nil, nil, fmt.Errorf("%T is no SELECT", stmt)
	}
	ids := &rel.IDs{}
	q, err := bind.Bind(ctx, sel, &bind.Env{Tables: b, Session: session{}, Now: time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), IDs: ids})
	if err != nil {
		return nil, nil, err
	}
	for _, c := range q.Columns {
		cols = append(cols, c.Column)
	}
	p, err = plan.Build(ctx, q.Root, cols, plan.Config{Sites: map[string]*dialect.Dialect{"src": b.dialect}, Local: b.local, PushdownOff: off, IDs: ids})
	return p, cols, err
}

// detailed shows the system's own message too.
func detailed(err error) error {
	var e *sources.Error
	if errors.As(err, &e) {
		return fmt.Errorf("%w: %s", err, e.Detail)
	}
	if u := errors.Unwrap(err); u != nil {
		return fmt.Errorf("%w: %w", err, u)
	}
	return err
}

// explain says what goes to the source and what is kept.
func (b *bench) explain(p *plan.Plan) (string, error) {
	x, err := plan.Explain(p, b.local)
	if err != nil {
		return "", err
	}
	var s strings.Builder
	for _, f := range x.Fragments {
		fmt.Fprintf(&s, "    %s\n", f.SQL)
	}
	for _, k := range x.Kept {
		fmt.Fprintf(&s, "    kept: %s\n", k)
	}
	return s.String(), nil
}

// Scan implements bind.Tables.
func (b *bench) Scan(_ context.Context, database, table string, ids *rel.IDs) (rel.Node, error) {
	for _, x := range b.tables {
		if database == "src" && x.Name == table {
			return policy.Scan(database, &x, ids), nil
		}
	}
	return nil, fmt.Errorf("no table %s.%s", database, table)
}

// session is the client's session.
type session struct{}

func (session) ConnectionID() uint32         { return 1 }
func (session) User() string                 { return "test@localhost" }
func (session) CurrentUser() string          { return "test@%" }
func (session) CurrentRole() string          { return "NONE" }
func (session) Database() string             { return "src" }
func (session) UserVariable(string) *rel.Lit { return &rel.Lit{T: rel.NullType} }
func (session) TimeZone() *time.Location     { return time.UTC }
func (session) SystemVariable(_, name string) (*rel.Lit, bool) {
	if name == "sql_mode" {
		return &rel.Lit{Value: "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES", T: rel.TextType}, true
	}
	return nil, false
}

// reference runs a statement at the reference; its rows are in the notation of Text.
func (b *bench) reference(ctx context.Context, statement string, cols []rel.Column) ([][]string, error) {
	rows, err := b.ref.QueryContext(ctx, statement)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]string
	for rows.Next() {
		values := make([]sql.NullString, len(cols))
		into := make([]any, len(cols))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := make([]string, len(cols))
		for i, v := range values {
			row[i] = referenceText(v, cols[i].T)
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// referenceText brings a value of the text protocol into the notation of Text.
func referenceText(v sql.NullString, t rel.Type) string {
	if !v.Valid {
		return "NULL"
	}
	switch t.Class() {
	case rel.ClassText, rel.ClassJSON:
		return strconv.Quote(v.String)
	case rel.ClassBinary:
		return fmt.Sprintf("x'%X'", v.String)
	case rel.ClassDouble:
		if f, err := strconv.ParseFloat(v.String, 64); err == nil {
			return referenceFloat(f)
		}
	case rel.ClassTime, rel.ClassDateTime:
		whole, frac, _ := strings.Cut(v.String, ".")
		return whole + "." + (frac + "000000")[:6]
	}
	return v.String
}

// referenceFloat rounds a double to the digits that MariaDB shows of all; the sign of a zero is not shown by all.
func referenceFloat(f float64) string {
	if f == 0 {
		return "0"
	}
	return strconv.FormatFloat(f, 'e', 7, 64)
}

// asReference brings rows into the precision in which they are compared with the reference.
func asReference(rows [][]string, cols []rel.Column) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = slices.Clone(row)
		for j, c := range cols {
			if f, err := strconv.ParseFloat(row[j], 64); c.T.Class() == rel.ClassDouble && err == nil {
				out[i][j] = referenceFloat(f)
			}
		}
	}
	return out
}

// isOrdered reports whether a statement orders its rows: an ORDER BY outside of parentheses.
func isOrdered(statement string) bool {
	depth := 0
	for i, c := range statement {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case 'O':
			if depth == 0 && strings.HasPrefix(statement[i:], "ORDER BY ") {
				return true
			}
		}
	}
	return false
}

func sameRows(a, b [][]string, ordered bool) bool {
	if !ordered {
		a, b = slices.Clone(a), slices.Clone(b)
		sortRows(a)
		sortRows(b)
	}
	return slices.EqualFunc(a, b, func(x, y []string) bool { return slices.Equal(x, y) })
}

// difference shows the first rows of a that are not in their place in b.
func difference(a, b [][]string, ordered bool) string {
	if !ordered {
		a, b = slices.Clone(a), slices.Clone(b)
		sortRows(a)
		sortRows(b)
	}
	var out []string
	for i, row := range a {
		if i >= len(b) || !slices.Equal(row, b[i]) {
			out = append(out, strings.Join(row, " "))
		}
		if len(out) == 3 {
			break
		}
	}
	return fmt.Sprintf("%d rows: %s", len(a), strings.Join(out, " | "))
}
