package bind

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
)

// asValue makes BIGINT of a predicate.
func asValue(e rel.Expr) rel.Expr {
	t := e.Type()
	if t.Kind != rel.Bool {
		return e
	}
	if l, ok := e.(*rel.Lit); ok {
		switch l.Value {
		case true:
			return intLit(1)
		case false:
			return intLit(0)
		}
		return null(rel.BigIntType)
	}
	return call(rel.OpCast, rel.Type{Kind: rel.BigInt, NotNull: t.NotNull}, e)
}

// asCondition makes a predicate of a value: it is true where the value is a number other than 0.
func (x *binding) asCondition(e rel.Expr) rel.Expr {
	t := e.Type()
	switch t.Class() {
	case rel.ClassBool:
		return e
	case rel.ClassNull:
		return null(rel.BoolType)
	case rel.ClassJSON:
		return predicate(rel.OpNe, e, x.cast(intLit(0), rel.JSONType)) // true for all but the number 0, as in MySQL
	}
	e = x.asNumber(e)
	if c, ok := e.(*rel.Call); ok && c.Op == rel.OpCast && c.Args[0].Type().Kind == rel.Bool {
		return c.Args[0]
	}
	var zero rel.Expr
	switch e.Type().Class() {
	case rel.ClassInt:
		if l, ok := e.(*rel.Lit); ok {
			switch v := l.Value.(type) {
			case nil:
				return null(rel.BoolType)
			case int64:
				return boolLit(v != 0)
			case uint64:
				return boolLit(v != 0)
			}
		}
		zero = intLit(0)
	case rel.ClassDecimal:
		if l, ok := e.(*rel.Lit); ok && l.Value != nil {
			return boolLit(strings.Trim(string(l.Value.(rel.DecimalText)), "-0.") != "")
		}
		zero = decimal("0")
	case rel.ClassDouble:
		if l, ok := e.(*rel.Lit); ok && l.Value != nil {
			return boolLit(l.Value.(float64) != 0)
		}
		zero = doubleLit(0)
	default:
		return null(rel.BoolType)
	}
	return predicate(rel.OpNe, e, zero)
}

// leaveBlock is an expression as it leaves its query block: a predicate as BIGINT, a decimal with the digits that its type declares.
func leaveBlock(e rel.Expr) rel.Expr {
	e = asValue(e)
	t := e.Type()
	if t.Kind == rel.Decimal && t.Inner > t.Scale {
		t.Inner = 0
		return call(rel.OpCast, t, e)
	}
	return e
}

// cast converts e to t where e isn't of that type already; a constant is converted at once where that is exact. The result is
// NOT NULL if e is and the conversion can't fail.
func (x *binding) cast(e rel.Expr, t rel.Type) rel.Expr {
	e = asValue(e)
	if e.Type().Class() == rel.ClassTime && (t.Class() == rel.ClassDate || t.Class() == rel.ClassDateTime) {
		e = x.timeToday(e, rel.Type{Kind: rel.DateTime, Scale: max(e.Type().Scale, t.Scale)})
	}
	s := e.Type()
	t = rel.Type{Kind: t.Kind, Unsigned: t.Unsigned, Length: t.Length, Precision: t.Precision, Scale: t.Scale, Inner: t.Inner}
	t.NotNull = s.NotNull && !mayFail(s, t)
	if l, ok := e.(*rel.Lit); ok {
		if l.Value == nil {
			return null(t)
		}
		if v, ok := x.foldCast(l, t); ok {
			return v
		}
	}
	if sameCarrier(s, t) {
		return e
	}
	return call(rel.OpCast, t, e)
}

// mayFail reports whether a cast can give NULL for a value.
func mayFail(s, t rel.Type) bool {
	return t.IsTemporal() && !s.IsTemporal() || t.Kind == rel.Year
}

// sameCarrier reports whether a value of type s is a value of type t as it stands.
func sameCarrier(s, t rel.Type) bool {
	if s.Class() != t.Class() {
		return false
	}
	switch t.Class() {
	case rel.ClassInt, rel.ClassDouble:
		return s.Kind == t.Kind && s.Unsigned == t.Unsigned
	case rel.ClassDecimal:
		return s.FracDigits() == t.FracDigits() && s.Precision-s.Scale <= t.Precision-t.Scale
	case rel.ClassTime, rel.ClassDateTime:
		return s.Scale <= t.Scale
	}
	return true
}

