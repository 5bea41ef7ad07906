package main

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// result is what a system answered. Values are text; nil is NULL.
type result struct {
	rows        [][]*string
	approximate []bool // for each column whether the system computed it in floating point
}

// differ says what distinguishes Weir's result from a peer's as multisets, or nothing. Text, dates and integers must be the same. Decimals must be the
// same to the fewer digits of the two, give or take one in the last where the number of digits differs: a system that rounds to fewer rounds in its own way.
// Floating point must agree to nine digits, or to the digits that Weir gives.
func differ(weir, peer result) string {
	if len(weir.rows) != len(peer.rows) {
		return fmt.Sprintf("%d rows, not %d", len(weir.rows), len(peer.rows))
	}
	a, b := inOrder(weir.rows), inOrder(peer.rows)
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return fmt.Sprintf("%d columns, not %d", len(a[i]), len(b[i]))
		}
		for j := range a[i] {
			approximate := j < len(peer.approximate) && peer.approximate[j]
			if !equal(a[i][j], b[i][j], approximate) {
				return fmt.Sprintf("row %d, column %d: %s, not %s", i+1, j+1, show(a[i][j]), show(b[i][j]))
			}
		}
	}
	return ""
}

func show(v *string) string {
	if v == nil {
		return "NULL"
	}
	return *v
}

func equal(a, b *string, approximate bool) bool {
	if a == nil || b == nil {
		return a == b
	}
	if *a == *b {
		return true
	}
	x, digitsX, okX := parseNumber(*a)
	y, digitsY, okY := parseNumber(*b)
	if !okX || !okY {
		return false
	}
	distance := new(big.Rat).Sub(x, y)
	distance.Abs(distance)
	if approximate {
		allowed := new(big.Rat).Mul(new(big.Rat).Abs(y), big.NewRat(1, 1e9))
		if digitsX > 0 {
			allowed.Add(allowed, power(-digitsX))
		}
		return distance.Cmp(allowed) <= 0
	}
	if digitsX == digitsY {
		return distance.Sign() == 0
	}
	fewer := min(digitsX, digitsY)
	return distance.Sign() == 0 || fewer > 0 && distance.Cmp(power(-fewer)) <= 0
}

// power is 10 to the n.
func power(n int) *big.Rat {
	p := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return new(big.Rat).SetFrac(big.NewInt(1), p)
	}
	return new(big.Rat).SetInt(p)
}

// parseNumber reads a number and the count of its fractional digits.
func parseNumber(s string) (x *big.Rat, digits int, ok bool) {
	if s == "" || strings.Trim(s, "0123456789.eE+-") != "" {
		return nil, 0, false
	}
	x, ok = new(big.Rat).SetString(s)
	if _, fraction, found := strings.Cut(s, "."); found && !strings.ContainsAny(s, "eE") {
		digits = len(fraction)
	}
	return x, digits, ok
}

// inOrder sorts rows by what two systems write alike: all but fractions first, then these, rounded.
func inOrder(rows [][]*string) [][]*string {
	type keyed struct {
		key string
		row []*string
	}
	list := make([]keyed, len(rows))
	for i, row := range rows {
		var plain, fractions strings.Builder
		for _, v := range row {
			if v != nil {
				if x, _, ok := parseNumber(*v); ok && !x.IsInt() || ok && strings.Contains(*v, ".") {
					f, _ := x.Float64()
					fmt.Fprintf(&fractions, "%020.1f\x00", math.Round(f*10)/10)
					continue
				}
			}
			plain.WriteString(show(v) + "\x00")
		}
		list[i] = keyed{plain.String() + fractions.String(), row}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	out := make([][]*string, len(rows))
	for i, k := range list {
		out[i] = k.row
	}
	return out
}
