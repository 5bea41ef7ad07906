package leaks

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// grants makes accounts by SQL, in both worlds: col may read some columns of people, one of them masked; dorm holds the role officer, which isn't active.
func grants(t *testing.T, servers [2]*server) {
	t.Helper()
	for _, s := range servers {
		adm := s.login(t, "adm")
		for _, statement := range []string{
			"CREATE USER col IDENTIFIED BY '" + password + "'", "CREATE USER dorm IDENTIFIED BY '" + password + "'", "GRANT officer TO dorm",
			"GRANT SELECT (id, label, day, note) ON pg.people TO col, dorm", "GRANT SELECT (id, label, day, note) ON my.people TO col, dorm",
			"GRANT SELECT (id, label, day, note) ON lite.people TO col, dorm", "GRANT SELECT ON lite.guesses TO col",
		} {
			if a := adm.run(statement); a.tail != "" {
				t.Fatalf("%s: %s", statement, a.tail)
			}
		}
	}
}

// clean fails the test if an answer holds a canary that wasn't asked for.
func (s *session) clean(t *testing.T, a *answer, asked string) {
	t.Helper()
	if found := s.world.found(a.raw+a.text(true), asked); len(found) > 0 {
		t.Errorf("%s: %s\nbrings out %v:\n%s", s.user, asked, found, clip(a.text(true)))
	}
}

// stories are attacks of more than one step.
func stories(t *testing.T, servers [2]*server) {
	t.Run("roles", func(t *testing.T) { roleStory(t, servers[0]) })
	t.Run("tokens", func(t *testing.T) { tokenStory(t, servers[1]) })
	t.Run("processes", func(t *testing.T) { processStory(t, servers[0]) })
	t.Run("fields", func(t *testing.T) { fieldStory(t, servers) })
}

// What was prepared while a role was active is run with those that are active now.
func roleStory(t *testing.T, s *server) {
	for _, db := range databases {
		c := s.login(t, "dorm")
		q := "SELECT id, note FROM " + db + ".people"
		c.clean(t, c.run(q), q)
		for _, statement := range []string{"SET ROLE officer", "GRANT SELECT ON *.* TO dorm", "PREPARE s FROM '" + q + "'", "PREPARE all_of_it FROM 'SELECT MAX(ssn) FROM " + db + ".people'"} {
			a := c.run(statement)
			if denied := strings.HasPrefix(statement, "GRANT"); (a.tail != "") != denied {
				t.Fatalf("%s: %q", statement, a.tail)
			}
		}
		binary, err := c.conn.PrepareContext(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		defer binary.Close()
		if a := c.run("EXECUTE s"); len(s.world.found(a.raw, "")) < visibleRows {
			t.Fatalf("an officer sees no notes over %s: the test shows nothing: %s", db, a.text(true))
		}
		if a := c.run("SET ROLE NONE"); a.tail != "" {
			t.Fatal(a.tail)
		}
		c.clean(t, c.run("EXECUTE s"), q)
		c.clean(t, c.run("EXECUTE all_of_it"), "MAX(ssn)")
		c.tee.take()
		rows, err := binary.QueryContext(t.Context())
		if err == nil {
			for rows.Next() {
			}
			rows.Close()
		}
		c.clean(t, &answer{raw: c.tee.take()}, q)
	}
}

// A token that is compared is sent to the source as the value for which it stands. Nothing that comes back tells that value.
func tokenStory(t *testing.T, s *server) {
	c := s.login(t, "non")
	for _, db := range databases {
		a := c.run("SELECT email FROM " + db + ".people")
		if len(a.rows) != visibleRows {
			t.Fatalf("%d tokens: %s", len(a.rows), a.tail)
		}
		for _, row := range a.rows[:3] {
			token := strings.TrimSuffix(row, "\t")
			for _, q := range []string{
				"SELECT id, email FROM {t} WHERE email = '{g}'", "SELECT id FROM {t} WHERE email IN ('{g}', 'x')", "SELECT id FROM {t} WHERE email = '{g}' AND EXP(1000 + id) > 0",
				"SELECT id FROM {t} WHERE email > '{g}'", "SELECT CONCAT(email, '{g}') FROM {t} WHERE email = '{g}'", "SELECT id FROM {t} WHERE email = '{g}' AND 1 / (id - id) > 0",
				"SELECT a.id FROM {t} a JOIN lite.people b ON a.email = b.email WHERE a.email = '{g}'", "SELECT CAST(email AS JSON) FROM {t} WHERE email = '{g}'",
				"SELECT email, COUNT(*) FROM {t} GROUP BY email", "SELECT MAX(email) FROM {t} WHERE email <> '{g}'", "SELECT weir_reveal('{g}')", "SELECT weir_renew('{g}')",
				"SELECT id FROM {t} WHERE weir_reveal(email) LIKE 'zq%'", "SELECT (SELECT id FROM {db}.guesses WHERE {t}.email = '{g}') FROM {t}",
			} {
				q = strings.NewReplacer("{t}", db+".people", "{db}", db, "{g}", token).Replace(q)
				for _, before := range []string{"", "EXPLAIN ", "EXPLAIN FORMAT=JSON ", "EXPLAIN ANALYZE ", "EXPLAIN ANALYZE FORMAT=JSON ", "EXPLAIN LINEAGE "} {
					c.clean(t, c.run(before+q), before+q)
				}
				c.clean(t, c.run("SHOW WARNINGS"), q)
			}
		}
	}
	for _, q := range []string{"SELECT * FROM weir.audit", "SHOW FULL PROCESSLIST"} { // an administrator sees the statements, but not what the tokens stood for
		adm := s.login(t, "adm")
		asked := ""
		for _, db := range databases {
			for _, x := range (&world{name: "a"}).secrets(db) {
				asked += x.literal
			}
		}
		adm.clean(t, adm.run(q), asked)
	}
}

// Other people's statements are theirs.
func processStory(t *testing.T, s *server) {
	secret := word("said by an officer only")
	s.world.canaries = append(s.world.canaries, secret)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	off := s.login(t, "off")
	go func() {
		defer close(done)
		rows, err := off.conn.QueryContext(ctx, fmt.Sprintf("SELECT COUNT(*) FROM lite.guesses a, lite.guesses b, lite.guesses c, lite.guesses d, lite.guesses e, lite.guesses f WHERE '%s' <> a.word", secret))
		if err == nil {
			rows.Close()
		}
	}()
	adm, found := s.login(t, "adm"), false
	for deadline := time.Now().Add(10 * time.Second); !found && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found = strings.Contains(adm.run("SHOW FULL PROCESSLIST").text(true), secret)
	}
	if !found {
		t.Error("an administrator doesn't see the statement: the test shows nothing")
	}
	for _, user := range []string{"non", "ana", "col"} {
		c := s.login(t, user)
		for _, q := range []string{"SHOW FULL PROCESSLIST", "SHOW PROCESSLIST", "SELECT * FROM information_schema.processlist", "SELECT * FROM performance_schema.processlist",
			"SELECT * FROM performance_schema.threads", "SELECT * FROM performance_schema.events_statements_current", "SELECT * FROM sys.processlist", "SELECT * FROM sys.session",
			"SELECT * FROM weir.statements", "SELECT * FROM weir.audit", "SHOW STATUS", "EXPLAIN FOR CONNECTION 4"} {
			c.clean(t, c.run(q), q)
		}
	}
	cancel()
	<-done
}

