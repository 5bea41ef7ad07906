package audit

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Problem is something that was tampered with, or lost.
type Problem struct {
	File string
	Line int // from 1; 0 is the file as a whole
	Text string
}

// String is file:line: text.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Text
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
}

// Anchor is a record's number and hash, noted elsewhere when they were the last.
type Anchor struct {
	Seq  uint64
	Hash string
}

// Report is what Verify found. The audit is whole if there are no problems.
type Report struct {
	Files    int
	Records  uint64
	First    uint64 // the number of the first record
	Last     Anchor
	Keyed    bool // the last file's hashes can't be computed without the key
	Problems []Problem
}

// Verify reads the whole audit of a directory and reports every line that is not as it was written, or not where it was. keys are the key in use,
// then older ones; none for an audit without one. anchors, if any, must be found. It may run while a server writes.
func Verify(dir string, keys [][]byte, anchors ...Anchor) (*Report, error) {
	for range 3 {
		r, err := verify(dir, keys, anchors)
		if !errors.Is(err, fs.ErrNotExist) { // a file that was too old was removed meanwhile
			return r, err
		}
	}
	return nil, errors.New("files of the audit go away while they are read")
}

// verifier goes through the files in order.
type verifier struct {
	Report
	keys    map[string]*chainer // by algorithm
	current string              // the algorithm that the last file must have
	head    head
	hasHead bool
	anchors []Anchor

	seq    uint64 // of the last line
	hash   string
	inStep bool // seq and hash are known
	at     Problem
	keyed  bool // a file with a key has been seen
}

func verify(dir string, keys [][]byte, anchors []Anchor) (*Report, error) {
	v := &verifier{keys: map[string]*chainer{"sha256": newChainer(nil)}, current: "sha256", anchors: anchors}
	for i, k := range keys {
		c := newChainer(k)
		v.keys[c.algorithm()] = c
		if i == 0 {
			v.current = c.algorithm()
		}
	}
	h, err := readHead(dir) // before the files: what is written meanwhile comes on top
	switch {
	case errors.Is(err, errNoHead):
	case err != nil:
		v.problem(filepath.Join(dir, headName), 0, "can't be read: it was altered (%v)", err)
	default:
		v.head, v.hasHead = h, true
	}
	files, err := list(dir)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 && !v.hasHead {
		return nil, fmt.Errorf("there is no audit in %s", dir)
	}
	v.begin(dir, files)
	for i, f := range files {
		if err := v.file(f, i == len(files)-1); err != nil {
			return nil, err
		}
	}
	v.end(dir, files)
	return &v.Report, nil
}

func (v *verifier) problem(file string, line int, format string, args ...any) {
	v.Problems = append(v.Problems, Problem{file, line, fmt.Sprintf(format, args...)})
}

// begin knows what must come first.
func (v *verifier) begin(dir string, files []fileOf) {
	name := filepath.Join(dir, headName)
	if !v.hasHead {
		if len(v.Problems) == 0 {
			v.problem(name, 0, "is missing: whether records are missing at either end can't be told")
		}
		return
	}
	if c := v.keys[v.current]; v.head.Mark != v.head.sign(c) {
		v.problem(name, 0, "was altered, or written with another key than the given one")
	}
	if len(files) > 0 && files[0].first < v.head.First { // not yet removed
		return
	}
	v.seq, v.hash, v.inStep = v.head.First-1, v.head.Before, true
}

// file checks one file. It returns an error only where it can't be read.
func (v *verifier) file(f fileOf, last bool) error {
	in, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer in.Close()
	v.Files++
	var chain *chainer
	lines := bufio.NewReaderSize(in, 256<<10)
	for n := 1; ; n++ {
		b, err := readLine(lines)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if len(b) == 0 {
			if n == 1 && !last {
				v.problem(f.path, 0, "is empty")
			}
			return nil
		}
		if err != nil {
			// Of the file that is being written, a line may be under way; if the head knows of it, the end tells so.
			if !last {
				v.problem(f.path, n, "is cut off in mid-line")
				v.inStep = false
			}
			return nil
		}
		l, ok := parseLine(b[:len(b)-1])
		if !ok {
			v.problem(f.path, n, "is no line of the audit: it was altered")
			if v.inStep { // it may stand for the record that should be here
				v.seq++
			}
			v.hash = ""
			continue
		}
		if n == 1 {
			chain = v.opening(f, l)
		}
		v.line(f.path, n, l, chain)
		v.at = Problem{File: f.path, Line: n}
	}
}

