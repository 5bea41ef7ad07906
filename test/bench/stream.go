package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const streamRuns = 3

// streamColumns are of the types that most rows are made of: an integer, a decimal, a date, a text.
const streamColumns = "SELECT l_orderkey, l_extendedprice, l_shipdate, l_shipmode FROM "

// way is one way of reading the large table to its end.
type way struct {
	name  string
	read  func() error
	times []time.Duration
}

// stream reads four columns of the largest table through Weir and, in the usual ways, straight from the source.
func stream(ctx context.Context, s *sources, w *weir, r *report) error {
	pg, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return err
	}
	defer pg.Close(ctx)
	n := 0
	direct := streamColumns + "lineitem"
	samples := &samples{}
	ways := []*way{
		{name: "Weir", read: func() (err error) {
			stop := samples.start(w)
			defer stop()
			n, err = count(ctx, w.db, streamColumns+"erp.lineitem")
			return err
		}},
		{name: "pgx, rows", read: func() error { return drain(pg.Query(ctx, direct)) }},
		{name: "pgx, COPY binary, bytes only", read: func() error {
			_, err := pg.PgConn().CopyTo(ctx, io.Discard, "COPY ("+direct+") TO STDOUT (FORMAT binary)")
			return err
		}},
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
	through := median(ways[0].times)
	var parts []string
	for _, y := range ways[1:] {
		d := median(y.times)
		parts = append(parts, fmt.Sprintf("%s %.2f s (Weir is %.2f of it)", y.name, d.Seconds(), through.Seconds()/d.Seconds()))
	}
	r.line("- Streaming %d rows of 4 columns: %.2f s through Weir to a MySQL client; straight from PostgreSQL: %s. Medians of %d.",
		n, through.Seconds(), strings.Join(parts, "; "), streamRuns)
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
