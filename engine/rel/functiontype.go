package rel

import "strings"

// The result rules of Functions: lengths, scales and classes as MySQL 8 computes them.

// unlimited is the length of a string without a known bound; such a string is a TEXT or BLOB.
const unlimited = -1

// maxVarChar is the longest VARCHAR of four-byte characters; what may be longer is a TEXT.
const maxVarChar = 65535 / 4

// StringLength is the greatest number of characters (bytes for binary) that a value of t has when written as a string, or -1
// if there is no known bound.
func StringLength(t Type) int {
	switch t.Class() {
	case ClassText, ClassBinary:
		if t.Length == 0 && t.Kind != VarChar && t.Kind != VarBinary {
			return unlimited
		}
		return t.Length
	case ClassNull:
		return 0
	case ClassBool:
		return 1
	case ClassInt:
		if t.Kind == Year {
			return 4
		}
		return intDigits(t) + 1
	case ClassDecimal:
		n := t.Precision + 1 // sign
		if t.Scale > 0 {
			n++
			if t.Precision == t.Scale {
				n++ // the 0 before the point
			}
		}
		return n
	case ClassDouble:
		if t.Kind == Float {
			return 12
		}
		return 23
	case ClassDate:
		return 10
	case ClassTime:
		return withFraction(10, t.Scale)
	case ClassDateTime:
		return withFraction(19, t.Scale)
	default:
		return unlimited
	}
}

func withFraction(n, scale int) int {
	if scale > 0 {
		return n + 1 + scale
	}
	return n
}

// intDigits is the number of decimal digits that the widest value of an integer type has.
func intDigits(t Type) int {
	switch t.Kind {
	case TinyInt:
		return 3
	case SmallInt:
		return 5
	case MediumInt:
		return 8
	case Int:
		return 10
	case Year:
		return 4
	default:
		if t.Unsigned || t.Kind == Bit {
			return 20
		}
		return 19
	}
}

// StringType is the type of text (or binary) of at most n characters (or bytes); n below 0 is no bound.
func StringType(binary bool, n int) Type {
	if binary {
		if n < 0 || n > 65535 {
			return Type{Kind: Blob}
		}
		return Type{Kind: VarBinary, Length: n}
	}
	if n < 0 || n > maxVarChar {
		return TextType
	}
	return VarCharType(n)
}

// stringOf is text of a length, or binary if any operand is.
func stringOf(length func(args []Expr) int) func(args []Expr) Type {
	return func(args []Expr) Type {
		binary := false
		for _, a := range args {
			binary = binary || a.Type().Class() == ClassBinary
		}
		return StringType(binary, length(args))
	}
}

func isString(e Expr) bool {
	c := e.Type().Class()
	return c == ClassText || c == ClassBinary || c == ClassNull
}

func lengthOf(i int) func([]Expr) int {
	return func(args []Expr) int { return StringLength(args[i].Type()) }
}

func sumOfLengths(args []Expr) int {
	sum := 0
	for _, a := range args {
		if !isString(a) {
			continue
		}
		n := StringLength(a.Type())
		if n < 0 {
			return unlimited
		}
		sum += n
	}
	return sum
}

func lengthOfConcatWS(args []Expr) int {
	n, sep := sumOfLengths(args[1:]), StringLength(args[0].Type())
	if n < 0 || sep < 0 {
		return unlimited
	}
	return n + sep*max(0, len(args)-2)
}

// lengthUpTo is the length of the first operand, or the constant operand i if that is less.
func lengthUpTo(i int) func([]Expr) int {
	return func(args []Expr) int {
		n := StringLength(args[0].Type())
		if i < len(args) {
			if k, ok := constInt(args[i]); ok {
				if k = max(k, 0); n < 0 || int(k) < n {
					return int(min(k, maxVarChar+1))
				}
			}
		}
		return n
	}
}

