package http

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// DefaultListen is where the server listens if nothing else is configured: on this machine only.
const DefaultListen = "127.0.0.1:8306"

// Config is what a Server needs.
type Config struct {
	Listen string // empty is DefaultListen
	// Ready says why the process can't answer statements now; nil if it can. Nil is always ready.
	Ready func(ctx context.Context) error
	// Metrics are served at /metrics; nil serves none.
	Metrics prometheus.Gatherer
	// Pprof serves the Go runtime's profiles at /debug/pprof.
	Pprof bool
	Log   *slog.Logger // nil logs nothing
}

// Server serves health and metrics.
type Server struct {
	listener net.Listener
	server   *http.Server
}

// The time limits of a request: whoever is slower holds no connection for long. A profile may take a minute.
const (
	readTime  = 5 * time.Second
	writeTime = 90 * time.Second
	readyTime = 3 * time.Second
)

// New opens the server's socket. Serve must be called to answer.
func New(cfg Config) (*Server, error) {
	if cfg.Listen == "" {
		cfg.Listen = DefaultListen
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening for health and metrics on %s: %w", cfg.Listen, err)
	}
	return &Server{listener: l, server: &http.Server{Handler: handler(cfg), ReadHeaderTimeout: readTime, ReadTimeout: readTime, WriteTimeout: writeTime,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug)}}, nil
}

// Addr is the address that the server listens on.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve answers until ctx ends, then lets requests under way end for a moment. It returns nil after such a shutdown.
func (s *Server) Serve(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.server.Serve(s.listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("serving health and metrics: %w", err)
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := s.server.Shutdown(ending); err != nil {
		_ = s.server.Close()
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving health and metrics: %w", err)
	}
	return nil
}

// handler routes the paths.
func handler(cfg Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if cfg.Ready != nil {
			ctx, cancel := context.WithTimeout(r.Context(), readyTime)
			defer cancel()
			if err := cfg.Ready(ctx); err != nil {
				say(w, http.StatusServiceUnavailable, "not ready: "+err.Error())
				return
			}
		}
		say(w, http.StatusOK, "ready")
	})
	if cfg.Metrics != nil {
		mux.Handle("GET /metrics", promhttp.HandlerFor(cfg.Metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second,
			ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelWarn)}))
	}
	if cfg.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
