package main

import (
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/policy/pseudonym"
)

// maskedUser is the user that the policy is for; the other one sees all. Both ask the same server, so that nothing but the policy is between them.
const maskedUser = "masked"

// benchKey is a key as good as any.
var benchKey = func() string {
	sum := sha512.Sum512([]byte("what is masked here are made-up customers"))
	return base64.StdEncoding.EncodeToString(sum[:])
}()

// policyFile masks what the statements show of a customer. The row filter lets every row through, so that the same rows are read with it and without; the
// sources don't know that. The statements group by all masked columns, and one filters by one.
var policyFile = fmt.Sprintf(`keys:
  - {id: k1, key: %q, current: true}
rules:
  - {name: segments, users: [%[2]s], table: crm.customer, filter: "c_mktsegment <> 'SECRET' OR c_acctbal < 0"}
  - {name: names, users: [%[2]s], column: crm.customer.c_name, mask: pseudonym}
  - {name: addresses, users: [%[2]s], column: crm.customer.c_address, mask: {partial: {first: 3}}}
  - {name: phones, users: [%[2]s], column: crm.customer.c_phone, mask: {partial: {first: 2, last: 2}}}
  - {name: comments, users: [%[2]s], column: crm.customer.c_comment, mask: {partial: {first: 10, last: 5}}}
`, benchKey, maskedUser)

// masks are the same masks once more, for checking what the statements answer.
func masks() (map[string]func(string) string, error) {
	ring, err := pseudonym.NewKeyring(map[string]pseudonym.Domain{pseudonym.Default: {Keys: map[string]pseudonym.Material{"k1": pseudonym.Material(benchKey)}}})
	if err != nil {
		return nil, err
	}
	token, err := ring.Masker(pseudonym.Pseudonym, pseudonym.Default, "")
	if err != nil {
		return nil, err
	}
	partial := func(first, last int) func(string) string {
		return func(s string) string {
			r := []rune(s)
			if len(r) <= first+last {
				return "***"
			}
			return string(r[:first]) + "***" + string(r[len(r)-last:])
		}
	}
	return map[string]func(string) string{
		"c_name":    func(s string) string { b, _ := token(nil, s); return string(b) },
		"c_address": partial(3, 0), "c_phone": partial(2, 2), "c_comment": partial(10, 5),
	}, nil
}

// mostPolicyCost is what a policy may cost over all statements.
const mostPolicyCost = 0.10

// runPolicies runs the TPC-H statements as a user who sees all and as one with masks, in turn, and reports what the policy costs. wrong are the statements whose
// masked answer isn't the plain one with masks put on.
func runPolicies(ctx context.Context, o *options, w *weir, r *report) (wrong []string, err error) {
	masked, err := w.as(maskedUser)
	if err != nil {
		return nil, err
	}
	defer masked.Close()
	mask, err := masks()
	if err != nil {
		return nil, err
	}
	files, err := statements.ReadDir("tpch")
	if err != nil {
		return nil, err
	}
	r.line("\nPolicy of a row filter, three partial masks and a pseudonym on customer:\n\n| | without | with | ratio | spread of ratios | rows |\n|---|---:|---:|---:|---|---|")
	var plainTotal, maskedTotal time.Duration
	var ratios []float64
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".sql")
		if o.only != "" && !slices.Contains(strings.Split(o.only, ","), name) {
			continue
		}
		text, err := statements.ReadFile("tpch/" + f.Name())
		if err != nil {
			return nil, err
		}
		p, err := w.beside(ctx, masked, string(text), o.runs, mask)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		verdict := "same"
		if p.differs != "" {
			verdict, wrong = "DIFFER: "+p.differs, append(wrong, name+" with a policy")
		}
		ratio := middle(p.ratios)
		ratios, plainTotal, maskedTotal = append(ratios, ratio), plainTotal+p.plain, maskedTotal+p.masked
		r.line("| %s | %.3f s | %.3f s | %.2f | %.2f to %.2f | %s |", name, p.plain.Seconds(), p.masked.Seconds(), ratio, slices.Min(p.ratios), slices.Max(p.ratios), verdict)
	}
	cost := maskedTotal.Seconds()/plainTotal.Seconds() - 1
	r.line("| total | %.2f s | %.2f s | %.3f | | |\n", plainTotal.Seconds(), maskedTotal.Seconds(), 1+cost)
	r.line("The policy costs %.1f %% over all statements (at most %.0f %%); the median of the ratios is %.2f. Medians of %d pairs after one that warms up.",
		100*cost, 100*mostPolicyCost, middle(ratios), o.runs)
	if cost > mostPolicyCost {
		r.line("That is too much.")
	}
	return wrong, nil
}

// pairs is one statement without and with the policy.
type pairs struct {
	plain, masked time.Duration // medians
	ratios        []float64     // of each pair
	differs       string
}

// beside runs a statement as both users in turn, the order changing from pair to pair, and compares what they see.
func (w *weir) beside(ctx context.Context, masked querier, text string, runs int, mask map[string]func(string) string) (*pairs, error) {
	p := &pairs{}
	var plains, maskeds []time.Duration
	for i := range runs + 1 {
		var took [2]time.Duration
		var rows [2][][]*string
		for j := range 2 {
			who := (i + j) % 2
			start := time.Now()
			var err error
			if rows[who], err = readAll(ctx, []querier{w.db, masked}[who], text); err != nil {
				return nil, err
			}
			took[who] = time.Since(start)
		}
		if i == 0 {
			names, err := columnNames(ctx, w.db, text)
			if err != nil {
				return nil, err
			}
			p.differs = differ(result{rows: rows[1]}, result{rows: maskRows(rows[0], names, mask)})
			continue
		}
		plains, maskeds = append(plains, took[0]), append(maskeds, took[1])
		p.ratios = append(p.ratios, took[1].Seconds()/took[0].Seconds())
	}
	p.plain, p.masked = median(plains), median(maskeds)
	return p, nil
}

// maskRows puts masks on columns by their names.
func maskRows(rows [][]*string, names []string, mask map[string]func(string) string) [][]*string {
	for _, row := range rows {
		for i, name := range names {
			if f := mask[name]; f != nil && row[i] != nil {
				s := f(*row[i])
				row[i] = &s
			}
		}
	}
	return rows
}

func columnNames(ctx context.Context, db querier, q string) ([]string, error) {
	rows, err := db.QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return rows.Columns()
}

func middle(list []float64) float64 {
	s := slices.Sorted(slices.Values(list))
	if len(s) == 0 {
		return 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
