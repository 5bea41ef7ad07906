package pseudonym

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func token(t testing.TB, r *Keyring, domain, text string) string {
	t.Helper()
	return masked(t, r, Pseudonym, domain, "", text)
}

func masked(t testing.TB, r *Keyring, m Mask, domain, option, text string) string {
	t.Helper()
	f, err := r.Masker(m, domain, option)
	if err != nil {
		t.Fatal(err)
	}
	b, ok := f([]byte("before:"), text)
	if !ok {
		return "NULL"
	}
	s, ok := strings.CutPrefix(string(b), "before:")
	if !ok {
		t.Fatalf("%s doesn't append: %q", m, b)
	}
	return s
}

func TestRoundTrip(t *testing.T) {
	r := ring(t)
	for _, domain := range []string{"email", "customer_no"} {
		for _, text := range []string{"", "a", "anna@example.com", "42", "2024-02-29", "größe 🎈", strings.Repeat("x", 5000), "a\x00b", "email.k1.x"} {
			made := token(t, r, domain, text)
			if !regexp.MustCompile(`^[a-z0-9_]+\.[a-z0-9_]+\.[A-Za-z0-9_-]{22,}$`).MatchString(made) || !strings.HasPrefix(made, domain+".") {
				t.Fatalf("%q has token %q", text, made)
			}
			if len(made) > MaxToken(domain, len(text)) {
				t.Errorf("a token of %d characters is longer than %d", len(made), MaxToken(domain, len(text)))
			}
			if made != token(t, r, domain, text) {
				t.Errorf("%q has two tokens", text)
			}
			if got, ok := r.Reveal(made); !ok || got != text {
				t.Errorf("%q is revealed as %q, %v", text, got, ok)
			}
			if got, ok := r.Open(domain, made); !ok || got != text {
				t.Errorf("%q is opened as %q, %v", text, got, ok)
			}
			if got := masked(t, r, Reveal, "", "", made); got != text {
				t.Errorf("%q is revealed as %q by the mask", text, got)
			}
		}
	}
	if token(t, r, "email", "x")[9:] == token(t, r, "other", "x")[8:] {
		t.Error("two domains have the same tokens")
	}
	if _, ok := r.Open("other", token(t, r, "email", "x")); ok {
		t.Error("a token is opened in another domain")
	}
}

// Tokens are kept in files and other people's tables: they must mean the same in each version of Weir.
func TestTokensStayTheSame(t *testing.T) {
	r := ring(t)
	for mask, want := range map[Mask]string{
		Pseudonym: "email.k1.NgZuOhgDAln0s4mNo2nhqRNhPU-xqwzkIruUut-BjT0", Hash: "66a383b386ec72d7d8a588a626a2f5bbff3263bb14015a4a1817f48daecb39dd", FakeEmail: "zazi@example.com",
	} {
		if got := masked(t, r, mask, "email", "", "anna@example.com"); got != want {
			t.Errorf("%s of a known value: %s, want %s", mask, got, want)
		}
	}
}

// Whatever is changed in a token, it is none.
func TestTamper(t *testing.T) {
	r := ring(t)
	made := token(t, r, "email", "anna@example.com")
	for i := range len(made) {
		for _, c := range []byte{'A', 'B', '.', 'k', '=', '\n', 0, 0xff, made[i] ^ 0x20, made[i] ^ 1} {
			if c == made[i] {
				continue
			}
			changed := made[:i] + string([]byte{c}) + made[i+1:]
			if text, ok := r.Reveal(changed); ok {
				t.Errorf("%q is revealed as %q", changed, text)
			}
		}
		if _, ok := r.Reveal(made[:i]); ok {
			t.Errorf("%q is revealed", made[:i])
		}
		if _, ok := r.Reveal(made[:i] + "\n" + made[i:]); ok {
			t.Errorf("a line end at %d is skipped", i)
		}
	}
	other := token(t, r, "other", "anna@example.com")
	for _, s := range []string{made + "=", made + "==", made + "A", " " + made, strings.Replace(other, "other.d.", "email.k1.", 1),
		strings.Replace(made, "email", "other", 1), strings.Replace(made, ".k1.", ".d.", 1)} {
		if _, ok := r.Reveal(s); ok {
			t.Errorf("%q is revealed", s)
		}
		if got := masked(t, r, Renew, "", "", s); got != "NULL" {
			t.Errorf("%q is renewed", s)
		}
	}
}

