package reference

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"
)

// Texts are values that systems compare, fold, pad, sort or match differently.
var Texts = []string{
	"", " ", "  ", "a", "A", "a ", "A ", " a", "b", "B", "ab", "AB", "Ab", "aB", "abc", "ABC", "abc ", "a b", "a_b", "a%b", "axb", `a\b`, `\`, "%", "_", "%%",
	"é", "É", "e", "E", "e\u0301", "E\u0301", "ñandú", "Ñandú", "nandu", "Zürich", "ZÜRICH", "zurich", "ß", "ss", "Straße", "STRASSE", "Ørsted", "ørsted",
	"日本", "日本語", "🙂", "🙂 ", "👍🏽", "𝔘", "Ω", "ω", "Я", "я", "it's", `say "hi"`, "100%", "50%_off", "x,y", "a,b,c", "10", "9", "2", "-5", "3.14", "3.14abc",
	"1e3", "0", "007", "2024-02-29", "null", "NULL", "the quick brown fox", "The Quick Brown Fox", "lorem ipsum dolor", "naïve", "œuvre", "tab\there",
	"foo@example.com", "Foo@Example.com", "bar@example.org", "~", "z", "Z", "_x", "-", "zz top",
}

var regionNames = []string{"north", "North", "NORTH", "south", "sout h", "east", "west ", "west", "été", "ETE", "", "🙂"}

// words are the values of columns with few distinct ones.
var words = map[string][]string{
	"status": {"new", "paid", "Paid", "shipped", "lost", "new "},
	"kind":   {"call", "mail", "Mail", "visit", "demo", "call "},
	"region": regionNames,
	"tag":    {"red", "Red", "green", "blue", "", "bleu é"},
}

type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0x5eed))} }

// value makes a value for a column; keys and references are set afterwards.
func (r random) value(c Column, _ int) any {
	if !c.NotNull && r.Float64() < 0.12 {
		return nil
	}
	switch c.Kind {
	case TinyInt, SmallInt, MediumInt, Int, BigInt:
		return r.integer(c)
	case Decimal:
		return r.decimal(c)
	case Double:
		return r.double()
	case VarChar, Text:
		return r.text(c)
	case Date:
		return r.date()
	case DateTime:
		return r.date() + " " + r.clock(c.Scale)
	default:
		return r.clock(c.Scale)
	}
}

func (r random) integer(c Column) any {
	n := int64(c.Max)
	switch r.IntN(10) {
	case 0:
		n = 0
	case 1: // the bound itself
	case 2, 3, 4, 5:
		n = r.Int64N(min(n, 10) + 1)
	case 6, 7:
		n = r.Int64N(min(n, 1000) + 1)
	default:
		n = r.Int64N(n + 1)
	}
	if !c.Unsigned && r.IntN(3) == 0 {
		n = -n
	}
	return n
}

func (r random) decimal(c Column) string {
	whole := int64(0)
	switch r.IntN(6) {
	case 0:
	case 1:
		whole = r.Int64N(int64(c.Max))
	default:
		whole = r.Int64N(min(int64(c.Max), 1000))
	}
	var b strings.Builder
	if r.IntN(4) == 0 {
		b.WriteByte('-')
	}
	fmt.Fprint(&b, whole)
	if c.Scale > 0 {
		b.WriteByte('.')
		switch r.IntN(4) {
		case 0:
			b.WriteString(strings.Repeat("0", c.Scale))
		case 1:
			b.WriteString("5" + strings.Repeat("0", c.Scale-1))
		default:
			for range c.Scale {
				b.WriteByte(byte('0' + r.IntN(10)))
			}
		}
	}
	if s := b.String(); strings.Trim(s, "-0.") != "" {
		return s
	}
	return strings.TrimPrefix(b.String(), "-") // no negative zero
}

var doubles = []float64{0, 1, -1, 0.5, 1.5, -2.5, 0.1, 0.2, 0.30000000000000004, 1e-7, 123456.789, 1e6, 3.141592653589793, -0.125, 1.0 / 3}

func (r random) double() float64 {
	if r.IntN(2) == 0 {
		return doubles[r.IntN(len(doubles))]
	}
	return float64(r.IntN(2_000_000)-1_000_000) / 64
}

func (r random) text(c Column) string {
	if w := words[c.Name]; w != nil && c.Length > 0 {
		// Skewed: the first word is in half of the rows.
		if r.IntN(2) == 0 {
			return w[0]
		}
		return w[r.IntN(len(w))]
	}
	s := Texts[r.IntN(len(Texts))]
	if r.IntN(4) == 0 {
		s += " " + Texts[r.IntN(len(Texts))]
	}
	for c.Length > 0 && utf8.RuneCountInString(s) > c.Length {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

var dates = []string{"1970-01-01", "2000-02-29", "2024-02-29", "2024-12-31", "2025-01-01", "1999-12-31", "2024-03-31", "1900-01-01", "2037-12-31", "2023-06-15"}

func (r random) date() string {
	if r.IntN(3) == 0 {
		return dates[r.IntN(len(dates))]
	}
	return fmt.Sprintf("%04d-%02d-%02d", 2019+r.IntN(7), 1+r.IntN(12), 1+r.IntN(28))
}

func (r random) clock(fsp int) string {
	s := fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60))
	if r.IntN(4) == 0 {
		s = []string{"00:00:00", "23:59:59", "12:00:00", "00:00:01"}[r.IntN(4)]
	}
	if fsp > 0 {
		micros := []int{0, 500000, 999999, r.IntN(1000000)}[r.IntN(4)]
		s += fmt.Sprintf(".%06d", micros)[:fsp+1]
	}
	return s
}

// keys overwrites a column with given values.
func (r random) keys(t *Table, column string, value func(i int) any) {
	c := t.column(column)
	for i := range t.Rows {
		t.Rows[i][c] = value(i)
	}
}

// refer overwrites a column with keys of another table, skewed to its first ones; some are NULL, and a few point nowhere unless
// the database itself holds the reference.
func (r random) refer(t *Table, column string, to *Table, key string, nulls float64) {
	c, k := t.column(column), to.column(key)
	bound := false
	for _, f := range t.Foreign {
		bound = bound || f.Column == column
	}
	for i := range t.Rows {
		switch f := r.Float64(); {
		case f < nulls:
			t.Rows[i][c] = nil
		case f < nulls+0.08 && !bound:
			t.Rows[i][c] = int64(90000 + r.IntN(100))
		default:
			n := len(to.Rows)
			if r.IntN(3) == 0 {
				n = 1 + n/10
			}
			t.Rows[i][c] = to.Rows[r.IntN(n)][k]
		}
	}
}
