package mysql

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/engine/rel"
	"weir/sources"
	"weir/sources/sourcetest"
	"weir/test/realservers"
)

// After a failover an address leads to another server, where the number of a session of ours is somebody else's: their statement was killed.
func TestKillElsewhere(t *testing.T) {
	ours := realservers.MariaDB(t)
	to, err := driver.ParseDSN(ours)
	if err != nil {
		t.Fatal(err)
	}
	before, err := sql.Open("mysql", ours)
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	const account, secret = "failover", "failover-9142" // on both servers
	own, err := realservers.StartMariaDB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Stop)
	after, err := sql.Open("mysql", own.Address)
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	for _, db := range []*sql.DB{before, after} {
		for _, statement := range []string{"CREATE DATABASE IF NOT EXISTS " + to.DBName,
			"CREATE OR REPLACE USER " + account + "@'%' IDENTIFIED BY '" + secret + "'", "GRANT ALL PRIVILEGES ON *.* TO " + account + "@'%'"} {
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(statement, err)
			}
		}
	}
	t.Cleanup(func() { before.Exec("DROP USER " + account + "@'%'") })
	second, err := driver.ParseDSN(own.Address)
	if err != nil {
		t.Fatal(err)
	}

	for range 50 { // so that the second server has yet to come to the number
		sessionOf(t, before, 0)
	}
	address := sourcetest.NewProxy(t, to.Addr)
	s, err := Open(sources.Config{Name: "crm", Options: map[string]any{"dsn": fmt.Sprintf("%s:%s@tcp(%s)/%s", account, secret, address.Address(), to.DBName)}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, err := strconv.Atoi(rowsOf(t, s, "SELECT CONNECTION_ID()", one)[0])
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := s.Query(ctx, sources.Query{SQL: "SELECT SLEEP(20)", Columns: []rel.Column{{T: one}}})
		ended <- err
	}()
	running := func() (n int) {
		if err := before.QueryRow("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = ? AND INFO LIKE 'SELECT SLEEP(20)%'", id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for running() == 0 {
		time.Sleep(10 * time.Millisecond)
	}

	// The failover; on the second server the number is another client's.
	address.Lead(second.Addr)
	theirs := sessionOf(t, after, id)
	slept := make(chan int, 1)
	go func() {
		interrupted := -1
		theirs.QueryRowContext(t.Context(), "SELECT SLEEP(2)").Scan(&interrupted)
		slept <- interrupted
	}()
	time.Sleep(300 * time.Millisecond)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the cancelled statement gives %v", err)
	}
	if interrupted := <-slept; interrupted != 0 {
		t.Errorf("somebody else's statement was killed on the other server (%d)", interrupted)
	}
	s.ending.Wait()
	if err := s.kill(t.Context(), &conn{id: strconv.Itoa(id), server: "elsewhere 3306 1"}); !errors.Is(err, errElsewhere) {
		t.Errorf("KILL for another server gives %v", err)
	}
}

// sessionOf opens sessions until one has a number; any, if that is 0.
func sessionOf(t *testing.T, db *sql.DB, id int) *sql.Conn {
	t.Helper()
	db.SetMaxIdleConns(0)
	for {
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got int
		if err := c.QueryRowContext(t.Context(), "SELECT CONNECTION_ID()").Scan(&got); err != nil {
			t.Fatal(err)
		}
		switch {
		case got == id:
			t.Cleanup(func() { c.Close() })
			return c
		case id == 0:
			c.Close()
			return nil
		case got > id:
			t.Fatalf("the second server is at session %d already, past %d", got, id)
		}
		c.Close()
	}
}
