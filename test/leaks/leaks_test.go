package leaks

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"weir/test/program"
)

var (
	seed   = flag.Uint64("leaks.seed", 1, "which roles and columns are attacked by which statements")
	rounds = flag.Int("leaks.rounds", 0, "how many columns each role attacks by each statement at each source, with and without pushdown; 0 is one in a fifth of these cases")
	only   = flag.String("leaks.only", "", "only the attacks that contain this text, on one column each everywhere")
)

func TestMain(m *testing.M) { program.Main(m) }

// worlds are two worlds and what runs over them.
func worlds(t *testing.T) [2]*server {
	var out [2]*server
	var wg sync.WaitGroup
	for i, name := range []string{"a", "b"} {
		wg.Go(func() { out[i] = start(t, newWorld(t, name)) })
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	return out
}

// twins are sessions of one user in both worlds.
type twins [2]*session

func (w twins) do(a *attack, s secret, guess string, prepared bool) (x, y []step) {
	var wg sync.WaitGroup
	wg.Go(func() { y = w[1].do(a, s, guess, prepared) })
	x = w[0].do(a, s, guess, prepared)
	wg.Wait()
	return x, y
}

func (w twins) set(statement string) {
	for _, s := range w {
		s.run(statement)
	}
}

func TestLeaks(t *testing.T) {
	servers := worlds(t)
	t.Logf("seed %d, rounds %d", *seed, *rounds)
	attacks := readAttacks(t)
	secrets := map[string][]secret{}
	for _, db := range databases {
		secrets[db] = servers[0].world.secrets(db)
	}
	login := func(user string) twins { return twins{servers[0].login(t, user), servers[1].login(t, user)} }
	grants(t, servers)
	t.Run("power", func(t *testing.T) { power(t, login("off"), attacks, secrets) })
	t.Run("attacks", func(t *testing.T) {
		for _, user := range users {
			t.Run(user, func(t *testing.T) {
				t.Parallel()
				attackAs(t, login(user), login("off"), attacks, secrets)
			})
		}
	})
	t.Run("stories", func(t *testing.T) { stories(t, servers) })
	t.Run("traces", func(t *testing.T) { traces(t, servers[1], secrets) })
}

// attackAs runs attacks as one user: each at every source with and without pushdown, on columns that chance chooses.
func attackAs(t *testing.T, w, officer twins, attacks []attack, secrets map[string][]secret) {
	random := rand.New(rand.NewPCG(*seed, hash(w[0].user)))
	statements := 0
	for _, pushdown := range []int{1, 0} {
		w.set(fmt.Sprintf("SET weir_pushdown = %d", pushdown))
		for _, db := range databases {
			w.set("USE " + db)
			for i := range attacks {
				a := &attacks[i]
				if !strings.Contains(strings.Join(a.statements, ";;"), *only) {
					continue
				}
				var targets []secret
				for _, s := range secrets[db] {
					if a.fits(s) {
						targets = append(targets, s)
					}
				}
				if *rounds == 0 && *only == "" && random.IntN(5) > 0 {
					continue
				}
				for range max(1, *rounds) {
					s := targets[random.IntN(len(targets))]
					prepared := random.IntN(3) == 0
					if random.IntN(4) == 0 { // somebody who may see it all has asked the same before
						officer.do(a, s, s.literal, prepared)
					}
					where := fmt.Sprintf("attacks.txt:%d, %s over %s, pushdown %d", a.line, w[0].user, db, pushdown)
					x, y := w.do(a, s, s.literal, prepared)
					statements += 2 * len(x)
					for again := 0; again < 4 && a.differ(x, y); again++ { // among equals the order is anybody's, and may be another each time
						x, y = w.do(a, s, s.literal, prepared)
					}
					judge(t, where, a, w, x, y)
					if a.same {
						wrong := w[0].do(a, s, s.wrong, prepared)
						statements += len(wrong)
						compareGuesses(t, where, s, x, wrong)
					}
				}
			}
		}
	}
	t.Logf("%s: %d statements", w[0].user, statements)
}

func (a *attack) differ(x, y []step) bool {
	for i := range x {
		if a.differs(x[i], y[i]) != "" {
			return true
		}
	}
	return false
}

// judge looks for canaries in what two worlds have answered, and for differences.
func judge(t *testing.T, where string, a *attack, w twins, x, y []step) {
	t.Helper()
	for i := range x {
		for n, s := range []step{x[i], y[i]} {
			if a.moving && w[n].user == "adm" { // sees others' statements, and thus their guesses
				continue
			}
			if found := w[n].world.found(s.raw+s.text(true), s.String()); len(found) > 0 {
				t.Errorf("%s: %s\nbrings out %v:\n%s", where, s, found, clip(s.text(true)))
			}
			if strings.HasPrefix(s.tail, "broken") || strings.Contains(s.tail, "error 1105") || strings.Contains(strings.ToLower(s.tail), "panic") {
				t.Errorf("%s: %s\nends with %s; the log has %s", where, s, s.tail, lastError(w[n].Log()))
			}
		}
		if how := a.differs(x[i], y[i]); how != "" && !a.moving {
			t.Errorf("%s: %s\n%s", where, x[i], clip(how))
		}
	}
}

// compareGuesses compares the answer to a right guess with that to a wrong one.
func compareGuesses(t *testing.T, where string, s secret, right, wrong []step) {
	t.Helper()
	bare := func(literal string) string { return strings.Trim(literal, "'") }
	for i := range right {
		x := strings.ReplaceAll(right[i].text(false), bare(s.literal), "GUESS")
		y := strings.ReplaceAll(wrong[i].text(false), bare(s.wrong), "GUESS")
		if x != y {
			t.Errorf("%s: %s\na right guess is answered\n%s\nand a wrong one\n%s", where, right[i], clip(x), clip(y))
		}
	}
}

// power makes sure that each attack would succeed against somebody whom nothing is hidden from: else it would show nothing.
func power(t *testing.T, officer twins, attacks []attack, secrets map[string][]secret) {
	for i := range attacks {
		a := &attacks[i]
		if !strings.Contains(strings.Join(a.statements, ";;"), *only) {
			continue
		}
		if a.harmless {
			continue
		}
		told, last := false, ""
		for _, db := range databases {
			officer.set("USE " + db)
			for _, s := range secrets[db] {
				if !a.fits(s) {
					continue
				}
				x, y := officer.do(a, s, s.literal, false)
				told = a.differ(x, y)
				last = x[0].text(true)
				if told {
					break
				}
			}
			if told {
				break
			}
		}
		if !told {
			t.Errorf("attacks.txt:%d: %v\nshows nothing: whoever may see everything can't tell the worlds apart by it: %s", a.line, a.statements, clip(last))
		}
	}
}

// traces looks for canaries of world b in what its server leaves behind. Guesses, which statements held and logs may, are of world a.
func traces(t *testing.T, s *server, secrets map[string][]secret) {
	asked := ""
	for _, of := range secrets {
		for _, x := range of {
			asked += x.literal + " "
		}
	}
	written := files(t, s.data)
	for _, name := range []string{"lineage.jsonl", "audit", "state.db"} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(written)), func(path string) bool {
			return strings.HasPrefix(path, filepath.Join(s.data, name)) && written[path] != ""
		}) {
			t.Errorf("the server wrote no %s: the test looks at the wrong place", name)
		}
	}
	for name, text := range written {
		for _, line := range strings.Split(text, "\n") {
			if found := s.world.found(line, asked); len(found) > 0 {
				t.Errorf("%s holds %v: %s", name, found, clip(line))
			}
		}
	}
	log := s.Log()
	if !strings.Contains(log, "DEBUG") && !strings.Contains(log, "debug") {
		t.Error("the log has no lines of level debug")
	}
	for _, line := range strings.Split(log, "\n") {
		if found := s.world.found(line, asked); len(found) > 0 {
			t.Errorf("the log holds %v: %s", found, clip(line))
		}
	}
	metrics := fetch(t, "http://"+s.http+"/metrics")
	if !strings.Contains(metrics, "weir_") {
		t.Error("there are no metrics")
	}
	if found := s.world.found(metrics, ""); len(found) > 0 {
		t.Errorf("the metrics hold %v", found)
	}
}

func clip(s string) string { return s[:min(len(s), 3000)] }

// lastError is the last line of a log that tells the cause of a failure.
func lastError(log string) string {
	for _, line := range slices.Backward(strings.Split(log, "\n")) {
		if strings.Contains(line, "cause=") {
			return line
		}
	}
	return "nothing of it"
}
