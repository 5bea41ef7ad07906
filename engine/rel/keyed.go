package rel

// Names of the functions that work with keys. They are made by the binder alone: it appends the number of the key ring as the last operand.
const (
	OpPseudonym Op = "weir_pseudonym"
	OpReveal    Op = "weir_reveal"
	OpRenew     Op = "weir_renew"
)

// Keyed holds the functions that masks are made of and that work with keys, apart from Functions, so that nothing offers them to whoever writes a
// statement. Only the embedded engine has them. Their operands are:
//
//   - the domain, a constant, but for weir_reveal and weir_renew, whose tokens name theirs;
//   - the value, as text;
//   - of the fakes, an option, a constant (” for none);
//   - the number of the statement's key ring, a constant.
//
// weir_pseudonym gives the value's token. It is deterministic and injective: in one domain and with one ring, tokens are equal exactly where the values'
// texts are. weir_reveal gives a token's text back and weir_renew its token under the domain's current key; what is no token gives NULL. weir_hash gives
// 64 hexadecimal digits. The fakes give a text of the value's form, or '***' where it has not the form that it should have.
var Keyed = map[Op]*Signature{
	OpPseudonym:       {Min: 3, Max: 3, Operands: ops(TextOperand, TextOperand, IntOperand), Result: tokenOf},
	"weir_hash":       {Min: 3, Max: 3, Operands: ops(TextOperand, TextOperand, IntOperand), Result: fixed(VarCharType(64))},
	"weir_fake_email": {Min: 4, Max: 4, Operands: ops(TextOperand, TextOperand, TextOperand, IntOperand), Result: fakeOf(len("example.com"))},
	"weir_fake_phone": {Min: 4, Max: 4, Operands: ops(TextOperand, TextOperand, TextOperand, IntOperand), Result: fakeOf(0)},
	"weir_fake_card":  {Min: 4, Max: 4, Operands: ops(TextOperand, TextOperand, TextOperand, IntOperand), Result: fakeOf(0)},
	"weir_fake_iban":  {Min: 4, Max: 4, Operands: ops(TextOperand, TextOperand, TextOperand, IntOperand), Result: fakeOf(0)},
	OpReveal:          {Min: 2, Max: 2, Operands: ops(TextOperand, IntOperand), MayNull: true, Result: textOfToken},
	OpRenew:           {Min: 2, Max: 2, Operands: ops(TextOperand, IntOperand), MayNull: true, Result: renewedToken},
}

// What a token is longer than its text: the vector, and the longest names with the points behind them. Package pseudonym bounds them so.
const (
	tokenVector = 16
	tokenKeyID  = 16
	tokenDomain = 32
)

// tokenOf is the type of a token: the domain and a key's id with a point behind each, and the vector and the text in base64.
func tokenOf(args []Expr) Type {
	n := byteLength(args[1].Type())
	if n < 0 {
		return TextType
	}
	domain := tokenDomain
	if l, ok := args[0].(*Lit); ok {
		if s, ok := l.Value.(string); ok {
			domain = len(s)
		}
	}
	return StringType(false, domain+1+tokenKeyID+1+(8*(n+tokenVector)+5)/6)
}

// textOfToken is the type of what a token holds: six bits for each of its characters.
func textOfToken(args []Expr) Type {
	n := StringLength(args[0].Type())
	if n < 0 {
		return TextType
	}
	return StringType(false, max(0, n*6/8))
}

// renewedToken is a token whose key's id may be a longer one.
func renewedToken(args []Expr) Type {
	n := StringLength(args[0].Type())
	if n < 0 {
		return TextType
	}
	return StringType(false, n+tokenKeyID)
}

// fakeOf is the type of a text of the value's length and some characters more, or of what stands for what has no fake.
func fakeOf(more int) func([]Expr) Type {
	return func(args []Expr) Type {
		n := StringLength(args[1].Type())
		if n < 0 {
			return TextType
		}
		return StringType(false, max(n+more, len("***")))
	}
}
