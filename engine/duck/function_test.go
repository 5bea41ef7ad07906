package duck

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"testing"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// one runs a select list of one text column.
func one(t *testing.T, s *Session, expression string) string {
	t.Helper()
	r, err := s.Query(context.Background(), "SELECT CAST("+expression+" AS VARCHAR)", columns(rel.TextType))
	if err != nil {
		return "error"
	}
	defer r.Close()
	b, err := r.Next()
	if err != nil {
		return "error"
	}
	defer b.Release()
	return mysqlText(b.Column(0), 0, rel.TextType)
}

// The parser in use knows no compound units, so what the binder would make of them is called here. The values are MariaDB's.
func TestCompoundIntervals(t *testing.T) {
	s := begin(t, open(t, Options{}))
	for _, c := range []struct{ from, interval, unit, want string }{
		{"2024-02-29 00:00:00", "1-2", "YEAR_MONTH", "2025-04-29 00:00:00"},
		{"2024-02-29 00:00:00", "5", "YEAR_MONTH", "2024-07-29 00:00:00"},
		{"2024-02-29 00:00:00", "1 2", "DAY_HOUR", "2024-03-01 02:00:00"},
		{"2024-02-29 00:00:00", "1 2:3:4", "DAY_SECOND", "2024-03-01 02:03:04"},
		{"2024-02-29 00:00:00", "-1 2:3:4.5", "DAY_MICROSECOND", "2024-02-27 21:56:55.500000"},
		{"2024-02-29 00:00:00", "2:3", "MINUTE_SECOND", "2024-02-29 00:02:03"},
		{"2024-02-29 13:14:15.678901", "1.1", "SECOND_MICROSECOND", "2024-02-29 13:14:16.778901"},
		{"2024-02-29 13:14:15.678901", "1:1:1.5", "HOUR_MICROSECOND", "2024-02-29 14:15:17.178901"},
		{"2100-12-31 23:59:59", "1:1", "MINUTE_SECOND", "2101-01-01 00:01:00"},
		{"1900-01-01 00:00:00", "-1 10", "DAY_HOUR", "1899-12-30 14:00:00"},
		{"9999-12-31 00:00:00", "1 0", "DAY_HOUR", "NULL"},
	} {
		got := one(t, s, fmt.Sprintf("weir_datetime_text(weir_date_add_text(TIMESTAMP '%s', '%s', '%s'), 6)", c.from, c.interval, c.unit))
		if want := c.want; got != want && got != want+".000000" {
			t.Errorf("%s + %s %s: got %s, want %s", c.from, c.interval, c.unit, got, want)
		}
	}
}

// Every function that the dialect can call is registered, and every registered one is called by it.
func TestFunctionsOfTheDialect(t *testing.T) {
	registered := map[string]bool{}
	for _, f := range functions {
		registered[f.name] = true
	}
	d := dialect.DuckDB()
	call := regexp.MustCompile(`weir_[a-z0-9_]+`)
	text := func(class rel.Operand) rel.Expr { return &rel.Col{Name: "c", T: typeOf(class)} }
	all := maps.Clone(rel.Functions)
	maps.Copy(all, rel.Keyed)
	for op, s := range all {
		if s.Max < 0 {
			s = &rel.Signature{Min: s.Min, Max: s.Min + 2, Operands: s.Operands, Repeat: s.Repeat, Result: s.Result}
		}
		for n := s.Min; n <= s.Max; n++ {
			args := make([]rel.Expr, n)
			for i := range args {
				args[i] = text(s.Operand(i))
			}
			c := &rel.Call{Op: op, Args: args, T: rel.TextType}
			if r := s.Result; r != nil {
				c.T = r(args)
			}
			sql, err := dialect.PrintExpr(d, c)
			if err != nil {
				t.Errorf("%s of %d: %v", op, n, err)
				continue
			}
			for _, name := range call.FindAllString(sql, -1) {
				if !registered[name] {
					t.Errorf("%s of %d: %s is not registered", op, n, name)
				}
			}
		}
	}
}

func typeOf(o rel.Operand) rel.Type {
	switch o {
	case rel.IntOperand, rel.NumberOperand:
		return rel.BigIntType
	case rel.DoubleOperand:
		return rel.DoubleType
	case rel.DateOperand, rel.DateTimeOperand, rel.TemporalOperand:
		return rel.DateTimeType
	case rel.TimeOperand:
		return rel.Type{Kind: rel.Time}
	case rel.JSONOperand:
		return rel.JSONType
	}
	return rel.TextType
}

func init() {
	register(function{name: "weir_test_panic", in: []kind{kindInt}, out: kindInt, eval: func(*args) error { panic("no") }})
}

// A panic inside a function is an error of its query.
func TestFunctionPanic(t *testing.T) {
	if got := one(t, begin(t, open(t, Options{})), "weir_test_panic(1)"); got != "error" {
		t.Errorf("got %s", got)
	}
}

// MEMBER OF has no syntax in the parser in use.
func TestMemberOf(t *testing.T) {
	s := begin(t, open(t, Options{}))
	for value, want := range map[string]string{"17": "1", `"17"`: "0", `"ab"`: "1", "[23]": "0"} {
		if got := one(t, s, `weir_json_member_of('`+value+`', '[23, "abc", 17, "ab", 10]')`); got != want {
			t.Errorf("%s: got %s", value, got)
		}
	}
}

func BenchmarkFunction(b *testing.B) {
	d := open(b, Options{Threads: 1})
	s := begin(b, d)
	for name, sql := range map[string]string{
		"divide":    "max(weir_divide_4(i::DECIMAL(15,2), 7::DECIMAL(5,0)))",
		"upper":     "max(weir_upper('some text ' || i))",
		"text":      "max('some text ' || i)",
		"date_add":  "max(weir_date_add(TIMESTAMP '2020-01-01', i, 'DAY'))",
		"to_double": "max(weir_text_double(i::VARCHAR))",
	} {
		b.Run(name, func(b *testing.B) {
			r, err := s.Query(context.Background(), fmt.Sprintf("SELECT CAST(%s AS VARCHAR) FROM range(%d) a(i)", sql, b.N), columns(rel.TextType))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := readAll(r); err != nil {
				b.Fatal(err)
			}
		})
	}
}
