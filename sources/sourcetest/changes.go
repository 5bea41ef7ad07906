package sourcetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/engine/plan"
	"weir/sources"
)

// ChangeCase is something that happens to a table or view between the time when a statement is planned and the time when it runs.
type ChangeCase struct {
	// Name is one of Changes, or a kind's own.
	Name string
	// Table is the table or view, Before makes it, with one row at least, and After changes it.
	Table         string
	Before, After []string
	// Harmless says that no plan depends on what changes.
	Harmless bool
}

// Changes are the names of the cases that every kind must have.
var Changes = []string{"type changed", "column added", "column renamed", "column dropped", "columns swapped", "NULL allowed", "key dropped", "table made anew", "view redefined",
	"table below a view changed", "rows and comments"}

// Alternation is a table that changes all the time between two definitions. Its column v is an integer in one and text in the other; its rows are 9 and 10.
type Alternation struct {
	Table         string
	Before        []string
	ToInt, ToText []string
}

// changes: a statement whose tables are not what it was planned from is refused, whatever it reads of them; once they have been read again it runs.
func (h *Harness) changes(t *testing.T) {
	for _, name := range Changes {
		if !slices.ContainsFunc(h.Changes, func(c ChangeCase) bool { return c.Name == name }) {
			t.Errorf("there is no case %q", name)
		}
	}
	b := newBench(t, &Harness{Kind: h.Kind, Options: h.Options, Address: h.Address})
	for _, c := range h.Changes {
		t.Run(c.Name, func(t *testing.T) {
			h.Exec(t, c.Before...)
			before := b.reread(t, c.Table)
			if before.Version == "" {
				t.Fatal("the table has no version")
			}
			var plans []*plan.Plan
			for _, q := range []string{"SELECT * FROM %s", "SELECT count(*) FROM %s", "SELECT 1 FROM %[1]s a, %[1]s b"} {
				p, _, err := b.plan(t.Context(), fmt.Sprintf(q, c.Table), false)
				if err != nil {
					t.Fatal(err)
				}
				plans = append(plans, p)
			}
			run := func(want error, when string) {
				t.Helper()
				for _, p := range plans {
					for range 2 {
						if _, err := b.rows(t.Context(), p); !errors.Is(err, want) {
							t.Errorf("%s %s gives %v, want %v", p.Fragments[0].Text.SQL, when, err, want)
						}
					}
				}
			}
			run(nil, "before the change")
			h.Exec(t, c.After...)
			if c.Harmless {
				run(nil, "after a harmless change")
				if after := b.reread(t, c.Table); after.Version != before.Version {
					t.Error("a harmless change made another version")
				}
				return
			}
			run(sources.ErrChanged, "after the change")
			if after := b.reread(t, c.Table); after.Version == before.Version {
				t.Error("the version is the same after the change")
			}
			run(sources.ErrChanged, "after the tables were read again")
			p, _, err := b.plan(t.Context(), "SELECT * FROM "+c.Table, false)
			if err != nil {
				t.Fatal(err)
			}
			plans = []*plan.Plan{p}
			run(nil, "planned again")
		})
	}
	t.Run("all the time", h.alternate)
}

// reread reads the tables and returns one of them.
func (b *bench) reread(t *testing.T, table string) sources.Table {
	t.Helper()
	var err error
	if b.tables, err = b.source.Tables(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, x := range b.tables {
		if x.Name == table {
			return x
		}
	}
	t.Fatalf("discovery didn't find %s", table)
	return sources.Table{}
}

// alternate: while a table changes between two definitions, each answer belongs to the one that its statement was planned from. By an integer column
// the larger of 9 and 10 is 10, by text it is 9.
func (h *Harness) alternate(t *testing.T) {
	a := h.Alternation
	h.Exec(t, a.Before...)
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	var answered, refused [2]atomic.Int64
	var wg sync.WaitGroup
	defer func() { cancel(); wg.Wait() }()
	for i := range 3 {
		b := newBench(t, &Harness{Kind: h.Kind, Options: h.Options, Address: h.Address})
		wg.Go(func() {
			for ctx.Err() == nil {
				var err error
				if b.tables, err = b.source.Tables(t.Context()); err != nil {
					if !errors.Is(err, sources.ErrChanged) && !errors.Is(err, sources.ErrUnavailable) {
						t.Errorf("discovery: %v", err)
					}
					continue
				}
				at := slices.IndexFunc(b.tables, func(x sources.Table) bool { return x.Name == a.Table })
				if at < 0 || b.tables[at].Broken != "" {
					t.Error("discovery doesn't find the table, or can't describe it")
					continue
				}
				for range 4 + i {
					p, cols, err := b.plan(t.Context(), "SELECT max(v), sum(v > '5'), min(concat(v, '')), count(*) FROM "+a.Table, false)
					if err != nil {
						t.Error(err)
						return
					}
					want, kind := "10 2 \"10\" 2", 0
					if !cols[0].T.IsNumeric() {
						want, kind = "\"9\" 1 \"10\" 2", 1
					}
					rows, err := b.rows(t.Context(), p)
					switch {
					case errors.Is(err, sources.ErrChanged):
						refused[kind].Add(1)
					case err != nil:
						t.Errorf("%v", detailed(err))
					default:
						answered[kind].Add(1)
						if got := fmt.Sprint(rows); got != "[["+want+"]]" {
							t.Errorf("%s gives %s, want %s", p.Fragments[0].Text.SQL, got, want)
						}
					}
				}
			}
		})
	}
	n := 0
	for ; ctx.Err() == nil; n++ {
		h.Exec(t, a.ToText...)
		time.Sleep(time.Duration(n%7) * time.Millisecond)
		h.Exec(t, a.ToInt...)
		time.Sleep(time.Duration(n%5) * time.Millisecond)
	}
	wg.Wait()
	t.Logf("%d changes; answered %d and %d, refused %d and %d", 2*n, answered[0].Load(), answered[1].Load(), refused[0].Load(), refused[1].Load())
	if n < 5 || answered[0].Load() == 0 || answered[1].Load() == 0 || refused[0].Load() == 0 {
		t.Error("too little happened for the test to mean something")
	}
}
