package bind

import (
	"strings"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/rel"
	"weir/engine/sqlerr"
)

// Keyring is the keys that a statement works with, as far as binding asks.
type Keyring interface {
	// Number is the ring's own in the process.
	Number() int64
	// Check is an error, for the user's eyes, if a domain has no keys.
	Check(domain string) error
	// CheckOption is an error if a mask, a function of rel.Keyed without its weir_, doesn't know the option.
	CheckOption(mask, option string) error
}

// errRoutineDenied is the error for a function that the user may not call.
var errRoutineDenied = sqlerr.Kind{Code: 1370, State: "42000"}

// Of the functions that work with keys, masks may call all. A statement may call none of those that make something of a value: whoever may have the
// pseudonym of any text could guess the texts behind those that are shown, and whoever may have fakes as well. weir_renew makes a token of a token only.
func addKeyed(specials map[string]func(*binding, *sqlparser.FuncExpr) rel.Expr) {
	for op := range rel.Keyed {
		switch op {
		case rel.OpReveal:
			specials[string(op)] = reveal
		case rel.OpRenew:
			specials[string(op)] = func(x *binding, e *sqlparser.FuncExpr) rel.Expr {
				if x.b.env.Keyring == nil {
					x.unknownFunction(e)
				}
				return x.keyed(rel.OpRenew, x.exactly(e, 1)...)
			}
		default:
			specials[string(op)] = func(x *binding, e *sqlparser.FuncExpr) rel.Expr { return x.mask(op, e) }
		}
	}
}

// mask binds a function that makes something of a value in a domain of keys.
func (x *binding) mask(op rel.Op, e *sqlparser.FuncExpr) rel.Expr {
	env := x.b.env
	if !env.Keyed {
		x.unknownFunction(e)
	}
	args := x.arguments(e)
	options := rel.Keyed[op].Max - 3
	if len(args) < 2 || len(args) > 2+options {
		wrongCount(e.Name.String())
	}
	if options > 0 && len(args) == 2 {
		args = append(args, textLit(""))
	}
	domain, ok := textOf(args[0])
	if !ok {
		fail(errWrongArgument.New("Incorrect arguments to %s: its first argument is the name of a domain of keys, in quotes", op))
	}
	if env.Keyring == nil {
		fail(errWrongArgument.New("Incorrect arguments to %s: no keys are configured", op))
	}
	if err := env.Keyring.Check(domain); err != nil {
		fail(errWrongArgument.New("Incorrect arguments to %s: %s", op, err.Error()))
	}
	if options > 0 {
		option, ok := textOf(args[2])
		if !ok {
			fail(errWrongArgument.New("Incorrect arguments to %s: its third argument is an option, in quotes", op))
		}
		if err := env.Keyring.CheckOption(strings.TrimPrefix(string(op), "weir_"), option); err != nil {
			fail(errWrongArgument.New("Incorrect arguments to %s: %s", op, err.Error()))
		}
	}
	if c, ok := args[1].(*rel.Call); ok && c.Op == atZone { // a moment has one text, whatever the session's time zone
		args[1] = c.Args[0]
	}
	if args[1].Type().Class() == rel.ClassBinary { // the text of bytes that are no text would not tell them apart
		args[1] = x.apply("hex", args[1])
	}
	return x.keyed(op, args...)
}

// keyed makes the call of a function of rel.Keyed.
func (x *binding) keyed(op rel.Op, args ...rel.Expr) rel.Expr {
	sig := rel.Keyed[op]
	args = append(args, intLit(x.b.env.Keyring.Number()))
	for i := range args {
		args[i] = x.operand(sig.Operand(i), args[i], false)
	}
	return &rel.Call{Op: op, Args: args, T: sig.ResultType(args)}
}

// reveal binds weir_reveal(token), if the statement's principal may call it.
func reveal(x *binding, e *sqlparser.FuncExpr) rel.Expr {
	env := x.b.env
	arg := x.exactly(e, 1)[0]
	err := errRoutineDenied.New("execute command denied to user '%s' for routine '%s'", env.Session.CurrentUser(), e.Name.String())
	if env.Reveal == nil {
		fail(err)
	}
	if cause := env.Reveal(); cause != nil {
		fail(err.With(cause))
	}
	if env.Keyring == nil {
		fail(errWrongArgument.New("Incorrect arguments to %s: no keys are configured", e.Name.String()))
	}
	return x.keyed(rel.OpReveal, arg)
}

// textOf is the value of a constant text.
func textOf(e rel.Expr) (string, bool) {
	l, ok := e.(*rel.Lit)
	if !ok {
		return "", false
	}
	s, ok := l.Value.(string)
	return s, ok && l.T.Class() == rel.ClassText
}

// unknownFunction refuses a function that there isn't.
func (x *binding) unknownFunction(e *sqlparser.FuncExpr) {
	database := x.b.env.Session.Database()
	if database != "" {
		database += "."
	}
	fail(sqlerr.UnknownFunction.New("FUNCTION %s%s does not exist", database, e.Name.String()))
}
