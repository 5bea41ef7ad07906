package mysql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"weir/engine/rel"
	"weir/sources"
)

// The version of a table is a hash of what discovery says of it. Asking information_schema takes longer than a point lookup, so before a
// statement the server is asked for something cheaper that changes whenever the definition does, the table's signature: what SHOW
// CREATE TABLE prints; for a view, whose columns also change with what is below it, its columns. Which version a signature
// stands for is learnt once, while the table is locked.
//
// A transaction's statements keep the metadata locks that they take. So all of it is one transaction, whose first statement reads no
// row of the tables; from then on nobody can change them.

// versionOf makes the version of a table.
func versionOf(t *sources.Table) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q %q\n", t.Kind, t.PrimaryKey, t.Uniques)
	for _, c := range t.Columns {
		fmt.Fprintf(h, "%q %#v\n", c.Name, c.Type) // %v leaves out what only the plan needs
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// signature is a hash of what the server answers to the statements that ask for it.
type signature [sha256.Size]byte

// learnt is what is known of the signatures of tables. Safe for concurrent use.
type learnt struct {
	mu     sync.Mutex
	tables map[string]*lesson
}

type lesson struct {
	asks     []string // the statements that ask for the signature
	versions map[signature]string
}

// maxSignatures bounds what is kept of a table whose definition changes all the time.
const maxSignatures = 100

// asks returns the statements that ask for a table's signature; none if they are not known yet.
func (l *learnt) asks(table string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.tables[table]; t != nil {
		return t.asks
	}
	return nil
}

func (l *learnt) version(table string, s signature) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if t := l.tables[table]; t != nil {
		v, ok := t.versions[s]
		return v, ok
	}
	return "", false
}

func (l *learnt) learn(table string, asks []string, s signature, version string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tables[table]
	if t == nil || len(t.versions) >= maxSignatures {
		t = &lesson{versions: map[signature]string{}}
	}
	if l.tables == nil {
		l.tables = map[string]*lesson{}
	}
	t.asks, t.versions[s] = asks, version
	l.tables[table] = t
}

// forget drops what is known of a table, or of all: it is of another server, or its signature is an unknown one.
func (l *learnt) forget(table string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if table == "" {
		l.tables = nil
	} else {
		delete(l.tables, table)
	}
}

// errUnlearnt says that a table has a signature that has not been seen before.
var errUnlearnt = fmt.Errorf("%w: a definition that was not seen before", sources.ErrChanged)

// versioned are the tables that have a version to check.
func versioned(tables []*rel.Table) []*rel.Table {
	var out []*rel.Table
	for _, t := range tables {
		if t.Version != "" {
			out = append(out, t)
		}
	}
	return out
}

// lockedAtOnce is how many tables one statement locks; the servers join 61 at most.
const lockedAtOnce = 30

// locks are the statements that begin a transaction and lock tables against changes of their definitions.
func locks(tables []*rel.Table) []string {
	out := []string{"START TRANSACTION READ ONLY"}
	for i := 0; i < len(tables); i += lockedAtOnce {
		var from []string
		for j, t := range tables[i:min(i+lockedAtOnce, len(tables))] {
			from = append(from, fmt.Sprintf("%s AS t%d", ident(t.Name), j))
		}
		out = append(out, "SELECT 1 FROM "+strings.Join(from, ", ")+" LIMIT 0")
	}
	return out
}

