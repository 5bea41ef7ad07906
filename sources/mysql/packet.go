package mysql

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
)

const (
	firstBuffer = 64 << 10
	keptBuffer  = 1 << 20
	maxPacket   = 1<<24 - 1 // a payload of this length goes on in the next packet
)

var errProtocol = errors.New("the server broke the protocol")

// wire reads and writes the packets of one connection without allocating for each.
type wire struct {
	net      net.Conn
	buf      []byte
	pos, end int
	long     []byte // a payload that came in several packets
}

// command sends a command with its text.
func (w *wire) command(code byte, text string) error {
	w.pos, w.end = 0, 0
	payload := 1 + len(text)
	out := make([]byte, 0, payload+4*(1+payload/maxPacket))
	first, rest, seq := true, text, byte(0)
	for {
		n := min(payload, maxPacket)
		out = append(out, byte(n), byte(n>>8), byte(n>>16), seq)
		take := n
		if first {
			out, take, first = append(out, code), n-1, false
		}
		out, rest = append(out, rest[:take]...), rest[take:]
		payload -= n
		seq++
		if n < maxPacket {
			break
		}
	}
	_, err := w.net.Write(out)
	return err
}

// next returns the payload of the next packet; it is valid until the next call.
func (w *wire) next() ([]byte, error) {
	n, err := w.header()
	if err != nil {
		return nil, err
	}
	if n < maxPacket {
		return w.take(n)
	}
	w.long = w.long[:0]
	for {
		part, err := w.take(n)
		if err != nil {
			return nil, err
		}
		w.long = append(w.long, part...)
		if n < maxPacket {
			return w.long, nil
		}
		if n, err = w.header(); err != nil {
			return nil, err
		}
	}
}

func (w *wire) header() (int, error) {
	h, err := w.take(4)
	if err != nil {
		return 0, err
	}
	return int(h[0]) | int(h[1])<<8 | int(h[2])<<16, nil
}

func (w *wire) take(n int) ([]byte, error) {
	if w.end-w.pos < n {
		if err := w.fill(n); err != nil {
			return nil, err
		}
	}
	b := w.buf[w.pos : w.pos+n : w.pos+n]
	w.pos += n
	return b, nil
}

func (w *wire) fill(n int) error {
	if n > len(w.buf) {
		grown := make([]byte, max(firstBuffer, n+n/4))
		w.end = copy(grown, w.buf[w.pos:w.end])
		w.buf = grown
	} else {
		w.end = copy(w.buf, w.buf[w.pos:w.end])
	}
	w.pos = 0
	read, err := io.ReadAtLeast(w.net, w.buf[w.end:], n-w.end)
	w.end += read
	if err == io.EOF { // of the connection, which must not look like the end of the rows
		err = io.ErrUnexpectedEOF
	}
	return err
}

// rest gives large buffers back, before the connection waits in the pool.
func (w *wire) rest() {
	w.long = nil
	if len(w.buf) > keptBuffer {
		w.buf = nil
	}
	w.pos, w.end = 0, 0
}

// lenEnc reads a length-encoded integer and returns how many bytes it took; 0 if b is too short.
func lenEnc(b []byte) (v uint64, n int) {
	if len(b) == 0 {
		return 0, 0
	}
	switch c := b[0]; {
	case c < 0xfb:
		return uint64(c), 1
	case c == 0xfc && len(b) >= 3:
		return uint64(binary.LittleEndian.Uint16(b[1:])), 3
	case c == 0xfd && len(b) >= 4:
		return uint64(b[1]) | uint64(b[2])<<8 | uint64(b[3])<<16, 4
	case c == 0xfe && len(b) >= 9:
		return binary.LittleEndian.Uint64(b[1:]), 9
	}
	return 0, 0
}

// lenEncBytes reads a length-encoded string and returns what follows it.
func lenEncBytes(b []byte) (s, rest []byte, ok bool) {
	v, n := lenEnc(b)
	if n == 0 || v > uint64(len(b)-n) {
		return nil, nil, false
	}
	return b[n : n+int(v)], b[n+int(v):], true
}

// wireColumn is what the server says of a result column.
type wireColumn struct {
	kind     byte
	charset  uint16
	length   uint32
	decimals byte
}

// The column types of the protocol that matter here.
const (
	wireDecimal    = 0x00
	wireFloat      = 0x04
	wireDouble     = 0x05
	wireNull       = 0x06
	wireTimestamp  = 0x07
	wireDate       = 0x0a
	wireTime       = 0x0b
	wireDateTime   = 0x0c
	wireYear       = 0x0d
	wireNewDate    = 0x0e
	wireJSON       = 0xf5
	wireNewDecimal = 0xf6
)

// parseColumn reads a column definition.
func parseColumn(b []byte) (wireColumn, error) {
	for range 6 { // catalog, schema, table, original table, name, original name
		var ok bool
		if _, b, ok = lenEncBytes(b); !ok {
			return wireColumn{}, errProtocol
		}
	}
	if len(b) < 13 {
		return wireColumn{}, errProtocol
	}
	return wireColumn{charset: binary.LittleEndian.Uint16(b[1:]), length: binary.LittleEndian.Uint32(b[3:]), kind: b[7], decimals: b[10]}, nil
}
