package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/catalog"
	"weir/catalog/config"
	"weir/engine/sqlerr"
	"weir/sources"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNames(t *testing.T) {
	systemOf("one").set(nil, table("public", "orders"), table("public", "Odd `name\"; x"))
	systemOf("many").set(nil, table("a", "t"), table("b", "t"), table("b", "u"), table("b", "U"),
		sources.Table{Schema: "b", Name: "broken", Broken: "type foo has no mapping"})
	c := open(t, section("one")+section("many"))
	l := c.Begin()
	defer l.Release()
	for _, q := range []struct {
		db, table, found string
		kind             sqlerr.Kind
		text             string
	}{
		{"one", "orders", "public.orders", sqlerr.Kind{}, ""},
		{"one", "Odd `name\"; x", "public.Odd `name\"; x", sqlerr.Kind{}, ""},
		{"one", "Orders", "", sqlerr.UnknownTable, "there is 'orders'"},
		{"one", "public.orders", "", sqlerr.UnknownTable, "Table 'one.public.orders' doesn't exist"},
		{"ONE", "orders", "", sqlerr.UnknownDatabase, "there is 'one'"},
		{"two", "orders", "", sqlerr.UnknownDatabase, "Unknown database 'two'"},
		{"many", "b.t", "b.t", sqlerr.Kind{}, ""},
		{"many", "t", "", sqlerr.UnknownTable, "write one of `a.t`, `b.t`"},
		{"many", "u", "b.u", sqlerr.Kind{}, ""},
		{"many", "U", "b.U", sqlerr.Kind{}, ""},
		{"many", "b.broken", "", sqlerr.SourceFailed, "table 'many.b.broken' can't be read: type foo has no mapping"},
	} {
		got, err := l.Table(t.Context(), q.db, q.table)
		switch {
		case q.found != "" && (err != nil || got.Def.Schema+"."+got.Def.Name != q.found):
			t.Errorf("%s.%s: %v, %v", q.db, q.table, got, err)
		case q.found == "" && (!q.kind.Is(err) || !strings.Contains(err.Error(), q.text)):
			t.Errorf("%s.%s: error %v, want %q", q.db, q.table, err, q.text)
		}
	}
	if got := strings.Join(l.Databases(), " "); got != "many one" {
		t.Errorf("databases: %s", got)
	}
	tables, err := l.Tables(t.Context(), "many")
	if err != nil || len(tables) != 5 || tables[0].Name != "a.t" {
		t.Errorf("tables: %v, %v", tables, err)
	}
}

// Any number of statements that wait for a source's tables cause one reading, and one that gives up doesn't spoil the others'.
func TestSingleFlight(t *testing.T) {
	s := systemOf("flight")
	s.set(nil, table("", "t"))
	s.hold = make(chan struct{})
	c := open(t, section("flight"))
	l := c.Begin()
	defer l.Release()

	impatient, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error)
	go func() { _, err := l.Table(impatient, "flight", "t"); gaveUp <- err }()
	eventually(t, "the first reading", func() bool { return s.reads.Load() == 1 })
	cancel()
	if err := <-gaveUp; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled wait: %v", err)
	}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, err := l.Table(t.Context(), "flight", "t"); err != nil {
				t.Error(err)
			}
		})
	}
	time.Sleep(20 * time.Millisecond)
	close(s.hold)
	wg.Wait()
	if n := s.reads.Load(); n != 1 {
		t.Errorf("%d readings", n)
	}
}

