package audit_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"weir/policy/audit"
)

var key = []byte("a key of the test")

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func open(t testing.TB, o audit.Options) *audit.Log {
	t.Helper()
	l, err := audit.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func write(t testing.TB, l *audit.Log, n int) {
	t.Helper()
	for i := range n {
		if err := l.Write(&audit.Record{Event: audit.End, User: "ann", Statement: uint64(i), Text: "SELECT 1\n", Rows: 1, Result: "ok"}); err != nil {
			t.Fatal(err)
		}
	}
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	out, err := filepath.Glob(filepath.Join(dir, "audit-*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return out
}

func lines(t testing.TB, file string) []string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n")
}

func save(t testing.TB, file string, lines []string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(strings.TrimSuffix(strings.Join(lines, ""), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func verify(t testing.TB, dir string, keys ...[]byte) *audit.Report {
	t.Helper()
	r, err := audit.Verify(dir, keys)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// twoFiles is an audit of two runs: lines 1 to 6 of the first file are the records 1 to 6, those of the second 7 to 12.
func twoFiles(t testing.TB, key []byte) string {
	t.Helper()
	dir := t.TempDir()
	for range 2 {
		l := open(t, audit.Options{Dir: dir, Key: key})
		write(t, l, 5)
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWhatIsWrittenIsWhole(t *testing.T) {
	for name, key := range map[string][]byte{"plain": nil, "keyed": key} {
		t.Run(name, func(t *testing.T) {
			dir := twoFiles(t, key)
			r := verify(t, dir, key)
			if len(r.Problems) > 0 || r.Records != 12 || r.Files != 2 || r.First != 1 || r.Last.Seq != 12 || r.Keyed != (key != nil) {
				t.Errorf("%+v", r)
			}
			for _, f := range append(files(t, dir), filepath.Join(dir, "head")) {
				if info, err := os.Stat(f); err != nil || info.Mode() != 0o600 {
					t.Errorf("%s has mode %v, %v", f, info.Mode(), err)
				}
			}
		})
	}
}

// Whatever is done to the files is found, and the place named.
func TestTampering(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(t *testing.T, one, two string)
		want []string // of the report; file 1 and 2 stand for the names
	}{
		"a byte altered": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			l[2] = strings.Replace(l[2], `"user":"ann"`, `"user":"bob"`, 1)
			save(t, one, l)
		}, []string{"1:3: record 3 was altered"}},
		"a space put in": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			l[2] = strings.Replace(l[2], `,"user"`, `, "user"`, 1)
			save(t, one, l)
		}, []string{"1:3: record 3 was altered"}},
		"a number altered": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			l[2] = strings.Replace(l[2], `{"seq":3`, `{"seq":4`, 1)
			save(t, one, l)
		}, []string{"1:3: record 4 was altered", "1:3: records 3 to 3 are missing", "1:4: record 4 stands where record 5 belongs"}},
		"a line made garbage": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			l[2] = "garbage\n"
			save(t, one, l)
		}, []string{"1:3: is no line of the audit"}},
		"a line removed": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			save(t, one, slices.Delete(l, 2, 3))
		}, []string{"1:3: records 3 to 3 are missing before this line"}},
		"two lines swapped": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			l[2], l[3] = l[3], l[2]
			save(t, one, l)
		}, []string{"1:3: records 3 to 3 are missing", "1:4: record 3 stands where record 5 belongs", "1:5: records 4 to 4 are missing"}},
		"a line doubled": {func(t *testing.T, one, _ string) {
			l := lines(t, one)
			save(t, one, slices.Insert(l, 3, l[2]))
		}, []string{"1:4: record 3 stands where record 4 belongs"}},
		"the first line removed": {func(t *testing.T, one, _ string) {
			save(t, one, lines(t, one)[1:])
		}, []string{"1: is named after record 1 and begins with record 2", "1:1: is not how a file begins", "1:1: records 1 to 1 are missing"}},
		"the end of a file cut off": {func(t *testing.T, one, _ string) {
			save(t, one, lines(t, one)[:4])
		}, []string{"2:1: records 5 to 6 are missing"}},
		"the end of a file cut off in mid-line": {func(t *testing.T, one, _ string) {
			os.Truncate(one, int64(len(strings.Join(lines(t, one)[:5], ""))+20))
		}, []string{"1:6: is cut off in mid-line"}},
		"the end of the audit cut off": {func(t *testing.T, _, two string) {
			save(t, two, lines(t, two)[:4])
		}, []string{"2:4: is the last line, of record 10; records up to 12 are missing"}},
		"the end of the audit cut off in mid-line": {func(t *testing.T, _, two string) {
			os.Truncate(two, int64(len(strings.Join(lines(t, two)[:4], ""))+20))
		}, []string{"2:4: is the last line, of record 10; records up to 12 are missing"}},
		"the last file removed": {func(t *testing.T, _, two string) { os.Remove(two) },
			[]string{"1:6: is the last line, of record 6; records up to 12 are missing"}},
		"the first file removed": {func(t *testing.T, one, _ string) { os.Remove(one) },
			[]string{"2:1: records 1 to 6 are missing"}},
		"a file emptied": {func(t *testing.T, one, _ string) { os.Truncate(one, 0) },
			[]string{"1: is empty", "2:1: records 1 to 6 are missing"}},
		"a line moved to the other file": {func(t *testing.T, one, two string) {
			l, m := lines(t, one), lines(t, two)
			m = slices.Insert(m, 3, l[3])
			save(t, one, slices.Delete(l, 3, 4))
			save(t, two, m)
		}, []string{"1:4: records 4 to 4 are missing", "2:4: record 4 stands where record 10 belongs"}},
		"lines exchanged between files": {func(t *testing.T, one, two string) {
			l, m := lines(t, one), lines(t, two)
			l[3], m[3] = m[3], l[3]
			save(t, one, l)
			save(t, two, m)
		}, []string{"1:4: records 4 to 9 are missing", "1:5: record 5 stands where record 11 belongs", "2:4: record 4 stands where record 10 belongs", "2:5: records 5 to 10 are missing"}},
		"the files' names exchanged": {func(t *testing.T, one, two string) {
			os.Rename(one, one+"x")
			os.Rename(two, one)
			os.Rename(one+"x", two)
		}, []string{"1: is named after record 1 and begins with record 7", "2: is named after record 7 and begins with record 1", "1:1: records 1 to 6 are missing"}},
		"the head removed": {func(t *testing.T, one, _ string) { os.Remove(filepath.Join(filepath.Dir(one), "head")) },
			[]string{"head: is missing"}},
		"the head altered": {func(t *testing.T, one, two string) {
			name := filepath.Join(filepath.Dir(one), "head")
			b, _ := os.ReadFile(name)
			os.WriteFile(name, bytes.Replace(b, []byte(`"seq":12`), []byte(`"seq":10`), 1), 0o600)
			save(t, two, lines(t, two)[:4])
		}, []string{"head: was altered"}},
		"the head made garbage": {func(t *testing.T, one, _ string) {
			os.WriteFile(filepath.Join(filepath.Dir(one), "head"), []byte("{"), 0o600)
		}, []string{"head: can't be read"}},
		"everything removed but the head": {func(t *testing.T, one, two string) { os.Remove(one); os.Remove(two) },
			[]string{"is the last line, of record 0; records up to 12 are missing"}},
	} {
		for kind, key := range map[string][]byte{"plain": nil, "keyed": key} {
			t.Run(name+"/"+kind, func(t *testing.T) {
				dir := twoFiles(t, key)
				f := files(t, dir)
				c.do(t, f[0], f[1])
				names := strings.NewReplacer(f[0], "1", f[1], "2", dir+"/", "")
				var got []string
				for _, p := range verify(t, dir, key).Problems {
					got = append(got, names.Replace(p.String()))
				}
				for _, want := range c.want {
					if !slices.ContainsFunc(got, func(g string) bool { return strings.HasPrefix(g, want) || strings.Contains(g, ": "+want) }) {
						t.Errorf("not found: %s", want)
					}
				}
				if t.Failed() {
					t.Errorf("found:\n%s", strings.Join(got, "\n"))
				}
			})
		}
	}
}

