package pseudonym

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// overhead is the number of bytes by which AES-SIV makes a text longer.
const overhead = aes.BlockSize

type block = [aes.BlockSize]byte

// siv is AES-SIV (RFC 5297) under one key with associated data that is always the same, which is digested once. It is read-only once made and safe
// for concurrent use; what one value needs is in a work.
type siv struct {
	mac, ctr cipher.Block
	// whole and part are what CMAC mixes into a last block that is full, or padded.
	whole, part block
	// head is what S2V has made of the associated data.
	head block
}

// work is the memory that making one value takes. Ciphers are called through an interface, so that blocks on the stack would be allocated for
// each value.
type work struct {
	x, v, counter, stream block
	tail                  [2 * aes.BlockSize]byte
}

// newSIV takes a key of 32 or 64 bytes and the components of the associated data, in order.
func newSIV(key []byte, associated ...[]byte) (*siv, error) {
	if len(key) != 32 && len(key) != 64 {
		return nil, errors.New("a key of AES-SIV has 32 or 64 bytes")
	}
	s := &siv{}
	var err error
	if s.mac, err = aes.NewCipher(key[:len(key)/2]); err != nil {
		return nil, err
	}
	if s.ctr, err = aes.NewCipher(key[len(key)/2:]); err != nil {
		return nil, err
	}
	s.mac.Encrypt(s.whole[:], s.whole[:])
	double(&s.whole)
	s.part = s.whole
	double(&s.part)
	w := &work{}
	s.cmac(w, w.head0())
	s.head = w.x
	for _, a := range associated {
		s.cmac(w, a)
		double(&s.head)
		subtle.XORBytes(s.head[:], s.head[:], w.x[:])
	}
	return s, nil
}

// head0 is the block of zeros from which S2V begins.
func (w *work) head0() []byte { w.v = block{}; return w.v[:] }

// double multiplies by x in GF(2^128), in constant time.
func double(b *block) {
	high, low := binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	carry := high >> 63
	high, low = high<<1|low>>63, low<<1^carry*0x87
	binary.BigEndian.PutUint64(b[:8], high)
	binary.BigEndian.PutUint64(b[8:], low)
}

// cmac leaves the CMAC (RFC 4493) of a message in w.x.
func (s *siv) cmac(w *work, message []byte) {
	w.x = block{}
	s.cmacOn(w, message)
}

// cmacOn goes on with the message after the whole blocks that are in w.x.
func (s *siv) cmacOn(w *work, message []byte) {
	for len(message) > aes.BlockSize {
		subtle.XORBytes(w.x[:], w.x[:], message[:aes.BlockSize])
		s.mac.Encrypt(w.x[:], w.x[:])
		message = message[aes.BlockSize:]
	}
	subtle.XORBytes(w.x[:], w.x[:], message)
	if len(message) == aes.BlockSize {
		subtle.XORBytes(w.x[:], w.x[:], s.whole[:])
	} else {
		w.x[len(message)] ^= 0x80
		subtle.XORBytes(w.x[:], w.x[:], s.part[:])
	}
	s.mac.Encrypt(w.x[:], w.x[:])
}

// synthesize leaves S2V of the associated data and a text, the synthetic initialisation vector, in w.v.
func (s *siv) synthesize(w *work, text []byte) {
	if len(text) < aes.BlockSize {
		w.v = s.head
		double(&w.v)
		subtle.XORBytes(w.v[:], w.v[:], text)
		w.v[len(text)] ^= 0x80
		s.cmac(w, w.v[:])
		w.v = w.x
		return
	}
	// The head is added to the last 16 bytes, which may lie across two blocks: these are copied.
	w.x = block{}
	for len(text) > 2*aes.BlockSize {
		subtle.XORBytes(w.x[:], w.x[:], text[:aes.BlockSize])
		s.mac.Encrypt(w.x[:], w.x[:])
		text = text[aes.BlockSize:]
	}
	n := copy(w.tail[:], text)
	end := w.tail[n-aes.BlockSize : n]
	subtle.XORBytes(end, end, s.head[:])
	s.cmacOn(w, w.tail[:n])
	w.v = w.x
}

// manyBlocks is the length from which setting up Go's counter mode, which works on many blocks at once, costs less than it saves.
const manyBlocks = 32 * aes.BlockSize

// crypt adds the key stream that begins at w.v to a text. dst and text are the same memory or apart.
func (s *siv) crypt(w *work, dst, text []byte) {
	s.begin(w)
	if len(text) >= manyBlocks {
		cipher.NewCTR(s.ctr, w.counter[:]).XORKeyStream(dst, text)
		return
	}
	for len(text) > 0 {
		s.next(w)
		n := subtle.XORBytes(dst, text, w.stream[:])
		dst, text = dst[n:], text[n:]
	}
}

// begin sets the counter to w.v, two bits of which the RFC clears so that no carry passes 32 or 64 bits.
func (s *siv) begin(w *work) {
	w.counter = w.v
	w.counter[8] &= 0x7f
	w.counter[12] &= 0x7f
}

// next puts the next block of the key stream into w.stream.
func (s *siv) next(w *work) {
	s.ctr.Encrypt(w.stream[:], w.counter[:])
	binary.BigEndian.PutUint64(w.counter[8:], binary.BigEndian.Uint64(w.counter[8:])+1)
}

// seal appends the sealed text to dst: the vector, then the encrypted text.
func (s *siv) seal(w *work, dst, text []byte) []byte {
	s.synthesize(w, text)
	dst = append(dst, w.v[:]...)
	at := len(dst)
	dst = append(dst, text...)
	s.crypt(w, dst[at:], dst[at:])
	return dst
}

// open appends the text of a sealed one to dst; ok is false, and nothing is appended, if it was not sealed by the same key and associated data.
func (s *siv) open(w *work, dst, sealed []byte) (_ []byte, ok bool) {
	if len(sealed) < overhead {
		return dst, false
	}
	given := block(sealed[:overhead])
	w.v = given
	at := len(dst)
	dst = append(dst, sealed[overhead:]...)
	s.crypt(w, dst[at:], dst[at:])
	s.synthesize(w, dst[at:])
	if subtle.ConstantTimeCompare(w.v[:], given[:]) != 1 {
		clear(dst[at:])
		return dst[:at], false
	}
	return dst, true
}
