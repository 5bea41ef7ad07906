package sqlite

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

// countLimit bounds the rows that are counted where nothing else tells how many there are.
const countLimit = 100_000

// Tables describes the tables, virtual tables and views of the file, apart from SQLite's own and what belongs to a virtual table.
func (s *Source) Tables(ctx context.Context) ([]sources.Table, error) {
	ctx, cancel := s.bound(ctx)
	defer cancel()
	c, err := s.pool.get(ctx)
	if err != nil {
		return nil, err
	}
	defer s.pool.put(c)
	d := discovery{c: c}
	if err := errors.Join(c.begin(ctx), ctx.Err()); err != nil {
		return nil, s.failed(ctx, c, "listing tables", err)
	}
	tables, err := d.tables()
	if err != nil {
		return nil, s.failed(ctx, c, "listing tables", err)
	}
	for i := range tables {
		if tables[i].Version, err = c.version(tables[i].Name); err != nil {
			return nil, s.failed(ctx, c, "listing tables", err)
		}
	}
	return tables, nil
}

// discovery reads the schema in one snapshot.
type discovery struct {
	c     *conn
	utf16 bool
	stats map[string]map[string][]float64 // table, index ("" for none): the numbers of sqlite_stat1
}

// listed is a row of PRAGMA table_list.
type listed struct {
	name, kind   string
	withoutRowID bool
	strict       bool
	definition   string
}

func (d *discovery) tables() ([]sources.Table, error) {
	var all []listed
	err := d.each("PRAGMA encoding", func(s *sqlite.Stmt) { d.utf16 = s.ColumnText(0) != "UTF-8" })
	if err != nil {
		return nil, err
	}
	err = d.each(`SELECT l.name, l.type, l.wr, l.strict, coalesce(m.sql, '')
		FROM pragma_table_list AS l LEFT JOIN sqlite_schema AS m ON m.name = l.name AND m.type IN ('table', 'view')
		WHERE l.schema = 'main' AND l.type IN ('table', 'view', 'virtual') AND l.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY l.name`,
		func(s *sqlite.Stmt) {
			all = append(all, listed{name: s.ColumnText(0), kind: s.ColumnText(1), withoutRowID: s.ColumnBool(2), strict: s.ColumnBool(3),
				definition: s.ColumnText(4)})
		})
	if err != nil {
		return nil, err
	}
	d.readStats()
	tables := make([]sources.Table, 0, len(all))
	for _, l := range all {
		t, err := d.table(l)
		if err != nil {
			if interrupted(err) {
				return nil, err
			}
			t = sources.Table{Name: l.name, Kind: t.Kind, RowCount: -1, Broken: "SQLite can't read it: " + sqlite.ErrCode(err).String()}
		}
		tables = append(tables, t)
	}
	return tables, nil
}

func interrupted(err error) bool { return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultInterrupt }

// each runs a query and calls f for every row.
func (d *discovery) each(query string, f func(*sqlite.Stmt), args ...any) error {
	return sqlitex.Execute(d.c.Conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: func(s *sqlite.Stmt) error {
		f(s)
		return nil
	}})
}

// readStats reads what ANALYZE has left; a file that was never analysed has no such table.
func (d *discovery) readStats() {
	d.stats = map[string]map[string][]float64{}
	_ = d.each("SELECT tbl, coalesce(idx, ''), stat FROM sqlite_stat1", func(s *sqlite.Stmt) {
		var numbers []float64
		for _, word := range strings.Fields(s.ColumnText(2)) {
			n, err := strconv.ParseFloat(word, 64)
			if err != nil {
				break // words such as "unordered" follow the numbers
			}
			numbers = append(numbers, n)
		}
		if len(numbers) == 0 {
			return
		}
		table := s.ColumnText(0)
		if d.stats[table] == nil {
			d.stats[table] = map[string][]float64{}
		}
		d.stats[table][s.ColumnText(1)] = numbers
	})
}

