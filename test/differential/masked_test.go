package differential

import (
	"context"
	"testing"
	"time"

	"weir/test/reference"
)

// keyed masks most columns by which the tables are joined and grouped with masks that need a key, which the planner computes late and rewrites where
// they are compared.
const keyed = `
keys: [{id: k1, key: "00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0", current: true}]
tags:
  - {tag: keys, columns: ["*.customers.id", "*.*.customer_id", "*.products.id", "*.*.product_id", "*.accounts.id", "*.*.account_id", "*.*.parent_id", "*.*.head_id"]}
  - {tag: texts, columns: ["*.*.name", "*.*.email", "*.*.region", "*.*.code", "*.*.kind", "*.*.tag", "*.*.status"]}
rules:
  - {name: keys, tag: keys, mask: {pseudonym: id}}
  - {name: texts, tag: texts, mask: {pseudonym: text}}
  - {name: dates, column: "*.*.born", mask: {pseudonym: text}}
  - {name: totals, column: "*.orders.total", mask: {pseudonym: total}}
  - {name: notes, column: "*.*.note", mask: {hash: text}}
  - {name: subjects, column: "*.*.subject", mask: {email: text}}
  - {name: lower, column: "*.*.title", mask: {sql: "weir_pseudonym('text', LOWER(title))"}}
`

// TestMasked runs random statements under masks with keys, with pushdown on and off: whatever is pushed in a mask's place must mean the same.
func TestMasked(t *testing.T) {
	set := reference.Dataset(*dataFlag)
	w := StartWithPolicy(t, set, keyed, nil)
	side := func(pushdown bool) func(context.Context) (*reference.Client, error) {
		return func(ctx context.Context) (*reference.Client, error) { return w.Connect(ctx, pushdown) }
	}
	runner := &Runner{Timeout: 5 * time.Second, Reference: &Side{Name: "weir without pushdown", Connect: side(false)}, Sides: []*Side{{Name: "weir", Connect: side(true)}}}
	t.Cleanup(runner.Close)
	g := NewGenerator(set)
	g.Free = true
	run, refused := runStatements(t, runner, w, g.Statement, *seedFlag, *countFlag/8)
	checkRefusals(t, run, refused)
}
