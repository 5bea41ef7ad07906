package main

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

const streamRuns = 3

// streamColumns are of the types that most rows are made of: an integer, a decimal, a date, a text.
const streamColumns = "SELECT l_orderkey, l_extendedprice, l_shipdate, l_shipmode FROM "

// way is one way of reading the large table to its end.
type way struct {
	name    string
	through bool // Weir
	read    func() error
	times   []time.Duration
}

// stream reads four columns of the largest table through Weir and, in the usual ways, straight from the source.
func stream(ctx context.Context, s *sources, w *weir, r *report) error {
	pg, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return err
	}
	defer pg.Close(ctx)
	client, err := w.plainClient(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	n := 0
	direct, through := streamColumns+"lineitem", streamColumns+"erp.lineitem"
	samples := &samples{}
	ways := []*way{
		{name: "go-sql-driver", through: true, read: func() (err error) {
			stop := samples.start(w)
			defer stop()
			n, err = countRows(ctx, client, through)
			return err
		}},
		{name: "pgx, rows", read: func() error { return drain(pg.Query(ctx, direct)) }},
		{name: "pgx, COPY binary, bytes only", read: func() error {
			_, err := pg.PgConn().CopyTo(ctx, io.Discard, "COPY ("+direct+") TO STDOUT (FORMAT binary)")
			return err
		}},
	}
	if mariadb, err := exec.LookPath("mariadb"); err == nil {
		ways = append(ways, &way{name: "mariadb --quick", through: true, read: func() error { return w.readBy(ctx, mariadb, through) }})
	}
	if psql, err := exec.LookPath("psql"); err == nil {
		ways = append(ways,
			&way{name: "psql, COPY text", read: func() error { return psqlRead(ctx, psql, s.postgres, "COPY ("+direct+") TO STDOUT") }},
			&way{name: "psql, rows", read: func() error { return psqlRead(ctx, psql, s.postgres, direct) }})
	}
	for i := range streamRuns + 1 {
		for _, y := range ways {
			start := time.Now()
			if err := y.read(); err != nil {
				return fmt.Errorf("streaming with %s: %w", y.name, err)
			}
			if i > 0 { // the first one warms up
				y.times = append(y.times, time.Since(start))
			}
		}
	}
	var own, peers []string
	least := map[bool]time.Duration{}
	for _, y := range ways {
		d := median(y.times)
		if least[y.through] == 0 || d < least[y.through] {
			least[y.through] = d
		}
		text := fmt.Sprintf("%s %.2f s", y.name, d.Seconds())
		if y.through {
			own = append(own, text)
		} else {
			peers = append(peers, text)
		}
	}
	rows := median(ways[1].times) // pgx takes rows apart as a MySQL driver does; the others hand over unread bytes, or print
	r.line("- Streaming %d rows of 4 columns through Weir: %s; straight from PostgreSQL: %s. Least against least %.2f, driver against driver %.2f. Medians of %d, all without TLS.",
		n, strings.Join(own, ", "), strings.Join(peers, ", "), least[true].Seconds()/least[false].Seconds(), median(ways[0].times).Seconds()/rows.Seconds(), streamRuns)
	r.line("  Weir's memory meanwhile, in MiB at each tenth of the last stream: %s; at most %d.", samples.tenths(), slices.Max(samples.all)>>20)
	return nil
}

func psqlRead(ctx context.Context, psql, address, sql string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, psql, "--no-psqlrc", "--set", "FETCH_COUNT=10000", "-At", "-c", sql, u.String())
	cmd.Stdout = nil // to nowhere, without this process in between
	return cmd.Run()
}

// plainClient is a connection of the driver itself: database/sql on top of it locks and converts for every row, and pgx has nothing like it.
func (w *weir) plainClient(ctx context.Context) (driver.Conn, error) {
	cfg := w.client.Clone()
	cfg.TLSConfig = "false"
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return connector.Connect(ctx)
}

func countRows(ctx context.Context, c driver.Conn, q string) (n int, err error) {
	rows, err := c.(driver.QueryerContext).QueryContext(ctx, q, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	values := make([]driver.Value, len(rows.Columns()))
	for ; ; n++ {
		if err := rows.Next(values); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// readBy reads a statement's rows with the command-line client, which prints them to nowhere.
func (w *weir) readBy(ctx context.Context, mariadb, q string) error {
	host, port, err := net.SplitHostPort(w.client.Addr)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, mariadb, "--no-defaults", "-h", host, "-P", port, "-u", w.client.User, "--skip-ssl", "--quick", "-N", "-e", q)
	cmd.Env = append(os.Environ(), "MYSQL_PWD="+w.client.Passwd)
	return cmd.Run()
}

// samples are sizes of Weir's memory, ten times a second; of the last stream alone, but for the greatest.
type samples struct{ all, last []int64 }

// start samples until stop is called.
func (m *samples) start(w *weir) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	m.last = nil
	go func() {
		defer close(ended)
		for {
			m.last = append(m.last, w.status("VmRSS"))
			m.all = append(m.all, m.last[len(m.last)-1])
			select {
			case <-end:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return func() { close(end); <-ended }
}

func (m *samples) tenths() string {
	var out []string
	for i := range 11 {
		out = append(out, fmt.Sprint(m.last[(len(m.last)-1)*i/10]>>20))
	}
	return strings.Join(out, " ")
}
