package mysql

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/bind"
	"weir/engine/rel"
)

// packets takes what was written apart and checks that the packets are numbered without a gap.
func packets(t *testing.T, b []byte, first byte) (payloads [][]byte) {
	t.Helper()
	for next := first; len(b) > 0; next++ {
		n := int(b[0]) | int(b[1])<<8 | int(b[2])<<16
		if b[3] != next {
			t.Fatalf("packet %d is numbered %d, not %d", len(payloads), b[3], next)
		}
		payloads = append(payloads, b[header:header+n])
		b = b[header+n:]
	}
	return payloads
}

// fieldsOf takes a row of the text protocol apart.
func fieldsOf(t *testing.T, row []byte) (out []string) {
	t.Helper()
	for len(row) > 0 {
		size, n := 0, 0
		switch row[0] {
		case mysql.NullValue:
			out, row = append(out, "NULL"), row[1:]
			continue
		case 0xfc:
			size = 2
		case 0xfd:
			size = 3
		case 0xfe:
			size = 8
		default:
			n = int(row[0])
		}
		for i := range size {
			n |= int(row[1+i]) << (8 * i)
		}
		out, row = append(out, string(row[1+size:1+size+n])), row[1+size+n:]
	}
	return out
}

// Lengths on both sides of each way of writing one, among them rows as long as a packet may be and longer.
func TestTextRows(t *testing.T) {
	const longest = mysql.MaxPacketSize
	lengths := []int{0, 1, 250, 251, 1<<16 - 1, 1 << 16, longest - 4 - 3, longest - 4 - 2, longest - 4 - 1, longest, longest + 1, 2*longest - 9 - 2, 2 * longest}
	text := strings.Repeat("0123456789abcdef", 1+2*longest/16)
	for _, n := range lengths {
		rows := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{
			{Name: "i", Type: arrow.PrimitiveTypes.Int32, Nullable: true}, {Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil))
		rows.Field(0).(*array.Int32Builder).Append(7)
		rows.Field(1).(*array.StringBuilder).Append(text[:n])
		rows.Field(0).AppendNull()
		rows.Field(1).AppendNull()
		batch := rows.NewRecordBatch()

		out := &sinkConn{}
		w := &wire{Conn: out}
		columns := packet(250, []byte("columns")...)
		first, err := w.beginRows(func() error { _, err := w.Write(columns); return err })
		if err != nil || out.b.Len() != 0 {
			t.Fatal(err, out.b.Len())
		}
		enc := &textRows{columns: outputs(rel.BigIntType, rel.TextType), wire: w, next: first}
		if err := enc.send(&statement{ctx: context.Background()}, batch); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(packet(251, 0xfe, 0, 0, 2, 0)); err != nil {
			t.Fatal(err)
		}
		got := packets(t, out.b.Bytes(), 250)
		if string(got[0]) != "columns" || got[len(got)-1][0] != packetEnd {
			t.Fatalf("%d: begins with %q, ends with %q", n, got[0], got[len(got)-1])
		}
		got = got[1 : len(got)-1]
		var whole [][]byte
		for i := 0; i < len(got); i++ {
			row := bytes.Clone(got[i])
			for ; len(got[i]) == longest; i++ {
				row = append(row, got[i+1]...)
			}
			whole = append(whole, row)
		}
		if len(whole) != 2 {
			t.Fatalf("%d: %d rows", n, len(whole))
		}
		if f := fieldsOf(t, whole[0]); len(f) != 2 || f[0] != "7" || f[1] != text[:n] {
			t.Errorf("%d: the row has %d fields, or others", n, len(f))
		}
		if f := fieldsOf(t, whole[1]); len(f) != 2 || f[0] != "NULL" || f[1] != "NULL" {
			t.Errorf("%d: %q", n, f)
		}
		// The next answer is numbered from its own command.
		out.b.Reset()
		if _, err := w.Write(packet(1, 0, 0, 0, 2, 0, 0, 0)); err != nil {
			t.Fatal(err)
		}
		packets(t, out.b.Bytes(), 1)
	}
}

// More rows than packet numbers, of which a part waits for the next ones; then an error takes the place of the end.
func TestTextRowsEndWithError(t *testing.T) {
	out := &sinkConn{}
	w := &wire{Conn: out}
	first, err := w.beginRows(func() error { _, err := w.Write(packet(1, []byte("columns")...)); return err })
	if err != nil {
		t.Fatal(err)
	}
	enc := &textRows{columns: outputs(rel.BigIntType), wire: w, next: first}
	const rows = 50_000
	for range rows / 500 {
		b := array.NewInt32Builder(memory.DefaultAllocator)
		for i := range int32(500) {
			b.Append(i)
		}
		batch := array.NewRecordBatch(arrow.NewSchema([]arrow.Field{{Name: "i", Type: arrow.PrimitiveTypes.Int32}}, nil), []arrow.Array{b.NewArray()}, 500)
		if err := enc.send(&statement{ctx: context.Background()}, batch); err != nil {
			t.Fatal(err)
		}
	}
	w.endWith(mysql.NewSQLError(1317, "70100", "stop"))
	if _, err := w.Write(packet(2, 0xfe, 0, 0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	got := packets(t, out.b.Bytes(), 1)
	if len(got) != rows+2 || got[len(got)-1][0] != packetError {
		t.Errorf("%d packets, the last %q", len(got), got[len(got)-1])
	}
}

func outputs(types ...rel.Type) (out []bind.Output) {
	for _, t := range types {
		out = append(out, bind.Output{Column: rel.Column{T: t}})
	}
	return out
}
