package openlineage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// endpoint is an HTTP service that takes events.
type endpoint struct {
	url, key string
	batch    bool // takes arrays
	client   *retryablehttp.Client
	down     time.Time // until then nothing is sent
}

// rest is how long nothing is sent to an endpoint that doesn't answer, so that what waits isn't kept waiting for each event's attempts.
const rest = 10 * time.Second

func newEndpoint(address, key string) (*endpoint, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("the address of the lineage endpoint can't be read") // url.Parse quotes it, with what may be secret in it
	}
	c := retryablehttp.NewClient()
	c.Logger = nil
	c.RetryMax, c.RetryWaitMin, c.RetryWaitMax = 3, 200*time.Millisecond, 3*time.Second
	c.HTTPClient.Timeout = 10 * time.Second
	return &endpoint{url: address, key: key, batch: strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), "/batch"), client: c}, nil
}

func (w *endpoint) write(ctx context.Context, lines [][]byte) (int, error) {
	if time.Now().Before(w.down) {
		return 0, errors.New("the lineage endpoint didn't answer; it is tried again soon")
	}
	if w.batch {
		if err := w.post(ctx, append(append([]byte{'['}, bytes.Join(lines, []byte{','})...), ']')); err != nil {
			return 0, err
		}
		return len(lines), nil
	}
	sent := 0
	var first error
	for _, l := range lines {
		err := w.post(ctx, l)
		if err == nil {
			sent++
			continue
		}
		first = errors.Join(first, err)
		if time.Now().Before(w.down) || ctx.Err() != nil {
			return sent, first
		}
	}
	return sent, first
}

// post sends one body. An answer that refuses it is an error; no answer also makes the endpoint rest.
func (w *endpoint) post(ctx context.Context, body []byte) error {
	r, err := retryablehttp.NewRequestWithContext(ctx, http.MethodPost, w.url, body)
	if err != nil {
		return errors.New("the address of the lineage endpoint can't be used")
	}
	r.Header.Set("Content-Type", "application/json")
	if w.key != "" {
		r.Header.Set("Authorization", "Bearer "+w.key)
	}
	resp, err := w.client.Do(r)
	if err != nil {
		w.down = time.Now().Add(rest)
		return errors.New("the lineage endpoint doesn't answer, or not well, after several attempts")
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection can be used again
	_ = resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("the lineage endpoint answers %d", resp.StatusCode)
	}
	return nil
}

func (w *endpoint) close() error {
	w.client.HTTPClient.CloseIdleConnections()
	return nil
}
