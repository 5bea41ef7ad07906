package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
	"time"
)

// A line is
//
//	{"seq":12,"time":"2026-01-02T03:04:05.000006Z","prev":"…",<the record's fields>,"hash":"…"}
//
// where hash is that of all bytes in front of its own field, and prev the hash of the line before. So a line can't be changed without its hash,
// its hash not without the next line, and so on to the head.

// hashSize is the length of a hash as it is written.
const hashSize = 2 * sha256.Size

// origin is the prev of the first line ever.
var origin = string(bytes.Repeat([]byte{'0'}, hashSize))

// chainer computes hashes, with a key if there is one. Used by one goroutine at a time.
type chainer struct {
	h   hash.Hash
	id  string // names the key without giving it away; empty without one
	sum [sha256.Size]byte
}

func newChainer(key []byte) *chainer {
	if len(key) == 0 {
		return &chainer{h: sha256.New()}
	}
	mark := hmac.New(sha256.New, key)
	mark.Write([]byte("weir audit key"))
	return &chainer{h: hmac.New(sha256.New, key), id: hex.EncodeToString(mark.Sum(nil)[:8])}
}

// algorithm is how a file's first line calls what computes its hashes.
func (c *chainer) algorithm() string {
	if c.id == "" {
		return "sha256"
	}
	return "hmac-sha256:" + c.id
}

func (c *chainer) hash(b []byte) string {
	c.h.Reset()
	c.h.Write(b)
	return hex.EncodeToString(c.h.Sum(c.sum[:0]))
}

// timeForm has a fixed width, so that times compare as texts do.
const timeForm = "2006-01-02T15:04:05.000000Z"

const hashField = `,"hash":"`

// appendLine appends the line of a record whose fields are body, which begins with a brace. It returns the line's hash too.
func (c *chainer) appendLine(b []byte, seq uint64, at time.Time, prev string, body []byte) ([]byte, string) {
	start := len(b)
	b = append(b, `{"seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	b = append(b, `,"time":"`...)
	b = at.UTC().AppendFormat(b, timeForm)
	b = append(b, `","prev":"`...)
	b = append(b, prev...)
	b = append(b, `",`...)
	b = append(b, body[1:len(body)-1]...)
	sum := c.hash(b[start:])
	b = append(b, hashField...)
	b = append(b, sum...)
	return append(b, '"', '}', '\n'), sum
}

// line is the frame of a line that was read.
type line struct {
	seq        uint64
	time       time.Time
	prev, hash string
	signed     []byte // what hash is of
	fields     []byte // the record's own fields as a JSON object; made anew
}

// parseLine takes a line, without its end, apart. ok is false if it isn't of that form.
func parseLine(b []byte) (l line, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(`{"seq":`))
	if !ok {
		return l, false
	}
	digits, rest, ok := bytes.Cut(rest, []byte(`,"time":"`))
	if !ok {
		return l, false
	}
	var err error
	if l.seq, err = strconv.ParseUint(string(digits), 10, 64); err != nil {
		return l, false
	}
	if len(rest) < len(timeForm) {
		return l, false
	}
	if l.time, err = time.Parse(timeForm, string(rest[:len(timeForm)])); err != nil {
		return l, false
	}
	rest, ok = bytes.CutPrefix(rest[len(timeForm):], []byte(`","prev":"`))
	if !ok || len(rest) < hashSize+2 {
		return l, false
	}
	l.prev = string(rest[:hashSize])
	rest, ok = bytes.CutPrefix(rest[hashSize:], []byte(`",`))
	tail := len(hashField) + hashSize + len(`"}`)
	if !ok || len(rest) < tail || !bytes.HasSuffix(rest, []byte(`"}`)) {
		return l, false
	}
	body, end := rest[:len(rest)-tail], rest[len(rest)-tail:]
	if !bytes.HasPrefix(end, []byte(hashField)) {
		return l, false
	}
	l.hash = string(end[len(hashField) : len(hashField)+hashSize])
	l.signed = b[:len(b)-tail]
	l.fields = append(append(append(make([]byte, 0, len(body)+2), '{'), body...), '}')
	return l, true
}
