package sourcetest

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"weir/sources"
)

// cancel: cancelling the context ends the remote statement within a second, before the first row and in the middle.
func (h *Harness) cancel(t *testing.T) {
	s := h.open(t, h.Address)
	t.Run("before the first row", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			_, err := Count(ctx, s, h.Slow)
			done <- err
		}()
		within(t, 5*time.Second, "the statement starts", func() bool { return h.Running(t, h.Marker) > 0 })
		cancel()
		h.gone(t)
		select {
		case err := <-done:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want context.Canceled", err)
			}
		case <-time.After(2 * time.Second):
			t.Error("the query did not return")
		}
	})
	t.Run("in mid-stream", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		b := h.first(t, ctx, s)
		defer b.Close()
		cancel()
		h.gone(t)
		if err := drain(b); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want context.Canceled", err)
		}
	})
	t.Run("by a deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		if _, err := Count(ctx, s, h.Slow); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want context.DeadlineExceeded", err)
		}
		h.gone(t)
	})
	if h.Address != "" {
		t.Run("before it has arrived", h.cancelEarly)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("the source can't be used after cancellations: %v", err)
	}
}

// cancelEarly: a cancellation that comes to the system before the statement does was forgotten there, and the statement ran to its end without a client.
func (h *Harness) cancelEarly(t *testing.T) {
	p := NewProxy(t, h.Address)
	s := h.open(t, p.Address())
	if n, err := Count(t.Context(), s, h.Big); n != h.BigRows || err != nil { // leaves a connection
		t.Fatal(n, err)
	}
	release := sync.OnceFunc(p.Hold())
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() {
		_, err := Count(ctx, s, h.Slow)
		done <- err
	}()
	time.Sleep(100 * time.Millisecond)
	cancel()
	time.Sleep(200 * time.Millisecond)
	release()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
	time.Sleep(time.Second)
	h.gone(t)
}

// closing: Batches.Close in mid-stream ends the remote statement; Source.Close ends queries with an error.
func (h *Harness) closing(t *testing.T) {
	s := h.open(t, h.Address)
	b := h.first(t, t.Context(), s)
	if err := b.Close(); err != nil {
		t.Errorf("closing a stream: %v", err)
	}
	h.gone(t)

	b = h.first(t, t.Context(), s)
	defer b.Close()
	if err := s.Close(); err != nil {
		t.Errorf("closing the source: %v", err)
	}
	h.gone(t)
	if err := drain(b); err == nil {
		t.Error("a stream of a closed source ended as if it were whole")
	}
	if _, err := Count(t.Context(), s, h.Big); err == nil {
		t.Error("a closed source answered")
	}
}

// over: Query.Over is called once the statement has ended at the system, and only once; rows that have been read by then are still delivered.
func (h *Harness) over(t *testing.T) {
	s := h.open(t, h.Address)
	var calls atomic.Int32
	with := func(q sources.Query) sources.Query {
		calls.Store(0)
		q.Over = func() { calls.Add(1) }
		return q
	}
	once := func(when string) {
		t.Helper()
		within(t, time.Second, when, func() bool { return calls.Load() > 0 })
		time.Sleep(50 * time.Millisecond)
		if n := calls.Load(); n != 1 {
			t.Errorf("%s: %d calls", when, n)
		}
	}
	few := h.Big
	few.SQL = "SELECT * FROM (" + few.SQL + ") AS b LIMIT 3"
	b, err := s.Query(t.Context(), with(few))
	if err != nil {
		t.Fatal(err)
	}
	once("few rows, not taken")
	batch, err := b.Next()
	if err != nil || batch.NumRows() != 3 {
		t.Fatalf("the rows are gone: %v", err)
	}
	batch.Release()
	if err := drain(b); err != nil {
		t.Error(err)
	}
	b.Close()
	once("few rows, closed")

	if n, err := Count(t.Context(), s, with(h.Big)); n != h.BigRows || err != nil {
		t.Errorf("%d rows, %v", n, err)
	}
	once("many rows, read to the end")

	if b, err = s.Query(t.Context(), with(h.Endless)); err != nil {
		t.Fatal(err)
	}
	if n := calls.Load(); n != 0 {
		t.Error("called while the statement runs")
	}
	b.Close()
	once("closed in the middle")

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if b, err = s.Query(ctx, with(h.Endless)); err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	cancel()
	once("cancelled, and nobody asks")
}

func (h *Harness) first(t *testing.T, ctx context.Context, s sources.Source) sources.Batches {
	t.Helper()
	b, err := s.Query(ctx, h.Endless)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := b.Next()
	if err != nil {
		t.Fatal(err)
	}
	batch.Release()
	return b
}

// gone checks that no statement is left at the system a second from now.
func (h *Harness) gone(t *testing.T) {
	t.Helper()
	within(t, time.Second, "the remote statement is gone", func() bool { return h.Running(t, h.Marker) == 0 })
}

// drain reads to the end and returns the error, nil for a whole stream.
func drain(b sources.Batches) error {
	for {
		batch, err := b.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		batch.Release()
	}
}

// loss: a connection that breaks in mid-stream is an error of class ErrUnavailable, wherever it breaks.
func (h *Harness) loss(t *testing.T) {
	for _, after := range []int64{0, 1 << 10, 100 << 10, 3 << 20, 10 << 20} {
		p := NewProxy(t, h.Address)
		s := h.open(t, p.Address())
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.CutAfter(after)
		n, err := Count(t.Context(), s, h.Big)
		if !errors.Is(err, sources.ErrUnavailable) {
			t.Errorf("cut after %d bytes: %d rows, error %v; want one of class ErrUnavailable", after, n, err)
		}
	}
}

// reconnect: after a loss the source works again by itself, and connections that broke while idle are no error at all.
func (h *Harness) reconnect(t *testing.T) {
	p := NewProxy(t, h.Address)
	s := h.open(t, p.Address())
	for range 3 {
		n, err := Count(t.Context(), s, h.Big)
		if err != nil || n != h.BigRows {
			t.Fatalf("%d rows, error %v; want %d", n, err, h.BigRows)
		}
		p.Cut()
	}
}

// down: a system that is down is an error of class ErrUnavailable; when it is back the source works.
func (h *Harness) down(t *testing.T) {
	p := NewProxy(t, h.Address)
	p.Refuse(true)
	s := h.open(t, p.Address())
	if err := s.Ping(t.Context()); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("Ping gives %v, want an error of class ErrUnavailable", err)
	}
	if _, err := s.Dialect(t.Context()); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("Dialect gives %v, want an error of class ErrUnavailable", err)
	}
	if _, err := s.Tables(t.Context()); !errors.Is(err, sources.ErrUnavailable) {
		t.Errorf("Tables gives %v, want an error of class ErrUnavailable", err)
	}
	p.Refuse(false)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping after the system came back: %v", err)
	}
	if _, err := s.Dialect(t.Context()); err != nil {
		t.Errorf("Dialect after the system came back: %v", err)
	}
}

// concurrency: more queries than connections at once, some of them cancelled, all others whole.
func (h *Harness) concurrency(t *testing.T) {
	s := h.open(t, h.Address)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			ctx := t.Context()
			if i%4 == 3 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, time.Duration(i)*5*time.Millisecond)
				defer cancel()
			}
			n, err := Count(ctx, s, h.Big)
			switch {
			case err == nil && n != h.BigRows:
				t.Errorf("%d rows, want %d", n, h.BigRows)
			case err != nil && ctx.Err() == nil:
				t.Errorf("error %v", err)
			}
		})
	}
	wg.Wait()
}
