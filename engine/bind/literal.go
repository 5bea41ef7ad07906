package bind

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// literal binds a constant or a placeholder.
func (b *binder) literal(v *sqlparser.SQLVal) rel.Expr {
	switch v.Type {
	case sqlparser.IntVal:
		return integer(string(v.Val))
	case sqlparser.FloatVal:
		return number(string(v.Val))
	case sqlparser.StrVal:
		return textLit(strings.ToValidUTF8(string(v.Val), "\uFFFD"))
	case sqlparser.HexVal, sqlparser.HexNum:
		digits := string(v.Val)
		if v.Type == sqlparser.HexNum {
			digits = digits[2:]
		}
		if len(digits)%2 == 1 {
			digits = "0" + digits
		}
		raw, err := hex.DecodeString(digits)
		if err != nil {
			fail(sqlerr.Syntax.New("You have an error in your SQL syntax: wrong hexadecimal literal"))
		}
		return b.bytes(raw)
	case sqlparser.BitVal:
		return b.bytes(bits(string(v.Val)))
	case sqlparser.ValArg:
		return b.argument(v)
	}
	unsupported("this literal")
	return nil
}

// argument is the value of a placeholder; NULL while a statement is only being described.
func (b *binder) argument(v *sqlparser.SQLVal) *rel.Lit {
	i, err := strconv.Atoi(strings.TrimPrefix(strings.TrimPrefix(string(v.Val), ":v"), ":"))
	if err != nil || i < 1 {
		unsupported("the named placeholder %s", v.Val)
	}
	if i > len(b.env.Args) || b.env.Args[i-1] == nil {
		return null(rel.NullType)
	}
	return b.env.Args[i-1]
}

// bytes is a binary literal that counts as a number where one is needed.
func (b *binder) bytes(raw []byte) *rel.Lit {
	l := &rel.Lit{Value: raw, T: rel.Type{Kind: rel.VarBinary, Length: len(raw), NotNull: true}}
	b.numeric[l] = true
	return l
}

// bits are the bytes of a bit literal, most significant first.
func bits(s string) []byte {
	out := make([]byte, (len(s)+7)/8)
	for i := range s {
		if s[len(s)-1-i] == '1' {
			out[len(out)-1-i/8] |= 1 << (i % 8)
		}
	}
	return out
}

// bytesAsNumber is a hexadecimal or bit literal as a number: the last eight bytes.
func bytesAsNumber(raw []byte) *rel.Lit {
	var n uint64
	for _, c := range raw {
		n = n<<8 | uint64(c)
	}
	return &rel.Lit{Value: n, T: rel.Type{Kind: rel.BigInt, Unsigned: true, NotNull: true}}
}

// integer is an integer constant: BIGINT, BIGINT UNSIGNED, or DECIMAL by its size.
func integer(s string) *rel.Lit {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return intLit(n)
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return &rel.Lit{Value: n, T: rel.Type{Kind: rel.BigInt, Unsigned: true, NotNull: true}}
	}
	return decimal(s)
}

// number is a constant with a point (DECIMAL) or an exponent (DOUBLE).
func number(s string) *rel.Lit {
	if strings.ContainsAny(s, "eE") {
		f, err := strconv.ParseFloat(s, 64)
		if err != nil && math.IsInf(f, 0) {
			fail(sqlerr.Kind{Code: 1367, State: "22007"}.New("Illegal double '%s' value found during parsing", s))
		}
		return doubleLit(f)
	}
	return decimal(s)
}

func doubleLit(f float64) *rel.Lit {
	t := rel.DoubleType
	t.NotNull = true
	return &rel.Lit{Value: f, T: t}
}

// decimal is a DECIMAL constant with the digits that it is written with.
func decimal(s string) *rel.Lit {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "-", s[1:]
	}
	s = strings.TrimPrefix(s, "+")
	whole, frac, _ := strings.Cut(s, ".")
	zero := whole != "" // MySQL counts the 0 of 0.05 as a digit
	whole = strings.TrimLeft(whole, "0")
	if len(frac) > 30 {
		frac = frac[:30]
	}
	if len(whole)+len(frac) > 65 {
		if len(whole) > 65 {
			whole = strings.Repeat("9", 65) // as MySQL does, with a warning
		}
		frac = frac[:65-len(whole)]
	}
	text := whole
	if text == "" {
		text = "0"
	}
	if frac != "" {
		text += "." + frac
	}
	if strings.Trim(text, "0.") == "" {
		sign = ""
	}
	digits := len(whole) + len(frac)
	if whole == "" && zero {
		digits++
	}
	t := rel.DecimalType(max(1, digits), len(frac))
	t.NotNull = true
	return &rel.Lit{Value: rel.DecimalText(sign + text), T: t}
}

// introduced binds a literal with a character set introducer such as _utf8mb4'…'.
func (x *binding) introduced(charset string, e sqlparser.Expr) rel.Expr {
	v := x.value(e)
	l, ok := v.(*rel.Lit)
	if !ok {
		fail(sqlerr.Syntax.New("You have an error in your SQL syntax: a character set introducer needs a literal"))
	}
	var raw []byte
	switch s := l.Value.(type) {
	case string:
		raw = []byte(s)
	case []byte:
		raw = s
	default:
		return v
	}
	switch charset {
	case "binary":
		return &rel.Lit{Value: raw, T: rel.Type{Kind: rel.VarBinary, Length: len(raw), NotNull: true}}
	case "utf8mb4", "utf8mb3", "utf8", "ascii":
		if !utf8.Valid(raw) {
			fail(sqlerr.Kind{Code: 1300, State: "HY000"}.New("Invalid %s character string: '%s'", charset, strings.ToUpper(hex.EncodeToString(raw))))
		}
		return textLit(string(raw))
	case "latin1":
		// The statement arrives as utf8mb4; only a hexadecimal literal holds bytes of another character set.
		if s, isText := l.Value.(string); isText {
			for i := range len(s) {
				if s[i] >= 0x80 {
					unsupported("the character set introducer _latin1 before text that isn't ASCII")
				}
			}
			return textLit(s)
		}
		return textLit(fromLatin1(raw))
	}
	for _, c := range raw {
		if c >= 0x80 {
			unsupported("the character set introducer _%s", charset)
		}
	}
	return textLit(string(raw))
}

// windows1252 are the characters of MySQL's latin1 that differ from ISO 8859-1, from 0x80 on; 0 keeps the code.
var windows1252 = [32]rune{0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
	0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178}

func fromLatin1(raw []byte) string {
	var b strings.Builder
	for _, c := range raw {
		r := rune(c)
		if c >= 0x80 && c < 0xA0 && windows1252[c-0x80] != 0 {
			r = windows1252[c-0x80]
		}
		b.WriteRune(r)
	}
	return b.String()
}
