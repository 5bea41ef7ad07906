package program

import (
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
)

// build builds weir once for all tests of the process.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "weir-program")
	if err != nil {
		return "", err
	}
	built = dir
	args := []string{"build", "-tags", "duckdb_arrow,gms_pure_go", "-o", filepath.Join(dir, "weir")}
	if os.Getenv("WEIR_CHAOS_RACE") != "" {
		args = append(args, "-race")
	}
	out, err := exec.Command("go", append(args, "weir/cmd/weir")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building weir: %w\n%s", err, out)
	}
	return filepath.Join(dir, "weir"), nil
})

var built string

// Build returns the program's file. It is built at the first call.
func Build(t testing.TB) string {
	t.Helper()
	binary, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// Main runs a package's tests and takes away what was built for them.
func Main(m *testing.M) {
	code := m.Run()
	if built != "" {
		os.RemoveAll(built)
	}
	os.Exit(code)
}

// Server is the running program.
type Server struct {
	T testing.TB
	// Dir holds the configuration and the log.
	Dir string
	// File is the configuration.
	File  string
	Cmd   *exec.Cmd
	Ended chan struct{}
}

// Start runs the program with a configuration, in a fresh directory. When the test ends it is told to end, and must. It may not answer yet.
func Start(t testing.TB, yaml string) *Server {
	t.Helper()
	binary := Build(t)
	s := &Server{T: t, Dir: t.TempDir(), Ended: make(chan struct{})}
	s.File = filepath.Join(s.Dir, "weir.yaml")
	if err := os.WriteFile(s.File, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(s.Dir, "weir.log"))
	if err != nil {
		t.Fatal(err)
	}
	s.Cmd = exec.Command(binary, "serve", "--config", s.File)
	s.Cmd.Env = append(os.Environ(), "GORACE=halt_on_error=1")
	s.Cmd.Stdout, s.Cmd.Stderr = log, log
	if err := s.Cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.Cmd.Wait(); close(s.Ended) }()
	t.Cleanup(func() {
		defer log.Close()
		if !s.Alive() {
			return
		}
		s.Cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.Ended:
		case <-time.After(30 * time.Second):
			t.Error("the server doesn't end when told to")
			s.Cmd.Process.Kill()
			<-s.Ended
		}
		if strings.Contains(s.Log(), "DATA RACE") {
			t.Errorf("a race:\n%s", s.Log())
		}
	})
	return s
}

// Answers waits until a ping succeeds. The test fails if the program has ended.
func (s *Server) Answers(ping func() error) {
	s.T.Helper()
	for deadline := time.Now().Add(30 * time.Second); ping() != nil; time.Sleep(20 * time.Millisecond) {
		if !s.Alive() {
			s.T.Fatalf("the server ended at once:\n%s", s.Log())
		}
		if time.Now().After(deadline) {
			s.T.Fatal("the server doesn't answer within 30 seconds")
		}
	}
}

// Alive reports whether the program runs.
func (s *Server) Alive() bool {
	select {
	case <-s.Ended:
		return false
	default:
		return true
	}
}

// Log is what the program has written.
func (s *Server) Log() string {
	text, _ := os.ReadFile(filepath.Join(s.Dir, "weir.log"))
	return string(text)
}

// FreeAddress is an address of 127.0.0.1 at which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
