package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"weir/catalog/config"
	_ "weir/sources/all"
)

// The exit codes; they are part of the commands' interface and documented in the root help.
const (
	exitFailed      = 1 // a statement, or anything not below
	exitUsage       = 2 // the command line or the configuration is wrong
	exitUnreachable = 3 // a source, or the server, can't be reached
)

// exitError is an error that ends the command with a code of its own.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Errorf(format, args...)}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes a command line and returns its exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "weir: %v\n", err)
	var exit *exitError
	var problems config.Problems
	switch {
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &problems), strings.HasPrefix(err.Error(), "unknown command"): // cobra's error has no type
		return exitUsage
	}
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "weir",
		Short: "One SQL statement over many databases, spoken over the MySQL protocol",
		Long: `Weir is a server that any MySQL client can log in to. Every configured source is a database of its own name, and one
statement may read several of them.

Exit codes: 0 done, 1 a statement or something else failed, 2 the command line or the configuration is wrong,
3 a source or the server can't be reached.`,
		Example: `  weir init postgres://erp@127.0.0.1:5432/erp ./inventory.db
  weir check
  weir serve
  weir sql 'SELECT count(*) FROM erp.orders'`,
		Version:       version(),
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage("%w; see '%s --help'", err, cmd.CommandPath())
	})
	root.AddCommand(newServe(), newCheck(), newSQL(), newExplain(), newInit(), newDemoCommand(), newVersion(), newSchema(), newPolicy(), newAudit(), newTag())
	for _, c := range root.Commands() {
		if args := c.Args; args != nil {
			c.Args = func(cmd *cobra.Command, given []string) error {
				if err := args(cmd, given); err != nil {
					return usage("%w; see '%s --help'", err, cmd.CommandPath())
				}
				return nil
			}
		}
	}
	return root
}

// configFlag adds --config.
func configFlag(cmd *cobra.Command, file *string) {
	cmd.Flags().StringVarP(file, "config", "c", "weir.yaml", "configuration file")
	_ = cmd.MarkFlagFilename("config", "yaml", "yml")
}

// loadConfig reads a configuration; any error is one of usage.
func loadConfig(file string) (*config.Config, error) {
	cfg, err := config.Load(file)
	var problems config.Problems
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usage("%w; make one with 'weir init DSN…'", err)
	case err != nil && !errors.As(err, &problems):
		return nil, usage("%w", err)
	}
	return cfg, err
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "weir", version()) },
	}
}

// version is the module's version, or the commit that a checkout was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case "vcs.modified":
			if s.Value == "true" {
				modified = "+changes"
			}
		}
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	if revision == "" {
		return "development build"
	}
	return revision + modified
}
