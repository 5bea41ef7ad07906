package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/test/realservers"
)

// systems are three real databases with a few tables.
type systems struct{ postgres, mysql, sqlite string }

func newSystems(t *testing.T) systems {
	t.Helper()
	s := systems{postgres: realservers.Postgres(t), mysql: realservers.MariaDB(t), sqlite: filepath.Join(t.TempDir(), "inventory.db")}
	pg, err := pgx.Connect(t.Context(), s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer pg.Close(t.Context())
	if _, err := pg.Exec(t.Context(), `CREATE TABLE orders (id int PRIMARY KEY, account int NOT NULL, total numeric(10,2));
		INSERT INTO orders SELECT i, i % 10, i * 1.5 FROM generate_series(1, 100) i; ANALYZE orders`); err != nil {
		t.Fatal(err)
	}
	my, err := sql.Open("mysql", s.mysql)
	if err != nil {
		t.Fatal(err)
	}
	defer my.Close()
	for _, text := range []string{"CREATE TABLE accounts (id int PRIMARY KEY, name varchar(50) NOT NULL)",
		"INSERT INTO accounts SELECT seq, concat('account ', seq) FROM seq_0_to_9"} {
		if _, err := my.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	lite, err := sqlite.OpenConn(s.sqlite)
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	if err := sqlitex.ExecuteScript(lite, `CREATE TABLE stock (account INTEGER PRIMARY KEY, on_hand INTEGER NOT NULL);
		INSERT INTO stock VALUES (1, 10), (2, 20), (3, 30);`, nil); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s systems) config(t *testing.T) string {
	t.Helper()
	return write(t, fmt.Sprintf(`listen: 127.0.0.1:0
http: 127.0.0.1:0
memory: 512MiB
users: [{name: ana, password: "${env:ANA_PASSWORD}", roles: [admin]}]
sources:
  erp: {kind: postgres, dsn: %q}
  crm: {kind: mysql, dsn: %q}
  inventory: {kind: sqlite, path: %q}
`, s.postgres, s.mysql, s.sqlite))
}

func TestCheck(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	s := newSystems(t)
	file := s.config(t)
	expect(t, 0, []string{"1 user, 3 sources", "crm (mysql): 1 table, 2 columns", "accounts", "erp (postgres): 1 table, 3 columns, about 100 rows", "orders",
		"inventory (sqlite): 1 table, 2 columns", "stock"}, "check", "--config", file)
	if out := expect(t, 0, nil, "check", "--brief", "--config", file); strings.Contains(out, "stock ") {
		t.Errorf("--brief lists tables:\n%s", out)
	}

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	down := write(t, string(text)+"  dead: {kind: mysql, dsn: \"weir:hunter22@tcp(127.0.0.1:1)/x\"}\n")
	out := expect(t, exitUnreachable, []string{"erp (postgres): 1 table", "dead (mysql): FAILED", down + ":9:3: sources.dead: ", "1 of 4 sources can't be read"},
		"check", "--config", down)
	if strings.Contains(out, "hunter22") || strings.Contains(out, "a secret of ana") {
		t.Errorf("a secret is printed:\n%s", out)
	}
}

// What init writes is a configuration that check finds right, without the passwords that were in the addresses.
func TestInit(t *testing.T) {
	s := newSystems(t)
	my, err := mysql.ParseDSN(s.mysql)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "weir.yaml")
	if code, _, errs := weir(t, "init", "--output", file, s.postgres, s.mysql, s.sqlite); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	for _, want := range []string{"# 1 table, about 100 rows: orders", "accounts", "stock", "kind: postgres", "kind: mysql", "kind: sqlite", "${env:WEIR_PASSWORD}"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	pg, err := url.Parse(s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	passwords := map[string]string{my.DBName: my.Passwd}
	passwords[strings.Trim(pg.Path, "/")], _ = pg.User.Password()
	for database, password := range passwords {
		if password == "" {
			continue
		}
		if strings.Contains(text, ":"+password+"@") {
			t.Errorf("a password is in the file:\n%s", text)
		}
		t.Setenv("WEIR_"+strings.ToUpper(database)+"_PASSWORD", password)
	}
	t.Setenv("WEIR_PASSWORD", "choose-one")
	expect(t, 0, []string{"3 sources"}, "check", "--config", file)
	expect(t, exitUsage, []string{"exists"}, "init", "--output", file, s.sqlite)
}

func TestDetect(t *testing.T) {
	dir := t.TempDir()
	notADatabase := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notADatabase, []byte("hello, this is no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dsn, kind, name, written string }{
		{"postgres://u:p%40ss@h:5432/erp?sslmode=require", "postgres", "erp", "postgres://u:" + passwordMark + "@h:5432/erp?sslmode=require"},
		{"postgresql://h/erp", "postgres", "erp", "postgresql://h/erp"},
		{"host=h user=u password='a b' dbname=erp", "postgres", "erp", "host=h user=u password=" + passwordMark + " dbname=erp"},
		{"u:p:w@d@tcp(h:3306)/crm?tls=true", "mysql", "crm", "u:" + passwordMark + "@tcp(h:3306)/crm?tls=true"},
		{"u@unix(/run/mysqld.sock)/crm", "mysql", "crm", "u@unix(/run/mysqld.sock)/crm"},
		{"mysql://u:secret@h/crm", "mysql", "crm", "u:" + passwordMark + "@tcp(h:3306)/crm"},
		{"./some.db", "sqlite", "some", "./some.db"},
	} {
		f, err := detect(c.dsn)
		if err != nil {
			t.Errorf("%s: %v", c.dsn, err)
			continue
		}
		if f.kind != c.kind || f.name != c.name || f.written != c.written || (f.variable != "") != strings.Contains(c.written, passwordMark) {
			t.Errorf("%s: %+v", c.dsn, f)
		}
	}
	for _, dsn := range []string{notADatabase, dir, "u:hunter22@oracle(h)/x", "mongodb://u:hunter22@h/x", "u:p@tcp(h:3306)/", ""} {
		if f, err := detect(dsn); err == nil || strings.Contains(err.Error(), "hunter22") {
			t.Errorf("%q: %+v, %v", dsn, f, err)
		}
	}
}
