package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"weir/catalog"
	"weir/catalog/config"
	"weir/engine"
	"weir/policy"
)

func newPolicy() *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy", Short: "Test the policy file, and explain what it makes of a table",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyTest(), newPolicyExplain())
	return cmd
}

func newPolicyTest() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "test", Short: "Run the assertions that the policy file carries", Args: cobra.NoArgs,
		Long: `Run the assertions below 'tests' in the policy file: who sees what of a column, or of a table's rows. The sources are asked for
their tables; no row is read. Each assertion that doesn't hold is told with file and line.

Exit codes: 0 all hold, 1 one doesn't, 2 the configuration or the policy file is wrong, 3 a source can't be reached.`,
		Example: "  weir policy test --config weir.yaml",
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			return withEngine(cmd.Context(), cfg, func(e *engine.Engine) error { return testPolicy(cmd.Context(), cfg, e, cmd.OutOrStdout()) })
		},
	}
	configFlag(cmd, &file)
	return cmd
}

func newPolicyExplain() *cobra.Command {
	var file string
	var roles []string
	cmd := &cobra.Command{
		Use: "explain USER DATABASE.TABLE", Short: "Tell what each column of a table becomes for a user, and by which rule", Args: cobra.ExactArgs(2),
		Long: `Tell what a user sees of a table: which rows, what each column becomes, and the rule that says so. A user of the configuration has its roles and
attributes; for others, or to see it for other roles, give --roles.`,
		Example: `  weir policy explain ann crm.contacts
  weir policy explain nobody crm.contacts --roles analyst,sales`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			p := principalOf(cfg, args[0])
			if cmd.Flags().Changed("roles") {
				p.Roles = roles
			}
			name := config.SplitName(args[1])
			if len(name) < 2 {
				return usage("%q is no table; write database.table", args[1])
			}
			return withEngine(cmd.Context(), cfg, func(e *engine.Engine) error {
				x, err := e.Examine(cmd.Context(), p, name[0], strings.Join(name[1:], "."))
				if err != nil {
					return err
				}
				printExamination(cmd.OutOrStdout(), p, x)
				return nil
			})
		},
	}
	configFlag(cmd, &file)
	cmd.Flags().StringSliceVar(&roles, "roles", nil, "active roles, instead of the user's own")
	return cmd
}

// principalOf is a user of the configuration as it asks; one that isn't there has no roles.
func principalOf(cfg *config.Config, user string) policy.Principal {
	for _, u := range cfg.Users {
		if u.Name == user {
			return policy.Principal{User: u.Name, Roles: u.Roles, Attributes: u.Attributes}
		}
	}
	return policy.Principal{User: user}
}

