package catalog

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"weir/catalog/config"
	"weir/engine/sqlerr"
	"weir/sources"
)

const (
	// discoveryTime bounds one reading of a source's tables. It doesn't end with the statement that caused it: others wait for it too.
	discoveryTime = 2 * time.Minute
	// retryDown is how long a failure answers for a source that is down, so that statements fail at once and don't queue for a
	// connection; retryRefused is the same for one that answers but refuses us, where each attempt may count towards a locked account.
	retryDown, retryRefused = time.Second, 15 * time.Second
	// retryMissing is the least age of a listing at which a statement with an unknown name reads it again; the statement waits for it, since the table
	// may have been made meanwhile. Where reading takes long, the source is left alone for four times as long, so that wrong statements can't keep it busy.
	retryMissing = time.Second
	// probeFirst and probeLast are the waits between attempts to reach a source that is down.
	probeFirst, probeLast = time.Second, 30 * time.Second
	probeTime             = 10 * time.Second
)

// database is one open source with what is known of its tables.
type database struct {
	name    string
	section config.Source
	src     sources.Source
	log     *slog.Logger
	builtin bool
	refs    int // generations that hold it; guarded by Catalog.mu

	ctx    context.Context // ends with close
	cancel context.CancelFunc
	work   sync.WaitGroup
	closed sync.Once

	current atomic.Pointer[listing]

	mu       sync.Mutex
	epoch    uint64  // counts reported changes; a listing of an older epoch is out of date
	flight   *flight // the reading under way
	err      error   // why the last attempt failed; nil after a good one
	failedAt time.Time
	probing  bool
}

// flight is one reading of the tables that any number of statements wait for.
type flight struct {
	done  chan struct{}
	epoch uint64
	list  *listing
	err   error
}

