package policy

import (
	"testing"

	"weir/catalog/config"
	"weir/engine/rel"
	"weir/sources"
)

// A mask that leaves its column's range would fail, and tell of the value: the ends of the range stand for what is beyond them.
func TestMasksStayInRange(t *testing.T) {
	for _, c := range []struct {
		mask config.Mask
		t    rel.Type
		want string
	}{
		{config.Mask{Kind: "round", Digits: -1}, rel.Type{Kind: rel.TinyInt}, "LEAST(GREATEST(ROUND(`c`, -1), -128), 127)"},
		{config.Mask{Kind: "round", Digits: -2}, rel.Type{Kind: rel.TinyInt, Unsigned: true}, "LEAST(ROUND(`c`, -2), 255)"},
		{config.Mask{Kind: "round", Digits: 2}, rel.Type{Kind: rel.Int}, "`c`"},
		{config.Mask{Kind: "round", Digits: -2}, rel.Type{Kind: rel.BigInt}, "ROUND(LEAST(GREATEST(`c`, -9223372036854775707), 9223372036854775706), -2)"},
		{config.Mask{Kind: "round", Digits: 1}, rel.Type{Kind: rel.Decimal, Precision: 9, Scale: 3}, "ROUND(`c`, 1)"},
	} {
		if got, same := MaskSQL(c.mask, &sources.Column{Name: "c", Type: c.t}); got != c.want || !same {
			t.Errorf("%+v of %s: %s, want %s", c.mask, c.t, got, c.want)
		}
	}
}
