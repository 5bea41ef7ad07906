package postgres

import (
	"context"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
)

// stream is a result on its way. One or more readers fill it, each with its own connection.
type stream struct {
	source *Source
	ctx    context.Context // ends with the caller's context, with Close, and with the source
	cancel context.CancelFunc
	caller context.Context

	ready   arrow.RecordBatch // the first batch, until it is taken
	batches chan arrow.RecordBatch
	readers sync.WaitGroup

	mu  sync.Mutex
	err error // the first failure
}

// Next implements sources.Batches.
func (s *stream) Next() (arrow.RecordBatch, error) {
	if err := s.caller.Err(); err != nil {
		return nil, err
	}
	if b := s.ready; b != nil {
		s.ready = nil
		return b, nil
	}
	if s.batches == nil {
		return nil, s.end()
	}
	b, ok := <-s.batches
	if !ok {
		return nil, s.end()
	}
	return b, nil
}

// end is what comes after the last batch.
func (s *stream) end() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	return io.EOF
}

// fail records a failure and ends all readers.
func (s *stream) fail(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	s.cancel()
}

// Close implements sources.Batches.
func (s *stream) Close() error {
	s.mu.Lock()
	if s.err == nil {
		s.err = errStreamClosed
	}
	s.mu.Unlock()
	s.cancel()
	s.readers.Wait()
	if s.batches != nil {
		for b := range s.batches {
			b.Release()
		}
	}
	return nil
}

// start runs readers that fill the stream; more than one at a time may deliver. The stream ends when all have.
func (s *stream) start(readers ...func() error) {
	s.batches = make(chan arrow.RecordBatch, len(readers))
	for _, r := range readers {
		s.readers.Go(func() {
			if err := r(); err != nil {
				s.fail(err)
			}
		})
	}
	go func() {
		s.readers.Wait()
		s.cancel()
		close(s.batches)
	}()
}

// deliver hands a batch to the consumer; false if nobody wants it.
func (s *stream) deliver(b arrow.RecordBatch) bool {
	select {
	case s.batches <- b:
		return true
	case <-s.ctx.Done():
		b.Release()
		return false
	}
}
