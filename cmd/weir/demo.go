package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/spf13/cobra"

	"weir/catalog/config"
	"weir/cmd/weir/demo"
)

// demoStatement asks one question of all three systems: what does each account manager's business bring in, and how much of what is on
// order could not be delivered from stock today?
const demoStatement = `SELECT a.owner,
       count(DISTINCT c.id) AS customers,
       sum(l.net_amount) AS revenue,
       sum(CASE WHEN o.status = 'open' AND s.available < l.quantity THEN l.net_amount ELSE 0 END) AS not_in_stock
FROM crm.accounts AS a
JOIN erp.customers AS c ON c.vat_number = a.vat_number
JOIN erp.orders AS o ON o.customer_id = c.id
JOIN erp.order_lines AS l ON l.order_id = o.id
JOIN (SELECT sku, sum(on_hand - reserved) AS available FROM inventory.stock_levels GROUP BY sku) AS s ON s.sku = l.sku
WHERE o.ordered_at >= '2026-01-01' AND o.status <> 'cancelled'
GROUP BY a.owner
ORDER BY revenue DESC`

const demoUser = "demo"

func newDemoCommand() *cobra.Command {
	var d demoRun
	cmd := &cobra.Command{
		Use: "demo", Short: "Make three demo systems and serve them", Args: cobra.NoArgs,
		Long: `Make three databases of a trading company (ERP, CRM and inventory, as SQLite files), start a server on 127.0.0.1:3306 or the
next free port, run one statement over all three, and serve until Ctrl-C.

Without --dir everything goes to a temporary directory that is removed at the end.`,
		Example: `  weir demo
  weir demo --dir ./weir-demo     # keep the databases and a weir.yaml to start from`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return d.run(cmd.Context(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	f := cmd.Flags()
	f.StringVar(&d.dir, "dir", "", "directory for the databases and a weir.yaml; databases of an earlier demo there are made anew")
	f.IntVar(&d.port, "port", 3306, "first port to try")
	f.Uint64Var(&d.seed, "seed", 1, "seed of the data")
	f.BoolVar(&d.once, "once", false, "end after the statement instead of serving")
	_ = cmd.MarkFlagDirname("dir")
	return cmd
}

// demoRun is one run of the demo.
type demoRun struct {
	dir  string
	port int
	seed uint64
	once bool
}

func (d *demoRun) run(ctx context.Context, out, errs io.Writer) (err error) {
	if d.dir == "" {
		if d.dir, err = os.MkdirTemp("", "weir-demo-"); err != nil {
			return fmt.Errorf("making a directory for the demo: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	} else if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("making the directory for the demo: %w", err)
	}
	start := time.Now()
	if err := demo.Generate(ctx, d.dir, demo.Options{Seed: d.seed}); err != nil {
		return interruptedOr(ctx, err)
	}
	fmt.Fprintf(out, "Three systems in %s (%s):\n", d.dir, since(start))
	fmt.Fprintln(out, "  erp        customers, orders, order_lines, invoices, suppliers")
	fmt.Fprintln(out, "  crm        accounts, contacts, opportunities, activities")
	fmt.Fprintln(out, "  inventory  products, warehouses, stock_levels, stock_movements")

	password := rand.Text()
	srv, err := d.serve(ctx, password, errs)
	if err != nil {
		return interruptedOr(ctx, err)
	}
	defer srv.Stop()
	fmt.Fprintf(out, "\nWeir serves them at %s.\n", srv.Addr)
	if port := portOf(srv.Addr); port != d.port {
		fmt.Fprintf(out, "(Port %d is taken; %d is the next free one.)\n", d.port, port)
	}
	if err := d.ask(ctx, srv.Addr, password, out); err != nil {
		return interruptedOr(ctx, err)
	}
	printConnections(out, portOf(srv.Addr), password)
	if d.once {
		return nil
	}
	fmt.Fprintln(out, "\nServing. Ctrl-C ends it.")
	<-srv.Done()
	srv.Stop()
	fmt.Fprintln(out, "\nStopped.")
	return srv.Err()
}

// interruptedOr drops an error that comes of Ctrl-C.
func interruptedOr(ctx context.Context, err error) error {
	select {
	case <-ctx.Done():
		return nil
	default:
		return err
	}
}

// serve writes a configuration and starts a server on the first free port.
func (d *demoRun) serve(ctx context.Context, password string, errs io.Writer) (*running, error) {
	if err := os.WriteFile(filepath.Join(d.dir, "password"), []byte(password+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("writing the demo's password: %w", err)
	}
	port, err := freePort(d.port)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(d.dir, "weir.yaml")
	if err := os.WriteFile(file, []byte(d.config(port)), 0o600); err != nil {
		return nil, fmt.Errorf("writing the demo's configuration: %w", err)
	}
	cfg, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	log, _ := newLogger(cfg.Log, errs)
	return startServer(ctx, cfg, log)
}

// config is the demo's weir.yaml.
func (d *demoRun) config(port int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# The configuration of 'weir demo'. Serve it again with: weir serve --config %s\n", filepath.Join(d.dir, "weir.yaml"))
	fmt.Fprintf(&b, "listen: 127.0.0.1:%d\n", port)
	fmt.Fprintln(&b, "http: off")
	fmt.Fprintln(&b, "data_dir: ./weir-data")
	fmt.Fprintln(&b, "memory: 1GiB")
	fmt.Fprintln(&b, "log: {level: warn}")
	fmt.Fprintf(&b, "users:\n  - {name: %s, password: \"${file:password}\", roles: [admin]}\n", demoUser)
	fmt.Fprintln(&b, "sources:")
	for _, name := range demo.Names {
		fmt.Fprintf(&b, "  %s: {kind: sqlite, path: ./%s.db}\n", name, name)
	}
	return b.String()
}

// freePort is the first port from a given one that nobody listens on.
func freePort(first int) (int, error) {
	for port := first; port < min(first+1000, 1<<16); port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
		if !errors.Is(err, syscall.EADDRINUSE) {
			return 0, fmt.Errorf("looking for a free port: %w; try another one with --port", err)
		}
	}
	return 0, fmt.Errorf("no free port from %d on; try another range with --port", first)
}

func portOf(address string) int {
	var port int
	if _, text, err := net.SplitHostPort(address); err == nil {
		_, _ = fmt.Sscan(text, &port)
	}
	return port
}

// ask runs the demo's statement as a client, first explained, then for its rows.
func (d *demoRun) ask(ctx context.Context, address, password string, out io.Writer) error {
	dsn := mysql.NewConfig()
	dsn.Net, dsn.Addr, dsn.User, dsn.Passwd, dsn.TLSConfig = "tcp", address, demoUser, password, "preferred"
	dsn.Logger = mysql.Logger(silent{})
	connector, err := mysql.NewConnector(dsn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	fmt.Fprintf(out, "\n%s;\n", demoStatement)
	for _, step := range []struct {
		title, before string
		print         func(io.Writer, *sql.Rows) error
	}{{"How it ran (EXPLAIN ANALYZE)", "EXPLAIN ANALYZE ", printPlain}, {"Its rows", "", printTable}} {
		start := time.Now()
		text, err := printed(ctx, db, step.before+demoStatement, step.print)
		if err != nil {
			return fmt.Errorf("running the demo's statement: %w", statementError(err))
		}
		fmt.Fprintf(out, "\n%s, %s:\n%s", step.title, since(start), text)
	}
	return nil
}

// printed runs a statement and returns its rows as print writes them.
func printed(ctx context.Context, db *sql.DB, statement string, print func(io.Writer, *sql.Rows) error) (string, error) {
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var text strings.Builder
	if err := print(&text, rows); err != nil {
		return "", err
	}
	return text.String(), rows.Err()
}

func since(start time.Time) string {
	return fmt.Sprintf("%.2f s", time.Since(start).Seconds())
}

func printConnections(out io.Writer, port int, password string) {
	fmt.Fprintf(out, `
Connect to it (user %[1]s, password %[2]s):

  mysql client  MYSQL_PWD=%[2]s mysql -h 127.0.0.1 -P %[3]d -u %[1]s erp

  Python        import pymysql
                db = pymysql.connect(host="127.0.0.1", port=%[3]d, user="%[1]s", password="%[2]s", database="erp")
                # or mysql.connector.connect(…) with the same arguments

  JDBC          jdbc:mysql://127.0.0.1:%[3]d/erp?user=%[1]s&password=%[2]s&sslMode=REQUIRED

  weir          WEIR_PASSWORD=%[2]s %[4]s sql --server 127.0.0.1:%[3]d --user %[1]s 'SHOW TABLES FROM crm'
`, demoUser, password, port, os.Args[0])
}
