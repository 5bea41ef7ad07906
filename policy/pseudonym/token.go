package pseudonym

import (
	"encoding/base64"
	"strings"
)

// A token is <domain>.<key id>.<sealed text in base64url without padding>. Domain and key id are the associated data, so that none of the three parts
// can be exchanged.

var encoding = base64.RawURLEncoding

// MaxToken is the greatest length of a token of a text of that many bytes in a domain.
func MaxToken(domain string, bytes int) int {
	return len(domain) + 1 + MaxKeyID + 1 + encoding.EncodedLen(bytes+overhead)
}

// append appends the token of a text to dst.
func (k *key) append(w *work, sealed *[]byte, dst []byte, text string) []byte {
	*sealed = k.token.seal(w, (*sealed)[:0], bytesOf(text))
	return encoding.AppendEncode(append(dst, k.head...), *sealed)
}

// reveal appends the text of a token to dst and returns its key's place.
func (r *Keyring) reveal(w *work, sealed *[]byte, dst []byte, token string) (_ []byte, d *domain, k *key) {
	name, rest, ok := strings.Cut(token, ".")
	id, body, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || len(body) < encoding.EncodedLen(overhead) {
		return dst, nil, nil
	}
	if d = r.domain(name); d == nil {
		return dst, nil, nil
	}
	if k = d.keys[id]; k == nil {
		return dst, nil, nil
	}
	// The decoder skips line ends and takes any bits after the last whole byte; only the one spelling is a token.
	var err error
	if *sealed, err = encoding.AppendDecode((*sealed)[:0], bytesOf(body)); err != nil || encoding.EncodeToString(*sealed) != body {
		return dst, nil, nil
	}
	if dst, ok = k.token.open(w, dst, *sealed); !ok {
		return dst, nil, nil
	}
	return dst, d, k
}

// Reveal returns the text of a token of any domain and key of the ring.
func (r *Keyring) Reveal(token string) (text string, ok bool) {
	var sealed []byte
	b, _, k := r.reveal(&work{}, &sealed, nil, token)
	return string(b), k != nil
}

// Open returns the text of which the token is the pseudonym in a domain today: that is, of one under the domain's current key.
func (r *Keyring) Open(domain, token string) (text string, ok bool) {
	var sealed []byte
	b, d, k := r.reveal(&work{}, &sealed, nil, token)
	if k == nil || d != r.domain(domain) || k != d.current || !strings.HasPrefix(token, domain+".") {
		return "", false
	}
	return string(b), true
}

// Renew returns the token of the same text under its domain's current key.
func (r *Keyring) Renew(token string) (renewed string, ok bool) {
	var sealed []byte
	w := &work{}
	b, d, k := r.reveal(w, &sealed, nil, token)
	if k == nil {
		return "", false
	}
	return string(d.current.append(w, &sealed, nil, string(b))), true
}