// Somebody who may write the files, but has no key, makes the whole chain anew.
func TestForgery(t *testing.T) {
	dir := twoFiles(t, key)
	anchor := verify(t, dir, key).Last
	os.RemoveAll(dir)
	forged := open(t, audit.Options{Dir: dir})
	write(t, forged, 11)
	forged.Close()
	if r := verify(t, dir, key); len(r.Problems) == 0 {
		t.Error("a chain without the key passes for one with it")
	}
	os.RemoveAll(dir)
	forged = open(t, audit.Options{Dir: dir, Key: []byte("another")})
	write(t, forged, 11)
	forged.Close()
	if r := verify(t, dir, key); len(r.Problems) == 0 {
		t.Error("a chain with another key passes")
	}
	// Without a key only a record that was noted elsewhere tells.
	os.RemoveAll(dir)
	forged = open(t, audit.Options{Dir: dir})
	write(t, forged, 11)
	forged.Close()
	if r := verify(t, dir); len(r.Problems) != 0 {
		t.Errorf("unexpected: %v", r.Problems)
	}
	if r, err := audit.Verify(dir, nil, anchor); err != nil || len(r.Problems) != 1 {
		t.Errorf("a noted record isn't missed: %+v, %v", r, err)
	}
	// The files of the time before the key are bound by those after it, but no file without a key may follow.
	l := open(t, audit.Options{Dir: dir, Key: key})
	write(t, l, 3)
	l.Close()
	if r := verify(t, dir, key); len(r.Problems) != 0 {
		t.Errorf("a key that came later: %v", r.Problems)
	}
	l = open(t, audit.Options{Dir: dir})
	write(t, l, 3)
	l.Close()
	if r := verify(t, dir, key); len(r.Problems) == 0 {
		t.Error("a file without a key after one with it passes")
	}
	// Another key: the older one must be given too.
	next := []byte("the next key")
	dir = twoFiles(t, key)
	l = open(t, audit.Options{Dir: dir, Key: next})
	write(t, l, 3)
	l.Close()
	if r := verify(t, dir, next, key); len(r.Problems) != 0 {
		t.Errorf("a key that was changed: %v", r.Problems)
	}
	if r := verify(t, dir, next); len(r.Problems) == 0 {
		t.Error("files of an unknown key pass")
	}
}

