package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"weir/sources"
)

const maxReaders = 4

// split reads one base table over several connections, each of which takes ranges of the table's pages. done is false if the
// statement is not worth it or there is only one connection to be had; nothing has happened then.
func (s *Source) split(st *stream, q sources.Query) (done bool, err error) {
	readers := min(maxReaders, max(2, runtime.GOMAXPROCS(0)))
	s.mu.Lock()
	pages := s.pages[q.Split.Table.Name]
	s.mu.Unlock()
	if pages < s.splitPages || q.Split.Table.Schema != s.schema {
		return false, nil
	}
	lead, err := s.acquire(st.ctx, doing)
	if err != nil {
		return false, s.orCaller(st, err)
	}
	// Each session locks the table before it takes the snapshot: to a snapshot that is older than the lock, a table that has been
	// rewritten in between looks empty. Only the first may wait for the lock, or it would be waited for by whom it waits for.
	lock := beginSnapshot + "; LOCK TABLE ONLY " + ident(q.Split.Table.Schema) + "." + ident(q.Split.Table.Name) + " IN ACCESS SHARE MODE"
	snapshot, pages, err := lead.splitFacts(st.ctx, q, lock, s.splitPages)
	if err != nil || pages < s.splitPages {
		return false, s.leaveSplit(st, lead, err)
	}
	sessions := []*session{lead}
	for len(sessions) < readers {
		c, err := s.pool.tryAcquire(st.ctx)
		if c == nil || err != nil {
			break
		}
		if _, err := c.askWatched(st.ctx, lock+" NOWAIT; SET TRANSACTION SNAPSHOT "+quote(snapshot)); err != nil {
			s.pool.discard(c)
			break
		}
		sessions = append(sessions, c)
	}
	if len(sessions) == 1 {
		_, err := lead.askWatched(st.ctx, "COMMIT")
		return false, s.leaveSplit(st, lead, err)
	}
	s.readRanges(st, q, sessions, pages)
	return true, s.firstOf(st)
}

const beginSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// leaveSplit gives the connection back when the statement will be read in one piece. That the server refused to say whether it should be
// read in ranges is no reason to fail: it will say the same to the statement itself, or not.
func (s *Source) leaveSplit(st *stream, c *session, err error) error {
	if err != nil && !broken(err) && !c.spoilt.Load() { // the server refused something: a table that may not be locked, say
		_, err = c.askWatched(st.ctx, "ROLLBACK")
	}
	s.giveBack(c, err)
	if st.ctx.Err() != nil {
		return s.orCaller(st, st.ctx.Err())
	}
	return nil
}

// splitFacts asks whether the statement will read the whole table page by page. If so it leaves a transaction open whose snapshot
// it returns, and a lock on the table.
func (c *session) splitFacts(ctx context.Context, q sources.Query, lock string, least int64) (snapshot string, pages int64, err error) {
	if q.Split.Groups || strings.Contains(q.SQL, " WHERE ") {
		rows, err := c.askWatched(ctx, "EXPLAIN (FORMAT JSON) "+q.SQL)
		if err != nil || len(rows) != 1 || !scansAll(rows[0][0], q.Split.Groups) {
			return "", 0, err
		}
	}
	rows, err := c.askWatched(ctx, lock+"; SELECT pg_export_snapshot(), pg_relation_size(c.oid) / current_setting('block_size')::bigint"+
		" FROM pg_class c WHERE c.relnamespace = "+quote(q.Split.Table.Schema)+"::regnamespace AND c.relname = "+quote(q.Split.Table.Name)+
		" AND c.relkind = 'r' AND NOT c.relhassubclass AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap'); "+versionOfName(q.Split.Table))
	if err != nil {
		return "", 0, err
	}
	if len(rows) == 2 && unchanged(q, versionOf(rows[1])) { // else the statement itself will find out
		snapshot = string(rows[0][0])
		pages, err = strconv.ParseInt(string(rows[0][1]), 10, 64)
	}
	if err == nil && pages < least {
		_, err = c.askWatched(ctx, "COMMIT")
	}
	return snapshot, pages, err
}

// explained is a node of a plan as EXPLAIN (FORMAT JSON) has it.
type explained struct {
	Node  string      `json:"Node Type"`
	Plans []explained `json:"Plans"`
}

