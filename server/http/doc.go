// Package http serves what operators look at: /healthz (the process lives), /readyz (it can answer statements), /metrics (Prometheus) and, only if
// asked for, /debug/pprof.
//
// What must hold: nothing here changes anything; metrics are registered where the caller says, never globally; a label never holds what a
// client sent (no statement texts, no user names), so that the number of series stays bounded.
package http
