package mysql

import (
	"encoding/binary"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/dolthub/vitess/go/mysql"

	"weir/engine/bind"
)

// passAt is how many bytes of rows go to the network at once.
const passAt = 64 << 10

// textRows writes batches as rows of the text protocol, below the protocol library: it would take a row as a slice of values and write
// it packet by packet, which costs more than all the rest of a wide scan.
// https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response_text_resultset_row.html
type textRows struct {
	columns []bind.Output
	wire    *wire
	next    byte // the number of the next packet
	b       []byte
	n       int // packets in b
}

// send writes a batch, and stops between two writes to the network when the statement is cancelled.
func (e *textRows) send(st *statement, batch arrow.RecordBatch) error {
	if int(batch.NumCols()) != len(e.columns) {
		return fmt.Errorf("a batch has %d columns, the result %d", batch.NumCols(), len(e.columns))
	}
	fields := make([]textField, len(e.columns))
	for i, col := range batch.Columns() {
		write, err := textOf(col, e.columns[i].T, false)
		if err != nil {
			return fmt.Errorf("result column %d: %w", i+1, err)
		}
		fields[i] = textField{write: write, col: col, nullable: write == nil || col.NullN() > 0}
	}
	for r := range int(batch.NumRows()) {
		e.row(fields, r)
		if len(e.b) >= passAt {
			if err := e.pass(st); err != nil {
				return err
			}
		}
	}
	return e.pass(st)
}

// pass hands what has been written to the network.
func (e *textRows) pass(st *statement) error {
	if err := st.ctx.Err(); err != nil {
		return err
	}
	st.bytes += int64(len(e.b))
	if err := e.wire.rows(e.b, e.n); err != nil {
		return sendError{err}
	}
	e.b, e.n = e.b[:0], 0
	return nil
}

// textField is one column of a batch.
type textField struct {
	write    func(b []byte, row int) []byte
	col      arrow.Array
	nullable bool
}

// row writes one row.
func (e *textRows) row(fields []textField, r int) {
	start := len(e.b)
	b := append(e.b, 0, 0, 0, 0)
	for i := range fields {
		f := &fields[i]
		if f.nullable && (f.write == nil || f.col.IsNull(r)) {
			b = append(b, mysql.NullValue)
			continue
		}
		at := len(b)
		b = f.write(append(b, 0), r)
		if n := len(b) - at - 1; n <= 250 {
			b[at] = byte(n)
		} else {
			b = longer(b, at, n)
		}
	}
	e.b = b
	if n := len(b) - start - header; n < mysql.MaxPacketSize {
		e.head(b[start:], n)
		return
	}
	e.split(start)
}

// head writes the header of a packet with n bytes.
func (e *textRows) head(b []byte, n int) {
	b[0], b[1], b[2], b[3] = byte(n), byte(n>>8), byte(n>>16), e.next
	e.next++
	e.n++
}

// longer makes room for the length of a text of n bytes that begins behind at, where one byte has been left for it.
func longer(b []byte, at, n int) []byte {
	var size [9]byte
	enc := size[:0]
	switch {
	case n < 1<<16:
		enc = binary.LittleEndian.AppendUint16(append(enc, 0xfc), uint16(n))
	case n < 1<<24:
		enc = append(enc, 0xfd, byte(n), byte(n>>8), byte(n>>16))
	default:
		enc = binary.LittleEndian.AppendUint64(append(enc, 0xfe), uint64(n))
	}
	b = append(b, enc[1:]...)
	copy(b[at+len(enc):], b[at+1:at+1+n])
	copy(b[at:], enc)
	return b
}

// split cuts the row that begins at start, which is longer than a packet may be, into several; the last is shorter than the
// longest, be it empty.
func (e *textRows) split(start int) {
	whole := append([]byte{}, e.b[start+header:]...)
	b := e.b[:start]
	for {
		n := min(len(whole), mysql.MaxPacketSize)
		at := len(b)
		b = append(append(b, 0, 0, 0, 0), whole[:n]...)
		e.head(b[at:], n)
		if n < mysql.MaxPacketSize {
			break
		}
		whole = whole[n:]
	}
	e.b = b
}
