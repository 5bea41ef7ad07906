package realservers

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
)

// StartPostgres starts a PostgreSQL of its own on a free port of 127.0.0.1. The caller stops it; it also ends with this process.
func StartPostgres(ctx context.Context) (*Server, error) {
	p, err := find(postgresPackage)
	if err != nil {
		return nil, err
	}
	// PostgreSQL refuses to run as root.
	return start(ctx, "PostgreSQL", []string{"postgres", "mysql", "nobody"}, func(r *room) (command, string, error) {
		password := randomHex(8)
		passwordFile := filepath.Join(r.dir, "password")
		if err := r.write(passwordFile, password); err != nil {
			return command{}, "", err
		}
		data := filepath.Join(r.dir, "data")
		err := r.run(p["initdb"], "-D", data, "-U", "weir", "-A", "scram-sha-256", "--pwfile="+passwordFile, "-E", "UTF8",
			"--locale=C.UTF-8", "--no-sync")
		if err != nil {
			return command{}, "", err
		}
		u := url.URL{Scheme: "postgres", User: url.UserPassword("weir", password), Host: r.host(), Path: "/postgres"}
		return command{path: p["postgres"], args: []string{
			"-D", data, "-p", strconv.Itoa(r.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=400",
			"-c", "shared_buffers=128MB", "-c", "timezone=UTC", "-c", "log_timezone=UTC",
		}}, u.String(), nil
	}, func(ctx context.Context, address string) error {
		c, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		return c.Close(ctx)
	})
}

// StartMariaDB starts a MariaDB of its own on a free port of 127.0.0.1. The caller stops it; it also ends with this process.
func StartMariaDB(ctx context.Context) (*Server, error) {
	p, err := find(mariadbPackage)
	if err != nil {
		return nil, err
	}
	return start(ctx, "MariaDB", []string{"mysql", "postgres", "nobody"}, func(r *room) (command, string, error) {
		password := randomHex(8)
		initFile := filepath.Join(r.dir, "init.sql")
		err := r.write(initFile, "CREATE USER weir@'%' IDENTIFIED BY '"+password+"';\nGRANT ALL PRIVILEGES ON *.* TO weir@'%' WITH GRANT OPTION;\n")
		if err != nil {
			return command{}, "", err
		}
		data := filepath.Join(r.dir, "data")
		// The data directory of the user that runs the server must not need a change of owner.
		err = r.run(p["mariadb-install-db"], "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal",
			"--skip-test-db", "--innodb-flush-method=nosync")
		if err != nil {
			return command{}, "", err
		}
		certificate, key, err := selfSigned()
		if err != nil {
			return command{}, "", err
		}
		certificateFile, keyFile := filepath.Join(r.dir, "cert.pem"), filepath.Join(r.dir, "key.pem")
		if err := errors.Join(r.write(certificateFile, certificate), r.write(keyFile, key)); err != nil {
			return command{}, "", err
		}
		cfg := mysql.NewConfig()
		cfg.User, cfg.Passwd, cfg.Net, cfg.Addr = "weir", password, "tcp", r.host()
		return command{path: p["mariadbd"], args: []string{
			"--no-defaults", "--datadir=" + data, "--bind-address=127.0.0.1", "--port=" + strconv.Itoa(r.port),
			"--socket=" + filepath.Join(r.dir, "s"), "--pid-file=" + filepath.Join(r.dir, "pid"), "--init-file=" + initFile,
			"--character-set-server=utf8mb4", "--collation-server=utf8mb4_nopad_bin", "--skip-name-resolve",
			"--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
			"--default-time-zone=+00:00", "--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0",
			"--skip-log-bin", "--innodb-buffer-pool-size=256M", "--max-connections=400", "--local-infile=1", "--tmpdir=" + r.dir,
			"--max-allowed-packet=64M", "--ssl-cert=" + certificateFile, "--ssl-key=" + keyFile,
		}}, cfg.FormatDSN(), nil
	}, func(ctx context.Context, address string) error {
		db, err := sql.Open("mysql", address)
		if err != nil {
			return err
		}
		defer db.Close()
		return db.PingContext(ctx)
	})
}

// command is the server's own command line.
type command struct {
	path string
	args []string
}

// start prepares a directory, starts a server in it and waits until it answers. A port that was taken in the meantime is
// the usual reason for a failure, so a start is tried again with another one.
func start(ctx context.Context, what string, users []string, prepare func(*room) (command, string, error),
	ping func(context.Context, string) error) (s *Server, err error) {
	for range 3 {
		if s, err = startOnce(ctx, what, users, prepare, ping); err == nil {
			return s, nil
		}
	}
	return nil, fmt.Errorf("starting a %s server for tests: %w", what, err)
}

func startOnce(ctx context.Context, what string, users []string, prepare func(*room) (command, string, error),
	ping func(context.Context, string) error) (*Server, error) {
	r, err := newRoom(users)
	if err != nil {
		return nil, err
	}
	c, address, err := prepare(r)
	if err != nil {
		os.RemoveAll(r.dir)
		return nil, err
	}
	s, err := r.serve(c)
	if err != nil {
		os.RemoveAll(r.dir)
		return nil, err
	}
	s.Address = address
	deadline := time.Now().Add(time.Minute)
	for {
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		err := ping(once, address)
		cancel()
		if err == nil {
			return s, nil
		}
		select {
		case <-s.ended:
			err := fmt.Errorf("%s ended at once: %s", what, r.log())
			s.Stop()
			return nil, err
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			s.Stop()
			return nil, fmt.Errorf("%s doesn't answer: %w", what, err)
		}
	}
}
