package duck

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// Options are how a DB is opened.
type Options struct {
	// Memory is the number of bytes that DuckDB may hold; beyond it, it spills. 0 is 1 GiB.
	Memory int64
	// SpillDir is the directory for what does not fit; it is created. Empty: nothing is spilled, and a statement that needs more
	// memory fails.
	SpillDir string
	// Threads is the number of threads that run queries; 0 is one for each processor.
	Threads int
	// Sessions is the number of sessions at one time; Begin waits for one to end. 0 is 512.
	Sessions int
	// ReorderJoins leaves the order of joins and their build sides to DuckDB. It knows nothing of how many rows a stream
	// holds, so by default joins are run as they are written.
	ReorderJoins bool
}

const (
	defaultMemory   = 1 << 30
	defaultSessions = 512
	// idleConnections is how many connections are kept for the next sessions.
	idleConnections = 32
)

// DB is an embedded DuckDB. Safe for concurrent use.
type DB struct {
	db      duckdb.Database
	keys    *keyring
	slots   chan struct{} // one token for each session under way
	mu      sync.Mutex
	control duckdb.Connection // for settings and numbers; under mu
	idle    []duckdb.Connection
	closed  bool
	open    int // connections, control excluded
}

var errClosed = errors.New("the embedded engine is closed")

// Open makes an empty database with all functions registered. An error says which option is wrong.
func Open(o Options) (*DB, error) {
	if o.Memory <= 0 {
		o.Memory = defaultMemory
	}
	if o.Sessions <= 0 {
		o.Sessions = defaultSessions
	}
	if o.SpillDir != "" {
		if err := os.MkdirAll(o.SpillDir, 0o700); err != nil {
			return nil, fmt.Errorf("opening the embedded engine: spill directory: %w", err)
		}
	}
	settings := [][2]string{
		{"memory_limit", strconv.FormatInt(o.Memory, 10) + "B"},
		{"temp_directory", o.SpillDir},
		{"autoload_known_extensions", "false"},
		{"autoinstall_known_extensions", "false"},
		{"enable_external_access", "false"},
		{"default_null_order", "nulls_first_on_asc_last_on_desc"},
		// Rows of a statement without ORDER BY have no order; keeping one would cost parallelism.
		{"preserve_insertion_order", "false"},
		// A constant as a key of ORDER BY means nothing in MySQL; DuckDB would take it for a mistake.
		{"order_by_non_integer_literal", "true"},
		// x / 0 is NULL.
		{"ieee_floating_point_ops", "false"},
	}
	if o.Threads > 0 {
		settings = append(settings, [2]string{"threads", strconv.Itoa(o.Threads)})
	}
	var config duckdb.Config
	if duckdb.CreateConfig(&config) == duckdb.StateError {
		return nil, errors.New("opening the embedded engine: no configuration")
	}
	defer duckdb.DestroyConfig(&config)
	for _, s := range settings {
		if duckdb.SetConfig(config, s[0], s[1]) == duckdb.StateError {
			return nil, fmt.Errorf("opening the embedded engine: setting %s=%s is refused", s[0], s[1])
		}
	}
	d := &DB{slots: make(chan struct{}, o.Sessions), keys: newKeyring()}
	var message string
	if duckdb.OpenExt("", &d.db, config, &message) == duckdb.StateError {
		d.keys.handle.Delete()
		duckdb.Close(&d.db)
		return nil, fmt.Errorf("opening the embedded engine: %s", message)
	}
	if err := d.prepare(o); err != nil {
		d.Close()
		return nil, fmt.Errorf("opening the embedded engine: %w", err)
	}
	return d, nil
}

// prepare connects, makes the settings that can't be made before, registers the functions and locks the settings.
func (d *DB) prepare(o Options) error {
	if duckdb.Connect(d.db, &d.control) == duckdb.StateError {
		return errors.New("no connection")
	}
	if !o.ReorderJoins {
		if _, err := run(d.control, "SET disabled_optimizers = 'join_order,build_side_probe_side'"); err != nil {
			return err
		}
	}
	if err := registerFunctions(d.control, d.keys); err != nil {
		return err
	}
	_, err := run(d.control, "SET lock_configuration = true")
	return err
}

// Close closes the database. Sessions under way keep it alive until they are closed.
func (d *DB) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	for i := range d.idle {
		duckdb.Disconnect(&d.idle[i])
	}
	d.open -= len(d.idle)
	d.idle = nil
	d.release()
	return nil
}

// release frees the database after the last connection is gone. The caller holds mu.
func (d *DB) release() {
	if d.closed && d.open == 0 && d.db.Ptr != nil {
		if d.control.Ptr != nil {
			duckdb.Disconnect(&d.control)
		}
		duckdb.Close(&d.db)
		d.keys.handle.Delete()
	}
}

// connect takes a connection; it waits while as many sessions are under way as there may be.
func (d *DB) connect(ctx context.Context) (duckdb.Connection, error) {
	var none duckdb.Connection
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return none, contextError(ctx)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		<-d.slots
		return none, errClosed
	}
	if n := len(d.idle); n > 0 {
		c := d.idle[n-1]
		d.idle = d.idle[:n-1]
		return c, nil
	}
	var c duckdb.Connection
	if duckdb.Connect(d.db, &c) == duckdb.StateError {
		<-d.slots
		return none, errors.New("the embedded engine gives no connection")
	}
	d.open++
	return c, nil
}

// disconnect gives a connection back; a clean one holds nothing of its session and is used again.
func (d *DB) disconnect(c duckdb.Connection, clean bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	<-d.slots
	if clean && !d.closed && len(d.idle) < idleConnections {
		d.idle = append(d.idle, c)
		return
	}
	duckdb.Disconnect(&c)
	d.open--
	d.release()
}

// run runs a statement of our own and returns the BIGINT columns of its first row.
func run(c duckdb.Connection, sql string) ([]int64, error) {
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(c, sql, &res) == duckdb.StateError {
		return nil, &Error{Kind: duckdb.ResultErrorType(&res), Detail: strings.Clone(duckdb.ResultError(&res))}
	}
	chunk := duckdb.FetchChunk(res)
	if chunk.Ptr == nil {
		return nil, nil
	}
	defer duckdb.DestroyDataChunk(&chunk)
	var out []int64
	for i := range duckdb.ColumnCount(&res) {
		if duckdb.ColumnType(&res, i) != duckdb.TypeBigInt || duckdb.DataChunkGetSize(chunk) == 0 {
			break
		}
		out = append(out, *(*int64)(duckdb.VectorGetData(duckdb.DataChunkGetVector(chunk, i))))
	}
	return out, nil
}