// A source that is down has a database, fails its own statements only, says what to do, and comes back by itself.
func TestDownAndBack(t *testing.T) {
	s := systemOf("down")
	s.set(down)
	systemOf("up").set(nil, table("", "t"))
	c := open(t, section("down")+section("up"))
	l := c.Begin()
	defer l.Release()
	if _, err := l.Table(t.Context(), "up", "t"); err != nil {
		t.Errorf("the other source: %v", err)
	}
	for range 3 {
		_, err := l.Table(t.Context(), "down", "t")
		if !sqlerr.SourceFailed.Is(err) || !errors.Is(err, sources.ErrUnavailable) || !strings.Contains(err.Error(), "tried again by itself") ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("statement on the source that is down: %v", err)
		}
	}
	if n := s.reads.Load(); n != 1 {
		t.Errorf("%d attempts within a second; statements should fail at once", n)
	}
	if known := l.Known(t.Context(), "down"); len(known) != 0 {
		t.Errorf("known: %v", known)
	}
	if st := c.Status(); len(st) != 2 || st[0].Err == nil || st[1].Err != nil || st[1].Tables != 1 {
		t.Errorf("status: %+v", st)
	}
	s.set(nil, table("", "t"))
	eventually(t, "the return of the source", func() bool { st := c.Status(); return st[0].Err == nil && st[0].Read })
	reads := s.reads.Load()
	if _, err := l.Table(t.Context(), "down", "t"); err != nil || s.reads.Load() != reads {
		t.Errorf("after it came back: %v, %d readings more", err, s.reads.Load()-reads)
	}
}

// A source that refuses us isn't asked again at once: each attempt may count towards a locked account. What other errors say may hold secrets.
func TestRefused(t *testing.T) {
	s := systemOf("refused")
	s.set(errors.New("password hunter2 is wrong"))
	c := open(t, section("refused"))
	l := c.Begin()
	defer l.Release()
	for range 5 {
		_, err := l.Table(t.Context(), "refused", "t")
		if !sqlerr.SourceFailed.Is(err) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error: %v", err)
		}
	}
	time.Sleep(1200 * time.Millisecond)
	_, _ = l.Table(t.Context(), "refused", "t")
	if n := s.reads.Load(); n != 1 {
		t.Errorf("%d attempts", n)
	}
}

// find looks a table up as a statement of its own.
func find(t *testing.T, c *catalog.Catalog, database, table string) error {
	t.Helper()
	l := c.Begin()
	defer l.Release()
	_, err := l.Table(t.Context(), database, table)
	return err
}

// After a statement found that a table is not what the catalog holds, no later statement gets the old description; all that found the same cause
// one reading.
func TestChanged(t *testing.T) {
	s := systemOf("changed")
	s.set(nil, table("", "t"))
	c := open(t, section("changed"))
	var old []*catalog.Lease
	for range 3 {
		l := c.Begin()
		defer l.Release()
		if _, err := l.Table(t.Context(), "changed", "t"); err != nil {
			t.Fatal(err)
		}
		old = append(old, l)
	}
	s.set(nil, table("", "t2"))
	if err := find(t, c, "changed", "t"); err != nil {
		t.Errorf("nothing reported yet: %v", err)
	}
	for _, l := range old {
		l.Report("changed", fmt.Errorf("reading: %w", sources.ErrChanged))
		if err := find(t, c, "changed", "t"); !sqlerr.UnknownTable.Is(err) {
			t.Errorf("after the report: %v", err)
		}
		if _, err := l.Table(t.Context(), "changed", "t"); err != nil {
			t.Errorf("a statement under way sees other tables than before: %v", err)
		}
	}
	if n := s.reads.Load(); n != 2 {
		t.Errorf("%d readings", n)
	}
	last := c.Begin()
	defer last.Release()
	if _, err := last.Table(t.Context(), "changed", "t2"); err != nil {
		t.Errorf("the new table: %v", err)
	}
	last.Report("changed", sources.ErrChanged)
	s.set(down)
	if err := find(t, c, "changed", "t2"); !sqlerr.SourceFailed.Is(err) {
		t.Errorf("a listing known to be wrong was used: %v", err)
	}
	if known := last.Known(t.Context(), "changed"); len(known) != 1 {
		t.Errorf("listings should show what was last read, got %v", known)
	}
}

