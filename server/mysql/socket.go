package mysql

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dolthub/vitess/go/mysql"
	querypb "github.com/dolthub/vitess/go/vt/proto/query"
)

const (
	// loginTime bounds the time from a connection to its login, loginBytes what it may send in that time: whoever hasn't
	// shown a password holds neither memory nor a connection for long.
	loginTime  = 10 * time.Second
	loginBytes = 64 << 10
	// defaultIdle and defaultWrite are wait_timeout and net_write_timeout of a new session.
	defaultIdle  = 8 * time.Hour
	defaultWrite = 60 * time.Second
	readBuffer   = 16 << 10
)

// socket is an accepted connection between the network and the protocol library. It keeps the time limits, it does TLS, so that it sees the
// client's packets in clear, and it takes the text of a statement to prepare out of its packet: the library would parse it by
// itself and refuse what only bind.Parse can read.
type socket struct {
	net.Conn // the network's
	l        *listener
	stream   net.Conn // what is read and written: the network's connection, or TLS over it
	in       *bufio.Reader

	idle, write atomic.Int64 // nanoseconds: the wait for the client's next command; for it to take what is sent
	login       atomic.Bool  // still logging in
	once        sync.Once

	// What follows is used by the connection's goroutine only.

	greeted  bool   // the greeting has been written
	head     []byte // of a packet whose body comes
	answered bool   // the first packet has been read
	received int    // bytes of packets of the login
	// shift is by how much the client's packet numbers are ahead of the library's: the request for TLS is a packet that the library
	// doesn't see. It ends with the login, since every command starts at 0.
	shift   byte
	ready   []byte // what goes to the library next
	left    int    // then so many bytes of the stream
	prepare string // the text of the last statement to prepare
	sizes   sizes
	conn    *conn // the session, once logged in
}

func newSocket(c net.Conn, l *listener) *socket {
	s := &socket{Conn: c, l: l, stream: c, in: bufio.NewReaderSize(c, readBuffer)}
	s.idle.Store(int64(defaultIdle))
	s.write.Store(int64(defaultWrite))
	s.login.Store(true)
	_ = c.SetReadDeadline(time.Now().Add(loginTime))
	return s
}

// inPlace is what the library gets for a statement to prepare.
var inPlace = []byte("\x16select 1")

// Read gives the library the client's packets.
func (s *socket) Read(p []byte) (int, error) {
	for {
		switch {
		case len(p) == 0:
			return 0, nil
		case len(s.ready) > 0:
			n := copy(p, s.ready)
			s.ready = s.ready[n:]
			return n, nil
		case s.left > 0:
			n, err := s.in.Read(p[:min(len(p), s.left)])
			s.left -= n
			return n, err
		}
		if err := s.nextPacket(); err != nil {
			return 0, err
		}
	}
}

