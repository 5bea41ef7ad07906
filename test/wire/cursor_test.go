package wire

import (
	"encoding/binary"
	"testing"
	"time"
)

// The commands of prepared statements.
const (
	comQuery    = 0x03
	comPrepare  = 0x16
	comExecute  = 0x17
	comLongData = 0x18
	comFetch    = 0x1c
)

// prepare prepares a statement and returns its number.
func (c *rawConn) prepare(text string) (id uint32) {
	c.t.Helper()
	c.command(comPrepare, text)
	p := c.packet()
	if p[0] != 0 {
		c.t.Fatalf("preparing %s: %q", text, p)
	}
	for _, n := range []uint16{binary.LittleEndian.Uint16(p[7:]), binary.LittleEndian.Uint16(p[5:])} { // parameters, columns
		if n > 0 {
			c.until(int(n))
		}
	}
	return binary.LittleEndian.Uint32(p[1:])
}

// until reads n packets, or any number if n is negative, and the EOF or ERR packet behind them, which it returns.
func (c *rawConn) until(n int) (count int, end []byte) {
	c.t.Helper()
	for ; ; count++ {
		p := c.packet()
		if p[0] == 0xff || p[0] == 0xfe && len(p) < 9 {
			if n >= 0 && count != n {
				c.t.Fatalf("%d packets, not %d, then %q", count, n, p)
			}
			return count, p
		}
	}
}

func (c *rawConn) fetch(id, n uint32) (count int, end []byte) {
	c.t.Helper()
	c.send(0, binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32([]byte{comFetch}, id), n))
	return c.until(-1)
}

// A statement behind a cursor fails while its client does something else. Its error once took the place of a packet of that other answer, and the
// cursor seemed to have come to its end.
func TestCursorFails(t *testing.T) {
	c := rawLogin(t, start(t).addr)
	id := c.prepare("SELECT * FROM demo.breaks")
	c.send(0, append(binary.LittleEndian.AppendUint32([]byte{comExecute}, id), 1, 1, 0, 0, 0)) // read-only cursor
	if p := c.packet(); p[0] != 4 {
		t.Fatalf("%q", p)
	}
	c.until(4)
	if n, end := c.fetch(id, 50); n != 50 || end[0] != 0xfe {
		t.Fatalf("%d rows, then %q", n, end)
	}
	time.Sleep(100 * time.Millisecond) // the statement fails meanwhile
	c.command(comQuery, "SELECT 17")
	if p := c.packet(); p[0] != 1 {
		t.Fatalf("%q", p)
	}
	c.until(1)
	if p := c.packet(); string(p) != "\x0217" {
		t.Fatalf("%q", p)
	}
	c.until(0)
	n, end := c.fetch(id, 1000)
	if n != 50 || end[0] != 0xff || binary.LittleEndian.Uint16(end[1:]) != 1429 {
		t.Errorf("%d rows, then %q", n, end)
	}
	c.mustOK(0x0e, "") // ping
}

// What a client may send is bounded, be it one command in many packets or data sent ahead for the parameters of statements.
func TestPacketLimit(t *testing.T) {
	tooLarge := func(t *testing.T, c *rawConn) {
		t.Helper()
		p := c.packet()
		if p[0] != 0xff || binary.LittleEndian.Uint16(p[1:]) != 1153 {
			t.Errorf("%.100q", p)
		}
	}
	t.Run("command", func(t *testing.T) {
		c := rawLogin(t, start(t).addr)
		part := make([]byte, 1<<24-1)
		part[0] = comQuery
		for i := range 4 {
			c.send(byte(i), part)
		}
		// The fifth is refused by its header.
		if _, err := c.Write([]byte{0xff, 0xff, 0xff, 4}); err != nil {
			t.Fatal(err)
		}
		tooLarge(t, c)
	})
	t.Run("data sent ahead", func(t *testing.T) {
		c := rawLogin(t, start(t).addr)
		ids := []uint32{c.prepare("SELECT ?"), c.prepare("SELECT ?")}
		part := make([]byte, 8<<20)
		part[0] = comLongData
		for i := range 7 {
			binary.LittleEndian.PutUint32(part[1:], ids[i%2])
			c.send(0, part)
		}
		c.mustOK(0x0e, "")
		c.mustOK(0x1a, string(binary.LittleEndian.AppendUint32(nil, ids[0]))) // reset: its data is forgotten
		for i := range 5 {                                                    // after a reset, data sent ahead once ended the connection
			binary.LittleEndian.PutUint32(part[1:], ids[i%2])
			c.send(0, part)
		}
		c.mustOK(0x0e, "")
		binary.LittleEndian.PutUint32(part[1:], ids[0])
		if _, err := c.Write(append([]byte{7, 0, 0, 0}, part[:7]...)); err != nil {
			t.Fatal(err)
		}
		tooLarge(t, c)
	})
}
