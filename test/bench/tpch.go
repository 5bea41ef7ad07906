package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"strconv"
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
type runner func(ctx context.Context, sql string) (time.Duration, [][]*string, error)

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
		systems[name] = func(ctx context.Context, sql string) (time.Duration, [][]*string, error) { return p.run(name, sql) }
	}
	files, err := statements.ReadDir("tpch")
	if err != nil {
		return nil, err
	}
	r.line("\n| | %s | Weir / best peer | rows | rows moved to Weir |\n|---|%s---:|---|---|", strings.Join(names, " | "), strings.Repeat("---:|", len(names)))
	var ratios []float64
	totals := map[string]time.Duration{}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".sql")
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), name) {
			continue
		}
		text, err := statements.ReadFile("tpch/" + f.Name())
		if err != nil {
			return nil, err
		}
		times, rows, failed := measure(ctx, names, systems, string(text), o.runs)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		line := "| " + name
		best := math.Inf(1)
		for _, n := range names {
			if failed[n] != nil {
				line += " | failed"
				fmt.Printf("%s on %s: %v\n", name, n, failed[n])
				continue
			}
			t := times[n]
			totals[n] += t
			line += fmt.Sprintf(" | %.2f s", t.Seconds())
			if n != "weir" {
				best = min(best, t.Seconds())
			}
		}
		verdict, ratio := "not compared", ""
		for _, n := range names[1:] {
			if failed[n] == nil && failed["weir"] == nil {
				verdict = "same"
				if d := differ(rows["weir"], rows[n]); d != "" {
					verdict = "DIFFER from " + n + ": " + d
					break
				}
			}
		}
		if failed["weir"] != nil {
			verdict = "FAILED"
		} else if !math.IsInf(best, 1) {
			q := times["weir"].Seconds() / best
			ratios = append(ratios, q)
			ratio = fmt.Sprintf("%.2f", q)
		}
		if verdict != "same" && verdict != "not compared" {
			wrong = append(wrong, name)
		}
		moved := ""
		if failed["weir"] == nil {
			if moved, err = w.moved(ctx, string(text)); err != nil {
				return nil, fmt.Errorf("explaining %s: %w", name, err)
			}
		}
		r.line("%s | %s | %s | %s |", line, ratio, verdict, moved)
	}
	line := "| total"
	for _, n := range names {
		line += fmt.Sprintf(" | %.2f s", totals[n].Seconds())
	}
	r.line("%s | | | |\n", line)
	if len(ratios) > 0 {
		sum := 0.0
		for _, q := range ratios {
			sum += math.Log(q)
		}
		r.line("Geometric mean of Weir / best peer: %.3f over %d statements, at most %.2f.", math.Exp(sum/float64(len(ratios))), len(ratios), slices.Max(ratios))
	}
	return wrong, nil
}

// measure runs a statement on all systems in turn, and gives the median time and the rows of each.
func measure(ctx context.Context, names []string, systems map[string]runner, text string, runs int) (map[string]time.Duration, map[string][][]*string, map[string]error) {
	all := map[string][]time.Duration{}
	rows, failed := map[string][][]*string{}, map[string]error{}
	for range runs {
		for _, n := range names {
			if failed[n] != nil || ctx.Err() != nil {
				continue
			}
			d, got, err := systems[n](ctx, qualified[n].Replace(text))
			if err != nil {
				failed[n] = err
				continue
			}
			all[n], rows[n] = append(all[n], d), got
		}
	}
	times := map[string]time.Duration{}
	for n, d := range all {
		times[n] = median(d)
	}
	return times, rows, failed
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
func (w *weir) run(ctx context.Context, text string) (time.Duration, [][]*string, error) {
	start := time.Now()
	rows, err := readAll(ctx, w.db, text)
	return time.Since(start), rows, err
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
		sums[f.Site] += f.Actual.Rows
	}
	var out []string
	for _, site := range slices.Sorted(maps.Keys(sums)) {
		out = append(out, fmt.Sprintf("%s %d", site, sums[site]))
	}
	return strings.Join(out, ", "), nil
}

// differ says what distinguishes two results as multisets, or nothing. Peers compute quotients and averages as doubles, so numbers are equal if they nearly are.
func differ(a, b [][]*string) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d rows, not %d", len(a), len(b))
	}
	a, b = normal(a), normal(b)
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return fmt.Sprintf("%d columns, not %d", len(a[i]), len(b[i]))
		}
		for j := range a[i] {
			if !near(*a[i][j], *b[i][j]) {
				return fmt.Sprintf("row %d, column %d: %s, not %s", i+1, j+1, *a[i][j], *b[i][j])
			}
		}
	}
	return ""
}

func near(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return errX == nil && errY == nil && math.Abs(x-y) <= 0.01+1e-6*math.Abs(y)
}

// normal sorts rows and writes values alike: numbers with two digits, NULL as a word.
func normal(rows [][]*string) [][]*string {
	keys := make([]string, len(rows))
	out := make([][]*string, len(rows))
	null := "NULL"
	for i, row := range rows {
		out[i] = slices.Clone(row)
		for j, v := range row {
			if v == nil {
				out[i][j] = &null
				v = &null
			}
			key := *v
			if f, err := strconv.ParseFloat(key, 64); err == nil {
				key = strconv.FormatFloat(math.Round(f*10)/10, 'f', 1, 64)
			}
			keys[i] += key + "\x00"
		}
	}
	sort.Sort(byKey{keys, out})
	return out
}

type byKey struct {
	keys []string
	rows [][]*string
}

func (s byKey) Len() int           { return len(s.keys) }
func (s byKey) Less(i, j int) bool { return s.keys[i] < s.keys[j] }
func (s byKey) Swap(i, j int) {
	s.keys[i], s.keys[j] = s.keys[j], s.keys[i]
	s.rows[i], s.rows[j] = s.rows[j], s.rows[i]
}
