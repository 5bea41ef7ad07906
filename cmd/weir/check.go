package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/catalog"
	"weir/catalog/config"
	"weir/engine/sqlerr"
	"weir/sources"
)

func newCheck() *cobra.Command {
	var file string
	var timeout time.Duration
	var brief bool
	cmd := &cobra.Command{
		Use: "check", Short: "Read the configuration, reach every source, tell what is there and what is wrong", Args: cobra.NoArgs,
		Long: `Read the configuration, reach every source, and print the tables that it shows, with their columns and estimated rows.
What is wrong is told with file and line.

OpenID providers and the directory that logins ask are reached too, without anybody's password.

Exit codes: 0 all is well, 2 the configuration is wrong, 3 a source, or somebody whom logins ask, can't be reached or read. A single table that can't be
read is told, but is no failure: the others work.`,
		Example: `  weir check
  weir check --config /etc/weir/weir.yaml --brief`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			return check(cmd.Context(), cfg, cmd.OutOrStdout(), timeout, brief)
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "time to give each source")
	cmd.Flags().BoolVar(&brief, "brief", false, "one line for each source")
	return cmd
}

// finding is what check learned of one source.
type finding struct {
	tables []*catalog.Table
	took   time.Duration
	err    error
}

func check(ctx context.Context, cfg *config.Config, out io.Writer, timeout time.Duration, brief bool) error {
	cat, err := catalog.Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer closeCatalog(cat)
	lease := cat.Begin()
	defer lease.Release()

	findings := map[string]*finding{}
	var wg sync.WaitGroup
	for _, name := range lease.Databases() {
		f := &finding{}
		findings[name] = f
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, timeout)
			defer cancel()
			began := time.Now()
			f.tables, f.err = lease.Tables(ctx, name)
			if src, err := lease.Source(name); err == nil && f.err == nil {
				_, f.err = src.Dialect(ctx)
			}
			f.took = time.Since(began)
			if errors.Is(f.err, context.DeadlineExceeded) {
				f.err = fmt.Errorf("no answer within %s", timeout)
			}
		})
	}
	wg.Wait()

	fmt.Fprintf(out, "%s: %s, %s\n", cfg.File(), count(len(cfg.Users), "user"), count(len(findings), "source"))
	noLogin, err := checkLogin(ctx, cfg, out, timeout)
	if err != nil {
		return err
	}
	failed := 0
	for _, name := range lease.Databases() {
		if f := findings[name]; f.err != nil {
			failed++
			fmt.Fprintf(out, "\n%s (%s): FAILED\n  %s\n", name, cfg.Sources[name].Kind, cfg.At("sources."+name, adminError(f.err)))
		} else {
			printFinding(out, name, cfg.Sources[name].Kind, f, brief)
		}
	}
	if failed > 0 {
		return &exitError{exitUnreachable, fmt.Errorf("%d of %d sources can't be read", failed, len(findings))}
	}
	if noLogin > 0 {
		return &exitError{exitUnreachable, errors.New("not all who know users can be asked about logins")}
	}
	return nil
}

func printFinding(out io.Writer, name, kind string, f *finding, brief bool) {
	columns, rows, broken := 0, 0.0, 0
	for _, t := range f.tables {
		columns += len(t.Def.Columns)
		rows += max(0, t.Def.RowCount)
		if t.Def.Broken != "" {
			broken++
		}
	}
	fmt.Fprintf(out, "\n%s (%s): %s, %s, about %s rows; answered in %s\n", name, kind, count(len(f.tables), "table"), count(columns, "column"), thousands(rows), f.took.Round(time.Millisecond))
	if len(f.tables) == 0 {
		fmt.Fprintln(out, "  there is nothing to read: does the account have the rights, and is the right database or schema named?")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, t := range f.tables {
		switch {
		case t.Def.Broken != "":
			fmt.Fprintf(w, "  %s\tCAN'T BE READ: %s\n", t.Name, t.Def.Broken)
		case !brief:
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", t.Name, t.Def.Kind, count(len(t.Def.Columns), "column"), estimate(t.Def.RowCount))
		}
	}
	_ = w.Flush()
	if broken > 0 {
		fmt.Fprintf(out, "  %s can't be read; the others work\n", count(broken, "table"))
	}
}

func estimate(rows float64) string {
	if rows < 0 {
		return "rows unknown"
	}
	return "about " + thousands(rows) + " rows"
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

func thousands(f float64) string {
	s := fmt.Sprintf("%.0f", f)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// adminError is an error with the words behind it, which clients don't get: whoever can run these commands may see them.
func adminError(err error) error {
	var known *sources.Error
	var client *sqlerr.Error
	switch {
	case errors.As(err, &known) && known.Detail != "":
		return fmt.Errorf("%w: %s", known, known.Detail)
	case errors.As(err, &client) && client.Unwrap() != nil:
		return client.Unwrap()
	}
	return err
}

func closeCatalog(cat *catalog.Catalog) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = cat.Close(ctx) // what is cut off here was only read
}
