package mysql

import (
	"bytes"
	"encoding/binary"
	"net"
	"testing"

	"github.com/dolthub/vitess/go/mysql"
)

// sinkConn keeps what is written.
type sinkConn struct {
	net.Conn
	b bytes.Buffer
}

func (s *sinkConn) Write(p []byte) (int, error) { return s.b.Write(p) }

func packet(sequence byte, payload ...byte) []byte {
	return append([]byte{byte(len(payload)), byte(len(payload) >> 8), byte(len(payload) >> 16), sequence}, payload...)
}

var (
	row       = packet(1, []byte("\x03abc\x03def")...)
	endPacket = packet(2, 0xfe, 0, 0, 2, 0)
	libError  = packet(3, append(binary.LittleEndian.AppendUint16([]byte{0xff}, 1105), "#HY000unknown error: syntax error at position 4 near 'x'"...)...)
	ourError  = packet(3, append(binary.LittleEndian.AppendUint16([]byte{0xff}, 1146), "#42S02no"...)...)
)

func TestWireReplaces(t *testing.T) {
	out := &sinkConn{}
	w := &wire{Conn: out}
	write := func(p []byte) {
		if n, err := w.Write(p); n != len(p) || err != nil {
			t.Fatal(n, err)
		}
	}
	write(row)
	write(endPacket) // not armed: stays
	if want := append(append([]byte{}, row...), endPacket...); !bytes.Equal(out.b.Bytes(), want) {
		t.Fatalf("%q", out.b.Bytes())
	}
	out.b.Reset()
	w.endWith(mysql.NewSQLError(1317, "70100", "stop"))
	write(append(append([]byte{}, row...), endPacket...))
	if want := append(append([]byte{}, row...), errorPacket(2, 1317, "70100", "stop")...); !bytes.Equal(out.b.Bytes(), want) {
		t.Fatalf("%q", out.b.Bytes())
	}
	out.b.Reset()
	write(endPacket) // once only
	write(ourError)
	if want := append(append([]byte{}, endPacket...), ourError...); !bytes.Equal(out.b.Bytes(), want) {
		t.Fatalf("%q", out.b.Bytes())
	}
	out.b.Reset()
	write(libError)
	if code := binary.LittleEndian.Uint16(out.b.Bytes()[5:]); code != 1064 || out.b.Bytes()[3] != 3 {
		t.Fatalf("%q", out.b.Bytes())
	}
}

// However the bytes are cut, the same goes out.
func FuzzWireCuts(f *testing.F) {
	f.Add(uint8(1), uint8(3), true)
	f.Add(uint8(5), uint8(9), false)
	f.Fuzz(func(t *testing.T, a, b uint8, armed bool) {
		stream := bytes.Join([][]byte{row, packet(9), row, endPacket, libError, packet(1, bytes.Repeat([]byte("x"), 300)...), ourError, row}, nil)
		run := func(cuts ...int) []byte {
			out := &sinkConn{}
			w := &wire{Conn: out}
			if armed {
				w.endWith(mysql.NewSQLError(1317, "70100", "stop"))
			}
			last := 0
			for _, c := range append(cuts, len(stream)) {
				c = min(max(c, last), len(stream))
				if n, err := w.Write(stream[last:c]); err != nil || n != c-last {
					t.Fatal(n, err)
				}
				last = c
			}
			return out.b.Bytes()
		}
		whole := run()
		var cuts []int
		for c := int(a); c < len(stream); c += max(1, int(b)) {
			cuts = append(cuts, c)
		}
		if got := run(cuts...); !bytes.Equal(got, whole) {
			t.Errorf("cut at %d, then every %d:\n%q\n%q", a, b, got, whole)
		}
	})
}
