package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

const (
	clientCount      = 200
	clientStatements = 20 // of each client
)

// task is a statement of a client: a lookup of a key, and what its answer must be.
type task struct {
	sql   string // has the key in it
	check func(key int64, rows [][]*string) bool
}

// mixed are what clients of all kinds send: lookups, joins, small reports, metadata, plans.
var mixed = []task{
	{"SELECT c_custkey, c_name FROM crm.customer WHERE c_custkey = %d", func(key int64, rows [][]*string) bool {
		return len(rows) == 1 && show(rows[0][1]) == fmt.Sprintf("Customer#%09d", key)
	}},
	{"SELECT o_custkey, o_totalprice FROM erp.orders WHERE o_custkey = %d ORDER BY o_totalprice DESC LIMIT 3", func(key int64, rows [][]*string) bool {
		return len(rows) <= 3 && (len(rows) == 0 || show(rows[0][0]) == fmt.Sprint(key))
	}},
	{"SELECT c.c_name, count(*), sum(o.o_totalprice) FROM crm.customer c JOIN erp.orders o ON o.o_custkey = c.c_custkey WHERE c.c_custkey = %d GROUP BY c.c_name",
		func(key int64, rows [][]*string) bool {
			return len(rows) == 0 || len(rows) == 1 && show(rows[0][0]) == fmt.Sprintf("Customer#%09d", key)
		}},
	{"SELECT n.n_name, count(s.s_suppkey) FROM crm.nation n LEFT JOIN inventory.supplier s ON s.s_nationkey = n.n_nationkey AND s.s_suppkey > %d GROUP BY n.n_name",
		func(_ int64, rows [][]*string) bool { return len(rows) == 25 }},
	{"SELECT table_name, %d FROM information_schema.tables WHERE table_schema = 'inventory'", func(_ int64, rows [][]*string) bool { return len(rows) >= 3 }},
	{"EXPLAIN SELECT * FROM erp.orders WHERE o_orderkey = %d", func(_ int64, rows [][]*string) bool { return len(rows) > 0 }},
	{"SELECT %d + 1", func(key int64, rows [][]*string) bool { return len(rows) == 1 && show(rows[0][0]) == fmt.Sprint(key+1) }},
}

// clients runs mixed statements from many connections at once. An error or a wrong answer of any is an error.
func clients(ctx context.Context, _ *sources, w *weir, r *report) error {
	customers, err := number(ctx, w.db, "SELECT count(*) FROM crm.customer")
	if err != nil {
		return err
	}
	var failed atomic.Int64
	var first atomic.Value
	fail := func(err error) {
		failed.Add(1)
		first.CompareAndSwap(nil, err.Error())
	}
	times := make([][]time.Duration, clientCount)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range clientCount {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			c, err := w.db.Conn(ctx)
			if err != nil {
				fail(err)
				return
			}
			defer c.Close()
			for range clientStatements {
				key, t := 1+random.Int64N(customers), mixed[random.IntN(len(mixed))]
				begin := time.Now()
				rows, err := readAll(ctx, c, fmt.Sprintf(t.sql, key))
				times[i] = append(times[i], time.Since(begin))
				if err != nil {
					fail(err)
				} else if !t.check(key, rows) {
					fail(fmt.Errorf("a wrong answer to %q for key %d", t.sql, key))
				}
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	var all []time.Duration
	for _, t := range times {
		all = append(all, t...)
	}
	r.line("- %d clients at once, %d mixed statements: %d errors, %.0f statements a second, median %v; memory %d MiB after it.",
		clientCount, clientCount*clientStatements, failed.Load(), float64(len(all))/elapsed.Seconds(), median(all).Round(100*time.Microsecond), w.status("VmRSS")>>20)
	if text := first.Load(); text != nil {
		return errors.New("many clients: " + text.(string))
	}
	return nil
}
