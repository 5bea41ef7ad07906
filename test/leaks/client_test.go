package leaks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"weir/test/program"
)

const password = "pw-of-leaks-5177"

// users are who attacks; off, the officer, sees everything.
var users = []string{"non", "ana", "sal", "aud", "adm", "col"}

// server is a Weir over a world.
type server struct {
	*program.Server
	world      *world
	addr, http string
	data       string
}

// start runs a Weir over a world.
func start(t testing.TB, w *world) *server {
	t.Helper()
	policy, err := filepath.Abs("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{world: w, addr: program.FreeAddress(t), http: program.FreeAddress(t), data: filepath.Join(t.TempDir(), "data")}
	s.Server = program.Start(t, fmt.Sprintf(`listen: %s
http: %q
data_dir: %s
log: {level: debug}
memory: 512MiB
policy: %s
users:
  - {name: non, password: %[5]s}
  - {name: ana, password: %[5]s, roles: [analyst], attributes: {region: north}}
  - {name: sal, password: %[5]s, roles: [sales]}
  - {name: aud, password: %[5]s, roles: [auditor]}
  - {name: adm, password: %[5]s, roles: [admin]}
  - {name: off, password: %[5]s, roles: [officer]}
sources:
  pg: {kind: postgres, dsn: %q, schema: public}
  my: {kind: mysql, dsn: %q}
  lite: {kind: sqlite, path: %q}
  shut: {kind: sqlite, path: %q, default: deny}
lineage: {file: %q, namespace: leaks}
`, s.addr, s.http, s.data, policy, password, w.dsn["pg"], w.dsn["my"], w.dsn["lite"], w.dsn["shut"], filepath.Join(s.data, "lineage.jsonl")))
	db, err := sql.Open("mysql", s.address("tcp", "non"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s.Answers(db.Ping)
	return s
}

func (s *server) address(network, user string) string {
	return fmt.Sprintf("%s:%s@%s(%s)/?tls=false&allowCleartextPasswords=true", user, password, network, s.addr)
}

// session is one connection of a user, whose every byte from the server is kept.
type session struct {
	*server
	user string
	conn *sql.Conn
	tee  *tee
}

// tee keeps what is read.
type tee struct {
	net.Conn
	mu   sync.Mutex
	read []byte
}

// Read reads and keeps.
func (t *tee) Read(p []byte) (int, error) {
	n, err := t.Conn.Read(p)
	t.mu.Lock()
	t.read = append(t.read, p[:n]...)
	t.mu.Unlock()
	return n, err
}

// take returns what has been read since it was last called.
func (t *tee) take() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := string(t.read)
	t.read = t.read[:0]
	return out
}

var networks atomic.Int64

// login connects a user.
func (s *server) login(t testing.TB, user string) *session {
	t.Helper()
	out := &session{server: s, user: user}
	network := "tee" + strconv.FormatInt(networks.Add(1), 10)
	mysql.RegisterDialContext(network, func(ctx context.Context, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		out.tee = &tee{Conn: c}
		return out.tee, nil
	})
	db, err := sql.Open("mysql", s.address(network, user))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if out.conn, err = db.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { out.conn.Close() })
	return out
}

// answer is all that came back for a statement.
type answer struct {
	head string   // columns with their types
	rows []string // in order
	tail string   // the error
	raw  string   // the bytes of the protocol
}

// text is the answer; rows sorted unless the order counts.
func (a *answer) text(ordered bool) string {
	rows := a.rows
	if !ordered {
		rows = slices.Sorted(slices.Values(rows))
	}
	return a.head + "\n" + strings.Join(rows, "\n") + "\n" + a.tail
}

// run runs a statement, with arguments as a prepared one, and reads all of its answer.
func (s *session) run(statement string, args ...any) *answer {
	s.tee.take()
	a := &answer{}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err := s.read(ctx, a, statement, args)
	var refused *mysql.MySQLError
	switch {
	case err == nil:
	case errors.As(err, &refused):
		a.tail = fmt.Sprintf("error %d (%s): %s", refused.Number, refused.SQLState[:], refused.Message)
	default:
		a.tail = "broken: " + err.Error()
	}
	a.raw = s.tee.take()
	return a
}

func (s *session) read(ctx context.Context, a *answer, statement string, args []any) error {
	rows, err := s.conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for _, c := range types {
		length, _ := c.Length()
		nullable, _ := c.Nullable()
		precision, scale, _ := c.DecimalSize()
		a.head += fmt.Sprintf("%s %s(%d, %d, %d, %v) ", c.Name(), c.DatabaseTypeName(), length, precision, scale, nullable)
	}
	values := make([]sql.RawBytes, len(types))
	into := make([]any, len(types))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		var line strings.Builder
		for _, v := range values {
			if v == nil {
				line.WriteString("NULL\t")
				continue
			}
			line.Write(v)
			line.WriteByte('\t')
		}
		a.rows = append(a.rows, measured.ReplaceAllString(line.String(), "# ms"))
	}
	return rows.Err()
}

// measured are the times in EXPLAIN, which differ from run to run.
var measured = regexp.MustCompile(`\d+\.\d+ ms|ms": \d+(\.\d+)?(e-?\d+)?`)

// found are the canaries of a world in a text that aren't in what was asked.
func (w *world) found(text, asked string) (out []string) {
	text, asked = strings.ToLower(text), strings.ToLower(asked)
	for _, c := range w.canaries {
		if c := strings.ToLower(c); strings.Contains(text, c) && !strings.Contains(asked, c) && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

// files are the texts of all files below a directory.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		out[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fetch(t testing.TB, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	return string(text)
}
