package gms

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/sources"
)

func TestIndexes(t *testing.T) {
	all := indexes(&sources.Table{PrimaryKey: []string{"id"}, Uniques: [][]string{{"id"}, {"code"}, {"a", "b"}},
		Indexes: []sources.Index{{Name: "pk", Columns: []string{"id"}, Unique: true}, {Name: "CODE", Columns: []string{"a"}}, {Name: "ab", Columns: []string{"a", "b"}, Unique: true}, {Name: "none"}}})
	var got []string
	for _, i := range all {
		got = append(got, i.name+":"+strings.Join(i.columns, ","))
	}
	// The key's own index is not listed twice, nor a unique one; names are made where the source has none, and differ.
	if want := []string{"PRIMARY:id", "CODE:a", "ab:a,b", "code_2:code"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCreateTable(t *testing.T) {
	got := createTable(Table{Name: "odd`name", Def: &sources.Table{Kind: sources.MaterializedView, Comment: `it's a \ test`,
		Columns:     []sources.Column{{Name: "a`b", Type: rel.Type{Kind: rel.Bit, Length: 3}, Comment: "x'y"}, {Name: "c", Type: rel.Type{Kind: rel.Set, Native: "set('x','y')", NotNull: true}}},
		ForeignKeys: []sources.ForeignKey{{Columns: []string{"c"}, RefTable: "other", RefColumns: []string{"d"}}}}})
	want := "CREATE TABLE `odd``name` (\n  `a``b` bit(3) DEFAULT NULL COMMENT 'x''y',\n  `c` set('x','y') NOT NULL,\n" +
		"  CONSTRAINT `odd``name_fk_1` FOREIGN KEY (`c`) REFERENCES `other` (`d`)\n) ENGINE=Weir DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin COMMENT='it''s a \\\\ test' " +
		"/* a materialized view of the source */"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// slowCatalog has a database that doesn't answer.
type slowCatalog struct{}

func (slowCatalog) Databases() []string { return []string{"fast", "slow"} }
func (slowCatalog) Known(ctx context.Context, database string) []Table {
	if database == "slow" {
		<-ctx.Done()
		return nil
	}
	return []Table{{Name: "t", Def: &sources.Table{}}}
}
func (slowCatalog) Table(context.Context, string, string) (Table, error) { panic("not asked for") }

// A source that hangs hides only its own tables, and a statement that is cancelled doesn't wait for it.
func TestListHangs(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	l := list(ctx, slowCatalog{}, narrow{})
	if len(l) != 2 || len(l[0].tables) != 1 || l[1].tables != nil || l[1].name != "slow" {
		t.Errorf("%+v", l)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}

// lateCatalog has a database whose tables take longer to read than listings of all databases wait.
type lateCatalog struct{ slowCatalog }

func (c lateCatalog) Known(ctx context.Context, database string) []Table {
	if database == "slow" {
		select {
		case <-time.After(2 * listTime):
			return c.slowCatalog.Known(ctx, "fast")
		case <-ctx.Done():
			return nil
		}
	}
	return c.slowCatalog.Known(ctx, database)
}

// A statement about one database had no rows if that was being read for the first time and took longer than listTime.
func TestNarrowWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if l := list(t.Context(), lateCatalog{}, narrow{"slow", ""}); len(l) != 1 || len(l[0].tables) != 1 {
			t.Errorf("%+v", l)
		}
		if l := list(t.Context(), lateCatalog{}, narrow{}); len(l) != 2 || len(l[0].tables) != 1 || len(l[1].tables) != 0 {
			t.Errorf("%+v", l)
		}
	})
}

func TestNarrow(t *testing.T) {
	one := &rel.Lit{Value: "a"}
	for sql, want := range map[string]narrow{
		"select * from information_schema.tables where table_schema = 'a' and (TABLE_NAME = 'b' and table_rows > 1)":      {"a", "b"},
		"select * from information_schema.tables t where t.table_schema = ?":                                              {"a", ""},
		"select * from (select * from information_schema.columns where table_schema = 'a') x where table_name = 'b'":      {"a", ""},
		"select * from information_schema.tables where table_schema = 'a' or table_name = 'b'":                            {},
		"select * from information_schema.tables where table_schema <> 'a'":                                               {},
		"select * from information_schema.tables where table_schema = 'a '":                                               {},
		"select * from information_schema.tables where table_schema = lower('A')":                                         {},
		"select * from information_schema.tables a join information_schema.tables b on 1 = 1 where a.table_schema = 'a'":  {},
		"select (select count(*) from information_schema.tables) from information_schema.tables where table_schema = 'a'": {},
		"select 1 from information_schema.tables where table_schema = 'a' union select 2":                                 {},
	} {
		stmt, err := sqlparser.Parse(sql)
		if err != nil {
			t.Fatal(err)
		}
		if got := narrowOf(stmt, []*rel.Lit{one}); got != want {
			t.Errorf("%s: %+v, want %+v", sql, got, want)
		}
	}
}

// A statement about one database doesn't wait for another's source.
func TestNarrowDoesNotWait(t *testing.T) {
	began := time.Now()
	if l := list(t.Context(), slowCatalog{}, narrow{"fast", "t"}); len(l) != 1 || len(l[0].tables) != 1 {
		t.Errorf("%+v", l)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("took %v", took)
	}
}
