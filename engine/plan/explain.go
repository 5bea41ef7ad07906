package plan

import (
	"encoding/json"
	"fmt"
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// Explanation is a plan as EXPLAIN shows it.
type Explanation struct {
	Fragments      []FragmentExplanation `json:"fragments"`
	Local          string                `json:"local_sql,omitempty"`
	Kept           []string              `json:"not_pushed,omitempty"`
	Keys           []string              `json:"join_keys,omitempty"`
	PlanningMillis float64               `json:"planning_ms"`
	ActualRows     *int64                `json:"actual_rows,omitempty"`
	ElapsedMillis  *float64              `json:"elapsed_ms,omitempty"`
}

// FragmentExplanation is a fragment as EXPLAIN shows it.
type FragmentExplanation struct {
	ID      int     `json:"id"`
	Site    string  `json:"site"`
	Dialect string  `json:"dialect"`
	SQL     string  `json:"sql"`
	Rows    float64 `json:"estimated_rows,omitempty"` // 0: not told
	SameAs  int     `json:"same_as,omitempty"`
	Parts   bool    `json:"groups_in_parts,omitempty"` // each range of the table that the source reads puts out its own groups
	Actual  *Actual `json:"actual,omitempty"`
}

// Actual is what was measured of a fragment.
type Actual struct {
	SQL         string  `json:"-"`
	Rows        int64   `json:"rows"`
	Bytes       int64   `json:"bytes"`
	FirstMillis float64 `json:"first_row_ms"`
	Millis      float64 `json:"ms"`
	Keys        int     `json:"keys_received"`
	Skipped     bool    `json:"skipped,omitempty"`
}

// Explain describes a plan.
func Explain(p *Plan, local *dialect.Dialect) (*Explanation, error) {
	x := &Explanation{Fragments: []FragmentExplanation{}}
	view := func(v *rel.View) string { return fmt.Sprintf("fragment%d", v.Fragment) }
	for _, f := range p.Fragments {
		if f.IsStep() {
			_, sql, err := f.StepSQL(local, view)
			if err != nil {
				return nil, err
			}
			x.Fragments = append(x.Fragments, FragmentExplanation{ID: f.ID, Site: "local", Dialect: local.Name, SQL: sql, Rows: f.Rows})
			continue
		}
		x.Fragments = append(x.Fragments, FragmentExplanation{ID: f.ID, Site: f.Source, Dialect: f.dialect.Name, SQL: f.Shown, Rows: f.Rows, SameAs: f.SameAs,
			Parts: f.Text.Split != nil && f.Text.Split.Groups})
	}
	if p.Local != nil {
		_, sql, err := p.LocalSQL(local, view)
		if err != nil {
			return nil, err
		}
		x.Local = sql
	}
	seen := map[string]bool{}
	for _, k := range p.Kept {
		if s := k.String(); !seen[s] {
			seen[s] = true
			x.Kept = append(x.Kept, s)
		}
	}
	for _, k := range p.Keys {
		x.Keys = append(x.Keys, fmt.Sprintf("fragment%d.%s -> fragment%d.%s", k.From, k.FromCol.Name, k.To, k.ToCol.Name))
	}
	return x, nil
}

// Discreet leaves out what a plan over tables that a policy has a say in would tell of them: the values of join keys and how long values are, and where rows are
// hidden also how many there are, as estimates and as what was read.
func (x *Explanation) Discreet(rowsHidden bool) {
	for i := range x.Fragments {
		f := &x.Fragments[i]
		if f.Actual != nil {
			f.Actual.SQL = ""
			f.Actual.Bytes = -1 // where a mask is computed here, those of the values behind it
		}
		if !rowsHidden {
			continue
		}
		f.Rows = 0
		if a := f.Actual; a != nil {
			a.Rows, a.Bytes, a.Keys = -1, -1, -1
		}
	}
}

// String is what was kept, and why.
func (k Kept) String() string {
	what := ""
	if k.Expr != nil {
		what = "predicate " + rel.FormatExpr(k.Expr)
		if k.Source != "" {
			what += " (" + k.Source + ")"
		}
	} else {
		what = nodeName(k.Node)
	}
	return what + ": " + k.Reason
}

func nodeName(n rel.Node) string {
	s := strings.ToLower(fmt.Sprintf("%T", n))
	return s[strings.LastIndexByte(s, '.')+1:]
}

// JSON is the explanation as a JSON document.
func (x *Explanation) JSON() string {
	b, err := json.MarshalIndent(x, "", "  ")
	if err != nil {
		return "{}"
	}
	return string(b)
}

// Lines is the explanation as text.
func (x *Explanation) Lines() []string {
	var out []string
	line := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if x.Local != "" {
		line("local (duckdb): %s", x.Local)
	}
	for _, f := range x.Fragments {
		parts := ""
		if f.Parts {
			parts = ", groups in parts"
		}
		if f.Rows > 0 {
			parts = fmt.Sprintf(", estimated rows %.0f%s", f.Rows, parts)
		}
		line("fragment%d at %s (%s)%s", f.ID, f.Site, f.Dialect, parts)
		if f.SameAs != 0 {
			line("    the rows of fragment%d", f.SameAs)
			continue
		}
		line("    %s", f.SQL)
		if a := f.Actual; a != nil {
			if a.Skipped {
				line("    not run: no join key can match")
				continue
			}
			if a.Rows < 0 {
				line("    first after %.1f ms, last after %.1f ms", a.FirstMillis, a.Millis)
				continue
			}
			bytes := ""
			if a.Bytes >= 0 {
				bytes = fmt.Sprintf(", %d bytes", a.Bytes)
			}
			line("    actual rows %d%s, first after %.1f ms, last after %.1f ms", a.Rows, bytes, a.FirstMillis, a.Millis)
			if a.Keys > 0 && a.SQL == "" {
				line("    with %d join keys", a.Keys)
			} else if a.Keys > 0 {
				line("    with %d join keys: %s", a.Keys, shorten(a.SQL, 300))
			}
		}
	}
	for _, k := range x.Keys {
		line("join keys: %s", k)
	}
	for _, k := range x.Kept {
		line("not pushed: %s", k)
	}
	line("planning %.1f ms", x.PlanningMillis)
	if x.ActualRows != nil {
		line("actual rows %d, elapsed %.1f ms", *x.ActualRows, *x.ElapsedMillis)
	}
	return out
}

func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + " …"
}
