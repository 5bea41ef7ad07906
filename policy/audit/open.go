package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"
)

// Open goes on with the audit of a directory, which it makes if need be, in a new file. What an earlier process left incomplete is cut off, what
// is missing is recorded: it never refuses to go on because of that. The directory must not be written by anybody else.
func Open(o Options) (*Log, error) {
	l := &Log{opt: o, log: o.Log, now: o.Now, stop: make(chan struct{}), next: &batch{done: make(chan struct{})}, chain: newChainer(o.Key)}
	l.free = sync.NewCond(&l.mu)
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the audit's directory: %w", err)
	}
	found, err := l.resume()
	if err != nil {
		return nil, err
	}
	if l.heads, err = openHead(o.Dir); err != nil {
		return nil, err
	}
	if err := l.begin(l.now(), found); err != nil {
		_ = l.heads.f.Close()
		return nil, fmt.Errorf("beginning a file of the audit: %w", err)
	}
	if o.Sync.Every > 0 && !o.Sync.Always {
		l.tasks.Go(l.saver)
	}
	return l, nil
}

// resume finds the end of the chain and returns records of what it found wrong there.
func (l *Log) resume() (found []*Record, err error) {
	stated, headErr := readHead(l.opt.Dir)
	last, algorithm, found, err := l.lastLine()
	if err != nil {
		return nil, err
	}
	broken := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		l.log.Error("the audit is not as it was left; see 'weir audit verify'", "found", text)
		found = append(found, &Record{Event: Broken, Detail: map[string]string{"why": text}})
	}
	l.head = head{First: 1, Before: origin, Seq: 0, Hash: origin}
	if last == nil && errors.Is(headErr, errNoHead) {
		return found, nil
	}
	ours := algorithm == l.chain.algorithm()
	switch {
	case headErr != nil:
		broken("the mark of the last record can't be read: %v", headErr)
	case (ours || last == nil) && stated.Mark != stated.sign(l.chain):
		broken("the mark of the last record was changed, or made with another key")
	}
	if headErr == nil {
		l.head = stated
	}
	switch {
	case last == nil:
		if headErr == nil {
			broken("records up to %d are gone", stated.Seq)
			l.head = head{First: stated.Seq + 1, Before: stated.Hash, Seq: stated.Seq, Hash: stated.Hash}
		}
		return found, nil
	case ours && last.hash != l.chain.hash(last.signed):
		broken("record %d was changed", last.seq)
	case headErr == nil && last.seq < stated.Seq:
		broken("records %d to %d are missing", last.seq+1, stated.Seq)
	case headErr == nil && last.seq == stated.Seq && last.hash != stated.Hash:
		broken("record %d is not the one that was written", last.seq)
	}
	if headErr != nil { // where the chain began can only be taken from what is there
		if files, err := list(l.opt.Dir); err == nil && len(files) > 0 {
			if first, err := firstLine(files[0].path); err == nil {
				l.head.First, l.head.Before = first.seq, first.prev
			}
		}
	}
	l.head.Seq, l.head.Hash = max(last.seq, l.head.Seq), last.hash
	return found, nil
}

// lastLine is the last whole line, nil if there is none, and what its file's hashes were computed by. An incomplete one behind it is cut off; a file
// without a whole line is removed: nobody was told that its records are safe.
func (l *Log) lastLine() (last *line, algorithm string, found []*Record, err error) {
	files, err := list(l.opt.Dir)
	if err != nil {
		return nil, "", nil, err
	}
	for i := len(files) - 1; i >= 0; i-- {
		path := files[i].path
		b, torn, err := tail(path)
		if err != nil {
			return nil, "", nil, fmt.Errorf("reading the end of the audit: %w", err)
		}
		if torn > 0 || b == nil {
			found = append(found, &Record{Event: Torn, Detail: map[string]string{"file": "audit-" + strconv.FormatUint(files[i].first, 10), "bytes": strconv.FormatInt(torn, 10)}})
		}
		if b == nil {
			if err := os.Remove(path); err != nil {
				return nil, "", nil, fmt.Errorf("removing an empty file of the audit: %w", err)
			}
			continue
		}
		got, ok := parseLine(b)
		if !ok {
			return nil, "", nil, fmt.Errorf("the last line of %s is none of the audit: move the file elsewhere to go on without it", path)
		}
		return &got, algorithmOf(path), found, nil
	}
	return nil, "", found, nil
}

// algorithmOf is what a file's first line says.
func algorithmOf(path string) string {
	first, err := firstLine(path)
	if err != nil {
		return ""
	}
	var r Record
	if json.Unmarshal(first.fields, &r) != nil {
		return ""
	}
	return r.Detail["hash"]
}

// tail returns the last whole line of a file and cuts off what comes behind it. b is nil if there is none.
func tail(path string) (b []byte, torn int64, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	size := info.Size()
	for n := min(int64(64<<10), size); ; n = min(2*n, size) {
		chunk := make([]byte, n)
		if _, err := f.ReadAt(chunk, size-n); err != nil {
			return nil, 0, err
		}
		end := bytes.LastIndexByte(chunk, '\n')
		start := -1
		if end >= 0 {
			start = bytes.LastIndexByte(chunk[:end], '\n')
		}
		if n < size && (end < 0 || start < 0) {
			continue
		}
		torn = n - int64(end) - 1
		if torn > 0 {
			if err := f.Truncate(size - torn); err != nil {
				return nil, 0, err
			}
		}
		if end < 0 {
			return nil, torn, nil
		}
		return chunk[start+1 : end], torn, nil
	}
}
