package exec

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// stream is a source's answer: batches of 100 integers, then an error.
type stream struct {
	sources.Batches
	left   int
	end    error
	closed atomic.Bool
}

func (s *stream) Next() (arrow.RecordBatch, error) {
	if s.closed.Load() {
		return nil, context.Canceled
	}
	if s.left == 0 {
		return nil, s.end
	}
	s.left--
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema([]rel.Column{{Name: "c1", T: rel.BigIntType}}))
	defer b.Release()
	for i := range 100 {
		b.Field(0).(*array.Int64Builder).Append(int64(s.left*100 + i))
	}
	return b.NewRecordBatch(), nil
}

func (s *stream) Close() error { s.closed.Store(true); return nil }

// drain counts what a stream gives until its error.
func drain(next func() (arrow.RecordBatch, error)) (rows int64, err error) {
	for {
		b, err := next()
		if err != nil {
			return rows, err
		}
		rows += b.NumRows()
		b.Release()
	}
}

func TestPrefetchedGivesEveryRowOnce(t *testing.T) {
	for name, limit := range map[string]int64{"all in memory": 1 << 20, "some in memory": 2000, "none": 0} {
		t.Run(name, func(t *testing.T) {
			p := &prefetched{rest: &stream{left: 20, end: io.EOF}}
			if err := p.fill(limit); err != nil {
				t.Fatal(err)
			}
			if got := limit > 1<<16; p.complete != got {
				t.Errorf("complete is %v", p.complete)
			}
			if rows, err := drain(p.next); rows != 2000 || !errors.Is(err, io.EOF) {
				t.Errorf("%d rows, %v", rows, err)
			}
		})
	}
}

func TestReadahead(t *testing.T) {
	defer goleak.VerifyNone(t)
	broken := errors.New("connection lost")
	for name, end := range map[string]error{"end": io.EOF, "error": broken} {
		t.Run(name, func(t *testing.T) {
			r := newReadahead(&stream{left: 50, end: end})
			defer r.Close()
			rows, err := drain(r.Next)
			if rows != 5000 || !errors.Is(err, end) {
				t.Errorf("%d rows, %v", rows, err)
			}
			// An error that was given once must not become the end of the rows.
			if _, err := r.Next(); !errors.Is(err, end) {
				t.Errorf("then %v", err)
			}
		})
	}
	t.Run("closed early", func(t *testing.T) {
		s := &stream{left: 1 << 30, end: io.EOF}
		r := newReadahead(s)
		b, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
		r.Close()
		if !s.closed.Load() {
			t.Error("the stream stays open")
		}
	})
}

func fragment(id int, source string) *plan.Fragment { return &plan.Fragment{ID: id, Source: source} }

func TestGate(t *testing.T) {
	g := &Gate{Limit: func(source string) int { return map[string]int{"erp": 2, "crm": 4}[source] }}
	two := &plan.Plan{Fragments: []*plan.Fragment{fragment(1, "erp"), fragment(2, "erp"), fragment(3, "crm")}}
	release, crowded, err := g.Enter(t.Context(), two)
	if err != nil || len(crowded) != 0 {
		t.Fatal(crowded, err)
	}
	// The source is full: the next statement waits, and a cancelled one gives up without holding anything.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, _, err := g.Enter(ctx, two); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("entered a full source: %v", err)
	}
	release()
	three := &plan.Plan{Fragments: []*plan.Fragment{fragment(1, "erp"), fragment(2, "erp"), fragment(3, "erp"), fragment(4, "")}}
	release, crowded, err = g.Enter(t.Context(), three)
	if err != nil || !crowded["erp"] {
		t.Fatalf("more fragments than a source allows: crowded %v, %v", crowded, err)
	}
	release()
}

// Four clients that read nothing had a source to themselves: who finds it full is told so after a minute.
func TestGateIsWaitedForSoLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &Gate{Limit: func(string) int { return 4 }}
		one := &plan.Plan{Fragments: []*plan.Fragment{fragment(1, "erp")}}
		var leave []func()
		for range 4 {
			release, _, err := g.Enter(t.Context(), one)
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, release)
			time.Sleep(time.Second)
		}
		leave[0]()
		if _, _, err := g.Enter(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		_, _, err := g.Enter(t.Context(), one)
		if !sqlerr.SourceFailed.Is(err) || !strings.Contains(err.Error(), "all 4 connections to source erp (max_connections) have been in use for 1m0s, the oldest for 1m3s") {
			t.Error(err)
		}
	})
}

// whole is a source whose statements have ended by the time that their rows are handed out.
type whole struct{ sources.Source }

func (whole) Query(ctx context.Context, q sources.Query) (sources.Batches, error) {
	if q.Over != nil {
		q.Over()
	}
	s := &stream{left: 2, end: io.EOF}
	context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

// Rows that have been read hold nothing at their source, however late the client takes them: no time limit ends them, and others find the source free.
func TestRowsThatHaveBeenRead(t *testing.T) {
	x := &Executor{Gate: &Gate{Limit: func(string) int { return 1 }}, Timeout: func(string) time.Duration { return 10 * time.Millisecond }}
	p := &plan.Plan{Fragments: []*plan.Fragment{{ID: 1, Source: "erp", Root: &rel.Values{}}}}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	var runs []*Run
	for range 2 {
		r, err := x.Start(ctx, p, func(string) (sources.Source, error) { return whole{}, nil })
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		runs = append(runs, r)
	}
	time.Sleep(50 * time.Millisecond)
	for _, r := range runs {
		if rows, err := drain(r.Next); rows != 200 || !errors.Is(err, io.EOF) {
			t.Errorf("%d rows, %v", rows, err)
		}
	}
}

func TestKeysOfAColumn(t *testing.T) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema([]rel.Column{{Name: "c1", T: rel.BigIntType}}))
	b.Field(0).(*array.Int64Builder).AppendValues([]int64{3, -1, 3, 0, 7}, []bool{true, true, true, false, true})
	batches := []arrow.RecordBatch{b.NewRecordBatch()}
	for name, c := range map[string]struct {
		t    rel.Type
		want []any
	}{
		"signed": {rel.BigIntType, []any{int64(3), int64(-1), int64(7)}},
		// No unsigned column holds -1, so it is no key.
		"unsigned": {rel.UBigIntType, []any{uint64(3), uint64(7)}},
	} {
		t.Run(name, func(t *testing.T) {
			keys, ok := distinct(batches, 0, c.t)
			if !ok || len(keys.Values) != len(c.want) {
				t.Fatalf("%d keys, %v", len(keys.Values), ok)
			}
			for i, k := range keys.Values {
				if k.Value != c.want[i] {
					t.Errorf("key %d is %v, want %v", i, k.Value, c.want[i])
				}
			}
		})
	}
	many := map[any]bool{int64(5): true, int64(-7): true, int64(900): true}
	if k, ok := bounds(many, rel.BigIntType); !ok || k.Min.Value != int64(-7) || k.Max.Value != int64(900) || k.Values != nil {
		t.Errorf("bounds are %+v, %v", k, ok)
	}
	if _, ok := distinct(batches, position(nil, 1), rel.BigIntType); ok {
		t.Error("keys of a column that is not there")
	}
}
