package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"weir/catalog"
	"weir/catalog/config"
	"weir/catalog/state"
	"weir/engine"
	"weir/engine/lineage/openlineage"
	"weir/engine/system"
	"weir/policy/account"
	"weir/policy/audit"
	"weir/server/http"
	"weir/server/mysql"
)

// running is a server of this process.
type running struct {
	Addr     string // of the MySQL protocol
	HTTPAddr string // of health and metrics; empty if switched off

	cfg    *config.Config
	log    *slog.Logger
	cat    *catalog.Catalog
	engine *engine.Engine
	state  *state.Store
	users  *account.Book
	mysql  *mysql.Server
	http   *http.Server // nil if switched off
	audit  *audit.Log   // nil if switched off
	lock   *os.File
	// lineage is nil if no events are told.
	lineage *openlineage.Emitter

	cancel context.CancelFunc
	done   chan struct{}
	err    error
	stop   sync.Once
}

// The share of the configured memory that the embedded engine may take before it spills; the rest is for Go's heap (batches under way,
// connections), whose collector is told so.
const engineShareNum, engineShareDen = 5, 8

// startServer starts a server that ends with ctx, or with Stop. It has both sockets open when it returns.
func startServer(ctx context.Context, cfg *config.Config, log *slog.Logger) (_ *running, err error) {
	r := &running{cfg: cfg, log: log, done: make(chan struct{})}
	defer func() {
		if err != nil {
			r.closeParts()
			if r.http != nil { // its context has ended, so this closes the socket
				err = errors.Join(err, r.http.Serve(ctx))
			}
		}
	}()
	if err := r.openDataDir(); err != nil {
		return nil, err
	}
	if err := r.openAudit(); err != nil {
		return nil, err
	}
	own := r.systemDatabase()
	if r.cat, err = catalog.Open(ctx, cfg, log, catalog.Builtin{Name: system.Database, Source: own}); err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	metrics := http.NewMetrics(registry)
	metrics.WatchSources(func() []http.SourceState { return sourceStates(r.cat) })
	if r.lineage, err = newLineage(cfg, registry, log); err != nil {
		return nil, err
	}
	memory := int64(cfg.Memory) / engineShareDen * engineShareNum
	debug.SetMemoryLimit(int64(cfg.Memory) - memory)
	r.engine, err = engine.New(engine.Config{Catalog: r.cat, System: own, Memory: memory, SpillDir: filepath.Join(cfg.DataDir, "spill"), Log: log,
		Follow: followLineage(r.lineage), Observe: func(o engine.Observation) { observe(metrics, o) }})
	if err != nil {
		return nil, fmt.Errorf("starting the embedded engine: %w", err)
	}
	if r.state, err = state.Open(ctx, state.Config{DSN: string(cfg.State.DSN), Dir: cfg.DataDir, Log: log}); err != nil {
		return nil, cfg.At("state", err)
	}
	if r.users, err = account.Open(ctx, r.state, usersOf(cfg), cfg.Login.Roles()...); err != nil {
		return nil, err
	}
	logins, err := loginOf(cfg)
	if err != nil {
		return nil, err
	}
	var certificate *tls.Config
	if cfg.TLS.Cert != "" {
		if certificate, err = mysql.LoadTLS(cfg.TLS.Cert, cfg.TLS.Key); err != nil {
			return nil, config.Problems{cfg.At("tls", err)}
		}
	}
	var clients *x509.CertPool
	if cfg.TLS.ClientCA != "" {
		if clients, err = mysql.LoadClientCA(cfg.TLS.ClientCA); err != nil {
			return nil, config.Problems{cfg.At("tls.client_ca", err)}
		}
	}

	ctx, r.cancel = context.WithCancel(ctx)
	if cfg.HTTP != "off" {
		r.http, err = http.New(http.Config{Listen: cfg.HTTP, Pprof: cfg.Profile, Metrics: registry, Log: log, Ready: func(context.Context) error {
			if ctx.Err() != nil {
				return errors.New("the server is stopping")
			}
			return nil
		}})
		if err != nil {
			return nil, err
		}
		r.HTTPAddr = r.http.Addr().String()
	}
	r.mysql, err = mysql.New(mysql.Config{Listen: cfg.Listen, Accounts: r.users, TLS: certificate, ClientCA: clients,
		RequireSecureTransport: cfg.TLS.RequireSecureTransport, Login: logins, DataDir: cfg.DataDir, Engine: queries{r.engine, cfg.Audit.Literals == "keep"},
		Catalog: listings{cat: r.cat, engine: r.engine}, Metrics: metrics, Audit: r.auditLog(), KeepLiterals: cfg.Audit.Literals == "keep", Log: log,
		MaxConnections:   cfg.Limits.MaxConnections,
		MaxExecutionTime: time.Duration(cfg.Limits.MaxExecutionTime)})
	if err != nil {
		return nil, err
	}
	r.Addr = r.mysql.Addr().String()
	go r.serve(ctx)
	return r, nil
}

