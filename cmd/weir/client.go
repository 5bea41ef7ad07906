package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/spf13/cobra"

	"weir/catalog/config"
)

// client is how the commands sql and explain reach a server.
type client struct {
	server, user, passwordEnv, database, tls string
	config                                   string
	format                                   string
}

func (c *client) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.server, "server", "127.0.0.1:3306", "address of the running server")
	f.StringVarP(&c.user, "user", "u", "weir", "user to log in as")
	f.StringVar(&c.passwordEnv, "password-env", "WEIR_PASSWORD", "environment variable that holds the password")
	f.StringVarP(&c.database, "database", "d", "", "database that unqualified names are taken from")
	f.StringVar(&c.tls, "tls", "preferred", "true verifies the server's certificate; preferred and skip-verify don't; false is plain")
	f.StringVarP(&c.config, "config", "c", "", "answer in this process from a configuration, without a server")
	f.StringVarP(&c.format, "output", "o", "table", "output format: table, csv or json (one object a line)")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"table", "csv", "json"}, cobra.ShellCompDirectiveNoFileComp))
	cmd.MarkFlagsMutuallyExclusive("config", "server")
}

func newSQL() *cobra.Command {
	var c client
	cmd := &cobra.Command{
		Use: "sql [STATEMENT]", Short: "Run one SQL statement and print its rows", Args: cobra.MaximumNArgs(1),
		Long: `Run one SQL statement and print its rows. Without an argument, or with -, it is read from standard input.

Exit codes: 0 done, 1 the statement failed, 2 the command line or the configuration is wrong, 3 the server can't be reached.`,
		Example: `  weir sql 'SELECT status, count(*) FROM erp.orders GROUP BY status'
  weir sql --config weir.yaml --output csv 'SELECT * FROM crm.accounts' > accounts.csv
  weir sql --server db.example.com:3306 --user ana --password-env ANA_PW < report.sql`,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := statement(cmd, args)
			if err != nil {
				return err
			}
			return c.run(cmd.Context(), text, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.flags(cmd)
	return cmd
}

func newExplain() *cobra.Command {
	var c client
	var analyze, tree bool
	cmd := &cobra.Command{
		Use: "explain [STATEMENT]", Short: "Show where the parts of a statement run, and why", Args: cobra.MaximumNArgs(1),
		Long: `Show a statement's plan: the text that each source gets, the estimated rows, what runs here, and for every predicate that isn't
sent to its source, why. With --analyze the statement runs, and the actual rows and times are shown.`,
		Example: `  weir explain 'SELECT * FROM erp.orders WHERE total > 100'
  weir explain --analyze 'SELECT c.name, sum(o.total) FROM crm.accounts c JOIN erp.orders o ON o.account = c.id GROUP BY c.name'`,
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := statement(cmd, args)
			if err != nil {
				return err
			}
			switch {
			case analyze && tree:
				return usage("--analyze and --json don't go together")
			case analyze:
				text = "EXPLAIN ANALYZE " + text
			case tree:
				text = "EXPLAIN FORMAT=JSON " + text
			default:
				text = "EXPLAIN " + text
			}
			if !cmd.Flags().Changed("output") {
				c.format = "plain"
			}
			return c.run(cmd.Context(), text, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	c.flags(cmd)
	cmd.Flags().BoolVar(&analyze, "analyze", false, "run the statement and show actual rows and times")
	cmd.Flags().BoolVar(&tree, "json", false, "show the plan as JSON")
	return cmd
}

// statement is the one to run: the argument, or standard input.
func statement(cmd *cobra.Command, args []string) (string, error) {
	text := "-"
	if len(args) > 0 {
		text = args[0]
	}
	if text == "-" {
		data, err := io.ReadAll(cmd.InOrStdin())
		if err != nil {
			return "", fmt.Errorf("reading the statement: %w", err)
		}
		text = string(data)
	}
	text = strings.TrimRight(strings.TrimSpace(text), "; \t\r\n")
	if text == "" {
		return "", usage("there is no statement; give one as the argument or on standard input")
	}
	return text, nil
}

// run connects, runs a statement and prints its rows.
func (c *client) run(ctx context.Context, text string, out, errs io.Writer) error {
	print, ok := formats[c.format]
	if !ok {
		return usage("unknown output format %q; there are table, csv and json", c.format)
	}
	if !slices.Contains([]string{"true", "false", "preferred", "skip-verify"}, c.tls) {
		return usage("--tls is true, false, preferred or skip-verify, not %q", c.tls)
	}
	address, user, password := c.server, c.user, os.Getenv(c.passwordEnv)
	if c.config != "" {
		own, err := c.inProcess(ctx, errs)
		if err != nil {
			return err
		}
		defer own.close()
		address, user, password = own.address, own.user, own.password
	}
	dsn := mysql.NewConfig()
	dsn.Net, dsn.Addr, dsn.User, dsn.Passwd, dsn.DBName, dsn.TLSConfig = "tcp", address, user, password, c.database, c.tls
	dsn.AllowCleartextPasswords = c.tls == "true" // for tokens and directories; to nobody but the server that it is meant for
	dsn.Logger = mysql.Logger(silent{})
	connector, err := mysql.NewConnector(dsn)
	if err != nil {
		return usage("%w", err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return c.connectError(address, err)
	}
	defer conn.Close()
	rows, err := conn.QueryContext(ctx, text)
	if err != nil {
		return statementError(err)
	}
	defer rows.Close()
	if err := print(out, rows); err != nil {
		return statementError(err)
	}
	return rows.Err()
}

func (c *client) connectError(address string, err error) error {
	var refused *mysql.MySQLError
	var network net.Error
	switch {
	case errors.As(err, &refused) && refused.Number == 1045:
		return &exitError{exitUsage, fmt.Errorf("%w; the password is read from the environment variable %s", statementError(err), c.passwordEnv)}
	case errors.As(err, &refused):
		return statementError(err)
	case errors.Is(err, syscall.ECONNREFUSED) || errors.As(err, &network):
		return &exitError{exitUnreachable, fmt.Errorf("no server at %s (%w); start one with 'weir serve', or answer here with --config weir.yaml", address, err)}
	}
	return &exitError{exitUnreachable, fmt.Errorf("connecting to %s: %w", address, err)}
}

// statementError writes a server's error the way the mysql client does.
func statementError(err error) error {
	var known *mysql.MySQLError
	if errors.As(err, &known) {
		return fmt.Errorf("ERROR %d (%s): %s", known.Number, known.SQLState[:], known.Message)
	}
	return err
}

// own is a server of this process for one statement.
type own struct {
	address, user, password string
	close                   func()
}

// inProcess starts a server on a free port of the loopback interface with one account whose password nobody else knows, so that a
// statement here takes exactly the way that it takes through a server.
func (c *client) inProcess(ctx context.Context, errs io.Writer) (*own, error) {
	cfg, err := loadConfig(c.config)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-sql-")
	if err != nil {
		return nil, fmt.Errorf("making a directory for spilled data: %w", err)
	}
	password := rand.Text()
	cfg.Listen, cfg.HTTP, cfg.DataDir, cfg.TLS = "127.0.0.1:0", "off", filepath.Join(dir, "data"), config.TLS{}
	cfg.Login, cfg.State = config.Login{}, config.State{} // nobody else logs in, and no server shares its accounts
	cfg.Users = []config.User{{Name: "weir", Password: config.Secret(password), Roles: []string{"admin"}}}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelError}))
	srv, err := startServer(ctx, cfg, log)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return &own{address: srv.Addr, user: "weir", password: password, close: func() {
		srv.Stop()
		_ = os.RemoveAll(dir)
	}}, nil
}

// silent drops the driver's own messages: its errors come back as errors.
type silent struct{}

func (silent) Print(...any) {}
