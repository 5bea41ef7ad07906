package engine

import (
	"context"
	"errors"

	"weir/catalog"
	"weir/engine/dialect"
	"weir/engine/plan"
	"weir/engine/rel"
	"weir/engine/sqlerr"
	"weir/sources"
)

// A statement that runs over a changed table is noticed by the source. One that can't be bound or planned never gets there, but it may
// be right, and what was read of its tables old: a column that was added, or one whose new type takes the constant that the old one refused.

// outdated reports whether a statement that failed before it ran should be bound again: the lease shows its tables as they are now. A table
// that it is over is asked for at its source, which costs a round trip and reads nothing; the list of tables is read again only for a name
// that isn't in it, and then not too often.
func (e *Engine) outdated(ctx context.Context, lease *catalog.Lease, t *door, err error) bool {
	if ctx.Err() != nil || errors.Is(err, sources.ErrUnavailable) {
		return false
	}
	for _, in := range t.scans {
		if err := check(ctx, lease, t.sites, in); errors.Is(err, sources.ErrChanged) {
			report(lease, err)
			lease.Forget()
			return true
		}
	}
	return (sqlerr.UnknownTable.Is(err) || errors.Is(err, catalog.ErrBroken)) && lease.Reread(ctx)
}

// check has a source make sure that a table is what a scan was made from.
func check(ctx context.Context, lease *catalog.Lease, sites map[string]*dialect.Dialect, in rel.Node) error {
	f := &plan.Fragment{Root: &rel.Limit{Input: in}}
	reads := f.Reads()
	if len(reads) == 0 {
		return nil
	}
	src, err := lease.Source(reads[0].Source)
	if err != nil {
		return err
	}
	text, err := dialect.Print(sites[reads[0].Source], f.Root, nil, dialect.Options{})
	if err != nil {
		return err
	}
	rows, err := src.Query(ctx, sources.Query{SQL: text.SQL, Columns: []rel.Column{{Name: "c1", T: rel.Type{Kind: rel.Int}}}, Reads: reads})
	if err != nil {
		return err
	}
	return rows.Close()
}
