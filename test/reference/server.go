package reference

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/go-sql-driver/mysql"

	"weir/test/realservers"
)

// Server is the reference: a MariaDB that holds the whole data set.
type Server struct {
	dsn  string
	stop func()
}

// Start starts the reference and loads the data set. The caller stops it.
func Start(ctx context.Context, set *Set) (*Server, error) {
	m, err := realservers.StartMariaDB(ctx)
	if err != nil {
		return nil, err
	}
	s := &Server{dsn: m.Address, stop: m.Stop}
	if err := s.Load(ctx, set, ""); err != nil {
		m.Stop()
		return nil, err
	}
	return s, nil
}

// Stop ends the server and removes its data.
func (s *Server) Stop() { s.stop() }

// Load loads a data set in the place of what is there. prefix comes before the names of the databases.
func (s *Server) Load(ctx context.Context, set *Set, prefix string) error {
	db, err := sql.Open("mysql", s.dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	exec := func(q string) error { _, err := c.ExecContext(ctx, q); return err }
	if err := exec("SET foreign_key_checks = 0"); err != nil { // of the tables that are replaced
		return err
	}
	for _, name := range Databases {
		if err := exec("CREATE OR REPLACE DATABASE " + prefix + name + " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"); err != nil {
			return err
		}
		if err := exec("USE " + prefix + name); err != nil {
			return err
		}
		if err := load(onReference, set.Of(name), exec); err != nil {
			return err
		}
	}
	return nil
}

// sessionSettings make a session compute as Weir does: materialised derived tables (a decimal leaves its block with its declared
// scale), fractions of a second that are rounded as in MySQL, UTC, and enough room for GROUP_CONCAT. A statement is given up after two seconds (error 1969).
var sessionSettings = []string{
	"SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin",
	// Partial matches are how MariaDB 10.11 runs NOT IN over rows with NULLs, and wrongly if the left side is an expression.
	"SET optimizer_switch = 'derived_merge=off,partial_match_rowid_merge=off,partial_match_table_scan=off'",
	"SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,TIME_ROUND_FRACTIONAL'",
	"SET time_zone = '+00:00'",
	"SET max_statement_time = 2",
}

// Connect opens a session on the reference.
func (s *Server) Connect(ctx context.Context) (*Client, error) {
	cfg, err := mysql.ParseDSN(s.dsn)
	if err != nil {
		return nil, err
	}
	return Dial(ctx, cfg, sessionSettings...)
}

// Dial opens a session on any server that speaks the MySQL protocol and runs the given statements in it first.
func Dial(ctx context.Context, cfg *mysql.Config, settings ...string) (*Client, error) {
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	conn, err := db.Conn(ctx)
	if err != nil {
		db.Close()
		return nil, err
	}
	c := &Client{db: db, conn: conn}
	for _, q := range settings {
		if err := c.Exec(ctx, q); err != nil {
			c.Close()
			return nil, fmt.Errorf("%s: %w", q, err)
		}
	}
	return c, nil
}
