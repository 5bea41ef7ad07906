package sourcetest

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/engine/rel"
	"weir/sources"
)

// Read runs a query and returns its rows as text; see Text.
func Read(ctx context.Context, s sources.Source, q sources.Query) ([][]string, error) {
	b, err := s.Query(ctx, q)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return collect(b, q.Columns)
}

// stream is what batches come from.
type stream interface {
	Next() (arrow.RecordBatch, error)
}

// collect reads a stream to its end.
func collect(b stream, cols []rel.Column) (rows [][]string, err error) {
	for {
		batch, err := b.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		if batch.NumRows() == 0 {
			batch.Release()
			return nil, errors.New("an empty batch")
		}
		for i, c := range cols {
			if got, want := batch.Column(i).DataType(), sources.ArrowType(c.T); !arrow.TypeEqual(got, want) {
				batch.Release()
				return nil, fmt.Errorf("column %s comes as %v, want %v", c.Name, got, want)
			}
		}
		for r := range int(batch.NumRows()) {
			row := make([]string, len(cols))
			for c := range row {
				row[c] = Text(batch.Column(c), r, cols[c].T)
			}
			rows = append(rows, row)
		}
		batch.Release()
	}
}

// Count runs a query to its end and returns the number of rows.
func Count(ctx context.Context, s sources.Source, q sources.Query) (int64, error) {
	b, err := s.Query(ctx, q)
	if err != nil {
		return 0, err
	}
	defer b.Close()
	var n int64
	for {
		batch, err := b.Next()
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		n += batch.NumRows()
		batch.Release()
	}
}

// Text is a value in a notation that depends on the type only: NULL; numbers as MySQL writes them; dates and times in ISO
// notation with all six digits of a second; text in double quotes as Go writes it; binary as x'…'.
func Text(a arrow.Array, i int, t rel.Type) string {
	if a.IsNull(i) || a.DataType().ID() == arrow.NULL {
		return "NULL"
	}
	switch a := a.(type) {
	case *array.Boolean:
		return strconv.FormatBool(a.Value(i))
	case *array.Int8:
		return strconv.FormatInt(int64(a.Value(i)), 10)
	case *array.Int16:
		return strconv.FormatInt(int64(a.Value(i)), 10)
	case *array.Int32:
		return strconv.FormatInt(int64(a.Value(i)), 10)
	case *array.Int64:
		if t.Kind == rel.Time {
			return clock(a.Value(i))
		}
		return strconv.FormatInt(a.Value(i), 10)
	case *array.Uint8:
		return strconv.FormatUint(uint64(a.Value(i)), 10)
	case *array.Uint16:
		return strconv.FormatUint(uint64(a.Value(i)), 10)
	case *array.Uint32:
		return strconv.FormatUint(uint64(a.Value(i)), 10)
	case *array.Uint64:
		return strconv.FormatUint(a.Value(i), 10)
	case *array.Float32:
		return strconv.FormatFloat(float64(a.Value(i)), 'g', -1, 32)
	case *array.Float64:
		return strconv.FormatFloat(a.Value(i), 'g', -1, 64)
	case *array.Decimal128:
		return a.Value(i).ToString(a.DataType().(*arrow.Decimal128Type).Scale)
	case *array.Date32:
		return time.Unix(int64(a.Value(i))*86400, 0).UTC().Format("2006-01-02")
	case *array.Timestamp:
		return time.UnixMicro(int64(a.Value(i))).UTC().Format("2006-01-02 15:04:05.000000")
	case *array.String:
		return strconv.Quote(a.Value(i))
	case *array.Binary:
		return "x'" + strings.ToUpper(hex.EncodeToString(a.Value(i))) + "'"
	}
	return fmt.Sprintf("%T?", a)
}

func clock(us int64) string {
	sign := ""
	if us < 0 {
		sign, us = "-", -us
	}
	s := us / 1e6
	return fmt.Sprintf("%s%02d:%02d:%02d.%06d", sign, s/3600, s/60%60, s%60, us%1e6)
}
