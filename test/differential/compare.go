package differential

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"weir/test/reference"
)

// Difference is a disagreement between two results. Kind is "error", "columns", "names", "types", "rows" or "order".
type Difference struct {
	Kind   string
	Detail string
}

// Compare returns what distinguishes a result from the wanted one, or nil. Two errors of one code are equal.
func Compare(s *Statement, want, got *reference.Result) *Difference {
	if want.Err != nil || got.Err != nil {
		if want.Code() == got.Code() {
			return nil
		}
		return &Difference{"error", fmt.Sprintf("want %s, got %s", outcome(want), outcome(got))}
	}
	if len(want.Columns) != len(got.Columns) {
		return &Difference{"columns", fmt.Sprintf("want %d columns, got %d", len(want.Columns), len(got.Columns))}
	}
	s.shown = nil
	for i, c := range want.Columns {
		shown := -1
		if c.Type == "DOUBLE" {
			shown = c.Decimals
		}
		if c.Type == "DOUBLE" || c.Type == "DECIMAL" {
			unsignZero(want.Rows, i)
			unsignZero(got.Rows, i)
		}
		s.shown = append(s.shown, shown)
	}
	if d := s.compareRows(want, got); d != nil {
		return d
	}
	for i, w := range want.Columns {
		g := got.Columns[i]
		if a, b := s.typeName(i, w), s.typeName(i, g); a != b {
			return &Difference{"types", fmt.Sprintf("column %d (%s): want %s, got %s", i+1, w.Name, a, b)}
		}
		if w.Name != g.Name {
			return &Difference{"names", fmt.Sprintf("column %d: want %q, got %q", i+1, w.Name, g.Name)}
		}
	}
	return nil
}

// unsignZero makes zeros of negative zeros, which are written with a sign here and without one there.
func unsignZero(rows [][]*string, column int) {
	for _, row := range rows {
		if v := row[column]; v != nil && strings.HasPrefix(*v, "-0") && strings.Trim(*v, "-0.") == "" {
			zero := (*v)[1:]
			row[column] = &zero
		}
	}
}

func outcome(r *reference.Result) string {
	if r.Err != nil {
		return r.Err.Error()
	}
	return fmt.Sprintf("%d rows", len(r.Rows))
}

func (s *Statement) compareRows(want, got *reference.Result) *Difference {
	w, g := slices.Clone(want.Rows), slices.Clone(got.Rows)
	if s.Ordered {
		if d := s.pairwise(w, g); d != nil {
			sortRows(w, s.Approx)
			sortRows(g, s.Approx)
			if s.pairwise(w, g) == nil {
				d.Kind = "order"
			}
			return d
		}
		return nil
	}
	for i := range min(len(w), len(g)) {
		for _, c := range s.OrderedBy {
			if !s.equal(c, w[i][c], g[i][c]) {
				return &Difference{"order", fmt.Sprintf("row %d, column %d: want %s, got %s", i+1, c+1, show(w[i][c]), show(g[i][c]))}
			}
		}
	}
	sortRows(w, s.Approx)
	sortRows(g, s.Approx)
	return s.pairwise(w, g)
}

// sortRows orders rows by their exact columns first, so that rows with nearly equal values come together.
func sortRows(rows [][]*string, approx []bool) {
	slices.SortStableFunc(rows, func(a, b []*string) int {
		for _, near := range []bool{false, true} {
			for i := range a {
				if (i < len(approx) && approx[i]) != near {
					continue
				}
				if c := compareValues(a[i], b[i], near); c != 0 {
					return c
				}
			}
		}
		return 0
	})
}

func compareValues(a, b *string, numbers bool) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	if numbers {
		x, _ := strconv.ParseFloat(*a, 64)
		y, _ := strconv.ParseFloat(*b, 64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
	return strings.Compare(*a, *b)
}

func (s *Statement) pairwise(want, got [][]*string) *Difference {
	for i := range min(len(want), len(got)) {
		for c := range want[i] {
			if !s.equal(c, want[i][c], got[i][c]) {
				return &Difference{"rows", fmt.Sprintf("row %d, column %d: want %s, got %s\n    want (%s)\n    got  (%s)", i+1, c+1,
					show(want[i][c]), show(got[i][c]), showRow(want[i]), showRow(got[i]))}
			}
		}
	}
	if len(want) != len(got) {
		detail := fmt.Sprintf("want %d rows, got %d", len(want), len(got))
		if n := min(len(want), len(got)); len(want) > n {
			detail += "; missing (" + showRow(want[n]) + ")"
		} else {
			detail += "; added (" + showRow(got[n]) + ")"
		}
		return &Difference{"rows", detail}
	}
	return nil
}

// nearness is how much two values of which the last digits may differ may be apart, relative to the greater.
const nearness = 1e-11

func (s *Statement) equal(column int, a, b *string) bool {
	if a == nil || b == nil {
		return a == b
	}
	if *a == *b {
		return true
	}
	approx := column < len(s.Approx) && s.Approx[column]
	rounded := column < len(s.shown) && s.shown[column] >= 0
	if !approx && !rounded {
		return false
	}
	x, errX := strconv.ParseFloat(*a, 64)
	y, errY := strconv.ParseFloat(*b, 64)
	if errX == nil && errY == nil && rounded && math.Abs(x-y) <= 0.5000001*math.Pow10(-s.shown[column]) {
		return true
	}
	// What cancels out to nearly nothing has no digits to compare.
	return approx && errX == nil && errY == nil && (math.Abs(x-y) <= nearness*max(math.Abs(x), math.Abs(y)) || math.Abs(x) < 1e-9 && math.Abs(y) < 1e-9)
}

func show(v *string) string {
	if v == nil {
		return "NULL"
	}
	return strconv.Quote(*v)
}

func showRow(row []*string) string {
	var out []string
	for _, v := range row {
		out = append(out, show(v))
	}
	return strings.Join(out, ", ")
}