// A crash leaves an incomplete line, or a line that the head doesn't know of yet.
func TestCrash(t *testing.T) {
	for name, do := range map[string]func(t *testing.T, dir, last string){
		"in mid-line": func(t *testing.T, _, last string) {
			f, _ := os.OpenFile(last, os.O_APPEND|os.O_WRONLY, 0)
			f.WriteString(`{"seq":13,"time":"2026-`)
			f.Close()
		},
		"before the head": func(t *testing.T, dir, last string) {
			// The head of the time before the last records.
			head, _ := os.ReadFile(filepath.Join(dir, "head"))
			l := open(t, audit.Options{Dir: dir})
			write(t, l, 2)
			l.Close()
			os.WriteFile(filepath.Join(dir, "head"), head, 0o600)
		},
		"in a new file": func(t *testing.T, dir, _ string) {
			os.WriteFile(filepath.Join(dir, "audit-0000000000000013.jsonl"), []byte(`{"seq":13,`), 0o600)
		},
		"in an empty file": func(t *testing.T, dir, _ string) {
			os.WriteFile(filepath.Join(dir, "audit-0000000000000013.jsonl"), nil, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := twoFiles(t, nil)
			do(t, dir, files(t, dir)[1])
			if r := verify(t, dir); len(r.Problems) > 0 {
				t.Errorf("before the next start: %v", r.Problems)
			}
			l := open(t, audit.Options{Dir: dir})
			write(t, l, 2)
			if r := verify(t, dir); len(r.Problems) > 0 {
				t.Errorf("while the next one runs: %v", r.Problems)
			}
			l.Close()
		})
	}
}

