package wire

import (
	"io"
	"testing"
)

// BenchmarkStream reads a million rows of four columns as bytes, without a driver's conversions. The fake makes the batches meanwhile.
func BenchmarkStream(b *testing.B) {
	r := start(b)
	c := rawLogin(b, r.addr)
	buffer := make([]byte, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		c.command(3, "select * from demo.numbers")
		size, last := 0, byte(0)
		for {
			n, err := c.Read(buffer)
			if err != nil && err != io.EOF {
				b.Fatal(err)
			}
			size += n
			if n >= 9 && buffer[n-5] == 0xfe && size > 1<<20 && n < len(buffer) {
				last = buffer[n-5]
				break
			}
		}
		_ = last
		b.SetBytes(int64(size))
	}
}

// BenchmarkPoint is the cost of a statement that gives one row.
func BenchmarkPoint(b *testing.B) {
	r := start(b)
	c := r.conn(b, "interpolateParams=true")
	var n int
	b.ReportAllocs()
	for b.Loop() {
		if err := c.QueryRowContext(b.Context(), "select ?", 7).Scan(&n); err != nil {
			b.Fatal(err)
		}
	}
}