func (d *discovery) table(l listed) (sources.Table, error) {
	t := sources.Table{Name: l.name, Kind: sources.BaseTable, RowCount: -1}
	if l.kind == "view" {
		t.Kind = sources.View
	}
	indexes, err := d.indexes(l.name)
	if err != nil {
		return t, err
	}
	written := parseDefinition(l.definition)
	t.Comment = written.comment
	key := map[int]string{} // by position in the primary key
	rowID := ""
	err = d.each("SELECT name, type, \"notnull\", coalesce(dflt_value, ''), pk, hidden FROM pragma_table_xinfo(?)", func(s *sqlite.Stmt) {
		hidden := s.ColumnInt(5)
		if hidden == 1 { // a virtual table's parameter
			return
		}
		name, declared := s.ColumnText(0), s.ColumnText(1)
		if pk := s.ColumnInt(4); pk > 0 {
			key[pk] = name
		}
		at := place{opaque: l.kind != "table", utf16: d.utf16, notNull: s.ColumnBool(2) && l.kind == "table",
			sure: l.strict && hidden == 0, collation: written.column(name).collation, check: written.column(name).check}
		typ, note := columnType(declared, at)
		t.Columns = append(t.Columns, sources.Column{Name: name, Type: typ, Default: s.ColumnText(3), Comment: join(written.column(name).comment, note)})
	}, l.name)
	if err != nil {
		return t, err
	}
	if len(t.Columns) == 0 {
		return t, errors.New("no columns")
	}
	if l.kind != "table" {
		// Preparing a statement shows whether what the view reads is there.
		stmt, _, err := d.c.PrepareTransient("SELECT * FROM " + quote(l.name))
		if err != nil {
			return t, err
		}
		return t, stmt.Finalize()
	}
	if !l.withoutRowID && len(key) == 1 && !indexes.ofPrimaryKey() {
		rowID = key[1]
	}
	for i, c := range t.Columns {
		if c.Name == rowID && strings.HasPrefix(strings.ToUpper(c.Type.Native), "INTEGER") {
			t.Columns[i].Type, _ = columnType("INTEGER", place{sure: true, notNull: true})
		}
	}
	d.keys(&t, key, indexes)
	if t.ForeignKeys, err = d.foreignKeys(l.name); err != nil {
		return t, err
	}
	return t, d.estimate(&t, l, rowID, indexes)
}