// opening reads a file's first line for how the file is chained; nil if that can't be checked.
func (v *verifier) opening(f fileOf, l line) *chainer {
	if l.seq != f.first {
		v.problem(f.path, 0, "is named after record %d and begins with record %d: it was renamed, or lines were removed at its beginning", f.first, l.seq)
	}
	var r Record
	if json.Unmarshal(l.fields, &r) != nil || r.Event != File {
		v.problem(f.path, 1, "is not how a file begins: lines were removed or altered")
		return v.keys[v.current]
	}
	algorithm := r.Detail["hash"]
	v.Keyed = algorithm != "sha256"
	switch chain := v.keys[algorithm]; {
	case chain == nil:
		v.problem(f.path, 0, "is protected by a key that wasn't given (%s)", clip(algorithm))
		return nil
	case v.keyed && !v.Keyed:
		v.problem(f.path, 0, "is not protected by a key, and earlier files are: whoever has no key may have written it")
		return chain
	default:
		v.keyed = v.keyed || v.Keyed
		return chain
	}
}

// line checks one line against itself and against the one before.
func (v *verifier) line(file string, n int, l line, chain *chainer) {
	v.Records++
	if v.First == 0 {
		v.First = l.seq
	}
	intact := chain == nil || chain.hash(l.signed) == l.hash
	if !intact {
		v.problem(file, n, "record %d was altered", l.seq)
	}
	switch {
	case !v.inStep:
	case l.seq > v.seq+1:
		v.problem(file, n, "records %d to %d are missing before this line", v.seq+1, l.seq-1)
	case l.seq <= v.seq:
		v.problem(file, n, "record %d stands where record %d belongs: lines were reordered or put in", l.seq, v.seq+1)
	case v.hash != "" && l.prev != v.hash && intact:
		v.problem(file, n, "record %d does not continue the record before it (%s): one of the two was replaced", l.seq, v.at)
	}
	v.seq, v.hash, v.inStep = l.seq, l.hash, true
	if bytes.Contains(l.fields, []byte(`"event":"`+string(Broken)+`"`)) {
		var r Record
		if json.Unmarshal(l.fields, &r) == nil && r.Event == Broken {
			v.problem(file, n, "the server found that %s", r.Detail["why"])
		}
	}
	if v.hasHead && l.seq == v.head.Seq && l.hash != v.head.Hash {
		v.problem(file, n, "record %d is not the one that the head tells of: it was replaced", l.seq)
	}
	for i, a := range v.anchors {
		if a.Seq == l.seq {
			if a.Hash != l.hash {
				v.problem(file, n, "record %d is not the one that was noted: it was replaced", l.seq)
			}
			v.anchors = append(v.anchors[:i:i], v.anchors[i+1:]...)
			break
		}
	}
	v.Last = Anchor{l.seq, l.hash}
}

// end knows what must have come.
func (v *verifier) end(dir string, files []fileOf) {
	where := v.at
	if where.File == "" {
		where = Problem{File: dir}
		if len(files) > 0 {
			where.File = files[len(files)-1].path
		}
	}
	if v.hasHead && v.seq < v.head.Seq {
		v.problem(where.File, where.Line, "is the last line, of record %d; records up to %d are missing behind it", v.seq, v.head.Seq)
	}
	if v.Files > 0 && v.current != "sha256" && !v.Keyed {
		v.problem(where.File, 0, "is not protected by the key")
	}
	for _, a := range v.anchors {
		v.problem(where.File, 0, "record %d, which was noted, is not there", a.Seq)
	}
}

// clip bounds a text that may be anything.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "")
	if len(s) > 64 {
		s = s[:64] + "…"
	}
	return fmt.Sprintf("%q", s)
}
