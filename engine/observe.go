package engine

import (
	"slices"
	"strings"

	"weir/engine/bind"
	"weir/engine/dialect"
	"weir/engine/exec"
	"weir/engine/lineage"
	"weir/engine/plan"
	"weir/engine/rel"
)

// Observation is what there is to know of a statement that has ended.
type Observation struct {
	Stats exec.Stats
	Err   error
	// Reveals is set if the statement has asked for the texts of tokens, also if it was refused.
	Reveals bool
	// Reads are the tables that the statement reads. Of one that failed before it was planned, they are those that it got to, without columns.
	Reads []Read
	// Rules are those of the policy that the statement has met: about the rows of its tables, and about the columns of which it makes use.
	Rules []Rule
	// Sent are the statements for the sources, in the order of Stats.Fragments but for those that the embedded engine ran.
	Sent []Sent
	// Lineage is where the result comes from, all of it, whatever the principal may see; nil for a statement that never ran.
	Lineage *lineage.Result
}

// Read is a table that a statement reads, as users see it, and the columns of which it makes use.
type Read struct {
	Database, Table string
	Columns         []string
}

// Rule is a rule of the policy that a statement has met.
type Rule struct {
	Database, Table string
	Column          string // empty where it is about rows
	Name            string
	Does            string // the kind of mask, filter, or group
}

// sentText bounds the text of a statement for a source that is told.
const sentText = 64 << 10

// Sent is a statement for a source, of its beginning at least.
type Sent struct {
	Source string
	// Text is as planned: the join keys that travelled with it, which are rows' values, are not in it. Hidden has no constants either.
	Text, Hidden string
	Stats        exec.FragmentStats // zero if it never began
}

// observed follows one statement, for whoever asks about it in particular. Nil follows nothing.
type observed struct {
	tell  func(Observation)
	asked *asked
	door  *door
	query *bind.Query // nil if it couldn't be bound
	plan  *plan.Plan
	ran   bool // it was begun at its sources
	stats exec.Stats
	from  *lineage.Result
}

func newObserved(stmt Statement) *observed {
	if stmt.Observe == nil {
		return nil
	}
	return &observed{tell: stmt.Observe, asked: stmt.asked}
}

// at notes where the statement's tables came in; an earlier attempt is forgotten.
func (o *observed) at(d *door) {
	if o != nil {
		o.door, o.query, o.plan, o.ran, o.from = d, nil, nil, false, nil
	}
}

// prepared notes what was made of the statement.
func (o *observed) prepared(p *prepared) {
	if o != nil {
		o.query, o.plan = p.query, p.plan
	}
}

// comes notes where the result comes from.
func (o *observed) comes(from *lineage.Result) {
	if o != nil {
		o.from = from
	}
}

// runs notes that the statement was begun, and how far it came.
func (o *observed) runs(stats exec.Stats) {
	if o != nil {
		o.ran, o.stats = true, stats
	}
}

// done tells what has been seen.
func (o *observed) done(err error) {
	if o == nil {
		return
	}
	out := Observation{Stats: o.stats, Err: err, Reveals: o.asked.reveals, Lineage: o.from}
	if o.door != nil {
		out.Reads, out.Rules = o.uses()
	}
	if o.ran {
		out.Sent = o.sent()
	}
	o.tell(out)
}

// uses are the tables that the statement reads, and the rules that it has met.
func (o *observed) uses() (reads []Read, rules []Rule) {
	used := func(rel.ColumnID) bool { return false }
	if o.query == nil {
		reads = o.door.named
	} else {
		out := make([]rel.Column, len(o.query.Columns))
		for i, c := range o.query.Columns {
			out[i] = c.Column
		}
		var tables []plan.TableRead
		tables, used = plan.Uses(o.query.Root, out)
		for _, t := range tables {
			name := o.door.names[tableKey{t.Table.Source, t.Table.Schema, t.Table.Name}]
			reads = append(reads, Read{Database: t.Table.Source, Table: name, Columns: t.Columns})
		}
	}
	add := func(r Rule) {
		if !slices.Contains(rules, r) {
			rules = append(rules, r)
		}
	}
	for _, a := range o.door.applied {
		r := Rule{Database: a.Database, Table: a.Table}
		if a.Filter != "" {
			r.Name, r.Does = a.FilterRule, "filter"
			add(r)
		}
		if a.MinGroup > 0 {
			r.Name, r.Does = a.GroupRule, "group"
			add(r)
		}
		if a.view == nil {
			continue
		}
		for i, c := range a.view.Columns() {
			if d := a.Columns[i]; !d.Mask.IsZero() && used(c.ID) {
				r.Column, r.Name, r.Does = d.Name, d.Rule, d.Mask.Kind
				add(r)
			}
		}
	}
	return reads, rules
}

func (o *observed) sent() []Sent {
	var out []Sent
	for i, f := range o.plan.Fragments {
		if f.IsStep() || f.SameAs != 0 {
			continue
		}
		s := Sent{Source: f.Source, Text: f.Shown}
		if len(s.Text) > sentText {
			s.Text = strings.ToValidUTF8(s.Text[:sentText], "")
		}
		s.Hidden = dialect.HideLiterals(s.Text)
		if len(s.Text) < len(f.Shown) {
			s.Text, s.Hidden = s.Text+" …", s.Hidden+" …"
		}
		if i < len(o.stats.Fragments) {
			s.Stats = o.stats.Fragments[i]
		}
		out = append(out, s)
	}
	return out
}
