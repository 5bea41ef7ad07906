package differential

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"testing"
	"weir/test/realservers"
	"weir/test/reference"
)

// Weir is a running server of the program as it is built, over the three sources of the data set.
type Weir struct {
	cfg *mysql.Config
	log *bytes.Buffer
	cmd *exec.Cmd
}

const password = "differential"

// StartWeir builds the program, loads the data set into fresh sources and starts a server on them. It ends with the test.
func StartWeir(t testing.TB, set *reference.Set) *Weir {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	pg, my, lite := realservers.Postgres(t), realservers.MariaDB(t), filepath.Join(dir, "lite.db")
	for _, err := range []error{reference.LoadPostgres(ctx, pg, set), reference.LoadMariaDB(ctx, my, set), reference.LoadSQLite(lite, set)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	binary := filepath.Join(dir, "weir")
	build := exec.Command("go", "build", "-tags", "duckdb_arrow,gms_pure_go", "-o", binary, "weir/cmd/weir")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building weir: %v\n%s", err, out)
	}
	address := freeAddress(t)
	yaml := fmt.Sprintf(`listen: %s
http: "off"
data_dir: %s
memory: 2GiB
users:
  - {name: test, password: %s, roles: [admin]}
sources:
  pg: {kind: postgres, dsn: %q, schema: public}
  my: {kind: mysql, dsn: %q}
  lite: {kind: sqlite, path: %q}
`, address, filepath.Join(dir, "data"), password, pg, my, lite)
	file := filepath.Join(dir, "weir.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &Weir{log: &bytes.Buffer{}, cmd: exec.Command(binary, "serve", "--config", file)}
	w.cmd.Stdout, w.cmd.Stderr = w.log, w.log
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { w.cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		w.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(20 * time.Second):
			t.Error("the server doesn't end when told to")
			w.cmd.Process.Kill()
			<-ended
		}
	})
	w.cfg = mysql.NewConfig()
	w.cfg.User, w.cfg.Passwd, w.cfg.Net, w.cfg.Addr, w.cfg.TLSConfig = "test", password, "tcp", address, "skip-verify"
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		c, err := w.Connect(ctx, true)
		if err == nil {
			c.Close()
			return w
		}
		select {
		case <-ended:
			t.Fatalf("the server ended at once:\n%s", w.log)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("the server can't be reached: %v\n%s", err, w.log)
		}
	}
}

func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Connect opens a session with pushdown on or off.
func (w *Weir) Connect(ctx context.Context, pushdown bool) (*reference.Client, error) {
	settings := []string{"SET NAMES utf8mb4"}
	if !pushdown {
		settings = append(settings, "SET weir_pushdown = off")
	}
	return reference.Dial(ctx, w.cfg, settings...)
}

// tail is the end of the server's log.
func (w *Weir) tail() string {
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
