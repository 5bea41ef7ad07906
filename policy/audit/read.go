package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"time"
)

// Span is a stretch of time, both ends included. A zero end is none.
type Span struct{ From, To time.Time }

// texts are the ends as lines write them: times of a fixed width compare as texts do. An end that isn't there is empty.
func (s Span) texts() (from, to string) {
	if !s.From.IsZero() {
		from = s.From.UTC().Format(timeForm)
	}
	if !s.To.IsZero() {
		to = s.To.UTC().Format(timeForm)
	}
	return from, to
}

// Records are the records of a time in the order in which they were written, up to those there are when it is called. A line that can't be read comes as a
// record with the event Broken: a reader must not take it for one that isn't there; it has no time, so it is in no Span with an end. Lines outside are passed over without being taken apart. Files that are removed meanwhile are passed over.
func (l *Log) Records(ctx context.Context, span Span) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		l.mu.Lock()
		current, size := l.f.Name(), l.size
		l.mu.Unlock()
		from, to := span.texts()
		files, err := list(l.opt.Dir)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, f := range files {
			most := int64(1) << 62
			if f.path == current {
				most = size
			}
			if !readFile(ctx, f.path, most, from, to, yield) || f.path == current {
				return
			}
		}
	}
}

// readFile gives the records of a file; false ends the reading.
func readFile(ctx context.Context, path string, most int64, from, to string, yield func(*Record, error) bool) bool {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	if err != nil {
		yield(nil, err)
		return false
	}
	defer f.Close()
	in := bufio.NewReaderSize(io.LimitReader(f, most), 256<<10)
	for {
		b, err := readLine(in)
		if errors.Is(err, io.EOF) {
			return true
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			yield(nil, err)
			return false
		}
		if at := timeOf(b); from != "" && at < from || to != "" && (at == "" || at > to) {
			continue
		}
		if !yield(recordOf(b[:len(b)-1]), nil) {
			return false
		}
	}
}

// readLine reads up to the end of a line, which is valid until the next is read. Lines are longer than the buffer only rarely.
func readLine(in *bufio.Reader) ([]byte, error) {
	b, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return b, err
	}
	whole := bytes.Clone(b)
	rest, err := in.ReadBytes('\n')
	return append(whole, rest...), err
}

// timeOf is a line's time as it is written; empty if it has none.
func timeOf(b []byte) string {
	const before = `,"time":"`
	i := bytes.Index(b[:min(len(b), 64)], []byte(before))
	if i < 0 || len(b) < i+len(before)+len(timeForm) {
		return ""
	}
	return string(b[i+len(before) : i+len(before)+len(timeForm)])
}

func recordOf(b []byte) *Record {
	if l, ok := parseLine(b); ok {
		r := &Record{}
		if json.Unmarshal(l.fields, r) == nil {
			r.Seq, r.Time = l.seq, l.time
			return r
		}
	}
	return &Record{Event: Broken, Detail: map[string]string{"why": "the line can't be read; see 'weir audit verify'"}}
}
