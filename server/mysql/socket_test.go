package mysql

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"testing"
	"testing/iotest"
	"time"

	"github.com/dolthub/vitess/go/mysql"
)

// fed is a connection that gives bytes and takes any.
type fed struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (f *fed) Read(p []byte) (int, error)       { return f.in.Read(p) }
func (f *fed) Write(p []byte) (int, error)      { return f.out.Write(p) }
func (f *fed) SetReadDeadline(time.Time) error  { return nil }
func (f *fed) SetWriteDeadline(time.Time) error { return nil }

func fedSocket(in []byte, login bool, slow bool) *socket {
	var r io.Reader = bytes.NewReader(in)
	if slow {
		r = iotest.OneByteReader(r)
	}
	s := newSocket(&fed{in: r}, newListener(nil, 1, nil, slog.New(slog.DiscardHandler)))
	s.login.Store(login)
	return s
}

func TestSocketTakesPreparedText(t *testing.T) {
	in := bytes.Join([][]byte{packet(0, []byte("\x03select 1")...), packet(0, []byte("\x16select x = ANY (select ?)")...), packet(0, 14), packet(1, []byte("\x16not a command")...)}, nil)
	want := bytes.Join([][]byte{packet(0, []byte("\x03select 1")...), packet(0, inPlace...), packet(0, 14), packet(1, []byte("\x16not a command")...)}, nil)
	for _, slow := range []bool{false, true} {
		s := fedSocket(in, false, slow)
		got, err := io.ReadAll(s)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("slow %v: %q, %v", slow, got, err)
		}
		if s.prepare != "select x = ANY (select ?)" {
			t.Errorf("%q", s.prepare)
		}
	}
}

// A reset takes the statements away, and with them what was sent ahead for them: it counted on, until a pooled connection was refused for data that
// nobody held any more.
func TestSocketResetForgetsWhatWasSentAhead(t *testing.T) {
	in := append(packet(0, []byte("\x18\x01\x00\x00\x00\x00\x00some text")...), packet(0, mysql.ComResetConnection)...)
	s := fedSocket(in, false, false)
	s.conn = &conn{wc: &mysql.Conn{}}
	if _, err := io.ReadFull(s, make([]byte, 4)); err != nil || s.sizes.total != 16 {
		t.Fatalf("%d bytes are counted, %v", s.sizes.total, err)
	}
	if _, err := io.ReadAll(s); err != nil || s.sizes.total != 0 || len(s.sizes.ahead) != 0 {
		t.Errorf("%d bytes are still counted, %v", s.sizes.total, err)
	}
}

// Whatever a client sends, what goes to the library is as long as what came or shorter by the texts to prepare, and a stranger's packets are
// bounded.
func FuzzSocket(f *testing.F) {
	f.Add(packet(0, []byte("\x16select 1")...), false)
	f.Add(packet(1, make([]byte, 32)...), true)
	f.Add([]byte{0xff, 0xff, 0xff, 0, 1}, true)
	f.Add([]byte{1, 0, 0}, false)
	f.Fuzz(func(t *testing.T, in []byte, login bool) {
		got, err := io.ReadAll(fedSocket(in, login, false))
		slow, slowErr := io.ReadAll(fedSocket(in, login, true))
		if !bytes.Equal(got, slow) || (err == nil) != (slowErr == nil) {
			t.Errorf("read at once %q %v, by bytes %q %v", got, err, slow, slowErr)
		}
		if login && len(got) > loginBytes {
			t.Errorf("%d bytes of a stranger", len(got))
		}
		if login && !bytes.HasPrefix(in, got) {
			t.Errorf("%q became %q", in, got)
		}
	})
}
