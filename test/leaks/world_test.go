package leaks

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/test/realservers"
)

// databases are the sources, by kind; shut is one more SQLite file, in which columns are hidden unless they are tagged.
var databases = []string{"pg", "my", "lite"}

// world is one set of sources. Worlds of other names hold other secrets.
type world struct {
	name     string
	dsn      map[string]string
	canaries []string
}

// A secret is a value that attackers may not see, as they would write it in SQL, and the column that holds it.
type secret struct {
	database, column string
	kind             string // text, num or date
	literal, wrong   string // wrong is one beside it that nothing holds
	hiddenRow        bool
}

// The columns of people that rules protect. Keyed masks tell equal values from others on purpose, so the worlds hold the same values there.
var protected = []struct {
	name, kind string
	keyed      bool
}{
	{"name", "text", false}, {"ssn", "text", false}, {"note", "text", false}, {"nick", "text", false},
	{"salary", "num", false}, {"pin", "num", false}, {"score", "num", false}, {"rate", "num", false}, {"born", "date", false},
	{"email", "text", true}, {"code", "text", true}, {"mail2", "text", true}, {"phone", "text", true}, {"card", "text", true}, {"iban", "text", true},
}

// plain are the columns that are shown as they are, in the rows that are shown.
var plain = []struct{ name, kind string }{{"label", "text"}, {"level", "num"}, {"day", "date"}}

const visibleRows = 8

func hash(parts ...any) uint64 {
	h := sha256.Sum256([]byte(fmt.Sprint(parts...)))
	return binary.BigEndian.Uint64(h[:])
}

// digits are n digits made of parts.
func digits(n int, parts ...any) string { return fmt.Sprintf("%020d", hash(parts...))[20-n:] }

func word(parts ...any) string {
	h := sha256.Sum256([]byte(fmt.Sprint(parts...)))
	return "zq" + hex.EncodeToString(h[:5])
}

// value is what a column holds in a row, as an SQL literal. In the rows that everybody sees, what is left by the masks is the same in all worlds.
func (w *world) value(database, column string, row int, hidden bool) string {
	world := w.name
	for _, p := range protected {
		if p.name == column && p.keyed && !hidden {
			world = "any"
		}
	}
	of := func(n int) string { return digits(n, world, database, column, row) }
	text := word(world, database, column, row)
	canary := func(s string) string {
		w.canaries = append(w.canaries, s)
		return "'" + s + "'"
	}
	switch column {
	case "name":
		return canary("Z" + text)
	case "ssn", "note", "nick", "code":
		return canary(text)
	case "email", "mail2":
		return canary(text + "@example.com")
	case "phone":
		return canary("+49151" + of(8))
	case "card":
		return canary("4" + of(15))
	case "iban":
		return canary("DE" + of(20))
	case "salary", "pin", "score", "rate":
		n := strconv.Itoa(10+row%100) + "2" + of(5) // rounding gives the same, whatever follows
		w.canaries = append(w.canaries, n)
		switch column {
		case "score":
			return n + ".5"
		case "rate":
			return n + ".25"
		}
		return n
	case "born":
		return canary(fmt.Sprintf("%d-%02d-%02d", 1930+row%100, hash(world, database, row)%12+1, hash(database, row, world)%8+11))
	case "label":
		if hidden {
			return canary(text)
		}
		return fmt.Sprintf("'label %d'", row)
	case "level":
		if hidden {
			n := "3" + of(7)
			w.canaries = append(w.canaries, n)
			return n
		}
		return strconv.Itoa(row)
	case "day":
		if hidden {
			return canary(fmt.Sprintf("18%02d-%02d-%02d", row%50+40, hash(world, database, "d", row)%12+1, hash(database, "d", row, world)%8+11))
		}
		return fmt.Sprintf("'2020-02-%02d'", row)
	case "region":
		if hidden {
			return "'south'"
		}
		return "'north'"
	case "grp":
		return strconv.Itoa(row % 3)
	}
	panic(column)
}

// columns are those of people after its key.
var columns = []struct{ name, typ string }{
	{"name", "varchar(60)"}, {"ssn", "varchar(60) default 'zqdefault%s'"}, {"note", "varchar(80)"}, {"nick", "varchar(40)"}, {"salary", "integer"}, {"pin", "integer"},
	{"score", "double precision"}, {"rate", "decimal(14,2)"}, {"born", "date"}, {"email", "varchar(60)"}, {"code", "varchar(40)"}, {"mail2", "varchar(60)"},
	{"phone", "varchar(30)"}, {"card", "varchar(20)"}, {"iban", "varchar(34)"}, {"label", "varchar(40)"}, {"level", "integer"}, {"day", "date"}, {"region", "varchar(10)"},
	{"grp", "integer"},
}

