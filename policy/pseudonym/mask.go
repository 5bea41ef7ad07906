package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"unsafe"
)

// Mask is what is made of a value under a key.
type Mask = string

// The masks. All but Reveal and Renew, which read tokens of any domain, work in a domain.
const (
	Pseudonym Mask = "pseudonym"
	Hash      Mask = "hash" // HMAC-SHA-256, 64 hexadecimal digits
	FakeEmail Mask = "fake_email"
	FakePhone Mask = "fake_phone"
	FakeCard  Mask = "fake_card"
	FakeIBAN  Mask = "fake_iban"
	Reveal    Mask = "reveal" // the text of a token
	Renew     Mask = "renew"  // the token of the same text under the current key
)

// The options of masks; most have none.
const (
	KeepDomain = "keep_domain" // of FakeEmail: what follows the @ stays
	KeepBIN    = "keep_bin"    // of FakeCard: the first six digits stay
)

// Redacted is what stands for a text of which no fake can be made.
const Redacted = "***"

// CheckOption is an error if a mask doesn't know an option.
func (r *Keyring) CheckOption(m Mask, option string) error {
	if option == "" || m == FakeEmail && option == KeepDomain || m == FakeCard && option == KeepBIN {
		return nil
	}
	return fmt.Errorf("%s has no option %q", m, option)
}

// Masker returns the function that makes a mask: it appends what it makes of a text to dst; ok is false if that is NULL. The function is used by one
// goroutine at a time. It fails if the domain has no keys or the option isn't known.
func (r *Keyring) Masker(m Mask, domainName, option string) (func(dst []byte, text string) (_ []byte, ok bool), error) {
	if err := r.CheckOption(m, option); err != nil {
		return nil, err
	}
	w, sealed := &work{}, []byte(nil)
	switch m {
	case Reveal:
		return func(dst []byte, token string) ([]byte, bool) {
			out, _, k := r.reveal(w, &sealed, dst, token)
			return out, k != nil
		}, nil
	case Renew:
		var text []byte
		return func(dst []byte, token string) ([]byte, bool) {
			var d *domain
			var k *key
			if text, d, k = r.reveal(w, &sealed, text[:0], token); k == nil {
				return dst, false
			}
			return d.current.append(w, &sealed, dst, string(text)), true
		}, nil
	}
	if err := r.Check(domainName); err != nil {
		return nil, err
	}
	k := r.domain(domainName).current
	switch m {
	case Pseudonym:
		return func(dst []byte, text string) ([]byte, bool) { return k.append(w, &sealed, dst, text), true }, nil
	case Hash:
		h, sum := hmac.New(sha256.New, k.hash), []byte(nil)
		return func(dst []byte, text string) ([]byte, bool) {
			h.Reset()
			h.Write(bytesOf(text))
			sum = h.Sum(sum[:0])
			return hex.AppendEncode(dst, sum), true
		}, nil
	}
	fake, seed := map[Mask]func(s *stream, dst []byte, text, option string) ([]byte, bool){
		FakeEmail: fakeEmail, FakePhone: fakePhone, FakeCard: fakeCard, FakeIBAN: fakeIBAN,
	}[m], &stream{s: k.fakes[m], w: w}
	if fake == nil {
		return nil, fmt.Errorf("there is no mask %q", m)
	}
	return func(dst []byte, text string) ([]byte, bool) {
		at := len(dst)
		out, ok := fake(seed, dst, text, option)
		if !ok {
			out = append(out[:at], Redacted...)
		}
		return out, true
	}, nil
}

// bytesOf is a text as bytes that are only read.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
