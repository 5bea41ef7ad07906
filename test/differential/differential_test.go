package differential

import (
	"cmp"
	"context"
	"flag"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"weir/test/reference"
)

var (
	seedFlag   = flag.Uint64("seed", 1, "seed of the first statement; the others follow")
	countFlag  = flag.Int("statements", 2000, "number of statements")
	dataFlag   = flag.Uint64("data-seed", 1, "seed of the data set")
	maxFlag    = flag.Int("show", 10, "number of differences that are shrunk and shown")
	reportFlag = flag.String("report", "", "write all differences and refusals to this file")
	budgetFlag = flag.Duration("budget", 150*time.Second, "time after which no further statement is run")
	dumpFlag   = flag.String("dump", "", "write all statements to this file")
)

func TestMain(m *testing.M) {
	code := m.Run()
	removeProgram()
	os.Exit(code)
}

// refusalLimit is the greatest share of statements that may be refused.
const refusalLimit = 0.02

// newRunner starts the reference and Weir, which is asked with pushdown on and off.
func newRunner(t *testing.T, set *reference.Set) (*Runner, *Weir) {
	ref, err := reference.Start(context.Background(), set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ref.Stop)
	w := StartWeir(t, set)
	r := &Runner{Timeout: 5 * time.Second, Reference: &Side{Name: "reference", Connect: ref.Connect}, Sides: []*Side{
		{Name: "weir", Connect: func(ctx context.Context) (*reference.Client, error) { return w.Connect(ctx, true) }},
		{Name: "weir without pushdown", Connect: func(ctx context.Context) (*reference.Client, error) { return w.Connect(ctx, false) }},
	}}
	t.Cleanup(r.Close)
	return r, w
}

// TestStatements runs random statements on Weir with pushdown on and off, and on the reference.
func TestStatements(t *testing.T) {
	set := reference.Dataset(*dataFlag)
	runner, weir := newRunner(t, set)
	run, refused := runStatements(t, runner, weir, NewGenerator(set).Statement, *seedFlag, *countFlag)
	checkRefusals(t, run, refused)
}

// TestPushdown runs random statements on Weir with pushdown on and off, and no reference: what MariaDB has faults in must not be sent to it
// when it is a source.
func TestPushdown(t *testing.T) {
	set := reference.Dataset(*dataFlag)
	runner, weir := newRunner(t, set)
	runner.Reference, runner.Sides = runner.Sides[1], runner.Sides[:1]
	g := NewGenerator(set)
	g.Free = true
	run, refused := runStatements(t, runner, weir, g.Statement, *seedFlag, *countFlag/4)
	checkRefusals(t, run, refused)
}

func checkRefusals(t *testing.T, run, refused int) {
	if float64(refused) > refusalLimit*float64(2*run) {
		t.Errorf("%d of %d runs were refused", refused, 2*run)
	}
}

// runStatements runs statements of so many seeds, shows where sides differ from the reference, and counts what was run and refused.
func runStatements(t *testing.T, runner *Runner, weir *Weir, next func(seed uint64) *Statement, first uint64, count int) (run, refused int) {
	ctx := context.Background()
	var differences, refusals []Finding
	skipped := 0
	start := time.Now()
	for ; run < count && time.Since(start) < *budgetFlag; run++ {
		s := next(first + uint64(run))
		findings, skip := runner.Run(ctx, s)
		if skip {
			skipped++
		}
		for _, f := range findings {
			if f.Refused != "" {
				refusals = append(refusals, f)
			} else {
				differences = append(differences, f)
			}
		}
	}
	t.Logf("seeds %d to %d in %v: %d differences, %d refusals, %d without an answer of the reference", first,
		first+uint64(run)-1, time.Since(start).Round(time.Second), len(differences), len(refusals), skipped)
	var shrunk []Finding
	defer func() { report(t, append(shrunk, differences...), refusals) }()
	shown := map[string]bool{}
	for _, f := range differences {
		if class := f.class(); len(shown) < *maxFlag && !shown[class] {
			shown[class] = true
			f = runner.Shrink(ctx, f, 200)
			if f.Difference.Kind == "error" {
				runner.Run(ctx, f.Statement)
				f.Difference.Detail += "; " + weir.cause()
			}
			f.Difference.Detail += runner.plan(ctx, f)
			shrunk = append(shrunk, f)
			t.Error(f.text())
		}
	}
	if len(differences) > 0 {
		t.Errorf("%d differences in all, %d crashes; the log ends with\n%s", len(differences), weir.Crashes, weir.tail())
	}
	if run < count {
		t.Errorf("only %d of %d statements were run in %v", run, count, *budgetFlag)
	}
	if skipped*100 > max(run, 200) {
		t.Errorf("%d statements without an answer of the reference", skipped)
	}
	return run, len(refusals)
}

var variable = regexp.MustCompile(`"[^"]*"|[0-9]+`)

// class is what findings of probably one cause have in common.
func (f Finding) class() string {
	d := f.Difference.Kind
	if d == "error" {
		d += variable.ReplaceAllString(f.Difference.Detail, "#")
	}
	return d + strings.Join(f.Statement.Features[:min(2, len(f.Statement.Features))], " ")
}

// report lists refusals by construct, and writes everything to a file if one is asked for.
func report(t *testing.T, differences, refusals []Finding) {
	counts := map[string]int{}
	for _, f := range refusals {
		counts[f.Refused]++
	}
	for _, text := range slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Compare(counts[b], counts[a]) }) {
		t.Logf("refused %d times: %s", counts[text], text)
	}
	if *reportFlag == "" {
		return
	}
	var b strings.Builder
	for _, f := range slices.Concat(differences, refusals) {
		b.WriteString(f.text())
	}
	if err := os.WriteFile(*reportFlag, []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