// A statement with an unknown name has the tables read again, at most once a second: it waits until that may be. It used to be told at once that a table
// doesn't exist which had been made since the last reading.
func TestReread(t *testing.T) {
	s := systemOf("new")
	s.set(nil, table("", "t"))
	c := open(t, section("new"))
	l := c.Begin()
	defer l.Release()
	if l.Reread(t.Context()) || s.reads.Load() != 0 {
		t.Error("a source was read that the statement has nothing to do with")
	}
	if _, err := l.Table(t.Context(), "new", "u"); !sqlerr.UnknownTable.Is(err) {
		t.Fatal(err)
	}
	s.set(nil, table("", "t"), table("", "u"))
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			l := c.Begin()
			defer l.Release()
			if _, err := l.Table(t.Context(), "new", "t"); err != nil || !l.Reread(t.Context()) {
				t.Errorf("the tables weren't read again (%v)", err)
			}
			if _, err := l.Table(t.Context(), "new", "u"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.reads.Load(); n != 2 {
		t.Errorf("%d readings for five statements at once, want one after the first", n)
	}
	// What another statement has read is newer too.
	if !l.Reread(t.Context()) || s.reads.Load() != 2 {
		t.Errorf("%d readings, want 2", s.reads.Load())
	}
	// Nobody waits for longer than his statement may take.
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if began := time.Now(); l.Reread(ctx) || time.Since(began) > 500*time.Millisecond {
		t.Errorf("waited %v", time.Since(began))
	}
}

// A source whose tables take long to read is left alone for a while, however often a name is unknown there.
func TestRereadOfASlowSource(t *testing.T) {
	s := systemOf("slow")
	s.set(nil, table("", "t"))
	s.hold = make(chan struct{})
	time.AfterFunc(400*time.Millisecond, func() { close(s.hold) })
	c := open(t, section("slow"))
	l := c.Begin()
	defer l.Release()
	if _, err := l.Table(t.Context(), "slow", "t"); err != nil {
		t.Fatal(err)
	}
	if l.Reread(t.Context()) || s.reads.Load() != 1 {
		t.Errorf("%d readings, want 1", s.reads.Load())
	}
}

func TestRefresh(t *testing.T) {
	s := systemOf("refresh")
	s.set(nil, table("", "t"))
	c := open(t, "  refresh: {kind: scripted, system: refresh, refresh: 30ms}\n")
	if err := find(t, c, "refresh", "t"); err != nil {
		t.Fatal(err)
	}
	s.set(nil, table("", "t"), table("", "u"))
	eventually(t, "the refresh", func() bool { return find(t, c, "refresh", "u") == nil })
	s.set(down)
	time.Sleep(60 * time.Millisecond)
	for range 3 {
		if err := find(t, c, "refresh", "u"); err != nil {
			t.Errorf("a failed refresh should leave the tables known: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// A source whose limits change is another one, with the same tables: they are known at once, and read again in the background. Until then its
// listings had no rows for as long as reading took, and none at all if that took longer than a listing waits.
func TestReloadKeepsTables(t *testing.T) {
	s, other := systemOf("limits"), systemOf("elsewhere")
	s.set(nil, table("", "t"))
	other.set(nil, table("", "x"))
	c := open(t, section("limits"))
	if err := find(t, c, "limits", "t"); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	s.hold = make(chan struct{})
	s.mu.Unlock()
	known := func() int {
		l := c.Begin()
		defer l.Release()
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		return len(l.Known(ctx, "limits"))
	}
	if err := c.Reload(t.Context(), configure(t, "  limits: {kind: scripted, system: limits, max_connections: 3}\n")); err != nil {
		t.Fatal(err)
	}
	if n := known(); n != 1 {
		t.Errorf("%d tables are known after the reload", n)
	}
	eventually(t, "the second reading", func() bool { return s.reads.Load() == 2 })
	close(s.hold)
	// Another system has other tables.
	if err := c.Reload(t.Context(), configure(t, "  limits: {kind: scripted, system: elsewhere}\n")); err != nil {
		t.Fatal(err)
	}
	if err := find(t, c, "limits", "x"); err != nil {
		t.Error(err)
	}
}

func TestReload(t *testing.T) {
	for _, name := range []string{"kept", "gone", "altered", "added"} {
		systemOf(name).set(nil, table("", "t"))
	}
	c := open(t, section("kept")+section("gone")+section("altered"))
	running := c.Begin()
	gone, altered, kept := systemOf("gone").opened[0], systemOf("altered").opened[0], systemOf("kept").opened[0]

	wrong := configure(t, section("kept")+"  broken: {kind: scripted, system: broken, bad: yes}\n"+section("added"))
	err := c.Reload(t.Context(), wrong)
	if err == nil || !strings.Contains(err.Error(), "weir.yaml:4:3: sources.broken: the option bad is bad") {
		t.Fatalf("wrong configuration: %v", err)
	}
	if names := strings.Join(running.Databases(), " "); names != "altered gone kept" || c.Config() == wrong {
		t.Errorf("a wrong configuration changed something: %s", names)
	}
	if !systemOf("added").opened[0].closed.Load() {
		t.Errorf("a source opened for a wrong configuration stays open")
	}

	right := configure(t, section("kept")+section("added")+"  altered: {kind: scripted, system: altered, max_connections: 3}\n")
	if err := c.Reload(t.Context(), right); err != nil {
		t.Fatal(err)
	}
	if gone.closed.Load() || altered.closed.Load() {
		t.Error("a source was closed under a running statement")
	}
	if _, err := running.Table(t.Context(), "gone", "t"); err != nil {
		t.Errorf("the running statement lost its source: %v", err)
	}
	next := c.Begin()
	if names := strings.Join(next.Databases(), " "); names != "added altered kept" {
		t.Errorf("after the reload: %s", names)
	}
	if src, err := next.Source("kept"); err != nil || src != sources.Source(kept) {
		t.Errorf("the unchanged source was opened anew: %v", err)
	}
	running.Release()
	running.Release() // harmless
	if !gone.closed.Load() || !altered.closed.Load() || kept.closed.Load() {
		t.Error("after the last statement exactly the removed and the altered source should be closed")
	}
	next.Release()
}

func TestCloseUnderStatement(t *testing.T) {
	systemOf("late").set(nil, table("", "t"))
	c, err := catalog.Open(t.Context(), configure(t, section("late")), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l := c.Begin()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if err := c.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("close: %v", err)
	}
	if !systemOf("late").opened[0].closed.Load() {
		t.Error("the source is still open")
	}
	l.Release()
	if names := c.Begin().Databases(); len(names) != 0 {
		t.Errorf("after close: %v", names)
	}
}

// Everything at once, for the race detector.
func TestConcurrency(t *testing.T) {
	systemOf("busy").set(nil, table("", "t"))
	systemOf("busy2").set(nil, table("", "t"))
	c := open(t, "  busy: {kind: scripted, system: busy, refresh: 1ms}\n"+section("busy2"))
	first, second := configure(t, section("busy")), configure(t, section("busy")+section("busy2"))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				l := c.Begin()
				if src, err := l.Source("busy"); err == nil && src.(*scripted).closed.Load() {
					t.Error("a leased source is closed")
				}
				if _, err := l.Table(ctx, "busy", "t"); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				l.Known(ctx, "busy2")
				c.Status()
				if i == 0 {
					l.Report("busy", sources.ErrChanged)
				}
				l.Release()
			}
		})
	}
	wg.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			if err := c.Reload(t.Context(), []*config.Config{first, second}[i%2]); err != nil {
				t.Error(err)
			}
			time.Sleep(5 * time.Millisecond)
		}
	})
	wg.Wait()
}
