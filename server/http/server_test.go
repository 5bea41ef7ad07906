package http

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T, cfg Config) string {
	t.Helper()
	cfg.Listen = "127.0.0.1:0"
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return "http://" + s.Addr().String()
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.StatusCode, string(body)
}

func TestHealth(t *testing.T) {
	var down atomic.Bool
	url := start(t, Config{Ready: func(context.Context) error {
		if down.Load() {
			return errors.New("no source has answered yet")
		}
		return nil
	}})
	if status, body := get(t, url+"/healthz"); status != 200 || body != "ok\n" {
		t.Errorf("healthz: %d %q", status, body)
	}
	if status, _ := get(t, url+"/readyz"); status != 200 {
		t.Errorf("readyz: %d", status)
	}
	down.Store(true)
	if status, body := get(t, url+"/readyz"); status != 503 || !strings.Contains(body, "no source has answered") {
		t.Errorf("readyz when down: %d %q", status, body)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/"} {
		if status, _ := get(t, url+path); status != 404 {
			t.Errorf("%s is served without being asked for: %d", path, status)
		}
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := NewMetrics(reg)
	m.WatchSources(func() []SourceState {
		return []SourceState{{Name: "erp", Up: true, Tables: 5, Broken: 1}, {Name: "crm"}}
	})
	url := start(t, Config{Metrics: reg, Pprof: true})
	m.ConnectionOpened()
	m.ConnectionOpened()
	m.ConnectionClosed()
	m.LoginFailed()
	m.StatementDone("query", "ok", 3*time.Millisecond, 2*time.Millisecond, 10, 100)
	m.StatementDone("query", "1317", time.Second, 0, 0, 0)
	m.SourceStatementDone("erp", true, time.Millisecond, 10, 80)
	m.SourceStatementDone("erp", false, time.Millisecond, 0, 0)
	_, body := get(t, url+"/metrics")
	for _, want := range []string{"weir_connections 1", "weir_connections_total 2", "weir_failed_logins_total 1",
		`weir_statements_total{class="query",outcome="1317"} 1`, `weir_statements_total{class="query",outcome="ok"} 1`,
		`weir_statement_first_row_seconds_count{class="query"} 1`, `weir_statement_seconds_count{class="query"} 2`,
		"weir_sent_rows_total 10", "weir_sent_bytes_total 100", `weir_source_rows_total{source="erp"} 10`, `weir_source_statements_total{outcome="error",source="erp"} 1`,
		`weir_source_up{source="crm"} 0`, `weir_source_up{source="erp"} 1`, `weir_source_tables{source="erp",state="broken"} 1`, "process_resident_memory_bytes", "go_goroutines"} {
		if !strings.Contains(body, "\n"+want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if status, _ := get(t, url+"/debug/pprof/cmdline"); status != 200 {
		t.Errorf("pprof: %d", status)
	}
	NewMetrics(prometheus.NewRegistry()) // a second registry is no conflict
}
