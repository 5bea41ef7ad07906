package duck

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// The servers that tests start outlive them; they are waited for by goroutines.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("os/exec.(*Cmd).Wait"))
}

func open(t testing.TB, o Options) *DB {
	t.Helper()
	d, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if u, err := d.usage(); err != nil || u.sessions != 0 {
			t.Errorf("at the end: %+v, %v", u, err)
		}
		d.Close()
	})
	return d
}

func begin(t testing.TB, d *DB) *Session {
	t.Helper()
	s, err := d.Begin(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func columns(types ...rel.Type) []rel.Column {
	out := make([]rel.Column, len(types))
	for i, t := range types {
		out[i] = rel.Column{ID: rel.ColumnID(i + 1), Name: fmt.Sprintf("col %d", i), T: t}
	}
	return out
}

// stream gives batches of (row number, text) until it has given rows rows, then err.
type stream struct {
	array.RecordReader // nil: a method that is missing here is a bug
	schema             *arrow.Schema
	rows, batch, at    int
	err                error
	wait               context.Context // if set, waits for its end before giving err
	current            arrow.RecordBatch
	released           *int
}

func newStream(rows, batch int) *stream {
	return &stream{rows: rows, batch: batch, schema: sources.Schema(columns(rel.BigIntType, rel.TextType))}
}

func (s *stream) Schema() *arrow.Schema { return s.schema }
func (s *stream) Retain()               {}
func (s *stream) Err() error {
	if s.at < s.rows {
		return nil
	}
	return s.err
}
func (s *stream) RecordBatch() arrow.RecordBatch { return s.current }
func (s *stream) Release() {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	if s.released != nil {
		*s.released++
	}
}
func (s *stream) Next() bool {
	if s.current != nil {
		s.current.Release()
		s.current = nil
	}
	if s.at >= s.rows {
		if s.wait != nil {
			<-s.wait.Done()
			s.err = s.wait.Err()
		}
		return false
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, s.schema)
	defer b.Release()
	for i := 0; i < s.batch && s.at < s.rows; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(s.at))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprintf("a text of row %d", s.at))
		s.at++
	}
	s.current = b.NewRecordBatch()
	return true
}

func readAll(r *Rows) (rows int64, err error) {
	defer r.Close()
	for {
		b, err := r.Next()
		if err != nil {
			if err == io.EOF {
				return rows, nil
			}
			return rows, err
		}
		rows += b.NumRows()
		b.Release()
	}
}

func TestViewAndMaterialise(t *testing.T) {
	d := open(t, Options{})
	s := begin(t, d)
	ctx := context.Background()
	v, err := s.View("Orders; x", newStream(10_000, 1000))
	if err != nil {
		t.Fatal(err)
	}
	m, n, err := s.Materialise(ctx, "lines", columns(rel.BigIntType, rel.TextType), newStream(5000, 777))
	if err != nil || n != 5000 {
		t.Fatal(n, err)
	}
	r, err := s.Query(ctx, fmt.Sprintf("SELECT a.c1, b.c2, NULL FROM %s a JOIN %s b ON a.c1 = b.c1 WHERE (SELECT count(*) FROM %s) = 5000", v, m, m),
		columns(rel.BigIntType, rel.TextType, rel.NullType))
	if err != nil {
		t.Fatal(err)
	}
	if n, err := readAll(r); n != 5000 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := s.Query(ctx, "SELECT 1", columns(rel.BigIntType)); err == nil {
		t.Error("an INTEGER passed as a BIGINT")
	}
	if _, err := s.Query(ctx, "SELECT '1', '2'", columns(rel.TextType)); err == nil {
		t.Error("two columns passed as one")
	}
}

func TestStreamsAreReleased(t *testing.T) {
	d := open(t, Options{})
	s := begin(t, d)
	released := 0
	a, b := newStream(10, 5), newStream(10, 5)
	a.released, b.released = &released, &released
	if _, err := s.View("a", a); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Materialise(context.Background(), "b", columns(rel.BigIntType, rel.TextType), b); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if released != 2 {
		t.Errorf("%d releases", released)
	}
}

// An error of a stream must never look like the end of its rows, wherever it comes.
func TestStreamError(t *testing.T) {
	d := open(t, Options{})
	broken := errors.New("connection lost")
	for _, rows := range []int{0, 10, 100_000, 1_000_000} {
		for name, sql := range map[string]string{
			"passed on":  "SELECT c1 FROM %s",
			"aggregated": "SELECT count(*)::BIGINT FROM %s",
			"sorted":     "SELECT c1 FROM %s ORDER BY c2 LIMIT 3",
		} {
			t.Run(fmt.Sprint(name, rows), func(t *testing.T) {
				s := begin(t, d)
				in := newStream(rows, 5000)
				in.err = broken
				v, err := s.View("x", in)
				if err != nil {
					t.Fatal(err)
				}
				r, err := s.Query(context.Background(), fmt.Sprintf(sql, v), columns(rel.BigIntType))
				if err == nil {
					_, err = readAll(r)
				}
				if !errors.Is(err, broken) {
					t.Errorf("got %v", err)
				}
			})
		}
	}
	s := begin(t, d)
	in := newStream(100, 10)
	in.err = broken
	if _, _, err := s.Materialise(context.Background(), "x", columns(rel.BigIntType, rel.TextType), in); !errors.Is(err, broken) {
		t.Errorf("materialising: %v", err)
	}
}

