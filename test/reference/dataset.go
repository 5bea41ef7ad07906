package reference

import "fmt"

// Kind is the kind of a column, named as in MySQL.
type Kind string

// The kinds of columns in the data set.
const (
	TinyInt   Kind = "tinyint"
	SmallInt  Kind = "smallint"
	MediumInt Kind = "mediumint"
	Int       Kind = "int"
	BigInt    Kind = "bigint"
	Decimal   Kind = "decimal"
	Double    Kind = "double"
	VarChar   Kind = "varchar"
	Text      Kind = "text"
	Date      Kind = "date"
	DateTime  Kind = "datetime"
	Time      Kind = "time"
)

// Column is a column of a table of the data set.
type Column struct {
	Name             string
	Kind             Kind
	Unsigned         bool
	Length           int // of varchar, in characters
	Precision, Scale int // of decimal; Scale is the fractional digits of datetime and time
	NotNull          bool
	// Collation is a trap for the source: what it compares the column by ("ci" or "pad"). The reference never has it.
	Collation string
	// Declared is the type on the reference of a column that is an expression's value, in its own spelling; empty for a column of a table.
	Declared string
	// Max bounds the absolute value of numbers, so that a generator can keep away from overflows.
	Max float64
}

// Table is a table with its rows. Values are nil, int64, uint64, float64 or string.
type Table struct {
	Database string
	Name     string
	Columns  []Column
	Key      []string
	Foreign  []ForeignKey
	Rows     [][]any
}

// ForeignKey is a reference to a table of the same database.
type ForeignKey struct{ Column, Table, RefColumn string }

// Set is the whole data set.
type Set struct{ Tables []*Table }

// The databases of the data set, which are the names of Weir's sources.
const (
	Postgres = "pg"
	MariaDB  = "my"
	SQLite   = "lite"
)

// Databases are the names of all databases.
var Databases = []string{Postgres, MariaDB, SQLite}

// Of returns the tables of a database.
func (s *Set) Of(database string) []*Table {
	var out []*Table
	for _, t := range s.Tables {
		if t.Database == database {
			out = append(out, t)
		}
	}
	return out
}

func key(name string, k Kind, max float64) Column {
	return Column{Name: name, Kind: k, NotNull: true, Max: max}
}
func integer(name string, k Kind, max float64) Column { return Column{Name: name, Kind: k, Max: max} }
func unsigned(name string, k Kind, max float64) Column {
	return Column{Name: name, Kind: k, Unsigned: true, Max: max}
}
func dec(name string, p, s int, max float64) Column {
	return Column{Name: name, Kind: Decimal, Precision: p, Scale: s, Max: max}
}
func double(name string) Column            { return Column{Name: name, Kind: Double, Max: 1e6} }
func varchar(name string, n int) Column    { return Column{Name: name, Kind: VarChar, Length: n} }
func text(name string) Column              { return Column{Name: name, Kind: Text} }
func date(name string) Column              { return Column{Name: name, Kind: Date} }
func datetime(name string, fsp int) Column { return Column{Name: name, Kind: DateTime, Scale: fsp} }
func clock(name string, fsp int) Column    { return Column{Name: name, Kind: Time, Scale: fsp} }

func (c Column) required() Column { c.NotNull = true; return c }

func (c Column) collate(name string) Column { c.Collation = name; return c }

