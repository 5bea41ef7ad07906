package differential

// The bounds that keep values inside what all systems can hold: 18 digits of an integer, and of a decimal 34 digits in all.
const (
	maxInt     = 18
	maxDecimal = 34
	maxScale   = 20
)

func fits(t typ) (typ, bool) {
	if t.class == cDec || t.scale > 0 {
		return t, t.mag+float64(t.scale) <= maxDecimal && t.scale <= maxScale
	}
	return t, t.mag <= maxInt
}

func sum(a []typ) typ {
	return typ{mag: max(a[0].mag, a[1].mag) + 1, scale: max(a[0].scale, a[1].scale)}
}

func oneSign(a []typ) bool { return a[0].unsigned == a[1].unsigned }

var (
	// of an integer or a decimal
	addRule rule = func(a []typ) (typ, bool) {
		t, ok := fits(sum(a))
		t.unsigned = a[0].unsigned
		return t, ok && oneSign(a)
	}
	subRule rule = func(a []typ) (typ, bool) {
		t, ok := fits(sum(a))
		return t, ok && !a[0].unsigned && !a[1].unsigned
	}
	mulRule rule = func(a []typ) (typ, bool) {
		t, ok := fits(typ{mag: a[0].mag + a[1].mag, scale: a[0].scale + a[1].scale, unsigned: a[0].unsigned})
		return t, ok && oneSign(a)
	}
	divRule rule = func(a []typ) (typ, bool) {
		return fits(typ{class: cDec, mag: a[0].mag + float64(a[1].scale), scale: a[0].scale + 4})
	}
	intDivRule rule = func(a []typ) (typ, bool) {
		t, ok := fits(typ{mag: a[0].mag + float64(a[1].scale), unsigned: a[0].unsigned})
		return t, ok && oneSign(a)
	}
	modRule rule = func(a []typ) (typ, bool) {
		return typ{mag: a[1].mag, scale: max(a[0].scale, a[1].scale), unsigned: a[0].unsigned}, true
	}
	// The reference makes DECIMAL of some negated integers.
	negated rule = func(a []typ) (typ, bool) {
		t := a[0]
		t.loose = true
		return t, !a[0].unsigned
	}
	same rule = func(a []typ) (typ, bool) { return a[0], true }
	// fewer are operands of at most 18 digits, which fit a BIGINT.
	// Whether FLOOR gives a BIGINT or a DECIMAL depends on how wide the operand is declared.
	fewer rule = func(a []typ) (typ, bool) {
		t := a[0]
		t.scale, t.loose = 0, true
		t.mag++
		return t, t.mag <= maxInt
	}
	exact rule = func(a []typ) (typ, bool) { return typ{mag: 3}, !a[0].approx }
)

// digits is a result of at most n digits.
func digits(n float64) rule { return func([]typ) (typ, bool) { return typ{mag: n}, true } }

// whole is a result of at most n digits of an operand without fractional seconds.
func whole(n float64) rule {
	return func(a []typ) (typ, bool) { return typ{mag: n}, a[0].scale == 0 }
}

// bits is an unsigned result of 64 bits.
func bits(n float64) rule {
	return func([]typ) (typ, bool) { return typ{mag: n, unsigned: true}, true }
}

// decimal is a DECIMAL(p, s) into which the operand surely fits.
func decimal(p, s int) rule {
	return func(a []typ) (typ, bool) {
		return typ{mag: float64(p - s), scale: s}, a[0].mag <= float64(p-s)
	}
}

// rounded has k digits, whatever literal k is.
var rounded rule = func(a []typ) (typ, bool) {
	t := a[0]
	t.mag++
	t.scale = min(t.scale, 9)
	return fits(t)
}

// chars is a text of at most n characters.
func chars(n int) rule { return func([]typ) (typ, bool) { return typ{length: n}, true } }

const maxText = 400

// joined is as long as all operands together.
var joined rule = func(a []typ) (typ, bool) {
	t := typ{}
	for _, x := range a {
		switch x.class {
		case cText:
			t.length += x.length
		default:
			t.length += 40
		}
	}
	return t, t.length <= maxText
}

// times is n times as long as the first operand.
func times(n int) rule {
	return func(a []typ) (typ, bool) {
		t := typ{length: a[0].length * n}
		return t, t.length <= maxText
	}
}

// fraction is the operand's with as many fractional digits.
func fraction(n int) rule { return func([]typ) (typ, bool) { return typ{scale: n}, true } }

// wholeSeconds refuses fractions: a TIME that is cut to its range differs in them.
var wholeSeconds rule = func(a []typ) (typ, bool) {
	return typ{}, a[0].scale == 0 && a[1].scale == 0
}

var mostFraction rule = func(a []typ) (typ, bool) {
	t := typ{}
	for _, x := range a {
		t.scale = max(t.scale, x.scale)
	}
	return t, true
}