// ids are the keys of people: of those whom everybody sees, and of the others, whose number differs between the worlds.
func (w *world) ids(database string) (shown, hidden []int) {
	for i := range visibleRows {
		shown = append(shown, i+1)
	}
	hiddenRows := 6
	switch {
	case w.name == "a":
	case database == "lite":
		hiddenRows = 0
	default:
		hiddenRows = 9
	}
	for i := range hiddenRows {
		hidden = append(hidden, 20+i)
	}
	return shown, hidden
}

// script is what makes a database. All three kinds understand it, but for the comments.
func (w *world) script(database string) []string {
	vault := "vault_" + word(w.name, database, "table")
	trove := "trove_" + word(w.name, database, "column")
	index := "ix_" + word(w.name, database, "index")
	w.canaries = append(w.canaries, vault[6:], trove[6:], index[3:], "zqdefault"+w.name)
	out := []string{fmt.Sprintf("CREATE TABLE %s (id integer PRIMARY KEY, %s varchar(40))", vault, trove)}
	ddl := "CREATE TABLE people (id integer PRIMARY KEY"
	for _, c := range columns {
		ddl += ", " + c.name + " " + strings.Replace(c.typ, "%s", w.name, 1)
	}
	out = append(out, ddl+fmt.Sprintf(", hideout integer, FOREIGN KEY (hideout) REFERENCES %s (id))", vault),
		fmt.Sprintf("CREATE UNIQUE INDEX %s ON people (ssn)", index), "CREATE INDEX ix_salary ON people (salary)", "CREATE INDEX ix_born ON people (born)",
		"CREATE INDEX ix_email ON people (email)", "CREATE INDEX ix_region ON people (region)",
		"CREATE TABLE orders (id integer PRIMARY KEY, person integer, amount integer, memo varchar(40), FOREIGN KEY (person) REFERENCES people (id))",
		"CREATE TABLE badges (id integer PRIMARY KEY, badge varchar(40), holder varchar(60), floor integer)", "CREATE INDEX ix_badge ON badges (badge)", "CREATE INDEX ix_holder ON badges (holder)",
		"CREATE TABLE guesses (id integer PRIMARY KEY, word varchar(60), n integer)", "CREATE TABLE wages (id integer PRIMARY KEY, person integer, dept varchar(30), pay integer)",
		"CREATE TABLE assigned (id integer PRIMARY KEY, owner varchar(30), person integer)",
		fmt.Sprintf("INSERT INTO %s VALUES (1, '%s')", vault, word(w.name, database, "vault")))
	w.canaries = append(w.canaries, word(w.name, database, "vault"))
	shown, hidden := w.ids(database)
	row := func(id int, isHidden bool) {
		values := []string{strconv.Itoa(id)}
		for _, c := range columns {
			values = append(values, w.value(database, c.name, id, isHidden))
		}
		out = append(out, "INSERT INTO people VALUES ("+strings.Join(append(values, "1"), ", ")+")")
		memo := word(w.name, database, "memo", id)
		w.canaries = append(w.canaries, memo)
		amount := strconv.Itoa(id * 100)
		if isHidden {
			amount = "5" + digits(7, w.name, database, "amount", id)
			w.canaries = append(w.canaries, amount)
		}
		out = append(out, fmt.Sprintf("INSERT INTO orders VALUES (%d, %d, %s, '%s')", id, id, amount, memo))
	}
	for _, id := range shown {
		row(id, false)
		out = append(out, fmt.Sprintf("INSERT INTO assigned VALUES (%d, 'sal', %[1]d)", id))
	}
	for _, id := range hidden {
		row(id, true)
	}
	for i := range 200 {
		badge := word(w.name, database, "badge", i)
		w.canaries = append(w.canaries, badge)
		holder := "Zoe " + badge // in the other world few hold all the badges, and their names are longer
		if w.name != "a" {
			holder = "Zacharias " + word(w.name, database, "holder", i%2)
		}
		w.canaries = append(w.canaries, strings.ToLower(holder))
		out = append(out, fmt.Sprintf("INSERT INTO badges VALUES (%d, '%s', '%s', %d)", i+1, badge, holder, i%5))
	}
	for i := range 40 { // what guesses are joined with: the secrets of world a, whichever world this is
		a := &world{name: "a"}
		c := protected[i%len(protected)]
		v := a.value(database, c.name, i%visibleRows+1, false)
		if c.kind == "num" {
			n, _, _ := strings.Cut(v, ".")
			out = append(out, fmt.Sprintf("INSERT INTO guesses VALUES (%d, 'none', %s)", i, n))
		} else {
			out = append(out, fmt.Sprintf("INSERT INTO guesses VALUES (%d, %s, 0)", i, v))
		}
	}
	small := 2
	switch {
	case w.name == "a":
	case database == "lite":
		small = 0
	default:
		small = 1
	}
	for i := range 5 + small { // five in one department, too few in another
		dept, pay := "big", strconv.Itoa(1000+i)
		if i >= 5 {
			dept, pay = word(w.name, database, "dept"), "7"+digits(7, w.name, database, "pay", i)
			w.canaries = append(w.canaries, dept, pay)
		}
		out = append(out, fmt.Sprintf("INSERT INTO wages VALUES (%d, %[1]d, '%s', %s)", i, dept, pay))
	}
	comment := word(w.name, database, "comment")
	w.canaries = append(w.canaries, comment)
	switch database {
	case "pg":
		out = append(out, "COMMENT ON COLUMN people.ssn IS '"+comment+"'", "COMMENT ON TABLE "+vault+" IS '"+comment+"'", "ANALYZE")
	case "my":
		out = append(out, "ALTER TABLE people MODIFY ssn varchar(60) default 'zqdefault"+w.name+"' COMMENT '"+comment+"'", "ALTER TABLE "+vault+" COMMENT '"+comment+"'",
			"ANALYZE TABLE people, orders, badges, wages, guesses")
	case "lite":
		out = append(out, "ANALYZE")
	}
	return out
}

