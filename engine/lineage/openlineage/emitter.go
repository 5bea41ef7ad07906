package openlineage

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"weir/engine/bind"
	"weir/engine/lineage"
)

// The ways to tell a statement's text.
const (
	SQLRedacted = "redacted" // without literals and comments
	SQLFull     = "full"
	SQLNone     = "none"
)

// Settings say what is told, and to whom: exactly one of File and URL is set.
type Settings struct {
	// File is appended to: one event a line. It may be moved away at any time; a new one is made then.
	File string
	// URL gets one event with each POST, or, if its path ends in /batch, an array of events.
	URL string
	// APIKey is sent to URL as a bearer token; empty for none.
	APIKey string
	// Namespace is that of jobs and datasets.
	Namespace string
	// SQL is one of the constants above.
	SQL string
	// Datasets are the addresses by which others name the tables of a source: scheme and host become the namespace, the path stands before the table's name.
	// Tables of other sources are in Namespace, with the source's name before theirs.
	Datasets map[string]string
	Log      *slog.Logger
}

// The bounds of what waits to be written. Statements beyond are not told.
const (
	maxWaiting = 2048
	maxWeight  = 400_000 // input fields, which take about 100 bytes each
	maxText    = 64 << 10
	maxBatch   = 100
)

// Statement is a statement that runs.
type Statement struct {
	Text       string
	AnsiQuotes bool
	// Lineage is nil where it isn't known, as for a statement that can't be bound.
	Lineage *lineage.Result

	run uuid.UUID
}

// item is an event that waits to be written.
type item struct {
	statement *Statement
	state     string
	at        time.Time
	rows      int64
	code      int
}

// writer takes events to where they go. Used by one goroutine.
type writer interface {
	// write returns how many of the lines were taken; the rest is lost, and the error says why.
	write(ctx context.Context, lines [][]byte) (int, error)
	close() error
}

// Emitter tells events. Safe for concurrent use.
type Emitter struct {
	settings Settings
	out      writer
	queue    chan *item
	waiting  atomic.Int64 // weight of what is in the queue

	sent, dropped, failed atomic.Int64

	stop   context.CancelFunc
	closed atomic.Bool
	mu     sync.RWMutex // held for reading while an item is put into the queue
	done   chan struct{}
	warned time.Time // of the emitter's goroutine
}

// New begins to tell events. A file that can't be written is an error; an endpoint is not contacted.
func New(s Settings) (*Emitter, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	e := &Emitter{settings: s, queue: make(chan *item, maxWaiting), done: make(chan struct{})}
	var err error
	if s.File != "" {
		e.out, err = openFile(s.File)
	} else {
		e.out, err = newEndpoint(s.URL, s.APIKey)
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	e.stop = cancel
	go e.work(ctx)
	return e, nil
}

// Counts are the events that were told, those that were dropped since too many waited, and those that couldn't be written.
func (e *Emitter) Counts() (sent, dropped, failed int64) {
	return e.sent.Load(), e.dropped.Load(), e.failed.Load()
}

// Begin tells that a statement begins. What it returns is to be called once, when the statement has ended.
func (e *Emitter) Begin(st Statement) func(End) {
	id, err := uuid.NewV7()
	if err != nil { // no random numbers: the statement goes untold
		e.dropped.Add(1)
		return func(End) {}
	}
	st.run = id
	if len(st.Text) > maxText {
		if st.Lineage != nil && e.settings.SQL != SQLFull { // what is cut off may say that a name is a literal
			st.Lineage = st.Lineage.Renamed(bind.RedactNames(st.Text, st.AnsiQuotes))
		}
		st.Text = strings.Clone(st.Text[:maxText])
	}
	e.put(&item{statement: &st, state: start, at: time.Now()})
	return func(end End) {
		it := &item{statement: &st, state: complete, at: time.Now(), rows: end.Rows, code: end.Code}
		switch {
		case end.Aborted:
			it.state = abort
		case end.Code != 0:
			it.state = fail
		}
		e.put(it)
	}
}

// End is how a statement ended.
type End struct {
	Rows    int64
	Code    int  // MySQL's error code; 0 for none
	Aborted bool // by the client, an administrator, a time limit or a shutdown
}

// put adds to the queue, or drops. One event fits however heavy it is, if nothing else waits.
func (e *Emitter) put(it *item) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	w := int64(weight(it.statement.Lineage))
	if e.closed.Load() || e.waiting.Load()+w > maxWeight && len(e.queue) > 0 {
		e.dropped.Add(1)
		return
	}
	e.waiting.Add(w)
	select {
	case e.queue <- it:
	default:
		e.waiting.Add(-w)
		e.dropped.Add(1)
	}
}

// work writes what is in the queue until it is closed.
func (e *Emitter) work(ctx context.Context) {
	defer close(e.done)
	for it := range e.queue {
		batch := [][]byte{e.line(it)}
	more:
		for len(batch) < maxBatch {
			select {
			case it, open := <-e.queue:
				if !open {
					break more
				}
				batch = append(batch, e.line(it))
			default:
				break more
			}
		}
		n, err := e.out.write(ctx, batch)
		e.sent.Add(int64(n))
		e.failed.Add(int64(len(batch) - n))
		if err != nil && time.Since(e.warned) > time.Minute {
			e.warned = time.Now()
			_, dropped, failed := e.Counts()
			e.settings.Log.Warn("lineage events can't be written; statements are not affected", "error", err, "failed", failed, "dropped", dropped)
		}
	}
	if err := e.out.close(); err != nil {
		e.settings.Log.Warn("closing the lineage events", "error", err)
	}
}

// line is an item as JSON.
func (e *Emitter) line(it *item) []byte {
	e.waiting.Add(-int64(weight(it.statement.Lineage)))
	text, err := json.Marshal(e.settings.event(it))
	if err != nil { // there is nothing in an event that can't be written
		e.settings.Log.Error("writing a lineage event", "error", err)
	}
	return text
}

// Close writes what waits and ends. What hasn't been written when ctx ends is lost.
func (e *Emitter) Close(ctx context.Context) error {
	e.mu.Lock()
	if e.closed.Swap(true) {
		e.mu.Unlock()
		return nil
	}
	close(e.queue)
	e.mu.Unlock()
	select {
	case <-e.done:
		e.stop()
		return nil
	case <-ctx.Done():
		e.stop()
		<-e.done
		return errors.New("lineage events that were still waiting are lost")
	}
}
