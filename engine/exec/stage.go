package exec

import (
	"time"

	"golang.org/x/sync/errgroup"

	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// fragmentsAtOnce is how many fragments of one statement are started side by side.
const fragmentsAtOnce = 8

// staging is how far the fragments are, by fragment id.
type staging struct {
	streams []*prefetched
	views   map[int]string // what to write after FROM in the embedded engine
}

// stage runs the fragments in rounds: those whose keys or rows others wait for first, then the others, which stream. It returns what the
// embedded engine reads each of them by.
func (r *Run) stage() (map[int]string, error) {
	waits, gives := r.dependencies()
	st := &staging{streams: make([]*prefetched, len(r.plan.Fragments)+1), views: map[int]string{}}
	done := map[int]bool{}
	for len(done) < len(r.plan.Fragments) {
		round := ready(r.plan.Fragments, waits, done)
		if len(round) == 0 {
			return nil, sqlerr.Internal.New("fragments wait for each other")
		}
		err := r.fetchAll(round, gives, st)
		for _, f := range round {
			done[f.ID] = true
			if s := st.streams[f.ID]; s != nil {
				r.closers = append(r.closers, s.Close)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	for _, f := range r.plan.Fragments {
		if err := r.register(f, st); err != nil {
			return nil, err
		}
	}
	return st.views, nil
}

// ready are the fragments that are not done and wait for none that isn't.
func ready(all []*plan.Fragment, waits map[int]map[int]bool, done map[int]bool) []*plan.Fragment {
	var out []*plan.Fragment
	for _, f := range all {
		free := !done[f.ID]
		for from := range waits[f.ID] {
			free = free && done[from]
		}
		if free {
			out = append(out, f)
		}
	}
	return out
}

// fetchAll starts the fragments of a round side by side, or one after the other where a source can't take all of them. The first that fails ends
// the run.
func (r *Run) fetchAll(round []*plan.Fragment, gives map[int]bool, st *staging) error {
	g := errgroup.Group{}
	g.SetLimit(fragmentsAtOnce)
	if len(r.crowded) > 0 {
		g.SetLimit(1)
	}
	for _, f := range round {
		g.Go(func() error {
			s, err := r.fetch(f, gives[f.ID], st)
			st.streams[f.ID] = s
			if err != nil {
				r.cancel(err) // the others need not go on
			}
			return err
		})
	}
	return g.Wait()
}

// dependencies says which fragments each one waits for, and whose keys are waited for.
func (r *Run) dependencies() (waits map[int]map[int]bool, gives map[int]bool) {
	waits, gives = map[int]map[int]bool{}, map[int]bool{}
	wait := func(f, from int) {
		if waits[f] == nil {
			waits[f] = map[int]bool{}
		}
		waits[f][from] = true
	}
	for _, k := range r.plan.Keys {
		wait(k.To, k.From)
		gives[k.From] = true
	}
	for _, f := range r.plan.Fragments {
		for _, in := range f.Inputs {
			wait(f.ID, in)
		}
		if f.SameAs != 0 {
			wait(f.ID, f.SameAs)
		}
	}
	return waits, gives
}

// register makes a fragment's rows readable in the embedded engine, if they are not yet. The caller holds local, or runs alone.
func (r *Run) register(f *plan.Fragment, st *staging) error {
	if st.views[f.ID] != "" {
		return nil
	}
	if f.SameAs != 0 {
		first := r.plan.Fragments[f.SameAs-1]
		err := r.register(first, st)
		st.views[f.ID] = st.views[first.ID]
		return err
	}
	s := st.streams[f.ID]
	if f.Reread && s.table == "" {
		if err := r.materialise(f, s); err != nil {
			return err
		}
	}
	if s.table != "" {
		st.views[f.ID] = s.table
		return nil
	}
	view, err := r.session.View(f.Source, s.reader(f.Cols))
	st.views[f.ID] = view
	return err
}

// fetch starts a fragment, with the keys of those it waits for, and reads it into memory if others wait for its own.
func (r *Run) fetch(f *plan.Fragment, gives bool, st *staging) (*prefetched, error) {
	switch {
	case f.SameAs != 0:
		r.record(f, func(s *FragmentStats) { s.SameAs = f.SameAs })
		return nil, nil
	case f.IsStep():
		return r.step(f, gives, st)
	}
	keys, count, empty := r.keysFor(f, st.streams)
	if empty {
		r.record(f, func(s *FragmentStats) { s.Skipped, s.Complete, s.Keys = true, true, 0 })
		r.sourceDone()
		return &prefetched{complete: true}, nil
	}
	if count > 0 {
		r.record(f, func(s *FragmentStats) { s.Keys = count })
	}
	rows, err := r.query(f, keys)
	if err != nil {
		return nil, err
	}
	s := &prefetched{rest: rows}
	if gives {
		err = s.fill(bufferBytes)
	}
	if err == nil && !s.complete {
		s.rest = newReadahead(rows)
	}
	if err == nil && r.crowded[f.Source] && !s.complete {
		// The connection is needed by the next fragment: streams that stay open would wait for each other.
		r.local.Lock()
		defer r.local.Unlock()
		err = r.materialise(f, s)
	}
	return s, err
}

// materialise copies a fragment's rows into a table of the embedded engine. The caller holds local, or runs alone.
func (r *Run) materialise(f *plan.Fragment, s *prefetched) error {
	name, _, err := r.session.Materialise(r.ctx, f.Source, delivered(f.Cols), s.reader(f.Cols))
	s.table = name
	return err
}

// step runs a part of the plan in the embedded engine and keeps its rows there; here too if others wait for its keys.
func (r *Run) step(f *plan.Fragment, gives bool, st *staging) (*prefetched, error) {
	r.local.Lock()
	defer r.local.Unlock()
	started := time.Now()
	for _, in := range f.Inputs {
		if err := r.register(r.plan.Fragments[in-1], st); err != nil {
			return nil, err
		}
	}
	sql, shown, err := f.StepSQL(r.x.Dialect, func(v *rel.View) string { return st.views[v.Fragment] })
	if err != nil {
		return nil, sqlerr.Internal.New("printing a step of the plan").With(err)
	}
	name, count, err := r.session.Keep(r.ctx, "step", sql, len(delivered(f.Cols)))
	if err != nil {
		return nil, err
	}
	took := time.Since(started)
	r.record(f, func(s *FragmentStats) { s.SQL, s.Rows, s.First, s.Elapsed, s.Complete = shown, count, took, took, true })
	s := &prefetched{table: name}
	if gives && count <= 4*plan.MaxKeys {
		return s, r.readBack(f, s)
	}
	return s, nil
}

// readBack reads the rows of a step into memory, where its keys are taken from. The caller holds local.
func (r *Run) readBack(f *plan.Fragment, s *prefetched) error {
	rows, err := r.session.Query(r.ctx, "FROM "+s.table, f.Cols)
	if err != nil {
		return err
	}
	s.rest = rows
	if err := s.fill(bufferBytes); err != nil {
		return err
	}
	return rows.Close()
}
