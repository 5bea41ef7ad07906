package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
)

// Records are the records in the order in which they were written, up to those there are when it is called. A line that can't be read comes as a
// record with the event Broken: a reader must not take it for one that isn't there. Files that are removed meanwhile are passed over.
func (l *Log) Records(ctx context.Context) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		l.mu.Lock()
		current, size := l.f.Name(), l.size
		l.mu.Unlock()
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
			if !readFile(ctx, f.path, most, yield) || f.path == current {
				return
			}
		}
	}
}

// readFile gives the records of a file; false ends the reading.
func readFile(ctx context.Context, path string, most int64, yield func(*Record, error) bool) bool {
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
		b, err := in.ReadBytes('\n')
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
		if !yield(recordOf(b[:len(b)-1]), nil) {
			return false
		}
	}
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