// foldCast converts a constant; ok is false where that is left to run time.
func (x *binding) foldCast(l *rel.Lit, t rel.Type) (e rel.Expr, ok bool) {
	lit := func(v any) (rel.Expr, bool) { return &rel.Lit{Value: v, T: t}, true }
	switch t.Class() {
	case rel.ClassInt:
		n, isInt := intValue(l)
		if s, isText := l.Value.(string); isText && l.T.Class() == rel.ClassText {
			n, isInt = new(big.Int).SetString(s, 10)
		}
		if !isInt || !fitsKind(n, t) {
			return nil, false
		}
		if t.Unsigned {
			return lit(n.Uint64())
		}
		return lit(n.Int64())
	case rel.ClassDecimal:
		s, isExact := exactText(l)
		if !isExact {
			return nil, false
		}
		s, fits := roundText(s, t.FracDigits(), t.Precision-t.Scale)
		if !fits {
			return nil, false
		}
		return lit(rel.DecimalText(s))
	case rel.ClassDouble:
		if t.Kind != rel.Double {
			return nil, false
		}
		switch v := l.Value.(type) {
		case float64:
			return lit(v)
		case string:
			return lit(numericPrefix(v))
		}
		if s, isExact := exactText(l); isExact {
			f, err := strconv.ParseFloat(s, 64)
			return &rel.Lit{Value: f, T: t}, err == nil
		}
	case rel.ClassText:
		switch v := l.Value.(type) {
		case string:
			if l.T.Class() == rel.ClassText {
				return lit(v)
			}
		case []byte:
			if utf8.Valid(v) {
				return lit(string(v))
			}
		case rel.DateValue, rel.TimeValue, rel.DateTimeValue:
			return lit(temporalText(v, l.T.Scale))
		}
		if s, isExact := exactText(l); isExact {
			return lit(s)
		}
	case rel.ClassBinary:
		switch v := l.Value.(type) {
		case string:
			if l.T.Class() == rel.ClassText {
				return lit([]byte(v))
			}
		case []byte:
			return lit(v)
		}
	case rel.ClassDate, rel.ClassTime, rel.ClassDateTime:
		return foldTemporal(l, t)
	}
	return nil, false
}

// fitsKind reports whether an integer is in the range of a type. A negative one as unsigned is left to run time.
func fitsKind(n *big.Int, t rel.Type) bool {
	bits := map[rel.Kind]uint{rel.TinyInt: 8, rel.SmallInt: 16, rel.MediumInt: 24, rel.Int: 32, rel.BigInt: 64}[t.Kind]
	if bits == 0 {
		return false
	}
	if t.Unsigned {
		return n.Sign() >= 0 && uint(n.BitLen()) <= bits
	}
	return uint(n.BitLen()) < bits || n.IsInt64() && bits == 64
}

// exactText is the plain notation of an integer or decimal constant.
func exactText(l *rel.Lit) (string, bool) {
	switch v := l.Value.(type) {
	case int64:
		return itoa(v), true
	case uint64:
		return utoa(v), true
	case rel.DecimalText:
		return string(v), true
	}
	return "", false
}

// intValue is an integer constant, or a decimal one rounded.
func intValue(l *rel.Lit) (*big.Int, bool) {
	s, ok := exactText(l)
	if !ok {
		return nil, false
	}
	s, _ = roundText(s, 0, 65)
	n, ok := new(big.Int).SetString(s, 10)
	if !ok || !n.IsInt64() && !n.IsUint64() {
		return nil, false
	}
	return n, true
}

// roundText rounds a decimal half away from zero to a count of fractional digits; fits is false if it needs more than whole digits
// before the point.
func roundText(s string, frac, whole int) (out string, fits bool) {
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	w, f, _ := strings.Cut(s, ".")
	carry := len(f) > frac && f[frac] >= '5'
	f = (f + strings.Repeat("0", frac))[:frac]
	n, ok := new(big.Int).SetString(w+f, 10)
	if !ok {
		return s, false
	}
	if carry {
		n.Add(n, big.NewInt(1))
	}
	d := n.String()
	if len(d) <= frac {
		d = strings.Repeat("0", frac-len(d)+1) + d
	}
	out = d[:len(d)-frac]
	fits = len(strings.TrimLeft(out, "0")) <= whole
	if frac > 0 {
		out += "." + d[len(d)-frac:]
	}
	if neg && n.Sign() != 0 {
		out = "-" + out
	}
	return out, fits
}

// numericPrefix is text in a numeric context: its leading number, or 0.
func numericPrefix(s string) float64 {
	s = strings.TrimLeft(s, " \t\n\r\v\f")
	i := 0
	digit := func() bool {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		i++
	}
	any := digit()
	if i < len(s) && s[i] == '.' {
		i++
		any = digit() || any
	}
	if !any {
		return 0
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		end := i
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if !digit() {
			i = end
		}
	}
	f, err := strconv.ParseFloat(s[:i], 64)
	if err != nil && math.IsInf(f, 0) {
		return math.Copysign(math.MaxFloat64, f)
	}
	return f
}

