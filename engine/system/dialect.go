package system

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"weir/engine/dialect"
	"weir/engine/rel"
	"weir/policy/audit"
)

// newDialect says that nothing is run here but the reading of columns, and, as whole conditions, comparisons of a record's time with a constant.
func newDialect() *dialect.Dialect {
	d := &dialect.Dialect{
		Name:    Database,
		Ident:   func(name string) string { return name }, // they are all this package's own
		Table:   func(w *dialect.Writer, t *rel.Table) { w.Raw(t.Name) },
		Literal: literal,
		SortKey: func(w *dialect.Writer, text string, _ rel.Type, _ bool) { w.Raw(text) },
		Limit:   func(*dialect.Writer, int64, int64) {},
		ReadType: func(t rel.Type) dialect.Verdict {
			if t.Class() == rel.ClassDateTime {
				return dialect.Yes
			}
			return dialect.No("the database weir only hands out its rows")
		},
		Features: map[dialect.Feature]bool{dialect.FeatureProject: true, dialect.FeatureFilter: true},
		Forms:    map[rel.Op]dialect.Form{rel.OpAnd: {Print: onlyCondition}}, // of conditions, each of which is written by itself
	}
	for _, op := range []rel.Op{rel.OpEq, rel.OpLt, rel.OpLe, rel.OpGt, rel.OpGe} {
		d.Forms[op] = dialect.Form{Judge: comparesTime, Print: onlyCondition, Filter: compareTime}
	}
	return d
}

var errOnlyCondition = errors.New("the database weir compares in conditions only")

func onlyCondition(w *dialect.Writer, _ *rel.Call) { w.Fail(errOnlyCondition) }

// literal writes a moment as its microseconds since 1970.
func literal(w *dialect.Writer, l *rel.Lit) bool {
	v, ok := l.Value.(rel.DateTimeValue)
	if ok {
		w.Raw(strconv.FormatInt(int64(v), 10))
	}
	return ok
}

// timeAndMoment are the operands of a comparison, and the operator with the column at its left.
func timeAndMoment(c *rel.Call) (column *rel.Col, moment *rel.Lit, op rel.Op, ok bool) {
	a, b, op := c.Args[0], c.Args[1], c.Op
	if _, left := a.(*rel.Lit); left {
		a, b, op = b, a, rel.Comparisons[op]
	}
	column, isColumn := a.(*rel.Col)
	moment, isMoment := b.(*rel.Lit)
	return column, moment, op, isColumn && isMoment && column.T.Kind == rel.Timestamp
}

func comparesTime(c *rel.Call) dialect.Verdict {
	if _, _, _, ok := timeAndMoment(c); ok {
		return dialect.Yes
	}
	return dialect.No("the database weir compares a record's time with a constant only")
}

func compareTime(w *dialect.Writer, c *rel.Call) {
	column, moment, op, ok := timeAndMoment(c)
	text, _, stored := w.Stored(column)
	if !ok || !stored {
		w.Fail(errOnlyCondition)
		return
	}
	w.Raw(text, " ", string(op), " ")
	w.Expr(moment)
}

var errUnknown = errors.New("the database weir can't run this statement")

// parse reads what the dialect prints: SELECT t1.a AS c1, … FROM table AS t1 WHERE t1.time >= 0 AND …. One without columns asks for the number of rows.
func parse(sql string) (table string, columns []string, span audit.Span, err error) {
	list, from, ok := strings.Cut(strings.TrimPrefix(sql, "SELECT "), " FROM ")
	from, where, filtered := strings.Cut(from, " WHERE ")
	words := strings.Fields(from)
	if !ok || len(words) != 3 || words[1] != "AS" {
		return "", nil, span, errUnknown
	}
	if filtered {
		for condition := range strings.SplitSeq(where, " AND ") {
			if !narrow(&span, strings.Fields(condition), words[2]+".time") {
				return "", nil, span, errUnknown
			}
		}
	}
	if list == "1" {
		return words[0], nil, span, nil
	}
	for item := range strings.SplitSeq(list, ", ") {
		column, ok := strings.CutPrefix(item, words[2]+".")
		column, name, named := strings.Cut(column, " AS ")
		if _, err := strconv.Atoi(strings.TrimPrefix(name, "c")); !ok || !named || err != nil {
			return "", nil, span, errUnknown
		}
		columns = append(columns, column)
	}
	return words[0], columns, span, nil
}

// narrow takes a condition up into a span.
func narrow(s *audit.Span, condition []string, column string) bool {
	if len(condition) != 3 || condition[0] != column {
		return false
	}
	us, err := strconv.ParseInt(condition[2], 10, 64)
	if err != nil {
		return false
	}
	from := func(us int64) {
		if t := time.UnixMicro(us); s.From.IsZero() || t.After(s.From) {
			s.From = t
		}
	}
	to := func(us int64) {
		t := time.UnixMicro(us)
		if t.IsZero() { // which is no end; no record is that old
			t = t.Add(time.Microsecond)
		}
		if s.To.IsZero() || t.Before(s.To) {
			s.To = t
		}
	}
	switch rel.Op(condition[1]) {
	case rel.OpEq:
		from(us)
		to(us)
	case rel.OpGe:
		from(us)
	case rel.OpGt:
		from(us + 1)
	case rel.OpLe:
		to(us)
	case rel.OpLt:
		to(us - 1)
	default:
		return false
	}
	return true
}
