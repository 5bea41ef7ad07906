// Package engine takes one statement from its parsed text to record batches: bind, plan, execute, explain.
//
// It joins the packages below it: bind gives the plan names and types, policy decides what the principal may read, plan decides where each part
// runs, exec runs it. The front doors (server/…) call Query and Describe and nothing else.
//
// What must hold: a statement's catalog lease is held until its last row; errors that leave here are sqlerr.Error, without row data;
// the detail of a source's error goes to the log.
package engine
