package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// logBuffer is a log that a test reads while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const exited = "weir serve has ended with exit code"

// wait returns the first match of a pattern in the log.
func (l *logBuffer) wait(t *testing.T, pattern string) []string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		text := l.String()
		if m := re.FindStringSubmatch(text); m != nil {
			return m
		}
		if strings.Contains(text, exited) {
			break
		}
	}
	t.Fatalf("the log never matched %s:\n%s", pattern, l)
	return nil
}

// serveFile runs 'weir serve' and returns the address of the server, its log, and what stops it and gives the exit code.
func serveFile(t *testing.T, file string) (address string, log *logBuffer, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	log = &logBuffer{}
	code := make(chan int, 1)
	go func() {
		c := run(ctx, []string{"serve", "--config", file}, strings.NewReader(""), log, log)
		fmt.Fprintln(log, exited, c)
		code <- c
	}()
	stop = sync.OnceValue(func() int {
		cancel()
		select {
		case c := <-code:
			return c
		case <-time.After(20 * time.Second):
			t.Error("the server doesn't stop")
			return -1
		}
	})
	t.Cleanup(func() { stop() })
	return log.wait(t, `msg=serving mysql=(\S+)`)[1], log, stop
}

const federated = `SELECT a.name, count(*) AS n, sum(o.total) AS total, max(s.on_hand) AS stock
	FROM crm.accounts a JOIN erp.orders o ON o.account = a.id JOIN inventory.stock s ON s.account = a.id
	GROUP BY a.name ORDER BY a.name;`

func get(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r.Status + " " + string(body)
}

func TestServe(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	systems := newSystems(t)
	file := systems.config(t)
	before := goleak.IgnoreCurrent()
	address, log, stop := serveFile(t, file)
	client := []string{"--server", address, "--user", "ana", "--password-env", "ANA_PASSWORD"}
	sql := func(text string, more ...string) []string {
		return append(append([]string{"sql", text}, client...), more...)
	}

	want := "name,n,total,stock\naccount 1,10,690.00,10\naccount 2,10,705.00,20\naccount 3,10,720.00,30\n"
	if got := expect(t, 0, nil, sql(federated, "-o", "csv")...); got != want {
		t.Errorf("rows:\n%swant:\n%s", got, want)
	}
	if got := expect(t, 0, nil, sql(federated, "-o", "json")...); !strings.HasPrefix(got, `{"name": "account 1", "n": 10, "total": 690.00, "stock": 10}`) {
		t.Errorf("json: %s", got)
	}
	expect(t, 0, []string{"+-", "| account 3 |", "690.00 |", "3 rows"}, sql(federated)...)
	expect(t, 0, []string{"erp", "crm", "inventory"}, append([]string{"explain", federated}, client...)...)
	expect(t, 0, []string{"crm", "information_schema"}, sql("SHOW DATABASES")...)
	expect(t, exitFailed, []string{"ERROR 1146 (42S02)", "'erp.nope' doesn't exist"}, sql("SELECT * FROM erp.nope")...)
	expect(t, exitFailed, []string{"ERROR 1290"}, sql("DELETE FROM erp.orders")...)
	expect(t, exitUsage, []string{"ANA_WRONG"}, "sql", "SELECT 1", "--server", address, "--user", "ana", "--password-env", "ANA_WRONG")
	expect(t, exitUsage, []string{"unknown output format"}, sql("SELECT 1", "-o", "xml")...)
	expect(t, exitUsage, []string{"there is no statement"}, sql(" ; ")...)

	httpAddress := log.wait(t, `http=(\S+)`)[1]
	for path, text := range map[string]string{"/healthz": "ok", "/readyz": "ready",
		"/metrics": `weir_source_up{source="crm"} 1`} {
		if got := get(t, "http://"+httpAddress+path); !strings.Contains(got, text) {
			t.Errorf("%s has no %q: %s", path, text, got)
		}
	}
	if got := get(t, "http://"+httpAddress+"/metrics"); !regexp.MustCompile(`weir_source_rows_total\{source="inventory"\} [1-9]`).MatchString(got) {
		t.Errorf("no rows of a source are counted: %s", got)
	}

	// A second server must not clear the first one's spilled data.
	expect(t, exitFailed, []string{"another server uses it"}, "serve", "--config", file)

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(text, logged string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		log.wait(t, logged)
	}
	reload(string(text)+"nonsense: 1\n", `unknown key .*nonsense`)
	expect(t, 0, []string{"3 rows"}, sql(federated)...)
	reload(strings.Replace(string(text), "  crm:", "  crm2:", 1), `configuration read again`)
	expect(t, 0, []string{"10"}, sql("SELECT count(*) FROM crm2.accounts")...)
	expect(t, exitFailed, []string{"ERROR 1049", "crm"}, sql("SELECT count(*) FROM crm.accounts")...)

	if code := stop(); code != 0 {
		t.Errorf("exit code %d after a stop", code)
	}
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before) // a server that has stopped leaves nothing behind
	expect(t, exitUnreachable, []string{"weir serve"}, sql("SELECT 1")...)
	if strings.Contains(log.String(), "a secret of ana") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

// Without a server, the same statement is answered in the command's own process.
func TestSQLInProcess(t *testing.T) {
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	file := newSystems(t).config(t)
	expect(t, 0, []string{"account 2,10,705.00,20"}, "sql", "--config", file, "-o", "csv", federated)
	expect(t, 0, []string{"erp"}, "explain", "--config", file, "--analyze", federated)
	expect(t, exitFailed, []string{"ERROR 1054"}, "sql", "--config", file, "SELECT nope FROM erp.orders")
}

// A source that isn't there when the server starts fails its own statements with what to do, and comes back by itself.
func TestSourceComesBack(t *testing.T) {
	systems := newSystems(t)
	late := filepath.Join(t.TempDir(), "late.db")
	text, err := os.ReadFile(systems.config(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("ANA_PASSWORD", "a secret of ana")
	address, log, _ := serveFile(t, write(t, fmt.Sprintf("%s  late: {kind: sqlite, path: %q}\n", text, late)))
	sql := func(text string) []string {
		return []string{"sql", text, "--server", address, "--user", "ana", "--password-env", "ANA_PASSWORD", "-o", "csv"}
	}
	expect(t, exitFailed, []string{"ERROR 1429", "late", "tried again"}, sql("SELECT count(*) FROM late.stock")...)
	expect(t, 0, []string{"10"}, sql("SELECT count(*) FROM crm.accounts")...)
	expect(t, 0, []string{"late"}, sql("SHOW DATABASES")...)
	if err := os.Rename(systems.sqlite, late); err != nil {
		t.Fatal(err)
	}
	log.wait(t, `the source answers again" source=late`)
	expect(t, 0, []string{"3"}, sql("SELECT count(*) FROM late.stock")...)
}