// scansAll reports whether a plan reads a table from its first page to its last. Where the server itself would use several processes for
// plain rows, few come back and it does well alone; groups are better computed by range, since its processes wait for each other and
// for one that leads them.
func scansAll(text []byte, groups bool) bool {
	var out []struct{ Plan explained }
	if json.Unmarshal(text, &out) != nil || len(out) != 1 {
		return false
	}
	n := out[0].Plan
	for groups && len(n.Plans) == 1 && slices.Contains([]string{"Aggregate", "Gather", "Gather Merge", "Sort"}, n.Node) {
		n = n.Plans[0]
	}
	return n.Node == "Seq Scan"
}

// readRanges starts a reader for each session. They take the next range from a common counter. The first is the statement's own
// connection; the others are given back as soon as another statement waits for one, since that may be one whose rows must come first.
func (s *Source) readRanges(st *stream, q sources.Query, sessions []*session, pages int64) {
	size := s.rangePages
	if per := pages / int64(len(sessions)) / 4; per < size {
		size = max(per, s.splitPages/32, 1)
	}
	if q.Split.Groups { // two for each session, so that no one waits for long
		ranges := 2 * int64(len(sessions))
		size = (pages + ranges - 1) / ranges
	}
	w := &rangeWork{source: s, st: st, q: q, size: size, count: max((pages+size-1)/size, 1)}
	w.sessions.Store(int64(len(sessions)))
	readers := make([]func() error, len(sessions))
	for i, c := range sessions {
		readers[i] = func() error { return w.read(c, i > 0) }
	}
	st.start(readers...)
}

// rangeWork is a scan in ranges.
type rangeWork struct {
	source      *Source
	st          *stream
	q           sources.Query
	count, size int64        // ranges and the pages of each
	sessions    atomic.Int64 // that have not been given back
	next        atomic.Int64
}

// read reads ranges over one connection until none is left, or, for an extra connection, until it is wanted elsewhere.
func (w *rangeWork) read(c *session, extra bool) error {
	s, st := w.source, w.st
	r := &reader{source: s, c: c, cols: w.q.Columns}
	unwatch := c.watch(st.ctx)
	var held []arrow.RecordBatch
	var err error
	for err == nil && held == nil && !(extra && isClosed(s.pool.slots.Wanted())) {
		i := w.next.Add(1) - 1
		if i >= w.count {
			break
		}
		held, err = w.readRange(r, w.q.Split.With(pageRange(w.q.Split.Alias, i, w.count, w.size)), extra)
	}
	if err == nil {
		_, err = c.ask("COMMIT")
	}
	unwatch()
	if err != nil && !c.spoilt.Load() {
		c.cancel()
	}
	s.giveBack(c, err)
	if w.sessions.Add(-1) == 0 {
		over(w.q)
	}
	for _, b := range held {
		if err != nil {
			b.Release()
		} else if !st.deliver(b) {
			err = errStreamClosed
		}
	}
	switch {
	case errors.Is(err, errStreamClosed):
		return s.orCaller(st, err)
	case err != nil:
		return s.orCaller(st, s.fail(st.ctx, r.doing(), err))
	}
	return nil
}

// readRange delivers the rows of a range. Once an extra connection is wanted it stops delivering and reads what is left of the range, which it
// returns, so that the connection is free whether or not anybody takes the rows.
func (w *rangeWork) readRange(r *reader, sql string, extra bool) (held []arrow.RecordBatch, err error) {
	var wanted <-chan struct{}
	if extra {
		wanted = w.source.pool.slots.Wanted()
	}
	b, done, err := r.run(sql, nil)
	for {
		if err != nil {
			for _, h := range held {
				h.Release()
			}
			return nil, err
		}
		switch {
		case b == nil:
		case held != nil:
			held = append(held, b)
		default:
			select {
			case w.st.batches <- b:
			case <-wanted:
				held = append(held, b)
			case <-w.st.ctx.Done():
				b.Release()
				if done {
					return nil, errStreamClosed
				}
				return nil, r.abandon()
			}
		}
		if done {
			return held, nil
		}
		b, done, err = r.fill()
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// pageRange is the condition for range i: the last one is open, whatever the size of the table was said to be.
func pageRange(alias string, i, ranges, size int64) string {
	from := fmt.Sprintf("%s.ctid >= '(%d,0)'::tid", alias, i*size)
	to := fmt.Sprintf("%s.ctid < '(%d,0)'::tid", alias, (i+1)*size)
	switch {
	case ranges == 1:
		return "true"
	case i == 0:
		return to
	case i == ranges-1:
		return from
	}
	return from + " AND " + to
}

// firstOf waits for the first batch of a stream or its end.
func (s *Source) firstOf(st *stream) error {
	b, ok := <-st.batches
	if ok {
		st.ready = b
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.err
}

// quote writes a string constant.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// ident writes a name.
func ident(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
