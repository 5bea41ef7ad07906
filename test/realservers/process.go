package realservers

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// Server is a server that this process started.
type Server struct {
	Address string // of an account that may create databases
	dir     string
	process *os.Process
	ended   chan struct{}
	reaper  *os.File // closing it, or ending this process, lets the reaper do its work
}

// Stop ends the server and removes its data.
func (s *Server) Stop() {
	s.process.Signal(syscall.SIGQUIT) // PostgreSQL: end at once; MariaDB: an orderly end
	<-s.ended
	s.reaper.Close()
	os.RemoveAll(s.dir)
}

// room is the directory, the port and the user of one server.
type room struct {
	dir  string
	port int
	cred *syscall.Credential // nil: this process's own user
}

// newRoom makes a directory that belongs to the user that will run the server: this one, or the first of users that exists
// if this one is root.
func newRoom(users []string) (*room, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &room{port: l.Addr().(*net.TCPAddr).Port}
	l.Close()
	if r.dir, err = os.MkdirTemp("", "weir-server-"); err != nil {
		return nil, err
	}
	if os.Geteuid() != 0 {
		return r, nil
	}
	for _, name := range users {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		r.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return r, os.Chown(r.dir, uid, gid)
	}
	os.RemoveAll(r.dir)
	return nil, fmt.Errorf("none of the users %s exists to run it", strings.Join(users, ", "))
}

func (r *room) host() string { return "127.0.0.1:" + strconv.Itoa(r.port) }

func (r *room) write(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	if r.cred == nil {
		return nil
	}
	return os.Chown(path, int(r.cred.Uid), int(r.cred.Gid))
}

func (r *room) command(path string, args ...string) *exec.Cmd {
	c := exec.Command(path, args...)
	c.Dir = r.dir
	c.Env = []string{"PATH=" + os.Getenv("PATH") + ":/usr/sbin:/sbin", "HOME=" + r.dir, "TMPDIR=" + r.dir, "LC_ALL=C.UTF-8", "TZ=UTC"}
	c.SysProcAttr = &syscall.SysProcAttr{Credential: r.cred}
	return c
}

// run runs a command to its end.
func (r *room) run(path string, args ...string) error {
	if out, err := r.command(path, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(path), err, tail(out))
	}
	return nil
}

// serve starts the server itself.
func (r *room) serve(c command) (*Server, error) {
	log, err := os.Create(filepath.Join(r.dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := r.command(c.path, c.args...)
	cmd.Stdout, cmd.Stderr = log, log
	endWithParent(cmd.SysProcAttr)
	s := &Server{dir: r.dir, ended: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The kernel sends the signal of endWithParent when the thread that started the child ends, so this thread stays.
		runtime.LockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	s.process = cmd.Process
	if s.reaper, err = startReaper(cmd.Process.Pid, r.dir); err != nil {
		s.process.Kill()
		return nil, err
	}
	return s, nil
}

// startReaper starts a process that waits for this one's end, however it comes, then ends the server and removes its directory.
// Nothing of a test process runs when it is killed, and a testing package has no hook after its last test.
func startReaper(pid int, dir string) (*os.File, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	const script = `read -r _; kill -QUIT "$1" 2>/dev/null
n=0; while kill -0 "$1" 2>/dev/null && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
kill -KILL "$1" 2>/dev/null; rm -rf "$2"`
	c := exec.Command("sh", "-c", script, "sh", strconv.Itoa(pid), dir)
	c.Stdin = read
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // not reached by an interrupt from the terminal
	if err := c.Start(); err != nil {
		write.Close()
		return nil, err
	}
	go c.Wait()
	return write, nil
}

// log is the end of what the server wrote.
func (r *room) log() string {
	b, _ := os.ReadFile(filepath.Join(r.dir, "log"))
	return tail(b)
}

func tail(b []byte) string {
	if len(b) > 1500 {
		b = b[len(b)-1500:]
	}
	return strings.TrimSpace(string(b))
}
