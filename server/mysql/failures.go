package mysql

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// What failed logins cost, in units of Config.LoginDelay (one second by default).
const (
	// slowest is the longest wait for the answer to a wrong password; it begins with one unit and doubles with each one.
	slowest = 8
	// triesBeforeBlock is how many failures in a row block a user name at an address: at first for blockTime, then for twice as long each time, and for
	// longestBlock at most.
	triesBeforeBlock, blockTime, longestBlock = 10, 60, 900
	// addressTries is how many failures with any names bring an address to the longest wait. It is never blocked as a whole: others may come from it.
	addressTries = 50
	// remembered is how long a failure counts; rememberedNames bounds how many are kept of names and of addresses.
	remembered, rememberedNames = 1800, 1 << 16
)

// failures counts failed logins, by user name and address, and by address. What fails at one address does nothing to others, so
// that a flood of wrong passwords locks out nobody but itself. Whether a name is known makes no difference. Safe for concurrent use.
type failures struct {
	unit time.Duration
	now  func() time.Time

	mu        sync.Mutex
	pairs     *lru.Cache[pair, failed]
	addresses *lru.Cache[string, failed]
}

// pair is a user name at an address.
type pair struct{ user, address string }

// failed is how often a login has failed in a row.
type failed struct {
	times int
	last  time.Time
	until time.Time // blocked until then
}

func newFailures(unit time.Duration) *failures {
	f := &failures{unit: unit, now: time.Now}
	f.pairs, _ = lru.New[pair, failed](rememberedNames) // fails for sizes below 1 only
	f.addresses, _ = lru.New[string, failed](rememberedNames)
	return f
}

// blocked is how long a user name can't log in from a host yet, and after how many failures.
func (f *failures) blocked(user, host string) (left time.Duration, times int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x, ok := f.pairs.Peek(pairOf(user, host))
	if left = x.until.Sub(f.now()); ok && left > 0 {
		return left, x.times
	}
	return 0, 0
}

// add counts a failure, and returns how long the answer has to wait and for how long the user name is blocked there from now on.
func (f *failures) add(user, host string) (wait, block time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := pairOf(user, host)
	one, _ := f.pairs.Get(key)
	all, _ := f.addresses.Get(key.address)
	f.count(&one)
	f.count(&all)
	wait = f.unit * time.Duration(min(slowest, 1<<min(one.times-1, 16)))
	if all.times >= addressTries {
		wait = slowest * f.unit
	}
	if over := one.times - triesBeforeBlock; over >= 0 {
		block = f.unit * time.Duration(min(longestBlock, blockTime<<min(over, 16)))
		one.until = one.last.Add(block)
	}
	f.pairs.Add(key, one)
	f.addresses.Add(key.address, all)
	return wait, block
}

func (f *failures) count(x *failed) {
	now := f.now()
	if now.Sub(x.last) > remembered*f.unit {
		*x = failed{}
	}
	x.times++
	x.last = now
}

// forget is told of a good login. The address's own count stays: who knows one password may still guess others.
func (f *failures) forget(user, host string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.pairs.Remove(pairOf(user, host))
}

// pairOf is under what failures are counted. Of an IPv6 address the network counts: whoever has one address there has them all.
func pairOf(user, host string) pair {
	if a, err := netip.ParseAddr(host); err == nil {
		a = a.Unmap().WithZone("")
		if a.Is6() {
			if p, err := a.Prefix(64); err == nil {
				return pair{clip(user, 64), p.String()}
			}
		}
		host = a.String()
	}
	return pair{clip(user, 64), host}
}
