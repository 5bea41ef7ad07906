package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Options say what is made.
type Options struct {
	Seed uint64
	// Customers is how many the ERP system has; everything else is in proportion. 0 means 12,000, with which there are about
	// 60,000 orders of 230,000 lines.
	Customers int
}

// Names are the databases, each of which is a file of that name in the directory, with the extension .db.
var Names = []string{"crm", "erp", "inventory"}

// Path is the file of a database.
func Path(dir, name string) string { return filepath.Join(dir, name+".db") }

// Generate makes the databases in a directory, in place of those of an earlier run.
func Generate(ctx context.Context, dir string, o Options) error {
	if o.Customers <= 0 {
		o.Customers = 12_000
	}
	w := newWorld(o)
	var parts errgroup.Group
	for i, fill := range []func(*writer, *world) error{fillCRM, fillERP, fillInventory} {
		parts.Go(func() error {
			if err := create(ctx, Path(dir, Names[i]), func(out *writer) error {
				out.rand = rand.New(rand.NewPCG(o.Seed, uint64(i)+1))
				return fill(out, w)
			}); err != nil {
				return fmt.Errorf("making the demo database %s: %w", Names[i], err)
			}
			return nil
		})
	}
	return parts.Wait()
}

// create makes a database in one transaction, without the syncs that only a crash would need.
func create(ctx context.Context, path string, fill func(*writer) error) error {
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return err
	}
	db, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetInterrupt(ctx.Done())
	w := &writer{db: db}
	for _, s := range []string{"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -65536", "BEGIN"} {
		if err := sqlitex.ExecuteTransient(db, s, nil); err != nil {
			return err
		}
	}
	if err := fill(w); err != nil {
		return err
	}
	if err := sqlitex.ExecuteTransient(db, "COMMIT", nil); err != nil {
		return err
	}
	// A sample suffices for the estimates that plans are made from.
	for _, s := range []string{"PRAGMA analysis_limit = 1000", "ANALYZE"} {
		if err := sqlitex.ExecuteTransient(db, s, nil); err != nil {
			return err
		}
	}
	return nil
}

// writer fills one database.
type writer struct {
	db   *sqlite.Conn
	rand *rand.Rand
}

// run runs the statements of a script, which are separated by lines that end in a semicolon.
func (w *writer) run(script string) error {
	for _, s := range strings.Split(script, ";\n") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if err := sqlitex.ExecuteTransient(w.db, s, nil); err != nil {
			return fmt.Errorf("%w in %s", err, s)
		}
	}
	return nil
}

// money is an amount in cents; percent and kilos are in hundredths and thousandths.
type money int64

// day is a date as days since the first day of the demo; moment is a point in time as seconds since its start.
type (
	day    int
	moment int64
)

// The demo's time: nearly three years of business that end on the last day.
var (
	firstDay = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay  = day(time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC).Sub(firstDay) / (24 * time.Hour))
)

func (d day) String() string { return firstDay.AddDate(0, 0, int(d)).Format("2006-01-02") }

func (m moment) String() string {
	return firstDay.Add(time.Duration(m) * time.Second).Format("2006-01-02 15:04:05")
}

// at is a moment of a day's working hours.
func (w *writer) at(d day) moment { return moment(int64(d)*86400 + int64(7*3600+w.rand.IntN(11*3600))) }

// table adds rows to a table.
type table struct{ stmt *sqlite.Stmt }

func (w *writer) table(name string, columns int) (*table, error) {
	stmt, err := w.db.Prepare("INSERT INTO " + name + " VALUES (?" + strings.Repeat(", ?", columns-1) + ")")
	return &table{stmt}, err
}

func (t *table) add(values ...any) error {
	for i, v := range values {
		switch v := v.(type) {
		case nil:
			t.stmt.BindNull(i + 1)
		case int:
			t.stmt.BindInt64(i+1, int64(v))
		case bool:
			t.stmt.BindBool(i+1, v)
		case string:
			t.stmt.BindText(i+1, v)
		case money:
			t.stmt.BindFloat(i+1, float64(v)/100)
		case float64:
			t.stmt.BindFloat(i+1, v)
		case fmt.Stringer:
			t.stmt.BindText(i+1, v.String())
		default:
			panic(fmt.Sprintf("demo: %T has no column type", v))
		}
	}
	if _, err := t.stmt.Step(); err != nil {
		return err
	}
	return t.stmt.Reset()
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// weighted picks one of several words, each given as often as its weight says.
func weighted(r *rand.Rand, words []string, weights []int) string {
	total := 0
	for _, n := range weights {
		total += n
	}
	n := r.IntN(total)
	for i, x := range weights {
		if n < x {
			return words[i]
		}
		n -= x
	}
	return words[0]
}
