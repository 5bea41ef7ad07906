package plan

import (
	"time"

	"weir/engine/rel"
)

// impliedByZone are predicates over a TIMESTAMP column itself that follow from one over the column as the session's time zone shows it. No source
// is trusted with a zone's rules, which are of its own edition there; but no clock is further from UTC than a day, so that the source can leave
// out all rows but those around what is looked for, by an index too.
func impliedByZone(pred rel.Expr) []rel.Expr {
	c, ok := pred.(*rel.Call)
	if !ok || len(c.Args) < 2 {
		return nil
	}
	op, left, constants := c.Op, c.Args[0], c.Args[1:]
	if _, isLit := left.(*rel.Lit); isLit && len(c.Args) == 2 {
		if op, ok = mirrored[op]; !ok {
			return nil
		}
		left, constants = c.Args[1], c.Args[:1]
	}
	column, ok := shownColumn(left)
	if !ok {
		return nil
	}
	var low, high int64 // of the constants, in microseconds; a date is all of its day
	for i, e := range constants {
		l, isLit := e.(*rel.Lit)
		if !isLit {
			return nil
		}
		var from, to int64
		switch v := l.Value.(type) {
		case rel.DateTimeValue:
			from, to = int64(v), int64(v)
		case rel.DateValue:
			from = int64(v) * dayMicros
			to = from + dayMicros
		default:
			return nil
		}
		if i == 0 {
			low, high = from, to
		}
		low, high = min(low, from), max(high, to)
	}
	var bounds []rel.Expr
	bound := func(op rel.Op, us int64) {
		if us < firstMoment || us > lastMoment { // what no literal can say
			return
		}
		at := &rel.Lit{Value: rel.DateTimeValue(us), T: rel.Type{Kind: rel.DateTime, Scale: 6, NotNull: true}}
		bounds = append(bounds, &rel.Call{Op: op, Args: []rel.Expr{column, at}, T: rel.Type{Kind: rel.Bool, NotNull: column.T.NotNull}})
	}
	switch op {
	case rel.OpEq, rel.OpIn:
		bound(rel.OpGe, low-dayMicros)
		bound(rel.OpLe, high+dayMicros)
	case rel.OpGt, rel.OpGe:
		bound(rel.OpGe, low-dayMicros)
	case rel.OpLt, rel.OpLe:
		bound(rel.OpLe, high+dayMicros)
	}
	return bounds
}

// shownColumn recognises a column in the session's time zone, or its date there.
func shownColumn(e rel.Expr) (*rel.Col, bool) {
	c, ok := e.(*rel.Call)
	if ok && c.Op == rel.OpCast && c.T.Kind == rel.Date {
		c, ok = c.Args[0].(*rel.Call)
	}
	if !ok || c.Op != "at_zone" {
		return nil, false
	}
	column, ok := c.Args[0].(*rel.Col)
	return column, ok
}

// mirrored are the comparisons with their operands exchanged.
var mirrored = map[rel.Op]rel.Op{rel.OpEq: rel.OpEq, rel.OpLt: rel.OpGt, rel.OpLe: rel.OpGe, rel.OpGt: rel.OpLt, rel.OpGe: rel.OpLe}

const dayMicros = int64(24 * time.Hour / time.Microsecond)

// The first and the last moment that a DATETIME can be: the year 1, so that every source can spell it, and 9999.
var (
	firstMoment = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastMoment  = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC).UnixMicro()
)
