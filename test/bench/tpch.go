package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
)

//go:embed tpch/*.sql
var statements embed.FS

// qualified writes a statement's tables as a system names them.
var qualified = map[string]*strings.Replacer{
	"weir":   strings.NewReplacer(),
	"duckdb": strings.NewReplacer(),
	"trino":  strings.NewReplacer("erp.", "erp.public.", "crm.", "crm.crm.", "inventory.", "crm.inventory."),
}

// runner runs a statement and gives its time and rows.
type runner func(ctx context.Context, sql string) (time.Duration, result, error)

// runStatements runs the TPC-H statements on Weir and the peers. wrong are the statements that failed on Weir or whose rows differ.
func runStatements(ctx context.Context, o *options, s *sources, w *weir, r *report) (wrong []string, err error) {
	names := []string{"weir"}
	systems := map[string]runner{"weir": w.run}
	p, err := openPeers(ctx, o, s)
	if err != nil {
		return nil, err
	}
	defer p.close()
	for _, name := range p.names {
		names = append(names, name)
		systems[name] = func(_ context.Context, sql string) (time.Duration, result, error) { return p.run(name, sql) }
	}
	files, err := statements.ReadDir("tpch")
	if err != nil {
		return nil, err
	}
	r.line("Versions: %s.", strings.Join(slices.Sorted(maps.Values(p.versions)), ", "))
	r.line("\n| | %s | Weir / best peer | rows | rows moved to Weir |\n|---|%s---:|---|---|", strings.Join(names, " | "), strings.Repeat("---:|", len(names)))
	t := &tally{totals: map[string]time.Duration{}}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".sql")
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), name) {
			continue
		}
		text, err := statements.ReadFile("tpch/" + f.Name())
		if err != nil {
			return nil, err
		}
		m := measure(ctx, names, systems, string(text), o.runs)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		moved := ""
		if m.failed["weir"] == nil {
			if moved, err = w.moved(ctx, string(text)); err != nil {
				return nil, fmt.Errorf("explaining %s: %w", name, err)
			}
		}
		r.line("%s | %s |", t.line(name, names, m), moved)
	}
	line := "| total"
	for _, n := range names {
		line += fmt.Sprintf(" | %.2f s", t.totals[n].Seconds())
	}
	r.line("%s | | | |\n", line)
	if len(t.ratios) > 0 {
		sum := 0.0
		for _, q := range t.ratios {
			sum += math.Log(q)
		}
		r.line("Geometric mean of Weir / best peer: %.3f over %d statements, at most %.2f. Medians of %d runs after one that warms up.",
			math.Exp(sum/float64(len(t.ratios))), len(t.ratios), slices.Max(t.ratios), o.runs)
		if len(t.slower) > 0 {
			r.line("Slower than the best peer: %s.", strings.Join(t.slower, ", "))
		} else {
			r.line("None is slower than the best peer.")
		}
	}
	return t.wrong, nil
}

// tally is what the statements sum up to.
type tally struct {
	totals map[string]time.Duration
	ratios []float64
	wrong  []string
	slower []string // than the best peer
}

// line is the table's row of a statement: times, ratio, and how the rows compare.
func (t *tally) line(name string, names []string, m *measurement) string {
	line := "| " + name
	best := math.Inf(1)
	for _, n := range names {
		if m.failed[n] != nil {
			line += " | failed"
			fmt.Printf("%s on %s: %v\n", name, n, m.failed[n])
			continue
		}
		d := m.times[n]
		t.totals[n] += d
		line += fmt.Sprintf(" | %.3f s", d.Seconds())
		if n != "weir" {
			best = min(best, d.Seconds())
		}
	}
	verdict, ratio := "not compared", ""
	if m.failed["weir"] != nil {
		verdict = "FAILED"
	} else {
		for _, n := range names[1:] {
			if m.failed[n] != nil {
				continue
			}
			verdict = "same"
			if d := differ(m.results["weir"], m.results[n]); d != "" {
				verdict = "DIFFER from " + n + ": " + d
				break
			}
		}
		if !math.IsInf(best, 1) {
			q := m.times["weir"].Seconds() / best
			t.ratios = append(t.ratios, q)
			ratio = fmt.Sprintf("%.2f", q)
			if q > 1 {
				t.slower = append(t.slower, name+" ("+ratio+")")
			}
		}
	}
	if verdict != "same" && verdict != "not compared" {
		t.wrong = append(t.wrong, name)
	}
	return fmt.Sprintf("%s | %s | %s", line, ratio, verdict)
}

// measurement is one statement on all systems, by name.
type measurement struct {
	times   map[string]time.Duration // medians
	results map[string]result        // of the last run
	failed  map[string]error
}

// measure runs a statement on all systems in turn: once to warm up, then runs times. A system that fails once isn't asked again.
func measure(ctx context.Context, names []string, systems map[string]runner, text string, runs int) *measurement {
	m := &measurement{times: map[string]time.Duration{}, results: map[string]result{}, failed: map[string]error{}}
	all := map[string][]time.Duration{}
	for i := range runs + 1 {
		for _, n := range names {
			if m.failed[n] != nil || ctx.Err() != nil {
				continue
			}
			d, got, err := systems[n](ctx, qualified[n].Replace(text))
			if err != nil {
				m.failed[n] = err
				continue
			}
			m.results[n] = got
			if i > 0 {
				all[n] = append(all[n], d)
			}
		}
	}
	for n, d := range all {
		m.times[n] = median(d)
	}
	return m
}

func median(d []time.Duration) time.Duration {
	d = slices.Clone(d)
	slices.Sort(d)
	if len(d) == 0 {
		return 0
	}
	return (d[(len(d)-1)/2] + d[len(d)/2]) / 2
}

// run runs a statement on Weir and reads all its rows.
func (w *weir) run(ctx context.Context, text string) (time.Duration, result, error) {
	start := time.Now()
	rows, err := readAll(ctx, w.db, text)
	return time.Since(start), result{rows: rows}, err
}

// moved says how many rows each source sends to Weir for a statement.
func (w *weir) moved(ctx context.Context, text string) (string, error) {
	rows, err := readAll(ctx, w.db, "EXPLAIN ANALYZE FORMAT=JSON "+text)
	if err != nil {
		return "", err
	}
	var x struct {
		Fragments []struct {
			Site   string
			Actual struct{ Rows int64 }
		}
	}
	if len(rows) != 1 || rows[0][0] == nil {
		return "", fmt.Errorf("%d rows", len(rows))
	}
	if err := json.Unmarshal([]byte(*rows[0][0]), &x); err != nil {
		return "", err
	}
	sums := map[string]int64{}
	for _, f := range x.Fragments {
		if f.Site == "local" { // rows that never left Weir
			continue
		}
		sums[f.Site] += f.Actual.Rows
	}
	var out []string
	for _, site := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, fmt.Sprintf("%s %d", site, sums[site]))
	}
	return strings.Join(out, ", "), nil
}
