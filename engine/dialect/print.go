package dialect

import "weir/engine/rel"

type printer struct{}

func (p *printer) expr(w *Writer, e rel.Expr) {}