// lengthGiven is the constant operand i.
func lengthGiven(i int) func([]Expr) int {
	return func(args []Expr) int {
		if k, ok := constInt(args[i]); ok {
			return int(min(max(k, 0), maxVarChar+1))
		}
		return unlimited
	}
}

func lengthTimes(i, times int) func([]Expr) int {
	return func(args []Expr) int {
		n := StringLength(args[i].Type())
		k, ok := constInt(args[times])
		if n < 0 || !ok || k > maxVarChar {
			return unlimited
		}
		return n * int(max(k, 0))
	}
}

func lengthOfReplace(args []Expr) int {
	n, from, to := StringLength(args[0].Type()), StringLength(args[1].Type()), StringLength(args[2].Type())
	if n < 0 || to < 0 {
		return unlimited
	}
	if l, ok := args[1].(*Lit); ok && l.Value != nil && from > 0 {
		return n + n/from*max(0, to-from)
	}
	return n * max(1, to)
}

func longestFrom(i int) func([]Expr) int {
	return func(args []Expr) int {
		longest := 0
		for _, a := range args[i:] {
			n := StringLength(a.Type())
			if n < 0 {
				return unlimited
			}
			longest = max(longest, n)
		}
		return longest
	}
}

// hexDigits is HEX: two digits for a byte, or those of a BIGINT.
func hexDigits(args []Expr) Type {
	if args[0].Type().IsNumeric() {
		return VarCharType(16)
	}
	n := byteLength(args[0].Type())
	if n < 0 {
		return TextType
	}
	return StringType(false, 2*n)
}

// base64Length is TO_BASE64: four characters for three bytes, and a line break after 76.
func base64Length(args []Expr) Type {
	n := byteLength(args[0].Type())
	if n < 0 {
		return TextType
	}
	n = (n + 2) / 3 * 4
	return StringType(false, n+max(0, n-1)/76)
}

// quoted is text in quotes, each character of which may need some for its escape.
func quoted(each int) func([]Expr) Type {
	return func(args []Expr) Type {
		n := StringLength(args[0].Type())
		if n < 0 {
			return TextType
		}
		return StringType(false, each*n+2)
	}
}

// byteLength is StringLength in bytes.
func byteLength(t Type) int {
	n := StringLength(t)
	if n > 0 && t.Class() == ClassText {
		n *= 4
	}
	return n
}

func binaryFromLength(divisor int) func([]Expr) Type {
	return func(args []Expr) Type {
		l := StringLength(args[0].Type())
		if l < 0 {
			return Type{Kind: Blob}
		}
		return StringType(true, (l+divisor-1)/divisor)
	}
}

func binaryOfArgs(each int) func([]Expr) Type {
	return func(args []Expr) Type { return StringType(true, each*len(args)) }
}

func textOfArgs(each int) func([]Expr) Type {
	return func(args []Expr) Type { return StringType(false, each*len(args)) }
}

func fixed(t Type) func([]Expr) Type { return func([]Expr) Type { return t } }

func same(args []Expr) Type { return args[0].Type() }

// wholeNumber is the type of CEIL and FLOOR: a decimal gives a BIGINT where its integer part surely fits.
func wholeNumber(args []Expr) Type {
	t := args[0].Type()
	if t.Kind != Decimal {
		return t
	}
	digits := t.Precision - t.Scale
	if t.FracDigits() > 0 {
		digits++
	}
	if digits < 19 {
		return BigIntType
	}
	return DecimalType(digits, 0)
}

// rounded is the type of ROUND and TRUNCATE: with a constant count of digits a decimal's scale becomes that count.
func rounded(carry bool) func([]Expr) Type {
	return func(args []Expr) Type {
		t := args[0].Type()
		if t.Kind != Decimal {
			return t
		}
		k, ok := constInt(args[1])
		if !ok {
			return DecimalType(t.Precision, t.Scale)
		}
		scale := int(min(max(k, 0), 30))
		precision := t.Precision - t.Scale + scale
		if carry && scale < t.Scale {
			precision++
		}
		return DecimalType(min(max(precision, scale, 1), 65), scale)
	}
}

