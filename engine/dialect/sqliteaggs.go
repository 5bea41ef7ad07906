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
		"avg":   {Judge: sqliteAvgJudge, Print: sqliteAvg},
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

func sqliteExtreme(a *rel.Agg) Verdict {
	if t := a.Args[0].Type(); t.FracDigits() != a.T.FracDigits() || sqliteWide(t) != sqliteWide(a.T) {
		return No("the value would have to be converted")
	}
	return sqliteCarried(a.T)
}

func sqliteSumJudge(a *rel.Agg) Verdict {
	t := a.Args[0].Type()
	switch {
	case a.T.Class() != rel.ClassDecimal || t.Class() != rel.ClassInt && t.Class() != rel.ClassDecimal:
		return No("sums are proved for integers and decimals only")
	case a.T.FracDigits() != t.FracDigits() && t.Class() == rel.ClassDecimal, t.Class() == rel.ClassInt && a.T.FracDigits() != 0:
		return No("the sum would have to be rounded")
	}
	if !sqliteWide(a.T) {
		return No("the sum is expected in 18 digits") // MySQL adds 22 digits to those of the operand
	}
	return sqliteCarried(t)
}

// sqliteAvgJudge judges AVG, which is divided to the digits that its type carries and cut there, as MySQL does.
func sqliteAvgJudge(a *rel.Agg) Verdict {
	t := a.Args[0].Type()
	switch {
	case a.T.Class() != rel.ClassDecimal || t.Class() != rel.ClassInt && t.Class() != rel.ClassDecimal:
		return No("averages are proved for integers and decimals only")
	case a.Distinct:
		return No("SQLite takes one operand with DISTINCT")
	case a.T.Precision-a.T.Scale+a.T.FracDigits() > rel.MaxDecimalDigits || a.T.FracDigits() < scaleOf(t):
		return No("more than 38 digits")
	}
	return sqliteCarried(t)
}

func sqliteAvg(w *Writer, a *rel.Agg) {
	wide := 0
	if sqliteWide(a.T) {
		wide = 1
	}
	w.Format(fmt.Sprintf("weir_avg($1, %d, %d)", a.T.FracDigits()-scaleOf(a.Args[0].Type()), wide), a.Args...)
}

// scaleOf is the count of fractional digits in a number's carried form.
func scaleOf(t rel.Type) int {
	if t.Class() == rel.ClassDecimal {
		return t.FracDigits()
	}
	return 0
}

// sqliteWindows are the window functions. SQLite's default frame is MySQL's.
func sqliteWindows() map[string]WindowForm {
	w := map[string]WindowForm{}
	for _, name := range []string{"row_number", "rank", "dense_rank", "percent_rank", "cume_dist"} {
		w[name] = sqliteWindow(name, sqliteFrame)
	}
	w["ntile"] = sqliteWindow("ntile", func(f *rel.WindowFn) Verdict {
		if lit, ok := f.Args[0].(*rel.Lit); ok {
			if n, ok := lit.Value.(int64); ok && n > 0 {
				return sqliteFrame(f)
			}
		}
		return No("ntile is proved for a positive constant only")
	})
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
		if t := a.Type(); !ok || lit.Value != nil && (t.Class() != f.T.Class() || t.FracDigits() != f.T.FracDigits() || sqliteWide(t) != sqliteWide(f.T)) {
			return No(fmt.Sprintf("%s is proved for a constant default of the value's type only", f.Fn))
		}
	}
	if from := f.Args[0].Type(); f.T.FracDigits() != from.FracDigits() || sqliteWide(f.T) != sqliteWide(from) {
		return No("the value would have to be converted")
	}
	return sqliteFrame(f)
}
