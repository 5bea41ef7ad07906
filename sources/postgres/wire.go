package postgres

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"weir/engine/rel"
)

// wire reads and writes messages of the protocol (version 3).
type wire struct {
	conn net.Conn
	buf  []byte
	r, w int // unread bytes are buf[r:w]
	out  []byte
	// streamed is how many bytes have come since something was sent.
	streamed int
}

// readSize is the size of the read buffer; the server sends in pieces of 8 KiB.
const readSize = 64 << 10

// maxMessage is more than the server can send in one message.
const maxMessage = 1<<30 + 1<<20

// next returns the next message. body is valid until the next call.
func (w *wire) next() (kind byte, body []byte, err error) {
	if w.w-w.r < 5 {
		if err := w.fill(5); err != nil {
			return 0, nil, err
		}
	}
	kind = w.buf[w.r]
	n := int(binary.BigEndian.Uint32(w.buf[w.r+1:])) + 1
	if n < 5 || n > maxMessage {
		return 0, nil, fmt.Errorf("a message of %d bytes", n)
	}
	if w.w-w.r < n {
		if err := w.fill(n); err != nil {
			return 0, nil, err
		}
	}
	body = w.buf[w.r+5 : w.r+n]
	w.r += n
	return kind, body, nil
}

// fill reads until at least n bytes are unread. The buffer grows as bytes come, not by what a message says of its length.
func (w *wire) fill(n int) error {
	if len(w.buf) > 16*readSize && n <= readSize && w.w-w.r < readSize { // a huge message is over
		w.move(make([]byte, readSize))
	} else if w.r+n > len(w.buf) || w.r == w.w {
		w.move(w.buf)
	}
	for w.w-w.r < n {
		if w.w == len(w.buf) {
			w.move(make([]byte, max(readSize, 2*len(w.buf))))
		}
		k, err := w.conn.Read(w.buf[w.w:])
		w.w += k
		w.streamed += k
		w.moderate(k)
		if err != nil && w.w-w.r < n {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// A server that can't keep up with its reader would wake it for every piece of 8 KiB, each time at the cost of two switches of tasks; on one machine
// it is the server that has to make room. In a long stream a short read therefore waits until more has come, as network cards do.
const (
	shortRead  = 16 << 10
	longStream = 1 << 20
	moderation = time.Millisecond
)

// moderate is called after a read of k bytes.
func (w *wire) moderate(k int) {
	if k <= shortRead && w.streamed > longStream {
		time.Sleep(moderation)
	}
}

// move brings the unread bytes to the start of a buffer, which may be the same.
func (w *wire) move(to []byte) {
	w.w = copy(to, w.buf[w.r:w.w])
	w.r, w.buf = 0, to
}

// begin starts a message; the returned position goes to end.
func (w *wire) begin(kind byte) int {
	w.out = append(w.out, kind, 0, 0, 0, 0)
	return len(w.out) - 4
}

func (w *wire) end(at int) {
	binary.BigEndian.PutUint32(w.out[at:], uint32(len(w.out)-at))
}

func (w *wire) text(s string) { w.out = append(append(w.out, s...), 0) }

// flush sends what was written.
func (w *wire) flush() error {
	w.streamed = 0
	_, err := w.conn.Write(w.out)
	if cap(w.out) > 1<<20 {
		w.out = nil
	}
	w.out = w.out[:0]
	return err
}

// simple sends statements without results in binary form.
func (w *wire) simple(sql string) error {
	at := w.begin('Q')
	w.text(sql)
	w.end(at)
	return w.flush()
}

// extended sends one statement whose result comes in binary form: everything in one packet, so that it takes one round trip. Without
// an explicit BEGIN all of it is one transaction. Parsing the statement locks what it reads, views' tables too; then the versions of
// tables are asked for, whose answers come first. prepared says that the connection has seen that question before.
func (w *wire) extended(sql string, tables []*rel.Table, prepared bool) error {
	w.parse("", sql)
	if len(tables) > 0 && !prepared {
		w.parse(versionStatement, versionOfOne)
	}
	for _, t := range tables {
		oid, _ := oidOf(t.Version)
		at := w.begin('B')
		w.text("") // portal
		w.text(versionStatement)
		w.out = append(w.out, 0, 1, 0, 1, // parameters are binary
			0, 1, 0, 0, 0, 4) // one of four bytes
		w.out = binary.BigEndian.AppendUint32(w.out, oid)
		w.out = append(w.out, 0, 0) // all columns as text
		w.end(at)
		w.execute()
	}
	at := w.begin('B')
	w.out = append(w.out, 0, 0, // portal, statement
		0, 0, // parameter formats
		0, 0, // parameters
		0, 1, 0, 1) // all columns binary
	w.end(at)
	at = w.begin('D')
	w.out = append(w.out, 'P', 0)
	w.end(at)
	w.execute()
	w.end(w.begin('S'))
	return w.flush()
}

const versionStatement = "weir_version"

func (w *wire) parse(name, sql string) {
	at := w.begin('P')
	w.text(name)
	w.text(sql)
	w.out = append(w.out, 0, 0) // parameter types
	w.end(at)
}

// execute asks for all rows of what was bound last.
func (w *wire) execute() {
	at := w.begin('E')
	w.out = append(w.out, 0, 0, 0, 0, 0)
	w.end(at)
}

// field is a column of a result as the server describes it.
type field struct{ oid uint32 }

// rowDescription reads the message T.
func rowDescription(body []byte) ([]field, error) {
	bad := fmt.Errorf("a malformed row description")
	if len(body) < 2 {
		return nil, bad
	}
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	fields := make([]field, n)
	for i := range fields {
		end := 0
		for end < len(body) && body[end] != 0 {
			end++
		}
		// name, 0, table oid (4), column number (2), type oid (4), length (2), modifier (4), format (2)
		if len(body) < end+1+18 {
			return nil, bad
		}
		fields[i].oid = binary.BigEndian.Uint32(body[end+1+6:])
		body = body[end+1+18:]
	}
	return fields, nil
}
