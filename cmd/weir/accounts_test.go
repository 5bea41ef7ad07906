package main

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"weir/test/realservers"
)

// exec runs statements, all of which succeed.
func execAll(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// fails runs a statement that is refused with a code.
func fails(t *testing.T, db *sql.DB, code uint16, query string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err == nil {
		for rows.Next() {
		}
		err = rows.Err()
		rows.Close()
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != code {
		t.Errorf("%s: %v, want error %d", query, err, code)
	}
}

func gives(t *testing.T, db *sql.DB, query, want string) {
	t.Helper()
	if got := strings.Join(lines(t, db, query), ";"); got != want {
		t.Errorf("%s: %s, want %s", query, got, want)
	}
}

// single is a pool of one connection, so that a session's roles are those of all its statements.
func single(t *testing.T, address, user, password string) *sql.DB {
	t.Helper()
	db := connect(t, address, user, password)
	db.SetMaxOpenConns(1)
	return db
}

// Accounts made by SQL see what has been granted to them, of real sources, and are the same after a restart.
func TestAccountsAreKept(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	file := newSystems(t).config(t)
	address, log, stop := serveFile(t, file)
	ana := single(t, address, "ana", "a secret of ana")
	execAll(t, ana, "CREATE USER zoe IDENTIFIED BY 'pw-of-zoe' ATTRIBUTE '{\"region\": \"north\"}'", "CREATE ROLE seller, stockist", "GRANT SELECT ON inventory.* TO stockist",
		"GRANT SELECT (id, account) ON erp.orders TO seller", "GRANT seller, stockist TO zoe", "SET DEFAULT ROLE seller TO zoe", "CREATE USER yan IDENTIFIED BY 'pw-of-yan'")
	gives(t, ana, "SELECT name, kind, made_by, attributes FROM weir.accounts ORDER BY kind DESC, name", `ana|user|weir.yaml|NULL;yan|user|SQL|NULL;zoe|user|SQL|{"region":"north"};`+
		"admin|role|weir.yaml|NULL;seller|role|SQL|NULL;stockist|role|SQL|NULL")
	gives(t, ana, "SELECT role_name, is_default FROM weir.grants WHERE grantee = 'zoe' ORDER BY 1", "seller|1;stockist|0")
	gives(t, ana, "SELECT g.grantee, g.privilege, g.database_name, g.table_name, g.column_name FROM weir.grants g JOIN weir.accounts a ON a.name = g.grantee WHERE a.kind = 'role' ORDER BY 1, 5",
		"seller|SELECT|erp|orders|account;seller|SELECT|erp|orders|id;stockist|SELECT|inventory|NULL|NULL")
	check := func(address string) {
		t.Helper()
		zoe := single(t, address, "zoe", "pw-of-zoe")
		gives(t, zoe, "SELECT current_user(), current_role()", "zoe@%|`seller`@`%`")
		gives(t, zoe, "SELECT count(*), max(id) FROM erp.orders", "100|100")
		gives(t, zoe, "SELECT * FROM erp.orders WHERE id = 7", "7|7")
		fails(t, zoe, 1054, "SELECT total FROM erp.orders")
		fails(t, zoe, 1054, "SELECT id FROM erp.orders ORDER BY total")
		fails(t, zoe, 1142, "SELECT * FROM crm.accounts")
		fails(t, zoe, 1142, "SELECT * FROM inventory.stock")
		gives(t, zoe, "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema IN ('erp', 'crm', 'inventory') ORDER BY column_name",
			"erp|orders|account;erp|orders|id")
		execAll(t, zoe, "SET ROLE ALL")
		gives(t, zoe, "SELECT count(*) FROM inventory.stock s JOIN erp.orders o ON o.account = s.account", "30")
		gives(t, zoe, "SELECT name FROM weir.accounts ORDER BY name", "seller;stockist;zoe")
		// A prepared statement asks again with each run what may be read.
		stmt, err := zoe.PrepareContext(t.Context(), "SELECT count(*) FROM inventory.stock WHERE account > ?")
		if err != nil {
			t.Fatal(err)
		}
		defer stmt.Close()
		var n int
		if err := stmt.QueryRow(1).Scan(&n); err != nil || n != 2 {
			t.Errorf("prepared: %d %v", n, err)
		}
		execAll(t, zoe, "SET ROLE NONE")
		if err := stmt.QueryRow(1).Scan(&n); err == nil {
			t.Errorf("prepared, without the role: %d", n)
		}
		yan := single(t, address, "yan", "pw-of-yan")
		fails(t, yan, 1142, "SELECT count(*) FROM erp.orders")
		fails(t, yan, 1142, "SELECT count(*) FROM erp.nothing") // as of one that is there
	}
	check(address)
	if code := stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	again, second, _ := serveFile(t, file)
	check(again)
	if strings.Contains(log.String()+second.String(), "pw-of-") {
		t.Error("a password is in the log")
	}
	execAll(t, single(t, again, "ana", "a secret of ana"), "DROP USER zoe")
	if err := connect(t, again, "zoe", "pw-of-zoe").Ping(); err == nil {
		t.Error("a user who was dropped logs in")
	}
}

// Servers that share a PostgreSQL database share the accounts, and see each other's changes within seconds.
func TestServersShareAccounts(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	systems, store := newSystems(t), realservers.Postgres(t)
	var servers []*sql.DB
	var addresses []string
	for range 2 {
		file := systems.config(t)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, fmt.Appendf(text, "state: {dsn: %q}\n", store), 0o600); err != nil {
			t.Fatal(err)
		}
		address, _, _ := serveFile(t, file)
		addresses = append(addresses, address)
		servers = append(servers, single(t, address, "ana", "a secret of ana"))
	}
	soon := func(what string, is func() bool) {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("not within five seconds: %s", what)
			}
		}
	}
	execAll(t, servers[0], "CREATE USER zoe IDENTIFIED BY 'pw-of-zoe'")
	zoe := single(t, addresses[1], "zoe", "pw-of-zoe")
	soon("the account is there", func() bool { return zoe.Ping() == nil })
	reads := func() bool {
		rows, err := zoe.Query("SELECT 1 FROM erp.orders LIMIT 1")
		if err != nil {
			return false
		}
		return rows.Close() == nil
	}
	if reads() {
		t.Error("the new account reads")
	}
	execAll(t, servers[0], "GRANT SELECT ON erp.* TO zoe")
	soon("what was granted holds", reads)
	// The other one changes what the first has made, at once.
	execAll(t, servers[1], "CREATE ROLE r", "GRANT r TO zoe")
	execAll(t, servers[0], "CREATE ROLE r2", "GRANT r2 TO zoe", "REVOKE SELECT ON erp.* FROM zoe")
	soon("what was revoked doesn't hold", func() bool { return !reads() })
	gives(t, servers[0], "SHOW GRANTS FOR zoe", "GRANT USAGE ON *.* TO `zoe`@`%`;GRANT `r`@`%`,`r2`@`%` TO `zoe`@`%`")
	conn, err := zoe.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	execAll(t, servers[0], "ALTER USER zoe ACCOUNT LOCK")
	soon("the connection at the other server is closed", func() bool { return conn.PingContext(t.Context()) != nil })
}

// A server whose store can't be reached doesn't start, and says which line of the configuration is about it, without the password.
func TestStateStoreIsNotThere(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	file := write(t, `listen: 127.0.0.1:0
http: "off"
memory: 512MiB
users: [{name: ana, password: "${env:ANA_PASSWORD}", roles: [admin]}]
state: {dsn: "postgres://weir:hunter22@127.0.0.1:1/weir?connect_timeout=2"}
`)
	if out := expect(t, exitFailed, []string{file + ":5:8: state: opening the state store: "}, "serve", "--config", file); strings.Contains(out, "hunter22") {
		t.Errorf("a secret is printed:\n%s", out)
	}
}
