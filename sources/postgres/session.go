package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// session is one connection. It is used by one goroutine at a time, except cancel.
type session struct {
	pg      *pgconn.PgConn
	wire    wire
	version int  // major
	utf8    bool // the server's encoding is UTF-8
	ascii   bool // the server's encoding is SQL_ASCII: text may be no UTF-8
	// versions: the statement that asks for a table's version has been prepared.
	versions bool
	reused   bool // it has served a statement before: it may have broken since
	// spoilt: a cancellation was sent, which may hit whatever runs next.
	spoilt atomic.Bool
	idle   time.Time
	slot   int // of the pool, while in use
}

// connectTimeout bounds opening a connection.
const connectTimeout = 15 * time.Second

// settings are what printed text relies on, and what keeps the server safe. They are set by statements rather than at start, since
// some poolers refuse unknown start parameters.
func settings() string {
	set := []string{
		"default_transaction_read_only = on",
		// A statement's snapshot is to be younger than its locks: in an older one a table that has been rewritten looks empty.
		"default_transaction_isolation = 'read committed'",
		"application_name = 'weir'",
		"client_encoding = 'UTF8'",
		"TimeZone = 'UTC'",         // timestamps with zone arrive and compare as UTC
		"DateStyle = 'ISO, YMD'",   // the text of ranges and arrays of dates
		"IntervalStyle = postgres", // the text of intervals
		"search_path = pg_catalog", // names in printed text are qualified, or pg_catalog's
		"standard_conforming_strings = on",
		"extra_float_digits = 1", // shortest exact text of floats
		"bytea_output = hex",
		"xmlbinary = base64",
		"row_security = on",
		"quote_all_identifiers = off",
		"transform_null_equals = off",
		"jit = off", // compiling costs analytic statements of a few seconds more than it saves
	}
	return "SET " + strings.Join(set, "; SET ")
}

func connect(ctx context.Context, cfg *pgconn.Config, timeout time.Duration) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	pg, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	c := &session{pg: pg, wire: wire{conn: pg.Conn()}}
	if err := c.setUp(ctx, timeout); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *session) setUp(ctx context.Context, timeout time.Duration) error {
	text := c.pg.ParameterStatus("server_version")
	major, _, _ := strings.Cut(text, ".")
	major = strings.TrimRightFunc(major, func(r rune) bool { return r < '0' || r > '9' }) // 17beta1
	major, _, _ = strings.Cut(major, " ")
	var err error
	if c.version, err = strconv.Atoi(major); err != nil {
		return fmt.Errorf("version %q is no PostgreSQL version", text)
	}
	if c.version < 14 {
		return fmt.Errorf("PostgreSQL %d is too old: version 14 or newer is needed", c.version)
	}
	encoding := c.pg.ParameterStatus("server_encoding")
	c.utf8, c.ascii = encoding == "UTF8", encoding == "SQL_ASCII"
	if _, err = c.pg.Exec(ctx, settings()).ReadAll(); err != nil {
		return err
	}
	if timeout > 0 {
		if _, err = c.pg.Exec(ctx, atMost("statement_timeout", timeout)).ReadAll(); err != nil {
			return err
		}
		var refused *pgconn.PgError // by a pooler, or because the account may not
		if _, err = c.pg.Exec(ctx, leash(timeout)).ReadAll(); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return c.pg.SyncConn(ctx)
}

// leash makes the server itself end a transaction of ours that does nothing, should Weir be gone without its connections having been closed. It comes a little
// after Weir's own limit, and never replaces a shorter one of the server's.
func leash(timeout time.Duration) string {
	return atMost("idle_in_transaction_session_timeout", timeout+leashSlack)
}

// atMost sets a time limit of the session that is 0 for none, unless the server, or the account, has a shorter one.
func atMost(setting string, limit time.Duration) string {
	ms := strconv.FormatInt(max(1, limit.Milliseconds()), 10)
	return "SELECT set_config(name, '" + ms + "', false) FROM pg_settings WHERE name = '" + setting + "' AND setting::bigint NOT BETWEEN 1 AND " + ms
}

// leashSlack is what a server gives Weir to end a statement before it does so.
const leashSlack = 10 * time.Second

// cancelTimeout bounds how long the server may take to end a cancelled statement before the connection is cut.
const cancelTimeout = 700 * time.Millisecond

// cancel ends the statement under way. The session can't be used again.
func (c *session) cancel() {
	c.cancelUntil(closed)
}

// closed is a channel that is closed.
var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()

// cancelUntil is cancel for a statement that may not have come to the server yet: it would be forgotten there, and the statement would run on. So it is
// repeated until over is closed, when the statement has been answered.
func (c *session) cancelUntil(over <-chan struct{}) {
	c.spoilt.Store(true)
	ctx, done := context.WithTimeout(context.Background(), cancelTimeout)
	defer done()
	// Whoever reads gets the server's error, or fails at the deadline.
	c.pg.Conn().SetDeadline(time.Now().Add(cancelTimeout + 100*time.Millisecond))
	for wait := 20 * time.Millisecond; ; wait *= 2 {
		c.pg.CancelRequest(ctx)
		select {
		case <-over:
			return
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// watch cancels the statement under way when ctx ends. The returned function ends the watch; when it returns, no cancellation
// is under way or will be. It is called once.
func (c *session) watch(ctx context.Context) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	unwatch := context.AfterFunc(ctx, func() {
		defer close(done)
		c.cancelUntil(over)
	})
	return func() {
		if !unwatch() {
			close(over)
			<-done
		}
	}
}

func (c *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	c.pg.Close(ctx)
}
