package duck

import (
	"context"
	"time"
)

// patience is how long a call of DuckDB may go on after its statement was cancelled before it is left behind.
const patience = 300 * time.Millisecond

// attempt makes a call of DuckDB that may not end when it is interrupted: DuckDB looks for interrupts between the passes of its optimiser and between
// batches of rows, not while it parses and binds, which takes it minutes for a text of megabytes. Once ctx is done and the call doesn't end,
// attempt returns false and leaves it behind: the session takes nothing more, keeps its streams and its connection until the call returns, and
// gives them up then, after after has been called. What call and after share with the caller is the caller's only if attempt returned true.
func (s *Session) attempt(ctx context.Context, call, after func()) bool {
	if ctx.Done() == nil {
		call()
		return true
	}
	returned := make(chan struct{})
	go func() { call(); close(returned) }()
	select {
	case <-returned:
		return true
	case <-ctx.Done():
	}
	select {
	case <-returned:
		return true
	case <-time.After(patience):
	}
	left := make(chan struct{})
	s.mu.Lock()
	s.left = left
	s.mu.Unlock()
	go func() { <-returned; after(); close(left) }()
	return false
}

// leftBehind is closed when the call that was left behind has returned; nil if there is none.
func (s *Session) leftBehind() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left
}