func TestStreamPanic(t *testing.T) {
	s := begin(t, open(t, Options{}))
	v, err := s.View("x", &stream{schema: newStream(0, 0).schema, rows: 1, batch: -1, at: 0})
	if err != nil {
		t.Fatal(err)
	}
	in := s.views[0].in.(*stream)
	in.rows, in.batch, in.schema = 10, 10, arrow.NewSchema(nil, nil) // Field(0) panics
	r, err := s.Query(context.Background(), "SELECT c1 FROM "+v, columns(rel.BigIntType))
	if err == nil {
		_, err = readAll(r)
	}
	if err == nil || !strings.Contains(err.Error(), "panic") {
		t.Errorf("got %v", err)
	}
}

// Cancelling ends a query within a second whether it computes, waits for a stream, or is being read.
func TestCancel(t *testing.T) {
	d := open(t, Options{})
	endless := "SELECT count(*)::BIGINT FROM range(1000000000000) a(i) WHERE i % 7 = 8"
	for _, c := range []struct{ name, sql string }{
		{"computing", endless},
		{"streaming", "SELECT i FROM range(1000000000000) a(i)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := begin(t, d)
			ctx, cancel := context.WithCancel(context.Background())
			var at time.Time
			time.AfterFunc(200*time.Millisecond, func() { at = time.Now(); cancel() })
			r, err := s.Query(ctx, c.sql, columns(rel.BigIntType))
			if err == nil {
				_, err = readAll(r)
			}
			if took := time.Since(at); !sqlerr.Interrupted.Is(err) || took > time.Second {
				t.Errorf("after %v: %v", took, err)
			}
			// The connection serves its next statement.
			r, err = s.Query(context.Background(), "SELECT 1::BIGINT", columns(rel.BigIntType))
			if err != nil {
				t.Fatal(err)
			}
			if n, err := readAll(r); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
	t.Run("waiting for a stream", func(t *testing.T) {
		s := begin(t, d)
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		in := newStream(10, 10)
		in.wait = ctx
		v, _ := s.View("x", in)
		start := time.Now()
		_, err := s.Query(ctx, "SELECT count(*)::BIGINT FROM "+v, columns(rel.BigIntType))
		if took := time.Since(start); err == nil || took > time.Second {
			t.Errorf("after %v: %v", took, err)
		}
	})
	t.Run("closed from elsewhere", func(t *testing.T) {
		s := begin(t, d)
		r, err := s.Query(context.Background(), "SELECT i FROM range(1000000000000) a(i)", columns(rel.BigIntType))
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(100*time.Millisecond, func() { r.Close() })
		if _, err := readAll(r); !sqlerr.Interrupted.Is(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("before it starts", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := begin(t, d).Query(ctx, "SELECT 1::BIGINT", columns(rel.BigIntType)); !sqlerr.Interrupted.Is(err) {
			t.Errorf("got %v", err)
		}
	})
}

// The first batch of a large result comes long before the last is computed, and what is in flight stays small.
func TestResultIsStreamed(t *testing.T) {
	d := open(t, Options{Memory: 64 << 20})
	s := begin(t, d)
	r, err := s.Query(context.Background(), "SELECT i, 'some text that takes room ' || i FROM range(50000000) a(i)", columns(rel.BigIntType, rel.TextType))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for range 100 {
		b, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		b.Release()
	}
	if u, err := d.usage(); err != nil || u.memory > 32<<20 {
		t.Errorf("%+v %v", u, err)
	}
}

func TestSpill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spill")
	d := open(t, Options{Memory: 100 << 20, SpillDir: dir, Threads: 2})
	s := begin(t, d)
	sql := "SELECT i, hash(i)::VARCHAR || repeat('x', 100) AS t FROM range(3000000) a(i) ORDER BY t"
	r, err := s.Query(context.Background(), sql, columns(rel.BigIntType, rel.TextType))
	if err != nil {
		t.Fatal(err)
	}
	if u, err := d.usage(); err != nil || u.spilled == 0 {
		t.Errorf("nothing spilled: %+v %v", u, err)
	}
	// The order holds although rows are spilled, sorted in parallel and streamed.
	rows, last := 0, ""
	for {
		b, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, texts := 0, b.Column(1).(*array.String); i < texts.Len(); i++ {
			if texts.Value(i) < last {
				t.Fatal("out of order")
			}
			last = strings.Clone(texts.Value(i))
		}
		rows += int(b.NumRows())
		b.Release()
	}
	if r.Close(); rows != 3_000_000 {
		t.Fatal(rows, "rows")
	}
	left, _ := os.ReadDir(dir)
	for _, f := range left {
		if i, _ := f.Info(); i.Size() > 0 && !strings.HasSuffix(f.Name(), ".tmp") {
			t.Errorf("%s is left with %d bytes", f.Name(), i.Size())
		}
	}
	without := begin(t, open(t, Options{Memory: 100 << 20, Threads: 2}))
	r, err = without.Query(context.Background(), sql, columns(rel.BigIntType, rel.TextType))
	if err == nil {
		_, err = readAll(r)
	}
	if !sqlerr.OutOfMemory.Is(err) {
		t.Errorf("without a spill directory: %v", err)
	}
}

func TestErrorsAreMapped(t *testing.T) {
	d := open(t, Options{})
	for _, c := range []struct {
		sql  string
		kind sqlerr.Kind
	}{
		{"SELECT 9223372036854775807 + i FROM range(1, 2) a(i)", sqlerr.OutOfRange},
		{"SELECT ('secret' || i)::BIGINT FROM range(1, 2) a(i)", sqlerr.OutOfRange},
		{"SELECT 99999999999999999999999999999999999999::DECIMAL(38, 0) + i::DECIMAL(38, 0) FROM range(1, 2) a(i)", sqlerr.Unsupported},
		{"SELECT sum(99999999999999999999999999999999999999::DECIMAL(38, 0) - i::DECIMAL(20, 0)) FROM range(3) a(i)", sqlerr.Unsupported},
		{"SELECT weir_multiply_0(99999999999999999999::DECIMAL(20, 0), (99999999999999999999 - i)::DECIMAL(20, 0)) FROM range(2) a(i)", sqlerr.Unsupported},
		{"SELECT weir_multiply_0(99999999999999999999999999999999999999::DECIMAL(38, 0), (99999999999999999999999999999999999 - i)::DECIMAL(38, 0)) FROM range(2) a(i)", sqlerr.OutOfRange},
		{"SELECT (SELECT i FROM range(3) a(i))", sqlerr.SubqueryRows},
		{"SELECT error('weir:1690:BIGINT value is out of range')::BIGINT FROM range(3)", sqlerr.OutOfRange},
		{"SELECT secret FROM nowhere", sqlerr.Internal},
		{"SELECT c1::BIGINT FROM read_csv('/etc/passwd')", sqlerr.Internal},
		{"SELECT 1::BIGINT FROM range(1); SET threads = 1", sqlerr.Internal},
	} {
		r, err := begin(t, d).Query(context.Background(), c.sql, columns(rel.BigIntType))
		if err == nil {
			_, err = readAll(r)
		}
		if !c.kind.Is(err) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v (%v)", c.sql, err, errors.Unwrap(err))
		}
	}
}

// Two statements that used one name for a view crashed the process; names are unique, and views are dropped while others run.
func TestConcurrency(t *testing.T) {
	d := open(t, Options{Sessions: 5})
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() {
			for range 150 {
				if err := twoViewJoin(d); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

func twoViewJoin(d *DB) error {
	ctx := context.Background()
	s, err := d.Begin(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	a, err := s.View("same", newStream(300, 100))
	if err != nil {
		return err
	}
	b, err := s.View("same", newStream(200, 64))
	if err != nil {
		return err
	}
	r, err := s.Query(ctx, fmt.Sprintf("SELECT a.c1, b.c2 FROM %s a JOIN %s b ON a.c1 = b.c1", a, b), columns(rel.BigIntType, rel.TextType))
	if err != nil {
		return err
	}
	n, err := readAll(r)
	if err == nil && n != 200 {
		err = fmt.Errorf("%d rows", n)
	}
	return err
}

func TestBeginWaits(t *testing.T) {
	d := open(t, Options{Sessions: 1})
	s := begin(t, d)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := d.Begin(ctx); !sqlerr.Timeout.Is(err) {
		t.Errorf("got %v", err)
	}
	s.Close()
	begin(t, d)
}

func BenchmarkTwoViewJoin(b *testing.B) {
	d := open(b, Options{})
	for b.Loop() {
		if err := twoViewJoin(d); err != nil {
			b.Fatal(err)
		}
	}
}

// repeated gives one batch many times.
type repeated struct {
	stream
	whole arrow.RecordBatch
	times int
}

func (r *repeated) Next() bool                     { r.times--; return r.times >= 0 }
func (r *repeated) RecordBatch() arrow.RecordBatch { return r.whole }
func (r *repeated) Err() error                     { return nil }
func (r *repeated) Release()                       {}

// BenchmarkView aggregates rows that arrive through a view; an operation is a row.
func BenchmarkView(b *testing.B) {
	const rows = 60_000
	in := newStream(rows, rows)
	in.Next()
	d := open(b, Options{})
	s := begin(b, d)
	v, err := s.View("x", &repeated{stream: *newStream(0, 0), whole: in.current, times: b.N/rows + 1})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	r, err := s.Query(context.Background(), "SELECT sum(v.c1)::DOUBLE, max(v.c2), v.c1 % 4 FROM "+v+" AS v GROUP BY 3", columns(rel.DoubleType, rel.TextType, rel.BigIntType))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := readAll(r); err != nil {
		b.Fatal(err)
	}
}
