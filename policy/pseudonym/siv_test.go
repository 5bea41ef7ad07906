package pseudonym

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/daead/subtle"
)

func fromHex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The two examples of RFC 5297, appendix A.
func TestVectorsOfTheRFC(t *testing.T) {
	for _, v := range []struct {
		name, key, text, sealed string
		associated              []string
	}{
		{"A.1", "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0 f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
			"112233445566778899aabbccddee", "85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c",
			[]string{"101112131415161718191a1b1c1d1e1f2021222324252627"}},
		{"A.2", "7f7e7d7c7b7a79787776757473727170 404142434445464748494a4b4c4d4e4f",
			"7468697320697320736f6d6520706c61696e7465787420746f20656e6372797074207573696e67205349562d414553",
			"7bdb6e3b432667eb06f4d14bff2fbd0f cb900f2fddbe404326601965c889bf17dba77ceb094fa663b7a3f748ba8af829ea64ad544a272e9c485b62a3fd5c0d",
			[]string{"00112233445566778899aabbccddeeffdeaddadadeaddadaffeeddccbbaa99887766554433221100", "102030405060708090a0", "09f911029d74e35bd84156c5635688c0"}},
	} {
		var associated [][]byte
		for _, a := range v.associated {
			associated = append(associated, fromHex(t, a))
		}
		s, err := newSIV(fromHex(t, v.key), associated...)
		if err != nil {
			t.Fatal(err)
		}
		text, want := fromHex(t, v.text), fromHex(t, v.sealed)
		if got := s.seal(&work{}, nil, text); !bytes.Equal(got, want) {
			t.Errorf("%s: sealed as\n%x, want\n%x", v.name, got, want)
		}
		if got, ok := s.open(&work{}, nil, want); !ok || !bytes.Equal(got, text) {
			t.Errorf("%s: opened as %x, %v", v.name, got, ok)
		}
	}
}

func TestKeyLength(t *testing.T) {
	for _, n := range []int{0, 16, 31, 48, 65} {
		if _, err := newSIV(make([]byte, n)); err == nil {
			t.Errorf("a key of %d bytes is taken", n)
		}
	}
}

// compare holds one value to Tink's implementation.
func compare(t *testing.T, key, associated, text []byte) {
	t.Helper()
	want, err := subtle.NewAESSIV(key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSIV(key, associated)
	if err != nil {
		t.Fatal(err)
	}
	w := &work{}
	sealed := s.seal(w, nil, text)
	if theirs, err := want.EncryptDeterministically(text, associated); err != nil || !bytes.Equal(sealed, theirs) {
		t.Fatalf("%d bytes with %d associated: sealed as\n%x, by Tink as\n%x (%v)", len(text), len(associated), sealed, theirs, err)
	}
	if again := s.seal(w, nil, text); !bytes.Equal(sealed, again) {
		t.Fatal("memory of one value changes the next")
	}
	if got, ok := s.open(w, nil, sealed); !ok || !bytes.Equal(got, text) {
		t.Fatalf("%d bytes: opened as %x, %v", len(text), got, ok)
	}
	for i := 0; i < len(sealed); i += max(1, len(sealed)/20) {
		sealed[i] ^= 1 << (i % 8)
		if got, ok := s.open(w, nil, sealed); ok || len(got) != 0 {
			t.Fatalf("%d bytes: opened with byte %d changed", len(text), i)
		}
		sealed[i] ^= 1 << (i % 8)
	}
}

// All lengths around the ends of blocks, and those from which Go's counter mode takes over.
func TestAgainstTink(t *testing.T) {
	key := fromHex(t, strings.Repeat("00112233445566778899aabbccddeeff", 3)+"ffeeddccbbaa99887766554433221100")
	long := bytes.Repeat([]byte("anna.smith@example.com "), 100)
	for n := range 130 {
		compare(t, key, long[:n/3], long[:n])
	}
	for _, n := range []int{manyBlocks - 1, manyBlocks, manyBlocks + 1, 2000} {
		compare(t, key, []byte("x"), long[:n])
	}
}

func FuzzAgainstTink(f *testing.F) {
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), []byte("email"), []byte("anna@example.com"))
	f.Fuzz(func(t *testing.T, key, associated, text []byte) {
		var k [64]byte
		copy(k[:], key)
		compare(t, k[:], associated, text)
	})
}
