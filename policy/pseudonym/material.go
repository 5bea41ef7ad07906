package pseudonym

import (
	"context"
	"crypto/hkdf"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Material is a configured key: 32 or 64 random bytes in base64 or hexadecimal digits. It prints as nothing but a note that it is hidden.
type Material string

const hidden = "<hidden>"

// String hides the key.
func (Material) String() string { return hidden }

// Format hides the key from every verb.
func (Material) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText hides the key from encoders.
func (Material) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// bytes decodes the material.
func (m Material) bytes() ([]byte, error) {
	text := strings.TrimSpace(string(m))
	if len(text) == 64 || len(text) == 128 {
		if b, err := hex.DecodeString(text); err == nil {
			return checkKey(b)
		}
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	b, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil { // the decoder's own error quotes the text
		return nil, errors.New("it is neither base64 nor hexadecimal digits; make one by: openssl rand -base64 64")
	}
	return checkKey(b)
}

func checkKey(b []byte) ([]byte, error) {
	if len(b) != 32 && len(b) != 64 {
		return nil, fmt.Errorf("it has %d bytes; 32 or 64 random ones are needed: openssl rand -base64 64", len(b))
	}
	seen := map[byte]bool{}
	for _, x := range b {
		seen[x] = true
	}
	if len(seen) < 8 { // of 32 random bytes, fewer than 8 different ones never happen
		return nil, errors.New("it is not random; make one by: openssl rand -base64 64")
	}
	return b, nil
}

// derive makes the key for one purpose in one domain.
func derive(material []byte, purpose, domain string, n int) []byte {
	key, err := hkdf.Key(sha512.New, material, nil, "weir/"+purpose+"/"+domain, n)
	if err != nil {
		panic(err) // only for a length beyond what HKDF gives
	}
	return key
}

// KMS gives keys by the ids under which a key management service has them. Key returns 32 or 64 bytes; its error says what the user can do and
// doesn't hold the key. It must be safe for concurrent use.
type KMS interface {
	Key(ctx context.Context, id string) ([]byte, error)
}

// Fetch gets a key from a service. The error says under which id.
func Fetch(ctx context.Context, kms KMS, id string) (Material, error) {
	b, err := kms.Key(ctx, id)
	if err != nil {
		return "", fmt.Errorf("fetching the key %q: %w", id, err)
	}
	return Material(hex.EncodeToString(b)), nil
}

// Files is a KMS whose keys are files of a directory, as orchestrators mount secrets: a key's id is its file's name, and the file holds the key in base64
// or hexadecimal digits.
type Files struct{ Directory string }

// Key implements KMS.
func (f Files) Key(_ context.Context, id string) ([]byte, error) {
	if id == "" || id != filepath.Base(id) || strings.HasPrefix(id, ".") {
		return nil, fmt.Errorf("%q is not the name of a file of keys", id)
	}
	text, err := os.ReadFile(filepath.Join(f.Directory, id))
	if err != nil {
		return nil, err
	}
	b, err := Material(text).bytes()
	if err != nil {
		return nil, fmt.Errorf("the key in file %s: %w", id, err)
	}
	return b, nil
}
