package mysql

import (
	"context"
	"errors"
	"fmt"

	driver "github.com/go-sql-driver/mysql"
)

// identity is an expression that names the server: behind one address there may be several, or another one after a failover. MariaDB, which has no
// server_uuid, skips comments for MySQL's versions from 5.7 to 9.99.
const identity = "CONCAT_WS(' ', @@hostname, @@port, @@server_id /*!80000 , @@server_uuid */)"

// errElsewhere says that a KILL would have reached another server than the one on which the statement runs.
var errElsewhere = errors.New("new connections lead to another server than the one that runs the statement")

// kill ends a session and its statement over a side connection. KILL QUERY would be forgotten if it came before the statement, which then ran on without
// a client. Session numbers are a server's own: that connection may lead to another server, where
// the number is somebody else's session, so the server that is asked makes sure, in the same statement, that it is the one that is meant.
func (s *Source) kill(ctx context.Context, c *conn) error {
	_, err := s.control.ExecContext(ctx, fmt.Sprintf("KILL IF(%s = x'%x', %s, 0)", identity, c.server, c.id))
	const noSuchSession = 1094
	if answer := new(driver.MySQLError); !errors.As(err, &answer) || answer.Number != noSuchSession {
		return err
	}
	// Either the session has ended already, or this is another server.
	var here string
	if err := s.control.QueryRowContext(ctx, "SELECT "+identity).Scan(&here); err != nil {
		return err
	}
	if here != c.server {
		return errElsewhere
	}
	return nil
}
