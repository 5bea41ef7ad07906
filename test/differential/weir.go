package differential

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"weir/test/realservers"
	"weir/test/reference"
)

// Weir is a running server of the program as it is built, over the three sources of the data set. One that dies is started again
// by the next Connect, and counted.
type Weir struct {
	cfg          *mysql.Config
	binary, file string // the program, and its configuration
	logFile      *os.File
	cmd          *exec.Cmd
	ended        chan struct{}
	Crashes      int
	// The addresses of the databases behind the sources pg and my.
	postgres, mariadb string
}

const password = "differential"

// program builds weir once for all tests of the process; removeProgram removes it.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "weir-differential")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "weir")
	out, err := exec.Command("go", "build", "-tags", "duckdb_arrow,gms_pure_go", "-o", binary, "weir/cmd/weir").CombinedOutput()
	if err != nil {
		os.RemoveAll(dir)
		return "", fmt.Errorf("building weir: %w\n%s", err, out)
	}
	built = dir
	return binary, nil
})

var built string // the directory of the program, once it is built

func removeProgram() {
	if built != "" {
		os.RemoveAll(built)
	}
}

// StartWeir builds the program, loads the data set into fresh sources and starts a server on them. It ends with the test.
func StartWeir(t testing.TB, set *reference.Set) *Weir { return StartWithPolicy(t, set, "", nil) }

// User is an account beside the one that sees all.
type User struct {
	Name       string
	Roles      []string
	Attributes map[string]string
}

// StartWithPolicy is StartWeir with the text of a policy file, and users.
func StartWithPolicy(t testing.TB, set *reference.Set, policy string, users []User) *Weir {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	pg, my, lite := realservers.Postgres(t), realservers.MariaDB(t), filepath.Join(dir, "lite.db")
	for _, err := range []error{reference.LoadPostgres(ctx, pg, set), reference.LoadMariaDB(ctx, my, set), reference.LoadSQLite(lite, set)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	yaml := fmt.Sprintf(`listen: %s
http: "off"
log: {level: debug}
data_dir: %s
memory: 2GiB
%ssources:
  pg: {kind: postgres, dsn: %q, schema: public}
  my: {kind: mysql, dsn: %q}
  lite: {kind: sqlite, path: %q}
`, address, filepath.Join(dir, "data"), accounts(users), pg, my, lite)
	if policy != "" {
		yaml += "policy: policy.yaml\n"
		if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte(policy), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "weir.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "weir.log"))
	if err != nil {
		t.Fatal(err)
	}
	w := &Weir{binary: binary, file: file, logFile: log, postgres: pg, mariadb: my}
	w.cfg = mysql.NewConfig()
	w.cfg.User, w.cfg.Passwd, w.cfg.Net, w.cfg.Addr, w.cfg.TLSConfig = "test", password, "tcp", address, "skip-verify"
	if err := w.start(ctx); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-w.ended:
		case <-time.After(20 * time.Second):
			t.Error("the server doesn't end when told to")
			w.cmd.Process.Kill()
			<-w.ended
		}
		log.Close()
	})
	return w
}

// accounts are the users as the configuration writes them.
func accounts(users []User) string {
	out := "users:\n  - {name: test, password: " + password + ", roles: [admin]}\n"
	for _, u := range users {
		out += fmt.Sprintf("  - name: %q\n    password: %s\n    roles: [%s]\n    attributes:\n", u.Name, password, strings.Join(u.Roles, ", "))
		for k, v := range u.Attributes {
			out += fmt.Sprintf("      %s: %q\n", k, v)
		}
	}
	return out
}

// start starts the program and waits until it answers.
func (w *Weir) start(ctx context.Context) error {
	w.cmd, w.ended = exec.Command(w.binary, "serve", "--config", w.file), make(chan struct{})
	w.cmd.Stdout, w.cmd.Stderr = w.logFile, w.logFile
	if err := w.cmd.Start(); err != nil {
		return err
	}
	cmd, ended := w.cmd, w.ended
	go func() { cmd.Wait(); close(ended) }()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		c, err := reference.Dial(ctx, w.cfg)
		if err == nil {
			return c.Close()
		}
		select {
		case <-w.ended:
			return fmt.Errorf("the server ended at once:\n%s", w.tail())
		default:
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the server can't be reached: %w\n%s", err, w.tail())
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
	return w.ConnectAs(ctx, "test", pushdown)
}

// ConnectAs opens a session of a user.
func (w *Weir) ConnectAs(ctx context.Context, user string, pushdown bool) (*reference.Client, error) {
	cfg := w.cfg.Clone()
	cfg.User = user
	settings := []string{"SET NAMES utf8mb4"}
	if !pushdown {
		settings = append(settings, "SET weir_pushdown = off")
	}
	c, err := reference.Dial(ctx, cfg, settings...)
	if err == nil {
		return c, nil
	}
	select {
	case <-w.ended:
	case <-time.After(time.Second): // it lives, and refuses all the same
		return nil, err
	}
	w.Crashes++
	if err := w.start(ctx); err != nil {
		return nil, err
	}
	return reference.Dial(ctx, cfg, settings...)
}

// tail is the end of the server's log, cut to what can be read.
func (w *Weir) tail() string {
	text, err := os.ReadFile(w.logFile.Name())
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	lines = lines[max(0, len(lines)-12):]
	for i, l := range lines {
		lines[i] = l[:min(len(l), 400)]
	}
	return strings.Join(lines, "\n")
}

// cause is what the server's log says of the last statement that failed.
func (w *Weir) cause() string {
	lines := strings.Split(w.tail(), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if _, cause, ok := strings.Cut(lines[i], "cause="); ok {
			return cause
		}
	}
	return ""
}
