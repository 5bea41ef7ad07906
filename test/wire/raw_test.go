package wire

import (
	"crypto/sha1"
	"encoding/binary"
	"io"
	"net"
	"testing"
)

// rawConn speaks the protocol without a driver, for what drivers don't do.
type rawConn struct {
	net.Conn
	t testing.TB
}

// capabilities are those that rawConn asks for: protocol 4.1, secure connection, plug-in login; no deprecation of EOF.
const capabilities = 0x200 | 0x8000 | 0x80000 | 0x2000 | 1

// rawLogin connects as ann by mysql_native_password.
func rawLogin(t testing.TB, addr string) *rawConn {
	t.Helper()
	c := &rawConn{dial(t, addr), t}
	greeting := c.packet()
	at := 1
	for greeting[at] != 0 {
		at++
	}
	at += 1 + 4
	salt := append([]byte{}, greeting[at:at+8]...)
	at += 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10
	salt = append(salt, greeting[at:at+12]...)
	answer := binary.LittleEndian.AppendUint32(nil, capabilities)
	answer = binary.LittleEndian.AppendUint32(answer, 1<<24)
	answer = append(answer, 45)
	answer = append(answer, make([]byte, 23)...)
	answer = append(answer, "ann\x00"...)
	scramble := native(salt, "pw-of-ann")
	answer = append(answer, byte(len(scramble)))
	answer = append(answer, scramble...)
	answer = append(answer, "mysql_native_password\x00"...)
	c.send(1, answer)
	if p := c.packet(); p[0] != 0 {
		t.Fatalf("login: %q", p)
	}
	return c
}

func native(salt []byte, password string) []byte {
	one := sha1.Sum([]byte(password))
	two := sha1.Sum(one[:])
	mask := sha1.Sum(append(append([]byte{}, salt...), two[:]...))
	for i := range one {
		one[i] ^= mask[i]
	}
	return one[:]
}

func (c *rawConn) send(sequence byte, payload []byte) {
	c.t.Helper()
	n := len(payload)
	if _, err := c.Write(append([]byte{byte(n), byte(n >> 8), byte(n >> 16), sequence}, payload...)); err != nil {
		c.t.Fatal(err)
	}
}

// command sends a command packet.
func (c *rawConn) command(code byte, text string) { c.send(0, append([]byte{code}, text...)) }

// packet reads one packet's payload.
func (c *rawConn) packet() []byte {
	c.t.Helper()
	var h [4]byte
	if _, err := io.ReadFull(c, h[:]); err != nil {
		c.t.Fatal(err)
	}
	p := make([]byte, int(h[0])|int(h[1])<<8|int(h[2])<<16)
	if _, err := io.ReadFull(c, p); err != nil {
		c.t.Fatal(err)
	}
	return p
}

// mustOK sends a command that is answered by OK.
func (c *rawConn) mustOK(code byte, text string) {
	c.t.Helper()
	c.command(code, text)
	if p := c.packet(); p[0] != 0 {
		c.t.Fatalf("command %d %q: %q", code, text, p)
	}
}
