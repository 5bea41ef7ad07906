package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/catalog/config"
	"weir/engine"
	"weir/engine/lineage/openlineage"
)

// newLineage begins to tell lineage events; nil if none are to be told.
func newLineage(cfg *config.Config, reg prometheus.Registerer, log *slog.Logger) (*openlineage.Emitter, error) {
	l := cfg.Lineage
	if !l.On() {
		return nil, nil
	}
	e, err := openlineage.New(openlineage.Settings{File: l.File, URL: l.URL, APIKey: string(l.APIKey), Namespace: l.Namespace, SQL: l.SQL, Datasets: l.Datasets, Log: log})
	if err != nil {
		return nil, config.Problems{cfg.At("lineage", err)}
	}
	for outcome, count := range map[string]func() int64{
		"sent":    func() int64 { n, _, _ := e.Counts(); return n },
		"dropped": func() int64 { _, n, _ := e.Counts(); return n },
		"failed":  func() int64 { _, _, n := e.Counts(); return n },
	} {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "weir", Name: "lineage_events_total",
			Help:        "Lineage events by outcome: sent, dropped since too many waited, or failed to be written.",
			ConstLabels: prometheus.Labels{"outcome": outcome}}, func() float64 { return float64(count()) }))
	}
	return e, nil
}

// followLineage shows the emitter to the engine, which doesn't know it. Nil follows nothing.
func followLineage(e *openlineage.Emitter) func(engine.Followed) func(engine.Ended) {
	if e == nil {
		return nil
	}
	return func(f engine.Followed) func(engine.Ended) {
		end := e.Begin(openlineage.Statement{Text: f.Text, AnsiQuotes: f.AnsiQuotes, Lineage: f.Lineage})
		return func(x engine.Ended) { end(openlineage.End{Rows: x.Rows, Code: x.Code, Aborted: x.Aborted}) }
	}
}

// closeLineage gives the events that wait some time to be written.
func closeLineage(e *openlineage.Emitter, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		log.Warn("stopping", "error", err)
	}
}
