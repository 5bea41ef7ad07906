package dialect

import (
	"weir/engine/rel"
)

func (p *postgres) aggregates() map[string]AggForm {
	return map[string]AggForm{
		"count": {Judge: p.judgeCount, Print: func(w *Writer, a *rel.Agg) {
			if len(a.Args) == 0 {
				w.Raw("count(*)")
				return
			}
			p.count(w, a.Args[0], a.Distinct)
		}},
		"sum": {Judge: p.judgeSum, Print: func(w *Writer, a *rel.Agg) {
			p.call(w, "sum", a.Args[0], a.Distinct)
			w.Raw(p.total(a.Args[0].Type()))
		}},
		"avg": {Judge: p.judgeSum, Print: func(w *Writer, a *rel.Agg) {
			up, down := pgScale(a.T.FracDigits())
			w.Raw("(div(")
			p.call(w, "sum", a.Args[0], a.Distinct)
			w.Raw(" * ", up, ", ")
			p.count(w, a.Args[0], a.Distinct)
			w.Raw(") * ", down, ")")
		}},
		"min": {Judge: p.judgeMin, Print: func(w *Writer, a *rel.Agg) { p.least(w, "min", a.Args[0]) }},
		"max": {Judge: p.judgeMin, Print: func(w *Writer, a *rel.Agg) { p.least(w, "max", a.Args[0]) }},
	}
}

func (p *postgres) call(w *Writer, fn string, x rel.Expr, distinct bool) {
	w.Raw(fn, "(")
	if distinct {
		w.Raw("DISTINCT ")
	}
	w.Expr(x)
	w.Raw(")")
}

// count writes COUNT of a value. PostgreSQL computes aggregates that are written alike once, so values that can't be NULL are all counted as rows.
func (p *postgres) count(w *Writer, x rel.Expr, distinct bool) {
	if x.Type().NotNull && !distinct {
		w.Raw("count(*)")
		return
	}
	p.call(w, "count", x, distinct)
}

// total makes numeric, MySQL's class for sums, of PostgreSQL's bigint, which is the sum of narrower integers.
func (p *postgres) total(t rel.Type) string {
	if t.Class() == rel.ClassInt {
		return "::numeric"
	}
	return ""
}

// least writes min or max; text is compared by code point.
func (p *postgres) least(w *Writer, fn string, x rel.Expr) {
	w.Raw(fn, "(")
	w.Expr(x)
	if x.Type().Class() == rel.ClassText && x.Type().Collation != "C" {
		w.Raw(` COLLATE "C"`)
	}
	w.Raw(")")
}

func (p *postgres) judgeCount(a *rel.Agg) Verdict {
	if len(a.Args) > 1 {
		return No("PostgreSQL counts combinations that have a NULL too")
	}
	return Yes
}

func (p *postgres) judgeSum(a *rel.Agg) Verdict {
	return p.summable(a.Args[0].Type(), a.T)
}

func (p *postgres) summable(t, sum rel.Type) Verdict {
	switch {
	case t.Class() == rel.ClassDecimal && t.FracDigits() > sum.FracDigits():
		return No("the sum would have to be rounded")
	case t.Class() == rel.ClassDouble:
		return No("a sum of doubles depends on the order of the rows")
	case t.Class() == rel.ClassInt && t.Unsigned && t.Kind == rel.BigInt:
		return No("PostgreSQL has no unsigned integers")
	case t.Class() == rel.ClassInt, t.Class() == rel.ClassDecimal:
		return Yes
	}
	return No("only sums of numbers are proved")
}

func (p *postgres) judgeMin(a *rel.Agg) Verdict { return p.ordered(a.Args[0].Type(), a.T) }

// ordered says whether min and max exist for a type.
func (p *postgres) ordered(t, _ rel.Type) Verdict {
	switch t.Class() {
	case rel.ClassBinary, rel.ClassBool, rel.ClassNull:
		return No("PostgreSQL has no least and greatest of " + t.Kind.String())
	}
	return p.sortable(t)
}

func (p *postgres) windows() map[string]WindowForm {
	ranking := func(name, cast string) WindowForm {
		return WindowForm{
			Print: func(w *Writer, f *rel.WindowFn) { w.Raw(name, "()") },
			After: func(w *Writer, f *rel.WindowFn) { w.Raw(cast) },
		}
	}
	first := func(f *rel.WindowFn) Verdict {
		if len(f.Args) > 1 {
			if n, ok := pgConstantInt(f.Args[1]); !ok || n < 0 {
				return No("only constant positions are proved")
			}
		}
		return Yes
	}
	valued := func(name string) WindowForm {
		return WindowForm{Judge: first, Print: func(w *Writer, f *rel.WindowFn) {
			w.Raw(name, "(")
			for i, a := range f.Args {
				if i > 0 {
					w.Raw(", ")
				}
				if i == 1 { // the position is int4
					w.Expr(a)
					w.Raw("::integer")
					continue
				}
				w.Expr(a)
				w.Raw("::", pgType(f.T)) // value and default must have one type
			}
			w.Raw(")")
		}}
	}
	aggregate := func(judge func(t, result rel.Type) Verdict, print func(w *Writer, f *rel.WindowFn), after func(w *Writer, f *rel.WindowFn)) WindowForm {
		return WindowForm{Print: print, After: after, Judge: func(f *rel.WindowFn) Verdict {
			if len(f.Args) == 0 {
				return Yes
			}
			return judge(f.Args[0].Type(), f.T)
		}}
	}
	return map[string]WindowForm{
		"row_number": ranking("row_number", ""), "rank": ranking("rank", ""), "dense_rank": ranking("dense_rank", ""),
		"percent_rank": ranking("percent_rank", ""), "cume_dist": ranking("cume_dist", ""),
		"ntile": {
			Judge: func(f *rel.WindowFn) Verdict {
				if n, ok := pgConstantInt(f.Args[0]); !ok || n < 1 || n > 1<<30 {
					return No("only a constant number of groups is proved")
				}
				return Yes
			},
			Print: func(w *Writer, f *rel.WindowFn) { w.Format("ntile($1)", f.Args...) },
			After: func(w *Writer, f *rel.WindowFn) { w.Raw("::bigint") },
		},
		"lag": valued("lag"), "lead": valued("lead"),
		"first_value": valued("first_value"), "last_value": valued("last_value"), "nth_value": valued("nth_value"),
		"count": aggregate(func(_, _ rel.Type) Verdict { return Yes }, func(w *Writer, f *rel.WindowFn) {
			if len(f.Args) == 0 {
				w.Raw("count(*)")
				return
			}
			p.call(w, "count", f.Args[0], false)
		}, nil),
		"sum": aggregate(p.summable, func(w *Writer, f *rel.WindowFn) { p.call(w, "sum", f.Args[0], false) },
			func(w *Writer, f *rel.WindowFn) { w.Raw(p.total(f.Args[0].Type())) }),
		"min": aggregate(p.ordered, func(w *Writer, f *rel.WindowFn) { p.least(w, "min", f.Args[0]) }, nil),
		"max": aggregate(p.ordered, func(w *Writer, f *rel.WindowFn) { p.least(w, "max", f.Args[0]) }, nil),
	}
}
