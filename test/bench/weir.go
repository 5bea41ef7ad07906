package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

// weir is a running server of the program.
type weir struct {
	cmd    *exec.Cmd
	ended  chan struct{}
	dir    string
	db     *sql.DB
	client *mysql.Config // of db
	idle   int64         // bytes of memory before the first statement
}

const password = "bench"

// startWeir builds the program, if need be, and starts it over the sources.
func startWeir(ctx context.Context, o *options, s *sources) (*weir, error) {
	dir, err := os.MkdirTemp("", "weir-bench")
	if err != nil {
		return nil, err
	}
	w := &weir{dir: dir, ended: make(chan struct{})}
	binary := o.binary
	if binary == "" {
		binary = filepath.Join(dir, "weir")
		out, err := exec.CommandContext(ctx, "go", "build", "-tags", "duckdb_arrow,gms_pure_go", "-o", binary, "weir/cmd/weir").CombinedOutput()
		if err != nil {
			os.RemoveAll(dir)
			return nil, fmt.Errorf("building weir: %w\n%s", err, out)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	file := filepath.Join(dir, "weir.yaml")
	policy := filepath.Join(dir, "policy.yaml")
	if err := os.WriteFile(policy, []byte(policyFile), 0o600); err != nil {
		return nil, err
	}
	yaml := fmt.Sprintf(`listen: %s
http: "off"
data_dir: %s
memory: %s
policy: %s
users:
  - {name: bench, password: %[5]s, roles: [admin]}
  - {name: %[6]s, password: %[5]s}
sources:
  erp: {kind: postgres, dsn: %[7]q, schema: public}
  crm: {kind: mysql, dsn: %[8]q}
  inventory: {kind: mysql, dsn: %[9]q}
`, address, filepath.Join(dir, "data"), o.memory, policy, password, maskedUser, s.postgres, s.crm, s.inventory)
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "weir.log"))
	if err != nil {
		return nil, err
	}
	w.cmd = exec.Command(binary, "serve", "--config", file)
	w.cmd.Stdout, w.cmd.Stderr = log, log
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { w.cmd.Wait(); log.Close(); close(w.ended) }()
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.Net, cfg.Addr, cfg.TLSConfig = "bench", password, "tcp", address, "skip-verify"
	w.client = cfg
	if w.db, err = w.as("bench"); err != nil {
		return nil, err
	}
	w.db.SetMaxIdleConns(400)
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if err = w.db.PingContext(ctx); err == nil {
			break
		}
		select {
		case <-w.ended:
			return nil, fmt.Errorf("weir ended at once:\n%s", w.log())
		default:
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("weir can't be reached: %w\n%s", err, w.log())
		}
	}
	w.idle = w.status("VmRSS")
	return w, nil
}

// as opens sessions of a user.
func (w *weir) as(user string) (*sql.DB, error) {
	cfg := w.client.Clone()
	cfg.User = user
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func (w *weir) log() string {
	b, _ := os.ReadFile(filepath.Join(w.dir, "weir.log"))
	return string(b[max(0, len(b)-4000):])
}

func (w *weir) stop() {
	w.db.Close()
	w.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-w.ended:
	case <-time.After(20 * time.Second):
		w.cmd.Process.Kill()
		<-w.ended
	}
	os.RemoveAll(w.dir)
}

// status is a size from the kernel's account of the process, in bytes; 0 where there is none.
func (w *weir) status(key string) int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(b), "\n") {
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n << 10
		}
	}
	return 0
}

// peak is the most memory that the process has had.
func (w *weir) peak() int64 { return w.status("VmHWM") }
