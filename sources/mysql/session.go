package mysql

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"weir/engine/dialect"
)

// conn is one session of the server.
type conn struct {
	wire
	driver     driver.Conn // authenticated the socket, and closes it
	id         string      // for KILL QUERY
	server     string      // which server gave the id; see identity
	eofPackets bool        // an EOF packet follows the column definitions
	used       time.Time   // when it came back to the pool
	slot       int         // of the pool, while in use
}

// server is what a new session finds out.
type server struct {
	flavor  dialect.MySQLFlavor
	version dialect.MySQLVersion
	longest int // max_allowed_packet
}

// known is a server with its dialect.
type known struct {
	server
	dialect *dialect.Dialect
}

// connect opens a session and sets it up.
func (s *Source) connect(ctx context.Context) (*conn, error) {
	d, err := s.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	c := &conn{driver: d}
	if c.net, c.eofPackets, err = socketOf(d); err != nil {
		d.Close()
		return nil, err
	}
	if err := s.setUp(ctx, c); err != nil {
		d.Close()
		return nil, err
	}
	return c, nil
}

// socketOf takes the authenticated socket, TLS layer included, out of the driver's connection, along with whether the server was not
// told to leave out EOF packets. The driver offers no way to it; the fields are those of the version in go.mod, and a test notices a change.
func socketOf(d driver.Conn) (socket net.Conn, eofPackets bool, err error) {
	unknown := errors.New("the driver's connection is not of the known form")
	p := reflect.ValueOf(d)
	if p.Kind() != reflect.Pointer || p.Elem().Kind() != reflect.Struct {
		return nil, false, unknown
	}
	field, capabilities := p.Elem().FieldByName("netConn"), p.Elem().FieldByName("capabilities")
	if !field.IsValid() || field.Type() != reflect.TypeFor[net.Conn]() || !capabilities.IsValid() || !capabilities.CanUint() {
		return nil, false, unknown
	}
	socket = *(*net.Conn)(unsafe.Pointer(field.UnsafeAddr()))
	if socket == nil {
		return nil, false, unknown
	}
	const deprecateEOF = 1 << 24
	return socket, capabilities.Uint()&deprecateEOF == 0, nil
}