// convert binds CAST and CONVERT.
func (x *binding) convert(e *sqlparser.ConvertExpr) rel.Expr {
	v := x.value(e.Expr)
	length, hasLength := smallInt(e.Type.Length)
	scale, _ := smallInt(e.Type.Scale)
	explicit := func(t rel.Type) rel.Expr { return x.explicitCast(v, t) }
	switch strings.ToLower(e.Type.Type) {
	case "signed", "integer", "int", "signed integer":
		return explicit(rel.BigIntType)
	case "unsigned", "unsigned integer":
		return explicit(rel.UBigIntType)
	case "decimal", "dec", "numeric":
		if !hasLength {
			length = 10
		}
		switch {
		case scale > 30:
			fail(errTooBigScale.New("Too big scale %d specified for column '%s'. Maximum is 30.", scale, sqlparser.String(e.Expr)))
		case length > 65:
			fail(errTooBigPrecision.New("Too-big precision %d specified for '%s'. Maximum is 65.", length, sqlparser.String(e.Expr)))
		case scale > length:
			fail(errScaleOrder.New("For float(M,D), double(M,D) or decimal(M,D), M must be >= D (column '%s').", sqlparser.String(e.Expr)))
		case length == 0:
			length = 10
		}
		return explicit(rel.DecimalType(length, scale))
	case "double", "real", "double precision":
		return explicit(rel.DoubleType)
	case "float":
		if length > 24 {
			return explicit(rel.DoubleType)
		}
		return explicit(rel.Type{Kind: rel.Float, Scale: -1})
	case "date":
		return explicit(rel.DateType)
	case "datetime", "timestamp":
		return explicit(rel.Type{Kind: rel.DateTime, Scale: fraction(length)})
	case "time":
		return explicit(rel.Type{Kind: rel.Time, Scale: fraction(length)})
	case "year":
		return explicit(rel.Type{Kind: rel.Year})
	case "json":
		return x.explicitCast(jsonMember(x.expr(e.Expr)), rel.JSONType)
	case "char", "nchar", "varchar", "character", "text":
		checkCharset(e.Type.Charset)
		out := x.asText(v)
		if hasLength {
			t := rel.StringType(false, length)
			t.NotNull = out.Type().NotNull
			return call("left", t, out, intLit(int64(length)))
		}
		return out
	case "binary", "varbinary":
		out := x.asBinary(v)
		if hasLength {
			return x.apply("rpad", out, intLit(int64(length)), &rel.Lit{Value: []byte{0}, T: rel.Type{Kind: rel.VarBinary, Length: 1, NotNull: true}})
		}
		return out
	}
	unsupported("CAST … AS %s", strings.ToUpper(e.Type.Type))
	return nil
}

// explicitCast is a cast that is written out: what isn't a value of the type gives NULL, as for any function.
func (x *binding) explicitCast(e rel.Expr, t rel.Type) rel.Expr {
	if l, ok := e.(*rel.Lit); ok && x.b.numeric[l] && t.IsNumeric() {
		e = bytesAsNumber(l.Value.([]byte))
	}
	v := x.cast(e, t)
	if s := v.Type(); s.Kind != t.Kind || s.Precision != t.Precision || s.Scale != t.Scale {
		t.NotNull = s.NotNull
		return call(rel.OpCast, t, v) // the same value, but of the type that is asked for
	}
	return v
}

// smallInt is a length or scale in a type.
func smallInt(v *sqlparser.SQLVal) (int, bool) {
	if v == nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(v.Val))
	return n, err == nil
}

func fraction(n int) int {
	if n > 6 {
		fail(errTooBigPrecision.New("Too-big precision %d specified for 'CAST'. Maximum is 6.", n))
	}
	return n
}

// asText converts to text without a limit of its own.
func (x *binding) asText(e rel.Expr) rel.Expr {
	e = leaveBlock(e) // text shows the digits that the type declares
	if e.Type().Class() == rel.ClassText {
		return e
	}
	return x.cast(e, rel.StringType(false, rel.StringLength(e.Type())))
}

// asBinary converts to a binary string.
func (x *binding) asBinary(e rel.Expr) rel.Expr {
	e = asValue(e)
	t := e.Type()
	if t.Class() == rel.ClassBinary {
		return e
	}
	n := rel.StringLength(t)
	if t.Class() == rel.ClassText && n > 0 {
		n *= 4
	} else if t.Class() != rel.ClassText {
		e = x.asText(e)
	}
	return x.cast(e, rel.StringType(true, n))
}

func (x *binding) convertUsing(e *sqlparser.ConvertUsingExpr) rel.Expr {
	v := x.value(e.Expr)
	if strings.EqualFold(e.Type, "binary") {
		return x.asBinary(v)
	}
	checkCharset(e.Type)
	return x.asText(v)
}

// checkCharset refuses the character sets that text can't be converted to without loss.
func checkCharset(name string) {
	switch strings.ToLower(name) {
	case "", "utf8mb4", "utf8mb3", "utf8":
	case "ascii", "latin1", "latin2", "latin5", "latin7", "utf16", "utf16le", "utf32", "ucs2", "cp1250", "cp1251", "cp1252", "cp1256", "cp1257", "cp850",
		"cp852", "cp866", "cp932", "big5", "gbk", "gb2312", "gb18030", "sjis", "ujis", "eucjpms", "euckr", "greek", "hebrew", "koi8r", "koi8u",
		"tis620", "swe7", "hp8", "dec8", "keybcs2", "macce", "macroman", "geostd8", "armscii8":
		unsupported("conversion to the character set %s", name)
	default:
		fail(errUnknownCharset.New("Unknown character set: '%s'", name))
	}
}
