package sqlite

import (
	"fmt"
	"hash/fnv"
	"os"
	"sync"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/sources"
)

// schemaWatch remembers the schema that was last described, so that a statement that was planned on another one is refused: what may
// be pushed depends on declared types.
type schemaWatch struct {
	mu      sync.Mutex
	known   bool
	version int64 // SQLite's schema_version, which any DDL changes
	file    os.FileInfo
	tables  uint64 // hash of the definitions of tables and views
}

// describe notes the schema that a connection sees in its snapshot.
func (w *schemaWatch) describe(c *conn) error {
	version, err := c.schemaVersion()
	if err != nil {
		return err
	}
	tables, err := c.definitions()
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.known, w.version, w.file, w.tables = true, version, c.file, tables
	return nil
}

// check compares the schema that a connection sees in its snapshot.
func (w *schemaWatch) check(c *conn) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.known {
		return nil
	}
	version, err := c.schemaVersion()
	if err != nil || version == w.version && os.SameFile(c.file, w.file) {
		return err
	}
	tables, err := c.definitions()
	if err != nil {
		return err
	}
	if tables != w.tables {
		return &sources.Error{Source: c.s.name, Doing: "running a statement", Class: sources.ErrChanged}
	}
	w.version, w.file = version, c.file // an index came or went
	return nil
}

func (c *conn) schemaVersion() (v int64, err error) {
	err = sqlitex.Execute(c.Conn, "PRAGMA schema_version", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		v = s.ColumnInt64(0)
		return nil
	}})
	return v, err
}

func (c *conn) definitions() (uint64, error) {
	h := fnv.New64a()
	err := sqlitex.Execute(c.Conn, "SELECT name, sql FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name",
		&sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
			fmt.Fprintf(h, "%q %q\n", s.ColumnText(0), s.ColumnText(1))
			return nil
		}})
	return h.Sum64(), err
}
