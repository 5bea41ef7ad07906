package postgres

import (
	"context"
	"fmt"
)

// ask runs statements whose results are small and returns all rows as text; a nil value is NULL.
func (s *Source) ask(ctx context.Context, doing, sql string) ([][][]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.base, cancel)()
	c, err := s.acquire(ctx, doing)
	if err != nil {
		return nil, err
	}
	rows, err := c.askWatched(ctx, sql)
	if c.reused && brokeIdle(err) && ctx.Err() == nil {
		s.pool.discard(c)
		if c, err = s.pool.fresh(ctx); err != nil {
			return nil, s.fail(ctx, doing, err)
		}
		rows, err = c.askWatched(ctx, sql)
	}
	s.giveBack(c, err)
	return rows, s.fail(ctx, doing, err)
}

// giveBack releases a connection after a statement that ended with err.
func (s *Source) giveBack(c *session, err error) {
	if broken(err) || c.spoilt.Load() {
		s.pool.discard(c)
	} else {
		s.pool.release(c)
	}
}

func (c *session) askWatched(ctx context.Context, sql string) ([][][]byte, error) {
	defer c.watch(ctx)()
	return c.ask(sql)
}

// ask is Source.ask over this connection.
func (c *session) ask(sql string) ([][][]byte, error) {
	if err := c.wire.simple(sql); err != nil {
		return nil, err
	}
	var rows [][][]byte
	var failure error
	for {
		kind, body, err := c.wire.next()
		if err != nil {
			if failure != nil {
				err = failure
			}
			return nil, err
		}
		switch kind {
		case 'D':
			row, err := textRow(body)
			if err != nil {
				return nil, err
			}
			rows = append(rows, row)
		case 'E':
			failure = errorResponse(body)
		case 'Z':
			return rows, failure
		}
	}
}

func textRow(body []byte) ([][]byte, error) {
	bad := fmt.Errorf("%w: a malformed row", errProtocol)
	if len(body) < 2 {
		return nil, bad
	}
	row := make([][]byte, be16(body))
	body = body[2:]
	for i := range row {
		if len(body) < 4 {
			return nil, bad
		}
		n := int(int32(be32(body)))
		body = body[4:]
		if n < 0 {
			continue
		}
		if len(body) < n {
			return nil, bad
		}
		row[i] = append([]byte{}, body[:n]...)
		body = body[n:]
	}
	return row, nil
}
