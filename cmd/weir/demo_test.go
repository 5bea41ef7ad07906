package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// TestDemo runs the demo as `make demo` does, beside a server that already has its port, logs in as it says one may, and stops it.
func TestDemo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := portOf(taken.Addr().String())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, code := &logBuffer{}, make(chan int, 1)
	start := time.Now()
	go func() {
		c := run(ctx, []string{"demo", "--port", fmt.Sprint(port)}, strings.NewReader(""), out, out)
		fmt.Fprintln(out, exited, c)
		code <- c
	}()
	out.wait(t, `Serving\. Ctrl-C ends it`)
	t.Logf("up after %v", time.Since(start))
	dir := out.wait(t, `Three systems in (\S+)`)[1]
	address := out.wait(t, `Weir serves them at (\S+)\.\n`)[1]
	password := out.wait(t, `user demo, password (\w+)`)[1]
	if portOf(address) == port {
		t.Errorf("the demo serves at the port that is taken")
	}
	for _, want := range []string{fmt.Sprintf("Port %d is taken; %d is the next free one", port, portOf(address)), "at erp (sqlite)", "at crm (sqlite)",
		"at inventory (sqlite)", "| owner", "14 rows", "MYSQL_PWD=" + password, "pymysql.connect", fmt.Sprintf("jdbc:mysql://127.0.0.1:%d/", portOf(address))} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	dsn := mysql.NewConfig()
	dsn.Net, dsn.Addr, dsn.User, dsn.Passwd, dsn.DBName, dsn.TLSConfig = "tcp", address, "demo", password, "erp", "skip-verify"
	db, err := sql.Open("mysql", dsn.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	var lines, owners int
	err = db.QueryRow("SELECT (SELECT count(*) FROM order_lines), (SELECT count(DISTINCT owner) FROM crm.accounts)").Scan(&lines, &owners)
	if err != nil || lines < 200_000 || owners != 14 {
		t.Errorf("%d order lines, %d owners, %v", lines, owners, err)
	}
	db.Close()
	cancel()
	select {
	case c := <-code:
		if c != 0 || !strings.Contains(out.String(), "Stopped.") {
			t.Errorf("exit code %d:\n%s", c, out)
		}
	case <-time.After(15 * time.Second):
		t.Fatal("the demo doesn't stop")
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left behind: %v", dir, err)
	}
}

// A directory that is given is kept, with a configuration that serves it again.
func TestDemoDir(t *testing.T) {
	dir := t.TempDir()
	expect(t, 0, []string{"14 rows"}, "demo", "--once", "--dir", dir, "--port", "23000")
	expect(t, 0, []string{"erp (sqlite): 6 tables", "crm (sqlite): 4 tables", "inventory (sqlite): 4 tables"}, "check", "--brief", "--config", dir+"/weir.yaml")
}
