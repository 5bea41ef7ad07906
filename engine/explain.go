package engine

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/exec"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// ExplainMode says whether and how a statement is explained instead of answered.
type ExplainMode uint8

// The modes. Analyze runs the statement, throws its rows away and adds what was measured. Lineage tells where the result's columns come from.
const (
	NoExplain ExplainMode = iota
	ExplainText
	ExplainJSON
	ExplainAnalyze
	ExplainAnalyzeJSON
	ExplainLineage
	ExplainLineageJSON
)

func explainMode(x *sqlparser.Explain) (ExplainMode, error) {
	switch format := strings.ToLower(strings.Trim(x.ExplainFormat, "'\" ")); {
	case format == "lineage" && !x.Analyze, format == "lineage table" && !x.Analyze:
		return ExplainLineage, nil
	case format == "lineage json" && !x.Analyze:
		return ExplainLineageJSON, nil
	case strings.HasPrefix(format, "lineage"):
		return NoExplain, sqlerr.Unsupported.New("This version of Weir doesn't yet support this form of EXPLAIN LINEAGE; use EXPLAIN LINEAGE [FORMAT=JSON]")
	case format == "json" && x.Analyze:
		return ExplainAnalyzeJSON, nil
	case format == "json":
		return ExplainJSON, nil
	case format == "" || format == "tree" || format == "traditional":
		if x.Analyze {
			return ExplainAnalyze, nil
		}
		return ExplainText, nil
	}
	return NoExplain, sqlerr.Unsupported.New("This version of Weir doesn't yet support 'EXPLAIN FORMAT=%s'; use TREE or JSON", x.ExplainFormat)
}

// columns are the result's columns.
func (m ExplainMode) columns() []bind.Output {
	if m == ExplainLineage {
		return lineageColumns
	}
	return explainColumns
}

// explainColumns are the columns of all but a lineage: one text.
var explainColumns = []bind.Output{{Column: rel.Column{ID: 1, Name: "EXPLAIN", T: rel.Type{Kind: rel.Text, NotNull: true}}}}

func (e *Engine) explain(ctx context.Context, p *prepared, mode ExplainMode) (*Result, error) {
	var stats *exec.Stats
	if mode == ExplainAnalyze || mode == ExplainAnalyzeJSON {
		s, err := e.measure(ctx, p)
		if err != nil {
			return nil, err
		}
		stats = s
		p.watch.runs(*s)
	}
	x, err := plan.Explain(p.plan, e.local)
	if err != nil {
		return nil, sqlerr.Internal.New("printing the plan").With(err)
	}
	x.PlanningMillis = millis(p.took)
	if stats != nil {
		addMeasured(x, stats)
	}
	if len(p.applied) > 0 {
		x.Discreet(slices.ContainsFunc(p.applied, func(a Applied) bool { return a.HidesRows() }))
	}
	var lines []string
	if mode == ExplainJSON || mode == ExplainAnalyzeJSON {
		lines = []string{x.JSON()}
	} else {
		lines = x.Lines()
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema([]rel.Column{explainColumns[0].Column}))
	defer b.Release()
	b.Field(0).(*array.StringBuilder).AppendValues(lines, nil)
	return &Result{Columns: explainColumns, engine: e, ctx: ctx, watch: p.watch, stored: []arrow.RecordBatch{b.NewRecordBatch()}}, nil
}

// measure runs the statement to its end and throws the rows away.
func (e *Engine) measure(ctx context.Context, p *prepared) (*exec.Stats, error) {
	p.watch.runs(exec.Stats{})
	run, err := e.exec.Start(ctx, p.plan, p.lease.Source)
	if err != nil {
		return nil, err
	}
	defer run.Close()
	for {
		b, err := run.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		b.Release()
	}
	run.Close()
	s := run.Stats()
	return &s, nil
}

func addMeasured(x *plan.Explanation, s *exec.Stats) {
	rows, ms := s.Rows, millis(s.Elapsed)
	x.ActualRows, x.ElapsedMillis = &rows, &ms
	for i, f := range s.Fragments {
		x.Fragments[i].Actual = &plan.Actual{SQL: f.SQL, Rows: f.Rows, Bytes: f.Bytes, FirstMillis: millis(f.First), Millis: millis(f.Elapsed),
			Keys: max(f.Keys, 0), Skipped: f.Skipped}
	}
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
