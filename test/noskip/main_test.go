package main

import (
	"slices"
	"strings"
	"testing"
)

func TestFollow(t *testing.T) {
	events := `{"Action":"build-output","ImportPath":"weir/x","Output":"# weir/x\n"}
{"Action":"run","Package":"weir/a","Test":"TestGood"}
{"Action":"output","Package":"weir/a","Test":"TestGood","Output":"=== RUN   TestGood\n"}
{"Action":"output","Package":"weir/a","Test":"TestGood","Output":"    nobody reads this\n"}
{"Action":"pass","Package":"weir/a","Test":"TestGood"}
{"Action":"output","Package":"weir/a","Test":"TestBad/one","Output":"    a_test.go:1: wrong\n"}
{"Action":"fail","Package":"weir/a","Test":"TestBad/one"}
{"Action":"output","Package":"weir/a","Test":"TestLazy","Output":"    a_test.go:2: no client\n"}
{"Action":"output","Package":"weir/a","Test":"TestLazy","Output":"--- SKIP: TestLazy (0.00s)\n"}
{"Action":"skip","Package":"weir/a","Test":"TestLazy"}
{"Action":"skip","Package":"weir/test/chaos","Test":"TestDiskFull/deeper"}
{"Action":"output","Package":"weir/a","Output":"PASS\n"}
{"Action":"output","Package":"weir/a","Output":"FAIL\tweir/a\t0.1s\n"}
{"Action":"output","Package":"weir/b","Test":"TestDead","Output":"panic: gone\n"}
{"Action":"fail","Package":"weir/b"}
{"Action":"skip","Package":"weir/c"}
no event
`
	var out strings.Builder
	skipped := follow(strings.NewReader(events), &out)
	if want := []string{"weir/a.TestLazy: a_test.go:2: no client\n--- SKIP: TestLazy (0.00s)"}; !slices.Equal(skipped, want) {
		t.Errorf("skipped %q, want %q", skipped, want)
	}
	if want := "# weir/x\n    a_test.go:1: wrong\nFAIL\tweir/a\t0.1s\npanic: gone\nno event\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}
