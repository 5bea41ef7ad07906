package sourcetest

import "testing"

// pushdown runs the statements of the Harness with pushdown and without.
func (h *Harness) pushdown(t *testing.T) {
	if len(h.Pushdown) == 0 {
		t.Skip("no statements")
	}
}
