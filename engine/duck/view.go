package duck

// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// streamSize is enough for a struct ArrowArrayStream: five pointers.
const streamSize = 5 * unsafe.Sizeof(uintptr(0))

// view is a stream that DuckDB reads under a name. It is an array.RecordReader that keeps the stream's error, because DuckDB passes on
// its text only, and that stays at its error: DuckDB may ask again from another thread.
type view struct {
	name   string
	schema *arrow.Schema
	c      unsafe.Pointer // struct ArrowArrayStream

	mu    sync.Mutex
	in    array.RecordReader
	batch arrow.RecordBatch
	err   error
	ended bool
}

func newView(name string, in array.RecordReader) *view {
	fields := in.Schema().Fields()
	named := make([]arrow.Field, len(fields))
	for i, f := range fields {
		f.Name = "c" + strconv.Itoa(i+1)
		named[i] = f
	}
	return &view{name: name, in: in, schema: arrow.NewSchema(named, nil)}
}

// register makes the view known to the database of the connection.
func (v *view) register(c duckdb.Connection) error {
	v.c = C.calloc(1, C.size_t(streamSize))
	cdata.ExportRecordReader(v, (*cdata.CArrowArrayStream)(v.c))
	if duckdb.ArrowScan(c, v.name, duckdb.ArrowStream{Ptr: v.c}) == duckdb.StateError {
		return errors.New("the view was refused")
	}
	return nil
}

// release frees the stream. DuckDB must not know the view any more.
func (v *view) release() {
	if v.c != nil {
		cdata.ReleaseCArrowArrayStream((*cdata.CArrowArrayStream)(v.c))
		C.free(v.c)
		v.c = nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	if v.in != nil {
		v.in.Release()
		v.in, v.batch = nil, nil
	}
}

// Retain does nothing: the session owns the view.
func (v *view) Retain() {}

// Release does nothing: the session owns the view.
func (v *view) Release() {}

// Schema has the columns c1, c2 ….
func (v *view) Schema() *arrow.Schema { return v.schema }

// Next goes to the next batch that is not empty. A panic of the stream is its error: it must not reach DuckDB's threads.
func (v *view) Next() (ok bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ended || v.err != nil {
		return false
	}
	defer func() {
		if r := recover(); r != nil {
			v.err, ok = fmt.Errorf("reading a stream: panic: %v", r), false
		}
	}()
	for v.in.Next() {
		if v.batch = v.in.RecordBatch(); v.batch.NumRows() > 0 {
			return true
		}
	}
	v.ended, v.err = true, v.in.Err()
	return false
}

// Record is RecordBatch.
func (v *view) Record() arrow.RecordBatch { return v.RecordBatch() }

// RecordBatch is the batch that Next went to.
func (v *view) RecordBatch() arrow.RecordBatch { return v.batch }

// Err is the stream's error.
func (v *view) Err() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}
