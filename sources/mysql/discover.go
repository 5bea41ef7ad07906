package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/sources"
)

// Tables implements sources.Source. It reads information_schema.
func (s *Source) Tables(ctx context.Context) ([]sources.Table, error) {
	if _, err := s.Dialect(ctx); err != nil { // also finds out the flavor
		return nil, err
	}
	tables, err := s.discover(ctx, "")
	if err == nil {
		tables, err = s.settle(ctx, tables)
	}
	return tables, s.fail(ctx, "reading the list of tables", err)
}

// maxDoubtful bounds the tables that are asked for one by one.
const maxDoubtful = 100

// settle asks once more for each table that was there the last time and isn't now, or that can't be read. A list of all is not made under
// locks: a table that is being altered can be missing from it for a moment. Asked for by its name, it is waited for.
func (s *Source) settle(ctx context.Context, tables []sources.Table) ([]sources.Table, error) {
	place := map[string]int{}
	var doubtful []string
	for i, t := range tables {
		if place[t.Name] = i; t.Broken != "" {
			doubtful = append(doubtful, t.Name)
		}
	}
	s.mu.Lock()
	for name := range s.listed {
		if _, there := place[name]; !there {
			doubtful = append(doubtful, name)
		}
	}
	s.mu.Unlock()
	for _, name := range doubtful[:min(len(doubtful), maxDoubtful)] {
		found, err := s.discover(ctx, name)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			if t.Name != name {
				continue
			}
			if i, there := place[name]; there {
				tables[i] = t
			} else {
				tables = append(tables, t)
			}
		}
	}
	listed := make(map[string]bool, len(tables))
	for _, t := range tables {
		listed[t.Name] = true
	}
	s.mu.Lock()
	s.listed = listed
	s.mu.Unlock()
	return tables, nil
}

// discovery collects the tables of the schema. They have no Schema of their own: it is each session's default.
type discovery struct {
	ctx    context.Context
	tx     *sql.Conn
	schema string
	table  string // empty: all
	tables []*sources.Table
	byName map[string]*sources.Table
}

// discover reads all tables of the schema, or only what may be the table of a name.
func (s *Source) discover(ctx context.Context, table string) ([]sources.Table, error) {
	c, err := s.control.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	mariadb := s.server.Load().flavor == dialect.MariaDB
	// The names in a check are quoted as the sql_mode says.
	for _, setting := range []string{"SET SESSION sql_mode = ''", "SET SESSION TRANSACTION READ ONLY"} {
		if _, err := c.ExecContext(ctx, setting); err != nil {
			return nil, err
		}
	}
	if !mariadb { // else MySQL answers with row counts that are up to a day old
		if _, err := c.ExecContext(ctx, "SET SESSION information_schema_stats_expiry = 0"); err != nil {
			return nil, err
		}
	}
	d := &discovery{ctx: ctx, tx: c, schema: s.set.schema, table: table, byName: map[string]*sources.Table{}}
	json, err := d.jsonColumns(mariadb)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{d.readTables, func() error { return d.readColumns(json) }, func() error { return d.readIndexes(mariadb) }, d.readForeignKeys} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	out := make([]sources.Table, len(d.tables))
	for i, t := range d.tables {
		if len(t.Columns) == 0 && t.Broken == "" {
			t.Broken = "the account may not read its columns"
		}
		if t.Broken == "" {
			t.Version = versionOf(t)
		}
		out[i] = *t
	}
	return out, nil
}