// nextPacket reads a packet's header and decides what goes to the library.
func (s *socket) nextPacket() error {
	login := s.login.Load()
	if !login {
		s.shift = 0
		if err := s.Conn.SetReadDeadline(time.Now().Add(time.Duration(s.idle.Load()))); err != nil {
			return err
		}
	}
	head := make([]byte, header)
	if _, err := io.ReadFull(s.in, head); err != nil {
		return err
	}
	length := int(head[0]) | int(head[1])<<8 | int(head[2])<<16
	head[3] -= s.shift
	s.ready, s.left = head, length
	if login {
		if s.received += header + length; s.received > loginBytes {
			return fmt.Errorf("login packets above %d bytes", loginBytes)
		}
		first := !s.answered
		s.answered = true
		if first && length == sslRequestLength {
			if err := s.sslRequest(); err != nil {
				return err
			}
		}
		if s.l.secureOnly && s.secure() == nil {
			return s.insecure(head[3] + 1)
		}
		return nil
	}
	if !s.sizes.packet(head[3], length) {
		return s.tooLarge(head[3] + 1)
	}
	if length < 1 || head[3] != 0 {
		return nil
	}
	code, err := s.in.Peek(1)
	if err != nil {
		return err
	}
	if length >= 5 && isStatementCommand(code[0]) {
		id, err := s.in.Peek(5)
		if err != nil {
			return err
		}
		statement := binary.LittleEndian.Uint32(id[1:])
		if !s.sizes.statement(code[0], statement, length) {
			return s.tooLarge(1)
		}
		if p := s.conn.wc.PrepareData[statement]; p != nil && code[0] == mysql.ComStmtReset {
			p.BindVars = map[string]*querypb.BindVariable{} // the library would leave nil in it, and fall over that with the next data
		}
	}
	if length == mysql.MaxPacketSize {
		return nil
	}
	switch code[0] {
	case mysql.ComPrepare:
	case comChangeUser:
		return s.changeUser(length)
	case mysql.ComResetConnection:
		s.sizes.reset()
		return nil
	default:
		return nil
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(s.in, text); err != nil {
		return err
	}
	s.prepare = string(text[1:])
	s.ready, s.left = append([]byte{byte(len(inPlace)), 0, 0, 0}, inPlace...), 0
	return nil
}

// sslRequestLength is the length of the packet by which a client asks for TLS: the beginning of its answer to the greeting.
const sslRequestLength = 32

// sslRequest looks at a packet that may ask for TLS and starts it.
func (s *socket) sslRequest() error {
	flags, err := s.in.Peek(4)
	if err != nil {
		return err
	}
	if s.l.tls == nil || binary.LittleEndian.Uint32(flags)&mysql.CapabilityClientSSL == 0 {
		return nil
	}
	if _, err := s.in.Discard(sslRequestLength); err != nil {
		return err
	}
	// The client doesn't wait for an answer: what has been read beyond its request belongs to TLS.
	secure := tls.Server(readAhead{s.Conn, s.in}, s.l.tls)
	if err := secure.Handshake(); err != nil {
		var certificate *tls.CertificateVerificationError
		if errors.As(err, &certificate) {
			s.l.unsafe(hostOf(s.RemoteAddr()), clip("the client's certificate is refused: "+certificate.Err.Error(), 200), 0)
		}
		return fmt.Errorf("TLS handshake: %w", err)
	}
	s.stream = secure
	s.in = bufio.NewReaderSize(secure, readBuffer)
	s.shift = 1
	s.ready, s.left = nil, 0
	return nil
}

// insecureTransport is MySQL's ER_SECURE_TRANSPORT_REQUIRED.
const insecureTransport = 3159

// insecure refuses a client that doesn't ask for TLS where it must.
func (s *socket) insecure(sequence byte) error {
	s.l.unsafe(hostOf(s.RemoteAddr()), "not over TLS, which is required", insecureTransport)
	return s.refuse(sequence, mysql.NewSQLError(insecureTransport, mysql.SSUnknownSQLState, "Connections using insecure transport are prohibited while --require_secure_transport=ON."))
}

// readAhead is a connection of which a part has been read.
type readAhead struct {
	net.Conn
	in *bufio.Reader
}

func (r readAhead) Read(p []byte) (int, error) { return r.in.Read(p) }

// Write sends the library's packets and waits for the client to take them, up to the write limit.
func (s *socket) Write(p []byte) (int, error) {
	if err := s.Conn.SetWriteDeadline(time.Now().Add(time.Duration(s.write.Load()))); err != nil {
		return 0, err
	}
	if !s.login.Load() && s.shift == 0 {
		return s.stream.Write(p)
	}
	// During the login the library writes a packet's header, then its body; the last answer comes whole, from wire.
	if len(p) == header && s.head == nil {
		s.head = bytes.Clone(p)
		return len(p), nil
	}
	packet := append(s.head, p...)
	s.head = nil
	if !s.greeted && s.l.tls != nil {
		packet = offerTLS(packet)
	}
	s.greeted = true
	packet[3] += s.shift
	if _, err := s.stream.Write(packet); err != nil {
		return 0, err
	}
	return len(p), nil
}

// offerTLS sets the flag for TLS in the greeting: after the protocol's number, the version's text, the connection's number, eight bytes of
// salt and a filler.
func offerTLS(greeting []byte) []byte {
	if len(greeting) < header+1 {
		return greeting
	}
	end := bytes.IndexByte(greeting[header+1:], 0)
	at := header + 1 + end + 1 + 4 + 8 + 1
	if end < 0 || at+2 > len(greeting) || greeting[header] == packetError {
		return greeting
	}
	out := bytes.Clone(greeting)
	flags := binary.LittleEndian.Uint16(out[at:])
	binary.LittleEndian.PutUint16(out[at:], flags|mysql.CapabilityClientSSL)
	return out
}

// loggedIn lifts the limits of the login.
func (s *socket) loggedIn(c *conn) {
	s.conn = c
	s.login.Store(false)
}

// secure is the state of TLS; nil without it.
func (s *socket) secure() *tls.ConnectionState {
	c, ok := s.stream.(*tls.Conn)
	if !ok {
		return nil
	}
	state := c.ConnectionState()
	return &state
}

// Close closes the connection; the protocol library calls it when the connection's goroutine ends.
func (s *socket) Close() error {
	err := s.stream.Close()
	s.once.Do(func() {
		s.l.mu.Lock()
		delete(s.l.open, s)
		s.l.mu.Unlock()
		s.l.all.Done()
	})
	return err
}
