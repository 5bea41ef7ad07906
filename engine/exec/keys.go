package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"weir/engine/plan"
	"weir/engine/rel"
)

// worthKeys is the share of a column's distinct values up to which keys are passed: beyond it they would remove too little to pay for
// the longer statement.
const worthKeys = 0.5

// keysFor collects the keys that other fragments' rows leave for this one, with their number. empty is true if a set of keys is empty: then no row of
// this fragment can find a partner.
func (r *Run) keysFor(f *plan.Fragment, streams []*prefetched) (keys map[rel.ColumnID]plan.Keys, count int, empty bool) {
	keys = map[rel.ColumnID]plan.Keys{}
	for _, k := range r.plan.Keys {
		if k.To != f.ID {
			continue
		}
		s := streams[k.From]
		if s == nil || !s.complete {
			continue
		}
		from := r.plan.Fragments[k.From-1]
		found, ok := distinct(s.buffered, position(from.Cols, k.FromCol.ID), k.ToCol.T)
		if !ok {
			continue
		}
		if found.Values != nil && len(found.Values) == 0 {
			return nil, 0, true
		}
		if n := len(found.Values); n > 100 && float64(n) > worthKeys*k.Distinct {
			continue
		}
		old, had := keys[k.ToCol.ID]
		if !had || old.Values == nil || found.Values != nil && len(found.Values) < len(old.Values) {
			keys[k.ToCol.ID] = found
		}
	}
	for _, k := range keys {
		count += max(len(k.Values), 1)
	}
	return keys, count, false
}

func position(cols []rel.Column, id rel.ColumnID) int {
	for i, c := range cols {
		if c.ID == id {
			return i
		}
	}
	return -1
}

// distinct returns the distinct values of a column as constants of a type; the smallest and the largest if there are too many. Not ok if the type
// has no such constants.
func distinct(batches []arrow.RecordBatch, col int, t rel.Type) (plan.Keys, bool) {
	if col < 0 {
		return plan.Keys{}, false
	}
	seen := map[any]bool{}
	values := []*rel.Lit{}
	for _, b := range batches {
		a := b.Column(col)
		for i := range a.Len() {
			if a.IsNull(i) {
				continue
			}
			v, ok := value(a, i, t)
			if !ok {
				return plan.Keys{}, false
			}
			if v == nil || seen[v] {
				continue
			}
			seen[v] = true
			if len(seen) <= plan.MaxKeys {
				values = append(values, &rel.Lit{Value: v, T: keyType(t)})
			}
		}
	}
	if len(seen) <= plan.MaxKeys {
		return plan.Keys{Values: values}, true
	}
	return bounds(seen, t)
}

// bounds returns the smallest and the largest of integers or dates.
func bounds(values map[any]bool, t rel.Type) (plan.Keys, bool) {
	var k plan.Keys
	for v := range values {
		if k.Min == nil || less(v, k.Min.Value) {
			k.Min = &rel.Lit{Value: v, T: keyType(t)}
		}
		if k.Max == nil || less(k.Max.Value, v) {
			k.Max = &rel.Lit{Value: v, T: keyType(t)}
		}
	}
	class := t.Class()
	return k, class == rel.ClassInt || class == rel.ClassDate
}

// less compares two values of one column.
func less(a, b any) bool {
	switch a := a.(type) {
	case int64:
		return a < b.(int64)
	case uint64:
		return a < b.(uint64)
	case rel.DateValue:
		return a < b.(rel.DateValue)
	}
	return false
}

// keyType is the type of a key: the column's, without what belongs to the column alone.
func keyType(t rel.Type) rel.Type {
	t.Collation, t.Native, t.NotNull = "", "", true
	if t.Class() == rel.ClassInt {
		t.Kind = rel.BigInt
	}
	return t
}

// value reads a value of a column as a constant for a column of type t. A value that no column of that type can hold is nil.
func value(a arrow.Array, i int, t rel.Type) (any, bool) {
	switch a := a.(type) {
	case *array.Int8:
		return integer(int64(a.Value(i)), t)
	case *array.Int16:
		return integer(int64(a.Value(i)), t)
	case *array.Int32:
		return integer(int64(a.Value(i)), t)
	case *array.Int64:
		return integer(a.Value(i), t)
	case *array.Uint8:
		return integer(int64(a.Value(i)), t)
	case *array.Uint16:
		return integer(int64(a.Value(i)), t)
	case *array.Uint32:
		return integer(int64(a.Value(i)), t)
	case *array.Uint64:
		if v := a.Value(i); t.Unsigned {
			return v, true
		} else if v > 1<<63-1 {
			return nil, true
		} else {
			return int64(v), true
		}
	case *array.String:
		return string([]byte(a.Value(i))), true
	case *array.Date32:
		return rel.DateValue(a.Value(i)), true
	case *array.Decimal128:
		d := a.DataType().(*arrow.Decimal128Type)
		return rel.DecimalText(a.Value(i).ToString(d.Scale)), true
	}
	return nil, false
}

func integer(v int64, t rel.Type) (any, bool) {
	if !t.Unsigned {
		return v, true
	}
	if v < 0 {
		return nil, true
	}
	return uint64(v), true
}