// withEngine calls f with an engine over the configuration's sources, beside whatever server runs on it.
func withEngine(ctx context.Context, cfg *config.Config, f func(*engine.Engine) error) error {
	quiet := slog.New(slog.DiscardHandler)
	cat, err := catalog.Open(ctx, cfg, quiet)
	if err != nil {
		return err
	}
	defer closeCatalog(cat)
	spill, err := os.MkdirTemp("", "weir-policy-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(spill) }()
	e, err := engine.New(engine.Config{Catalog: cat, Memory: config.MinMemory, SpillDir: spill, Log: quiet})
	if err != nil {
		return err
	}
	defer e.Close()
	return f(e)
}

func testPolicy(ctx context.Context, cfg *config.Config, e *engine.Engine, out io.Writer) error {
	if cfg.Policies == nil {
		return usage("%s names no policy file (the key policy)", cfg.File())
	}
	failed := 0
	for i, t := range cfg.Policies.Tests {
		wrong, err := assertion(ctx, cfg, e, t)
		if err != nil {
			return err
		}
		if wrong != "" {
			failed++
			fmt.Fprintln(out, cfg.Policies.At(fmt.Sprintf("tests[%d]", i), fmt.Errorf("%s", wrong)))
		}
	}
	fmt.Fprintf(out, "%s: %d of %d assertions hold\n", cfg.Policy, len(cfg.Policies.Tests)-failed, len(cfg.Policies.Tests))
	if failed > 0 {
		return &exitError{exitFailed, fmt.Errorf("%s wrong", count(failed, "assertion"))}
	}
	return nil
}

// assertion says what is wrong with an assertion of the policy file; empty if it holds.
func assertion(ctx context.Context, cfg *config.Config, e *engine.Engine, t config.PolicyTest) (wrong string, err error) {
	p := principalOf(cfg, t.User)
	if t.Roles != nil {
		p.Roles = t.Roles
	}
	if t.Attributes != nil {
		p.Attributes = t.Attributes
	}
	name := config.SplitName(t.Table + t.Column)
	x, err := e.Examine(ctx, p, name[0], name[1])
	if err != nil {
		return "", err
	}
	who := "user " + t.User
	if t.User == "" {
		who = "role " + strings.Join(p.Roles, ", ")
	}
	unreadable := ""
	if x.Err != nil {
		unreadable = causes(x.Err)
	}
	expect := func(got, want string) string {
		if got == want {
			return ""
		}
		return fmt.Sprintf("%s sees %s: %s, expected %s", who, t.Table+t.Column, got, want)
	}
	switch {
	case unreadable != "":
		return fmt.Sprintf("%s can't read %s: %s", who, t.Table+t.Column, unreadable), nil
	case t.Table != "" && t.Sees != "":
		if x.Seen == nil {
			return expect("hidden", t.Sees), nil
		}
		return expect("plain", t.Sees), nil
	case t.Table != "":
		filter := x.Filter
		if filter == "" {
			filter = "none"
		}
		return expect(filter, t.Filter), nil
	}
	kind := kindOf(x, name[2])
	if t.Value == nil || kind == "hidden" {
		return expect(kind, t.Sees), nil
	}
	seen, null, err := e.MaskedValue(ctx, p, name[0], name[1], name[2], *t.Value)
	if err != nil {
		return "", err
	}
	if null {
		seen = "NULL"
	}
	return expect(seen, t.Sees), nil
}

// kindOf is what a column becomes, in a word.
func kindOf(x *engine.Examination, column string) string {
	for _, c := range x.Columns {
		if strings.EqualFold(c.Name, column) {
			if c.Mask.IsZero() {
				return "plain"
			}
			return c.Mask.Kind
		}
	}
	for _, c := range x.Hidden {
		if strings.EqualFold(c.Name, column) {
			return "hidden"
		}
	}
	return "missing"
}

func printExamination(out io.Writer, p policy.Principal, x *engine.Examination) {
	roles := "no roles"
	if len(p.Roles) > 0 {
		roles = "roles " + strings.Join(p.Roles, ", ")
	}
	fmt.Fprintf(out, "%s.%s as %s (%s)\n", x.Table.Database, x.Table.Name, p.User, roles)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if x.Seen == nil {
		fmt.Fprintln(w, "  there is no such table")
	}
	if x.Filter != "" {
		fmt.Fprintf(w, "  rows\t%s\trule %s\n", x.Filter, x.FilterRule)
	}
	if x.MinGroup > 0 {
		fmt.Fprintf(w, "  groups\tof at least %d people\trule %s\n", x.MinGroup, x.GroupRule)
	}
	if x.Err != nil {
		fmt.Fprintf(w, "  CAN'T BE READ\t%s\n", causes(x.Err))
	}
	for _, c := range x.Table.Def.Columns {
		becomes, rule, tags := "hidden", "", ""
		for _, d := range append(x.Columns[:len(x.Columns):len(x.Columns)], x.Hidden...) {
			if d.Name != c.Name {
				continue
			}
			rule, tags = d.Rule, strings.Join(d.Tags, " ")
		}
		for _, d := range x.Columns {
			if d.Name != c.Name {
				continue
			}
			becomes = "as it is"
			if !d.Mask.IsZero() {
				text, _ := policy.MaskSQL(d.Mask, &c)
				becomes = d.Mask.Kind + ": " + text
			}
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", c.Name, becomes, rule, tags)
	}
	_ = w.Flush() // to a buffer or a terminal
}

// causes is the text of an error with all that is behind it, for administrators.
func causes(err error) string {
	text := err.Error()
	for err = errors.Unwrap(err); err != nil; err = errors.Unwrap(err) {
		text += " (" + err.Error() + ")"
	}
	return text
}
