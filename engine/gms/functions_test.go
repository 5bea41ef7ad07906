package gms

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/sqltypes"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// noTables is a catalog without databases.
type noTables struct{ Catalog }

func (noTables) Databases() []string { return nil }

// A statement over information_schema could read any file of the machine that the server's account may read, its own key among them, hold
// a statement, or take all memory.
func TestFunctionsThatArentOffered(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("a secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := New(Config{Catalog: noTables{}})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run := func(query string) (string, error) {
		stmt, err := sqlparser.Parse(query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = e.Query(t.Context(), e.NewSession(nobody{}, slowCatalog{}, "u", "h"), Statement{AST: stmt, Text: query}, func(r *sqltypes.Result) error {
			for _, row := range r.Rows {
				for _, v := range row {
					got = append(got, v.ToString())
				}
			}
			return nil
		})
		return strings.Join(got, ","), err
	}
	for _, call := range []string{"load_file('" + file + "')", "LOAD_FILE('" + file + "')", "`load_file`('" + file + "')", "length(load_file('" + file + "'))", "sleep(60)", "get_lock('a', 1)",
		"repeat('a', 2000000000)", "space(2000000000)", "lpad('a', 2000000000, 'b')", "rpad('a', 2000000000, 'b')", "random_bytes(1024)"} {
		for _, query := range []string{"select " + call + " from information_schema.schemata", "select 1 from information_schema.schemata where " + call + " is null",
			"select (select " + call + ") from information_schema.schemata", "select 1 from information_schema.schemata order by " + call,
			"select max(" + call + ") over () from information_schema.schemata"} {
			got, err := run(query)
			var refused *sqlerr.Error
			if !errors.As(err, &refused) || refused.Code != sqlerr.Unsupported.Code {
				t.Errorf("%s: %q, %v", query, got, err)
			}
		}
	}
	// Those that clients use there, of each way by which a name is found.
	for call, want := range map[string]string{"concat(schema_name, '!')": "information_schema!", "substring(schema_name, 1, 4)": "info", "if(1 = 1, 'a', 'b')": "a", "count(*)": "1",
		"cast(1 as char)": "1", "group_concat(schema_name)": "information_schema", "coalesce(null, 'x')": "x", "upper('a')": "A", "left('abc', 2)": "ab", "replace('aa', 'a', 'b')": "bb",
		"year('2020-02-03')": "2020", "date_add('2020-02-03', interval 1 day)": "2020-02-04", "json_extract('[1]', '$[0]')": "1", "row_number() over (order by schema_name)": "1",
		"convert('a', char)": "a", "trim(' a ')": "a", "char_length('ä')": "1", "mod(5, 3)": "2", "insert('abc', 1, 1, 'x')": "xbc"} {
		got, err := run("select " + call + " from information_schema.schemata where schema_name = 'information_schema'")
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", call, got, err, want)
		}
	}
}

// nobody is a connection without state.
type nobody struct{}

func (nobody) ConnectionID() uint32                           { return 1 }
func (nobody) User() string                                   { return "u@h" }
func (nobody) CurrentUser() string                            { return "u@%" }
func (nobody) CurrentRole() string                            { return "NONE" }
func (nobody) Database() string                               { return "" }
func (nobody) UserVariable(string) *rel.Lit                   { return &rel.Lit{T: rel.NullType} }
func (nobody) SystemVariable(string, string) (*rel.Lit, bool) { return nil, false }
func (nobody) TimeZone() *time.Location                       { return time.UTC }
func (nobody) Variables() map[string]any                      { return nil }
func (nobody) Status() map[string]string                      { return nil }
func (nobody) Privileges() []Privilege                        { return nil }
func (nobody) Roles() []Role                                  { return nil }
func (nobody) IsAdmin() bool                                  { return false }
