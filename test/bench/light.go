package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// runLight measures what a user feels on small statements, and the streaming of a large table.
func runLight(ctx context.Context, s *sources, w *weir, r *report) error {
	for _, f := range []func(context.Context, *sources, *weir, *report) error{lookups, join, stream, clients} {
		if err := f(ctx, s, w, r); err != nil {
			return err
		}
	}
	return nil
}

const lookupRuns = 1000

// lookups compares a point lookup through Weir with the source's own, on MariaDB and on PostgreSQL.
func lookups(ctx context.Context, s *sources, w *weir, r *report) error {
	my, err := sql.Open("mysql", s.crm)
	if err != nil {
		return err
	}
	defer my.Close()
	pg, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		return err
	}
	defer pg.Close(ctx)
	customers, err := number(ctx, w.db, "select count(*) from crm.customer")
	if err != nil {
		return err
	}
	orders, err := number(ctx, w.db, "select max(o_orderkey) from erp.orders")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 1))
	through := func(q string) error { _, err := readAll(ctx, w.db, q); return err }
	const lookup = "select c_name, c_acctbal, c_comment from %scustomer where c_custkey = %d"
	a, b, err := interleaved(lookupRuns, func(i int) (func() error, func() error) {
		key := 1 + random.Int64N(customers)
		return func() error { _, err := readAll(ctx, my, fmt.Sprintf(lookup, "", key)); return err },
			func() error { return through(fmt.Sprintf(lookup, "crm.", key)) }
	})
	if err != nil {
		return err
	}
	r.line("\nPoint lookups, joins, streams and clients:\n\n- Point lookup on MariaDB: %v through Weir, %v direct (medians of %d): %v more.", b, a, lookupRuns, b-a)
	const order = "select o_totalprice, o_orderdate, o_comment from %sorders where o_orderkey = %d"
	a, b, err = interleaved(lookupRuns, func(i int) (func() error, func() error) {
		key := 1 + random.Int64N(orders)
		return func() error {
				return drain(pg.Query(ctx, fmt.Sprintf(order, "", key), pgx.QueryExecModeSimpleProtocol))
			},
			func() error { return through(fmt.Sprintf(order, "erp.", key)) }
	})
	if err != nil {
		return err
	}
	r.line("- Point lookup on PostgreSQL: %v through Weir, %v direct: %v more.", b, a, b-a)
	return nil
}

// interleaved runs pairs of actions in turn and gives the medians of both.
func interleaved(n int, pair func(i int) (func() error, func() error)) (a, b time.Duration, err error) {
	var as, bs []time.Duration
	for i := range n + n/10 {
		x, y := pair(i)
		start := time.Now()
		if err := x(); err != nil {
			return 0, 0, err
		}
		middle := time.Now()
		if err := y(); err != nil {
			return 0, 0, err
		}
		if i >= n/10 { // the first ones warm up
			as, bs = append(as, middle.Sub(start)), append(bs, time.Since(middle))
		}
	}
	return median(as).Round(time.Microsecond), median(bs).Round(time.Microsecond), nil
}

func drain(rows pgx.Rows, err error) error {
	if err != nil {
		return err
	}
	for rows.Next() {
		rows.RawValues()
	}
	rows.Close()
	return rows.Err()
}

// joinStatement joins two sources by a key.
const joinStatement = "select c.c_name, o.o_totalprice from erp.orders o join crm.customer c on c.c_custkey = o.o_custkey where o.o_orderkey = %d"

func join(ctx context.Context, _ *sources, w *weir, r *report) error {
	orders, err := number(ctx, w.db, "select max(o_orderkey) from erp.orders")
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(2, 2))
	var times []time.Duration
	for i := range 550 {
		start := time.Now()
		if _, err := readAll(ctx, w.db, fmt.Sprintf(joinStatement, 1+random.Int64N(orders))); err != nil {
			return err
		}
		if i >= 50 {
			times = append(times, time.Since(start))
		}
	}
	r.line("- Join of two sources by a key: %v (median of %d).", median(times).Round(time.Microsecond), len(times))
	return nil
}

// querier is a *sql.DB or a *sql.Conn.
type querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

// each reads a statement's rows without keeping them.
func each(ctx context.Context, db querier, q string, row func([]sql.RawBytes)) error {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	raw := make([]sql.RawBytes, len(names))
	into := make([]any, len(names))
	for i := range raw {
		into[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		row(raw)
	}
	return rows.Err()
}

func readAll(ctx context.Context, db querier, q string) (out [][]*string, err error) {
	err = each(ctx, db, q, func(raw []sql.RawBytes) {
		row := make([]*string, len(raw))
		for i, v := range raw {
			if v != nil {
				s := string(v)
				row[i] = &s
			}
		}
		out = append(out, row)
	})
	return out, err
}

func number(ctx context.Context, db *sql.DB, q string) (n int64, err error) {
	err = db.QueryRowContext(ctx, q).Scan(&n)
	return n, err
}

// machine describes the processor, cores and memory.
func machine() string {
	model := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, line := range strings.Split(string(b), "\n") {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				model = strings.TrimSpace(v)
				break
			}
		}
	}
	memory := ""
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		var kib int64
		if _, err := fmt.Sscanf(string(b), "MemTotal: %d kB", &kib); err == nil {
			memory = fmt.Sprintf(", %d GiB", (kib+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%s, %d cores%s", model, runtime.NumCPU(), memory)
}
