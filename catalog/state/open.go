package state

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// openSQLite opens the file of a server's own. It has one connection, so that nothing in this process waits for a lock of the file.
func openSQLite(dir string) (*sql.DB, error) {
	file := filepath.Join(dir, "state.db")
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = errors.Join(f.Chmod(0o600), f.Close()) // it may have come from a copy
	if err != nil {
		return nil, err
	}
	options := url.Values{"_pragma": {"busy_timeout(5000)", "synchronous(FULL)", "trusted_schema(0)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: file}).EscapedPath(), RawQuery: options.Encode()}).String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// openPostgres opens a database that other servers may share.
func openPostgres(dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errors.New("the DSN is wrong; write it like postgres://weir@host:5432/weir?sslmode=verify-full") // the error quotes it
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = patience / 2
	}
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = "weir"
	}
	db := stdlib.OpenDB(*cfg)
	db.SetMaxOpenConns(4)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db, nil
}

// migrate brings the tables up to date. Servers that start at once do it one after the other.
func (s *Store) migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithTableName("weir_migrations"), goose.WithLogger(goose.NopLogger()), goose.WithDisableGlobalRegistry(true)}
	dialect := goose.DialectSQLite3
	if s.postgres {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 25)) // seconds between tries, tries
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, s.db, files, options...)
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil { // on a store that a newer server has changed, it does nothing
		return fmt.Errorf("bringing its tables up to date: %w", err)
	}
	has, latest, err := p.GetVersions(ctx)
	if err != nil {
		return unavailable(err)
	}
	if has > latest {
		return fmt.Errorf("it was written by a newer version of Weir (its tables have version %d, this one knows %d); use that version, or go back to a copy of the store", has, latest)
	}
	return nil
}
