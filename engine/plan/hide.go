package plan

import (
	"strings"

	"weir/engine/dialect"
	"weir/engine/rel"
)

// hidden is what is shown of a secret.
const hidden = "<hidden>"

// Secret constants are replaced before a text is made that is to be shown, not while it is made: forms look at constants, and write them in ways of their
// own. Where the class has no constant that says that it is hidden, an unlikely one stands for it and is replaced in the text.
const (
	hiddenInteger = 4611686018427387847
	hiddenDigits  = "4611686018427387847"
	hiddenDay     = 2896539 // 9900-06-16
	hiddenDate    = "9900-06-16"
)

// hide is a constant of a secret's type that is not the secret.
func hide(l *rel.Lit) *rel.Lit {
	c := &rel.Lit{T: l.T, Value: hidden}
	switch l.Value.(type) {
	case int64:
		c.Value = int64(hiddenInteger)
	case uint64:
		c.Value = uint64(hiddenInteger)
	case rel.DecimalText:
		c.Value = rel.DecimalText(hiddenDigits)
		if s := l.T.Scale; s > 0 {
			c.Value = rel.DecimalText(hiddenDigits + "." + strings.Repeat("0", s))
		}
	case rel.DateValue:
		c.Value = rel.DateValue(hiddenDay)
	case string:
	default:
		c.Value = nil
	}
	return c
}

// printShown prints a plan as it may be shown. printed is the text as it runs.
func printShown(d *dialect.Dialect, n rel.Node, out []rel.Column, o dialect.Options, printed string) (string, error) {
	secrets := false
	shown := rel.MapNodeExprs(n, func(e rel.Expr) rel.Expr {
		if l, ok := e.(*rel.Lit); ok && l.Secret != 0 {
			secrets = true
			return hide(l)
		}
		return e
	})
	if !secrets {
		return printed, nil
	}
	text, err := dialect.Print(d, shown, out, o)
	return strings.NewReplacer(hiddenDigits, hidden, hiddenDate, hidden).Replace(text.SQL), err
}

// printBoth prints a plan as it runs and as it may be shown.
func printBoth(d *dialect.Dialect, n rel.Node, out []rel.Column, o dialect.Options) (sql, shown string, err error) {
	text, err := dialect.Print(d, n, out, o)
	if err != nil {
		return "", "", err
	}
	shown, err = printShown(d, n, out, o, text.SQL)
	return text.SQL, shown, err
}