// COM_FIELD_LIST asks for a table's columns without a statement.
func fieldStory(t *testing.T, servers [2]*server) {
	for _, user := range []string{"non", "col", "off"} {
		for _, db := range databases {
			var answers [2]string
			for i, s := range servers {
				c := s.login(t, user)
				c.run("USE " + db)
				answers[i] = c.fieldList(t, "people")
				if user == "off" {
					if !strings.Contains(answers[i], "ssn") {
						t.Errorf("an officer doesn't see all fields over %s: the test shows nothing", db)
					}
					continue
				}
				if found := s.world.found(answers[i], ""); len(found) > 0 || strings.Contains(answers[i], "ssn") {
					t.Errorf("%s over %s: the fields show %v in %q", user, db, found, answers[i])
				}
			}
			if user != "off" && answers[0] != answers[1] {
				t.Errorf("%s over %s: fields tell the worlds apart: %q and %q", user, db, answers[0], answers[1])
			}
			c := servers[0].login(t, user)
			c.run("USE " + db)
			vault := "vault_" + word("a", db, "table")
			absent, hidden := c.fieldList(t, "vault_zq0000000000"), c.fieldList(t, vault)
			if user != "off" && strings.ReplaceAll(hidden, vault, "") != strings.ReplaceAll(absent, "vault_zq0000000000", "") {
				t.Errorf("%s over %s: a hidden table's fields are answered %q, a missing one's %q", user, db, hidden, absent)
			}
		}
	}
}

// fieldList sends COM_FIELD_LIST on the session's socket and reads the answer's packets.
func (s *session) fieldList(t *testing.T, table string) string {
	t.Helper()
	packet := append([]byte{0, 0, 0, 0, 4}, table+"\x00"...)
	packet[0] = byte(len(packet) - 4)
	c := s.tee.Conn
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	defer c.SetDeadline(time.Time{})
	if _, err := c.Write(packet); err != nil {
		t.Fatal(err)
	}
	out := ""
	for {
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			t.Fatal(err)
		}
		head[3] = 0
		body := make([]byte, binary.LittleEndian.Uint32(head[:]))
		if _, err := io.ReadFull(c, body); err != nil {
			t.Fatal(err)
		}
		out += string(body) + "\n"
		if body[0] == 0xff || body[0] == 0xfe && len(body) < 9 {
			return out
		}
	}
}
