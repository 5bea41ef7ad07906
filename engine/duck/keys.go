package duck

import (
	"runtime/cgo"
	"slices"
	"sync"

	"weir/engine/sqlerr"
)

// Keys is a ring of keys. It never changes and is safe for concurrent use.
type Keys interface {
	// Number is the ring's own in the process: calls of the functions name their ring by it.
	Number() int64
	// Masker returns what makes one value's mask: it appends it to dst, or says that it is NULL. It is used by one goroutine at a time.
	Masker(mask, domain, option string) (func(dst []byte, text string) (_ []byte, ok bool), error)
}

// mostRings is how many rings a database remembers: statements that run when the keys are replaced go on with those that they began with.
const mostRings = 8

// keyring holds the rings of one database, the newest last.
type keyring struct {
	handle cgo.Handle // for DuckDB, which hands it to the functions; see registerFunction

	mu    sync.Mutex
	rings []Keys
}

func newKeyring() *keyring {
	k := &keyring{}
	k.handle = cgo.NewHandle(k)
	return k
}

// SetKeys makes a ring known to the functions that work with keys. It may be called again with another ring, and again with the same, at any time.
func (d *DB) SetKeys(ring Keys) {
	k := d.keys
	k.mu.Lock()
	defer k.mu.Unlock()
	if slices.ContainsFunc(k.rings, func(r Keys) bool { return r.Number() == ring.Number() }) {
		return
	}
	k.rings = append(k.rings, ring)
	if n := len(k.rings) - mostRings; n > 0 {
		k.rings = slices.Delete(k.rings, 0, n)
	}
}

func (k *keyring) ring(number int64) (Keys, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range k.rings {
		if r.Number() == number {
			return r, nil
		}
	}
	return nil, sqlerr.Internal.New("the keys have been replaced several times since the statement began; run it again")
}
