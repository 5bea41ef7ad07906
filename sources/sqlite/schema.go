package sqlite

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"weir/engine/rel"
	"weir/sources"
)

// versions are the versions of a file's tables and views; see sources.Table. They are kept with the connection, which holds one file open
// even if another takes its place.
type versions struct {
	cookie int64 // SQLite's schema_version, which any change of the schema changes, at which they were made; 0 before that
	all    string
	of     map[string]string
}

// version is the version of a table in the connection's snapshot.
func (c *conn) version(table string) (string, error) {
	if c.versions.of == nil || c.versions.cookie != c.cookie {
		v, err := c.readVersions()
		if err != nil {
			return "", err
		}
		c.versions = v
	}
	if v, ok := c.versions.of[table]; ok {
		return v, nil
	}
	return c.versions.all, nil
}

// readVersions hashes definitions as their authors wrote them. A table's is its own with its unique indexes, which are keys. A view's
// or a virtual table's columns follow from those of others, so theirs is that of all.
func (c *conn) readVersions() (versions, error) {
	v := versions{cookie: c.cookie, of: map[string]string{}}
	var encoding string
	texts := map[string]string{}
	all := sha256.New()
	err := sqlitex.Execute(c.Conn, "PRAGMA encoding", &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		encoding = s.ColumnText(0)
		return nil
	}})
	if err != nil {
		return v, err
	}
	err = sqlitex.Execute(c.Conn, `SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema
		WHERE type IN ('table', 'view') OR type = 'index' AND sql LIKE 'CREATE UNIQUE %' ORDER BY type <> 'table', name`,
		&sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
			kind, name, table, text := s.ColumnText(0), s.ColumnText(1), s.ColumnText(2), s.ColumnText(3)
			all.Write([]byte(name + "\x00" + text + "\x00"))
			switch {
			case kind == "table" && !strings.HasPrefix(text, "CREATE VIRTUAL "):
				texts[name] = encoding + "\x00" + text
			case kind == "index" && texts[table] != "":
				texts[table] += "\x00" + text
			}
			return nil
		}})
	all.Write([]byte(encoding))
	v.all = hex.EncodeToString(all.Sum(nil)[:16])
	for name, text := range texts {
		sum := sha256.Sum256([]byte(text))
		v.of[name] = hex.EncodeToString(sum[:16])
	}
	return v, err
}

// unchanged makes sure that tables are, in the connection's snapshot, what a plan was made from: what may be pushed depends on declared types.
func (c *conn) unchanged(tables []*rel.Table) error {
	for _, t := range tables {
		if t.Version == "" {
			continue
		}
		v, err := c.version(t.Name)
		if err != nil {
			return err
		}
		if v != t.Version {
			return &sources.Error{Source: c.s.name, Doing: "reading table " + t.Name, Class: sources.ErrChanged}
		}
	}
	return nil
}
