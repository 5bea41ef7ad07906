package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"weir/catalog/config"
)

func newServe() *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", Args: cobra.NoArgs,
		Long: `Run the server until SIGINT or SIGTERM; statements under way may end, for ten seconds. SIGHUP reads the configuration again: users, sources
and the log's level change at once, other keys at the next start, and a wrong file changes nothing. Logs go to standard error.

Exit codes: 0 stopped by a signal, 1 the server couldn't start or failed, 2 the configuration is wrong.`,
		Example: `  weir serve
  weir serve --config /etc/weir/weir.yaml
  kill -HUP "$(pidof weir)"    # read the configuration again`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(file)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), cfg, cmd.ErrOrStderr())
		},
	}
	configFlag(cmd, &file)
	return cmd
}

// serve runs a server until ctx ends, reading the configuration again at each SIGHUP.
func serve(ctx context.Context, cfg *config.Config, errs io.Writer) error {
	log, level := newLogger(cfg.Log, errs)
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	srv, err := startServer(ctx, cfg, log)
	if err != nil {
		return err
	}
	log.Info("serving", "mysql", srv.Addr, "http", srv.HTTPAddr, "version", version(), "pid", os.Getpid())
	for {
		select {
		case <-hangup:
			next, err := config.Load(cfg.File())
			if err == nil {
				err = srv.Reload(ctx, next)
			} else {
				err = errors.Join(err, srv.recordReload(cfg.File(), nil, "refused"))
			}
			if err != nil {
				logProblems(log, err)
				continue
			}
			level.Set(levelOf(next.Log.Level))
			cfg = next
			log.Info("configuration read again", "file", cfg.File())
		case <-srv.Done():
			srv.Stop()
			if err := srv.Err(); err != nil {
				return fmt.Errorf("the server failed: %w", err)
			}
			log.Info("stopped")
			return nil
		}
	}
}

func logProblems(log *slog.Logger, err error) {
	var problems config.Problems
	if !errors.As(err, &problems) {
		log.Error("configuration not changed", "error", err)
		return
	}
	for _, p := range problems {
		log.Error("configuration not changed", "problem", p.Error())
	}
}

func newLogger(cfg config.Log, out io.Writer) (*slog.Logger, *slog.LevelVar) {
	level := &slog.LevelVar{}
	level.Set(levelOf(cfg.Level))
	options := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(out, options)), level
	}
	return slog.New(slog.NewTextHandler(out, options)), level
}

func levelOf(name string) slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(name)) // the configuration has been validated
	return l
}
