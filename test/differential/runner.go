package differential

import (
	"context"
	"fmt"
	"strings"
	"time"

	"weir/test/reference"
)

// Side is one way to run a statement: a session on Weir with some setting.
type Side struct {
	Name    string
	Connect func(ctx context.Context) (*reference.Client, error)
	client  *reference.Client
}

// Runner runs statements on the reference and on all sides.
type Runner struct {
	Reference *Side
	Sides     []*Side
	// Timeout bounds one statement on one side.
	Timeout time.Duration
}

// Finding is what came of one statement on one side. Refused holds Weir's text if it refused the statement.
type Finding struct {
	Side       string
	Statement  *Statement
	Difference *Difference
	Refused    string
}

// text is a line for a report.
func (f Finding) text() string {
	if f.Refused != "" {
		return fmt.Sprintf("seed %d, %s, refused: %s\n  %s\n", f.Statement.Seed, f.Side, f.Refused, f.Statement.text())
	}
	return fmt.Sprintf("seed %d, %s, %s: %s\n  %s\n", f.Statement.Seed, f.Side, f.Difference.Kind, f.Difference.Detail, f.Statement.text())
}

// Close ends all sessions.
func (r *Runner) Close() {
	for _, s := range append([]*Side{r.Reference}, r.Sides...) {
		if s.client != nil {
			s.client.Close()
			s.client = nil
		}
	}
}

func (r *Runner) run(ctx context.Context, side *Side, s *Statement) *reference.Result {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	if side.client == nil {
		c, err := side.Connect(ctx)
		if err != nil {
			return &reference.Result{Err: fmt.Errorf("connecting: %w", err)}
		}
		side.client = c
	}
	for _, q := range s.Setup {
		if err := side.client.Exec(ctx, q); err != nil {
			return &reference.Result{Err: fmt.Errorf("%s: %w", q, err)}
		}
	}
	res := side.client.Query(ctx, s.SQL, s.Args...)
	if res.Code() < 0 { // the connection is of no use any more
		side.client.Close()
		side.client = nil
	}
	return res
}

// The codes of refusals: "not supported", what a least group doesn't let one compute, the reference's time limit and a name that means nothing.
const (
	codeUnsupported   = 1235
	codeDenied        = 1142
	codeTooSlow       = 1969
	codeUnknownColumn = 1054
)

// refuses reports whether an answer is a refusal of what can't be answered, or may not be because an expression over people one by one could fail.
func refuses(got *reference.Result) bool {
	return got.Code() == codeUnsupported || got.Code() == codeDenied && strings.Contains(got.Err.Error(), "must not be one that could fail")
}

// losesGroup says that the reference doesn't find a grouped column in HAVING: in some of its plans only one that is selected is found. The generator makes
// no names that mean nothing.
func losesGroup(want *reference.Result) bool {
	return want.Code() == codeUnknownColumn && strings.Contains(want.Err.Error(), "in 'HAVING'")
}

// Run runs a statement everywhere. skipped says that the reference has no answer to compare with.
func (r *Runner) Run(ctx context.Context, s *Statement) (findings []Finding, skipped bool) {
	want := r.run(ctx, r.Reference, s.onReference())
	if c := want.Code(); c == codeTooSlow || c == codeUnsupported || c < 0 || losesGroup(want) {
		return nil, true
	}
	for _, side := range r.Sides {
		got := r.run(ctx, side, s)
		if refuses(got) {
			findings = append(findings, Finding{side.Name, s, nil, got.Err.Error()})
			continue
		}
		if d := Compare(s, want, got); d != nil {
			findings = append(findings, Finding{side.Name, s, d, ""})
		}
	}
	return findings, false
}

// plan is how the side of a finding runs its statement, as lines.
func (r *Runner) plan(ctx context.Context, f Finding) string {
	out := ""
	for _, side := range r.Sides {
		if side.Name == f.Side {
			s := *f.Statement
			s.SQL = "EXPLAIN " + s.SQL
			for _, row := range r.run(ctx, side, &s).Rows {
				out += "\n    " + show(row[0])
			}
		}
	}
	return out
}

// Shrink finds a smaller statement with a difference of the same kind on the same side.
func (r *Runner) Shrink(ctx context.Context, f Finding, tries int) Finding {
	var side *Side
	for _, s := range r.Sides {
		if s.Name == f.Side {
			side = s
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	code := r.run(ctx, side, f.Statement).Code()
	Shrink(f.Statement, tries, func(s *Statement) bool {
		if time.Now().After(deadline) || s.q.distinctConstants() {
			return false
		}
		want := r.run(ctx, r.Reference, s.onReference())
		if want.Err != nil {
			return false
		}
		got := r.run(ctx, side, s)
		if refuses(got) {
			return false
		}
		d := Compare(s, want, got)
		if d == nil || d.Kind != f.Difference.Kind || d.Kind == "error" && got.Code() != code {
			return false // or a statement that only the reference takes
		}
		f.Statement, f.Difference = s, d
		return true
	})
	return f
}