func newDatabase(name string, section config.Source, src sources.Source, log *slog.Logger) *database {
	d := &database{name: name, section: section, src: src, log: log}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// close ends the readings and the source.
func (d *database) close() {
	d.closed.Do(func() {
		d.mu.Lock() // start must not add to work once we wait for it
		d.cancel()
		d.mu.Unlock()
		d.work.Wait()
		if err := d.src.Close(); err != nil {
			d.log.Warn("closing the source", "error", err)
		}
	})
}

// listing returns what is known of the tables, reading them if need be. A listing that is merely old is returned as it is
// while a new one is read; one that a statement found to be wrong is not.
func (d *database) listing(ctx context.Context) (*listing, error) {
	list := d.current.Load()
	d.mu.Lock()
	fresh := list != nil && list.epoch == d.epoch
	if fresh && time.Since(list.readAt) > time.Duration(d.section.Refresh) && d.flight == nil && !d.failing() {
		d.start()
	}
	d.mu.Unlock()
	if fresh {
		return list, nil
	}
	return d.read(ctx, nil)
}

// again is for a statement that doesn't fit a listing: it returns a newer one, or else the same if that may not be read now.
func (d *database) again(ctx context.Context, list *listing) *listing {
	age := time.Since(list.readAt)
	if age < retryMissing {
		select {
		case <-time.After(retryMissing - age):
		case <-ctx.Done():
			return list
		}
	}
	if d.current.Load() == list && time.Since(list.readAt) < 4*list.took {
		return list
	}
	if newer, err := d.read(ctx, list); err == nil {
		return newer
	}
	return list
}

// adopt takes over what another database of the same system knew, until it is read again, which the first statement causes.
func (d *database) adopt(from *database) {
	from.mu.Lock()
	defer from.mu.Unlock()
	if list := from.current.Load(); list != nil && list.epoch == from.epoch {
		known := *list
		known.epoch, known.readAt = d.epoch, time.Time{}
		d.current.Store(&known)
	}
}

// read reads the tables, or waits for the reading under way. A caller that has an old listing gets the one that is newer, if there is one.
func (d *database) read(ctx context.Context, old *listing) (*listing, error) {
	for {
		d.mu.Lock()
		f, epoch := d.flight, d.epoch
		if list := d.current.Load(); old != nil && list != old && list.epoch == epoch {
			d.mu.Unlock()
			return list, nil
		}
		if f == nil && d.failing() {
			err := d.err
			d.mu.Unlock()
			return nil, d.failed(err)
		}
		if f == nil {
			f = d.start()
		}
		d.mu.Unlock()
		if f == nil {
			return nil, sqlerr.UnknownDatabase.New("Unknown database '%s' (it has been removed)", d.name)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		switch {
		case f.err != nil:
			return nil, d.failed(f.err)
		case f.epoch >= epoch: // an older one began before the change that we know of
			return f.list, nil
		}
	}
}

// failing reports whether the last failure still answers for the source. Call with mu held.
func (d *database) failing() bool {
	wait := retryRefused
	if errors.Is(d.err, sources.ErrUnavailable) {
		wait = retryDown
	}
	return d.err != nil && time.Since(d.failedAt) < wait
}

// start begins a reading; nil if the database is closed. Call with mu held and no flight.
func (d *database) start() *flight {
	if d.ctx.Err() != nil {
		return nil
	}
	f := &flight{done: make(chan struct{}), epoch: d.epoch}
	d.flight = f
	d.work.Go(func() {
		ctx, cancel := context.WithTimeout(d.ctx, discoveryTime)
		defer cancel()
		began := time.Now()
		tables, err := d.src.Tables(ctx)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.flight = nil
		if err == nil {
			f.list = newListing(d.name, tables, f.epoch)
			f.list.took = time.Since(began)
			d.current.Store(f.list)
			d.err = nil
			d.log.Info("tables read", "tables", len(tables), "took", time.Since(began))
		} else {
			f.err = err
			d.fail(err)
		}
		close(f.done)
	})
	return f
}

// fail notes that the source can't be read, and has a source that is down probed. Call with mu held.
func (d *database) fail(err error) {
	if d.ctx.Err() != nil {
		return
	}
	if d.err == nil || d.err.Error() != err.Error() {
		d.log.Warn("the source can't be read", "error", err, "detail", detail(err))
	}
	d.err, d.failedAt = err, time.Now()
	if errors.Is(err, sources.ErrUnavailable) && !d.probing {
		d.probing = true
		d.work.Go(d.probe)
	}
}

// probe tries to reach the source until it answers, then reads its tables so that the next statement finds them.
func (d *database) probe() {
	wait := probeFirst
	for {
		select {
		case <-time.After(wait):
		case <-d.ctx.Done():
			return
		}
		ctx, cancel := context.WithTimeout(d.ctx, probeTime)
		err := d.src.Ping(ctx)
		cancel()
		d.mu.Lock()
		back := d.err == nil // a statement has read it meanwhile
		if !back && err == nil {
			back, d.err = true, nil
			if d.flight == nil {
				d.start()
			}
		}
		d.probing = !back
		d.mu.Unlock()
		if back {
			d.log.Info("the source answers again")
			return
		}
		wait = min(2*wait, probeLast)
	}
}

// report takes note of a statement's error. list is what the statement was made from, nil if unknown.
func (d *database) report(err error, list *listing) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case errors.Is(err, sources.ErrChanged):
		if list == nil || list == d.current.Load() { // else it was read again since
			d.epoch++
		}
	case errors.Is(err, sources.ErrUnavailable):
		d.fail(err)
	}
}

// failed is the client's error for a source that can't be read. Only a sources.Error is known to hold no secret.
func (d *database) failed(err error) error {
	var known *sources.Error
	text := "source " + d.name + ": reading its tables failed; the server's log says why"
	if errors.As(err, &known) {
		text = known.Error()
	}
	advice := "check that the system is up and reachable; it is tried again by itself"
	if !errors.Is(err, sources.ErrUnavailable) {
		advice = "the administrator finds more by 'weir check' and in the log"
	}
	return sqlerr.SourceFailed.New("%s; %s", text, advice).With(err)
}

func (d *database) status() Status {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := Status{Name: d.name, Kind: d.section.Kind, Err: d.err}
	if list := d.current.Load(); list != nil {
		s.Read, s.Tables = true, len(list.tables)
		for _, t := range list.tables {
			if t.Def.Broken != "" {
				s.Broken++
			}
		}
	}
	return s
}

func detail(err error) string {
	var known *sources.Error
	if errors.As(err, &known) {
		return known.Detail
	}
	return ""
}