func join(comment, note string) string {
	if comment != "" && note != "" {
		return comment + " (" + note + ")"
	}
	return comment + note
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// index is an index as SQLite lists it.
type index struct {
	name    string
	unique  bool
	partial bool
	origin  string // c, u or pk
	columns []string
	plain   bool // no expressions among the columns
}

type indexes []index

func (x indexes) ofPrimaryKey() bool {
	for _, i := range x {
		if i.origin == "pk" {
			return true
		}
	}
	return false
}

func (d *discovery) indexes(table string) (indexes, error) {
	var out indexes
	err := d.each("SELECT name, \"unique\", origin, partial FROM pragma_index_list(?) ORDER BY seq", func(s *sqlite.Stmt) {
		out = append(out, index{name: s.ColumnText(0), unique: s.ColumnBool(1), origin: s.ColumnText(2), partial: s.ColumnBool(3), plain: true})
	}, table)
	if err != nil {
		return nil, err
	}
	for i := range out {
		x := &out[i]
		err := d.each("SELECT cid, name FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno", func(s *sqlite.Stmt) {
			if s.ColumnInt(0) < 0 {
				x.plain = false
				return
			}
			x.columns = append(x.columns, s.ColumnText(1))
		}, x.name)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// keys sets the keys and indexes. A key counts if its columns are NOT NULL, which a PRIMARY KEY of SQLite does not imply, and if values that
// are stored differently are different: one decimal or date has several stored forms.
func (d *discovery) keys(t *sources.Table, pk map[int]string, all indexes) {
	columns := map[string]rel.Type{}
	for _, c := range t.Columns {
		columns[c.Name] = c.Type
	}
	counts := func(names []string) bool {
		for _, n := range names {
			typ, ok := columns[n]
			switch {
			case !ok || !typ.NotNull:
				return false
			case typ.Class() == rel.ClassInt, strings.HasSuffix(typ.Native, dialect.SQLiteSure):
			case typ.Class() == rel.ClassText && affinity(typ.Native) == "TEXT":
			default:
				return false
			}
		}
		return len(names) > 0
	}
	var primary []string
	for i := 1; i <= len(pk); i++ {
		primary = append(primary, pk[i])
	}
	if counts(primary) {
		t.PrimaryKey = primary
	}
	if len(primary) > 0 && !all.ofPrimaryKey() {
		t.Indexes = append(t.Indexes, sources.Index{Name: "PRIMARY", Columns: primary, Unique: true})
	}
	for _, x := range all {
		if x.unique && !x.partial && x.plain && x.origin != "pk" && counts(x.columns) {
			t.Uniques = append(t.Uniques, x.columns)
		}
		if !x.partial && len(x.columns) > 0 && x.plain {
			t.Indexes = append(t.Indexes, sources.Index{Name: x.name, Columns: x.columns, Unique: x.unique})
		}
	}
}

func (d *discovery) foreignKeys(table string) ([]sources.ForeignKey, error) {
	var out []sources.ForeignKey
	last := int64(-1)
	err := d.each("SELECT id, \"table\", \"from\", coalesce(\"to\", '') FROM pragma_foreign_key_list(?) ORDER BY id, seq", func(s *sqlite.Stmt) {
		if id := s.ColumnInt64(0); id != last || len(out) == 0 {
			last = id
			out = append(out, sources.ForeignKey{Name: table + "_fk" + strconv.FormatInt(id, 10), RefTable: s.ColumnText(1)})
		}
		fk := &out[len(out)-1]
		fk.Columns = append(fk.Columns, s.ColumnText(2))
		if to := s.ColumnText(3); to != "" {
			fk.RefColumns = append(fk.RefColumns, to)
		}
	}, table)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if fk := &out[i]; len(fk.RefColumns) == 0 { // REFERENCES t alone means its primary key
			err := d.each("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", func(s *sqlite.Stmt) {
				fk.RefColumns = append(fk.RefColumns, s.ColumnText(0))
			}, fk.RefTable)
			if err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// estimate sets the counts of rows and of distinct values: from ANALYZE, else from the span of row ids or by counting up to a limit.
func (d *discovery) estimate(t *sources.Table, l listed, rowID string, all indexes) error {
	stats := d.stats[t.Name]
	for _, numbers := range stats {
		t.RowCount = max(t.RowCount, numbers[0])
	}
	if t.RowCount < 0 {
		query := "SELECT count(*) FROM (SELECT 1 FROM " + quote(t.Name) + " LIMIT " + strconv.Itoa(countLimit) + ")"
		if !l.withoutRowID {
			query = "SELECT coalesce(max(_rowid_) - min(_rowid_) + 1, 0) FROM " + quote(t.Name)
			for _, c := range t.Columns {
				if strings.EqualFold(c.Name, "_rowid_") { // the name is taken by a column
					query = "SELECT -1"
				}
			}
		}
		if err := d.each(query, func(s *sqlite.Stmt) { t.RowCount = s.ColumnFloat(0) }); err != nil {
			return err
		}
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Name == rowID {
			c.Distinct = max(t.RowCount, 0)
		}
		for _, x := range all {
			if numbers := stats[x.name]; len(numbers) > 1 && len(x.columns) > 0 && x.columns[0] == c.Name && !x.partial {
				c.Distinct = max(c.Distinct, numbers[0]/max(1, numbers[1]))
			}
		}
	}
	return nil
}
