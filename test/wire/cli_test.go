package wire

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// client is the mysql or mariadb command, where there is one.
func (r *running) client(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	name, err := exec.LookPath("mysql")
	if err != nil {
		if name, err = exec.LookPath("mariadb"); err != nil {
			t.Skip("no mysql or mariadb client on this machine")
		}
	}
	host, port, _ := strings.Cut(r.addr, ":")
	cmd := exec.Command(name, append([]string{"--no-defaults", "-h", host, "-P", port, "-u", "ann", "--comments"}, args...)...)
	cmd.Env = append(os.Environ(), "MYSQL_PWD=pw-of-ann")
	return cmd
}

// The client prints the text protocol as it comes, floating point numbers included.
func TestClientTypes(t *testing.T) {
	r := start(t)
	out, err := r.client(t, "-N", "-e", "select c9, c11, c12, c13, c14, c20 from demo.types").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// The fake gives all columns whatever is asked for; these are the ones to look at.
	for row, line := range strings.Split(strings.TrimRight(string(out), "\n"), "\n") {
		cells := strings.Split(line, "\t")
		for _, column := range []int{0, 9, 11, 12, 13, 14, 18, 21} {
			want, isText := TypeCases[column].Text[row].(string)
			if !isText {
				want = "NULL"
			}
			if cells[column] != want {
				t.Errorf("%s row %d: %q, want %q", TypeCases[column].T, row, cells[column], want)
			}
		}
	}
}

// Ctrl-C in the client ends the statement within a second and tells so.
func TestClientInterrupt(t *testing.T) {
	r := start(t)
	cmd := r.client(t, "-e", "select * from demo.hangs")
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "statement runs", 3*time.Second, func() bool { return r.engine.Running.Load() == 1 })
	time.Sleep(100 * time.Millisecond)
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	eventually(t, "statement ends", time.Second, func() bool { return r.engine.Running.Load() == 0 })
	_ = cmd.Wait()
	if !strings.Contains(out.String(), "1317") && !strings.Contains(out.String(), "query aborted") {
		t.Errorf("the client says %q", out.String())
	}
}

// The client's prompt commands and several statements in one go.
func TestClientSession(t *testing.T) {
	r := start(t)
	out, err := r.client(t, "-N", "demo", "-e", "select 1; select database(); show tables like 'r%'; select /*+ MAX_EXECUTION_TIME(100) */ * from demo.hangs; select 2", "--force").CombinedOutput()
	text := string(out)
	if !strings.Contains(text, "1\ndemo\nregion\n") || !strings.Contains(text, "ERROR 3024 (HY000)") || !strings.HasSuffix(text, "2\n") {
		t.Errorf("%v: %s", err, text)
	}
}
