package exec

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"weir/engine/plan"
	"weir/engine/sqlerr"
)

// Gate bounds the remote statements that run at one source at once. A statement enters with all its fragments or waits: statements that
// each held one connection and waited for a second would wait for ever.
type Gate struct {
	// Limit gives the number of statements that a source allows at once.
	Limit func(source string) int

	mu    sync.Mutex
	sites map[string]*site
}

type site struct {
	limit int64
	sem   *semaphore.Weighted

	mu    sync.Mutex
	since map[*time.Time]struct{} // when each statement that is inside came in
}

func (g *Gate) site(name string) *site {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sites == nil {
		g.sites = map[string]*site{}
	}
	limit := int64(g.Limit(name))
	s := g.sites[name]
	if s == nil || s.limit != limit {
		s = &site{limit: limit, sem: semaphore.NewWeighted(limit), since: map[*time.Time]struct{}{}}
		g.sites[name] = s
	}
	return s
}

// maxWait is how long a statement waits for others to leave a source. It fails then, rather than leave its client without a word.
const maxWait = time.Minute

// enter takes n of the statements that the site allows, which leave gives back.
func (s *site) enter(ctx context.Context, n int64) (leave func(), err error) {
	waiting, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	if err := s.sem.Acquire(waiting, n); err != nil {
		return nil, err
	}
	now := time.Now()
	s.mu.Lock()
	s.since[&now] = struct{}{}
	s.mu.Unlock()
	return func() {
		s.mu.Lock()
		delete(s.since, &now)
		s.mu.Unlock()
		s.sem.Release(n)
	}, nil
}

// longest is for how long the oldest of the statements inside has been there.
func (s *site) longest() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var longest time.Duration
	for t := range s.since {
		longest = max(longest, time.Since(*t))
	}
	return longest.Round(time.Millisecond)
}

// Enter waits until every source of the plan can take its fragments. A source at which the plan has more fragments than may run at once is
// taken whole and reported as crowded: there they must run one after the other.
func (g *Gate) Enter(ctx context.Context, p *plan.Plan) (release func(), crowded map[string]bool, err error) {
	count := map[string]int64{}
	var names []string
	for _, f := range p.Fragments {
		if f.IsStep() || f.SameAs != 0 {
			continue
		}
		if count[f.Source] == 0 {
			names = append(names, f.Source)
		}
		count[f.Source]++
	}
	var held []func()
	release = func() {
		for _, r := range held {
			r()
		}
	}
	slices.Sort(names) // one order for all statements
	for _, name := range names {
		s := g.site(name)
		n := count[name]
		if n > s.limit {
			n = s.limit
			if crowded == nil {
				crowded = map[string]bool{}
			}
			crowded[name] = true
		}
		leave, err := s.enter(ctx, n)
		if err != nil {
			release()
			if ctx.Err() == nil {
				err = sqlerr.SourceFailed.New("all %d connections to source %s (max_connections) have been in use for %s, the oldest for %s; try again later, or end statements that are not read to their end",
					s.limit, name, maxWait, s.longest())
			}
			return nil, nil, err
		}
		held = append(held, leave)
	}
	return release, crowded, nil
}
