package postgres

import (
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"net"
	"strings"
	"testing"

	"weir/engine/rel"
)

// numericBytes is a decimal in the server's binary form: digits of base 10000 around the decimal point.
func numericBytes(text string) []byte {
	sign := uint16(0)
	if strings.HasPrefix(text, "-") {
		sign, text = numericNegative, text[1:]
	}
	whole, frac, _ := strings.Cut(text, ".")
	scale := len(frac)
	whole = strings.Repeat("0", (4-len(whole)%4)%4) + whole
	frac += strings.Repeat("0", (4-len(frac)%4)%4)
	all := whole + frac
	weight := len(whole)/4 - 1
	var digits []uint16
	for i := 0; i < len(all); i += 4 {
		d := uint16(0)
		for _, c := range all[i : i+4] {
			d = d*10 + uint16(c-'0')
		}
		digits = append(digits, d)
	}
	for len(digits) > 0 && digits[0] == 0 {
		digits, weight = digits[1:], weight-1
	}
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	b := binary.BigEndian.AppendUint16(nil, uint16(len(digits)))
	b = binary.BigEndian.AppendUint16(b, uint16(int16(weight)))
	b = binary.BigEndian.AppendUint16(b, sign)
	b = binary.BigEndian.AppendUint16(b, uint16(scale))
	for _, d := range digits {
		b = binary.BigEndian.AppendUint16(b, d)
	}
	return b
}

// TestDecodeNumeric compares random decimals of all shapes with exact arithmetic.
func TestDecodeNumeric(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	digit := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "0000123456789999"[r.IntN(16)]
		}
		return string(b)
	}
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(38), nil)
	for range 200_000 {
		frac := r.IntN(21)
		text := "0" + digit(r.IntN(25))
		if frac > 0 {
			text += "." + digit(frac)
		}
		if r.IntN(2) == 0 {
			text = "-" + text
		}
		scale := frac + r.IntN(5)
		want, _ := new(big.Int).SetString(strings.Replace(text, ".", "", 1), 10)
		want.Mul(want, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale-frac)), nil))
		got, err := decodeNumeric(numericBytes(text), scale)
		if want.CmpAbs(limit) >= 0 {
			if err != errWide {
				t.Fatalf("%s at scale %d: %v, want %v", text, scale, err, errWide)
			}
			continue
		}
		if err != nil || got.BigInt().Cmp(want) != 0 {
			t.Fatalf("%s at scale %d: %s, %v", text, scale, got.BigInt(), err)
		}
		if frac == 0 || !strings.HasSuffix(text, "0") && scale > 0 {
			cut := strings.TrimRight(text, "0")
			if frac > 0 && !strings.HasSuffix(cut, ".") {
				if _, err := decodeNumeric(numericBytes(text), frac-1); err != errFraction && strings.Trim(text, "-0.") != "" {
					t.Fatalf("%s at scale %d: %v, want %v", text, frac-1, err, errFraction)
				}
			}
		}
	}
}

// FuzzRow: whatever a server sends, decoding ends with values or an error.
func FuzzRow(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 1, 'x'}, uint32(oidText))
	f.Add(append([]byte{0, 1, 0, 0, 0, 10}, numericBytes("1.5")...), uint32(oidNumeric))
	f.Add([]byte{0, 1, 255, 255, 255, 255}, uint32(oidDate))
	f.Add([]byte{0, 1, 0, 0, 0, 5, 0, 0, 0, 8, 1}, uint32(oidBit))
	types := []rel.Type{rel.BigIntType, {Kind: rel.SmallInt}, rel.DecimalType(20, 5), rel.DoubleType, {Kind: rel.Float}, rel.DateType, {Kind: rel.Time},
		rel.DateTimeType, rel.TextType, rel.JSONType, {Kind: rel.Blob}, {Kind: rel.Bit, Length: 8}, rel.BoolType, rel.NullType, {Kind: rel.TinyInt}}
	f.Fuzz(func(t *testing.T, row []byte, oid uint32) {
		for _, typ := range types {
			c, err := newColumn(oid, typ, true)
			if err != nil {
				continue
			}
			cols := []rel.Column{{Name: "v", T: typ}}
			r := &reader{cols: cols, into: []column{c}}
			if r.row(row) == nil {
				r.into[0].null()
				data := c.finish(0)
				if data.Len() != 2 {
					t.Errorf("%d values", data.Len())
				}
				data.Release()
			}
		}
	})
}

// FuzzWire: whatever bytes come, reading messages ends.
func FuzzWire(f *testing.F) {
	f.Add([]byte{'Z', 0, 0, 0, 5, 'I'})
	f.Add([]byte{'T', 0, 0, 0, 6, 0, 0, 'E', 0, 0, 0, 9, 'C', '1', 0, 0, 0})
	f.Fuzz(func(t *testing.T, sent []byte) {
		here, there := net.Pipe()
		go func() {
			_, _ = there.Write(sent)
			there.Close()
		}()
		defer here.Close()
		w := &wire{conn: here}
		for {
			kind, body, err := w.next()
			if err != nil {
				return
			}
			switch kind {
			case 'T':
				_, _ = rowDescription(body)
			case 'E':
				_ = errorResponse(body).Error()
			case 'D':
				_, _ = textRow(body)
			}
		}
	})
}