// Dataset makes the data set of a seed.
func Dataset(seed uint64) *Set {
	r := newRandom(seed)
	s := &Set{}
	add := func(database, name string, rows int, pk []string, cols []Column, foreign ...ForeignKey) *Table {
		t := &Table{Database: database, Name: name, Columns: cols, Key: pk, Foreign: foreign}
		for i := range rows {
			row := make([]any, len(cols))
			for j, c := range cols {
				row[j] = r.value(c, i)
			}
			t.Rows = append(t.Rows, row)
		}
		s.Tables = append(s.Tables, t)
		return t
	}

	customers := add(Postgres, "customers", 90, []string{"id"}, []Column{
		key("id", Int, 1e5), varchar("name", 40).required(), text("email").collate("ci"), integer("tier", SmallInt, 9), dec("credit", 12, 2, 1e7),
		double("score"), date("born"), datetime("created", 6), clock("wakes", 0), integer("parent_id", Int, 1e5), varchar("region", 8),
	})
	orders := add(Postgres, "orders", 400, []string{"id"}, []Column{
		key("id", BigInt, 1e12), integer("customer_id", Int, 1e5), integer("product_id", Int, 1e3), varchar("status", 10).required(),
		dec("total", 15, 4, 1e8), dec("discount", 5, 2, 100), datetime("placed", 0), date("shipped"), text("note"),
	}, ForeignKey{"customer_id", "customers", "id"})
	regions := add(Postgres, "regions", 12, []string{"code"}, []Column{
		varchar("code", 8).required(), varchar("title", 30), integer("head_id", Int, 1e5), dec("quota", 20, 8, 1e9),
	})
	add(Postgres, "nothing", 0, []string{"id"}, []Column{key("id", Int, 1e5), varchar("name", 20), dec("amount", 8, 3, 1e5), date("at")})

	accounts := add(MariaDB, "accounts", 70, []string{"id"}, []Column{
		{Name: "id", Kind: Int, Unsigned: true, NotNull: true, Max: 1e5}, varchar("name", 40).required().collate("ci"), unsigned("code", TinyInt, 255),
		integer("level", TinyInt, 127), dec("balance", 18, 6, 1e9), double("rate"), date("opened"), datetime("seen", 6),
		unsigned("big", BigInt, 1e15), integer("mid", MediumInt, 8e6), varchar("region", 8).collate("pad"),
	})
	contacts := add(MariaDB, "contacts", 250, []string{"account_id", "seq"}, []Column{
		{Name: "account_id", Kind: Int, Unsigned: true, NotNull: true, Max: 1e5}, key("seq", SmallInt, 1e3), varchar("email", 60).collate("ci"),
		integer("customer_id", Int, 1e5), clock("calls_at", 6), text("note").collate("pad"), date("met"),
	}, ForeignKey{"account_id", "accounts", "id"})
	activities := add(MariaDB, "activities", 900, []string{"id"}, []Column{
		key("id", BigInt, 1e6), unsigned("account_id", Int, 1e5), varchar("kind", 12).required().collate("ci"), integer("minutes", SmallInt, 600),
		dec("cost", 9, 3, 1e5), datetime("at", 0), varchar("subject", 50), integer("product_id", Int, 1e3),
	})
	add(MariaDB, "nothing", 0, []string{"id"}, []Column{key("id", Int, 1e5), varchar("name", 20), dec("amount", 8, 3, 1e5), date("at")})

	// An integer of SQLite has 64 bits, whatever its type is called.
	products := add(SQLite, "products", 50, []string{"id"}, []Column{
		key("id", BigInt, 1e3), varchar("name", 40).required(), dec("price", 9, 2, 1e5), double("weight"), date("since"),
		integer("parent_id", BigInt, 1e3), text("description").collate("ci"),
	})
	warehouses := add(SQLite, "warehouses", 7, []string{"id"}, []Column{
		key("id", BigInt, 100), varchar("name", 40), varchar("region", 8), dec("capacity", 8, 0, 1e6), datetime("opened", 0),
	})
	stock := add(SQLite, "stock", 300, []string{"product_id", "warehouse_id"}, []Column{
		key("product_id", BigInt, 1e3), key("warehouse_id", BigInt, 100), integer("quantity", BigInt, 1e4), dec("reorder", 7, 1, 1e4),
		datetime("counted", 0),
	}, ForeignKey{"product_id", "products", "id"})
	spread := add(SQLite, "spread", 120, []string{"id"}, []Column{
		key("id", BigInt, 1e15), integer("n", BigInt, 1e15), varchar("tag", 12), date("day"),
	})

	r.keys(customers, "id", func(i int) any { return int64(i*7 + 3) })
	r.keys(orders, "id", func(i int) any { return int64(i)*1_000_003 + 17 })
	r.keys(regions, "code", func(i int) any { return regionNames[i] })
	r.keys(accounts, "id", func(i int) any { return int64(i + 1) })
	r.keys(activities, "id", func(i int) any { return int64(i + 1) })
	r.keys(products, "id", func(i int) any { return int64(i + 1) })
	r.keys(warehouses, "id", func(i int) any { return int64(i + 1) })
	r.keys(spread, "id", func(i int) any { return int64(i*i) * 66_000_000_001 % 1_000_000_000_000_000 })
	r.keys(contacts, "account_id", func(i int) any { return int64(i%60 + 1) })
	r.keys(contacts, "seq", func(i int) any { return int64(i / 60) })
	r.keys(stock, "product_id", func(i int) any { return int64(i%45 + 1) })
	r.keys(stock, "warehouse_id", func(i int) any { return int64(i/45 + 1) })

	r.refer(orders, "customer_id", customers, "id", 0.1)
	r.refer(orders, "product_id", products, "id", 0.1)
	r.refer(customers, "parent_id", customers, "id", 0.3)
	r.refer(regions, "head_id", customers, "id", 0.2)
	r.refer(contacts, "customer_id", customers, "id", 0.2)
	r.refer(activities, "account_id", accounts, "id", 0.05)
	r.refer(activities, "product_id", products, "id", 0.3)
	r.refer(products, "parent_id", products, "id", 0.3)
	acyclic(customers, "parent_id", "id")
	acyclic(products, "parent_id", "id")
	return s
}

// column is the position of a column.
func (t *Table) column(name string) int {
	for i, c := range t.Columns {
		if c.Name == name {
			return i
		}
	}
	panic(fmt.Sprintf("%s.%s has no column %s", t.Database, t.Name, name))
}

// acyclic drops references that don't point to a smaller key, so that a hierarchy ends.
func acyclic(t *Table, ref, key string) {
	i, k := t.column(ref), t.column(key)
	for _, row := range t.Rows {
		if row[i] != nil && row[i].(int64) >= row[k].(int64) {
			row[i] = nil
		}
	}
}
