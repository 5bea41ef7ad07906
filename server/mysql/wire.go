package mysql

import (
	"bytes"
	"encoding/binary"
	"net"
	"strings"
	"sync"

	"github.com/dolthub/vitess/go/mysql"
)

// wire is a connection below the protocol library and above TLS. It follows the packets that the library writes, and does what the
// library can't: it puts an error in the place of a packet (MySQL may end rows that are under way with an error packet, the library
// only by closing the connection; and it gives its own errors, as of a text that doesn't parse, a code that isn't MySQL's), and it
// takes rows that are packets already.
type wire struct {
	net.Conn

	mu   sync.Mutex
	left int    // bytes of the current packet that are still to come
	held []byte // a packet's beginning, too short to tell what it is
	next byte   // the number of the next packet
	// shift is how many rows, modulo 256, have gone out that the library doesn't know of: by so much it misnumbers the packet that it
	// writes next, which ends the command's answer.
	shift byte
	// holding keeps what the library writes in pending until rows follow; what is there goes out with them, or with the result's end.
	holding bool
	pending []byte
	// end, if set, goes out instead of the next packet that ends a result; endCursor instead of the one that says that a cursor has no
	// more rows.
	end, endCursor *mysql.SQLError
	// taken collects a packet that isn't passed on.
	taking bool
	taken  []byte
}

// header is a packet's length in three bytes and its sequence number.
const header = 4

const (
	packetEnd   = 0xfe
	packetError = 0xff
)

// endWith makes err the end of the result that is being sent.
func (w *wire) endWith(err *mysql.SQLError) {
	w.mu.Lock()
	w.end = err
	w.mu.Unlock()
}

// endCursorWith makes err the end of the open cursor's rows, whenever they are fetched; nil takes that back.
func (w *wire) endCursorWith(err *mysql.SQLError) {
	w.mu.Lock()
	w.endCursor = err
	w.mu.Unlock()
}

// numberFrom gives the next packet, which the library takes for the first of an answer, its number: packets of a login have gone by below it.
func (w *wire) numberFrom(sequence byte) {
	w.mu.Lock()
	w.shift = sequence - 1
	w.mu.Unlock()
}

// beginRows is called when the library has been given the columns of a command's last result, with what makes it write all that it
// buffers. It returns the number of the first row's packet.
func (w *wire) beginRows(flush func() error) (byte, error) {
	w.mu.Lock()
	w.holding = true
	w.mu.Unlock()
	err := flush()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.holding = false
	return w.next, err
}

// rows takes n packets of rows with their headers, after beginRows. What is short waits for more, or for the result's end.
func (w *wire) rows(packets []byte, n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next += byte(n)
	w.shift += byte(n)
	if len(w.pending)+len(packets) < passAt {
		w.pending = append(w.pending, packets...)
		return nil
	}
	return w.pass(packets)
}

// Write passes packets on.
func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	data := p
	if len(w.held) > 0 {
		data = append(w.held, p...)
		w.held = nil
	} else if w.shift != 0 {
		data = bytes.Clone(p) // the library's, and the numbers in it change
	}
	start := 0 // of what hasn't been passed on
	for i := 0; i < len(data); {
		if w.left > 0 {
			n := min(w.left, len(data)-i)
			if w.taking {
				w.taken = append(w.taken, data[i:i+n]...)
			}
			i += n
			w.left -= n
			if w.left == 0 && w.taking {
				w.taking = false
				if err := w.pass(w.replacement()); err != nil {
					return 0, err
				}
				start = i
			}
			continue
		}
		if len(data)-i <= header {
			w.held = append(w.held, data[i:]...)
			if err := w.pass(data[start:i]); err != nil {
				return 0, err
			}
			return len(p), nil
		}
		length := int(data[i]) | int(data[i+1])<<8 | int(data[i+2])<<16
		kind := data[i+header]
		if w.shift != 0 {
			data[i+3] += w.shift
			w.shift = 0
		}
		w.next = data[i+3] + 1
		w.left = header + length
		if kind == packetError || (w.end != nil || w.endCursor != nil) && kind == packetEnd && length < 9 {
			if err := w.pass(data[start:i]); err != nil {
				return 0, err
			}
			w.taking, w.taken = true, w.taken[:0]
		}
	}
	if w.taking {
		return len(p), nil
	}
	if err := w.pass(data[start:]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// pass writes to the network what is pending and p. Call it with the mutex held.
func (w *wire) pass(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if w.holding {
		w.pending = append(w.pending, p...)
		return nil
	}
	if len(w.pending) > 0 {
		p = append(w.pending, p...)
		w.pending = nil
	}
	_, err := w.Conn.Write(p)
	return err
}

// replacement is what goes out instead of the packet that was taken.
func (w *wire) replacement() []byte {
	sequence := w.taken[3]
	if err := w.end; err != nil {
		w.end = nil
		return errorPacket(sequence, err.Num, err.State, err.Message)
	}
	payload := w.taken[header:]
	if err := w.endCursor; err != nil && lastOfCursor(payload) {
		w.endCursor = nil
		return errorPacket(sequence, err.Num, err.State, err.Message)
	}
	const prefix = "unknown error: "
	if len(payload) < 9 || binary.LittleEndian.Uint16(payload[1:]) != mysql.ERUnknownError || !bytes.HasPrefix(payload[9:], []byte(prefix)) {
		return bytes.Clone(w.taken)
	}
	// The library's own error. What it says in all cases but one is about the text of a statement.
	message := string(payload[9+len(prefix):])
	if strings.Contains(message, "prepare multiple") {
		return errorPacket(sequence, 1295, mysql.SSUnknownSQLState, "This command is not supported in the prepared statement protocol yet")
	}
	err := syntaxError(message)
	return errorPacket(sequence, err.Num, err.State, err.Message)
}

// lastOfCursor reports whether a packet says that a cursor has no more rows. The status flags stand at the same place of an EOF packet, after
// the count of warnings, and of an OK packet, after two numbers that are 0.
func lastOfCursor(payload []byte) bool {
	return len(payload) >= 5 && len(payload) < 9 && payload[0] == packetEnd &&
		binary.LittleEndian.Uint16(payload[3:])&uint16(mysql.ServerCursorLastRowSent) != 0
}

// errorPacket is an ERR packet.
func errorPacket(sequence byte, code int, state, message string) []byte {
	length := 1 + 2 + 1 + 5 + len(message)
	p := make([]byte, 0, header+length)
	p = append(p, byte(length), byte(length>>8), byte(length>>16), sequence, packetError)
	p = binary.LittleEndian.AppendUint16(p, uint16(code))
	p = append(p, '#')
	p = append(p, state...)
	return append(p, message...)
}
