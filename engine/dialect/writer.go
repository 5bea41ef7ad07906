package dialect

import (
	"strings"

	"weir/engine/rel"
)

// Writer collects the text of one statement. Forms write to it.
type Writer struct {
	b strings.Builder
	d *Dialect
	p *printer
	// err is the first thing that could not be written; it makes the print fail as a whole.
	err error
}

// Dialect is the dialect being printed.
func (w *Writer) Dialect() *Dialect { return w.d }

// Raw writes text as it is. Never pass text that came from a statement or a source.
func (w *Writer) Raw(parts ...string) {
	for _, s := range parts {
		if w.p.written += len(s); w.p.written > maxWritten {
			w.p.fail(errTooLong)
			return
		}
		w.b.WriteString(s)
	}
}

// Expr writes an expression.
func (w *Writer) Expr(e rel.Expr) { w.p.expr(w, e) }

// Stored returns the text and the type of a column of a base table as it is stored there, without the dialect's Column hook, if e is one.
// It serves forms that compare stored values first, so that an index is used, and exact ones after that.
func (w *Writer) Stored(e rel.Expr) (text string, t rel.Type, ok bool) {
	c, ok := e.(*rel.Col)
	if !ok {
		return "", rel.Type{}, false
	}
	in, known := w.p.env[c.ID]
	if !known && w.p.free {
		return w.d.Ident(c.Name), c.T, true
	}
	return in.text, in.col.T, in.base
}

// List writes expressions separated by commas.
func (w *Writer) List(es []rel.Expr) {
	for i, e := range es {
		if i > 0 {
			w.Raw(", ")
		}
		w.Expr(e)
	}
}

// Format writes a template in which $1 to $9 stand for the operands, printed, and $* for all of them as a list.
// It is the usual way to write a Form's Print.
func (w *Writer) Format(template string, args ...rel.Expr) {
	for {
		i := strings.IndexByte(template, '$')
		if i < 0 || i+1 == len(template) {
			w.Raw(template)
			return
		}
		w.Raw(template[:i])
		switch c := template[i+1]; {
		case c == '*':
			w.List(args)
		case c >= '1' && c <= '9' && int(c-'1') < len(args):
			w.Expr(args[c-'1'])
		default:
			w.Raw(template[i : i+2])
		}
		template = template[i+2:]
	}
}

// Template is a Print that writes a template; see Writer.Format.
func Template(template string) func(*Writer, *rel.Call) {
	return func(w *Writer, c *rel.Call) { w.Format(template, c.Args...) }
}

// Infix is a Print that writes its operands with an operator between them, in parentheses.
func Infix(op string) func(*Writer, *rel.Call) {
	return func(w *Writer, c *rel.Call) {
		w.Raw("(")
		for i, a := range c.Args {
			if i > 0 {
				w.Raw(" ", op, " ")
			}
			w.Expr(a)
		}
		w.Raw(")")
	}
}

// Func is a Print that writes a function call.
func Func(name string) func(*Writer, *rel.Call) { return Template(name + "($*)") }

// Fail records that something can't be written; the print then fails with this error.
func (w *Writer) Fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
