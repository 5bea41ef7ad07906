package duck

import (
	"sync"
	"time"

	"weir/engine/sqlerr"
)

// Rounds of recursive common tables are counted by a function, since DuckDB has no bound for them: a column that counts would make rows differ
// that UNION takes for equal.

// roundsKept is how many recursions are counted before those that have not moved for roundsForgotten are let go: none says when it ends.
const (
	roundsKept      = 1000
	roundsForgotten = time.Hour
)

type roundCount struct {
	n    int64
	last time.Time
}

type roundCounts struct {
	mu   sync.Mutex
	byID map[int64]*roundCount
}

var rounds = roundCounts{byID: map[int64]*roundCount{}}

// next counts a round of a recursion and returns its number.
func (c *roundCounts) next(id int64) int64 {
	now := time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.byID[id]
	if r == nil {
		if len(c.byID) >= roundsKept {
			for id, old := range c.byID {
				if now.Sub(old.last) > roundsForgotten {
					delete(c.byID, id)
				}
			}
		}
		r = &roundCount{}
		c.byID[id] = r
	}
	r.n++
	r.last = now
	return r.n
}

func init() {
	// weir_round(recursion, most, rows) is true in each round that is allowed. A round without rows is none.
	register(function{name: "weir_round", in: []kind{kindInt, kindInt, kindInt}, out: kindBool, eval: func(a *args) error {
		if a.int(2) > 0 {
			if n := rounds.next(a.int(0)); n > a.int(1) {
				return sqlerr.TooManyRounds.New("Recursive query aborted after %d iterations. Try increasing @@cte_max_recursion_depth to a larger value.", n)
			}
		}
		a.setBool(true)
		return nil
	}})
}
