package realservers

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

// The variables that name servers which are already running, by the address of an account that may create databases.
const (
	PostgresVariable = "WEIR_TEST_POSTGRES" // a postgres:// URL
	MariaDBVariable  = "WEIR_TEST_MARIADB"  // a go-sql-driver address: user:password@tcp(host:port)/
)

var (
	postgres = lazy(PostgresVariable, StartPostgres)
	mariadb  = lazy(MariaDBVariable, StartMariaDB)
)

// lazy returns a function that gives the administrator's address of a server: the one named by a variable, or one that is
// started on the first call and lives as long as the process.
func lazy(variable string, start func(context.Context) (*Server, error)) func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		if address := os.Getenv(variable); address != "" {
			return address, nil
		}
		s, err := start(context.Background())
		if err != nil {
			return "", err
		}
		return s.Address, nil
	})
}

// Postgres returns the postgres:// URL of a fresh, empty database of a real PostgreSQL. The database is dropped after the test,
// along with all connections to it.
func Postgres(t testing.TB) string {
	t.Helper()
	admin, err := postgres()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatalf("%s is not a URL", PostgresVariable)
	}
	run := func(statement string) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		_, err = c.Exec(ctx, statement)
		return err
	}
	name := freshName()
	if err := run("CREATE DATABASE " + name + " TEMPLATE template0"); err != nil {
		t.Fatalf("creating a PostgreSQL database: %v", err)
	}
	t.Cleanup(func() {
		if err := run("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping a PostgreSQL database: %v", err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// MariaDB returns the go-sql-driver address of a fresh, empty database of a real MariaDB, whose collation is
// utf8mb4_nopad_bin. The database is dropped after the test. The account has all privileges.
func MariaDB(t testing.TB) string {
	t.Helper()
	admin, err := mariadb()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := mysql.ParseDSN(admin)
	if err != nil {
		t.Fatalf("%s is not an address: %v", MariaDBVariable, err)
	}
	run := func(statement string) error {
		db, err := sql.Open("mysql", admin)
		if err != nil {
			return err
		}
		defer db.Close()
		_, err = db.Exec(statement)
		return err
	}
	name := freshName()
	if err := run("CREATE DATABASE " + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"); err != nil {
		t.Fatalf("creating a MariaDB database: %v", err)
	}
	t.Cleanup(func() {
		if err := run("DROP DATABASE " + name); err != nil {
			t.Errorf("dropping a MariaDB database: %v", err)
		}
	})
	cfg.DBName = name
	return cfg.FormatDSN()
}

func freshName() string { return fmt.Sprintf("weir_test_%d_%s", os.Getpid(), randomHex(4)) }

func randomHex(bytes int) string {
	b := make([]byte, bytes)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}