// secondScale is the count of fractional second digits that an operand of seconds gives.
func secondScale(t Type) int {
	switch t.Class() {
	case ClassDecimal, ClassTime, ClassDateTime:
		return min(t.Scale, 6)
	case ClassInt, ClassDate, ClassNull:
		return 0
	default:
		return 6
	}
}

func timeWithScaleOf(is ...int) func([]Expr) Type {
	return func(args []Expr) Type {
		scale := 0
		for _, i := range is {
			scale = max(scale, secondScale(args[i].Type()))
		}
		return Type{Kind: Time, Scale: scale}
	}
}

func momentInZone(args []Expr) Type {
	t := args[0].Type()
	return Type{Kind: t.Kind, Scale: t.Scale}
}

func dateTimeWithScaleOf(i int) func([]Expr) Type {
	return func(args []Expr) Type { return Type{Kind: DateTime, Scale: secondScale(args[i].Type())} }
}

func temporalPlusTime(args []Expr) Type {
	scale := max(secondScale(args[0].Type()), secondScale(args[1].Type()))
	switch args[0].Type().Class() {
	case ClassTime:
		return Type{Kind: Time, Scale: scale}
	case ClassDate, ClassDateTime:
		return Type{Kind: DateTime, Scale: scale}
	default:
		return VarCharType(29)
	}
}

// formatted is the type of DATE_FORMAT: the format's letters each give up to the length of the longest name or number.
func formatted(args []Expr) Type {
	l, ok := args[1].(*Lit)
	if !ok {
		return TextType
	}
	s, _ := l.Value.(string)
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+1 == len(s) {
			n++
			continue
		}
		i++
		switch s[i] {
		case 'M', 'W':
			n += 64
		case 'D', 'Y', 'x', 'X':
			n += 4
		case 'a', 'b':
			n += 32
		case 'j':
			n += 3
		case 'h', 'H', 'k', 'l', 'I':
			n += 7
		case 'u', 'U', 'v', 'V', 'y', 'm', 'd', 'c', 'e', 'i', 's', 'S', 'p', 'w':
			n += 2
		case 'r':
			n += 11
		case 'T':
			n += 8
		case 'f':
			n += 6
		default:
			n++
		}
	}
	return StringType(false, n)
}

// parsedDate is the type of STR_TO_DATE: what the constant format's letters speak of.
func parsedDate(args []Expr) Type {
	l, ok := args[1].(*Lit)
	s, isText := "", false
	if ok {
		s, isText = l.Value.(string)
	}
	if !isText {
		return Type{Kind: DateTime, Scale: 6}
	}
	date, clock, micro := false, false, false
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '%' {
			continue
		}
		i++
		switch {
		case s[i] == 'f':
			clock, micro = true, true
		case strings.IndexByte("HISThiklprs", s[i]) >= 0:
			clock = true
		case strings.IndexByte("MVUXYWabcjmvuxyw", s[i]) >= 0 || s[i] == 'd' || s[i] == 'e' || s[i] == 'D':
			date = true
		}
	}
	scale := 0
	if micro {
		scale = 6
	}
	switch {
	case clock && date:
		return Type{Kind: DateTime, Scale: scale}
	case clock:
		return Type{Kind: Time, Scale: scale}
	default:
		return DateType
	}
}

func fromUnixTime(args []Expr) Type {
	return Type{Kind: DateTime, Scale: secondScale(args[0].Type())}
}

func unixTimestamp(args []Expr) Type {
	if scale := secondScale(args[0].Type()); scale > 0 {
		return DecimalType(11+scale, scale)
	}
	return BigIntType
}

// constInt is the value of an integer literal.
func constInt(e Expr) (int64, bool) {
	l, ok := e.(*Lit)
	if !ok {
		return 0, false
	}
	switch v := l.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(min(v, 1<<62)), true
	}
	return 0, false
}
