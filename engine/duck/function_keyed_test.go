package duck

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"weir/engine/rel"
	"weir/policy/pseudonym"
	"weir/sources"
)

func testRing(t testing.TB, seed int) *pseudonym.Keyring {
	t.Helper()
	var key strings.Builder
	for i := range 64 {
		fmt.Fprintf(&key, "%02x", byte(i*7+seed*31))
	}
	r, err := pseudonym.NewKeyring(map[string]pseudonym.Domain{pseudonym.Default: {Keys: map[string]pseudonym.Material{"k1": pseudonym.Material(key.String())}}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What DuckDB calls is what Go makes, over several chunks of rows with NULLs among them, from several threads.
func TestKeyedFunctions(t *testing.T) {
	d := open(t, Options{Threads: 4})
	ring := testRing(t, 1)
	d.SetKeys(ring)
	s := begin(t, d)
	const rows = 10_000
	text := func(i int) string { return strings.Repeat("é", i%70) + fmt.Sprintf("anna.%d@example.org", i) }
	sqlText := "CASE WHEN i % 7 = 3 THEN NULL ELSE repeat('é', CAST(i % 70 AS BIGINT)) || 'anna.' || i || '@example.org' END"
	for mask, option := range map[string]string{"pseudonym": "-", "hash": "-", "fake_email": pseudonym.KeepDomain, "fake_phone": "", "fake_card": "", "fake_iban": ""} {
		made, err := ring.Masker(mask, "email", strings.Trim(option, "-"))
		if err != nil {
			t.Fatal(err)
		}
		args := fmt.Sprintf("'email', %s, ", sqlText)
		if option != "-" {
			args += fmt.Sprintf("'%s', ", option)
		}
		r, err := s.Query(context.Background(), fmt.Sprintf("SELECT i, weir_%s(%sCAST(%d AS BIGINT)) FROM range(%d) t(i)", mask, args, ring.Number(), rows),
			columns(rel.BigIntType, rel.TextType))
		if err != nil {
			t.Fatal(err)
		}
		seen := 0
		for {
			b, err := r.Next()
			if err != nil {
				break
			}
			for row := range int(b.NumRows()) {
				i := int(b.Column(0).(*array.Int64).Value(row))
				want, _ := made(nil, text(i))
				if got := b.Column(1).(*array.String); got.IsNull(row) != (i%7 == 3) || i%7 != 3 && got.Value(row) != string(want) {
					t.Fatalf("%s of row %d: %q, want %q", mask, i, got.Value(row), want)
				}
				seen++
			}
			b.Release()
		}
		r.Close()
		if seen != rows {
			t.Fatalf("%s: %d rows", mask, seen)
		}
	}
	token := fmt.Sprintf("weir_pseudonym('email', 'anna', %d)", ring.Number())
	for sql, want := range map[string]string{
		fmt.Sprintf("weir_reveal(%s, %d)", token, ring.Number()):             "anna",
		fmt.Sprintf("weir_reveal(%s || 'x', %d)", token, ring.Number()):      "NULL",
		fmt.Sprintf("weir_reveal('nothing', %d)", ring.Number()):             "NULL",
		fmt.Sprintf("weir_reveal(NULL, %d)", ring.Number()):                  "NULL",
		fmt.Sprintf("(weir_renew(%s, %d) = %[1]s)", token, ring.Number()):    "true",
		fmt.Sprintf("weir_renew('nothing', %d)", ring.Number()):              "NULL",
		fmt.Sprintf("weir_pseudonym('email', 'anna', %d)", ring.Number()+99): "error",
	} {
		if got := one(t, s, sql); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
}

// A statement goes on with the keys with which it began; keys that were replaced long ago are forgotten, in no other database are they known.
func TestKeysAreReplaced(t *testing.T) {
	d, other := open(t, Options{}), open(t, Options{})
	first := testRing(t, 1)
	call := func(d *DB, r *pseudonym.Keyring) string {
		return one(t, begin(t, d), fmt.Sprintf("weir_pseudonym('email', 'anna', %d)", r.Number()))
	}
	if got := call(d, first); got != "error" {
		t.Errorf("keys that were not set give %s", got)
	}
	d.SetKeys(first)
	token := call(d, first)
	for i := range mostRings - 1 {
		d.SetKeys(testRing(t, i+2))
		d.SetKeys(first) // as a statement that is bound again does
	}
	if got := call(d, first); got != token || got == "error" {
		t.Errorf("after other keys came: %s, was %s", got, token)
	}
	newest := testRing(t, 99)
	d.SetKeys(newest)
	if got := call(d, first); got != "error" {
		t.Errorf("keys replaced %d times give %s", mostRings, got)
	}
	if got := call(d, newest); got == "error" || got == token {
		t.Errorf("new keys give %s", got)
	}
	if got := call(other, newest); got != "error" {
		t.Errorf("in another database: %s", got)
	}
}

// An error of a keyed function holds neither the value nor the number by which it might be found.
func TestKeyedErrorIsPlain(t *testing.T) {
	d := open(t, Options{})
	ring := testRing(t, 1)
	d.SetKeys(ring)
	_, err := begin(t, d).Query(context.Background(), fmt.Sprintf("SELECT weir_fake_card('email', 'canary', 'keep_all', %d)", ring.Number()), columns(rel.TextType))
	if err == nil {
		t.Fatal("an unknown option is taken")
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		if strings.Contains(e.Error(), "canary") {
			t.Errorf("the error holds the value: %v", e)
		}
	}
}

// BenchmarkKeyed measures masks as a statement over a source's rows has them computed: batches come in as a stream, the embedded engine calls the
// function, batches go out. Run it with -cpu 1 for one core's figure.
func BenchmarkKeyed(b *testing.B) {
	ring := testRing(b, 1)
	build := array.NewRecordBuilder(memory.DefaultAllocator, sources.Schema(columns(rel.TextType)))
	defer build.Release()
	const batch = 20_000
	for i := range batch {
		build.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("anna.smith.%05d@example.com", i))
	}
	whole := build.NewRecordBatch()
	defer whole.Release()
	for _, sql := range []string{"c1", "weir_pseudonym('email', c1, %d)", "weir_hash('email', c1, %d)", "weir_fake_email('email', c1, '', %d)"} {
		name, _, _ := strings.Cut(sql, "(")
		b.Run(name, func(b *testing.B) {
			d := open(b, Options{Threads: 1})
			d.SetKeys(ring)
			s := begin(b, d)
			from, err := s.View("masked", &repeated{stream: stream{schema: whole.Schema()}, whole: whole, times: b.N/batch + 1})
			if err != nil {
				b.Fatal(err)
			}
			if strings.Contains(sql, "%") {
				sql = fmt.Sprintf(sql, ring.Number())
			}
			b.ResetTimer()
			r, err := s.Query(context.Background(), "SELECT "+sql+" FROM "+from, columns(rel.TextType))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := readAll(r)
			if err != nil || rows < int64(b.N) {
				b.Fatal(rows, err)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "values/s")
		})
	}
}
