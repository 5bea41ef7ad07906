package reference

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// system says how one system spells types and literals.
type system struct {
	columnType func(c Column) string
	check      func(t *Table, c Column) string // a constraint, or nothing
	backslash  bool                            // a backslash escapes inside a literal
	quote      string
}

var (
	onPostgres  = system{columnType: postgresType, quote: `"`}
	onMariaDB   = system{columnType: mariadbType, backslash: true, quote: "`"}
	onReference = system{columnType: referenceType, backslash: true, quote: "`"}
	onSQLite    = system{columnType: sqliteType, check: sqliteCheck, quote: `"`}
)

func postgresType(c Column) string {
	switch c.Kind {
	case Int:
		return "integer"
	case Double:
		return "double precision"
	case Decimal:
		return fmt.Sprintf("numeric(%d,%d)", c.Precision, c.Scale)
	case VarChar:
		return fmt.Sprintf("varchar(%d)", c.Length) + postgresCollation(c)
	case Text:
		return "text" + postgresCollation(c)
	case DateTime:
		return fmt.Sprintf("timestamp(%d)", c.Scale)
	case Time:
		return fmt.Sprintf("time(%d)", c.Scale)
	}
	return string(c.Kind)
}

func postgresCollation(c Column) string {
	if c.Collation == "ci" {
		return ` COLLATE "case_insensitive"`
	}
	return ""
}

func referenceType(c Column) string {
	if c.Declared != "" {
		return c.Declared
	}
	c.Collation = ""
	return mariadbType(c)
}

// sizedType is a type's name with its size, as MariaDB and SQLite both write it.
func sizedType(c Column) string {
	switch c.Kind {
	case Decimal:
		return fmt.Sprintf("%s(%d,%d)", c.Kind, c.Precision, c.Scale)
	case VarChar:
		return fmt.Sprintf("%s(%d)", c.Kind, c.Length)
	case DateTime, Time:
		return fmt.Sprintf("%s(%d)", c.Kind, c.Scale)
	}
	return string(c.Kind)
}

func mariadbType(c Column) string {
	s := sizedType(c)
	if c.Unsigned {
		s += " unsigned"
	}
	switch c.Collation {
	case "ci":
		s += " COLLATE utf8mb4_general_ci"
	case "pad":
		s += " COLLATE utf8mb4_bin"
	}
	return s
}

func sqliteType(c Column) string {
	s := sizedType(c)
	if c.Collation == "ci" {
		s += " COLLATE NOCASE"
	}
	return s
}

// sqliteCheck promises what SQLite itself doesn't hold columns to, for some tables: then more may be pushed down to them.
func sqliteCheck(t *Table, c Column) string {
	if t.Name != "products" && t.Name != "stock" {
		return ""
	}
	switch {
	case c.Kind == BigInt && c.NotNull:
		return " CHECK (typeof(" + c.Name + ") = 'integer')"
	case c.Kind == VarChar && c.NotNull:
		return " CHECK (typeof(" + c.Name + ") = 'text')"
	case c.Kind == Date:
		return " CHECK (" + c.Name + " IS date(" + c.Name + "))"
	case c.Kind == DateTime && c.Scale == 0:
		return " CHECK (" + c.Name + " IS datetime(" + c.Name + "))"
	}
	return ""
}

// create is the CREATE TABLE statement of a table.
func (s system) create(t *Table) string {
	name := func(n string) string { return s.quote + n + s.quote }
	var defs []string
	for _, c := range t.Columns {
		d := name(c.Name) + " " + s.columnType(c)
		if c.NotNull {
			d += " NOT NULL"
		}
		if s.check != nil {
			d += s.check(t, c)
		}
		defs = append(defs, d)
	}
	var pk []string
	for _, k := range t.Key {
		pk = append(pk, name(k))
	}
	if len(pk) > 0 {
		defs = append(defs, "PRIMARY KEY ("+strings.Join(pk, ", ")+")")
	}
	for _, f := range t.Foreign {
		defs = append(defs, fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (%s)", name(f.Column), name(f.Table), name(f.RefColumn)))
	}
	return fmt.Sprintf("CREATE TABLE %s (%s)", name(t.Name), strings.Join(defs, ", "))
}

// inserts are the INSERT statements of a table, 200 rows each.
func (s system) inserts(t *Table) []string {
	var out []string
	for rows := t.Rows; len(rows) > 0; rows = rows[min(200, len(rows)):] {
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s%s%s VALUES ", s.quote, t.Name, s.quote)
		for i, row := range rows[:min(200, len(rows))] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteByte('(')
			for j, v := range row {
				if j > 0 {
					b.WriteByte(',')
				}
				b.WriteString(s.literal(v))
			}
			b.WriteByte(')')
		}
		out = append(out, b.String())
	}
	return out
}

func (s system) literal(v any) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		v = strings.ReplaceAll(v, "'", "''")
		if s.backslash {
			v = strings.ReplaceAll(v, `\`, `\\`)
		}
		return "'" + v + "'"
	case float64:
		return strconv.FormatFloat(v, 'e', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// LoadPostgres loads the tables of the database "pg" into the empty database at a postgres:// URL.
func LoadPostgres(ctx context.Context, url string, set *Set) error {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	exec := func(q string) error { _, err := c.Exec(ctx, q); return err }
	// A collation that holds 'a' and 'A' to be equal is what makes careless pushdown wrong.
	if err := exec(`CREATE COLLATION "case_insensitive" (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`); err != nil {
		return err
	}
	if err := load(onPostgres, set.Of(Postgres), exec); err != nil {
		return err
	}
	return exec("ANALYZE")
}

// LoadMariaDB loads the tables of the database "my" into the empty database at a go-sql-driver address.
func LoadMariaDB(ctx context.Context, dsn string, set *Set) error {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return load(onMariaDB, set.Of(MariaDB), func(q string) error { _, err := db.ExecContext(ctx, q); return err })
}

// LoadSQLite loads the tables of the database "lite" into a new SQLite file.
func LoadSQLite(path string, set *Set) error {
	c, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return err
	}
	err = load(onSQLite, set.Of(SQLite), func(q string) error { return sqlitex.ExecuteScript(c, q+";", nil) })
	return firstError(err, c.Close())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func load(s system, tables []*Table, exec func(string) error) error {
	for _, t := range tables {
		for _, q := range append([]string{s.create(t)}, s.inserts(t)...) {
			if err := exec(q); err != nil {
				return fmt.Errorf("loading %s.%s: %w", t.Database, t.Name, err)
			}
		}
	}
	return nil
}
