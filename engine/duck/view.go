package duck

// #include <stdlib.h>
import "C"

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/apache/arrow-go/v18/arrow/memory"
	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// streamSize is enough for a struct ArrowArrayStream: five pointers.
const streamSize = 5 * unsafe.Sizeof(uintptr(0))

// view is a stream that DuckDB reads under a name, as one column r: the struct of the stream's columns, named c1, c2 … by position.
//
// DuckDB believes that every Arrow scan applies the projections and the comparisons with constants that it hands down, but a stream behind the C
// interface can't: comparisons were dropped, and a query that left out a column read another one's memory in its place. With a single column there
// is nothing to project, and a filter doesn't pass the LIMIT in relation.
//
// It is an array.RecordReader that keeps the stream's error, because DuckDB passes on
// its text only, and that stays at its error: DuckDB may ask again from another thread.
type view struct {
	name    string
	schema  *arrow.Schema
	c       unsafe.Pointer // struct ArrowArrayStream
	columns int

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
	row := arrow.Field{Name: "r", Type: arrow.StructOf(named...), Nullable: false}
	return &view{name: name, in: in, schema: arrow.NewSchema([]arrow.Field{row}, nil), columns: len(fields)}
}

// relation is what to write after FROM.
func (v *view) relation() string {
	items := make([]string, v.columns)
	for i := range items {
		items[i] = fmt.Sprintf("r.c%d AS c%d", i+1, i+1)
	}
	return "(SELECT " + strings.Join(items, ", ") + " FROM " + v.name + " LIMIT 9223372036854775807)"
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
	if v.batch != nil {
		v.batch.Release()
		v.batch = nil
	}
	if v.in != nil {
		v.in.Release()
		v.in = nil
	}
}

// Retain does nothing: the session owns the view.
func (v *view) Retain() {}

// Release does nothing: the session owns the view.
func (v *view) Release() {}

// Schema has the one column r.
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
		if b := v.in.RecordBatch(); b.NumRows() > 0 {
			v.setBatch(b)
			return true
		}
	}
	v.ended, v.err = true, v.in.Err()
	return false
}

// setBatch makes the batch to show out of the stream's, whose columns it shares.
func (v *view) setBatch(b arrow.RecordBatch) {
	children := make([]arrow.ArrayData, b.NumCols())
	for i, c := range b.Columns() {
		children[i] = c.Data()
	}
	data := array.NewData(v.schema.Field(0).Type, int(b.NumRows()), []*memory.Buffer{nil}, children, 0, 0)
	defer data.Release()
	row := array.NewStructData(data)
	defer row.Release()
	if v.batch != nil {
		v.batch.Release()
	}
	v.batch = array.NewRecordBatch(v.schema, []arrow.Array{row}, b.NumRows())
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