// setUp makes the session read-only and gives it the settings that the dialect prints for. Settings that change what an expression
// means are set even where they are the server's default, since an administrator may have changed that.
func (s *Source) setUp(ctx context.Context, c *conn) error {
	stop := context.AfterFunc(ctx, func() { c.net.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	row, err := c.one("SELECT CONNECTION_ID(), VERSION(), @@max_allowed_packet, " + identity)
	if err != nil {
		return err
	}
	if len(row) != 4 {
		return errProtocol
	}
	c.id, c.server = row[0], row[3]
	if _, err := strconv.ParseUint(c.id, 10, 64); err != nil {
		return errProtocol
	}
	srv, err := parseServer(row[1])
	if err != nil {
		return err
	}
	if srv.longest, err = strconv.Atoi(row[2]); err != nil {
		return errProtocol
	}
	// Backslashes escape in literals, as the dialect writes them. NO_ZERO_… make casts give NULL for what is no date. STRICT_… makes it
	// an error if a recursive query's text is longer than its first rows', instead of cutting it. MariaDB cuts fractional seconds
	// where MySQL rounds, unless told.
	mode := "STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE"
	sets := []string{"autocommit = 1", "time_zone = '+00:00'", "div_precision_increment = 4", "group_concat_max_len = 4294967295",
		"lc_time_names = 'en_US'", "default_week_format = 0", "sql_auto_is_null = 0", "character_set_results = utf8mb4"}
	if srv.flavor == dialect.MariaDB {
		mode += ",TIME_ROUND_FRACTIONAL"
		// The cache finds a correlated subquery's result by the outer column's own collation: 'abc' would get what is right for 'ABC'.
		// A partial match takes NOT IN over rows of which some are NULL for true where the left side is an expression.
		sets = append(sets, "optimizer_switch = 'subquery_cache=off,partial_match_rowid_merge=off,partial_match_table_scan=off'")
		if s.set.timeout > 0 {
			sets = append(sets, atMost("max_statement_time", fmt.Sprintf("%g", s.set.timeout.Seconds())))
		}
	} else if s.set.timeout > 0 {
		sets = append(sets, atMost("max_execution_time", fmt.Sprint(max(1, s.set.timeout.Milliseconds()))))
	}
	sets = append(sets, "sql_mode = '"+mode+"'")
	for _, statement := range []string{
		"SET NAMES utf8mb4 COLLATE " + dialect.MySQLCollation(srv.flavor, srv.version),
		"SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
		"SET SESSION " + strings.Join(sets, ", SESSION "),
	} {
		if _, err := c.one(statement); err != nil {
			return fmt.Errorf("setting up the session: %w", err)
		}
	}
	if s.set.timeout > 0 {
		var refused *serverErr // by a proxy, or a server that doesn't know a variable
		if _, err := c.one(leash(srv.flavor, s.set.timeout)); err != nil && !errors.As(err, &refused) {
			return fmt.Errorf("setting up the session: %w", err)
		}
	}
	if last := s.server.Load(); last == nil || last.server != srv { // the server may have been upgraded
		d := dialect.MySQL(srv.flavor, srv.version)
		d.MaxText = min(d.MaxText, srv.longest-1024)
		s.server.Store(&known{srv, d})
		s.learnt.forget("")
	}
	if !stop() { // the deadline may have been set already
		return context.Cause(ctx)
	}
	return nil
}

// atMost sets a time limit of the session that is 0 for none, unless the server has a shorter one.
func atMost(variable, limit string) string {
	return fmt.Sprintf("%[1]s = IF(@@%[1]s > 0 AND @@%[1]s < %[2]s, @@%[1]s, %[2]s)", variable, limit)
}

// leash makes the server itself end what nobody reads, should Weir be gone without its connections having been closed. It comes a little after Weir's own
// limit: by default a server gives up after a minute in which no row is taken, whatever statement_timeout is.
func leash(flavor dialect.MySQLFlavor, timeout time.Duration) string {
	after := int64((timeout + leashSlack + time.Second - 1) / time.Second)
	set := fmt.Sprintf("SET SESSION net_write_timeout = %d", after)
	if flavor == dialect.MariaDB { // a shorter limit of the server's stays
		set += ", SESSION " + atMost("idle_transaction_timeout", fmt.Sprint(after))
	}
	return set
}

// leashSlack is what a server gives Weir to end a statement before it does so.
const leashSlack = 10 * time.Second

// one runs a statement and returns its first row, if there is one, as text.
func (c *conn) one(statement string) ([]string, error) {
	cols, err := c.start(statement)
	if err != nil || cols == nil {
		return nil, err
	}
	var row []string
	for {
		p, err := c.next()
		if err != nil {
			return nil, err
		}
		if end, err := endOfRows(p); err != nil {
			return nil, err
		} else if end {
			return row, nil
		}
		if row != nil {
			continue
		}
		for range cols {
			if len(p) > 0 && p[0] == 0xfb {
				row, p = append(row, ""), p[1:]
				continue
			}
			v, rest, ok := lenEncBytes(p)
			if !ok {
				return nil, errProtocol
			}
			row, p = append(row, string(v)), rest
		}
	}
}

const comQuery = 0x03

// start sends a statement and reads up to its first row. No columns: the statement gave no rows and is over.
func (c *conn) start(statement string) ([]wireColumn, error) {
	if err := c.command(comQuery, statement); err != nil {
		return nil, err
	}
	return c.header()
}

// header reads the beginning of a statement's answer, up to its first row.
func (c *conn) header() ([]wireColumn, error) {
	p, err := c.next()
	if err != nil {
		return nil, err
	}
	switch {
	case len(p) == 0:
		return nil, errProtocol
	case p[0] == 0x00:
		return nil, nil
	case p[0] == 0xff:
		return nil, serverError(p)
	case p[0] == 0xfb: // LOAD DATA LOCAL: never asked for
		return nil, errProtocol
	}
	count, n := lenEnc(p)
	if n == 0 || count > 4096 {
		return nil, errProtocol
	}
	cols := make([]wireColumn, count)
	for i := range cols {
		if p, err = c.next(); err != nil {
			return nil, err
		}
		if cols[i], err = parseColumn(p); err != nil {
			return nil, err
		}
	}
	if c.eofPackets {
		if _, err := c.next(); err != nil {
			return nil, err
		}
	}
	return cols, nil
}

// endOfRows tells whether a packet ends the rows; an error packet is returned as an error.
func endOfRows(p []byte) (bool, error) {
	switch {
	case len(p) == 0:
		return false, errProtocol
	case p[0] == 0xfe && len(p) < maxPacket:
		return true, nil
	case p[0] == 0xff:
		return false, serverError(p)
	}
	return false, nil
}

// alive tells whether an idle session can be used: nothing has arrived on its socket, neither an end nor a message.
func (c *conn) alive(ctx context.Context) bool {
	if r, ok := c.driver.(driver.SessionResetter); ok && r.ResetSession(ctx) != nil {
		return false
	}
	return true
}

// lost tells whether an error means that the connection has ended, as against an answer of the server.
func lost(err error) bool {
	var ne net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &ne) ||
		errors.Is(err, driver.ErrBadConn)
}

// parseServer reads VERSION(), such as 8.0.36, 8.4.0-commercial or 10.11.6-MariaDB-log.
func parseServer(text string) (server, error) {
	srv := server{flavor: dialect.MySQL8}
	if strings.Contains(strings.ToLower(text), "mariadb") {
		srv.flavor = dialect.MariaDB
		text = strings.TrimPrefix(text, "5.5.5-") // what MariaDB tells old replicas
	}
	if _, err := fmt.Sscanf(text, "%d.%d.%d", &srv.version[0], &srv.version[1], &srv.version[2]); err != nil {
		return srv, fmt.Errorf("the server's version %q is not understood", text)
	}
	oldest := dialect.MySQLVersion{8, 0, 17}
	if srv.flavor == dialect.MariaDB {
		oldest = dialect.MySQLVersion{10, 6, 0}
	}
	if srv.version.Before(oldest) {
		return srv, fmt.Errorf("the server's version %q is too old: MySQL %s or MariaDB 10.6 is needed", text, dialect.MySQLVersion{8, 0, 17})
	}
	return srv, nil
}
