package mysql

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/sqlerr"
)

// COM_CHANGE_USER, by which connection pools give a connection to another user, or to the same one as good as new. The protocol library doesn't know
// it: the login is done here, below the library, which is then told to reset the connection.

const comChangeUser = 0x11

// verified is a login that takes effect when the library resets the connection.
type verified struct {
	entry
	database string
}

// changeUser answers a COM_CHANGE_USER packet up to its last OK, which it leaves to the library; sequence is that packet's number. An error has been
// sent to the client and ends the connection, as in MySQL.
func (c *conn) changeUser(packet []byte) (sequence byte, err error) {
	user, rest, ok := bytes.Cut(packet[1:], []byte{0})
	if !ok || len(rest) == 0 || len(rest) < 1+int(rest[0]) {
		return 0, c.socket.refuse(1, mysql.NewSQLError(1043, mysql.SSUnknownComError, "Bad handshake"))
	}
	rest = rest[1+int(rest[0]):] // the answer to the greeting's salt, which has been used: a new one is asked for
	database, rest, _ := bytes.Cut(rest, []byte{0})
	plugin := mysql.CachingSha2Password
	if len(rest) > 2 { // after the character set
		if name, _, _ := bytes.Cut(rest[2:], []byte{0}); string(name) == string(mysql.MysqlNativePassword) {
			plugin = mysql.MysqlNativePassword
		}
	}
	if c.s.accounts.asksElsewhere(c, string(user)) {
		plugin = mysql.MysqlClearPassword
	}
	salt := []byte(rand.Text()[:20])
	request := append(append([]byte{mysql.AuthSwitchRequestPacket}, plugin...), 0)
	if plugin != mysql.MysqlClearPassword {
		request = append(append(request, salt...), 0)
	}
	answer, err := c.socket.ask(1, request)
	if err != nil {
		return 0, err
	}
	var getter mysql.Getter
	sequence = 3
	switch plugin {
	case mysql.MysqlClearPassword:
		getter, err = c.s.accounts.UserEntryWithPassword(c.wc, string(user), string(bytes.TrimSuffix(answer, []byte{0})), c.wc.RemoteAddr())
	case mysql.MysqlNativePassword:
		getter, err = c.s.accounts.UserEntryWithHash(c.wc, salt, string(user), answer, c.wc.RemoteAddr())
	default:
		getter, _, err = c.s.accounts.UserEntryWithCacheHash(c.wc, salt, string(user), answer, c.wc.RemoteAddr())
		if err == nil && len(answer) > 1 {
			if err := c.socket.put(sequence, []byte{mysql.AuthMoreDataPacket, mysql.CachingSha2FastAuth}); err != nil {
				return 0, err
			}
			sequence++
		}
	}
	if err != nil {
		return 0, c.socket.refuse(sequence, err)
	}
	c.next = &verified{entry: getter.(entry)}
	if len(database) > 0 {
		found, ok := c.s.gms.DatabaseName(context.Background(), string(database))
		if !ok {
			return 0, c.socket.refuse(sequence, convert(sqlerr.UnknownDatabase.New("Unknown database '%s'", clip(string(database), 64))))
		}
		c.next.database = found
	}
	return sequence, nil
}

// changeUser reads a COM_CHANGE_USER packet of which the header has been read, logs the user in, and lets the library reset the connection.
func (s *socket) changeUser(length int) error {
	if length > loginBytes {
		return fmt.Errorf("login packets above %d bytes", loginBytes)
	}
	packet := make([]byte, length)
	if _, err := io.ReadFull(s.in, packet); err != nil {
		return err
	}
	last, err := s.conn.changeUser(packet)
	if err != nil {
		return err
	}
	s.conn.wire.numberFrom(last)
	s.sizes.reset()
	s.ready, s.left = []byte{1, 0, 0, 0, mysql.ComResetConnection}, 0
	return nil
}

// switchUser makes a verified login the connection's user, if there is one.
func (c *conn) switchUser() {
	if c.next == nil {
		return
	}
	who := c.next
	c.next = nil
	c.recordLogout()
	c.s.mu.Lock()
	c.mu.Lock()
	c.session, c.database = c.s.cfg.Accounts.Login(who.Account, c.host), who.database
	c.mu.Unlock()
	c.s.mu.Unlock()
	c.vouched(who.vouch)
	if !c.holds(who.entry) || c.recordLogin(strings.TrimSuffix("change user, "+who.vouch.how(), ", ")) != nil {
		c.close()
	}
	c.s.log.Debug("client changed user", "connection", c.id, "user", who.Name, "client", c.host)
}

// ask sends a packet during a login and reads the answer.
func (s *socket) ask(sequence byte, payload []byte) ([]byte, error) {
	if err := s.put(sequence, payload); err != nil {
		return nil, err
	}
	if err := s.Conn.SetReadDeadline(time.Now().Add(loginTime)); err != nil {
		return nil, err
	}
	var head [header]byte
	if _, err := io.ReadFull(s.in, head[:]); err != nil {
		return nil, err
	}
	length := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	if length > loginBytes {
		return nil, fmt.Errorf("login packets above %d bytes", loginBytes)
	}
	answer := make([]byte, length)
	_, err := io.ReadFull(s.in, answer)
	return answer, err
}

// put sends a packet of less than 16 MiB.
func (s *socket) put(sequence byte, payload []byte) error {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(time.Duration(s.write.Load()))); err != nil {
		return err
	}
	n := len(payload)
	_, err := s.stream.Write(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, payload...))
	return err
}

// refuse sends an error that ends the connection, and returns it.
func (s *socket) refuse(sequence byte, err error) error {
	var e *mysql.SQLError
	if errors.As(err, &e) {
		_ = s.put(sequence, errorPacket(0, e.Num, e.State, e.Message)[header:])
	}
	return err
}
