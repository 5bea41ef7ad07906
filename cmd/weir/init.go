package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v4"

	"weir/catalog/config"
	"weir/sources"
)

func newInit() *cobra.Command {
	var output string
	var force bool
	cmd := &cobra.Command{
		Use: "init DSN…", Short: "Write a commented weir.yaml from what is found at the given addresses", Args: cobra.MinimumNArgs(1),
		Long: `Write a commented weir.yaml for the given sources. The kind is told from the address: postgres://… or host=… dbname=… is
postgres; user@tcp(host:port)/db or mysql://… is mysql; a SQLite file is sqlite. Each source is asked for its tables.
A password in an address is not written; the file refers to an environment variable instead, which is named at the end.

Exit codes: 0 done, 2 an address is of no known kind or the file exists, 3 the file was written but a source couldn't be reached.`,
		Example: `  weir init postgres://erp@127.0.0.1:5432/erp 'crm:secret@tcp(127.0.0.1:3306)/crm' ./inventory.db
  weir init --output - postgres://erp@127.0.0.1:5432/erp`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return initConfig(cmd.Context(), args, output, force, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "weir.yaml", "file to write; - for standard output")
	cmd.Flags().BoolVar(&force, "force", false, "overwrite the file if it exists")
	return cmd
}

// found is a source as init will write it.
type found struct {
	name, kind, option string
	value              string // as given, to open it
	written            string // without password
	variable           string // holds the password; empty if the address had none
	tables             []sources.Table
	err                error
}

func initConfig(ctx context.Context, dsns []string, output string, force bool, stdout, stderr io.Writer) error {
	if _, err := os.Stat(output); err == nil && output != "-" && !force {
		return usage("%s exists; give another --output, or --force to overwrite it", output)
	}
	var all []*found
	for _, dsn := range dsns {
		f, err := detect(dsn)
		if err != nil {
			return usage("%w", err)
		}
		f.name = freeName(f.name, all)
		if f.option == "path" && filepath.Dir(output) != "." {
			if f.written, err = filepath.Abs(f.value); err != nil { // a relative one would be taken from the file's directory
				return err
			}
		}
		if f.variable != "" {
			f.variable = "WEIR_" + strings.ToUpper(regexp.MustCompile(`\W`).ReplaceAllString(f.name, "_")) + "_PASSWORD"
			f.written = strings.ReplaceAll(f.written, passwordMark, "${env:"+f.variable+"}")
		}
		f.discover(ctx)
		all = append(all, f)
	}
	text := []byte(render(all))
	if output == "-" {
		if _, err := stdout.Write(text); err != nil {
			return err
		}
	} else if err := os.WriteFile(output, text, 0o600); err != nil {
		return fmt.Errorf("writing the configuration: %w", err)
	}

	fmt.Fprintf(stderr, "Before 'weir serve', set WEIR_PASSWORD to the password that you want to log in with.\n")
	unreached := 0
	for _, f := range all {
		if f.variable != "" {
			fmt.Fprintf(stderr, "Set %s to the password of %s as it stood in the address.\n", f.variable, f.name)
		}
		if f.err != nil {
			unreached++
			fmt.Fprintf(stderr, "%s couldn't be read: %v\n", f.name, strings.ReplaceAll(adminError(f.err).Error(), f.value, "(address)"))
		}
	}
	if unreached > 0 {
		return &exitError{exitUnreachable, fmt.Errorf("%d of %d sources couldn't be read; their sections are written all the same", unreached, len(all))}
	}
	return nil
}

// passwordMark stands for a password until the source's name, and with it the variable's, is settled. It survives URL encoding.
const passwordMark = "WEIRPASSWORDMARK"

var keywordPassword = regexp.MustCompile(`(?i)\bpassword\s*=\s*('(?:[^'\\]|\\.)*'|\S+)`)

// detect tells a source's kind from its address.
func detect(dsn string) (*found, error) {
	f := &found{value: dsn, written: dsn, option: "dsn"}
	switch {
	case strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://"):
		u, err := url.Parse(dsn)
		if err != nil {
			return nil, errors.New("a postgres:// address can't be read as a URL; are special characters in the password percent-encoded?")
		}
		f.kind, f.name = "postgres", strings.Trim(u.Path, "/")
		if _, has := u.User.Password(); has {
			u.User = url.UserPassword(u.User.Username(), passwordMark)
			f.written, f.variable = u.String(), "yes"
		}
	case strings.Contains(dsn, "dbname=") || strings.HasPrefix(dsn, "host="):
		f.kind, f.name = "postgres", "postgres"
		if m := regexp.MustCompile(`\bdbname\s*=\s*(\S+)`).FindStringSubmatch(dsn); m != nil {
			f.name = strings.Trim(m[1], "'")
		}
		if keywordPassword.MatchString(dsn) {
			f.written, f.variable = keywordPassword.ReplaceAllString(dsn, "password="+passwordMark), "yes"
		}
	case isSQLite(dsn):
		f.kind, f.option = "sqlite", "path"
		f.name = strings.TrimSuffix(filepath.Base(dsn), filepath.Ext(dsn))
	default:
		if u, err := url.Parse(dsn); err == nil && (u.Scheme == "mysql" || u.Scheme == "mariadb") {
			f.value = fromURL(u)
		}
		cfg, err := mysql.ParseDSN(f.value)
		if err != nil || cfg.DBName == "" || cfg.Net != "tcp" && cfg.Net != "unix" {
			return nil, fmt.Errorf("an address is of no known kind: neither postgres://…, nor user@tcp(host:port)/database or mysql://…, nor a SQLite file%s", nameFile(dsn))
		}
		f.kind, f.name = "mysql", cfg.DBName
		f.written = f.value
		if cfg.Passwd != "" {
			user, rest, _ := strings.Cut(f.value, ":"+cfg.Passwd+"@")
			f.written, f.variable = user+":"+passwordMark+"@"+rest, "yes"
		}
	}
	return f, nil
}

// nameFile repeats an argument in an error only if it can't hold a password.
func nameFile(dsn string) string {
	if strings.ContainsAny(dsn, ":@=") {
		return ""
	}
	return ": " + dsn
}

func fromURL(u *url.URL) string {
	host := u.Host
	if u.Port() == "" {
		host += ":3306"
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Net, cfg.Addr, cfg.DBName = u.User.Username(), "tcp", host, strings.Trim(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	return cfg.FormatDSN()
}

// isSQLite reports whether a file is a SQLite database by its first bytes, or would be one by its name.
func isSQLite(path string) bool {
	if f, err := os.Open(path); err == nil {
		defer f.Close()
		head := make([]byte, 16)
		_, err := io.ReadFull(f, head)
		return err == nil && bytes.Equal(head, []byte("SQLite format 3\x00"))
	}
	return slices.Contains([]string{".db", ".sqlite", ".sqlite3", ".db3"}, strings.ToLower(filepath.Ext(path))) && !strings.Contains(path, "@")
}

func freeName(name string, taken []*found) string {
	if name == "" {
		name = "source"
	}
	isTaken := func() bool {
		return slices.Contains(config.Reserved, strings.ToLower(name)) || slices.ContainsFunc(taken, func(f *found) bool { return f.name == name })
	}
	for n, base := 2, name; isTaken(); n++ {
		name = fmt.Sprintf("%s%d", base, n)
	}
	return name
}

func (f *found) discover(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	src, err := sources.Open(ctx, f.kind, sources.Config{Name: f.name, Options: map[string]any{f.option: f.value}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.err = err
		return
	}
	defer src.Close()
	f.tables, f.err = src.Tables(ctx)
}

func render(all []*found) string {
	var b strings.Builder
	b.WriteString(`# Configuration of Weir. Every key is described in docs/configuration.md; 'weir check' tells what is wrong with it.

listen: 127.0.0.1:3306      # the MySQL protocol
http: 127.0.0.1:8306        # /metrics, /healthz, /readyz
data_dir: ./weir-data       # certificate, spilled data
memory: 2GiB                # for the whole process; what doesn't fit is spilled

users:
  - {name: weir, password: "${env:WEIR_PASSWORD}", roles: [admin]}

# Each source is a database of that name.
sources:
`)
	for _, f := range all {
		fmt.Fprintf(&b, "  # %s\n", f.summary())
		fmt.Fprintf(&b, "  %s:\n    kind: %s\n    %s: %s\n", scalar(f.name), f.kind, f.option, scalar(f.written))
		if f.kind != "sqlite" {
			b.WriteString("    # max_connections: 8       # at once; the kind has a default\n    # statement_timeout: 10m   # the longest time that a statement may hold a connection\n")
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// summary is one line about what was found.
func (f *found) summary() string {
	if f.err != nil {
		return "It couldn't be read when this file was written."
	}
	rows, names := 0.0, []string{}
	for _, t := range f.tables {
		rows += max(0, t.RowCount)
		if len(names) < 8 {
			names = append(names, regexp.MustCompile(`[[:cntrl:]]`).ReplaceAllString(t.Name, " "))
		}
	}
	more := ""
	if len(f.tables) > len(names) {
		more = ", …"
	}
	return fmt.Sprintf("%s, about %s rows: %s%s", count(len(f.tables), "table"), thousands(rows), strings.Join(names, ", "), more)
}

// scalar writes a text as YAML, in quotes where it needs them.
func scalar(s string) string {
	out, err := yaml.Marshal(s)
	if err != nil || strings.Contains(strings.TrimSpace(string(out)), "\n") {
		return fmt.Sprintf("%q", s)
	}
	return strings.TrimSpace(string(out))
}
