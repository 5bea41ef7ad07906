package duck

// usage tells what a DB holds now.
type usage struct {
	memory   int64 // bytes in memory under DuckDB's own accounting
	spilled  int64 // bytes in the spill directory
	sessions int   // sessions under way
}

// usage reads the numbers.
func (d *DB) usage() (usage, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return usage{}, errClosed
	}
	u := usage{sessions: len(d.slots)}
	values, err := run(d.control, "SELECT coalesce(sum(memory_usage_bytes), 0)::BIGINT, coalesce(sum(temporary_storage_bytes), 0)::BIGINT FROM duckdb_memory()")
	if err != nil {
		return u, err
	}
	if len(values) == 2 {
		u.memory, u.spilled = values[0], values[1]
	}
	return u, nil
}
