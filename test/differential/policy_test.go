package differential

import (
	"context"
	"flag"
	"testing"
	"time"

	"weir/test/reference"
)

var (
	policiesFlag     = flag.Int("policies", 12, "number of random policies")
	policySeedFlag   = flag.Uint64("policy-seed", 1, "seed of the first policy; the others follow")
	underPolicyFlag  = flag.Int("under-policy", 85, "number of statements under each policy")
	showPoliciesFlag = flag.Bool("show-policies", false, "log the rules of each policy")
)

// TestPolicies runs random statements under random policies: as a user with row filters and masks on Weir, with pushdown on and off, and on the reference over rows
// that were filtered and masked beforehand.
func TestPolicies(t *testing.T) {
	run, refused := underPolicies(t, false, func(p *Policy) func(seed uint64) *Statement { return NewGenerator(p.Seen).Statement })
	checkRefusals(t, run, refused)
}

// TestLeastGroups does the same with policies that show groups of enough people only: on the reference a HAVING counts them. Aggregates of expressions that could fail
// are refused there, which most random ones could; enough others must be answered.
func TestLeastGroups(t *testing.T) {
	run, refused := underPolicies(t, true, func(p *Policy) func(seed uint64) *Statement {
		if len(p.Least) == 0 {
			return nil
		}
		return func(seed uint64) *Statement { return groupStatement(p, seed) }
	})
	if answered := 2*run - refused; answered < 2*run/5 {
		t.Errorf("only %d of %d runs were answered", answered, 2*run)
	}
}

func underPolicies(t *testing.T, groups bool, statements func(p *Policy) func(seed uint64) *Statement) (run, refused int) {
	ctx := context.Background()
	set := reference.Dataset(*dataFlag)
	ref, err := reference.Start(ctx, set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ref.Stop)
	if err := ref.Load(ctx, set, raw); err != nil {
		t.Fatal(err)
	}
	c, err := ref.Connect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	count := *policiesFlag
	if groups {
		count = (count + 2) / 3
	}
	var policies []*Policy
	var users []User
	for i := range count {
		p, err := RandomPolicy(ctx, c, set, *policySeedFlag+uint64(i), groups)
		if err != nil {
			t.Fatalf("policy of seed %d: %v", *policySeedFlag+uint64(i), err)
		}
		policies, users = append(policies, p), append(users, p.User)
	}
	weir := StartWithPolicy(t, set, policyFile(policies), users)
	for i, p := range policies {
		t.Run(p.Name, func(t *testing.T) {
			next := statements(p)
			if next == nil {
				return
			}
			if err := ref.Load(ctx, p.Behind, ""); err != nil {
				t.Fatal(err)
			}
			r := &Runner{Timeout: 5 * time.Second, Reference: &Side{Name: "reference", Connect: ref.Connect}, Sides: []*Side{
				{Name: "weir", Connect: func(ctx context.Context) (*reference.Client, error) { return weir.ConnectAs(ctx, p.Name, true) }},
				{Name: "weir without pushdown", Connect: func(ctx context.Context) (*reference.Client, error) { return weir.ConnectAs(ctx, p.Name, false) }},
			}}
			defer r.Close()
			each := *underPolicyFlag
			if groups {
				each *= 3
			}
			seed := *seedFlag + uint64(i)*1_000_000
			n, no := runStatements(t, r, weir, next, seed, each)
			run, refused = run+n, refused+no
			if t.Failed() || *showPoliciesFlag {
				t.Logf("policy of seed %d:\n%s", *policySeedFlag+uint64(i), policyFile([]*Policy{p}))
			}
		})
	}
	t.Logf("%d statements under %d policies, %d runs refused", run, len(policies), refused)
	return run, refused
}