func ident(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

func showCreate(table string) []string { return []string{"SHOW CREATE TABLE " + ident(table)} }

// askColumns asks for the signature of what SHOW CREATE TABLE can't speak for: a view, or a table of which the account may only read
// some columns.
func (s *Source) askColumns(table string, view bool) []string {
	where := " WHERE TABLE_SCHEMA = " + literal(s.set.schema) + " AND TABLE_NAME = " + literal(table)
	asks := []string{"SELECT COLUMN_NAME, IS_NULLABLE, COLUMN_TYPE, COLLATION_NAME, EXTRA FROM information_schema.COLUMNS" + where + " ORDER BY ORDINAL_POSITION"}
	if !view {
		asks = append(asks, "SELECT INDEX_NAME, NON_UNIQUE, COLUMN_NAME, SUB_PART, NULLABLE FROM information_schema.STATISTICS"+where+" ORDER BY INDEX_NAME, SEQ_IN_INDEX",
			"SELECT CONSTRAINT_NAME, CHECK_CLAUSE FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = "+literal(s.set.schema)+" ORDER BY 1, 2")
	}
	return asks
}

// literal writes a constant for the session's sql_mode, where a backslash escapes.
func literal(text string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(text, `\`, `\\`), "'", `\'`) + "'"
}

// learnTime bounds how long tables stay locked while their versions are learnt.
const learnTime = 10 * time.Second

// learn finds out the versions of the tables whose signatures are not known, over a session that no transaction is open in.
func (s *Source) learn(ctx context.Context, c *conn, tables []*rel.Table) error {
	for _, t := range tables {
		if s.learnt.asks(t.Name) != nil {
			continue
		}
		if err := s.learnOne(ctx, c, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Source) learnOne(ctx context.Context, c *conn, t *rel.Table) error {
	for _, statement := range locks([]*rel.Table{t}) {
		if _, err := c.one(statement); err != nil {
			return err
		}
	}
	asks := showCreate(t.Name)
	width, sig, err := c.sign(asks)
	var refused *serverErr
	if view := width == 4; view || errors.As(err, &refused) {
		asks = s.askColumns(t.Name, view)
		_, sig, err = c.sign(asks)
	}
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, learnTime)
	defer cancel()
	described, err := s.discover(bounded, t.Name) // over another session; it can't change meanwhile
	if err != nil {
		return err
	}
	version := ""
	for _, d := range described {
		if d.Name == t.Name {
			version = d.Version
		}
	}
	if _, err := c.one("COMMIT"); err != nil {
		return err
	}
	s.learnt.learn(t.Name, asks, sig, version)
	if version != t.Version {
		return s.changed(t)
	}
	return nil
}

func (s *Source) changed(t *rel.Table) error {
	return &sources.Error{Source: s.set.name, Doing: "reading table " + t.Name, Class: sources.ErrChanged}
}

// sign runs the statements that ask for a signature. width is the number of columns of the first one's result: SHOW CREATE TABLE has two
// for a table and four for a view.
func (c *conn) sign(asks []string) (width int, sig signature, err error) {
	if err := c.command(comQuery, strings.Join(asks, ";")); err != nil {
		return 0, sig, err
	}
	return c.signature(len(asks))
}

// signature reads the answers to the statements that ask for a signature.
func (c *conn) signature(answers int) (width int, sig signature, err error) {
	h := sha256.New()
	for i := range answers {
		cols, err := c.header()
		if err != nil {
			return 0, sig, err
		}
		if cols == nil {
			return 0, sig, errProtocol
		}
		if i == 0 {
			width = len(cols)
		}
		for {
			p, err := c.next()
			if err != nil {
				return 0, sig, err
			}
			if end, err := endOfRows(p); err != nil {
				return 0, sig, err
			} else if end {
				break
			}
			if len(cols) == 2 && answers == 1 {
				p = withoutCounter(p)
			}
			fmt.Fprintf(h, "%d %d ", i, len(p))
			h.Write(p)
		}
	}
	return width, signature(h.Sum(nil)), nil
}

// withoutCounter takes out of SHOW CREATE TABLE's row the next number of an AUTO_INCREMENT column, which inserting changes. It is among
// the options behind the last closing parenthesis at the start of a line; line ends within comments are escaped.
func withoutCounter(row []byte) []byte {
	_, rest, ok := lenEncBytes(row)
	if !ok {
		return row
	}
	text, _, ok := lenEncBytes(rest)
	if !ok {
		return row
	}
	create := string(text)
	options := max(strings.LastIndex(create, "\n) "), 0)
	before, after, found := strings.Cut(create[options:], " AUTO_INCREMENT=")
	if !found {
		return []byte(create)
	}
	return []byte(create[:options] + before + strings.TrimLeft(after, "0123456789"))
}

// openChecked sends a statement in a transaction in which the tables that it reads can't change, makes sure that they are what its plan
// was made from, and reads up to the statement's first row. The statement's rows are followed by the answer to COMMIT.
func (s *Source) openChecked(c *conn, tables []*rel.Table, statement string) ([]wireColumn, error) {
	before := locks(tables)
	opening := len(before)
	answers := make([]int, len(tables))
	for i, t := range tables {
		asks := s.learnt.asks(t.Name)
		if asks == nil {
			return nil, errUnlearnt // forgotten by another statement since learn
		}
		before, answers[i] = append(before, asks...), len(asks)
	}
	statement += ";COMMIT"
	apart := len(statement) > longStatement
	if !apart {
		before = append(before, statement)
	}
	if err := c.command(comQuery, strings.Join(before, ";")); err != nil {
		return nil, err
	}
	for i := range opening {
		cols, err := c.header()
		if err != nil {
			return nil, err
		}
		if i == 0 {
			continue
		}
		if cols == nil {
			return nil, errProtocol
		}
		p, err := c.next()
		if err != nil {
			return nil, err
		}
		if end, err := endOfRows(p); err != nil || !end {
			return nil, errors.Join(errProtocol, err)
		}
	}
	for i, t := range tables {
		_, sig, err := c.signature(answers[i])
		if err != nil {
			return nil, err
		}
		switch version, known := s.learnt.version(t.Name, sig); {
		case !known:
			s.learnt.forget(t.Name)
			return nil, errUnlearnt
		case version != t.Version:
			return nil, s.changed(t)
		}
	}
	if apart {
		if err := c.command(comQuery, statement); err != nil {
			return nil, err
		}
	}
	return c.header()
}

// longStatement is the length from which on a statement is sent by itself: together with what comes before it, it might be longer than the
// server allows.
const longStatement = 64 << 10
