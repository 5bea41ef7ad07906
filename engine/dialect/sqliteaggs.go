package dialect

import (
	"fmt"

	"weir/engine/rel"
)

// sqliteAggs are the aggregate functions. SQLite's own sum() fails on integers that overflow; weir_sum adds in 128 bits.
func sqliteAggs() map[string]AggForm {
	return map[string]AggForm{
		"count": {Judge: sqliteCountJudge, Print: sqliteCount},
		"min":   {Judge: sqliteExtreme, Print: sqliteAgg("min")},
		"max":   {Judge: sqliteExtreme, Print: sqliteAgg("max")},
		"sum":   {Judge: sqliteSumJudge, Print: sqliteAgg("weir_sum")},
	}
}

func sqliteAgg(name string) func(*Writer, *rel.Agg) {
	return func(w *Writer, a *rel.Agg) {
		w.Raw(name, "(")
		if a.Distinct {
			w.Raw("DISTINCT ")
		}
		w.List(a.Args)
		w.Raw(")")
	}
}

func sqliteCountJudge(a *rel.Agg) Verdict {
	if len(a.Args) > 1 {
		return No("SQLite counts one expression only")
	}
	return Yes
}

func sqliteCount(w *Writer, a *rel.Agg) {
	if len(a.Args) == 0 {
		w.Raw("count(*)")
		return
	}
	if text, _, ok := w.Stored(a.Args[0]); ok && !a.Distinct { // only NULL matters
		w.Raw("count(", text, ")")
		return
	}
	sqliteAgg("count")(w, a)
}

func sqliteExtreme(a *rel.Agg) Verdict { return sqliteCarried(a.T) }

func sqliteSumJudge(a *rel.Agg) Verdict {
	t := a.Args[0].Type()
	switch {
	case a.T.Class() != rel.ClassDecimal || t.Class() != rel.ClassInt && t.Class() != rel.ClassDecimal:
		return No("sums are proved for integers and decimals only")
	case a.T.FracDigits() != t.FracDigits() && t.Class() == rel.ClassDecimal, t.Class() == rel.ClassInt && a.T.FracDigits() != 0:
		return No("the sum would have to be rounded")
	}
	return sqliteCarried(t)
}

// sqliteWindows are the window functions. SQLite's default frame is MySQL's.
func sqliteWindows() map[string]WindowForm {
	w := map[string]WindowForm{}
	for _, name := range []string{"row_number", "rank", "dense_rank", "percent_rank", "cume_dist"} {
		w[name] = sqliteWindow(name, sqliteFrame)
	}
	for _, name := range []string{"first_value", "last_value", "nth_value", "lag", "lead"} {
		w[name] = sqliteWindow(name, sqliteShift)
	}
	for name, f := range sqliteAggs() {
		w[name] = WindowForm{
			Judge: func(x *rel.WindowFn) Verdict {
				if v := f.Judge(&rel.Agg{Fn: x.Fn, Args: x.Args, T: x.T}); v.Grade != Exact {
					return v
				}
				return sqliteFrame(x)
			},
			Print: func(w *Writer, x *rel.WindowFn) { f.Print(w, &rel.Agg{Fn: x.Fn, Args: x.Args, T: x.T}) },
		}
	}
	return w
}

func sqliteWindow(name string, judge func(*rel.WindowFn) Verdict) WindowForm {
	return WindowForm{Judge: judge, Print: func(w *Writer, f *rel.WindowFn) {
		w.Raw(name, "(")
		w.List(f.Args)
		w.Raw(")")
	}}
}

// sqliteFrame judges the frame: its bounds by rows, or those of a range without a distance.
func sqliteFrame(f *rel.WindowFn) Verdict {
	if f.Frame == nil {
		return Yes
	}
	for _, b := range []rel.FrameBound{f.Frame.Start, f.Frame.End} {
		if b.Kind != rel.Preceding && b.Kind != rel.Following {
			continue
		}
		lit, ok := b.Offset.(*rel.Lit)
		if !f.Frame.Rows || !ok {
			return No("frames by distance are proved for ROWS only")
		}
		if n, ok := lit.Value.(int64); !ok || n < 0 {
			return No("the frame's distance is no whole number")
		}
	}
	if f.Frame.Start.Kind > f.Frame.End.Kind {
		return No("the frame ends before it starts")
	}
	return Yes
}

// sqliteShift judges functions that take a row's value: a constant distance, and a default of the value's own form.
func sqliteShift(f *rel.WindowFn) Verdict {
	if v := sqliteCarried(f.T); v.Grade != Exact {
		return v
	}
	for i, a := range f.Args[1:] {
		lit, ok := a.(*rel.Lit)
		if i == 0 {
			if n, isInt := int64(0), ok; isInt {
				n, isInt = lit.Value.(int64)
				if isInt && n >= 0 && (n > 0 || f.Fn != "nth_value") {
					continue
				}
			}
			return No(fmt.Sprintf("%s is proved for a constant distance only", f.Fn))
		}
		if t := a.Type(); !ok || lit.Value != nil && (t.Class() != f.T.Class() || t.FracDigits() != f.T.FracDigits()) {
			return No(fmt.Sprintf("%s is proved for a constant default of the value's type only", f.Fn))
		}
	}
	if f.T.Class() == rel.ClassDecimal && f.T.FracDigits() != f.Args[0].Type().FracDigits() {
		return No("the value would have to be rounded")
	}
	return sqliteFrame(f)
}
