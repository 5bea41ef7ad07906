package engine

import (
	"weir/engine/dialect"
	"weir/engine/exec"
	"weir/engine/lineage"
	"weir/engine/plan"
)

// Observation is what there is to know of a statement that has ended.
type Observation struct {
	Stats exec.Stats
	Err   error
	// Reveals is set if the statement has asked for the texts of tokens, also if it was refused.
	Reveals bool
	// Reads are the tables that the statement reads. Of one that failed before it was planned, they are those that it got to, without columns.
	Reads []Read
	// Applied are the policy's decisions about them.
	Applied []Applied
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

// Sent is a statement for a source.
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
		o.door, o.plan, o.ran, o.from = d, nil, false, nil
	}
}

func (o *observed) planned(p *plan.Plan) {
	if o != nil {
		o.plan = p
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
		out.Applied, out.Reads = o.door.applied, o.reads()
	}
	if o.ran {
		out.Sent = o.sent()
	}
	o.tell(out)
}

func (o *observed) reads() []Read {
	if o.plan == nil {
		return o.door.named
	}
	var out []Read
	for _, t := range o.plan.Reads() {
		r := Read{Database: t.Table.Source, Table: o.door.names[tableKey{t.Table.Source, t.Table.Schema, t.Table.Name}], Columns: t.Columns}
		if r.Table == "" { // no scan comes from elsewhere
			r.Table = t.Table.Name
		}
		out = append(out, r)
	}
	return out
}

func (o *observed) sent() []Sent {
	var out []Sent
	for i, f := range o.plan.Fragments {
		if f.IsStep() || f.SameAs != 0 {
			continue
		}
		s := Sent{Source: f.Source, Text: f.Shown, Hidden: dialect.HideLiterals(f.Shown)}
		if i < len(o.stats.Fragments) {
			s.Stats = o.stats.Fragments[i]
		}
		out = append(out, s)
	}
	return out
}
