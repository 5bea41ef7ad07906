package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// The head says where the chain ends, so that lines cut off at its end are missed, and where it begins, so that files that were removed for
// their age are told from files that someone took away. It is one block at a fixed place, written after the lines that it tells of.

const (
	headName = "head"
	headSize = 512
)

// head is the mark of the chain's two ends.
type head struct {
	// First is the number of the first record that is kept, Before the hash of the one before it.
	First  uint64 `json:"first"`
	Before string `json:"before"`
	Seq    uint64 `json:"seq"`  // the last record
	Hash   string `json:"hash"` // its hash
	Mark   string `json:"mark"` // hash of the other fields
}

func (h head) sign(c *chainer) string {
	return c.hash(h.appendFields(make([]byte, 0, headSize)))
}

// appendFields appends all fields but the mark, as JSON without its end.
func (h head) appendFields(b []byte) []byte {
	b = strconv.AppendUint(append(b, `{"first":`...), h.First, 10)
	b = append(append(b, `,"before":"`...), h.Before...)
	b = strconv.AppendUint(append(b, `","seq":`...), h.Seq, 10)
	b = append(append(b, `,"hash":"`...), h.Hash...)
	return append(b, '"')
}

// headFile writes the head in place.
type headFile struct {
	f     *os.File
	block [headSize]byte
}

func openHead(dir string) (*headFile, error) {
	f, err := os.OpenFile(filepath.Join(dir, headName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the audit's head: %w", err)
	}
	return &headFile{f: f}, nil
}

func (f *headFile) write(h head, c *chainer) error {
	b := h.appendFields(f.block[:0]) // hashes and numbers: it fits
	b = append(append(append(b, `,"mark":"`...), c.hash(b)...), `"}`...)
	for i := len(b); i < headSize-1; i++ {
		f.block[i] = ' '
	}
	f.block[headSize-1] = '\n'
	_, err := f.f.WriteAt(f.block[:], 0)
	return err
}

var errNoHead = errors.New("there is no head")

// readHead reads the head. errNoHead means that there is none; its mark is the caller's to check.
func readHead(dir string) (head, error) {
	b, err := os.ReadFile(filepath.Join(dir, headName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(bytes.TrimSpace(b)) == 0 {
		return head{}, errNoHead
	}
	var h head
	if err == nil {
		err = json.Unmarshal(b, &h)
	}
	if err != nil {
		return head{}, fmt.Errorf("reading the audit's head: %w", err)
	}
	return h, nil
}
