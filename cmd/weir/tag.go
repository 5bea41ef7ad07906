package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"weir/catalog"
	"weir/catalog/config"
	"weir/policy"
	"weir/policy/suggest"
)

// tagRun is one run of the command tag.
type tagRun struct {
	suggest bool
	format  string
	rows    int
	timeout time.Duration
	sources []string
}

func newTag() *cobra.Command {
	var file string
	r := tagRun{}
	cmd := &cobra.Command{
		Use: "tag", Short: "Suggest tags of personal data and secrets for the columns of the sources", Args: cobra.NoArgs,
		Long: `Look at the names, comments and types of all columns, and at some rows of each table, and print which columns look as if they held
personal data or secrets, and why. Columns that the policy file tags already are left out. No value is printed.

--format yaml prints a block that can stand below 'tags:' in the policy file; read it before you use it: a suggestion is a guess.
Each table is read by one statement with a LIMIT; --rows 0 reads none.

Exit codes: 0 all was looked at, 2 the configuration is wrong, 3 a source or a table can't be read.`,
		Example: `  weir tag --suggest
  weir tag --suggest --source crm --rows 0 --format yaml`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case !r.suggest:
				return usage("give --suggest: this command does nothing else")
			case r.format != "table" && r.format != "yaml":
				return usage("--format is table or yaml, not %q", r.format)
			case r.rows < 0 || r.rows > 10_000:
				return usage("--rows is 0 to 10000")
			}
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			for _, s := range r.sources {
				if _, ok := cfg.Sources[s]; !ok {
					return usage("there is no source %q", s)
				}
			}
			return r.run(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	f := cmd.Flags()
	f.BoolVar(&r.suggest, "suggest", false, "suggest tags")
	f.StringVar(&r.format, "format", "table", "table or yaml")
	f.IntVar(&r.rows, "rows", 200, "rows to look at in each table")
	f.DurationVar(&r.timeout, "timeout", 20*time.Second, "time to give each table")
	f.StringSliceVar(&r.sources, "source", nil, "only these sources")
	return cmd
}

// suggested is a tag for a column.
type suggested struct {
	database, table, column string
	suggest.Suggestion
}

func (r *tagRun) run(ctx context.Context, cfg *config.Config, out, errs io.Writer) error {
	cat, err := catalog.Open(ctx, cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer closeCatalog(cat)
	lease := cat.Begin()
	defer lease.Release()

	policies := policy.New(cfg)
	var mu sync.Mutex
	var found []suggested
	var problems []string
	var wg sync.WaitGroup
	for _, database := range lease.Databases() {
		if len(r.sources) > 0 && !slices.Contains(r.sources, database) {
			continue
		}
		wg.Go(func() {
			some, wrong := r.source(ctx, lease, policies, database)
			mu.Lock()
			defer mu.Unlock()
			found, problems = append(found, some...), append(problems, wrong...)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return errors.New("interrupted")
	}
	slices.SortStableFunc(found, func(a, b suggested) int {
		return strings.Compare(a.database+"\x00"+a.table, b.database+"\x00"+b.table)
	})
	if r.format == "yaml" {
		printTagBlock(out, found)
	} else {
		printTagTable(out, found)
	}
	slices.Sort(problems)
	for _, p := range problems {
		fmt.Fprintln(errs, cfg.Redact(p))
	}
	if len(problems) > 0 {
		return &exitError{exitUnreachable, errors.New("not everything could be looked at")}
	}
	return nil
}

// source looks at the tables of a source, one after the other.
func (r *tagRun) source(ctx context.Context, lease *catalog.Lease, policies *policy.Set, database string) (found []suggested, problems []string) {
	listing, cancel := context.WithTimeout(ctx, r.timeout)
	tables, err := lease.Tables(listing, database)
	cancel()
	if err != nil {
		return nil, []string{fmt.Sprintf("%s: %v", database, adminError(err))}
	}
	for _, t := range tables {
		if ctx.Err() != nil {
			break
		}
		if t.Def.Broken != "" {
			problems = append(problems, fmt.Sprintf("%s.%s: %s", database, t.Name, t.Def.Broken))
			continue
		}
		values, err := r.sample(ctx, lease, t)
		if err != nil {
			problems = append(problems, fmt.Sprintf("%s.%s: no rows were looked at: %v", database, t.Name, adminError(err)))
		}
		for i := range t.Def.Columns {
			c := &t.Def.Columns[i]
			have := policies.Tags(database, t.Name, c)
			for _, s := range suggest.For(suggest.Column{Table: t.Name, Name: c.Name, Comment: c.Comment, Type: c.Type, Values: values[c.Name]}) {
				if !slices.Contains(have, s.Tag) {
					found = append(found, suggested{database, t.Name, c.Name, s})
				}
			}
		}
	}
	return found, problems
}

func printTagTable(out io.Writer, found []suggested) {
	if len(found) == 0 {
		fmt.Fprintln(out, "No column looks as if it should be tagged.")
		return
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COLUMN\tTAG\tWHY")
	for _, s := range found {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.path(), s.Tag, s.Why)
	}
	_ = w.Flush()
}

// printTagBlock prints what stands below tags: in a policy file.
func printTagBlock(out io.Writer, found []suggested) {
	var tags []string
	columns := map[string][]suggested{}
	for _, s := range found {
		if columns[s.Tag] == nil {
			tags = append(tags, s.Tag)
		}
		columns[s.Tag] = append(columns[s.Tag], s)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		fmt.Fprintf(out, "  - tag: %s\n    columns:\n", tag)
		for _, s := range columns[tag] {
			fmt.Fprintf(out, "      - '%s' # %s\n", strings.ReplaceAll(s.path(), "'", "''"), s.Why)
		}
	}
}

// path is the column as policies name it: in backticks where a name has a dot in it.
func (s suggested) path() string {
	quote := func(name string) string {
		if strings.ContainsAny(name, ".`") {
			return "`" + strings.ReplaceAll(name, "`", "``") + "`"
		}
		return name
	}
	return quote(s.database) + "." + quote(s.table) + "." + quote(s.column)
}