// query runs a statement with the schema as its only argument, restricted to the table if it is about one, and calls f for each row, whose values scan into dest.
func (d *discovery) query(statement string, f func() error, dest ...any) error {
	args := []any{d.schema}
	if d.table != "" {
		statement = strings.Replace(statement, "_SCHEMA = ?", "_SCHEMA = ? AND TABLE_NAME = ?", 1)
		args = append(args, d.table)
	}
	rows, err := d.tx.QueryContext(d.ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("reading information_schema: %w", err)
		}
		if err := f(); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (d *discovery) readTables() error {
	var name, kind string
	var engine, comment sql.NullString
	var count sql.NullFloat64
	return d.query("SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME", func() error {
		t := &sources.Table{Name: name, Kind: sources.BaseTable, Comment: comment.String, RowCount: -1}
		switch kind {
		case "SEQUENCE": // an object of MariaDB that is no table of rows
			return nil
		case "VIEW", "SYSTEM VIEW":
			t.Kind = sources.View
			if comment.String == "VIEW" {
				t.Comment = ""
			} else if strings.Contains(comment.String, "references invalid") {
				t.Comment, t.Broken = "", "the view refers to tables, columns or rights that are missing"
			}
		default:
			if count.Valid {
				t.RowCount = count.Float64
			}
			if !engine.Valid {
				t.Broken = "the server can't open the table"
			}
		}
		d.tables = append(d.tables, t)
		d.byName[name] = t
		return nil
	}, &name, &kind, &engine, &count, &comment)
}

// jsonColumns finds MariaDB's JSON columns: LONGTEXT with a check that it holds a document.
func (d *discovery) jsonColumns(mariadb bool) (map[string]bool, error) {
	found := map[string]bool{}
	if !mariadb {
		return found, nil
	}
	var table, clause string
	err := d.query("SELECT TABLE_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND LEFT(CHECK_CLAUSE, 11) = 'json_valid('", func() error {
		if column, ok := strings.CutPrefix(clause, "json_valid(`"); ok {
			if column, ok = strings.CutSuffix(column, "`)"); ok {
				found[table+"\x00"+strings.ReplaceAll(column, "``", "`")] = true
			}
		}
		return nil
	}, &table, &clause)
	return found, err
}

func (d *discovery) readColumns(json map[string]bool) error {
	var table, name, nullable, dataType, native, extra string
	var collation, value, comment sql.NullString
	return d.query(`SELECT TABLE_NAME, COLUMN_NAME, IS_NULLABLE, DATA_TYPE, COLUMN_TYPE, COLLATION_NAME, COLUMN_DEFAULT, COLUMN_COMMENT, EXTRA
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`, func() error {
		t := d.byName[table]
		if t == nil {
			return nil
		}
		typ, note := columnType(dataType, native, collation.String, nullable == "NO", json[table+"\x00"+name])
		c := sources.Column{Name: name, Type: typ, Comment: comment.String, Default: value.String}
		if strings.Contains(strings.ToUpper(extra), "INVISIBLE") {
			note = strings.TrimPrefix(note+"; invisible there", "; ")
		}
		if note != "" {
			c.Comment = strings.TrimSpace(c.Comment + " (" + note + ")")
		}
		t.Columns = append(t.Columns, c)
		return nil
	}, &table, &name, &nullable, &dataType, &native, &collation, &value, &comment, &extra)
}

// readIndexes takes over what can serve a predicate: indexes on whole columns, in the order of their columns. Of an index on prefixes or
// expressions the columns before the first such part count.
func (d *discovery) readIndexes(mariadb bool) error {
	usable := "IS_VISIBLE = 'YES'"
	if mariadb {
		usable = "IGNORED = 'NO'"
	}
	type key struct{ table, index string }
	type index struct {
		sources.Index
		whole, notNull, usable bool
		dates                  bool // different dates that are none are all NULL in Weir, so such a key is none there
	}
	var order []key
	found := map[key]*index{}
	var table, name, kind string
	var position int
	var column, nullable sql.NullString
	var part, cardinality sql.NullInt64
	var unique, serves bool
	err := d.query("SELECT TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, SUB_PART, CARDINALITY, NULLABLE, INDEX_TYPE, NON_UNIQUE = 0, "+usable+
		" FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX", func() error {
		t := d.byName[table]
		if t == nil || kind == "FULLTEXT" || kind == "SPATIAL" {
			return nil
		}
		k := key{table, name}
		x := found[k]
		if x == nil {
			x = &index{Index: sources.Index{Name: name, Unique: unique}, whole: true, notNull: true, usable: serves}
			found[k] = x
			order = append(order, k)
		}
		x.notNull = x.notNull && nullable.String != "YES"
		if i := slices.IndexFunc(t.Columns, func(c sources.Column) bool { return c.Name == column.String }); i >= 0 {
			c := &t.Columns[i]
			if class := c.Type.Class(); class == rel.ClassDate || class == rel.ClassDateTime {
				x.dates = true
			}
			if position == 1 && cardinality.Valid && !part.Valid {
				c.Distinct = max(c.Distinct, float64(cardinality.Int64))
			}
		}
		if !column.Valid || part.Valid {
			x.whole = false
		}
		if !x.whole {
			return nil
		}
		x.Columns = append(x.Columns, column.String)
		return nil
	}, &table, &name, &position, &column, &part, &cardinality, &nullable, &kind, &unique, &serves)
	if err != nil {
		return err
	}
	for _, k := range order {
		t, x := d.byName[k.table], found[k]
		if len(x.Columns) == 0 {
			continue
		}
		unique := x.Unique && x.whole && !x.dates
		switch {
		case k.index == "PRIMARY" && unique:
			t.PrimaryKey = x.Columns
		case unique && x.notNull:
			t.Uniques = append(t.Uniques, x.Columns)
		}
		if !x.usable { // still a constraint
			continue
		}
		t.Indexes = append(t.Indexes, sources.Index{Name: x.Name, Columns: x.Columns, Unique: unique})
	}
	return nil
}

func (d *discovery) readForeignKeys() error {
	var table, name, column, refSchema, refTable, refColumn string
	return d.query(`SELECT TABLE_NAME, CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME
		FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL
		ORDER BY TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION`, func() error {
		t := d.byName[table]
		if t == nil {
			return nil
		}
		if refSchema == d.schema {
			refSchema = ""
		}
		last := len(t.ForeignKeys) - 1
		if last < 0 || t.ForeignKeys[last].Name != name {
			t.ForeignKeys = append(t.ForeignKeys, sources.ForeignKey{Name: name, RefSchema: refSchema, RefTable: refTable})
			last++
		}
		k := &t.ForeignKeys[last]
		k.Columns, k.RefColumns = append(k.Columns, column), append(k.RefColumns, refColumn)
		return nil
	}, &table, &name, &column, &refSchema, &refTable, &refColumn)
}
