package sourcetest

import (
	"context"
	"flag"
	"testing"
	"time"

	"go.uber.org/goleak"

	"weir/engine/rel"
	"weir/sources"
)

var update = flag.Bool("update", false, "write the golden files of the conformance suite anew")

// Harness is what the suite needs to know of a kind and its real system.
type Harness struct {
	// Kind is the registered kind; Options are its options for connecting to an address, which is Address or that of a proxy.
	Kind    string
	Options func(address string) map[string]any
	// Address is the host:port of the real server. Empty for an embedded system: then loss and reconnect are left out.
	Address string
	// Exec runs statements as an administrator of the database that Options lead to.
	Exec func(t testing.TB, statements ...string)

	// Types are the column types of the system; see TypeCase. CreateTable writes the statement that makes a table with the columns
	// "id" (an integer key) and "v" of a type; nil: CREATE TABLE name (id INTEGER PRIMARY KEY, v type).
	Types       []TypeCase
	CreateTable func(name, columnType string) string

	// Setup makes the tables that Tables describes and the statements of Pushdown read.
	Setup []string
	// Tables are tables that discovery must find exactly so; a negative RowCount is not compared, and Distinct neither.
	Tables []sources.Table
	// Pushdown are SELECT statements over the tables of Setup. The database is called "src".
	Pushdown []string
	// EveryAbility asks that each form, aggregate, window function and feature that the dialect declares is used by what Pushdown sends to
	// the source; for kinds that don't prove their forms in tests of their own.
	EveryAbility bool
	// Reference is the go-sql-driver address of an empty database of a MariaDB whose collation is utf8mb4_nopad_bin; ReferenceSetup makes the same
	// tables with the same rows there. Empty: no reference is asked.
	Reference      string
	ReferenceSetup []string

	// Changes are what happens to tables under statements; all names of Changes must be there. Alternation is a table that never rests.
	Changes     []ChangeCase
	Alternation Alternation

	// Slow is a statement that runs for 30 s or more before its first row, Endless one that puts out rows for 30 s or more.
	Slow, Endless sources.Query
	// Running counts the remote statements, of any connection, whose text contains a marker. Slow and Endless contain Marker.
	Marker  string
	Running func(t testing.TB, marker string) int
	// Big is a statement with BigRows rows of at least 20 MB together.
	Big     sources.Query
	BigRows int64
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	before := goleak.IgnoreCurrent()
	t.Run("types", h.types)
	t.Run("setup", func(t *testing.T) { h.Exec(t, h.Setup...) })
	t.Run("discovery", h.discovery)
	t.Run("pushdown", h.pushdown)
	t.Run("changes", h.changes)
	t.Run("cancel", h.cancel)
	t.Run("close", h.closing)
	t.Run("over", h.over)
	if h.Address != "" {
		t.Run("loss", h.loss)
		t.Run("reconnect", h.reconnect)
		t.Run("down", h.down)
	}
	t.Run("concurrency", h.concurrency)
	t.Run("leaks", func(t *testing.T) { goleak.VerifyNone(t, before) })
}

// open makes a source at an address and closes it at the end of the test.
func (h *Harness) open(t testing.TB, address string) sources.Source {
	t.Helper()
	s, err := sources.Open(context.Background(), h.Kind, sources.Config{Name: "src", Options: h.Options(address), MaxConnections: 4})
	if err != nil {
		t.Fatalf("opening: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

// find returns a discovered table.
func find(t testing.TB, s sources.Source, name string) sources.Table {
	t.Helper()
	tables, err := s.Tables(t.Context())
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	for _, x := range tables {
		if x.Name == name {
			return x
		}
	}
	t.Fatalf("discovery didn't find %s", name)
	return sources.Table{}
}

// Scan is the plan that reads all columns of a discovered table.
func Scan(tab sources.Table, ids *rel.IDs) *rel.Scan {
	s := &rel.Scan{Table: &rel.Table{Source: "src", Schema: tab.Schema, Name: tab.Name, RowCount: tab.RowCount}}
	for _, c := range tab.Columns {
		s.Cols = append(s.Cols, rel.ScanColumn{Column: rel.Column{ID: ids.Next(), Name: c.Name, T: c.Type}, Distinct: c.Distinct})
	}
	return s
}

// within polls until a condition holds.
func within(t testing.TB, d time.Duration, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(d)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, d)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
