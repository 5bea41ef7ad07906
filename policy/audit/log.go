package audit

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// Options say where and how the audit is kept.
type Options struct {
	Dir string
	// Key makes the hashes ones that nobody without it can compute. Empty: plain hashes, which only show careless changes.
	Key []byte
	// RotateSize and RotateAge bound a file; Keep is how long files stay after their last record. 0 is no bound.
	RotateSize      int64
	RotateAge, Keep time.Duration
	// Sync is when lines are forced to the disk.
	Sync Sync
	Log  *slog.Logger     // nil logs nothing
	Now  func() time.Time // nil is the clock
}

// Sync says when lines are forced to the disk. They are with the operating system, and so survive this process, whatever it says.
type Sync struct {
	Always bool
	Every  time.Duration // 0, if not Always: left to the operating system
}

// ErrWrite is wrapped by the errors of Write: the record is not in the audit.
var ErrWrite = errors.New("the audit can't be written")

// owedMost bounds the records that wait for a disk that takes nothing. They tell of what has happened; what is about to happen is refused.
const owedMost = 10_000

// Log writes the audit. Safe for concurrent use.
type Log struct {
	opt   Options
	log   *slog.Logger
	now   func() time.Time
	stop  chan struct{}
	tasks sync.WaitGroup

	mu      sync.Mutex
	next    *batch // what the next write takes along
	leading bool   // somebody writes
	free    *sync.Cond
	closed  bool
	f       *os.File
	size    int64 // of f, as far as it holds whole batches
	unsaved bool  // f has lines that were not forced to the disk
	saveErr error // why that failed last

	// What follows is touched only by who leads, or while nobody can.
	chain  *chainer
	heads  *headFile
	head   head
	opened time.Time // of f's first record
	torn   bool      // f may hold a part of a batch behind size
	owed   [][]byte
	lost   int // owed records for which there was no room
	failed bool
	buf    []byte
	retry  time.Time // when to try again to begin a new file
}

// batch is what is written at once.
type batch struct {
	entries []entry
	done    chan struct{}
	err     error
}

type entry struct {
	body []byte
	keep bool
}

// Write writes a record and returns when it is as safe as Options.Sync demands. An error wraps ErrWrite; the record of something that is still
// to happen (a Begin) is then not written, and it must not happen. Other records are written as soon as that works again.
func (l *Log) Write(r *Record) error {
	body, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrite, err)
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return fmt.Errorf("%w: it has been closed", ErrWrite)
	}
	b := l.next
	b.entries = append(b.entries, entry{body, r.Event != Begin})
	if l.leading {
		l.mu.Unlock()
		<-b.done
		return b.err
	}
	l.leading = true
	l.round()
	if len(l.next.entries) > 0 {
		go l.lead()
	} else {
		l.rest()
	}
	l.mu.Unlock()
	return b.err
}

// lead writes what others have brought while somebody wrote, until nothing is left.
func (l *Log) lead() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.next.entries) > 0 {
		l.round()
	}
	l.rest()
}

// rest ends the leading. Call with mu held.
func (l *Log) rest() {
	l.leading = false
	l.free.Broadcast()
}

// round writes one batch. Call with mu held, which is given up meanwhile.
func (l *Log) round() {
	b := l.next
	l.next = &batch{done: make(chan struct{})}
	l.mu.Unlock()
	b.err = l.put(b.entries)
	close(b.done)
	l.mu.Lock()
}

// put writes entries, after those that are owed.
func (l *Log) put(entries []entry) error {
	err := l.tryPut(entries)
	if err == nil {
		if l.failed {
			l.failed = false
			l.log.Info("the audit is written again")
		}
		return nil
	}
	if !l.failed {
		l.failed = true
		l.log.Error("the audit can't be written: statements are refused", "error", err)
	}
	for _, e := range entries {
		switch {
		case !e.keep:
		case len(l.owed) < owedMost:
			l.owed = append(l.owed, e.body)
		default:
			l.lost++
		}
	}
	return fmt.Errorf("%w: %w", ErrWrite, err)
}

func (l *Log) tryPut(entries []entry) error {
	if err := l.repair(); err != nil {
		return err
	}
	at := l.now()
	if l.due(at) {
		l.rotate(at)
	}
	if l.lost > 0 {
		body, err := json.Marshal(&Record{Event: Broken, Detail: map[string]string{"lost": fmt.Sprint(l.lost), "why": "the audit couldn't be written for too long"}})
		if err != nil {
			return err
		}
		l.owed, l.lost = append(l.owed, body), 0
	}
	h, b := l.head, l.buf[:0]
	for _, body := range l.owed {
		h.Seq++
		b, h.Hash = l.chain.appendLine(b, h.Seq, at, h.Hash, body)
	}
	for _, e := range entries {
		h.Seq++
		b, h.Hash = l.chain.appendLine(b, h.Seq, at, h.Hash, e.body)
	}
	if cap(b) <= 1<<20 {
		l.buf = b
	}
	return l.appendLines(b, h)
}

// appendLines writes lines at the file's end, then the head.
func (l *Log) appendLines(b []byte, h head) error {
	if _, err := l.f.WriteAt(b, l.size); err != nil {
		l.torn = true
		return err
	}
	if l.opt.Sync.Always {
		if err := l.f.Sync(); err != nil {
			l.torn = true
			return err
		}
	}
	l.mu.Lock()
	l.size += int64(len(b))
	l.unsaved = !l.opt.Sync.Always
	l.mu.Unlock()
	l.head, l.owed = h, nil
	return l.writeHead()
}

func (l *Log) writeHead() error {
	err := l.heads.write(l.head, l.chain)
	if err == nil && l.opt.Sync.Always {
		err = l.heads.f.Sync()
	}
	return err
}

// repair cuts off what a failed write may have left, and makes up for a failed sync.
func (l *Log) repair() error {
	if l.torn {
		if err := l.f.Truncate(l.size); err != nil {
			return err
		}
		l.torn = false
	}
	l.mu.Lock()
	failed := l.saveErr != nil
	l.mu.Unlock()
	if !failed {
		return nil
	}
	err := l.f.Sync()
	l.mu.Lock()
	l.saveErr = err
	l.mu.Unlock()
	return err
}

// saver forces the lines to the disk every so often.
func (l *Log) saver() {
	tick := time.NewTicker(l.opt.Sync.Every)
	defer tick.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-tick.C:
			l.save()
		}
	}
}

func (l *Log) save() {
	l.mu.Lock()
	f, unsaved := l.f, l.unsaved
	l.unsaved = false
	l.mu.Unlock()
	if !unsaved {
		return
	}
	err := f.Sync()
	if errors.Is(err, os.ErrClosed) { // a new file has been begun, which saves the old one
		return
	}
	if err == nil {
		err = l.heads.f.Sync()
	}
	if err != nil {
		l.log.Error("the audit can't be forced to the disk: statements are refused", "error", err)
		l.mu.Lock()
		l.saveErr, l.unsaved = err, true
		l.mu.Unlock()
	}
}

// Close writes what is under way and owed, and ends the log.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	for l.leading {
		l.free.Wait()
	}
	l.mu.Unlock()
	close(l.stop)
	l.tasks.Wait()
	var err error
	if len(l.owed) > 0 {
		err = l.tryPut(nil)
	}
	if l.opt.Sync != (Sync{}) {
		err = errors.Join(err, l.f.Sync(), l.heads.f.Sync())
	}
	return errors.Join(err, l.f.Close(), l.heads.f.Close())
}
