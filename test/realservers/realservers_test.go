package realservers

import (
	"context"
	"database/sql"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestPostgres(t *testing.T) {
	var address string
	t.Run("fresh", func(t *testing.T) {
		address = Postgres(t)
		c, err := pgx.Connect(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		var encoding string
		if err := c.QueryRow(context.Background(), "SHOW server_encoding").Scan(&encoding); err != nil || encoding != "UTF8" {
			t.Errorf("encoding %q, %v", encoding, err)
		}
		if _, err := c.Exec(context.Background(), "CREATE TABLE t (a int)"); err != nil {
			t.Error(err)
		}
		// The connection stays open: dropping the database must not mind.
	})
	if c, err := pgx.Connect(context.Background(), address); err == nil {
		c.Close(context.Background())
		t.Error("the database is still there after its test")
	}
}

func TestMariaDB(t *testing.T) {
	var address string
	t.Run("fresh", func(t *testing.T) {
		address = MariaDB(t)
		if MariaDB(t) == address {
			t.Error("two requests gave one database")
		}
		db, err := sql.Open("mysql", address)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var collation, mode string
		if err := db.QueryRow("SELECT @@collation_database, @@sql_mode").Scan(&collation, &mode); err != nil {
			t.Fatal(err)
		}
		if collation != "utf8mb4_nopad_bin" || !strings.Contains(mode, "ONLY_FULL_GROUP_BY") {
			t.Errorf("collation %s, mode %s", collation, mode)
		}
	})
	db, err := sql.Open("mysql", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if db.Ping() == nil {
		t.Error("the database is still there after its test")
	}
}

// TestEndsWithProcess kills a process that started both servers; they and their directories must go too.
func TestEndsWithProcess(t *testing.T) {
	if os.Getenv("WEIR_TEST_CHILD") != "" {
		for _, start := range []func(context.Context) (*Server, error){StartPostgres, StartMariaDB} {
			s, err := start(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			os.Stdout.WriteString("\n@" + s.dir + "\n")
		}
		time.Sleep(time.Hour)
	}
	child := exec.Command(os.Args[0], "-test.run=TestEndsWithProcess")
	child.Env = append(os.Environ(), "WEIR_TEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var dirs []string
	buf, all := make([]byte, 4096), ""
	for len(dirs) < 2 {
		n, err := out.Read(buf)
		all += string(buf[:n])
		dirs = nil
		for line := range strings.Lines(all) {
			if dir, ok := strings.CutPrefix(line, "@"); ok && strings.HasSuffix(dir, "\n") {
				dirs = append(dirs, strings.TrimSpace(dir))
			}
		}
		if err != nil {
			t.Fatalf("the child said %q", all)
		}
	}
	child.Process.Kill()
	child.Wait()
	for _, dir := range dirs {
		for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			if _, err := os.Stat(dir); os.IsNotExist(err) {
				break
			}
			if time.Now().After(deadline) {
				t.Errorf("%s is still there", dir)
				break
			}
		}
	}
}
