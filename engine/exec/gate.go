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
		s = &site{limit: limit, sem: semaphore.NewWeighted(limit)}
		g.sites[name] = s
	}
	return s
}

// maxWait is how long a statement waits for others to leave a source. It fails then, rather than leave its client without a word.
const maxWait = time.Minute

func (s *site) enter(ctx context.Context, n int64) error {
	waiting, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	return s.sem.Acquire(waiting, n)
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
		if err := s.enter(ctx, n); err != nil {
			release()
			if ctx.Err() == nil {
				err = sqlerr.SourceFailed.New("all %d connections to source %s (max_connections) have been in use for %s; try again later, or end statements that are not read to their end", s.limit, name, maxWait)
			}
			return nil, nil, err
		}
		held = append(held, func() { s.sem.Release(n) })
	}
	return release, crowded, nil
}
