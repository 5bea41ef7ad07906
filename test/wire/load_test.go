package wire

import (
	"database/sql"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"
)

// Two hundred clients at once, each with a session of its own, get what they asked for.
func TestManyClients(t *testing.T) {
	r := start(t)
	var all sync.WaitGroup
	problems := make(chan error, 400)
	for n := range 200 {
		all.Go(func() {
			db, err := sql.Open("mysql", r.dsn("bob", "pw-of-bob", "interpolateParams=true"))
			if err != nil {
				problems <- err
				return
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(fmt.Sprintf("set @me = %d, net_read_timeout = %d", n, n+1000)); err != nil {
				problems <- err
				return
			}
			for range 5 {
				var me, timeout, rows int
				err := db.QueryRow("select @me, @@net_read_timeout").Scan(&me, &timeout)
				if err == nil {
					err = db.QueryRow("select count(*) from information_schema.columns where table_schema = 'demo'").Scan(&rows)
				}
				if err != nil || me != n || timeout != n+1000 || rows != 10 {
					problems <- fmt.Errorf("client %d: %d, %d, %d columns, %v", n, me, timeout, rows, err)
				}
			}
		})
	}
	all.Wait()
	close(problems)
	for err := range problems {
		t.Error(err)
	}
}

// A long result doesn't grow the server's memory.
func TestFlatMemory(t *testing.T) {
	r := start(t)
	c := rawLogin(t, r.addr)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	c.command(3, "select * from demo.numbers")
	buffer := make([]byte, 1<<16)
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	total, peak := 0, uint64(0)
	for i := 0; total < 40<<20; i++ {
		n, err := c.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		if total += n; i%300 == 0 {
			peak = max(peak, heap())
		}
	}
	if peak > before+48<<20 { // collected, the result would be three times that
		t.Errorf("from %d to %d bytes while %d went by", before, peak, total)
	}
}