func TestRotation(t *testing.T) {
	make := func(current string, ids ...string) *Keyring {
		d := Domain{Current: current, Keys: map[string]Material{}}
		for _, id := range ids {
			d.Keys[id] = material(int(id[1]))
		}
		r, err := NewKeyring(map[string]Domain{"email": d})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	before, after, later := make("", "k1"), make("k2", "k1", "k2"), make("k2", "k2")
	old, renewed := token(t, before, "email", "anna"), token(t, after, "email", "anna")
	if old == renewed || !strings.HasPrefix(renewed, "email.k2.") {
		t.Errorf("%s became %s", old, renewed)
	}
	if text, ok := after.Reveal(old); !ok || text != "anna" {
		t.Errorf("the old key's token is revealed as %q, %v", text, ok)
	}
	if _, ok := after.Open("email", old); ok {
		t.Error("the old key's token is taken for today's")
	}
	if got, ok := after.Renew(old); !ok || got != renewed {
		t.Errorf("renewed as %s, want %s", got, renewed)
	}
	if got, ok := after.Renew(renewed); !ok || got != renewed {
		t.Errorf("a token of today is renewed as %s", got)
	}
	if _, ok := later.Reveal(old); ok {
		t.Error("a token whose key is gone is revealed")
	}
	if before.Number() == after.Number() {
		t.Error("two rings have one number")
	}
}

func TestBadKeys(t *testing.T) {
	good := material(1)
	for why, d := range map[string]Domain{
		"no key":            {},
		"current":           {Keys: map[string]Material{"a": good, "b": material(2)}},
		"doesn't have":      {Current: "c", Keys: map[string]Material{"a": good}},
		"bytes":             {Keys: map[string]Material{"a": "c2VjcmV0c2VjcmV0"}},
		"neither base64":    {Keys: map[string]Material{"a": "canary canary ***"}},
		"not random":        {Keys: map[string]Material{"a": Material(strings.Repeat("0", 128))}},
		"an id is up to":    {Keys: map[string]Material{"A-b": good}},
		"up to 16 of the c": {Keys: map[string]Material{"a2345678901234567": good}},
	} {
		_, err := NewKeyring(map[string]Domain{"email": d})
		if err == nil || !strings.Contains(err.Error(), why) || !strings.Contains(err.Error(), "email") {
			t.Errorf("%s: %v", why, err)
		}
		if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "c2Vj") || strings.Contains(err.Error(), string(good))) {
			t.Errorf("the error holds the key: %v", err)
		}
	}
	if _, err := NewKeyring(map[string]Domain{"E-Mail": {Keys: map[string]Material{"a": good}}}); err == nil {
		t.Error("a domain with another name is taken")
	}
	r, err := NewKeyring(map[string]Domain{"email": {Keys: map[string]Material{"a": good}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Masker(Pseudonym, "phone", ""); err == nil {
		t.Error("a domain without keys has pseudonyms")
	}
	if _, err := r.Masker(Pseudonym, "email", KeepBIN); err == nil {
		t.Error("a pseudonym has an option of cards")
	}
	if _, err := r.Masker("nonsense", "email", ""); err == nil {
		t.Error("there is a mask nonsense")
	}
}

// Keys may be spelled in four ways.
func TestSpellings(t *testing.T) {
	want := token(t, ring(t), "email", "x")
	b, _ := material(1).bytes()
	for _, text := range []string{fmt.Sprintf("%X\n", b), encoding.EncodeToString(b), encoding.EncodeToString(b) + "=="} {
		r, err := NewKeyring(map[string]Domain{"email": {Keys: map[string]Material{"k1": Material(text)}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := token(t, r, "email", "x"); got != want {
			t.Errorf("another spelling gives %s, want %s", got, want)
		}
	}
}

func TestKeysAreHidden(t *testing.T) {
	r := ring(t)
	m := material(1)
	d := Domain{Current: "k1", Keys: map[string]Material{"k1": m}}
	b, _ := m.bytes()
	asJSON, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprintf("%v %+v %#v %s %q %x %d", d, d, d, d, d, m, m) + fmt.Sprintf("%v %+v %#v %s %x", r, r, r, r, r) + string(asJSON)
	for _, secret := range []string{string(m), string(b), fmt.Sprint(b)[1:40], fmt.Sprintf("%x", string(m)), fmt.Sprintf("%#v", b)[7:40]} {
		if strings.Contains(all, secret) {
			t.Errorf("a key is printed: %s", all)
		}
	}
	if !strings.Contains(all, "email: k1 of k1") {
		t.Errorf("the ring prints as %v", r)
	}
}

func TestFiles(t *testing.T) {
	dir := t.TempDir()
	b, _ := material(1).bytes()
	if err := os.WriteFile(filepath.Join(dir, "email-2026"), []byte(encoding.EncodeToString(b)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bad"), []byte("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	kms := Files{Directory: dir}
	m, err := Fetch(context.Background(), kms, "email-2026")
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewKeyring(map[string]Domain{"email": {Keys: map[string]Material{"k1": m}}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := token(t, r, "email", "x"), token(t, ring(t), "email", "x"); got != want {
		t.Errorf("a key from a file gives %s, want %s", got, want)
	}
	for _, id := range []string{"bad", "missing", "../email-2026", "", ".", "..", dir + "/email-2026"} {
		if _, err := Fetch(context.Background(), kms, id); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("file %q: %v", id, err)
		}
	}
}

// Two texts never have one token, and each token gives its text back.
func FuzzInjective(f *testing.F) {
	f.Add("anna@example.com", "anna@example.com ")
	f.Add("", "\x00")
	r := ring(f)
	f.Fuzz(func(t *testing.T, a, b string) {
		x, y := token(t, r, "email", a), token(t, r, "email", b)
		if (a == b) != (x == y) {
			t.Fatalf("%q and %q have %s and %s", a, b, x, y)
		}
		if back, ok := r.Reveal(x); !ok || back != a {
			t.Fatalf("%q comes back as %q", a, back)
		}
		if text, ok := r.Reveal(a); ok && token(t, r, "email", text) != a && !strings.HasPrefix(a, "email.") {
			t.Fatalf("%q, which no ring wrote, is revealed", a)
		}
	})
}
