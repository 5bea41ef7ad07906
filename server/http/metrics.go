package http

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// Metrics counts what the server does. It satisfies the front door's interface for metrics. Safe for concurrent use.
type Metrics struct {
	connections prometheus.Gauge
	accepted    prometheus.Counter
	logins      prometheus.Counter

	statements *prometheus.CounterVec
	took       *prometheus.HistogramVec
	firstRow   *prometheus.HistogramVec
	rows       prometheus.Counter
	bytes      prometheus.Counter

	remote      *prometheus.CounterVec
	remoteTook  *prometheus.HistogramVec
	remoteRows  *prometheus.CounterVec
	remoteBytes *prometheus.CounterVec
	registry    prometheus.Registerer
}

// seconds are the histograms' buckets: from a point lookup to an hour.
var seconds = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600}

// NewMetrics makes the metrics and registers them, with those of the process and of Go's runtime. It panics if they are registered there already.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.CounterOpts {
		return prometheus.CounterOpts{Namespace: "weir", Name: name, Help: help}
	}
	histogram := func(name, help string) prometheus.HistogramOpts {
		return prometheus.HistogramOpts{Namespace: "weir", Name: name, Help: help, Buckets: seconds}
	}
	m := &Metrics{
		connections: prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "weir", Name: "connections", Help: "Client connections that are open."}),
		accepted:    prometheus.NewCounter(counter("connections_total", "Client connections accepted.")),
		logins:      prometheus.NewCounter(counter("failed_logins_total", "Logins refused.")),
		statements: prometheus.NewCounterVec(counter("statements_total", "Statements by class (query, catalog, session, refused) and outcome (ok, or MySQL's error code)."),
			[]string{"class", "outcome"}),
		took:     prometheus.NewHistogramVec(histogram("statement_seconds", "Time from a statement's arrival to its end, its rows read by the client."), []string{"class"}),
		firstRow: prometheus.NewHistogramVec(histogram("statement_first_row_seconds", "Time from a statement's arrival to its first row."), []string{"class"}),
		rows:     prometheus.NewCounter(counter("sent_rows_total", "Rows sent to clients.")),
		bytes:    prometheus.NewCounter(counter("sent_bytes_total", "Bytes of values sent to clients.")),
		remote:   prometheus.NewCounterVec(counter("source_statements_total", "Statements sent to a source, by outcome (ok, error)."), []string{"source", "outcome"}),
		remoteTook: prometheus.NewHistogramVec(histogram("source_statement_seconds", "Time of a source's statement, its rows read."),
			[]string{"source"}),
		remoteRows:  prometheus.NewCounterVec(counter("source_rows_total", "Rows read from a source."), []string{"source"}),
		remoteBytes: prometheus.NewCounterVec(counter("source_bytes_total", "Bytes read from a source."), []string{"source"}),
		registry:    reg,
	}
	reg.MustRegister(m.connections, m.accepted, m.logins, m.statements, m.took, m.firstRow, m.rows, m.bytes, m.remote, m.remoteTook, m.remoteRows, m.remoteBytes,
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), collectors.NewGoCollector())
	return m
}

// ConnectionOpened counts a connection.
func (m *Metrics) ConnectionOpened() {
	m.connections.Inc()
	m.accepted.Inc()
}

// ConnectionClosed counts its end.
func (m *Metrics) ConnectionClosed() { m.connections.Dec() }

// LoginFailed counts a refused login.
func (m *Metrics) LoginFailed() { m.logins.Inc() }

// StatementDone counts a statement's end.
func (m *Metrics) StatementDone(class, outcome string, took, firstRow time.Duration, rows, bytes int64) {
	m.statements.WithLabelValues(class, outcome).Inc()
	m.took.WithLabelValues(class).Observe(took.Seconds())
	if firstRow > 0 {
		m.firstRow.WithLabelValues(class).Observe(firstRow.Seconds())
	}
	m.rows.Add(float64(rows))
	m.bytes.Add(float64(bytes))
}

// SourceStatementDone counts the end of a statement that was sent to a source.
func (m *Metrics) SourceStatementDone(source string, ok bool, took time.Duration, rows, bytes int64) {
	outcome := "ok"
	if !ok {
		outcome = "error"
	}
	m.remote.WithLabelValues(source, outcome).Inc()
	m.remoteTook.WithLabelValues(source).Observe(took.Seconds())
	m.remoteRows.WithLabelValues(source).Add(float64(rows))
	m.remoteBytes.WithLabelValues(source).Add(float64(bytes))
}

// SourceState is what is known of a source.
type SourceState struct {
	Name           string
	Up             bool // could be read when last asked, or was never asked
	Tables, Broken int
}

// WatchSources adds metrics of the sources' states, asked for at each scrape.
func (m *Metrics) WatchSources(states func() []SourceState) {
	m.registry.MustRegister(sourceStates(states))
}

type sourceStates func() []SourceState

var (
	upDesc     = prometheus.NewDesc("weir_source_up", "1 if the source could be read when last asked, or was never asked.", []string{"source"}, nil)
	tablesDesc = prometheus.NewDesc("weir_source_tables", "Tables of the source; state broken are those that can't be read.", []string{"source", "state"}, nil)
)

// Describe implements prometheus.Collector.
func (sourceStates) Describe(out chan<- *prometheus.Desc) {
	out <- upDesc
	out <- tablesDesc
}

// Collect implements prometheus.Collector.
func (states sourceStates) Collect(out chan<- prometheus.Metric) {
	for _, s := range states() {
		up := 0.0
		if s.Up {
			up = 1
		}
		out <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, up, s.Name)
		out <- prometheus.MustNewConstMetric(tablesDesc, prometheus.GaugeValue, float64(s.Tables-s.Broken), s.Name, "readable")
		out <- prometheus.MustNewConstMetric(tablesDesc, prometheus.GaugeValue, float64(s.Broken), s.Name, "broken")
	}
}
