package pseudonym

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkMasks shows what each mask costs for one value of the size of an e-mail address. Run it with -cpu 1 for one core's figure.
func BenchmarkMasks(b *testing.B) {
	r := ring(b)
	texts := map[Mask]string{FakePhone: "+49 170 5551234", FakeCard: "4111 1111 1111 1111", FakeIBAN: "DE89 3704 0044 0532 0130 00"}
	for _, m := range []Mask{Pseudonym, Hash, FakeEmail, FakePhone, FakeCard, FakeIBAN} {
		b.Run(m, func(b *testing.B) {
			mask, err := r.Masker(m, "email", "")
			if err != nil {
				b.Fatal(err)
			}
			text := texts[m]
			if text == "" {
				text = "anna.smith.4711@example.com"
			}
			var dst []byte
			b.ReportAllocs()
			for b.Loop() {
				dst, _ = mask(dst[:0], text)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "values/s")
		})
	}
}

func ring(t testing.TB) *Keyring {
	t.Helper()
	r, err := NewKeyring(map[string]Domain{
		"email": {Current: "k1", Keys: map[string]Material{"k1": material(1)}},
		Default: {Current: "d", Keys: map[string]Material{"d": material(9)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// material is a key for tests.
func material(n int) Material {
	var b strings.Builder
	for i := range 64 {
		fmt.Fprintf(&b, "%02x", byte(i*7+n*31))
	}
	return Material(b.String())
}