// newWorld makes the databases of a world.
func newWorld(t testing.TB, name string) *world {
	t.Helper()
	ctx := context.Background()
	w := &world{name: name, dsn: map[string]string{"pg": realservers.Postgres(t), "my": realservers.MariaDB(t)}}
	for _, file := range []string{"lite", "shut"} {
		w.dsn[file] = filepath.Join(t.TempDir(), file+".db")
	}
	c, err := pgx.Connect(ctx, w.dsn["pg"])
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	for _, q := range w.script("pg") {
		if _, err := c.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	db, err := sql.Open("mysql", w.dsn["my"])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range w.script("my") {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	shut := word(name, "shut")
	w.canaries = append(w.canaries, shut)
	for file, script := range map[string][]string{"lite": w.script("lite"), "shut": {"CREATE TABLE staff (id integer PRIMARY KEY, title varchar(20), extra varchar(40))",
		"CREATE TABLE lost_" + shut + " (a integer)", "INSERT INTO staff VALUES (1, 'boss', '" + shut + "')"}} {
		l, err := sqlite.OpenConn(w.dsn[file])
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := sqlitex.ExecuteScript(l, strings.Join(script, ";\n"), nil); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// secrets are what attackers guess: one value of each protected column, and one of each column in a row that is filtered away.
func (w *world) secrets(database string) []secret {
	var out []secret
	add := func(column, kind string, row int, hidden bool) {
		s := secret{database: database, column: column, kind: kind, hiddenRow: hidden, literal: w.value(database, column, row, hidden)}
		switch kind {
		case "text":
			last := s.literal[len(s.literal)-2]
			other := byte('7')
			if last == other {
				other = '3'
			}
			s.wrong = s.literal[:len(s.literal)-2] + string(other) + "'"
		case "num":
			at := strings.IndexByte(s.literal+".", '.') - 1
			d := s.literal[at]
			other := byte('5')
			if d == other {
				other = '6'
			}
			s.wrong = s.literal[:at] + string(other) + s.literal[at+1:]
		case "date":
			s.wrong = s.literal[:len(s.literal)-2] + "9'"
			if s.wrong == s.literal {
				s.wrong = s.literal[:len(s.literal)-2] + "8'"
			}
		}
		out = append(out, s)
	}
	shown, hidden := w.ids(database)
	for i, p := range protected {
		add(p.name, p.kind, shown[i%len(shown)], false)
	}
	for i, p := range plain {
		add(p.name, p.kind, hidden[i%len(hidden)], true)
	}
	return out
}
