package sources

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func always() error       { return nil }
func never(error) bool    { return false }
func isFull(e error) bool { return errors.Is(e, errNoRoom) }

var errNoRoom = errors.New("no room")

// Nobody waits for a connection without a bound; the error says who has them.
func TestSlotsAreWaitedForSoLong(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{0: 30 * time.Second, 10 * time.Minute: 30 * time.Second, 10 * time.Second: 9 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			s := NewSlots("erp", 2, timeout)
			for range 2 {
				if _, err := s.Take(t.Context(), always, never); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
			}
			began := time.Now()
			_, err := s.Take(t.Context(), always, never)
			if took := time.Since(began); !errors.Is(err, ErrBusy) || took != want {
				t.Errorf("after %v: %v", took, err)
			}
			if text := err.Error(); !strings.Contains(text, "all 2 connections") || !strings.Contains(text, "the oldest for "+(2*time.Minute+want).String()) {
				t.Error(text)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := s.Take(ctx, always, never); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("with a context that ends: %v", err)
			}
		})
	}
}

// A system that has room for three serves all who may open eight: they wait for each other. Without one at work it fails at once.
func TestSlotsOfAFullSystem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSlots("erp", 8, 0)
		var room atomic.Int64 // connections that the system still takes
		open := func() error {
			if room.Add(-1) < 0 {
				room.Add(1)
				return errNoRoom
			}
			return nil
		}
		began := time.Now()
		if _, err := s.Take(t.Context(), open, isFull); !errors.Is(err, errNoRoom) || time.Since(began) != 0 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		room.Store(3)
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				ctx := t.Context()
				if i%10 == 9 { // some leave, and what they were told must not be lost
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Duration(i)*time.Millisecond)
					defer cancel()
				}
				slot, err := s.Take(ctx, open, isFull)
				if err != nil {
					if ctx.Err() == nil {
						t.Error(err)
					}
					return
				}
				time.Sleep(time.Duration(i%7) * 10 * time.Millisecond)
				room.Add(1)
				s.Give(slot)
			})
		}
		wg.Wait()
		select {
		case <-s.Wanted():
			t.Error("somebody still waits")
		default:
		}

		room.Store(1)
		if _, err := s.Take(t.Context(), open, isFull); err != nil {
			t.Fatal(err)
		}
		began = time.Now()
		_, err := s.Take(t.Context(), open, isFull)
		if took := time.Since(began); !errors.Is(err, ErrBusy) || took != 30*time.Second || !strings.Contains(err.Error(), "the 1 that Weir has have been in use") {
			t.Errorf("after %v: %v", took, err)
		}
		if len(s.free) != 7 {
			t.Errorf("%d slots are free, want 7", len(s.free))
		}
	})
}