// serve answers until ctx ends or a part fails. Health is answered until the last statement has ended.
func (r *running) serve(ctx context.Context) {
	health, stopHealth := context.WithCancel(context.WithoutCancel(ctx))
	healthEnded := make(chan error, 1)
	if r.http == nil {
		healthEnded <- nil
	} else {
		go func() {
			err := r.http.Serve(health)
			r.cancel()
			healthEnded <- err
		}()
	}
	err := r.mysql.Serve(ctx)
	r.cancel()
	stopHealth()
	r.err = errors.Join(err, <-healthEnded)
	r.closeParts()
	close(r.done)
}

// openDataDir makes the data directory this process's own and clears what an earlier one left in its spill directory.
func (r *running) openDataDir() (err error) {
	dir := r.cfg.DataDir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if r.lock, err = lockFile(filepath.Join(dir, "lock")); err != nil {
		return fmt.Errorf("data directory %s: %w", dir, err)
	}
	spill := filepath.Join(dir, "spill")
	if err := os.RemoveAll(spill); err != nil {
		return fmt.Errorf("clearing the spill directory: %w", err)
	}
	return os.MkdirAll(spill, 0o700)
}

// closeParts closes what was opened, the last first.
func (r *running) closeParts() {
	if r.cancel != nil {
		r.cancel()
	}
	if r.engine != nil {
		if err := r.engine.Close(); err != nil {
			r.log.Warn("closing the embedded engine", "error", err)
		}
	}
	if r.lineage != nil {
		closeLineage(r.lineage, r.log)
	}
	if r.cat != nil {
		closeCatalog(r.cat)
	}
	r.closeAudit()
	if r.state != nil {
		if err := r.state.Close(); err != nil {
			r.log.Warn("closing the state store", "error", err)
		}
	}
	if r.lock != nil {
		_ = r.lock.Close()
	}
}

// Reload changes to another configuration, or changes nothing and says why.
func (r *running) Reload(ctx context.Context, cfg *config.Config) error {
	changed := changedKeys(r.cfg, cfg)
	if err := r.recordReload(cfg.File(), changed, "begins"); err != nil {
		return err
	}
	err := r.reload(ctx, cfg)
	outcome := "ok"
	if err != nil {
		outcome = "refused"
	}
	return errors.Join(err, r.recordReload(cfg.File(), changed, outcome))
}

func (r *running) reload(ctx context.Context, cfg *config.Config) error {
	logins, err := loginOf(cfg)
	if err != nil {
		return err
	}
	// Policies first: a source that is new must not be readable before what hides its columns is known.
	if err := r.engine.SetPolicies(cfg); err != nil {
		return err
	}
	if err := r.cat.Reload(ctx, cfg); err != nil {
		return errors.Join(err, r.engine.SetPolicies(r.cfg))
	}
	if err := r.users.Configure(usersOf(cfg), cfg.Login.Roles()...); err != nil {
		return errors.Join(fmt.Errorf("changing the users: %w", err), r.cat.Reload(ctx, r.cfg), r.engine.SetPolicies(r.cfg))
	}
	if !reflect.DeepEqual(cfg.Login, r.cfg.Login) {
		r.mysql.SetLogin(logins)
	}
	for key, same := range map[string]bool{"listen": cfg.Listen == r.cfg.Listen, "http": cfg.HTTP == r.cfg.HTTP, "data_dir": cfg.DataDir == r.cfg.DataDir,
		"memory": cfg.Memory == r.cfg.Memory, "tls": cfg.TLS == r.cfg.TLS, "state": cfg.State == r.cfg.State, "limits": cfg.Limits == r.cfg.Limits, "log.format": cfg.Log.Format == r.cfg.Log.Format,
		"audit": cfg.Audit.Equal(r.cfg.Audit), "lineage": cfg.Lineage.Equal(r.cfg.Lineage)} {
		if !same {
			r.log.Warn("this key takes effect at the next start", "key", key)
		}
	}
	r.cfg = cfg
	return nil
}

// Done is closed when the server has ended; Err then tells why, nil for a stop.
func (r *running) Done() <-chan struct{} { return r.done }

// Err is why the server ended. Ask it after Done.
func (r *running) Err() error { return r.err }

// Stop ends the server, letting statements under way end for a while, and returns when it has.
func (r *running) Stop() {
	r.stop.Do(r.cancel)
	<-r.done
}

func usersOf(cfg *config.Config) []account.Configured {
	users := make([]account.Configured, len(cfg.Users))
	for i, u := range cfg.Users {
		users[i] = account.Configured{Name: u.Name, Password: string(u.Password), Roles: u.Roles, Attributes: u.Attributes, Require: requireOf(u)}
	}
	return users
}
