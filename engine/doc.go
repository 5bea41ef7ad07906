// Package engine takes one statement from its parsed text to record batches: bind, plan, execute, explain.
package engine
