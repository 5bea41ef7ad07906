package main

import "testing"

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		weir, peer  string
		approximate bool
		want        bool
	}{
		{"a", "a", false, true},
		{"a", "a ", false, false},
		{"12", "13", false, false},
		{"12.30", "12.3", false, true},
		{"1234567890123456789012.34", "1234567890123456789012.35", false, false}, // nothing is compared as a double
		{"25.522006", "25.52", false, true},
		{"25.522006", "25.54", false, false},
		{"12", "12.4", false, false},
		{"38273.129735", "38273.12973462168", true, true},
		{"38273.129735", "38273.1299", true, false},
		{"7", "7.4", true, false},
		{"1995-01-01", "1995-01-02", false, false},
	} {
		if got := equal(&c.weir, &c.peer, c.approximate); got != c.want {
			t.Errorf("%s and %s, approximate %v: %v", c.weir, c.peer, c.approximate, got)
		}
	}
	zero := "0"
	if equal(nil, &zero, false) || !equal(nil, nil, false) {
		t.Error("NULL equals NULL alone")
	}
}

func TestDiffer(t *testing.T) {
	row := func(values ...string) (out []*string) {
		for _, v := range values {
			out = append(out, &v)
		}
		return out
	}
	a := result{rows: [][]*string{row("x", "1.50"), row("y", "2.25"), row("y", "2.25")}}
	if d := differ(a, result{rows: [][]*string{row("y", "2.25"), row("x", "1.5"), row("y", "2.25")}}); d != "" {
		t.Error("order counts:", d)
	}
	for what, b := range map[string][][]*string{
		"a row less":        {row("x", "1.50"), row("y", "2.25")},
		"another duplicate": {row("x", "1.50"), row("x", "1.50"), row("y", "2.25")},
		"another value":     {row("x", "1.50"), row("y", "2.25"), row("y", "2.26")},
		"a column more":     {row("x", "1.50", "1"), row("y", "2.25", "1"), row("y", "2.25", "1")},
	} {
		if differ(a, result{rows: b}) == "" {
			t.Error(what, "isn't noticed")
		}
	}
}
