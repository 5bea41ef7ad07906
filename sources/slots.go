package sources

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// ErrBusy is wrapped by errors that say that no connection became free in time. The system is up.
var ErrBusy = errors.New("source busy")

// longestWait bounds how long a statement waits for a connection to a source.
const longestWait = 30 * time.Second

// Slots are the connections that a source may hold at once: one is opened, or taken again, only by whom has a slot. Nobody waits for one for longer
// than 30 s, or most of the source's statement_timeout if that is less. Safe for concurrent use.
type Slots struct {
	source string
	wait   time.Duration
	free   chan int

	mu sync.Mutex
	// since says when each slot's connection was taken; zero while there is none.
	since []time.Time
	// given counts connections that were given back. returned are those who wait for the next one, because the system has no room for more.
	given    uint64
	returned []chan struct{}
	// waiting counts all who wait; wanted is closed while there are any.
	waiting int
	wanted  chan struct{}
}

// NewSlots makes n slots for a source.
func NewSlots(source string, n int, statementTimeout time.Duration) *Slots {
	s := &Slots{source: source, wait: longestWait, free: make(chan int, n), since: make([]time.Time, n), wanted: make(chan struct{})}
	if statementTimeout > 0 { // a little less, so that the error is about what was waited for
		s.wait = min(s.wait, statementTimeout*9/10)
	}
	for i := range n {
		s.free <- i
	}
	return s
}

// Take takes a slot, waiting for one if all are in use, and calls open, which takes a connection that is idle or opens one. While that fails because the
// system itself has no room for more, which full tells, Take waits for one of the connections that are at work, if there are any. The caller gives the slot
// back with Give, once the connection is idle or closed.
func (s *Slots) Take(ctx context.Context, open func() error, full func(error) bool) (slot int, err error) {
	select {
	case slot = <-s.free:
	default:
		if slot, err = s.enter(ctx); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	given := s.given
	s.mu.Unlock()
	err = open()
	if err != nil && full(err) {
		err = s.openLater(ctx, given, err, open, full)
	}
	if err != nil {
		s.free <- slot
		return 0, err
	}
	s.took(slot)
	return slot, nil
}

// TryTake is Take for a caller who can do without: ok is false if no slot is free.
func (s *Slots) TryTake(open func() error) (slot int, ok bool, err error) {
	select {
	case slot = <-s.free:
	default:
		return 0, false, nil
	}
	if err := open(); err != nil {
		s.free <- slot
		return 0, false, err
	}
	s.took(slot)
	return slot, true, nil
}

// Give gives a slot back.
func (s *Slots) Give(slot int) {
	s.mu.Lock()
	s.since[slot] = time.Time{}
	s.given++
	s.wakeOne()
	s.mu.Unlock()
	s.free <- slot
}

// Wanted is closed while somebody waits: those who hold more than one connection are to give it back.
func (s *Slots) Wanted() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wanted
}

// Idle waits until all slots have been given back.
func (s *Slots) Idle() {
	held := make([]int, cap(s.free))
	for i := range held {
		held[i] = <-s.free
	}
	for _, slot := range held {
		s.free <- slot
	}
}

func (s *Slots) took(slot int) {
	s.mu.Lock()
	s.since[slot] = time.Now()
	s.mu.Unlock()
}

// enter waits for a free slot.
func (s *Slots) enter(ctx context.Context) (int, error) {
	defer s.waits()()
	patience := time.NewTimer(s.wait)
	defer patience.Stop()
	select {
	case slot := <-s.free:
		return slot, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-patience.C:
		return 0, s.busy(fmt.Sprintf("all %d connections that it may have (max_connections)", cap(s.free)), "")
	}
}

// openLater waits for connections that are given back, and calls open after each, until that succeeds or fails for another reason than that the system
// is full. It also tries every second: the system may notice late that a connection was closed, and other clients leave it too. given is the number of those given back before open was called, and err what that returned.
func (s *Slots) openLater(ctx context.Context, given uint64, err error, open func() error, full func(error) bool) error {
	defer s.waits()()
	patience, again := time.NewTimer(s.wait), time.NewTicker(time.Second)
	defer patience.Stop()
	defer again.Stop()
	for err != nil && full(err) {
		s.mu.Lock()
		if s.working() == 0 && s.given == given {
			s.mu.Unlock()
			return err
		}
		woken := make(chan struct{})
		if s.given != given { // just now
			close(woken)
		} else {
			s.returned = append(s.returned, woken)
		}
		s.mu.Unlock()
		select {
		case <-woken:
		case <-again.C:
			s.leave(woken)
		case <-ctx.Done():
			s.leave(woken)
			return ctx.Err()
		case <-patience.C:
			s.leave(woken)
			s.mu.Lock()
			n := s.working()
			s.mu.Unlock()
			return s.busy(fmt.Sprintf("it takes no more connections, and the %d that Weir has", n), err.Error())
		}
		s.mu.Lock()
		given = s.given
		s.mu.Unlock()
		err = open()
	}
	return err
}

// waits notes that somebody waits; the returned function, that they don't any more.
func (s *Slots) waits() (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting++; s.waiting == 1 {
		close(s.wanted)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.waiting--; s.waiting == 0 {
			s.wanted = make(chan struct{})
		}
	}
}

// wakeOne tells the one who has waited longest that a connection was given back. Call with mu held.
func (s *Slots) wakeOne() {
	if len(s.returned) > 0 {
		close(s.returned[0])
		s.returned = s.returned[1:]
	}
}

// leave is for one who waits no more; what they were told is told to the next.
func (s *Slots) leave(woken chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.returned, woken); i >= 0 {
		s.returned = slices.Delete(s.returned, i, i+1)
	} else {
		s.wakeOne()
	}
}

// working is the number of connections that have been taken. Call with mu held.
func (s *Slots) working() (n int) {
	for _, t := range s.since {
		if !t.IsZero() {
			n++
		}
	}
	return n
}

// busy is the error of one who has waited long enough.
func (s *Slots) busy(who, detail string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := time.Duration(0)
	for _, t := range s.since {
		if !t.IsZero() {
			oldest = max(oldest, time.Since(t))
		}
	}
	return &Error{Source: s.source, Class: ErrBusy, Detail: detail, Doing: fmt.Sprintf("%s have been in use for %v, the oldest for %v; try again later, or end what holds them",
		who, s.wait, oldest.Round(time.Millisecond))}
}
