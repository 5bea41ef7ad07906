package engine

import (
	"context"
	"errors"
	"sync"

	"github.com/dolthub/vitess/go/vt/sqlparser"

	"weir/engine/bind"
	"weir/engine/lineage"
	"weir/engine/sqlerr"
	"weir/policy"
)

// Followed is a query that begins.
type Followed struct {
	Text       string
	AnsiQuotes bool // in Text, double quotes enclose names
	Principal  policy.Principal
	// Lineage is where its result comes from, all of it, whatever its principal may see; nil for a query that can't be bound.
	Lineage *lineage.Result
}

// Ended is how a query ended.
type Ended struct {
	Rows int64
	Code int // MySQL's error code; 0 for none
	// Aborted says that it was ended: by its client, an administrator, a time limit or a shutdown.
	Aborted bool
}

// following tells Config.Follow of one query. Nil follows nothing.
type following struct {
	tell  func(Followed) func(Ended)
	query Followed
	once  sync.Once
	ended func(Ended)
}

func (e *Engine) follow(s bind.Session, stmt Statement) *following {
	if _, explained := stmt.AST.(*sqlparser.Explain); e.cfg.Follow == nil || explained || stmt.Explain != NoExplain {
		return nil
	}
	f := &following{tell: e.cfg.Follow, query: Followed{Text: stmt.Text, Principal: stmt.Principal}}
	if v, ok := s.SystemVariable("", "sql_mode"); ok && v != nil {
		mode, _ := v.Value.(string)
		f.query.AnsiQuotes = bind.AnsiQuotes(mode)
	}
	return f
}

// begin tells that the query begins; a second attempt is the same query.
func (f *following) begin(from *lineage.Result) {
	if f == nil {
		return
	}
	f.once.Do(func() {
		f.query.Lineage = from
		f.ended = f.tell(f.query)
	})
}

// end tells that it has ended. A query that never began does so first.
func (f *following) end(ctx context.Context, rows int64, complete bool, err error) {
	if f == nil {
		return
	}
	f.begin(nil)
	out := Ended{Rows: rows, Aborted: ctx.Err() != nil || err == nil && !complete}
	if known := new(sqlerr.Error); errors.As(err, &known) {
		out.Code = int(known.Code)
	}
	f.ended(out)
}
