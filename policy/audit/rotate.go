package audit

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// due reports whether a new file is to be begun.
func (l *Log) due(at time.Time) bool {
	if at.Before(l.retry) {
		return false
	}
	return l.opt.RotateSize > 0 && l.size >= l.opt.RotateSize || l.opt.RotateAge > 0 && at.Sub(l.opened) >= l.opt.RotateAge
}

// retryRotate is how long a file is written on after a new one could not be begun.
const retryRotate = time.Minute

// rotate begins a new file, and removes those that are too old. Where that fails, the old file is written on: it is as good.
func (l *Log) rotate(at time.Time) {
	old := l.f
	if l.opt.Sync != (Sync{}) {
		if err := old.Sync(); err != nil {
			l.log.Warn("the audit goes on in its old file: saving that failed", "error", err)
			l.retry = at.Add(retryRotate)
			return
		}
	}
	if err := l.begin(at, nil); err != nil {
		l.log.Warn("the audit goes on in its old file: a new one can't be begun", "error", err)
		l.retry = at.Add(retryRotate)
		return
	}
	_ = old.Close()
}

// begin makes a new file whose first lines tell how it is chained, and what else there is to tell. On an error nothing has changed.
func (l *Log) begin(at time.Time, more []*Record) (err error) {
	h := l.head
	name := fileName(l.opt.Dir, h.Seq+1)
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(name)
		}
	}()
	old, first, before := l.expired(at)
	records := append([]*Record{{Event: File, Detail: map[string]string{"hash": l.chain.algorithm()}}}, more...)
	if len(old) > 0 {
		h.First, h.Before = first, before
		records = append(records, &Record{Event: Removed, Detail: map[string]string{"files": strconv.Itoa(len(old)),
			"from": strconv.FormatUint(old[0].first, 10), "to": strconv.FormatUint(first-1, 10), "why": "older than keep"}})
	}
	var b []byte
	for _, r := range records {
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		h.Seq++
		b, h.Hash = l.chain.appendLine(b, h.Seq, at, h.Hash, body)
	}
	if _, err = f.WriteAt(b, 0); err != nil {
		return err
	}
	if l.opt.Sync != (Sync{}) {
		if err = errors.Join(f.Sync(), syncDir(l.opt.Dir)); err != nil {
			return err
		}
	}
	was := l.head
	l.head = h
	if err = l.writeHead(); err != nil {
		l.head = was
		return err
	}
	l.mu.Lock()
	l.f, l.size, l.unsaved = f, int64(len(b)), false
	l.mu.Unlock()
	l.opened, l.torn, l.retry = at, false, time.Time{}
	for _, o := range old {
		if err := os.Remove(o.path); err != nil {
			l.log.Warn("an old file of the audit can't be removed", "file", o.path, "error", err)
		}
	}
	return nil
}

// expired are the files whose last record is older than is kept, with where the chain begins without them.
func (l *Log) expired(at time.Time) (old []fileOf, first uint64, before string) {
	if l.opt.Keep <= 0 {
		return nil, 0, ""
	}
	files, err := list(l.opt.Dir)
	if err != nil {
		l.log.Warn("looking for old files of the audit", "error", err)
		return nil, 0, ""
	}
	for i := 0; i+1 < len(files); i++ {
		next, err := firstLine(files[i+1].path)
		if err != nil || at.Sub(next.time) < l.opt.Keep { // a file's last record is not younger than the next one's first
			break
		}
		old, first, before = files[:i+1], next.seq, next.prev
	}
	return old, first, before
}

// firstLine reads the first line of a file.
func firstLine(path string) (line, error) {
	f, err := os.Open(path)
	if err != nil {
		return line{}, err
	}
	defer f.Close()
	b, err := bufio.NewReader(f).ReadBytes('\n')
	if err != nil {
		return line{}, fmt.Errorf("%s has no whole line", path)
	}
	out, ok := parseLine(b[:len(b)-1])
	if !ok {
		return line{}, fmt.Errorf("%s: the first line is none of the audit", path)
	}
	return out, nil
}
