package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

type options struct {
	postgres, crm, inventory  string
	scale                     string
	peers, trino              string
	only                      string
	runs                      int
	memory                    string
	binary                    string
	light, statements, policy bool
	output, readme            string
}

func main() {
	var o options
	flag.StringVar(&o.postgres, "postgres", "", "postgres:// URL of a loaded erp database; without it a server is started and loaded")
	flag.StringVar(&o.crm, "crm", "", "go-sql-driver address of a loaded crm database")
	flag.StringVar(&o.inventory, "inventory", "", "go-sql-driver address of a loaded inventory database")
	flag.StringVar(&o.scale, "scale", "1", "TPC-H scale of the data that is made")
	flag.StringVar(&o.peers, "peers", "duckdb,trino", "peers, separated by commas: duckdb, trino; empty for none")
	flag.StringVar(&o.trino, "trino", "", "address of a Trino server with the catalogs erp (PostgreSQL) and crm (MariaDB); without it one is started")
	flag.StringVar(&o.only, "only", "", "statements to run, such as q01,q05")
	flag.IntVar(&o.runs, "runs", 3, "runs of each statement")
	flag.StringVar(&o.memory, "memory", "1GiB", "Weir's memory")
	flag.StringVar(&o.binary, "weir", "", "the program; built if not given")
	flag.BoolVar(&o.statements, "tpch", true, "run the TPC-H statements")
	flag.BoolVar(&o.policy, "policy", true, "run the TPC-H statements with a policy beside none")
	flag.BoolVar(&o.light, "light", true, "measure lookups, streaming and clients")
	flag.StringVar(&o.output, "output", "", "write the report to this file too, as Markdown")
	flag.StringVar(&o.readme, "readme", "", "put the report between the benchmark marks of this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything and reports; an error if Weir's rows are wrong anywhere.
func run(ctx context.Context, o *options) error {
	s, err := openSources(ctx, o)
	if err != nil {
		return err
	}
	defer s.close()
	w, err := startWeir(ctx, o, s)
	if err != nil {
		return err
	}
	defer w.stop()
	r := &report{}
	servers, err := s.versions(ctx)
	if err != nil {
		return err
	}
	r.line("Machine: %s. TPC-H scale %s on %s; Weir with `memory: %s`.", machine(), s.scale, servers, o.memory)
	var wrong []string
	if o.statements {
		if wrong, err = runStatements(ctx, o, s, w, r); err != nil {
			return err
		}
		r.line("\nMemory: %d MiB when idle, %d MiB at the peak of all statements: %d MiB more.", w.idle>>20, w.peak()>>20, (w.peak()-w.idle)>>20)
	}
	if o.policy {
		different, err := runPolicies(ctx, o, w, r)
		if err != nil {
			return err
		}
		wrong = append(wrong, different...)
	}
	if o.light {
		if err := runLight(ctx, s, w, r); err != nil {
			return err
		}
		r.line("- Memory over the whole run: at most %d MiB more than when idle.", (w.peak()-w.idle)>>20)
	}
	if o.readme != "" {
		if err := putInto(o.readme, r.String()); err != nil {
			return err
		}
	}
	if o.output != "" {
		if err := os.WriteFile(o.output, []byte(r.String()), 0o644); err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("wrong or failed: %s", strings.Join(wrong, ", "))
	}
	return nil
}

// putInto replaces what is between the benchmark marks of a page.
func putInto(file, report string) error {
	const begin, end = "<!-- benchmark: begin -->\n", "<!-- benchmark: end -->"
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(b), begin)
	_, after, found := strings.Cut(rest, end)
	if !ok || !found {
		return fmt.Errorf("%s has no benchmark marks", file)
	}
	return os.WriteFile(file, []byte(before+begin+report+end+after), 0o644)
}

// report is printed as it grows.
type report struct{ strings.Builder }

func (r *report) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	fmt.Println(s)
	r.WriteString(s + "\n")
}
