package wire

import (
	"bytes"
	"crypto/sha256"
	"io"
	"testing"
)

// changeUser sends COM_CHANGE_USER and answers the request for a scramble; it returns the last packet.
func (c *rawConn) changeUser(user, password, database, plugin string) []byte {
	c.t.Helper()
	body := append([]byte(user), 0, 0)
	body = append(append(body, database...), 0, 45, 0)
	body = append(append(body, plugin...), 0)
	c.send(0, append([]byte{0x11}, body...))
	request := c.packet()
	name, salt, _ := bytes.Cut(request[1:], []byte{0})
	if request[0] != 0xfe || string(name) != plugin {
		c.t.Fatalf("request for %s: %q", plugin, request)
	}
	salt = salt[:20]
	if plugin == "mysql_native_password" {
		c.send(2, native(salt, password))
		return c.numbered(3)
	}
	one := sha256.Sum256([]byte(password))
	two := sha256.Sum256(one[:])
	mask := sha256.Sum256(append(append([]byte{}, two[:]...), salt...))
	for i := range one {
		one[i] ^= mask[i]
	}
	c.send(2, one[:])
	p := c.numbered(3)
	if bytes.Equal(p, []byte{1, 3}) {
		p = c.numbered(4)
	}
	return p
}

// Connection pools hand a connection on by COM_CHANGE_USER, which was an unknown command.
func TestChangeUser(t *testing.T) {
	r := start(t)
	for _, plugin := range []string{"mysql_native_password", "caching_sha2_password"} {
		raw := rawLogin(t, r.addr)
		raw.mustOK(3, "set @a = 1, sql_mode = 'ANSI_QUOTES'")
		raw.mustOK(3, "prepare p from 'select 1'")
		if p := raw.changeUser("ann", "pw-of-ann", "demo", plugin); p[0] != 0 {
			t.Fatalf("%s: %q", plugin, p)
		}
		raw.command(3, "select @a, @@sql_mode, database()")
		row := raw.row(3)
		for _, want := range []string{"\xfb", "ONLY_FULL", "demo"} {
			if !bytes.Contains(row, []byte(want)) {
				t.Errorf("%s: after the change: %q, want %q", plugin, row, want)
			}
		}
		raw.command(3, "execute p")
		if p := raw.packet(); p[0] != 0xff {
			t.Errorf("%s: a prepared statement outlived the change: %q", plugin, p)
		}
		if p := raw.changeUser("bob", "pw-of-bob", "", plugin); p[0] != 0 {
			t.Fatalf("%s to another: %q", plugin, p)
		}
		raw.command(3, "select database()")
		if row := raw.row(1); bytes.Contains(row, []byte("demo")) {
			t.Errorf("%s: the database after the change to another: %q", plugin, row)
		}
		raw.command(3, "show grants")
		if row := raw.row(1); !bytes.Contains(row, []byte("bob")) {
			t.Errorf("%s: after the change to another: %q", plugin, row)
		}
		for _, wrong := range [][3]string{{"ann", "wrong", ""}, {"nobody", "pw-of-ann", ""}, {"ann", "pw-of-ann", "no_such"}} {
			other := rawLogin(t, r.addr)
			if p := other.changeUser(wrong[0], wrong[1], wrong[2], plugin); p[0] != 0xff {
				t.Errorf("%s: %v was accepted: %q", plugin, wrong, p)
			}
			if n, err := other.Read(make([]byte, 1)); err == nil {
				t.Errorf("%s: the connection stays after a refused change: %d bytes", plugin, n)
			}
		}
	}
}

// numbered reads a packet, which must have this number.
func (c *rawConn) numbered(sequence byte) []byte {
	c.t.Helper()
	var h [4]byte
	if _, err := io.ReadFull(c, h[:]); err != nil {
		c.t.Fatal(err)
	}
	p := make([]byte, int(h[0])|int(h[1])<<8|int(h[2])<<16)
	if _, err := io.ReadFull(c, p); err != nil {
		c.t.Fatal(err)
	}
	if h[3] != sequence {
		c.t.Errorf("packet %d has the number %d: %q", sequence, h[3], p)
	}
	return p
}

// row reads a result of one row.
func (c *rawConn) row(columns int) []byte {
	c.t.Helper()
	for range columns + 2 { // the count, the columns, their end
		if p := c.packet(); p[0] == 0xff {
			c.t.Fatalf("%q", p)
		}
	}
	row := c.packet()
	c.packet()
	return row
}