// What somebody did while the server was down stays found after the next start.
func TestTamperingBeforeAStart(t *testing.T) {
	for name, do := range map[string]func(dir string, f []string){
		"end cut off":  func(_ string, f []string) { save(t, f[1], lines(t, f[1])[:4]) },
		"file removed": func(_ string, f []string) { os.Remove(f[1]) },
		"all removed":  func(_ string, f []string) { os.Remove(f[0]); os.Remove(f[1]) },
		"head removed": func(dir string, _ []string) { os.Remove(filepath.Join(dir, "head")) },
		"last line altered": func(_ string, f []string) {
			l := lines(t, f[1])
			l[5] = strings.Replace(l[5], `"ann"`, `"bob"`, 1)
			save(t, f[1], l)
		},
		"end cut off, head removed": func(dir string, f []string) {
			save(t, f[1], lines(t, f[1])[:4])
			os.Remove(filepath.Join(dir, "head"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := twoFiles(t, key)
			do(dir, files(t, dir))
			l := open(t, audit.Options{Dir: dir, Key: key})
			write(t, l, 2)
			l.Close()
			r := verify(t, dir, key)
			if len(r.Problems) == 0 {
				t.Error("nothing is found after the next start")
			}
			t.Log(r.Problems)
		})
	}
}

func TestRotationAndRetention(t *testing.T) {
	c := &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	l := open(t, audit.Options{Dir: dir, Key: key, RotateSize: 4000, RotateAge: time.Hour, Keep: 50 * time.Hour, Now: c.Now})
	write(t, l, 30)
	if n := len(files(t, dir)); n < 3 {
		t.Errorf("%d files for 30 records with 4000 bytes each at most", n)
	}
	for range 100 {
		c.add(time.Hour)
		write(t, l, 1)
	}
	f := files(t, dir)
	if len(f) < 50 || len(f) > 53 {
		t.Errorf("%d files of an hour each are kept for 50 hours", len(f))
	}
	r := verify(t, dir, key)
	if len(r.Problems) > 0 || r.First == 1 {
		t.Errorf("%+v", r)
	}
	os.Remove(f[0])
	if r := verify(t, dir, key); len(r.Problems) == 0 {
		t.Error("a file that somebody removed passes for one that was too old")
	}
}

func TestManyWriters(t *testing.T) {
	for name, sync := range map[string]audit.Sync{"every so often": {Every: time.Millisecond}, "always": {Always: true}, "never": {}} {
		t.Run(name, func(t *testing.T) { manyWriters(t, sync) })
	}
}

func manyWriters(t *testing.T, when audit.Sync) {
	dir := t.TempDir()
	l := open(t, audit.Options{Dir: dir, RotateSize: 50_000, Sync: when})
	var all sync.WaitGroup
	done := make(chan struct{})
	all.Go(func() { // reading and verifying don't wait for the writers
		for {
			select {
			case <-done:
				return
			default:
			}
			if r, err := audit.Verify(dir, nil); err != nil || len(r.Problems) > 0 {
				t.Errorf("while it is written: %+v, %v", r, err)
				return
			}
			last := uint64(0)
			for r, err := range l.Records(t.Context(), audit.Span{}) {
				if err != nil || r.Seq != last+1 {
					t.Errorf("record %+v after %d, %v", r, last, err)
					return
				}
				last = r.Seq
			}
		}
	})
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() { write(t, l, 200) })
	}
	writers.Wait()
	close(done)
	all.Wait()
	if r := verify(t, dir); r.Records < 1600 || len(r.Problems) > 0 {
		t.Errorf("%+v", r)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Write(&audit.Record{Event: audit.Begin}); !errors.Is(err, audit.ErrWrite) {
		t.Errorf("a record after the end: %v", err)
	}
}

func TestRecordsComeBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, audit.Options{Dir: dir})
	want := &audit.Record{Event: audit.End, User: "ann", Roles: []string{"admin"}, Attributes: []string{"region"}, Client: "127.0.0.1", TLS: true, Connection: 3,
		Statement: 4, Class: "query", Database: "erp", Text: "SELECT \"?\" \u2028 <>&\x00 🙂", Tables: map[string][]string{"erp.orders": {"id"}},
		Applied: []audit.Applied{{Table: "erp.orders", Column: "id", Rule: "r", Does: "hash"}}, Remote: []audit.Remote{{Source: "erp", Text: "SELECT ?", Rows: 5}}, Rows: 1, Bytes: 2,
		Micros: 3, FirstMicros: 2, Result: "ok", Lineage: []byte(`{"a":1}`)}
	if err := l.Write(want); err != nil {
		t.Fatal(err)
	}
	var got *audit.Record
	for r, err := range l.Records(t.Context(), audit.Span{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = r
	}
	want.Seq, want.Time = 2, got.Time
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Lines that are longer than what is read at once.
func TestLongLines(t *testing.T) {
	dir := t.TempDir()
	l := open(t, audit.Options{Dir: dir})
	for i := range 5 {
		if err := l.Write(&audit.Record{Event: audit.End, Text: strings.Repeat("\"x", i*100_000), Result: "ok"}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for r, err := range l.Records(t.Context(), audit.Span{}) {
		if err != nil || r.Event == audit.End && len(r.Text) != 2*(n-1)*100_000 {
			t.Errorf("record %d: %v, %d bytes", n, err, len(r.Text))
		}
		n++
	}
	if r := verify(t, dir); n != 6 || r.Records != 6 || len(r.Problems) > 0 {
		t.Errorf("%d read, %+v", n, r)
	}
	l.Close()
	open(t, audit.Options{Dir: dir})
	if r := verify(t, dir); len(r.Problems) > 0 {
		t.Errorf("%v", r.Problems)
	}
}

func TestRecordsOfATime(t *testing.T) {
	c := &clock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	l := open(t, audit.Options{Dir: dir, Now: c.Now, RotateAge: 3 * time.Second})
	for range 9 {
		c.add(time.Second)
		write(t, l, 1)
	}
	count := func(s audit.Span) (n int) {
		for r, err := range l.Records(t.Context(), s) {
			if err != nil {
				t.Fatal(err)
			}
			if r.Event == audit.End || r.Event == audit.Broken {
				n++
			}
		}
		return n
	}
	at := func(s int) time.Time { return time.Date(2026, 1, 1, 0, 0, s, 0, time.UTC) }
	// A line that can't be read has no time.
	f := files(t, dir)
	save(t, f[1], append(lines(t, f[1])[:1], append([]string{"garbage\n"}, lines(t, f[1])[1:]...)...))
	for _, x := range []struct {
		span audit.Span
		want int
	}{
		{audit.Span{}, 10}, {audit.Span{From: at(3)}, 7}, {audit.Span{To: at(3)}, 3}, {audit.Span{From: at(3), To: at(5)}, 3}, {audit.Span{From: at(3).Add(time.Microsecond), To: at(5)}, 2},
		{audit.Span{From: at(10)}, 0}, {audit.Span{From: at(5), To: at(4)}, 0},
	} {
		if got := count(x.span); got != x.want {
			t.Errorf("%v: %d records, want %d", x.span, got, x.want)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	l := open(b, audit.Options{Dir: b.TempDir(), Key: key, Sync: audit.Sync{Every: time.Second}})
	r := &audit.Record{Event: audit.End, User: "ann", Roles: []string{"admin"}, Client: "127.0.0.1", TLS: true, Connection: 3, Statement: 4, Class: "query", Database: "erp",
		Text: "SELECT c_name, c_acctbal, c_comment FROM customer WHERE c_custkey = ?", Tables: map[string][]string{"erp.customer": {"c_custkey", "c_name", "c_acctbal", "c_comment"}},
		Remote: []audit.Remote{{Source: "erp", Text: "SELECT t1.`c_name`, t1.`c_acctbal` FROM `customer` AS t1 WHERE t1.`c_custkey` = ?", Rows: 1, Bytes: 100, Micros: 120}},
		Rows:   1, Bytes: 100, Micros: 500, FirstMicros: 450, Result: "ok"}
	for b.Loop() {
		if err := l.Write(r); err != nil {
			b.Fatal(err)
		}
	}
}
