package mysql

import (
	"fmt"
	"testing"
	"time"
)

func newTestFailures() (*failures, *time.Time) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f := newFailures(time.Second)
	f.now = func() time.Time { return now }
	return f, &now
}

func TestFailedLoginsSlowDown(t *testing.T) {
	f, now := newTestFailures()
	for i, seconds := range []int{1, 2, 4, 8, 8, 8, 8, 8, 8} {
		want := time.Duration(seconds) * time.Second
		if wait, block := f.add("ann", "10.0.0.1"); wait != want || block != 0 {
			t.Errorf("failure %d: wait %v, block %v", i+1, wait, block)
		}
	}
	for i, seconds := range []int{60, 120, 240, 480, 900, 900} {
		want := time.Duration(seconds) * time.Second
		if left, _ := f.blocked("ann", "10.0.0.1"); left != 0 {
			t.Errorf("blocked for %v too early", left)
		}
		if _, block := f.add("ann", "10.0.0.1"); block != want {
			t.Errorf("failure %d: block %v, want %v", i+10, block, want)
		}
		if left, times := f.blocked("ann", "10.0.0.1"); left != want || times != i+10 {
			t.Errorf("blocked for %v after %d", left, times)
		}
		*now = now.Add(want)
	}
	*now = now.Add(time.Hour)
	if wait, block := f.add("ann", "10.0.0.1"); wait != time.Second || block != 0 {
		t.Errorf("an old failure counts: %v %v", wait, block)
	}
}

// A flood from one address, with many names, doesn't lock anybody out elsewhere, nor another user at the same address, and holds bounded memory.
func TestFailedLoginsHurtNobodyElse(t *testing.T) {
	f, _ := newTestFailures()
	for range 20 {
		f.add("ann", "10.0.0.1")
	}
	for i := range 3 * rememberedNames {
		f.add(fmt.Sprint("x", i), "10.0.0.2")
	}
	if n := f.pairs.Len(); n > rememberedNames {
		t.Errorf("%d names are kept", n)
	}
	for _, c := range [][2]string{{"ann", "10.0.0.3"}, {"bob", "10.0.0.1"}, {"bob", "10.0.0.2"}} {
		if left, _ := f.blocked(c[0], c[1]); left != 0 {
			t.Errorf("%v is blocked", c)
		}
	}
	if wait, _ := f.add("ann", "10.0.0.3"); wait != time.Second {
		t.Errorf("elsewhere the first failure waits %v", wait)
	}
	if wait, _ := f.add("zoe", "10.0.0.2"); wait != slowest*time.Second {
		t.Errorf("at an address with many failures the next waits %v", wait)
	}
}

func TestFailedLoginsAreForgotten(t *testing.T) {
	f, _ := newTestFailures()
	for range 9 {
		f.add("ann", "10.0.0.1")
	}
	f.forget("ann", "10.0.0.1")
	if wait, block := f.add("ann", "10.0.0.1"); wait != time.Second || block != 0 {
		t.Errorf("after a good login: wait %v, block %v", wait, block)
	}
}

func TestFailedLoginsOfOneNetwork(t *testing.T) {
	for _, c := range [][2]string{{"2001:db8::1", "2001:db8::ffff"}, {"::ffff:10.0.0.1", "10.0.0.1"}, {"fe80::1%eth0", "fe80::2"}} {
		if pairOf("ann", c[0]) != pairOf("ann", c[1]) {
			t.Errorf("%v are counted apart", c)
		}
	}
	if pairOf("ann", "2001:db8::1") == pairOf("ann", "2001:db8:0:1::1") || pairOf("ann", "10.0.0.1") == pairOf("ann", "10.0.0.2") {
		t.Error("addresses of different networks are counted together")
	}
}
