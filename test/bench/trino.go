package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

const (
	trinoVersion = "476"
	trinoJava    = 24 // the oldest that this version of Trino takes
	trinoHeap    = "4G"
)

// trino is a Trino server of this program's own, over the same databases.
type trino struct {
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
	dir     string
}

// startTrino fetches Trino by Maven if need be, and starts it on a free port of 127.0.0.1.
func startTrino(ctx context.Context, s *sources) (t *trino, err error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	home, err := fetchTrino(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "weir-bench-trino")
	if err != nil {
		return nil, err
	}
	t = &trino{dir: dir, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			t.stop()
		}
	}()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t.address = l.Addr().String()
	l.Close()
	if err := t.configure(s); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "trino.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	t.cmd = exec.Command(java, "-cp", filepath.Join(home, "lib", "*"), "-server", "-Xmx"+trinoHeap, "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError",
		"-Djdk.attach.allowAttachSelf=true", "-Dconfig="+filepath.Join(dir, "config.properties"), "-Dnode.environment=bench", "-Dnode.id=bench",
		"-Dnode.data-dir="+filepath.Join(dir, "data"), "io.trino.server.TrinoServer")
	t.cmd.Dir, t.cmd.Stdout, t.cmd.Stderr = home, log, log // it looks for its plug-ins in the working directory
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { t.cmd.Wait(); close(t.ended) }()
	return t, t.wait(ctx)
}

func (t *trino) stop() {
	if t.cmd != nil && t.cmd.Process != nil {
		t.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-t.ended:
		case <-time.After(20 * time.Second):
			t.cmd.Process.Kill()
			<-t.ended
		}
	}
	os.RemoveAll(t.dir)
}

// wait waits until the server says that it has started.
func (t *trino) wait(ctx context.Context) error {
	for deadline := time.Now().Add(3 * time.Minute); time.Now().Before(deadline); {
		select {
		case <-t.ended:
			b, _ := os.ReadFile(filepath.Join(t.dir, "trino.log"))
			return fmt.Errorf("trino ended at once: %s", b[max(0, len(b)-2000):])
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
		r, err := http.Get("http://" + t.address + "/v1/info")
		if err != nil {
			continue
		}
		b, err := io.ReadAll(r.Body)
		r.Body.Close()
		if err == nil && strings.Contains(string(b), `"starting":false`) {
			return nil
		}
	}
	return errors.New("trino didn't start within 3 minutes")
}

// configure writes Trino's settings and its two catalogs; the MariaDB one holds both databases.
func (t *trino) configure(s *sources) error {
	_, port, err := net.SplitHostPort(t.address)
	if err != nil {
		return err
	}
	pg, err := url.Parse(s.postgres)
	if err != nil {
		return err
	}
	password, _ := pg.User.Password()
	my, err := mysql.ParseDSN(s.crm)
	if err != nil {
		return err
	}
	catalogs := filepath.Join(t.dir, "catalog")
	if err := os.MkdirAll(catalogs, 0o700); err != nil {
		return err
	}
	for file, lines := range map[string][]string{
		"config.properties": {"coordinator=true", "node-scheduler.include-coordinator=true", "http-server.http.port=" + port,
			"node.internal-address=127.0.0.1", "node.bind-ip=127.0.0.1", "discovery.uri=http://" + t.address, "catalog.config-dir=" + catalogs},
		"catalog/erp.properties": {"connector.name=postgresql", "connection-url=jdbc:postgresql://" + pg.Host + pg.Path,
			"connection-user=" + pg.User.Username(), "connection-password=" + orAny(password)},
		"catalog/crm.properties": {"connector.name=mariadb", "connection-url=jdbc:mariadb://" + my.Addr,
			"connection-user=" + my.User, "connection-password=" + orAny(my.Passwd)},
	} {
		if err := os.WriteFile(filepath.Join(t.dir, file), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// orAny is a password, or any other text where there is none: Trino takes no empty one.
func orAny(password string) string {
	if password == "" {
		return "x"
	}
	return password
}

// fetchTrino gives the directory of the unpacked server, in the user's cache.
func fetchTrino(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "weir-bench")
	home := filepath.Join(cache, "trino-server-"+trinoVersion)
	if _, err := os.Stat(filepath.Join(home, "lib")); err == nil {
		return home, nil
	}
	fmt.Println("fetching Trino", trinoVersion, "by Maven")
	out, err := exec.CommandContext(ctx, "mvn", "-q", "dependency:get", "-Dartifact=io.trino:trino-server:"+trinoVersion+":tar.gz", "-Dtransitive=false").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("fetching Trino by Maven: %w: %s", err, out)
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	archive := filepath.Join(user, ".m2/repository/io/trino/trino-server", trinoVersion, "trino-server-"+trinoVersion+".tar.gz")
	unpacked, err := makeTemp(cache)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(unpacked)
	if out, err := exec.CommandContext(ctx, "tar", "xzf", archive, "-C", unpacked).CombinedOutput(); err != nil {
		return "", fmt.Errorf("unpacking Trino: %w: %s", err, out)
	}
	return home, os.Rename(filepath.Join(unpacked, filepath.Base(home)), home) // whole or not at all
}

func makeTemp(parent string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(parent, "unpack")
}

var javaVersion = regexp.MustCompile(`version "(\d+)`)

// findJava gives a Java that is new enough for Trino.
func findJava(ctx context.Context) (string, error) {
	var candidates []string
	if home := os.Getenv("JAVA_HOME"); home != "" {
		candidates = append(candidates, filepath.Join(home, "bin/java"))
	}
	installed, _ := filepath.Glob("/usr/lib/jvm/*/bin/java")
	for _, java := range append(append(candidates, "java"), installed...) {
		out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
		if err != nil {
			continue
		}
		if m := javaVersion.FindSubmatch(out); m != nil {
			if n, _ := strconv.Atoi(string(m[1])); n >= trinoJava {
				return java, nil
			}
		}
	}
	return "", fmt.Errorf("trino %s needs Java %d or newer, and there is none in JAVA_HOME, PATH or /usr/lib/jvm", trinoVersion, trinoJava)
}
