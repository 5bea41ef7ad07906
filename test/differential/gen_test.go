package differential

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/test/reference"
)

var bindReport = flag.String("bind-report", "", "write what the binder gets wrong to this file")

// Statements must run on the reference, be accepted by the parser, and use everything that the grammar has.
func TestGenerator(t *testing.T) {
	ctx := context.Background()
	set := reference.Dataset(1)
	ref, err := reference.Start(ctx, set)
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Stop()
	c, err := ref.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	g := NewGenerator(set)
	features := map[string]int{}
	codes := map[string]int{}
	failed, rows, empty, slow := 0, 0, 0, time.Duration(0)
	unparsed := 0
	var dump strings.Builder
	for i := range *countFlag {
		s := g.Statement(*seedFlag + uint64(i))
		fmt.Fprintf(&dump, "-- %d %v %v\n%s;\n", s.Seed, s.Setup, s.Args, s.SQL)
		if _, err := sqlparser.Parse(s.SQL); err != nil {
			if unparsed++; unparsed < 20 {
				t.Logf("parser: %v: seed %d: %s", err, s.Seed, s.SQL)
			}
		}
		for _, q := range s.Setup {
			if err := c.Exec(ctx, q); err != nil {
				t.Fatal(err, q)
			}
		}
		start := time.Now()
		r := c.Query(ctx, s.SQL, s.Args...)
		if d := time.Since(start); d > slow {
			slow = d
			t.Logf("slowest so far %v: seed %d", d, s.Seed)
		}
		if r.Err != nil {
			failed++
			e := r.Err.Error()
			codes[e[:min(50, len(e))]]++
			if codes[e[:min(50, len(e))]] <= 3 {
				t.Logf("seed %d: %v: %s", s.Seed, r.Err, s.SQL)
			}
			continue
		}
		rows += len(r.Rows)
		if len(r.Rows) == 0 {
			empty++
		}
		for _, f := range s.Features {
			features[f]++
		}
	}
	t.Logf("%d statements, %d failed, %d not parsed, %d rows, %d empty, slowest %v", *countFlag, failed, unparsed, rows, empty, slow)
	t.Log(codes)
	if *dumpFlag != "" {
		if err := os.WriteFile(*dumpFlag, []byte(dump.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if failed*100 > *countFlag*3 {
		t.Errorf("%d of %d statements fail on the reference", failed, *countFlag)
	}
	var rare []string
	for i := range templates {
		if n := features[templates[i].text]; n < 1 {
			rare = append(rare, fmt.Sprint(templates[i].text, " ", n))
		}
	}
	sort.Strings(rare)
	if *countFlag >= 2000 && len(rare) > 0 {
		t.Errorf("never made: %s", strings.Join(rare, "\n"))
	}
	if testing.Verbose() {
		var all []string
		for f, n := range features {
			all = append(all, fmt.Sprintf("%5d %s", n, f))
		}
		sort.Strings(all)
		t.Log(strings.Join(all, "\n"))
	}
}
