package mysql

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	driver "github.com/go-sql-driver/mysql"

	"weir/sources"
)

const (
	defaultConnections = 8
	connectTimeout     = 10 * time.Second
)

func init() {
	sources.Register(sources.Kind{
		Name: "mysql",
		Options: []sources.Option{
			{Name: "dsn", Help: "address such as user:password@tcp(host:3306)/database; tls=true and the other parameters of go-sql-driver are understood", Required: true, Secret: true},
			{Name: "schema", Help: "the database to read; the one of the dsn if not given"},
		},
		Open: func(ctx context.Context, cfg sources.Config) (sources.Source, error) { return Open(cfg) },
	})
}

// settings is a checked configuration.
type settings struct {
	name        string
	schema      string
	driver      *driver.Config
	connections int
	timeout     time.Duration // per statement; 0 is none
	log         *slog.Logger
}

// configure checks a configuration. Errors never hold the dsn: it holds the password.
func configure(cfg sources.Config) (*settings, error) {
	text := func(name string) (string, error) {
		v, set := cfg.Options[name]
		if !set {
			return "", nil
		}
		s, ok := v.(string)
		if !ok {
			return "", fmt.Errorf("source %s: option %s must be a string", cfg.Name, name)
		}
		return s, nil
	}
	dsn, err := text("dsn")
	if err != nil {
		return nil, err
	}
	schema, err := text("schema")
	if err != nil {
		return nil, err
	}
	d, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("source %s: option dsn is not of the form user:password@tcp(host:port)/database", cfg.Name)
	}
	if schema == "" {
		schema = d.DBName
	}
	if schema == "" {
		return nil, fmt.Errorf("source %s: name the database to read, at the end of dsn or with the option schema", cfg.Name)
	}
	d.DBName = schema
	if d.Timeout == 0 {
		d.Timeout = connectTimeout
	}
	d.MultiStatements, d.AllowAllFiles, d.ParseTime, d.CheckConnLiveness = false, false, false, true
	d.Logger = driver.Logger(&driver.NopLogger{})
	// This package reads the socket itself, below the driver's compression.
	if err := d.Apply(driver.EnableCompression(false)); err != nil {
		return nil, err
	}
	s := &settings{name: cfg.Name, schema: schema, driver: d, connections: cfg.MaxConnections, timeout: cfg.StatementTimeout, log: cfg.Log}
	if s.connections <= 0 {
		s.connections = defaultConnections
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}
